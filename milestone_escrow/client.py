"""The escrow on a chain: read it, and simulate, send and await calls.

``connect`` gives a web3 connection, ``EscrowClient`` one escrow on it. Every refusal, by the
contract or the node, becomes one exception of ``milestone_escrow.exceptions`` with one sentence
and its remedy. The client holds no key: a ``Signer`` sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.providers.rpc.utils import REQUEST_RETRY_ALLOWLIST, ExceptionRetryConfiguration
from web3.types import TxParams

from milestone_escrow.abi_values import ZERO_ADDRESS, to_address
from milestone_escrow.agreement import Agreement
from milestone_escrow.arbiter_events import ADAPTER, CaseRecord, decode_case_log
from milestone_escrow.calls import NOTES, Call, encode_call
from milestone_escrow.deal_state import DealState, MilestoneState
from milestone_escrow.events import Event, EventRecord, decode_log
from milestone_escrow.exceptions import (
    ContractRevert,
    DeploymentError,
    NodeError,
    NotEnoughFunds,
    UsageError,
)
from milestone_escrow.messages import DOMAIN_NAME, DOMAIN_VERSION, Domain
from milestone_escrow.notes import Note, decode_note
from milestone_escrow.rpc_errors import await_receipt, chain_id_of, in_words, request
from milestone_escrow.signers import Signer
from milestone_escrow.tokens import NATIVE_COIN, allowance_of, balance_of, read_token
from milestone_escrow.typed_data import deal_id

__all__ = ["EscrowClient", "Receipt", "connect"]

TIMEOUT_SECONDS: Final = 30.0  # for one answer of the node
WAIT_SECONDS: Final = 180.0  # for a transaction to be mined

# A server may close a kept-alive connection just when it is used again: what only reads is asked
# once more. What sends never is, since it may have arrived.
_RETRIES: Final = ExceptionRetryConfiguration(
    errors=(requests.ConnectionError,),
    retries=2,
    backoff_factor=0.05,
    method_allowlist=[name for name in REQUEST_RETRY_ALLOWLIST if not name.startswith("eth_send")],
)

# Of what the views answer
_WORD: Final = ("uint256",)
_DEAL_TYPES: Final = ("bool", "bool", "bool", *_WORD * 3)
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
        NodeError: nothing answers (``node-not-answering``), what answers is no node
            (``not-a-node``), it serves another chain (``wrong-chain``), or the URL is not one of
            HTTP (``node-url``).
    """
    parts = urlsplit(rpc_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise NodeError(
            "The node's address is not a URL of HTTP.",
            "Give one such as http://127.0.0.1:8545.",
            code="node-url",
        )
    session = requests.Session()
    session.trust_env = False
    w3 = Web3(
        Web3.HTTPProvider(
            rpc_url,
            request_kwargs={"timeout": TIMEOUT_SECONDS},
            session=session,
            exception_retry_configuration=_RETRIES,
        )
    )
    try:
        served = chain_id_of(w3)
    except NodeError as error:
        if error.code != "node-not-answering":
            raise
        raise NodeError(
            # The URL may hold a secret, but for the host.
            f"No node answers at {parts.scheme}://{parts.netloc.rpartition('@')[2]}.",
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
        notes: The notes in it, in their order.
        cases: The events of the arbiter adapter that was called, in their order.
    """

    call: Call
    tx_hash: bytes
    block_number: int
    gas_used: int
    records: tuple[EventRecord, ...]
    notes: tuple[Note, ...] = ()
    cases: tuple[CaseRecord, ...] = ()

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
        notes: The notes contract beside it, checksummed, or None.

    Args:
        w3: From ``connect``.
        address: The escrow.
        notes: The ``DealNotes`` of this escrow; without it notes cannot be sent.

    Raises:
        UsageError: that is no address.
        DeploymentError: no escrow is there (``no-escrow``), or the notes are another escrow's
            (``no-notes``).
        NodeError: no node answers.
    """

    def __init__(self, w3: Web3, address: str, notes: str | None = None) -> None:
        """Look at the contract: that it is an escrow of this library's version."""
        self.w3 = w3
        self.address = Web3.to_checksum_address(to_address(address, "escrow", UsageError))
        self.chain_id = chain_id_of(w3)
        self.domain = Domain(self.chain_id, self.address)
        if not self._is_escrow():
            raise DeploymentError(
                f"There is no milestone escrow at {self.address} on chain {self.chain_id}.",
                "Check the address and the chain, or deploy one with escrow deploy.",
                code="no-escrow",
            )

        self.notes: ChecksumAddress | None = None
        if notes is not None:
            self.notes = Web3.to_checksum_address(to_address(notes, "notes", UsageError))
            self._check_notes(self.notes)

    # --- Reading

    def deal_id(self, agreement: Agreement) -> bytes:
        """Return the id of the deal on an agreement, 32 bytes; asks nothing of the node."""
        return deal_id(agreement, self.domain)

    def deal(self, deal_id: bytes, *, block: int | None = None) -> DealState:
        """Return what the contract stores of a deal; all zero if it was never opened."""
        return DealState(*self._view("deal", _DEAL_TYPES, deal_id, block=block))

    def milestone(self, deal_id: bytes, index: int, *, block: int | None = None) -> MilestoneState:
        """Return what the contract stores of a milestone.

        Raises:
            ContractRevert: the index is over 9 (``BadIndex``).
        """
        return MilestoneState(*self._view("milestone", _WORD * 3, deal_id, index, block=block))

    def credit(self, token: str, owner: str, *, block: int | None = None) -> int:
        """Return what an owner can withdraw, raw units; the zero address is the native coin."""
        (amount,) = self._view("credit", _WORD, token, owner, block=block)
        return int(amount)

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
        request(self.w3, "eth_call", self.transaction(call), "latest")
        return int(request(self.w3, "eth_estimateGas", self.transaction(call)), 16)

    def transaction(self, call: Call) -> dict[str, str]:
        """Return a call as JSON-RPC and wallets take it: ``from``, ``to``, ``data``, ``value``.

        Raises:
            UsageError: it is a note, and the client does not know the notes (``no-notes``).
        """
        return {
            "from": call.sender,
            "to": self._address_of(call),
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
        }

    def send(self, call: Call, signer: Signer) -> bytes:
        """Simulate a call, then sign and send it; return the transaction's hash, 32 bytes.

        Raises:
            UsageError: the signer is not the call's sender (``wrong-sender``).
            NotEnoughFunds, ContractRevert, NodeError: as ``simulate``; nothing was sent.
        """
        gas = self.simulate(call)
        tx: TxParams = {
            "from": Web3.to_checksum_address(call.sender),
            "to": self._address_of(call),
            "data": HexBytes(call.data),
            "value": Web3.to_wei(call.value, "wei"),
            # A quarter more: a push needs spare gas (EIP-150), and the state may have moved.
            "gas": gas + gas // 4,
        }
        with in_words():
            return bytes(signer.send(self.w3, tx))

    def wait(self, call: Call, tx_hash: bytes, *, seconds: float = WAIT_SECONDS) -> Receipt:
        """Wait until a transaction is mined and return its receipt.

        Raises:
            ContractRevert: it was mined and refused: the state moved after the simulation.
            NodeError: it was not mined in time (``not-mined``), it failed and nothing says why
                (``failed``), or no node answers.
        """
        raw = await_receipt(self.w3, tx_hash, seconds)
        block_number = int(raw["blockNumber"], 16)
        if int(raw["status"], 16) == 0:
            # The reason is not in the receipt. Run it again on the state before its block, and
            # after it: what it met was between the two.
            for block in (block_number - 1, block_number):
                request(self.w3, "eth_call", self.transaction(call), hex(block))
            raise NodeError(
                f"The transaction 0x{tx_hash.hex()} failed, and would not if it were sent now.",
                "Look at the deal, then send it again.",
                code="failed",
            )
        return self.receipt(call, tx_hash, raw)

    def execute(self, call: Call, signer: Signer) -> Receipt:
        """Simulate, send and await a call; see ``send`` and ``wait`` for what may be raised."""
        return self.wait(call, self.send(call, signer))

    def receipt(self, call: Call, tx_hash: bytes, raw: Mapping[str, Any]) -> Receipt:
        """Return what a node gives as a call's receipt, its logs decoded.

        Raises:
            NodeError: a log is malformed (``malformed-log``).
        """
        adapter = call.to if call.contract == ADAPTER else None
        records = [decode_log(log) for log in raw["logs"] if _is_from(log, self.address)]
        notes = [decode_note(log) for log in raw["logs"] if _is_from(log, self.notes)]
        cases = [decode_case_log(log) for log in raw["logs"] if _is_from(log, adapter)]
        return Receipt(
            call,
            tx_hash,
            int(raw["blockNumber"], 16),
            int(raw["gasUsed"], 16),
            tuple(record for record in records if record is not None),
            tuple(note for note in notes if note is not None),
            tuple(case for case in cases if case is not None),
        )

    # --- Inside

    def _is_escrow(self) -> bool:
        try:
            _, name, version, *_ = self._view("eip712Domain", _ERC5267_TYPES)
        except (ContractRevert, DeploymentError):
            return False
        return (name, version) == (DOMAIN_NAME, DOMAIN_VERSION)

    def _view(
        self, name: str, types: Sequence[str], *arguments: Any, block: int | None = None
    ) -> tuple[Any, ...]:
        """Return what a view of the escrow answers at the end of a block, the latest by default."""
        tx = {"to": self.address, "data": "0x" + encode_call(name, *arguments).hex()}
        answer = request(self.w3, "eth_call", tx, "latest" if block is None else hex(block))
        try:
            return decode(types, HexBytes(answer))
        except (DecodingError, UnicodeDecodeError, TypeError, ValueError) as error:
            at = "" if block is None else f" at block {block}"
            raise DeploymentError(
                f"What answers at {self.address}{at} is not a milestone escrow.",
                "Check the address and the chain, and that it was deployed by then.",
                code="no-escrow",
            ) from error

    def _check_notes(self, notes: str) -> None:
        tx = {"to": notes, "data": "0x" + encode_call("escrow", contract=NOTES).hex()}
        try:
            answer = HexBytes(request(self.w3, "eth_call", tx, "latest"))
        except ContractRevert:
            answer = HexBytes(b"")
        if answer != HexBytes(self.address).rjust(32, b"\0"):
            raise DeploymentError(
                f"There are no notes of the escrow {self.address} at {notes}.",
                "Check the address, or deploy the notes beside the escrow.",
                code="no-notes",
            )

    def _address_of(self, call: Call) -> ChecksumAddress:
        if call.to is not None:
            return Web3.to_checksum_address(call.to)
        if call.contract != NOTES:
            return self.address
        if self.notes is None:
            raise UsageError(
                "A note cannot be sent without the notes contract's address.",
                "Give it when the client is made.",
                code="no-notes",
            )
        return self.notes

    def _check_means(self, call: Call) -> None:
        """Say what the sender lacks, which nodes and tokens tell badly or not at all."""
        if call.value and (balance := balance_of(self.w3, ZERO_ADDRESS, call.sender)) < call.value:
            raise NotEnoughFunds(
                f"{call.sender} has {NATIVE_COIN.show(balance)}; "
                f"{NATIVE_COIN.show(call.value)} are needed, and the gas.",
                "Send it more, or fund fewer milestones.",
            )
        if call.allowance is None:
            return
        token, needed = call.allowance.token, call.allowance.amount
        if (balance := balance_of(self.w3, token, call.sender)) < needed:
            shown = read_token(self.w3, token)
            raise NotEnoughFunds(
                f"{call.sender} has {shown.show(balance)}; {shown.show(needed)} are needed.",
                "Send it more, or fund fewer milestones.",
            )
        if allowance_of(self.w3, token, call.sender, self.address) < needed:
            shown = read_token(self.w3, token)
            raise NotEnoughFunds(
                f"{call.sender} does not allow the escrow to take {shown.show(needed)}.",
                f"Approve the escrow {self.address} for that amount in the token first.",
                code="allowance",
            )


def _is_from(log: Mapping[str, Any], address: str | None) -> bool:
    return address is not None and log["address"].lower() == address.lower()
