"""The file of a proof: canonical JSON, in which every byte counts.

What the proofs show is repeated in ``claims``, for readers. Since it is made from the proofs alone
and the text of a file is determined by its content (RFC 8785), a checker makes the whole file again
and compares: nothing in it can be changed that the proofs do not show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import rfc8785

from milestone_escrow.abi_values import to_address
from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.strict_json import StrictReader

__all__ = [
    "FORMAT",
    "Proof",
    "ProofError",
    "Slot",
    "TransactionProof",
    "read_proof",
    "write_proof",
]

FORMAT: Final = "milestone-escrow-proof/1"

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")


class ProofError(EscrowError):
    """A proof does not prove what it says."""

    default_code = "proof"


@dataclass(frozen=True, slots=True)
class Slot:
    """A storage word and its proof.

    Attributes:
        kind: ``deal``, ``milestone`` or ``credit``.
        deal_id: Of the deal or milestone.
        index: Of the milestone.
        token: Of the credit.
        owner: Of the credit.
        nodes: From the storage root to the slot.
    """

    kind: str
    deal_id: bytes = b""
    index: int = 0
    token: str = ""
    owner: str = ""
    nodes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class TransactionProof:
    """A transaction and its receipt.

    Attributes:
        position: The transaction's number in the block.
        nodes: From the transactions' root to it.
        receipt_nodes: From the receipts' root to its receipt.
    """

    position: int
    nodes: tuple[bytes, ...]
    receipt_nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All that a proof is made of.

    Attributes:
        escrow: The contract, checksummed.
        header: RLP of the block's header.
        agreements: (chain id, agreement) of the deals.
        account: Nodes from the state root to the contract's account.
        code: The contract's code.
        slots: Storage words.
        transaction: A transaction; None: it proves state.
    """

    escrow: str
    header: bytes
    agreements: tuple[tuple[int, Agreement], ...] = ()
    account: tuple[bytes, ...] = ()
    code: bytes = b""
    slots: tuple[Slot, ...] = ()
    transaction: TransactionProof | None = field(default=None)


def write_proof(proof: Proof, claims: dict[str, Any]) -> bytes:
    """Return the file of a proof."""
    shape: dict[str, Any] = {
        "format": FORMAT,
        "escrow": proof.escrow,
        "header": _hex(proof.header),
        "agreements": [
            {"chain_id": str(chain_id), "agreement": agreement.to_json()}
            for chain_id, agreement in proof.agreements
        ],
        "claims": claims,
    }
    if proof.transaction is None:
        shape["state"] = {
            "account": _hexes(proof.account),
            "code": _hex(proof.code),
            "slots": [_slot_shape(slot) for slot in proof.slots],
        }
    else:
        shape["transaction"] = {
            "position": str(proof.transaction.position),
            "nodes": _hexes(proof.transaction.nodes),
            "receipt_nodes": _hexes(proof.transaction.receipt_nodes),
        }
    return rfc8785.dumps(shape) + b"\n"


def read_proof(content: bytes) -> Proof:
    """Return the proof in a file, whose claims are left out: they follow from the rest.

    Raises:
        ProofError: It is no such file.
    """
    shape = StrictReader(ProofError).parse(content)
    try:
        if not isinstance(shape, dict) or shape.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        transaction = shape.get("transaction")
        state: dict[str, Any] = shape["state"] if transaction is None else {}
        return Proof(
            escrow=to_address(shape["escrow"], "escrow", ProofError),
            header=_bytes(shape["header"]),
            agreements=tuple(
                (int(each["chain_id"]), Agreement.from_json(each["agreement"]))
                for each in shape["agreements"]
            ),
            account=_nodes(state.get("account", [])),
            code=_bytes(state.get("code", "0x")),
            slots=tuple(_slot(each) for each in state.get("slots", [])),
            transaction=None
            if transaction is None
            else TransactionProof(
                int(transaction["position"]),
                _nodes(transaction["nodes"]),
                _nodes(transaction["receipt_nodes"]),
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError, EscrowError) as error:
        why = error.sentence if isinstance(error, EscrowError) else str(error)
        raise ProofError(
            f"This is not the file of a proof: {why.rstrip('.')}.",
            "Give a file that escrow prove has written, unchanged.",
        ) from error


def _slot_shape(slot: Slot) -> dict[str, Any]:
    shape: dict[str, Any] = {"kind": slot.kind, "nodes": _hexes(slot.nodes)}
    if slot.kind == "credit":
        return shape | {"token": slot.token, "owner": slot.owner}
    shape["deal_id"] = _hex(slot.deal_id)
    return shape | ({"index": str(slot.index)} if slot.kind == "milestone" else {})


def _slot(shape: dict[str, Any]) -> Slot:
    nodes = _nodes(shape["nodes"])
    match shape["kind"]:
        case "deal":
            return Slot("deal", _bytes(shape["deal_id"]), nodes=nodes)
        case "milestone":
            index = int(shape["index"])
            return Slot("milestone", _bytes(shape["deal_id"]), index, nodes=nodes)
        case "credit":
            token = to_address(shape["token"], "token", ProofError)
            owner = to_address(shape["owner"], "owner", ProofError)
            return Slot("credit", token=token, owner=owner, nodes=nodes)
        case kind:
            raise ValueError(f"{str(kind)[:40]!r} is no kind of storage word")


def _nodes(value: Any) -> tuple[bytes, ...]:
    return tuple(_bytes(each) for each in value)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError("a value is not 0x and hexadecimal digits in small letters")
    return bytes.fromhex(value[2:])


def _hexes(values: tuple[bytes, ...]) -> list[str]:
    return [_hex(value) for value in values]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
