"""What the index asks of a database, and which database a name means.

Statements are written once, with ``?`` for values. An engine belongs to the thread that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.tables import TABLES

__all__ = [
    "OFFCHAIN_PREFIX",
    "Engine",
    "Row",
    "Target",
    "chunks",
    "database_of",
    "marks",
    "open_engine",
    "remove_database",
    "upsert_clause",
]

Row = tuple[Any, ...]
Target = Path | str
"""A file's path, ``sqlite:///`` and a path, or ``postgresql://`` and where the server is."""

OFFCHAIN_PREFIX: Final = "offchain_"
"""Tables that begin so stand in the same database and are none of the index's business."""

_POSTGRES: Final = ("postgresql", "postgres")


class Engine(Protocol):
    """A connection to the database of an index.

    Attributes:
        name: For messages; it holds no secret.
        path: The file; None where there is none.
        amount: Turns an exact integer into what an amount's column takes.
        for_update: Ends a query whose rows are to be kept from other writers.
        alone: A statement after which nobody else adds a source until the end of the transaction.
    """

    name: str
    path: Path | None
    amount: Callable[[int], Any]
    for_update: str
    alone: str

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query; the errors are those of ``errors``."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Execute a statement."""

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows, which are not there yet."""

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows, in the place of those with the same key."""

    def delete(self, table: str, keys: Iterable[Row]) -> None:
        """Remove the rows with these keys."""

    def tables(self) -> set[str]:
        """Return the names of the tables that there are, but for those that are off-chain."""

    def create(self) -> None:
        """Make the tables, in one transaction, unless there are any."""

    def begin(self) -> None:
        """Begin to write; another that writes is awaited for some seconds."""

    def commit(self, news: str) -> None:
        """Make what was written visible, and tell those who listen."""

    def rollback(self) -> None:
        """Undo what was written since ``begin``, if anything."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let several queries see the same commit."""

    def errors(self) -> AbstractContextManager[None]:
        """Turn what the driver raises into a ``StoreError``."""

    def close(self) -> None:
        """Close the connection."""


def open_engine(target: Target, *, write: bool) -> Engine:
    """Open a database.

    Args:
        target: Which.
        write: Make it if it is not there, and be able to write.

    Raises:
        StoreError: It cannot be opened; without ``write`` also if it is not there (``no-store``).
        UsageError: It is the URL of something else.
    """
    where = database_of(target)
    if isinstance(where, Path):
        from milestone_escrow.indexer.sqlite import SqliteEngine

        return SqliteEngine(where, write=write)
    from milestone_escrow.indexer.postgres import PostgresEngine

    return PostgresEngine(where, write=write)


def remove_database(target: Target) -> None:
    """Delete an index with all that is in it; nothing if there is none.

    The off-chain tables beside it stay: no chain could bring them back.

    Raises:
        StoreError: Another process writes it.
    """
    where = database_of(target)
    if isinstance(where, Path):
        from milestone_escrow.indexer.sqlite import remove_index

        remove_index(where)
        return
    from milestone_escrow.indexer.postgres import drop_tables

    drop_tables(where)


def database_of(target: Target) -> Path | str:
    """Return the file, or the URL of the server.

    Raises:
        UsageError: It is the URL of something else.
    """
    if isinstance(target, Path) or "://" not in target:
        return Path(target)
    scheme = target.partition("://")[0]
    if scheme in _POSTGRES:
        return target
    parts = urlsplit(target)
    # As SQLAlchemy has it: three slashes and a relative path, or four and an absolute one.
    if scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return Path(unquote(parts.path[1:]))
    raise UsageError(
        f"{scheme}:// is not where an index can be.",
        "Give a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE.",
        code="store-url",
    )


@cache
def upsert_clause(table: str) -> str:
    """Return what follows an INSERT so that it replaces rows with the same key."""
    shape = TABLES[table]
    changes = [f"{name} = excluded.{name}" for name in shape.changing]
    return f"ON CONFLICT ({', '.join(shape.key)}) DO UPDATE SET {', '.join(changes)}"


def marks(count: int) -> str:
    """Return so many question marks for a statement."""
    return ", ".join("?" * count)


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """Yield values in parts of at most ``size``, as many as a statement takes everywhere."""
    for at in range(0, len(values), size):
        yield values[at : at + size]
