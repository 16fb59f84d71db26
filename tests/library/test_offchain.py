"""The off-chain tables: made once, kept when the index is made anew, the same everywhere."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer import Reader, Store, delete_store
from milestone_escrow.indexer.engine import Target
from milestone_escrow.offchain import Offchain, sessions
from milestone_escrow.offchain.migrations import head
from milestone_escrow.offchain.tables import METADATA, REVISION, VERSION_TABLE
from milestone_escrow.state import State
from tests.library.batches import IDENTITY, fill
from tests.library.indexing import history

WHO = "0x" + "ab" * 20


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Return what ``work`` returns, or the error that it raises, in threads that start together."""
    together = threading.Barrier(count)
    found: list[Any] = []

    def run() -> None:
        together.wait(30)
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_the_revisions_make_what_the_tables_say(target: Target) -> None:
    assert head() == REVISION
    with Offchain(target) as store, store.reading() as db:
        context = MigrationContext.configure(
            db,
            opts={
                "version_table": VERSION_TABLE,
                "include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables,
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_several_that_start_at_once_make_the_tables_once(target: Target) -> None:
    stores = in_threads(4, lambda: Offchain(target))
    assert all(isinstance(store, Offchain) for store in stores), stores
    with stores[0].reading() as db:
        assert db.execute(text(f"SELECT count(*) FROM {VERSION_TABLE}")).scalar() == 1
    for store in stores:
        store.close()


@pytest.mark.parametrize("first", ["index", "offchain"])
def test_an_index_made_anew_leaves_what_is_off_the_chain(target: Target, first: str) -> None:
    escrow = history(20)
    if first == "index":
        fill(target, escrow)
    with Offchain(target) as store:
        with store.writing() as db:
            token = sessions.begin(db, WHO, 1, store.now)
        if first == "offchain":
            fill(target, escrow)
        with Store(target, IDENTITY) as index:
            assert index.state() != State()
        delete_store(target)
        with Store(target, IDENTITY) as index:
            assert index.state() == State()
        delete_store(target)
        with store.reading() as db:
            found = sessions.find(db, token, 1, store.now)
    assert found is not None and found.address.lower() == WHO
    with Offchain(target) as store, store.reading() as db:
        assert sessions.find(db, token, 1, store.now) is not None


def test_what_is_off_the_chain_is_no_index(target: Target) -> None:
    Offchain(target).close()
    with pytest.raises(StoreError) as caught:
        Reader(target)
    assert caught.value.code == "no-store"


_OPENS = """
import sys
from milestone_escrow.offchain import Offchain, migrations
print("ready", flush=True)
sys.stdin.readline()
Offchain(sys.argv[1]).close()
"""


def test_processes_that_start_at_once_make_the_tables_once(target: Target) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENS, str(target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], told
    with Offchain(target) as store, store.reading() as db:
        assert db.execute(text(f"SELECT count(*) FROM {VERSION_TABLE}")).scalar() == 1


def test_a_file_that_cannot_be_read_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"this is no database" * 1_000)
    delete_store(path)
    assert [each.name for each in tmp_path.iterdir()] == ["index.db.damaged"]


def test_what_a_later_version_wrote_is_not_touched(target: Target) -> None:
    with Offchain(target) as store, store.writing() as db:
        db.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(StoreError, match="later version") as caught:
        Offchain(target)
    assert caught.value.code == "offchain-version"


def test_a_write_that_fails_leaves_nothing(target: Target) -> None:
    with Offchain(target) as store:
        with pytest.raises(ZeroDivisionError), store.writing() as db:
            token = sessions.begin(db, WHO, 1, store.now)
            raise ZeroDivisionError
        with store.reading() as db:
            assert sessions.find(db, token, 1, store.now) is None


def test_errors_hold_no_values_and_no_password(target: Target) -> None:
    with Offchain(target) as store, pytest.raises(StoreError) as caught, store.writing() as db:
        db.execute(text("INSERT INTO offchain_none VALUES (:who)"), {"who": "somebody@example"})
    assert caught.value.code == "offchain-failed"
    assert "somebody" not in f"{caught.value} {caught.value.__cause__}"
    with pytest.raises(StoreError) as caught:
        Offchain("postgresql://me:s3cret@127.0.0.1:1/db")
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"
