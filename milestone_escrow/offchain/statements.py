"""What SQLite and PostgreSQL both can and SQLAlchemy has twice, or not at all."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

__all__ = ["lock", "upsert"]


def upsert(db: Connection, table: Table) -> postgresql.Insert:
    """Return an INSERT that can say what is done where the row is there already."""
    if db.dialect.name == "postgresql":
        return postgresql.insert(table)
    # The two have the same methods.
    return sqlite.insert(table)  # type: ignore[return-value]


def lock(db: Connection, key: bytes) -> None:
    """Let nobody else take the same key until the end of the transaction, which must be writing."""
    if db.dialect.name == "postgresql":  # SQLite has one writer at a time
        number = int.from_bytes(sha256(key).digest()[:8], signed=True)
        db.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
