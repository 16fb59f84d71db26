"""How events, deals, ledgers and the rest become rows of ``tables`` and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, fields
from functools import cache, lru_cache
from typing import Any, Final

from milestone_escrow import artifacts
from milestone_escrow.checksums import checksummed
from milestone_escrow.deal_state import Deal, DealMilestone, Ledger, Outcome, Status
from milestone_escrow.events import EVENTS, Event, Opened, RawLog, decode_event, topic0
from milestone_escrow.exceptions import NodeError, StoreError
from milestone_escrow.indexer.engine import Row
from milestone_escrow.indexer.source import Source, place_of, position_of
from milestone_escrow.indexer.tables import TABLES

__all__ = [
    "COLUMNS",
    "FIRST_NOTE",
    "KIND_OF",
    "LOG_COLUMNS",
    "NAMES",
    "NOTES",
    "WITH_BLOCKS",
    "address_bytes",
    "address_text",
    "deal_of",
    "deal_row",
    "first_topics",
    "ledger_of",
    "ledger_row",
    "log_to_json",
    "milestone_of",
    "milestone_row",
    "note_kind",
    "raw_log",
    "source_of",
]

# What ``raw_log`` takes, of events ``e`` and their blocks ``b``.
LOG_COLUMNS: Final = "e.position, e.kind, e.tx_hash, e.topics, e.data, b.hash, b.timestamp"
WITH_BLOCKS: Final = "JOIN blocks b ON b.block = e.position >> 20"
COLUMNS: Final = {name: ", ".join(table.names) for name, table in TABLES.items()}

# The kinds of events, by number. A number is written into every row: it never changes its meaning.
KIND_OF: Final[dict[type[Event], int]] = {event: i for i, event in enumerate(EVENTS, 1)}
FIRST_NOTE: Final = 64
_NOTES_CONTRACT: Final = "DealNotes"
NOTES: Final = (
    "FundingRequested",
    "Reported",
    "ChangesRequested",
    "CancelRequested",
    "EvidenceSubmitted",
    "ArbiterConfirmed",
    "Rated",
)
NAMES: Final[dict[int, str]] = {kind: event.__name__ for event, kind in KIND_OF.items()} | {
    FIRST_NOTE + i: name for i, name in enumerate(NOTES)
}

_NO_HASH: Final = bytes(32)
# As its own `value`, in a tenth of the time.
_NUMBER_OF: Final = {status: status.value for status in Status}
_WORD_OF: Final = {outcome: outcome.value for outcome in Outcome}


@lru_cache(maxsize=1 << 12)
def address_bytes(text: str) -> bytes:
    """Return an address's 20 bytes."""
    return bytes.fromhex(text[2:])


@lru_cache(maxsize=1 << 12)
def address_text(address: bytes) -> str:
    """Return an address, checksummed."""
    return checksummed(address)


def source_of(row: Row) -> Source:
    """Return the source of (chain id, genesis hash, escrow, notes, first block)."""
    chain_id, genesis_hash, escrow, notes, from_block = row
    return Source(
        chain_id,
        genesis_hash,
        address_text(escrow),
        from_block,
        None if notes is None else address_text(notes),
    )


def raw_log(row: Row, address: str) -> RawLog:
    """Return the log of a row (position, kind, tx_hash, topics, data, block hash, timestamp)."""
    position, kind, tx_hash, topics, data, block_hash, timestamp = row
    block_number, log_index = place_of(position)
    topics = first_topics()[kind] + topics
    return RawLog(block_number, block_hash, tx_hash, log_index, timestamp, address, topics, data)


@cache
def first_topics() -> dict[int, bytes]:
    """Return topic 0 by kind of event; nothing for 0, a log that is no known event."""
    from eth_utils.abi import event_abi_to_log_topic

    notes: dict[str, bytes] = {}
    for entry in artifacts.load(_NOTES_CONTRACT).abi:
        if entry["type"] == "event":
            event_abi: Any = entry
            notes[entry["name"]] = event_abi_to_log_topic(event_abi)
    return (
        {0: b""}
        | {kind: topic0(event) for event, kind in KIND_OF.items()}
        | {FIRST_NOTE + i: notes[name] for i, name in enumerate(NOTES)}
    )


