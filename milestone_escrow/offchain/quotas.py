"""How much an account may write on one day, so that nobody can fill the disk.

Accounts cost nothing, so those that are nobody's party yet share one quota beside their own.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete
from sqlalchemy.engine import Connection

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes
from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import usage

__all__ = [
    "DAILY_BYTES",
    "DAY",
    "NEWCOMERS_BYTES",
    "NEWCOMER_BYTES",
    "QUOTA_REACHED",
    "ROW_BYTES",
    "charge",
    "charge_newcomer",
]

DAILY_BYTES: Final = 16 << 20
"""Usual bytes of an account and day of UTC."""

NEWCOMER_BYTES: Final = 1 << 20
"""Usual bytes of an account that has entered no deal yet."""

NEWCOMERS_BYTES: Final = 256 << 20
"""Usual bytes of all such accounts together."""

ROW_BYTES: Final = 1_024
"""What a row is taken to need beside its content, so that small ones are counted too."""

DAY: Final = 86_400
QUOTA_REACHED: Final = "quota-reached"

_KEPT_DAYS: Final = 2


def charge_newcomer(
    db: Connection, account: str, content: int, now: int, most: int, together: int
) -> None:
    """Count a row that an account writes which has entered no deal yet.

    Args:
        db: As for ``charge``, as the others.
        account: Who.
        content: Bytes.
        now: Unix seconds.
        most: Bytes that the account may write on a day.
        together: Bytes that all such accounts may write on a day.

    Raises:
        UsageError: It would be more (``quota-reached``).
    """
    charge(db, account, content, now, most)
    if _added(db, ZERO_ADDRESS, content, now) > together:
        raise UsageError(
            "Accounts without a deal have written as much today as they may together.",
            "Go on tomorrow, days beginning at midnight UTC, or enter a deal.",
            code=QUOTA_REACHED,
        )


def charge(db: Connection, account: str, content: int, now: int, most: int = DAILY_BYTES) -> None:
    """Count a row that an account writes.

    Args:
        db: The transaction that writes it.
        account: Who.
        content: Bytes of what is written.
        now: Unix seconds.
        most: Bytes that the account may write on a day.

    Raises:
        UsageError: It would be more than that (``quota-reached``).
    """
    if _added(db, account, content, now) > most:
        raise UsageError(
            f"This account may write {most:,} bytes a day, and has today.",
            "Go on tomorrow; days begin at midnight UTC.",
            code=QUOTA_REACHED,
        )


def _added(db: Connection, account: str, content: int, now: int) -> int:
    """Add a row to what an account wrote today, and return the sum."""
    day, key = now // DAY, address_bytes(account)
    db.execute(delete(usage).where(usage.c.day <= day - _KEPT_DAYS))
    adding = upsert(db, usage).values(account=key, day=day, bytes=content + ROW_BYTES)
    # The row is ours until the end of the transaction: nobody adds in between.
    return int(
        db.execute(
            adding.on_conflict_do_update(
                index_elements=[usage.c.account, usage.c.day],
                set_={"bytes": usage.c.bytes + adding.excluded.bytes},
            ).returning(usage.c.bytes)
        ).scalar_one()
    )
