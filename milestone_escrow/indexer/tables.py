"""The tables of the index, the same for SQLite and PostgreSQL, and the statements that make them.

Every log is kept as it came, in ``events`` or ``other_logs``; ``deals``, ``milestones``,
``credits`` and ``ledgers`` can be made again from them at any time. Integer keys are those of
``milestone_escrow.indexer.source``; amounts are raw units, exact: decimal text in SQLite, whose
integers are too short for them, ``numeric`` in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["DERIVED", "REVISION", "TABLES", "Column", "Index", "Kind", "Table", "ddl"]

REVISION: Final = "0002"
"""The schema of this version: the last revision in ``milestone_escrow/indexer/migrations``."""

Kind = Literal["integer", "small", "flag", "bytes", "amount", "text"]
Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        note: What it holds, for the documentation.
        nullable: What a null means stands in ``note``.
    """

    name: str
    kind: Kind
    note: str = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index beside the primary key; ``where`` makes it one of some rows only."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in the order in which rows are written.

    Attributes:
        fixed: Columns that never change, beside the key: writing them again would cost indexes.
    """

    name: str
    note: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    fixed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    @property
    def changing(self) -> tuple[str, ...]:
        """Names of the columns that a row written again may change."""
        return tuple(name for name in self.names if name not in self.key + self.fixed)


_SOURCES: Final = Table(
    "sources",
    "what is indexed, and how far",
    ("source",),
    (
        Column("source", "integer", "1 for the first in the store"),
        Column("chain_id", "integer"),
        Column("genesis_hash", "bytes", "of the chain's block 0"),
        Column("escrow", "bytes", "address"),
        Column("notes", "bytes", "address of its DealNotes; null: none", nullable=True),
        Column("from_block", "integer"),
        Column("checkpoint", "integer", "all logs up to this block are here"),
        Column("checkpoint_hash", "bytes", "null before the first block", nullable=True),
        Column("final_block", "integer", "last that cannot be replaced; null: unknown", True),
        Column("sequence", "integer", "last of its outbox"),
        Column("deals", "integer", "opened so far; -1: the derived tables are to be made again"),
        Column("known_events", "integer"),
        Column("unknown_logs", "integer", "of its contracts, in other_logs"),
        Column("foreign_logs", "integer", "of others, given by a node though not asked for"),
    ),
    (Index("sources_of_chain", ("chain_id", "escrow"), unique=True),),
)
_BLOCKS: Final = Table(
    "blocks",
    "those with events, and the latest",
    ("block",),
    (
        Column("block", "integer", "source and number"),
        Column("hash", "bytes"),
        Column("parent_hash", "bytes", "null where only a log told of the block", True),
        Column("timestamp", "integer", "unix seconds"),
        Column("has_events", "flag"),
    ),
    (Index("blocks_without_events", ("block",), where="NOT has_events"),),
)
_EVENTS: Final = Table(
    "events",
    "every known event of escrow and notes, as it came",
    ("position",),
    (
        Column("position", "integer", "source, block number and log index"),
        Column("kind", "small", "see milestone_escrow.indexer.rows"),
        Column("deal", "integer", "null where it names none that is here", nullable=True),
        Column("milestone", "small", "index; null where it names none", nullable=True),
        Column("tx_hash", "bytes"),
        Column("topics", "bytes", "one after the other, but the first, which the kind tells"),
        Column("data", "bytes"),
    ),
    (Index("events_of_deal", ("deal",), where="deal IS NOT NULL"),),
)
_OTHER_LOGS: Final = Table(
    "other_logs",
    "logs of escrow and notes that are no event known to this version",
    ("position",),
    (
        Column("position", "integer", "source, block number and log index"),
        Column("contract", "bytes", "address"),
        Column("tx_hash", "bytes"),
        Column("topics", "bytes", "one after the other"),
        Column("data", "bytes"),
    ),
)
_OUTBOX: Final = Table(
    "outbox",
    "what happened to this index: events written, events taken back, blocks that became final",
    ("entry",),
    (
        Column("entry", "integer", "source and sequence; of the first, where there are several"),
        Column("happened", "small", "1 written, 2 taken back, 3 final"),
        Column("count", "integer", "of events written, in their order; else 1"),
        Column("position", "integer", "of the event; the final block's; the first event's"),
        Column("last", "integer", "position of the last event that is still here"),
        Column("kind", "small", "of the event taken back, else null", nullable=True),
        Column("deal_id", "bytes", "of the event taken back, else null", nullable=True),
        Column("tx_hash", "bytes", "of the event taken back, else null", nullable=True),
    ),
)
_DEALS: Final = Table(
    "deals",
    "every deal that was opened",
    ("deal",),
    (
        Column("deal", "integer", "source and number: 1 for the first opened"),
        Column("source", "small"),
        Column("deal_id", "bytes"),
        Column("opened", "integer", "position of its Opened, which has the agreement"),
        Column("employer", "bytes", "address"),
        Column("freelancer", "bytes", "address"),
        Column("arbiter", "bytes", "address"),
        Column("token", "bytes", "address"),
        Column("bound", "flag"),
        Column("closed", "flag"),
        Column("successor", "bytes", "deal id; null: none", nullable=True),
        Column("funded", "small", "bit mask of milestones"),
        Column("settled", "small", "bit mask of milestones"),
        Column("last_activity", "integer", "unix seconds; 0: none after the final deadline"),
    ),
    (
        Index("deals_by_id", ("source", "deal_id"), unique=True),
        Index("deals_of_employer", ("employer",)),
        Index("deals_of_freelancer", ("freelancer",)),
        Index("deals_of_arbiter", ("arbiter",)),
    ),
    ("source", "deal_id", "opened", "employer", "freelancer", "arbiter", "token"),
)
_MILESTONES: Final = Table(
    "milestones",
    "and where their money went",
    ("deal", "milestone"),
    (
        Column("deal", "integer"),
        Column("milestone", "small", "index"),
        Column("amount", "amount"),
        Column("status", "small", "0 agreed, reserved, funded, requested, disputed, 5 settled"),
        Column("remaining", "amount"),
        Column("paid", "amount", "gross"),
        Column("fees", "amount"),
        Column("refunded", "amount"),
        Column("moved", "amount"),
        Column("arbiter_share", "amount"),
        Column("since", "integer", "start of the open request or dispute, unix seconds, or 0"),
        Column("evidence", "bytes", "null: none", nullable=True),
        Column("reason", "bytes", "null: none", nullable=True),
        Column("ruled_freelancer", "amount", "null: no ruling", nullable=True),
        Column("ruled_employer", "amount", "null: no ruling", nullable=True),
        Column("outcome", "text", "null until it is settled", nullable=True),
        Column("funded_block", "integer", "null while it is agreed", nullable=True),
    ),
)
_CREDITS: Final = Table(
    "credits",
    "what owners may fetch",
    ("source", "token", "owner"),
    (
        Column("source", "small"),
        Column("token", "bytes", "address"),
        Column("owner", "bytes", "address"),
        Column("amount", "amount"),
    ),
)
_LEDGERS: Final = Table(
    "ledgers",
    "all that moved in one token, as sums",
    ("source", "token"),
    (
        Column("source", "small"),
        Column("token", "bytes", "address"),
        Column("funded", "amount"),
        Column("moved", "amount"),
        Column("gross", "amount"),
        Column("fees", "amount"),
        Column("shares", "amount"),
        Column("refunded", "amount"),
        Column("credited", "amount"),
        Column("credit_paid", "amount"),
    ),
)

TABLES: Final = {
    table.name: table
    for table in (
        _SOURCES,
        _BLOCKS,
        _EVENTS,
        _OTHER_LOGS,
        _OUTBOX,
        _DEALS,
        _MILESTONES,
        _CREDITS,
        _LEDGERS,
    )
}
DERIVED: Final = ("deals", "milestones", "credits", "ledgers")

_TYPES: Final[dict[Dialect, dict[Kind, str]]] = {
    "sqlite": {
        "integer": "INTEGER",
        "small": "INTEGER",
        "flag": "INTEGER",
        "bytes": "BLOB",
        "amount": "TEXT",
        "text": "TEXT",
    },
    "postgresql": {
        "integer": "bigint",
        "small": "smallint",
        "flag": "boolean",
        "bytes": "bytea",
        "amount": "numeric(78, 0)",
        "text": "text",
    },
}


def ddl(dialect: Dialect) -> Iterator[str]:
    """Yield the statements that make the tables in an empty database."""
    types = _TYPES[dialect]
    for table in TABLES.values():
        columns = [
            f"{column.name} {types[column.kind]}" + ("" if column.nullable else " NOT NULL")
            for column in table.columns
        ]
        columns.append(f"PRIMARY KEY ({', '.join(table.key)})")
        # A key of one integer is SQLite's own row number; one of several columns is the row's home.
        rest = " WITHOUT ROWID" if dialect == "sqlite" and len(table.key) > 1 else ""
        yield f"CREATE TABLE {table.name} ({', '.join(columns)}){rest}"
        for index in table.indexes:
            kind = "UNIQUE INDEX" if index.unique else "INDEX"
            where = f" WHERE {index.where}" if index.where else ""
            yield (
                f"CREATE {kind} {index.name} ON {table.name} ({', '.join(index.columns)}){where}"
            )
    yield "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    yield f"INSERT INTO alembic_version VALUES ('{REVISION}')"
