"""The escrow on a chain: read it, and simulate, send and await calls.

``connect`` gives a web3 connection, ``EscrowClient`` one escrow on it. Every refusal, by the
contract or the node, becomes one exception of ``milestone_escrow.exceptions`` with one sentence
and its remedy. The client holds no key: a ``Signer`` sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import requests
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TimeExhausted, Web3Exception, Web3RPCError
from web3.types import RPCEndpoint, TxParams

from milestone_escrow.agreement import Agreement
from milestone_escrow.calls import Call, encode_call
from milestone_escrow.deal_state import DealState, MilestoneState
from milestone_escrow.events import Event, EventRecord, decode_log
from milestone_escrow.exceptions import (
    ContractRevert,
    DeploymentError,
    NodeError,
    NotEnoughFunds,
)
from milestone_escrow.messages import DOMAIN_NAME, DOMAIN_VERSION, Domain
from milestone_escrow.rpc_errors import error_of
from milestone_escrow.signers import Signer
from milestone_escrow.tokens import allowance_of, balance_of, read_token
from milestone_escrow.typed_data import deal_id

__all__ = ["EscrowClient", "Receipt", "connect"]

TIMEOUT_SECONDS: Final = 30.0  # for one answer of the node
WAIT_SECONDS: Final = 180.0  # for a transaction to be mined

_ERC5267_TYPES: Final = (
    "bytes1",
    "string",
    "string",
    "uint256",
    "address",
    "bytes32",
    "uint256[]",
)


def connect(rpc_url: str, *, chain_id: int | None = None) -> Web3:
    """Return a connection to a node that answers.

    Args:
        rpc_url: The node's HTTP address.
        chain_id: The chain that it must serve; None: any.

    Raises:
        NodeError: nothing answers (``node-not-answering``), or it serves another chain
            (``wrong-chain``).
    """
    session = requests.Session()
    session.trust_env = False
    w3 = Web3(
        Web3.HTTPProvider(rpc_url, request_kwargs={"timeout": TIMEOUT_SECONDS}, session=session)
    )
    try:
        served = w3.eth.chain_id
    except (requests.RequestException, Web3Exception, ValueError) as error:
        raise NodeError(
            "No node answers at the address given.",
            "Start one, for example with escrow devnet up, or give the URL of one that runs.",
            code="node-not-answering",
        ) from error
    if chain_id is not None and served != chain_id:
        raise NodeError(
            f"The node serves chain {served}, not chain {chain_id}.",
            f"Give the URL of a node of chain {chain_id}.",
            code="wrong-chain",
        )
    return w3


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined call.

    Attributes:
        call: What was sent.
        tx_hash: 32 bytes.
        block_number: Where it was mined.
        gas_used: All of it, the transaction's own 21,000 included.
        records: The escrow's events in it, in their order.
    """

    call: Call
    tx_hash: bytes
    block_number: int
    gas_used: int
    records: tuple[EventRecord, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """The escrow's events in it, without where they stand."""
        return tuple(record.event for record in self.records)


class EscrowClient:
    """One escrow on one chain.

    Attributes:
        w3: The connection.
        address: The escrow, checksummed.
        chain_id: The chain id at the time of making.
        domain: The EIP-712 domain of this escrow.

    Args:
        w3: From ``connect``.
        address: The escrow.

    Raises:
        DeploymentError: no escrow is there (``no-escrow``).
    """

    def __init__(self, w3: Web3, address: str) -> None:
        """Look at the contract: that it is an escrow of this library's version."""
        self.w3 = w3
        self.address = Web3.to_checksum_address(address)
        self.chain_id = w3.eth.chain_id
        self.domain = Domain(self.chain_id, self.address)
        if not self._is_escrow():
            raise DeploymentError(
                f"There is no milestone escrow at {self.address} on chain {self.chain_id}.",
                "Check the address and the chain, or deploy one with escrow deploy.",
                code="no-escrow",
            )

    # --- Reading

    def deal_id(self, agreement: Agreement) -> bytes:
        """Return the id of the deal on an agreement, 32 bytes; asks nothing of the node."""
        return deal_id(agreement, self.domain)

    def deal(self, deal_id: bytes, *, block: int | None = None) -> DealState:
        """Return what the contract stores of a deal; all zero if it was never opened."""
        answer = self._view("deal", deal_id, block=block)
        opened, closed, bound, funded, settled, last_activity = decode(
            ["bool", "bool", "bool", "uint256", "uint256", "uint256"], answer
        )
        return DealState(opened, closed, bound, funded, settled, last_activity)

    def milestone(self, deal_id: bytes, index: int, *, block: int | None = None) -> MilestoneState:
        """Return what the contract stores of a milestone.

        Raises:
            ContractRevert: the index is over 9 (``BadIndex``).
        """
        answer = self._view("milestone", deal_id, index, block=block)
        return MilestoneState(*decode(["uint256", "uint256", "uint256"], answer))

    def credit(self, token: str, owner: str, *, block: int | None = None) -> int:
        """Return what an owner can withdraw, raw units; the zero address is the native coin."""
        return int.from_bytes(self._view("credit", token, owner, block=block), "big")

    # --- Acting

    def simulate(self, call: Call) -> int:
        """Run a call on the latest block without sending it, and return the gas it needs.

        Raises:
            NotEnoughFunds: the sender has too little, or allows the escrow too little.
            ContractRevert: the contract refuses it.
            NodeError: the node does.
        """
        self._check_means(call)
        # eth_call first: nodes differ in how eth_estimateGas tells a revert, less in this.
        self._request("eth_call", self._transaction(call), "latest")
        return int(cast(str, self._request("eth_estimateGas", self._transaction(call))), 16)

    def send(self, call: Call, signer: Signer) -> bytes:
        """Simulate a call, then sign and send it; return the transaction's hash, 32 bytes.

        Raises:
            UsageError: the signer is not the call's sender (``wrong-sender``).
            NotEnoughFunds, ContractRevert, NodeError: as ``simulate``; nothing was sent.
        """
        gas = self.simulate(call)
        tx: TxParams = {
            "from": Web3.to_checksum_address(call.sender),
            "to": self.address,
            "data": HexBytes(call.data),
            "value": Web3.to_wei(call.value, "wei"),
            # A quarter more: a push needs spare gas (EIP-150), and the state may have moved.
            "gas": gas + gas // 4,
        }
        try:
            return bytes(signer.send(self.w3, tx))
        except Web3RPCError as error:
            raise error_of((error.rpc_response or {}).get("error") or {}) from error
        except (requests.RequestException, Web3Exception) as error:
            raise _silent() from error

    def wait(self, call: Call, tx_hash: bytes, *, seconds: float = WAIT_SECONDS) -> Receipt:
        """Wait until a transaction is mined and return its receipt.

        Raises:
            ContractRevert: it was mined and refused: the state moved after the simulation.
            NodeError: it was not mined in time (``not-mined``), or no node answers.
        """
        try:
            self.w3.eth.wait_for_transaction_receipt(HexBytes(tx_hash), timeout=seconds)
        except TimeExhausted as error:
            raise NodeError(
                f"The transaction 0x{tx_hash.hex()} was not mined in {seconds:.0f} seconds.",
                "It may still be: look for it before sending it again.",
                code="not-mined",
            ) from error
        except requests.RequestException as error:
            raise _silent() from error
        raw = cast(
            Mapping[str, Any], self._request("eth_getTransactionReceipt", "0x" + tx_hash.hex())
        )
        block_number = int(raw["blockNumber"], 16)
        if int(raw["status"], 16) == 0:
            # The reason is not in the receipt: run it again on the state that it met.
            self._request("eth_call", self._transaction(call), hex(block_number - 1))
            raise NodeError(
                f"The transaction 0x{tx_hash.hex()} failed, though it would not now.",
                "Another transaction came first; look at the deal, then send it again.",
                code="failed",
            )
        logs = [log for log in raw["logs"] if log["address"].lower() == self.address.lower()]
        records = tuple(record for log in logs if (record := decode_log(log)) is not None)
        return Receipt(call, tx_hash, block_number, int(raw["gasUsed"], 16), records)

    def execute(self, call: Call, signer: Signer) -> Receipt:
        """Simulate, send and await a call; see ``send`` and ``wait`` for what may be raised."""
        return self.wait(call, self.send(call, signer))

    # --- Inside

    def _is_escrow(self) -> bool:
        try:
            answer = self._view("eip712Domain")
            _, name, version, *_ = decode(_ERC5267_TYPES, answer)
        except (ContractRevert, DecodingError):
            return False
        return (name, version) == (DOMAIN_NAME, DOMAIN_VERSION)

    def _view(self, name: str, *arguments: Any, block: int | None = None) -> bytes:
        tx = {"to": self.address, "data": "0x" + encode_call(name, *arguments).hex()}
        answer = self._request("eth_call", tx, "latest" if block is None else hex(block))
        return bytes(HexBytes(cast(str, answer)))

    def _transaction(self, call: Call) -> dict[str, str]:
        return {
            "from": call.sender,
            "to": self.address,
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
        }

    def _check_means(self, call: Call) -> None:
        """Say what the sender lacks, which a node or a token would only refuse."""
        if call.allowance is not None:
            token = read_token(self.w3, call.allowance.token)
            needed = call.allowance.amount
            if (balance := balance_of(self.w3, token.address, call.sender)) < needed:
                raise NotEnoughFunds(
                    f"{call.sender} has {token.show(balance)}; {token.show(needed)} are needed.",
                    "Send it more, or fund fewer milestones.",
                )
            if allowance_of(self.w3, token.address, call.sender, self.address) < needed:
                raise NotEnoughFunds(
                    f"{call.sender} does not allow the escrow to take {token.show(needed)}.",
                    f"Approve the escrow {self.address} for that amount in the token first.",
                    code="allowance",
                )

    def _request(self, method: str, *params: Any) -> object:
        try:
            answer = self.w3.provider.make_request(RPCEndpoint(method), list(params))
        except (requests.RequestException, Web3Exception) as error:
            raise _silent() from error
        if (failure := answer.get("error")) is not None:
            raise error_of(
                failure if isinstance(failure, Mapping) else {"message": failure}
            ) from None
        return answer.get("result")


def _silent() -> NodeError:
    return NodeError(
        "The node stopped answering.",
        "Check that it runs, then look at the deal before doing it again.",
        code="node-not-answering",
    )
