"""The index in one file: SQLite in WAL mode."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.engine import OFFCHAIN_PREFIX, Row, marks, upsert_clause
from milestone_escrow.indexer.tables import TABLES, ddl

__all__ = ["PAGE_BYTES", "PATIENCE_MS", "SqliteEngine", "remove_index"]

PATIENCE_MS: Final = 5_000  # with another writer
_PAUSE: Final = 0.005  # seconds
PAGE_BYTES: Final = 8_192  # a row of an agreement fits
_CHECKPOINT_PAGES: Final = 2_000  # 16 MB of WAL before it goes into the file
_CACHE_KIB: Final = 16_384
_SUFFIXES: Final = ("", "-wal", "-shm")
_AT_ONCE: Final = 40  # rows in one statement, which takes little more than half of the time
_WIDTHS: Final = {name: len(table.columns) for name, table in TABLES.items()}
_INSERTS: Final = {
    name: f"INSERT INTO {name} VALUES ({marks(width)})" for name, width in _WIDTHS.items()
}
_MANY_INSERTS: Final = {
    name: insert + f", ({marks(_WIDTHS[name])})" * (_AT_ONCE - 1)
    for name, insert in _INSERTS.items()
}

# For values of these types the driver looks for a way to adapt them, which takes longer than to
# write them, unless it is told that they are fine as they are: by what gives back its argument,
# and is no Python.
sqlite3.register_adapter(bytes, bytes.__bytes__)
sqlite3.register_adapter(type(None), {}.get)  # type: ignore[arg-type]


class SqliteEngine:
    """A connection to the file; ``Engine`` says what its methods do."""

    for_update = ""
    alone = "SELECT 1"  # as every writer is

    def __init__(self, path: Path, *, write: bool) -> None:
        """Open the file, or with ``write`` make it.

        Raises:
            StoreError: It is not there (``no-store``), or cannot be opened.
        """
        self.path: Path | None = path
        self.name = path.name
        self.amount: Callable[[int], Any] = str
        if not write and not path.exists():
            raise StoreError(
                f"There is no index {path.name}.", "Make one first: escrow index.", code="no-store"
            )
        with self.errors():
            if write:
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                except OSError as error:
                    raise self._failed(error) from error
                self._db = sqlite3.connect(path, isolation_level=None)
                self._db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            else:
                self._db = sqlite3.connect(
                    f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
                )
            self._db.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            if write:
                self._use_wal()
                # What a kill can take is nothing; what a power cut can take is the last commits.
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
                self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

    def _use_wal(self) -> None:
        """Turn to WAL mode; SQLite itself does not wait for another that does the same."""
        until = monotonic() + PATIENCE_MS / 1_000
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
                sleep(_PAUSE)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Execute a statement."""
        self._db.execute(sql, values)

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows."""
        width, cursor = _WIDTHS[table], self._db.cursor()
        values = chain.from_iterable(rows)
        while some := tuple(islice(values, _AT_ONCE * width)):
            if len(some) == _AT_ONCE * width:
                cursor.execute(_MANY_INSERTS[table], some)
            else:
                cursor.executemany(_INSERTS[table], zip(*[iter(some)] * width, strict=True))

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        """Add or replace rows."""
        self._db.executemany(f"{_INSERTS[table]} {upsert_clause(table)}", rows)

    def delete(self, table: str, keys: Iterable[Row]) -> None:
        """Remove rows by their keys."""
        where = " AND ".join(f"{name} = ?" for name in TABLES[table].key)
        self._db.executemany(f"DELETE FROM {table} WHERE {where}", keys)

    def tables(self) -> set[str]:
        """Return the names of the tables."""
        return {name for name in self.all_tables() if not name.startswith(OFFCHAIN_PREFIX)}

    def all_tables(self) -> set[str]:
        """Return the names of the tables, those of others too."""
        return {row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def create(self) -> None:
        """Make the tables unless there are any."""
        self.begin()
        try:
            if not self.tables():
                for statement in ddl("sqlite"):
                    self._db.execute(statement)
            self._db.execute("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def begin(self) -> None:
        """Begin to write."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self, news: str) -> None:
        """Make what was written visible; nobody can listen to a file."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what was written since ``begin``."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let several queries see the same commit."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self.rollback()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite raises into one sentence about the file."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(
            f"The index {self.name} cannot be used: {error}.",
            "Check that the disk has room, that the file may be written, and that no other indexer "
            "uses it; if it is damaged, index again with --reset.",
            code="store-failed",
        )


def remove_index(path: Path) -> None:
    """Delete an index: the file, or where off-chain tables share it, the index's own tables.

    A file that cannot be read may hold such tables: it is put aside, as ``.damaged``.

    Raises:
        StoreError: Another process writes it.
    """
    if path.exists():
        try:
            engine = SqliteEngine(path, write=True)
        except StoreError:
            _rename(path, path.with_name(path.name + ".damaged"))
            return
        try:
            with engine.errors():
                own = engine.tables()
                if own != engine.all_tables():
                    engine.begin()
                    for table in own:
                        engine.execute(f'DROP TABLE "{table}"')
                    engine.execute("COMMIT")
                    return
        finally:
            engine.close()
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _rename(path: Path, other: Path) -> None:
    for suffix in _SUFFIXES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(other.with_name(other.name + suffix))
