"""Answers to writes with a key of the sender's: the same request again writes nothing again.

The key is taken in the transaction that writes, so that what was written and what was answered are
kept together or not at all; one that is refused may be sent again under the same key.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes
from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import kept_answers

__all__ = ["KEPT", "KEY_REUSED", "answered", "once"]

KEPT: Final = 86_400
"""Seconds for which an answer is kept."""

KEY_REUSED: Final = "key-reused"


def once(
    db: Connection, account: str, key: str, request: bytes, now: int, work: Callable[[], bytes]
) -> tuple[bytes, bool]:
    """Return the answer to a request and whether it was given before; ``work`` makes a new one.

    Args:
        db: The transaction of ``work``. Another with the same key waits for its end.
        account: Whose key.
        key: Of the sender's making.
        request: All that makes it another request.
        now: Unix seconds.
        work: Does what is asked.

    Raises:
        UsageError: The key was used for another request (``key-reused``).
    """
    rows, request_hash = kept_answers, sha256(request).digest()
    own = (rows.c.account == address_bytes(account)) & (rows.c.key == key)
    db.execute(delete(rows).where(rows.c.expires <= now))
    taken = db.execute(
        upsert(db, rows)
        .values(
            account=address_bytes(account),
            key=key,
            request_hash=request_hash,
            answer=b"",
            expires=now + KEPT,
        )
        .on_conflict_do_nothing()
        .returning(rows.c.key)
    ).first()
    if taken is not None:
        answer = work()
        db.execute(update(rows).where(own).values(answer=answer))
        return answer, False
    known = db.execute(select(rows.c.request_hash, rows.c.answer).where(own)).one()
    if known.request_hash != request_hash:
        raise UsageError(
            "This Idempotency-Key was used for another request.",
            "Take a new key for each request, and the same one only to send it again.",
            code=KEY_REUSED,
        )
    return bytes(known.answer), True


def answered(db: Connection, account: str, key: str, now: int) -> bool:
    """Return whether something was answered to a key: ``once`` then does no work."""
    rows = kept_answers
    found = select(rows.c.key).where(
        rows.c.account == address_bytes(account), rows.c.key == key, rows.c.expires > now
    )
    return db.execute(found).first() is not None
