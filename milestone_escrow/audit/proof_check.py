"""Checking a proof, offline: from a block hash that the reader trusts to what the contract stored.

The header hashes to the block hash; its roots lead to the contract's account and from there to the
storage words, or to a transaction and its receipt; words and logs are decoded; each deal's id is
the hash of its agreement for this contract. Only the block hash is taken on trust.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rlp
from eth_utils.crypto import keccak
from rlp.exceptions import RLPException

from milestone_escrow import artifacts
from milestone_escrow.agreement import Agreement
from milestone_escrow.audit.headers import BlockHeader, read_header
from milestone_escrow.audit.proof_file import (
    Proof,
    ProofError,
    Slot,
    TransactionProof,
    read_proof,
    write_proof,
)
from milestone_escrow.audit.receipts import read_receipt
from milestone_escrow.audit.storage import (
    DealWord,
    credit_slot,
    deal_slot,
    milestone_slot,
    read_deal_word,
    read_milestone_word,
)
from milestone_escrow.audit.tries import proven
from milestone_escrow.events import RawLog, decode_raw, event_to_json
from milestone_escrow.exceptions import NodeError
from milestone_escrow.messages import Domain
from milestone_escrow.typed_data import deal_id

__all__ = ["Proven", "check", "claims_of"]


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows.

    Attributes:
        block_hash: On whose truth all rests.
        claims: What follows from it; JSON-able.
        is_this_version: The contract's code is that of this library; None: not part of the proof.
    """

    block_hash: bytes
    claims: dict[str, Any]
    is_this_version: bool | None


def check(content: bytes, block_hash: bytes) -> Proven:
    """Check a proof's file against a block hash from a source that the reader trusts.

    Raises:
        ProofError: It does not prove what it says, or not for that block.
    """
    proof = read_proof(content)
    if read_header_or_refuse(proof).hash != block_hash:
        raise ProofError(
            f"The header in the file is not that of the block 0x{block_hash.hex()}.",
            "Check the block hash, and that the file is of that block.",
            code="proof-block",
        )
    claims = claims_of(proof)
    if write_proof(proof, claims) != content:
        raise ProofError(
            "The file is not, to the byte, what its proofs show: it was changed.",
            "Get it again from where it came.",
            code="proof-changed",
        )
    code = artifacts.load("MilestoneEscrow").matches(proof.code) if proof.code else None
    return Proven(block_hash, claims, code)


def claims_of(proof: Proof) -> dict[str, Any]:
    """Return what a proof shows, given its header.

    Raises:
        ProofError: A step of it does not hold.
    """
    header = read_header_or_refuse(proof)
    claims: dict[str, Any] = {
        "escrow": proof.escrow,
        "block": {
            "number": str(header.number),
            "hash": _hex(header.hash),
            "timestamp": str(header.timestamp),
        },
    }
    agreements = {
        deal_id(agreement, Domain(chain_id, proof.escrow)): (chain_id, agreement)
        for chain_id, agreement in proof.agreements
    }
    try:
        if proof.transaction is None:
            return claims | _state_claims(proof, header, agreements)
        return claims | _transaction_claims(proof.transaction, proof, header, agreements)
    except (ValueError, NodeError, RLPException) as error:
        why = error.sentence.rstrip(".") if isinstance(error, NodeError) else str(error)
        raise ProofError(
            f"The proof does not hold: {why}.", "Get it again from where it came."
        ) from error


def read_header_or_refuse(proof: Proof) -> BlockHeader:
    """Return what the proof's header says.

    Raises:
        ProofError: It is none.
    """
    try:
        return read_header(proof.header)
    except ValueError as error:
        raise ProofError(
            f"The proof does not hold: {error}.", "Get it again from where it came."
        ) from error


_Agreements = dict[bytes, tuple[int, Agreement]]


# --- State


