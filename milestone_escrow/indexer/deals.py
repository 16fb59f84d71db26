"""Deals as the tables have them: found by their ids, and put together from their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from milestone_escrow.deal_state import Deal
from milestone_escrow.exceptions import UnknownDeal, UsageError
from milestone_escrow.indexer.engine import Engine, Row, chunks, marks
from milestone_escrow.indexer.rows import COLUMNS, deal_of, milestone_of

__all__ = ["SELECT_DEALS", "deals_of", "find_deal", "ids_like", "key_of_deal", "load_deals"]

SELECT_DEALS: Final = f"SELECT {COLUMNS['deals']} FROM deals"


def deals_of(db: Engine, rows: Sequence[Row]) -> Iterator[Deal]:
    """Yield the deals of rows, with the agreements and milestones that belong to them.

    Raises:
        StoreError: An opening is missing, or is another deal's (``store-damaged``).
    """
    for part in chunks(rows):
        openings = {
            position: (topics, data)
            for position, topics, data in db.rows(
                f"SELECT position, topics, data FROM events WHERE position IN ({marks(len(part))})",
                [row[3] for row in part],
            )
        }
        milestones = {
            deal: [milestone_of(row) for row in group]
            for deal, group in groupby(
                db.rows(
                    f"SELECT {COLUMNS['milestones']} FROM milestones "
                    f"WHERE deal IN ({marks(len(part))}) ORDER BY deal, milestone",
                    [row[0] for row in part],
                ),
                key=lambda row: row[0],
            )
        }
        for row in part:
            yield deal_of(row, *openings.get(row[3], (b"", b"")), milestones.get(row[0], []))


def load_deals(db: Engine, source: int, deal_ids: Sequence[bytes]) -> Iterator[tuple[int, Deal]]:
    """Yield keys and deals by their ids; those that are not there are left out."""
    for part in chunks(deal_ids):
        rows = db.rows(
            f"{SELECT_DEALS} WHERE source = ? AND deal_id IN ({marks(len(part))})", (source, *part)
        )
        yield from zip((row[0] for row in rows), deals_of(db, rows), strict=True)


def ids_like(digits: str) -> tuple[bytes, bytes]:
    """Return the first and the last id, 32 bytes, that begins with these hexadecimal digits.

    Raises:
        ValueError: They are not hexadecimal.
    """
    return bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))


def find_deal(db: Engine, source: int, deal_id: bytes | str) -> Row:
    """Return the row of the one deal whose id is, or begins, like that.

    Raises:
        UnknownDeal: There is none.
        UsageError: It is not hexadecimal, or several deals begin like that (``ambiguous``).
    """
    digits = deal_id.hex() if isinstance(deal_id, bytes) else deal_id.lower().removeprefix("0x")
    try:
        low, high = ids_like(digits)
    except ValueError:
        low = high = b""
    if not digits or len(low) != 32:
        raise UsageError(
            f"{str(deal_id)[:80]!r} is not the id of a deal, nor the beginning of one.",
            "Give 0x and up to 64 hexadecimal digits.",
        )
    rows = db.rows(
        f"{SELECT_DEALS} WHERE source = ? AND deal_id BETWEEN ? AND ? LIMIT 2", (source, low, high)
    )
    if not rows:
        raise _unknown(digits)
    if len(rows) > 1:
        raise UsageError(
            f"Several deals begin with 0x{digits}.", "Give more digits.", code="ambiguous"
        )
    return rows[0]


def key_of_deal(db: Engine, source: int, deal_id: bytes) -> int:
    """Return the key of a deal's row.

    Raises:
        UnknownDeal: There is none.
    """
    rows = db.rows("SELECT deal FROM deals WHERE source = ? AND deal_id = ?", (source, deal_id))
    if not rows:
        raise _unknown(deal_id.hex())
    key: int = rows[0][0]
    return key


def _unknown(digits: str) -> UnknownDeal:
    return UnknownDeal(
        f"The index has no deal 0x{digits}.", "Check the id; if the deal is new, index again."
    )
