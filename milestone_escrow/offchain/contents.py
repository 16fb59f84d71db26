"""Bytes by their hash: what the hashes on the chain stand for."""

from __future__ import annotations

from eth_utils.crypto import keccak
from sqlalchemy import select
from sqlalchemy.engine import Connection

from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import contents

__all__ = ["get", "put"]


def put(db: Connection, content: bytes) -> bytes:
    """Keep bytes and return their keccak256; those that are here already are not kept twice."""
    content_hash = keccak(content)
    db.execute(
        upsert(db, contents).values(hash=content_hash, content=content).on_conflict_do_nothing()
    )
    return content_hash


def get(db: Connection, content_hash: bytes) -> bytes | None:
    """Return bytes by their keccak256; None: they are not here."""
    found = db.execute(
        select(contents.c.content).where(contents.c.hash == content_hash)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)
