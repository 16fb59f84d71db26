"""Deal notes: what parties say on record beside the escrow, as calls and as events.

A note moves no money and stops no clock. The texts are kept elsewhere; a note carries their hash.
The builders are named as the functions of ``contracts/DealNotes.vy``, the events as in
``contracts/interfaces/IDealNotes.vyi``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from milestone_escrow import artifacts
from milestone_escrow.abi_values import ZERO_HASH, to_address, to_bytes32
from milestone_escrow.agreement import Agreement
from milestone_escrow.calls import NOTES, Call, encode_call
from milestone_escrow.exceptions import NodeError, UsageError

__all__ = [
    "Note",
    "confirm_arbiter",
    "decode_note",
    "note_to_json",
    "rate",
    "report",
    "request_cancel",
    "request_changes",
    "request_funding",
    "submit_evidence",
]


@dataclass(frozen=True, slots=True)
class Note:
    """One note on the chain.

    Attributes:
        name: The event, such as ``Reported``.
        deal_id: 32 bytes.
        actor: Who said it, checksummed.
        values: The event's other fields by name: integers, lists of them, and 32-byte hashes.
        block_number: Where it stands.
        log_index: In its block.
        timestamp: Unix seconds of the block; None where the log does not say.
    """

    name: str
    deal_id: bytes
    actor: str
    values: Mapping[str, Any]
    block_number: int
    log_index: int
    timestamp: int | None = None


# --- Saying


def request_funding(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The freelancer asks the employer to fund milestones that are not funded."""
    return _note("request_funding", agreement.freelancer, agreement, list(indexes))


def report(agreement: Agreement, index: int, percent: int, evidence: bytes = ZERO_HASH) -> Call:
    """The freelancer reports that ``percent`` (0..100) of a milestone's work is done."""
    return _note("report", agreement.freelancer, agreement, index, percent, _hash(evidence))


def request_changes(agreement: Agreement, index: int, note: bytes = ZERO_HASH) -> Call:
    """The employer asks for changes to a milestone's work; no clock stops."""
    return _note("request_changes", agreement.employer, agreement, index, _hash(note))


def request_cancel(agreement: Agreement, note: bytes = ZERO_HASH) -> Call:
    """The employer asks the freelancer to cancel."""
    return _note("request_cancel", agreement.employer, agreement, _hash(note))


def confirm_arbiter(agreement: Agreement) -> Call:
    """The arbiter says that it knows the deal and will rule."""
    return _note("confirm_arbiter", agreement.arbiter, agreement)


def submit_evidence(agreement: Agreement, index: int, evidence: bytes, sender: str) -> Call:
    """A party or the arbiter puts the hash of evidence on record."""
    sender = to_address(sender, "sender", UsageError)
    return _note("submit_evidence", sender, agreement, index, _hash(evidence))


def rate(agreement: Agreement, score: int, sender: str, review: bytes = ZERO_HASH) -> Call:
    """A party rates the other, 1..5, once someone is bound and a milestone is settled."""
    sender = to_address(sender, "sender", UsageError)
    return _note("rate", sender, agreement, score, _hash(review))


# --- Reading


def decode_note(log: Mapping[str, Any]) -> Note | None:
    """Return the note of a JSON-RPC log of the notes contract, None for an unknown event.

    Raises:
        NodeError: the log is malformed (``malformed-log``).
    """
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    if not topics or topics[0] not in _events():
        return None
    name, indexed, plain = _events()[topics[0]]
    try:
        words = [
            decode([abi_type], topic)[0]
            for (_, abi_type), topic in zip(indexed, topics[1:], strict=True)
        ]
        words += decode([abi_type for _, abi_type in plain], bytes.fromhex(log["data"][2:]))
    except (DecodingError, ValueError) as error:
        raise NodeError(
            f"The node gave a log that is no {name}.",
            "Ask another node, and check the address of the notes contract.",
            code="malformed-log",
        ) from error
    values = dict(zip((field for field, _ in (*indexed, *plain)), words, strict=True))
    timestamp: str | None = log.get("blockTimestamp")
    return Note(
        name=name,
        deal_id=values.pop("deal_id"),
        actor=to_address(values.pop("actor"), "actor", NodeError),
        values=values,
        block_number=int(log["blockNumber"], 16),
        log_index=int(log["logIndex"], 16),
        timestamp=None if timestamp is None else int(timestamp, 16),
    )


def note_to_json(note: Note) -> dict[str, Any]:
    """Return a note as JSON-able values: uint256 as decimal strings, bytes as 0x-hex."""
    return {
        "event": note.name,
        "block_number": note.block_number,
        "log_index": note.log_index,
        "timestamp": note.timestamp,
        "args": {
            "deal_id": _plain(note.deal_id),
            "actor": note.actor,
            **{name: _plain(value) for name, value in note.values.items()},
        },
    }


# --- Inside

_Fields = tuple[tuple[str, str], ...]


@cache
def _events() -> dict[bytes, tuple[str, _Fields, _Fields]]:
    """Return name, indexed and other fields of each event by its topic 0."""
    found = {}
    for entry in artifacts.load(NOTES).abi:
        if entry["type"] == "event":
            fields = [
                (field["name"], collapse_if_tuple(field), field["indexed"])
                for field in entry["inputs"]
            ]
            indexed = tuple((name, kind) for name, kind, is_topic in fields if is_topic)
            plain = tuple((name, kind) for name, kind, is_topic in fields if not is_topic)
            event: Any = entry
            found[event_abi_to_log_topic(event)] = (entry["name"], indexed, plain)
    return found


def _hash(value: bytes) -> bytes:
    return to_bytes32(value, "hash", UsageError)


def _note(name: str, sender: str, agreement: Agreement, *arguments: Any) -> Call:
    data = encode_call(name, agreement.as_tuple(), *arguments, contract=NOTES)
    return Call(name, sender, data, contract=NOTES)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return [str(item) for item in value] if isinstance(value, tuple) else str(value)
