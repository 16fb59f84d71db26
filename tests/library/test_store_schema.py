"""The tables: of an earlier version, of a later one, and as the documentation has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer import Reader, Store, migrations
from milestone_escrow.indexer.engine import database_of, open_engine
from milestone_escrow.indexer.migrations import migrate
from milestone_escrow.indexer.tables import REVISION, TABLES
from milestone_escrow.state import fold
from tests.library.batches import IDENTITY, change, fill, lasting, tables
from tests.library.indexing import history
from tests.library.older_index import first_version, second_version
from tests.postgres import Server

Target = Path | str
NewTarget = Callable[[], Target]


def schema_of(target: Target) -> set[Any]:
    """Return what the database says of the index's columns, keys and indexes."""
    db = open_engine(target, write=False)
    if isinstance(target, Path):
        rows = db.rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        found: set[Any] = {re.sub(r"\s+", " ", sql) for (sql,) in rows if "alembic" not in sql}
    else:
        (schema,) = db.rows("SELECT current_schema()")[0]
        columns = db.rows(
            "SELECT table_name, column_name, ordinal_position, data_type, numeric_precision, "
            "numeric_scale, is_nullable, column_default FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        )
        indexes = db.rows("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()")
        found = {*columns, *(definition.replace(f"{schema}.", "") for (definition,) in indexes)}
    db.close()
    return found


NEXT = """
import time
from alembic import op

revision, down_revision = "9000", "{last}"


def upgrade():
    db, end = op.get_bind(), time.monotonic() + 20
    while not db.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
        assert time.monotonic() < end, "the other one does not wait"
        time.sleep(0.01)
    db.exec_driver_sql("CREATE TABLE once (n INTEGER)")
    db.exec_driver_sql("INSERT INTO once VALUES (1)")
"""


def at_once(work: Callable[..., None], *arguments: Any) -> None:
    """Do the same in two processes that begin together; both must end well."""
    context = get_context("spawn")
    together = context.Barrier(2)
    both = [context.Process(target=work, args=(together, *arguments)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
        assert process.exitcode == 0


def migrate_to_the_next(together: Barrier, target: Target, folder: Path) -> None:
    """Bring an index up to the revision in a folder."""
    from alembic import config

    class WithNext(config.Config):
        def __init__(self) -> None:
            super().__init__()
            ours = Path(migrations.__file__).with_name("versions")
            self.set_main_option("version_locations", f"{ours} {folder}")
            self.set_main_option("version_path_separator", "space")

    config.Config = WithNext  # type: ignore[misc, assignment]
    together.wait()
    migrate(target)


def open_for_writing(together: Barrier, path: Path) -> None:
    together.wait()
    Store(path, IDENTITY).close()


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


def test_a_store_of_the_second_version_has_the_tables_of_a_new_one(
    new_target: NewTarget,
) -> None:
    """The first that was in PostgreSQL; its statements are kept as it made them."""
    old, new = new_target(), new_target()
    second_version(old)
    escrow = history(60)
    for target in (old, new):
        fill(target, escrow)
    assert schema_of(old) == schema_of(new)
    assert tables(old) == tables(new)


def test_two_that_find_an_older_schema_in_a_server_change_it_once(
    postgres: Server, tmp_path: Path
) -> None:
    """By a revision that is still to come, and that ends only when the other process waits."""
    target = postgres.new_schema()
    fill(target, history(20))
    (tmp_path / "next.py").write_text(NEXT.format(last=REVISION))
    at_once(migrate_to_the_next, target, tmp_path)
    db = open_engine(target, write=False)
    assert db.rows("SELECT version_num FROM alembic_version") == [("9000",)]
    assert db.rows("SELECT count(*) FROM once") == [(1,)]
    db.close()
    with pytest.raises(StoreError, match="later version"):
        Reader(target)
    postgres.drop_schemas()


def test_two_indexers_that_find_a_file_of_the_first_version(tmp_path: Path) -> None:
    escrow = history(60)
    path = tmp_path / "old.db"
    first_version(path, escrow)
    at_once(open_for_writing, path)
    with Reader(path) as reader:
        assert reader.state() == fold(escrow.records)


def test_what_was_brought_up_to_date_by_half_is_finished_by_the_next(tmp_path: Path) -> None:
    escrow = history(60)
    path = tmp_path / "old.db"
    first_version(path, escrow)
    migrate(path)  # and killed before the derived tables were made
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
