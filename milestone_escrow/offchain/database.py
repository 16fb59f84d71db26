"""Opening the off-chain tables: one store of a process, whose transactions are short.

It may be used from any thread: each transaction has a connection of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql import table

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.engine import Target, database_of
from milestone_escrow.indexer.sqlite import PAGE_BYTES, PATIENCE_MS
from milestone_escrow.offchain.statements import lock
from milestone_escrow.offchain.tables import REVISION, VERSION_TABLE

__all__ = ["Offchain"]

_WRITES: Final = "escrow_writes"  # an option of connections


class Offchain:
    """The off-chain tables in a database.

    Attributes:
        clock: The machine's time, unix seconds.
    """

    def __init__(self, target: Target, clock: Callable[[], float] = time.time) -> None:
        """Open the database, and make the tables or bring them up to date.

        Args:
            target: That of the index, which need not be there yet.
            clock: Unix seconds.

        Raises:
            StoreError: It cannot be used (``offchain-failed``), or a later version wrote it
                (``offchain-version``).
            UsageError: It is the URL of something else.
        """
        self.clock = clock
        where = database_of(target)
        if isinstance(where, Path):
            self._name = where.name
            self._engine = _sqlite(where)
        else:
            self._name = "in PostgreSQL"
            self._engine = _postgres(where)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @property
    def now(self) -> int:
        """The time, whole unix seconds."""
        return int(self.clock())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read in one transaction.

        Raises:
            StoreError: It cannot be read.
        """
        with self._errors(), self._engine.connect() as db, db.begin():
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction: all of it is kept, or with an exception nothing.

        Raises:
            StoreError: It cannot be written, or another writes for too long.
        """
        with self._errors(), self._engine.connect() as db:
            db = db.execution_options(**{_WRITES: True})
            with db.begin():
                yield db

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Offchain:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()

    def _prepare(self) -> None:
        with self.reading() as db:
            known = _revision(db)
        if known is None or known < REVISION:
            from milestone_escrow.indexer.migrations import ALEMBIC
            from milestone_escrow.offchain.migrations import migrate

            with ALEMBIC, self.writing() as db:
                lock(db, b"migrations")
                # Another may have done it meanwhile: then there is nothing left to do.
                migrate(db)
        elif known > REVISION:
            raise StoreError(
                f"What is kept beside the index {self._name} was written by a later version of "
                "the program.",
                "Use the later version.",
                code="offchain-version",
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what SQLAlchemy raises into one sentence, without any value of a statement."""
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(
                f"What is kept beside the index {self._name} cannot be used: {_words(error)}.",
                "Check that the database is there and may be written, and that its disk has room.",
                code="offchain-failed",
            ) from error


def _sqlite(path: Path) -> Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"There can be no file {path.name}: {error.strerror}.",
            "Give another path.",
            code="offchain-failed",
        ) from error
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions too late
        for pragma in (
            f"page_size = {PAGE_BYTES}",
            f"busy_timeout = {PATIENCE_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",  # no chain brings back what a power cut takes
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        # One that reads first and writes later could find that another wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: str) -> Engine:
    import psycopg

    def connect() -> Any:
        connection = psycopg.connect(url, connect_timeout=10)
        connection.execute(f"SET lock_timeout = '{PATIENCE_MS}ms'")
        connection.commit()
        return connection

    # The URL stays ours: SQLAlchemy would show it.
    return create_engine(
        "postgresql+psycopg://", creator=connect, hide_parameters=True, pool_pre_ping=True
    )


def _revision(db: Connection) -> str | None:
    if not db.dialect.has_table(db, VERSION_TABLE):
        return None
    found = db.execute(select(text("version_num")).select_from(table(VERSION_TABLE))).first()
    return None if found is None else str(found[0])


def _words(error: SQLAlchemyError) -> str:
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    told = getattr(getattr(cause, "diag", None), "message_primary", None)
    return (told or str(cause).partition("\n")[0] or type(cause).__name__).rstrip(".")