def _state_claims(proof: Proof, header: BlockHeader, agreements: _Agreements) -> dict[str, Any]:
    account = proven(header.state_root, keccak(bytes.fromhex(proof.escrow[2:])), proof.account)
    if not account:
        raise ValueError("there is no account at the contract's address")
    _, balance, storage_root, code_hash = rlp.decode(account)
    if keccak(proof.code) != code_hash:
        raise ValueError("the code is not the account's")
    words = {slot: _word(slot, storage_root) for slot in proof.slots}
    if len(words) != len(proof.slots):
        raise ValueError("a storage word is given twice")
    deals = [slot for slot in proof.slots if slot.kind == "deal"]
    named = {slot.deal_id for slot in proof.slots if slot.kind != "credit"}
    if named != agreements.keys() or named != {slot.deal_id for slot in deals}:
        raise ValueError("the agreements are not those of the deals")
    return {
        "balance": str(int.from_bytes(balance)),
        "code_hash": _hex(code_hash),
        "deals": [
            _deal_claims(slot.deal_id, words[slot], words, *agreements[slot.deal_id])
            for slot in deals
        ],
        "credits": [
            {"token": slot.token, "owner": slot.owner, "amount": str(word)}
            for slot, word in words.items()
            if slot.kind == "credit"
        ],
    }


def _word(slot: Slot, storage_root: bytes) -> int:
    match slot.kind:
        case "deal":
            place = deal_slot(slot.deal_id)
        case "milestone":
            place = milestone_slot(slot.deal_id, slot.index)
        case _:
            place = credit_slot(slot.token, slot.owner)
    value = proven(storage_root, keccak(place.to_bytes(32)), slot.nodes)
    return int.from_bytes(rlp.decode(value)) if value else 0


def _deal_claims(
    key: bytes, word: int, words: dict[Slot, int], chain_id: int, agreement: Agreement
) -> dict[str, Any]:
    deal = read_deal_word(word)
    return {
        "deal_id": _hex(key),
        "chain_id": str(chain_id),
        "opened": deal.opened,
        "closed": deal.closed,
        "bound": deal.bound,
        "last_activity": str(deal.last_activity),
        "milestones": [
            _milestone_claims(slot.index, other, deal, agreement)
            for slot, other in words.items()
            if slot.kind == "milestone" and slot.deal_id == key
        ],
    }


def _milestone_claims(
    index: int, word: int, deal: DealWord, agreement: Agreement
) -> dict[str, Any]:
    if index >= len(agreement.milestones):
        raise ValueError("the agreement has no such milestone")
    if bool(word) != bool(deal.tracked >> index & 1):
        raise ValueError("the deal's word and the milestone's contradict each other")
    milestone = read_milestone_word(word)
    funded, settled = deal.funded >> index & 1, deal.settled >> index & 1
    amount = agreement.milestones[index].amount
    if settled:
        state = "settled"
    elif not funded:
        state = "agreed"
    elif milestone.phase != "funded":
        state = milestone.phase
    else:
        state = "funded" if deal.bound else "reserved"
    holds = funded and not settled
    return {
        "index": str(index),
        "state": state,
        "amount": str(amount),
        "paid": str(milestone.paid),
        "remaining": str(amount - milestone.paid if holds else 0),
        "since": str(milestone.since),
    }


# --- A transaction


def _transaction_claims(
    transaction: TransactionProof, proof: Proof, header: BlockHeader, agreements: _Agreements
) -> dict[str, Any]:
    key = rlp.encode(transaction.position)
    raw = proven(header.transactions_root, key, transaction.nodes)
    receipt = proven(header.receipts_root, key, transaction.receipt_nodes)
    if not raw or not receipt:
        raise ValueError("the block has no transaction with that number")
    tx_hash = keccak(raw)
    status, logs = read_receipt(receipt)
    events: list[dict[str, Any]] = []
    named: set[bytes] = set()
    for position, log in enumerate(logs):
        if log.address != proof.escrow:
            continue
        record = decode_raw(
            RawLog(
                header.number,
                header.hash,
                tx_hash,
                position,
                header.timestamp,
                log.address,
                log.topics,
                log.data,
            )
        )
        if record is not None:
            shape = event_to_json(record)
            events.append({"log": str(position), "event": shape["event"], "args": shape["args"]})
            named |= {record.event.deal_id} if hasattr(record.event, "deal_id") else set()
    if not agreements.keys() <= named:
        raise ValueError("there is an agreement of a deal that the events do not name")
    return {
        "transaction": {
            "hash": _hex(tx_hash),
            "position": str(transaction.position),
            "succeeded": status,
        },
        "deals": [
            {"deal_id": _hex(key), "chain_id": str(chain_id)}
            for key, (chain_id, _) in agreements.items()
        ],
        "events": events,
        "other_logs": str(len(logs) - len(events)),
    }


def _hex(value: bytes | Sequence[int]) -> str:
    return "0x" + bytes(value).hex()
