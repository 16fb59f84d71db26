"""Webhooks: where accounts want to be told of their deals' events, and the secrets that sign it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Row

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.indexer.source import Source
from milestone_escrow.offchain.statements import lock
from milestone_escrow.offchain.tables import webhooks

__all__ = [
    "KINDS",
    "MOST",
    "ROTATION",
    "Webhook",
    "active",
    "add",
    "find",
    "of_account",
    "on",
    "remove",
    "rotate",
    "set_told",
    "signing",
    "switch_off",
]

KINDS: Final = ("event", "reverted", "final")
"""What an account may be told: as live events have it."""

MOST: Final = 10
"""Webhooks of one account."""

ROTATION: Final = 86_400
"""Seconds for which the secret before signs beside a new one."""

_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where an account wants to be told.

    Attributes:
        number: Its own.
        account: Whose, checksummed.
        url: Where.
        kinds: Of ``KINDS``.
        deal_id: Only of this deal, 32 bytes; None: of all in which the account is a party.
        secret: Signs, as Standard Webhooks write it (``whsec_...``).
        old_secret: Signs, too, until ``old_until``; None: there is none.
        old_until: Unix seconds.
        told: Sequence of the outbox up to which messages were made for it.
        off: Why nothing more is sent; None: it is on.
        created: Unix seconds.
    """

    number: int
    account: str
    url: str
    kinds: tuple[str, ...]
    deal_id: bytes | None
    secret: str
    old_secret: str | None
    old_until: int | None
    told: int
    off: str | None
    created: int

    def secrets(self, now: int) -> tuple[str, ...]:
        """Return the secrets that sign at a time, unix seconds."""
        return signing(self.secret, self.old_secret, self.old_until, now)


def signing(secret: str, old: str | None, old_until: int | None, now: int) -> tuple[str, ...]:
    """Return the secrets of a webhook that sign at a time; the values are those of ``Webhook``."""
    if old is None or old_until is None or now >= old_until:
        return (secret,)
    return (secret, old)


def on(source: Source) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for webhooks of an escrow to which something is sent."""
    return (*_of(source), webhooks.c.off.is_(None))


def add(
    db: Connection,
    source: Source,
    account: str,
    url: str,
    kinds: Sequence[str],
    deal_id: bytes | None,
    told: int,
    now: int,
) -> Webhook:
    """Add a webhook, with a new secret.

    Args:
        db: A transaction that writes.
        source: Whose events.
        account: Whose webhook.
        url: Where; that it may go there was seen to before.
        kinds: Of ``KINDS``.
        deal_id: Only of this deal; None: of all of the account.
        told: Sequence of the outbox after which it is told.
        now: Unix seconds.

    Raises:
        UsageError: The account has as many as it may (``too-many-webhooks``).
    """
    lock(db, b"webhooks" + address_bytes(account))
    count = select(func.count()).select_from(webhooks).where(*_own(source, account))
    if db.execute(count).scalar_one() >= MOST:
        raise UsageError(
            f"This account has {MOST} webhooks, as many as it may.",
            "Remove one first.",
            code="too-many-webhooks",
        )
    row = db.execute(
        insert(webhooks)
        .values(
            chain_id=source.chain_id,
            escrow=address_bytes(source.escrow),
            account=address_bytes(account),
            url=url,
            kinds=" ".join(kinds),
            deal_id=deal_id,
            secret=_new_secret(),
            told=told,
            failing=False,
            busy_until=0,
            created=now,
        )
        .returning(webhooks)
    ).one()
    return _webhook(row)


def of_account(db: Connection, source: Source, account: str) -> list[Webhook]:
    """Return an account's webhooks, the first one first."""
    rows = db.execute(
        select(webhooks).where(*_own(source, account)).order_by(webhooks.c.number)
    ).all()
    return [_webhook(row) for row in rows]


def find(db: Connection, source: Source, account: str, number: int) -> Webhook | None:
    """Return an account's webhook; None: it has none of that number."""
    row = db.execute(
        select(webhooks).where(*_own(source, account), webhooks.c.number == number)
    ).one_or_none()
    return None if row is None else _webhook(row)


def active(db: Connection, source: Source) -> list[Webhook]:
    """Return all that are on, the first one first."""
    rows = db.execute(select(webhooks).where(*on(source)).order_by(webhooks.c.number)).all()
    return [_webhook(row) for row in rows]


def set_told(db: Connection, number: int, told: int) -> None:
    """Remember up to which sequence messages were made."""
    db.execute(update(webhooks).where(webhooks.c.number == number).values(told=told))


def rotate(db: Connection, number: int, now: int) -> Webhook:
    """Draw a new secret; the one before signs beside it for a day."""
    row = db.execute(
        update(webhooks)
        .where(webhooks.c.number == number)
        .values(old_secret=webhooks.c.secret, old_until=now + ROTATION, secret=_new_secret())
        .returning(webhooks)
    ).one()
    return _webhook(row)


def switch_off(db: Connection, number: int, why: str) -> None:
    """Send nothing more to a webhook."""
    db.execute(update(webhooks).where(webhooks.c.number == number).values(off=why))


def remove(db: Connection, number: int) -> None:
    """Forget a webhook and its deliveries."""
    db.execute(delete(webhooks).where(webhooks.c.number == number))


def _of(source: Source) -> tuple[ColumnElement[bool], ...]:
    return (
        webhooks.c.chain_id == source.chain_id,
        webhooks.c.escrow == address_bytes(source.escrow),
    )


def _own(source: Source, account: str) -> tuple[ColumnElement[bool], ...]:
    return (*_of(source), webhooks.c.account == address_bytes(account))


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        number=row.number,
        account=address_text(row.account),
        url=row.url,
        kinds=tuple(row.kinds.split()),
        deal_id=None if row.deal_id is None else bytes(row.deal_id),
        secret=row.secret,
        old_secret=row.old_secret,
        old_until=row.old_until,
        told=row.told,
        off=row.off,
        created=row.created,
    )
