"""What the API sends of calls to be signed and sent elsewhere, and of messages to be signed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from frontend_bridge.api.models import Address, Amount, ContractName, Hash

__all__ = [
    "Batch",
    "BatchCall",
    "Foreseen",
    "Prepared",
    "PreparedCall",
    "Signer",
    "Simulation",
    "Transaction",
    "TypedData",
]

Quantity = Annotated[
    str, Meta(pattern="^0x(0|[1-9a-f][0-9a-f]*)$", description="An integer as JSON-RPC writes it.")
]
Data = Annotated[str, Meta(pattern="^0x([0-9a-f]{2})*$", description="Bytes.")]
Message = Literal["agreement", "amendment", "settlement", "voucher", "permit"]


class Transaction(
    Struct, frozen=True, kw_only=True, rename={"sender": "from", "chain_id": "chainId"}
):
    """The unsigned call, as ``eth_sendTransaction`` takes it.

    ``gas`` has some to spare; null where the node could not say it before the approvals are there.
    """

    sender: Address
    to: Address
    data: Data
    value: Quantity
    chain_id: Quantity
    gas: Quantity | None


class PreparedCall(Struct, frozen=True, kw_only=True):
    """A call: what it is in words, and the transaction.

    ``arguments`` are read back from the transaction's ``data``. ``pays`` is what the sender pays
    with it, or lets the escrow take.
    """

    call: str
    contract: ContractName | Literal["ERC20"]
    function: str
    arguments: dict[str, Any]
    sentence: str
    who: str
    final: str
    pays: Amount | None
    transaction: Transaction


class Foreseen(Struct, frozen=True, kw_only=True):
    """An event that the call would log now."""

    name: str
    contract: ContractName
    args: dict[str, Any]


class Simulation(Struct, frozen=True, kw_only=True):
    """That the call goes through on the node's latest block, its approvals going before.

    A call that does not is answered by a problem. ``events`` is null where the node does not tell.
    """

    ok: Literal[True]
    events: list[Foreseen] | None


class BatchCall(Struct, frozen=True, kw_only=True):
    """One call of a batch."""

    to: Address
    data: Data
    value: Quantity


class Batch(
    Struct,
    frozen=True,
    kw_only=True,
    rename={"sender": "from", "chain_id": "chainId", "atomic_required": "atomicRequired"},
):
    """What ``wallet_sendCalls`` takes (EIP-5792): approvals, then the call.

    It need not be atomic: an approval that stands alone moves nothing.
    """

    version: Literal["2.0.0"]
    sender: Address
    chain_id: Quantity
    atomic_required: bool
    calls: list[BatchCall]


class Prepared(Struct, frozen=True, kw_only=True):
    """A call to be signed and sent by a wallet; nothing was sent.

    ``approvals`` go first. ``simulation`` is null where approvals are needed and the node cannot
    simulate several calls.
    """

    deal_id: Hash | None
    prepared: PreparedCall
    approvals: list[PreparedCall]
    simulation: Simulation | None
    batch: Batch


class Signer(Struct, frozen=True, kw_only=True):
    """Who may sign."""

    role: str
    address: Address


class TypedData(Struct, frozen=True, kw_only=True):
    """A message for ``eth_signTypedData_v4``; nothing was signed.

    ``digest`` is what is signed. One of ``signers`` signs, and ``call`` takes the signature.
    """

    kind: Message
    deal_id: Hash
    typed_data: dict[str, Any]
    digest: Hash
    signers: list[Signer]
    sentence: str
    final: str
    call: str
