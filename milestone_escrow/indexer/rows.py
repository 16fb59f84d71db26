"""The tables of the index, and how deals, events and ledgers become rows and come back.

Amounts are decimal text, since they do not fit SQLite's integers; hashes are blobs of 32 bytes,
addresses checksummed text. Every log is kept as it came; ``deals``, ``milestones``, ``credits`` and
``ledgers`` can be made again from them at any time.
"""

from __future__ import annotations

from dataclasses import astuple, fields
from typing import Any, Final

from milestone_escrow.deal_state import Deal, DealMilestone, Ledger, Outcome, Status
from milestone_escrow.events import EventRecord, Opened, RawLog, decode_raw
from milestone_escrow.exceptions import StoreError

__all__ = [
    "DERIVED_TABLES",
    "SCHEMA",
    "SCHEMA_VERSION",
    "deal_of",
    "deal_row",
    "event_row",
    "ledger_of",
    "ledger_row",
    "milestone_of",
    "milestone_row",
    "place_of",
    "position_of",
    "raw_log",
]

SCHEMA_VERSION: Final = 1
DERIVED_TABLES: Final = ("deals", "milestones", "credits", "ledgers")

_LOG_INDEX_BITS: Final = 20

SCHEMA: Final = """
CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version  INTEGER NOT NULL,
    chain_id        INTEGER NOT NULL,
    genesis_hash    BLOB NOT NULL,
    escrow          TEXT NOT NULL,
    from_block      INTEGER NOT NULL,
    checkpoint      INTEGER NOT NULL,  -- all logs up to this block are here
    checkpoint_hash BLOB,              -- null before the first block
    final_block     INTEGER            -- blocks up to this one cannot be replaced; null: unknown
);
CREATE TABLE blocks (                  -- those with events, and the latest
    number      INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL,
    parent_hash BLOB,                  -- null where only a log told of the block
    timestamp   INTEGER NOT NULL,
    has_events  INTEGER NOT NULL
);
CREATE INDEX blocks_without_events ON blocks (number) WHERE has_events = 0;
CREATE TABLE events (                  -- every log of the escrow, as it came
    position    INTEGER PRIMARY KEY,   -- block number and log index, the latter in 20 bits
    tx_hash     BLOB NOT NULL,
    name        TEXT,                  -- null: an event that this version does not know
    deal        INTEGER,               -- number of the deal, null where the event names none
    milestone   INTEGER,               -- index, null where the event names none
    topics      BLOB NOT NULL,
    data        BLOB NOT NULL,
    block_number INTEGER GENERATED ALWAYS AS (position >> 20) VIRTUAL,
    log_index    INTEGER GENERATED ALWAYS AS (position & 1048575) VIRTUAL
);
CREATE INDEX events_of_deal ON events (deal) WHERE deal IS NOT NULL;
CREATE TABLE deals (
    number        INTEGER PRIMARY KEY, -- 1 for the first that was opened
    deal_id       BLOB NOT NULL UNIQUE,
    opened        INTEGER NOT NULL,    -- position of its Opened, which has the agreement
    employer      TEXT NOT NULL,
    freelancer    TEXT NOT NULL,
    arbiter       TEXT NOT NULL,
    token         TEXT NOT NULL,
    bound         INTEGER NOT NULL,
    closed        INTEGER NOT NULL,
    successor     BLOB,
    funded        INTEGER NOT NULL,    -- bit mask of milestones
    settled       INTEGER NOT NULL,    -- bit mask of milestones
    last_activity INTEGER NOT NULL
);
CREATE INDEX deals_of_employer ON deals (employer);
CREATE INDEX deals_of_freelancer ON deals (freelancer);
CREATE INDEX deals_of_arbiter ON deals (arbiter);
CREATE TABLE milestones (
    deal             INTEGER NOT NULL,
    milestone        INTEGER NOT NULL, -- index
    amount           TEXT NOT NULL,
    status           INTEGER NOT NULL,
    remaining        TEXT NOT NULL,
    paid             TEXT NOT NULL,
    fees             TEXT NOT NULL,
    refunded         TEXT NOT NULL,
    moved            TEXT NOT NULL,
    arbiter_share    TEXT NOT NULL,
    since            INTEGER NOT NULL,
    evidence         BLOB NOT NULL,
    reason           BLOB NOT NULL,
    ruled_freelancer TEXT,
    ruled_employer   TEXT,
    outcome          TEXT,
    funded_block     INTEGER,
    PRIMARY KEY (deal, milestone)
) WITHOUT ROWID;
CREATE TABLE credits (
    token  TEXT NOT NULL,
    owner  TEXT NOT NULL,
    amount TEXT NOT NULL,
    PRIMARY KEY (token, owner)
) WITHOUT ROWID;
CREATE TABLE ledgers (
    token       TEXT PRIMARY KEY,
    funded      TEXT NOT NULL,
    moved       TEXT NOT NULL,
    gross       TEXT NOT NULL,
    fees        TEXT NOT NULL,
    shares      TEXT NOT NULL,
    refunded    TEXT NOT NULL,
    credited    TEXT NOT NULL,
    credit_paid TEXT NOT NULL
) WITHOUT ROWID;
"""

