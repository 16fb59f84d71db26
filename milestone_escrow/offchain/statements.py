"""The statements that SQLite and PostgreSQL share and SQLAlchemy has twice."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

__all__ = ["upsert"]


def upsert(db: Connection, table: Table) -> postgresql.Insert:
    """Return an INSERT that can say what is done where the row is there already."""
    if db.dialect.name == "postgresql":
        return postgresql.insert(table)
    # The two have the same methods.
    return sqlite.insert(table)  # type: ignore[return-value]
