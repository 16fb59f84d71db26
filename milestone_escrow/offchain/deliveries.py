"""Messages to webhooks: made once, sent until they are taken or given up.

Whoever sends a message takes its webhook for some seconds. If that process dies the next one takes
it again, so a message comes at least once, under the same id; and no webhook is sent two at a time.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Row

from milestone_escrow.indexer.source import Source
from milestone_escrow.offchain.tables import deliveries, webhooks
from milestone_escrow.offchain.webhooks import on, signing, switch_off

__all__ = [
    "BACK_OFF",
    "GONE",
    "LEASE",
    "QUEUE",
    "Delivery",
    "Due",
    "Message",
    "claim",
    "forget",
    "knows",
    "next_due",
    "page",
    "queue",
    "record",
    "waiting",
]

BACK_OFF: Final = (5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200)
"""Seconds between attempts: after the last one a message is given up, within a day."""

QUEUE: Final = 1_000
"""Messages of one webhook that may wait; what follows is made when there is room again."""

LEASE: Final = 30
"""Seconds after which whoever sends a message counts as gone."""

GONE: Final = 410
"""The status by which a receiver says that it wants nothing more."""

_KEPT: Final = 7 * 86_400  # seconds that a message which is over stays readable
_JITTER: Final = 0.2  # of a pause, so that those that failed together come back apart


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told.

    Attributes:
        kind: Of ``webhooks.KINDS``, or ``ping``, or ``reset``.
        deal_id: 32 bytes; None: it is about no deal.
        body: JSON.
    """

    kind: str
    deal_id: bytes | None
    body: str


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent now, by who claimed it.

    Attributes:
        number: Of the delivery.
        webhook: Number of its webhook.
        message: The id, the same at each attempt.
        attempts: So far.
        body: JSON.
        url: Where to.
        secrets: With which it is signed.
        failing: Whether the attempt before it, of any message of the webhook, failed.
    """

    number: int
    webhook: int
    message: str
    attempts: int
    body: str
    url: str
    secrets: tuple[str, ...]
    failing: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message.

    Attributes:
        number: Its own.
        message: The id.
        kind: As of ``Message``.
        deal_id: 32 bytes; None: it is about no deal.
        created: Unix seconds.
        attempts: So far.
        next_try: Unix seconds; None: it is over.
        tried: Unix seconds of the last attempt; None: there was none.
        status: What the receiver answered the last time; None: nothing.
        error: Why the last attempt failed; None: it did not, or there was none.
    """

    number: int
    message: str
    kind: str
    deal_id: bytes | None
    created: int
    attempts: int
    next_try: int | None
    tried: int | None
    status: int | None
    error: str | None


def queue(db: Connection, webhook: int, messages: Iterable[Message], now: int) -> None:
    """Add messages to what is to be sent to a webhook, in their order."""
    rows = [
        {
            "webhook": webhook,
            "message": "msg_" + secrets.token_hex(16),
            "kind": message.kind,
            "deal_id": message.deal_id,
            "body": message.body,
            "created": now,
            "attempts": 0,
            "next_try": now,
        }
        for message in messages
    ]
    if rows:
        db.execute(insert(deliveries), rows)


def waiting(db: Connection) -> dict[int, int]:
    """Return how many messages wait, by webhook."""
    rows = db.execute(
        select(deliveries.c.webhook, func.count())
        .where(deliveries.c.next_try.is_not(None))
        .group_by(deliveries.c.webhook)
    )
    return {webhook: count for webhook, count in rows}


def knows(db: Connection, webhook: int, deal_id: bytes) -> bool:
    """Return whether a webhook was told of a deal before."""
    found = (
        select(deliveries.c.number)
        .where(deliveries.c.webhook == webhook, deliveries.c.deal_id == deal_id)
        .limit(1)
    )
    return db.execute(found).first() is not None