Row = tuple[Any, ...]


def position_of(block_number: int, log_index: int) -> int:
    """Return the one integer that orders events as (block number, log index) does.

    Raises:
        StoreError: The log index needs more than 20 bits.
    """
    if log_index >> _LOG_INDEX_BITS:
        raise StoreError(
            f"Block {block_number} has more than {1 << _LOG_INDEX_BITS} logs.",
            "This index cannot hold them; please report it.",
            code="too-many-logs",
        )
    return block_number << _LOG_INDEX_BITS | log_index


def place_of(position: int) -> tuple[int, int]:
    """Return (block number, log index): the inverse of ``position_of``."""
    return position >> _LOG_INDEX_BITS, position & ((1 << _LOG_INDEX_BITS) - 1)


def event_row(raw: RawLog, record: EventRecord | None, deal: int | None) -> Row:
    """Return the row of ``events``, without the generated columns."""
    event = None if record is None else record.event
    return (
        position_of(raw.block_number, raw.log_index),
        raw.tx_hash,
        None if event is None else type(event).__name__,
        deal,
        getattr(event, "index", None),
        raw.topics,
        raw.data,
    )


def raw_log(row: Row, escrow: str) -> RawLog:
    """Return the log of a row (position, tx_hash, topics, data, block hash, timestamp)."""
    position, tx_hash, topics, data, block_hash, timestamp = row
    block_number, log_index = place_of(position)
    return RawLog(block_number, block_hash, tx_hash, log_index, timestamp, escrow, topics, data)


def deal_row(number: int, deal: Deal) -> Row:
    """Return the row of ``deals``."""
    agreement = deal.agreement
    return (
        number,
        deal.deal_id,
        position_of(deal.opened_block, deal.opened_log_index),
        agreement.employer,
        agreement.freelancer,
        agreement.arbiter,
        agreement.token,
        deal.bound,
        deal.closed,
        deal.successor,
        deal.funded,
        deal.settled,
        deal.last_activity,
    )


def deal_of(row: Row, opened: RawLog, milestones: list[DealMilestone]) -> Deal:
    """Return the deal of its row, of the log that opened it, and of its milestones in order.

    Raises:
        StoreError: The log is not the deal's opening.
    """
    _, deal_id, position, _, _, _, _, bound, closed, successor, funded, settled, active = row
    record = decode_raw(opened)
    if record is None or not isinstance(record.event, Opened) or record.event.deal_id != deal_id:
        raise StoreError(
            f"The index is damaged: deal 0x{deal_id.hex()} is not what its first event opened.",
            "Index again with --reset.",
            code="store-damaged",
        )
    block_number, log_index = place_of(position)
    return Deal(
        deal_id,
        record.event.agreement,
        block_number,
        log_index,
        milestones,
        bool(bound),
        bool(closed),
        successor,
        funded,
        settled,
        active,
    )


def milestone_row(deal: int, index: int, milestone: DealMilestone) -> Row:
    """Return the row of ``milestones``."""
    to_freelancer, to_employer = milestone.ruling or (None, None)
    return (
        deal,
        index,
        str(milestone.amount),
        int(milestone.status),
        str(milestone.remaining),
        str(milestone.paid),
        str(milestone.fees),
        str(milestone.refunded),
        str(milestone.moved),
        str(milestone.arbiter_share),
        milestone.since,
        milestone.evidence,
        milestone.reason,
        None if to_freelancer is None else str(to_freelancer),
        None if to_employer is None else str(to_employer),
        None if milestone.outcome is None else milestone.outcome.value,
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
        evidence=evidence,
        reason=reason,
        ruling=None if to_freelancer is None else (int(to_freelancer), int(to_employer)),
        outcome=None if outcome is None else Outcome(outcome),
        funded_block=funded_block,
    )


def ledger_row(token: str, ledger: Ledger) -> Row:
    """Return the row of ``ledgers``."""
    return (token, *map(str, astuple(ledger)))


def ledger_of(row: Row) -> Ledger:
    """Return the ledger of its row."""
    return Ledger(
        **{each.name: int(text) for each, text in zip(fields(Ledger), row[1:], strict=True)}
    )
