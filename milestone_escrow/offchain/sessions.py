"""Who is signed in: tokens of 32 random bytes, of which only a hash is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain.tables import sessions

__all__ = ["LIFE", "TOKEN_BYTES", "Session", "begin", "end", "find"]

LIFE: Final = 3_600
"""Seconds that a session lasts."""

TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    """An account that proved itself.

    Attributes:
        address: Checksummed.
        chain_id: Of the chain for which it did.
        expires: Unix seconds; from then on it is over.
    """

    address: str
    chain_id: int
    expires: int


def begin(db: Connection, address: str, chain_id: int, now: int) -> bytes:
    """Begin a session and return its token, which is told once; those that are over go."""
    db.execute(delete(sessions).where(sessions.c.expires <= now))
    token = secrets.token_bytes(TOKEN_BYTES)
    db.execute(
        insert(sessions).values(
            token_hash=_hash(token),
            address=address_bytes(address),
            chain_id=chain_id,
            expires=now + LIFE,
        )
    )
    return token


def find(db: Connection, token: bytes, chain_id: int, now: int) -> Session | None:
    """Return the session of a token; None: there is none, it is over, or of another chain."""
    row = db.execute(
        select(sessions.c.address, sessions.c.expires).where(
            sessions.c.token_hash == _hash(token),
            sessions.c.chain_id == chain_id,
            sessions.c.expires > now,
        )
    ).first()
    return None if row is None else Session(address_text(row.address), chain_id, row.expires)


def end(db: Connection, token: bytes) -> None:
    """End a session, if there is one."""
    db.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


def _hash(token: bytes) -> bytes:
    return sha256(token).digest()
