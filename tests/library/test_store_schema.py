"""The tables: of an earlier version, of a later one, and as the documentation has them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from milestone_escrow.events import decode_raw
from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer import Reader, Store
from milestone_escrow.indexer.engine import database_of, open_engine
from milestone_escrow.indexer.migrations import migrate
from milestone_escrow.indexer.tables import TABLES
from milestone_escrow.state import fold
from tests.library.batches import IDENTITY, batch, change, fill, lasting, tables
from tests.library.indexing import history
from tests.library.plausible_escrow import PlausibleEscrow
from tests.postgres import Server

Target = Path | str
V1 = Path(__file__).with_name("index_v1.sql")


def first_version(path: Path, escrow: PlausibleEscrow) -> None:
    """Write a file as the first version did, one unknown log in it, without the derived rows."""
    step = batch(escrow.records, 0, escrow.block)
    deals: dict[bytes, int] = {}
    with sqlite3.connect(path) as db:
        db.executescript(V1.read_text())
        db.execute(
            "INSERT INTO meta VALUES (1, 1, ?, ?, ?, 0, ?, ?, 7)",
            (
                IDENTITY.chain_id,
                IDENTITY.genesis_hash,
                IDENTITY.escrow,
                escrow.block,
                step.headers[-1].hash,
            ),
        )
        for log in step.logs:
            record = decode_raw(log)
            assert record is not None
            deal_id = getattr(record.event, "deal_id", None)
            number = None if deal_id is None else deals.setdefault(deal_id, len(deals) + 1)
            index = getattr(record.event, "index", None)
            name = type(record.event).__name__
            place = log.block_number << 20 | log.log_index
            db.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                (place, log.tx_hash, name, number, index, log.topics, log.data),
            )
        unknown = (escrow.block << 20 | 900, b"\1" * 32, None, None, None, b"\2" * 32, b"")
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", unknown)
        with_events = {log.block_number for log in step.logs}
        for header in step.headers:
            if header.number > escrow.block - 256 or header.number in with_events:
                parent = header.parent_hash
                row = (header.number, header.hash, parent, header.timestamp)
                has_events = header.number in with_events
                db.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", (*row, has_events))
    db.close()


def schema_of(path: Path) -> set[str]:
    with sqlite3.connect(path) as db:
        made = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL")]
    db.close()
    return {re.sub(r"\s+", " ", sql) for sql in made if "alembic" not in sql}


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    escrow = history(120)
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    first_version(old, escrow)
    with pytest.raises(StoreError, match="earlier version") as caught:
        Reader(old)
    assert caught.value.code == "store-version"
    assert "escrow index" in caught.value.remedy
    with Store(old, IDENTITY) as store:
        assert store.state() == fold(escrow.records)
        assert store.events(limit=10_000) == escrow.records
        assert store.final_block() == 7
        assert [log.log_index for log in store.unknown_logs()] == [900]
        assert len(store.outbox(0, 10_000)) == len(escrow.records)
    fill(new, escrow)
    assert schema_of(old) == schema_of(new)
    migrated, fresh = lasting(old), lasting(new)
    for name in set(TABLES) - {"sources", "other_logs", "outbox"}:
        assert migrated[name] == fresh[name]


def test_what_was_brought_up_to_date_by_half_is_finished_by_the_next(tmp_path: Path) -> None:
    escrow = history(60)
    path = tmp_path / "old.db"
    first_version(path, escrow)
    migrate(str(path))  # and killed before the derived tables were made
    with pytest.raises(StoreError, match="earlier version"):
        Reader(path)
    with Store(path, IDENTITY) as store:
        assert store.state() == fold(escrow.records)


def test_a_later_version_is_neither_read_nor_changed(target: Target) -> None:
    fill(target, history(20))
    change(target, "UPDATE alembic_version SET version_num = '9999'")
    before = tables(target)
    for opened in (Reader, lambda target: Store(target, IDENTITY)):
        with pytest.raises(StoreError, match="later version") as caught:
            opened(target)
        assert caught.value.code == "store-version"
    assert tables(target) == before


def test_both_databases_have_the_same_tables(tmp_path: Path, postgres: Server) -> None:
    for target in (tmp_path / "index.db", postgres.new_schema()):
        Store(target, IDENTITY).close()
        db = open_engine(target, write=False)
        assert db.tables() == {*TABLES, "alembic_version"}
        db.close()
    postgres.drop_schemas()


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("a/b.db", Path("a/b.db")),
        (Path("a/b.db"), Path("a/b.db")),
        ("sqlite:///a/b%20c.db", Path("a/b c.db")),
        ("sqlite:////a/b.db", Path("/a/b.db")),
        ("postgresql://somebody@host/db", "postgresql://somebody@host/db"),
        ("postgres://host/db", "postgres://host/db"),
    ],
)
def test_a_target_names_a_file_or_a_server(target: Target, where: Target) -> None:
    assert database_of(target) == where


@pytest.mark.parametrize("target", ["mysql://host/db", "sqlite://host/a.db", "sqlite:///"])
def test_another_database_is_refused(target: str) -> None:
    with pytest.raises(Exception, match="not where an index can be") as caught:
        Reader(target)
    assert "postgresql://" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:s3cret@127.0.0.1:1/db", "postgresql://me:s3cret@host:not-a-port/db"],
)
def test_a_server_that_is_not_there_is_told_without_secrets(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Reader(url)
    assert caught.value.code in ("store-failed", "store-url")
    assert caught.value.remedy
    assert "s3cret" not in str(caught.value)