def deal_row(key: int, source: int, base: int, deal: Deal) -> Row:
    """Return the row of ``deals``; ``base`` is the source's first position."""
    agreement = deal.agreement
    return (
        key,
        source,
        deal.deal_id,
        base | position_of(deal.opened_block, deal.opened_log_index),
        address_bytes(agreement.employer),
        address_bytes(agreement.freelancer),
        address_bytes(agreement.arbiter),
        address_bytes(agreement.token),
        deal.bound,
        deal.closed,
        deal.successor,
        deal.funded,
        deal.settled,
        deal.last_activity,
    )


def deal_of(row: Row, topics: bytes, data: bytes, milestones: Iterable[DealMilestone]) -> Deal:
    """Return the deal of its row, of the log that opened it, and of its milestones in order.

    Raises:
        StoreError: The log is not the deal's opening.
    """
    _, _, deal_id, position, _, _, _, _, bound, closed, successor, funded, settled, active = row
    block_number, log_index = place_of(position)
    topics = first_topics()[KIND_OF[Opened]] + topics
    try:
        event = decode_event(RawLog(block_number, b"", b"", log_index, None, "", topics, data))
    except NodeError:
        event = None
    if not isinstance(event, Opened) or event.deal_id != deal_id:
        raise StoreError(
            f"The index is damaged: deal 0x{deal_id.hex()} is not what its first event opened.",
            "Index again with --reset.",
            code="store-damaged",
        )
    return Deal(
        deal_id,
        event.agreement,
        block_number,
        log_index,
        list(milestones),
        bool(bound),
        bool(closed),
        successor,
        funded,
        settled,
        active,
    )


def milestone_row(
    deal: int, index: int, milestone: DealMilestone, amount: Callable[[int], Any]
) -> Row:
    """Return the row of ``milestones``; ``amount`` is the engine's."""
    ruling = milestone.ruling
    return (
        deal,
        index,
        amount(milestone.amount),
        _NUMBER_OF[milestone.status],
        amount(milestone.remaining),
        amount(milestone.paid),
        amount(milestone.fees),
        amount(milestone.refunded),
        amount(milestone.moved),
        amount(milestone.arbiter_share),
        milestone.since,
        None if milestone.evidence == _NO_HASH else milestone.evidence,
        None if milestone.reason == _NO_HASH else milestone.reason,
        None if ruling is None else amount(ruling[0]),
        None if ruling is None else amount(ruling[1]),
        None if milestone.outcome is None else _WORD_OF[milestone.outcome],
        milestone.funded_block,
    )


def milestone_of(row: Row) -> DealMilestone:
    """Return the milestone of its row."""
    _, _, amount, status, remaining, paid, fees, refunded, moved, share, *rest = row
    since, evidence, reason, to_freelancer, to_employer, outcome, funded_block = rest
    return DealMilestone(
        amount=int(amount),
        status=Status(status),
        remaining=int(remaining),
        paid=int(paid),
        fees=int(fees),
        refunded=int(refunded),
        moved=int(moved),
        arbiter_share=int(share),
        since=since,
        evidence=_NO_HASH if evidence is None else evidence,
        reason=_NO_HASH if reason is None else reason,
        ruling=None if to_freelancer is None else (int(to_freelancer), int(to_employer)),
        outcome=None if outcome is None else Outcome(outcome),
        funded_block=funded_block,
    )


def ledger_row(source: int, token: str, ledger: Ledger, amount: Callable[[int], Any]) -> Row:
    """Return the row of ``ledgers``; ``amount`` is the engine's."""
    return (source, address_bytes(token), *map(amount, astuple(ledger)))


def ledger_of(row: Row) -> Ledger:
    """Return the ledger of its row."""
    sums = {each.name: int(value) for each, value in zip(fields(Ledger), row[2:], strict=True)}
    return Ledger(**sums)


def note_kind(raw: RawLog) -> int | None:
    """Return the kind of a log of the notes contract; None: it is no known note.

    Raises:
        NodeError: The log is malformed.
    """
    from milestone_escrow.notes import decode_note

    note = decode_note(log_to_json(raw))
    return None if note is None else FIRST_NOTE + NOTES.index(note.name)


def log_to_json(raw: RawLog) -> dict[str, Any]:
    """Return a log as a node gives it, as far as the decoding of a note looks at it."""
    words = [raw.topics[at : at + 32] for at in range(0, len(raw.topics), 32)]
    return {
        "topics": ["0x" + word.hex() for word in words],
        "data": "0x" + raw.data.hex(),
        "blockNumber": hex(raw.block_number),
        "logIndex": hex(raw.log_index),
        "blockTimestamp": None if raw.timestamp is None else hex(raw.timestamp),
    }
