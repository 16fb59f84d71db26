"""Where accounts want to be written to: each account's own choice, which it can take back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import contacts

__all__ = ["MAX_EMAIL", "Contact", "get", "remove", "set_email"]

MAX_EMAIL: Final = 254
"""Characters (RFC 5321)."""

# One address and nothing else: no name, no second one, no line of a mail's head.
_LABEL: Final = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(
    rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@({_LABEL}\.)+{_LABEL}"
)
_MAX_LOCAL: Final = 64


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an account wants to be written to.

    Attributes:
        address: Of the account, checksummed.
        email: One e-mail address.
        updated: Unix seconds.
    """

    address: str
    email: str
    updated: int


def set_email(db: Connection, address: str, email: str, now: int) -> Contact:
    """Keep an account's e-mail address in the place of the one before.

    Raises:
        UsageError: It is none (``bad-email``).
    """
    local = email.partition("@")[0]
    if len(email) > MAX_EMAIL or len(local) > _MAX_LOCAL or _EMAIL.fullmatch(email) is None:
        raise UsageError(
            "That is no e-mail address.",
            "Give one such as somebody@example.org; a domain in other letters in its ASCII form.",
            code="bad-email",
            field="email",
        )
    adding = upsert(db, contacts).values(address=address_bytes(address), email=email, updated=now)
    db.execute(
        adding.on_conflict_do_update(
            index_elements=[contacts.c.address], set_={"email": email, "updated": now}
        )
    )
    return Contact(address, email, now)


def get(db: Connection, address: str) -> Contact | None:
    """Return an account's contact; None: it has none here."""
    row = db.execute(
        select(contacts).where(contacts.c.address == address_bytes(address))
    ).one_or_none()
    return None if row is None else Contact(address_text(row.address), row.email, row.updated)


def remove(db: Connection, address: str) -> None:
    """Forget an account's contact, if there is one."""
    db.execute(delete(contacts).where(contacts.c.address == address_bytes(address)))
