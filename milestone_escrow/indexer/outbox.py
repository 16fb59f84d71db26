"""What happened to the index, in the order in which it was written: for those who tell others.

Each event that is written has a sequence, the next one. Many are written at once, in the order of
the chain, so one row tells of all of them; what is taken back has a row for each event.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from milestone_escrow.indexer.engine import Engine, Row
from milestone_escrow.indexer.rows import COLUMNS, NAMES
from milestone_escrow.indexer.source import ENTRY_BITS, place_of

__all__ = ["FINAL", "REVERTED", "WRITTEN", "OutboxEntry", "read_outbox"]

WRITTEN: Final = 1
REVERTED: Final = 2
FINAL: Final = 3
_SEQUENCE: Final = (1 << ENTRY_BITS) - 1
# From the row on that holds the first wanted entry, which may be in the middle of it.
_ROWS: Final = (
    f"SELECT {COLUMNS['outbox']} FROM outbox WHERE entry < ? AND entry >= "
    "(SELECT coalesce(max(entry), 0) FROM outbox WHERE entry <= ?) AND entry >= ? "
    "ORDER BY entry LIMIT ?"
)
_EVENTS: Final = (
    "SELECT e.position, e.kind, d.deal_id, e.tx_hash FROM events e "
    "LEFT JOIN deals d ON d.deal = e.deal WHERE e.position BETWEEN ? AND ? "
    "ORDER BY e.position LIMIT ? OFFSET ?"
)


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One thing that happened to the index.

    Attributes:
        sequence: Grows from entry to entry of a source; it may skip numbers.
        kind: ``event``: an event of escrow or notes was written. ``reverted``: one that had been
            written was taken back, its block being replaced. ``final``: blocks up to this one
            cannot be replaced.
        name: Of the event, such as ``Released``; None for ``final``.
        deal_id: 32 bytes; None where the event names no deal.
        block_number: Of the event, or the final one.
        log_index: Of the event; 0 for ``final``.
        tx_hash: None for ``final``.
    """

    sequence: int
    kind: Literal["event", "reverted", "final"]
    name: str | None
    deal_id: bytes | None
    block_number: int
    log_index: int
    tx_hash: bytes | None


def read_outbox(db: Engine, source: int, after_sequence: int, limit: int) -> list[OutboxEntry]:
    """Return entries of a source after a sequence, in order."""
    base = source << ENTRY_BITS
    entries: list[OutboxEntry] = []
    rows = db.rows(_ROWS, (base + _SEQUENCE + 1, base + after_sequence + 1, base, limit + 1))
    for row in rows:
        if len(entries) < limit:
            entries += _entries(db, row, after_sequence, limit - len(entries))
    return entries


def _entries(db: Engine, row: Row, after_sequence: int, limit: int) -> Iterator[OutboxEntry]:
    """Yield what a row tells, after a sequence."""
    entry, happened, _, position, last, kind, deal_id, tx_hash = row
    sequence = entry & _SEQUENCE
    if happened == WRITTEN:
        seen = max(after_sequence + 1 - sequence, 0)
        for i, event in enumerate(db.rows(_EVENTS, (position, last, limit, seen)), seen):
            position, kind, deal_id, tx_hash = event
            place = place_of(position)
            yield OutboxEntry(sequence + i, "event", NAMES[kind], deal_id, *place, tx_hash)
    elif sequence > after_sequence:
        name = None if happened == FINAL else NAMES[kind]
        what: Literal["final", "reverted"] = "final" if happened == FINAL else "reverted"
        yield OutboxEntry(sequence, what, name, deal_id, *place_of(position), tx_hash)
