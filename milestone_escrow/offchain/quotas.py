"""How much an account may write on one day, so that nobody can fill the disk."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes
from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import usage

__all__ = ["DAILY_BYTES", "DAY", "QUOTA_REACHED", "ROW_BYTES", "charge"]

DAILY_BYTES: Final = 16 << 20
"""Usual bytes of an account and day of UTC."""

ROW_BYTES: Final = 256
"""What a row is taken to need beside its content, so that small ones are counted too."""

DAY: Final = 86_400
QUOTA_REACHED: Final = "quota-reached"

_KEPT_DAYS: Final = 2


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
    day, key = now // DAY, address_bytes(account)
    own = (usage.c.account == key) & (usage.c.day == day)
    db.execute(delete(usage).where(usage.c.day <= day - _KEPT_DAYS))
    size = content + ROW_BYTES
    adding = upsert(db, usage).values(account=key, day=day, bytes=size)
    db.execute(
        adding.on_conflict_do_update(
            index_elements=[usage.c.account, usage.c.day],
            set_={"bytes": usage.c.bytes + adding.excluded.bytes},
        )
    )
    # The row is ours until the end of the transaction: nobody adds in between.
    if db.execute(select(usage.c.bytes).where(own)).scalar_one() > most:
        raise UsageError(
            f"This account may write {most:,} bytes a day, and has today.",
            "Go on tomorrow; days begin at midnight UTC.",
            code=QUOTA_REACHED,
        )
