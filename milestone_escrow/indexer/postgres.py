"""The index in PostgreSQL: rows come by COPY, and each commit is told on a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.pq import TransactionStatus

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.engine import OFFCHAIN_PREFIX, Row, upsert_clause
from milestone_escrow.indexer.tables import TABLES, Kind, ddl

__all__ = ["CHANNEL", "MAKING", "PostgresEngine", "drop_tables"]

CHANNEL: Final = "milestone_escrow"
"""Where each commit is told, as ``chain_id:escrow sequence checkpoint``."""

_PATIENCE: Final = "5s"  # with another writer
MAKING: Final = 0x6573_6372
"""Advisory lock of who makes or changes the tables."""

_FEW: Final = 30  # rows for which a COPY does not pay
_INSERTS: Final = {
    name: f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(table.columns))})"
    for name, table in TABLES.items()
}
_TYPES: Final[dict[Kind, str]] = {
    "integer": "int8",
    "small": "int2",
    "flag": "bool",
    "bytes": "bytea",
    "amount": "numeric",
    "text": "text",
}


class _Exact(Loader):
    """``numeric`` columns hold amounts, which are integers."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class PostgresEngine:
    """A connection to the server; ``Engine`` says what its methods do."""

    for_update = " FOR UPDATE"
    alone = "LOCK TABLE sources IN SHARE ROW EXCLUSIVE MODE"

    def __init__(self, url: str, *, write: bool) -> None:
        """Connect.

        Raises:
            StoreError: No server answers, or it does not let us in.
        """
        self.name = "in PostgreSQL"
        self.path: Path | None = None
        self.amount: Callable[[int], Any] = int
        try:
            psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:  # whose words may hold the password
            raise StoreError(
                "The URL of the PostgreSQL server is malformed.",
                "Give postgresql://USER@HOST:PORT/DATABASE, special characters percent-encoded.",
                code="store-url",
            ) from None
        with self.errors():
            self._db = psycopg.connect(url, autocommit=True, connect_timeout=10)
            self.name = f"{self._db.info.dbname} on {self._db.info.host or 'this machine'}"
            self._db.adapters.register_loader("numeric", _Exact)
            self._db.execute(f"SET lock_timeout = '{_PATIENCE}'")
            self._db.execute("SET client_min_messages = 'warning'")
            if not write:
                self._db.execute("SET default_transaction_read_only = on")
        self._copying = False
        self._stages: set[str] = set()  # temporary tables that last as long as the connection
        self._new_stages: set[str] = set()  # of them, those made in this transaction
        self._full_stages: set[str] = set()  # and those used in it

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""
        if self._copying:  # the driver would wait for ever
            raise RuntimeError("rows that are being written cannot depend on a query")
        return self._db.execute(_percent(sql), values).fetchall()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Execute a statement."""
        self._db.execute(_percent(sql), values)

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows."""
        rows = iter(rows)
        first = list(islice(rows, _FEW + 1))
        if len(first) > _FEW:
            self._copy(table, table, chain(first, rows))
        else:
            self._one_by_one(_INSERTS[table], first)

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        """Add or replace rows."""
        if len(rows) <= _FEW:
            self._one_by_one(f"{_INSERTS[table]} {upsert_clause(table)}", rows)
            return
        stage = f"stage_{table}"
        if stage not in self._stages | self._new_stages:
            self._db.execute(f"CREATE TEMPORARY TABLE {stage} (LIKE {table}) ON COMMIT DELETE ROWS")
            self._new_stages.add(stage)
        elif stage in self._full_stages:
            self._db.execute(f"TRUNCATE {stage}")
        self._full_stages.add(stage)
        self._copy(stage, table, rows)
        self._db.execute(f"INSERT INTO {table} SELECT * FROM {stage} {upsert_clause(table)}")

    def delete(self, table: str, keys: Iterable[Row]) -> None:
        """Remove rows by their keys."""
        where = " AND ".join(f"{name} = %s" for name in TABLES[table].key)
        self._one_by_one(f"DELETE FROM {table} WHERE {where}", list(keys))

    def tables(self) -> set[str]:
        """Return the names of the tables."""
        return {
            row[0]
            for row in self.rows(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            )
            if not row[0].startswith(OFFCHAIN_PREFIX)
        }

    def create(self) -> None:
        """Make the tables unless there are any of ours."""
        self.begin()
        try:
            self.execute("SELECT pg_advisory_xact_lock(?)", (MAKING,))
            if "alembic_version" not in self.tables():
                for statement in ddl("postgresql"):
                    self._db.execute(statement)
            self._db.execute("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def begin(self) -> None:
        """Begin to write."""
        self._full_stages.clear()
        self._db.execute("BEGIN")

    def commit(self, news: str) -> None:
        """Make what was written visible, and tell those who listen."""
        self._db.execute("SELECT pg_notify(%s, %s)", (CHANNEL, news))
        self._db.execute("COMMIT")
        self._stages |= self._new_stages
        self._new_stages.clear()

    def rollback(self) -> None:
        """Undo what was written since ``begin``."""
        if not self._db.closed and self._db.info.transaction_status != TransactionStatus.IDLE:
            self._db.execute("ROLLBACK")
        self._new_stages.clear()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let several queries see the same commit."""
        if self._db.info.transaction_status != TransactionStatus.IDLE:
            yield
            return
        self._db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self.rollback()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what the driver raises into one sentence; it names no secret of the URL."""
        try:
            yield
        except psycopg.Error as error:
            what = (error.diag.message_primary or str(error).splitlines()[0]).rstrip(".")
            raise StoreError(
                f"The index {self.name} cannot be used: {what}.",
                "Check that the server runs, that its address and the role are right, that its "
                "disk has room, and that no other indexer writes the same source.",
                code="store-failed",
            ) from error

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _one_by_one(self, sql: str, rows: Sequence[Row]) -> None:
        """Execute a statement for each row, in one round trip."""
        if rows:
            with self._db.cursor() as cursor:
                cursor.executemany(sql, rows)

    def _copy(self, into: str, shape: str, rows: Iterable[Row]) -> None:
        with (
            self._db.cursor() as cursor,
            cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(_types(shape))
            self._copying = True
            try:
                for row in rows:
                    copy.write_row(row)
            finally:
                self._copying = False


def drop_tables(url: str) -> None:
    """Remove the tables of an index, if there is one."""
    engine = PostgresEngine(url, write=True)
    try:
        with engine.errors():
            engine.begin()
            if {"alembic_version", "sources"} <= engine.tables():
                for table in (*TABLES, "alembic_version"):
                    engine.execute(f"DROP TABLE IF EXISTS {table}")
            engine.execute("COMMIT")
    finally:
        engine.close()


@cache
def _percent(sql: str) -> str:
    return sql.replace("?", "%s")


@cache
def _types(table: str) -> list[str]:
    return [_TYPES[column.kind] for column in TABLES[table].columns]