def claim(db: Connection, source: Source, now: int, most: int, *, failing: bool) -> list[Due]:
    """Take what is due, of each webhook that nobody sends to now the first message.

    Args:
        db: A transaction that writes.
        source: Of which escrow.
        now: Unix seconds.
        most: At most so many.
        failing: Of webhooks whose last attempt failed, or of the others.
    """
    first = (
        select(deliveries.c.webhook, func.min(deliveries.c.number).label("number"))
        .where(deliveries.c.next_try <= now)
        .group_by(deliveries.c.webhook)
        .subquery()
    )
    free = db.execute(
        select(webhooks.c.number, first.c.number.label("delivery"))
        .join(first, first.c.webhook == webhooks.c.number)
        .where(*on(source), webhooks.c.busy_until <= now, webhooks.c.failing.is_(failing))
        .order_by(webhooks.c.number)
        .limit(most)
        .with_for_update(of=webhooks, skip_locked=True)
    ).all()
    if not free:
        return []
    taken = [row.number for row in free]
    db.execute(update(webhooks).where(webhooks.c.number.in_(taken)).values(busy_until=now + LEASE))
    # Another may have sent one between the look and the lock: then it is due no more.
    rows = db.execute(
        select(deliveries, webhooks.c.url, webhooks.c.secret, webhooks.c.old_secret)
        .add_columns(webhooks.c.old_until, webhooks.c.failing)
        .join(webhooks, webhooks.c.number == deliveries.c.webhook)
        .where(
            deliveries.c.number.in_([row.delivery for row in free]),
            deliveries.c.next_try <= now,
        )
        .order_by(deliveries.c.number)
    ).all()
    return [_due(row, now) for row in rows]


def record(db: Connection, due: Due, status: int | None, error: str | None, now: int) -> str | None:
    """Write down an attempt, and free the webhook.

    Args:
        db: A transaction that writes.
        due: What was sent.
        status: What the receiver answered; None: nothing.
        error: Why it counts as failed; None: it was taken.
        now: Unix seconds.

    Returns:
        Why the webhook was switched off by this; None: it was not.
    """
    attempts = due.attempts + 1
    off = None
    next_try = None
    if error is not None and status == GONE:
        off = "The receiver answered 410: it wants nothing more."
    elif error is not None and attempts > len(BACK_OFF):
        off = f"{attempts} attempts within a day failed; the last one: {error}"
    elif error is not None:
        pause = BACK_OFF[attempts - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)
        next_try = now + max(1, round(pause))
    db.execute(
        update(deliveries)
        .where(deliveries.c.number == due.number)
        .values(attempts=attempts, tried=now, status=status, error=error, next_try=next_try)
    )
    db.execute(
        update(webhooks)
        .where(webhooks.c.number == due.webhook)
        .values(busy_until=0, failing=error is not None)
    )
    if off is not None:
        switch_off(db, due.webhook, off)
        db.execute(
            update(deliveries)
            .where(deliveries.c.webhook == due.webhook, deliveries.c.next_try.is_not(None))
            .values(next_try=None, error="The webhook was switched off.")
        )
    return off


def next_due(db: Connection, source: Source) -> int | None:
    """Return when something is to be sent next, unix seconds; None: nothing waits."""
    later = case(
        (webhooks.c.busy_until > deliveries.c.next_try, webhooks.c.busy_until),
        else_=deliveries.c.next_try,
    )
    found = (
        select(func.min(later))
        .join(webhooks, webhooks.c.number == deliveries.c.webhook)
        .where(*on(source), deliveries.c.next_try.is_not(None))
    )
    due: int | None = db.execute(found).scalar_one()
    return due


def page(db: Connection, webhook: int, before: int | None, limit: int) -> list[Delivery]:
    """Return deliveries of a webhook, the newest first.

    Args:
        db: A transaction.
        webhook: Its number.
        before: Only those with a smaller number; None: all.
        limit: At most so many.
    """
    asked = select(deliveries).where(deliveries.c.webhook == webhook)
    if before is not None:
        asked = asked.where(deliveries.c.number < before)
    rows = db.execute(asked.order_by(deliveries.c.number.desc()).limit(limit)).all()
    return [
        Delivery(
            number=row.number,
            message=row.message,
            kind=row.kind,
            deal_id=None if row.deal_id is None else bytes(row.deal_id),
            created=row.created,
            attempts=row.attempts,
            next_try=row.next_try,
            tried=row.tried,
            status=row.status,
            error=row.error,
        )
        for row in rows
    ]


def forget(db: Connection, now: int) -> None:
    """Remove what has been over for a week."""
    ended = func.coalesce(deliveries.c.tried, deliveries.c.created)
    db.execute(delete(deliveries).where(deliveries.c.next_try.is_(None), ended <= now - _KEPT))


def _due(row: Row[Any], now: int) -> Due:
    return Due(
        number=row.number,
        webhook=row.webhook,
        message=row.message,
        attempts=row.attempts,
        body=row.body,
        url=row.url,
        secrets=signing(row.secret, row.old_secret, row.old_until, now),
        failing=row.failing,
    )
