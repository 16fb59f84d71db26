"""From the schema of an earlier version to that of this one, by Alembic.

A new index is made by ``milestone_escrow.indexer.tables`` and marked with the last revision here.
A change of the tables comes with a revision of its own and its number in ``tables.REVISION``; a
test holds what the revisions give against what ``tables`` makes, on both databases. A revision need
not convert the derived tables: ``sources.deals`` of -1 says that they are to be made again from the
events. What each revision is, and which databases ever had it, its file says.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["ALEMBIC", "migrate"]

ALEMBIC: Final = threading.Lock()
"""Held while Alembic runs: what its revisions work on is one variable of the process."""

_PATIENCE: Final = 600.0  # seconds for another process that is at it: a large file takes a while


def migrate(where: Path | str) -> None:
    """Bring an index up to date, in one transaction, while no other process does.

    Whoever waited for another one finds nothing left to do.

    Args:
        where: The file, or the URL of the PostgreSQL server.

    Raises:
        sqlite3.Error: The file cannot be used.
        psycopg.Error: The database cannot be used.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import inspect
    from sqlalchemy.exc import DBAPIError

    config = Config()
    config.set_main_option("script_location", __name__.replace(".migrations", ":migrations"))
    with ALEMBIC, _engine(where) as engine:
        try:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                if not inspect(connection).has_table("alembic_version"):
                    command.stamp(config, "0001")
                command.upgrade(config, "head")
        except DBAPIError as error:
            if error.orig is None:
                raise
            raise error.orig from error  # as if there were no SQLAlchemy between


@contextmanager
def _engine(where: Path | str) -> Iterator[Engine]:
    """Give an engine whose transactions exclude each other from their beginning.

    Its connections are made as those of the rest of the index are, not from a URL of its own.
    """
    from sqlalchemy import create_engine, event

    if isinstance(where, Path):
        import sqlite3

        def connect() -> Any:
            # Without a level the driver would leave tables out of transactions.
            return sqlite3.connect(where, timeout=_PATIENCE, isolation_level=None)

        dialect, begin = "sqlite", "BEGIN IMMEDIATE"
    else:
        import psycopg

        from milestone_escrow.indexer.postgres import MAKING

        def connect() -> Any:
            return psycopg.connect(where)

        dialect, begin = "postgresql+psycopg", f"SELECT pg_advisory_xact_lock({MAKING})"

    engine = create_engine(f"{dialect}://", creator=connect)

    @event.listens_for(engine, "begin")
    def _(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    try:
        yield engine
    finally:
        engine.dispose()
