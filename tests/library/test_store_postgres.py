"""What only a server can do: go away, refuse, hold two writers apart."""

from __future__ import annotations

import threading

import psycopg
import pytest

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer import Store, delete_store, open_reader
from milestone_escrow.state import fold
from tests.library.batches import IDENTITY, batch
from tests.library.indexing import history
from tests.postgres import Server


@pytest.fixture
def target(postgres: Server) -> str:
    return postgres.new_schema()


def end_other_connections(target: str) -> None:
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def test_abuse_indexer_15_a_database_that_went_away_stops_it_cleanly(target: str) -> None:
    escrow = history(60)
    middle = escrow.block // 2
    with Store(target, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, middle))
        end_other_connections(target)
        with pytest.raises(StoreError) as caught:
            store.apply(batch(escrow.records, middle + 1, escrow.block))
        assert caught.value.code == "store-failed"
        assert "server" in caught.value.remedy
    with Store(target, IDENTITY) as store:
        assert store.checkpoint()[0] == middle
        store.apply(batch(escrow.records, middle + 1, escrow.block))
        assert store.state() == fold(escrow.records)


def test_a_second_writer_waits_for_the_first_and_is_then_told(target: str) -> None:
    escrow = history(30)
    step = batch(escrow.records, 0, escrow.block)
    told: list[str] = []
    with Store(target, IDENTITY) as first:
        second_is_ready = threading.Event()

        def write() -> None:
            with Store(target, IDENTITY) as second:
                second_is_ready.set()
                try:
                    second.apply(step)
                except StoreError as error:
                    told.append(error.code)

        thread = threading.Thread(target=write)
        with first._writing() as place:  # it has the row
            thread.start()
            assert second_is_ready.wait(30)
            await_blocked(target)
            first._apply_batch(step, place)
        thread.join(30)
    assert not thread.is_alive()
    assert told == ["store-in-use"]
    with open_reader(target) as reader:
        assert reader.events(limit=1_000) == escrow.records


def await_blocked(target: str) -> None:
    """Return once some connection waits for a lock."""
    with psycopg.connect(target, autocommit=True) as connection:
        for _ in range(100_000):
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            ).fetchone()
            if row is not None and row[0]:
                return
    raise AssertionError("nobody waits")


def test_a_reader_sees_one_commit_while_another_is_made(target: str) -> None:
    escrow = history(60)
    middle = escrow.block // 2
    with Store(target, IDENTITY) as store, open_reader(target) as reader:
        store.apply(batch(escrow.records, 0, middle))
        with reader._db.snapshot():
            before = reader.checkpoint()
            store.apply(batch(escrow.records, middle + 1, escrow.block))
            assert reader.checkpoint() == before
            kept = [record for record in escrow.records if record.block_number <= middle]
            assert reader.state() == fold(kept)
        assert reader.state() == fold(escrow.records)


def test_deleting_leaves_what_is_not_of_the_index(target: str) -> None:
    Store(target, IDENTITY).close()
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("CREATE TABLE mine (a int)")
        delete_store(target)
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
    assert rows == [("mine",)]
    with pytest.raises(StoreError) as caught:
        open_reader(target)
    assert caught.value.code in ("no-store", "store-version")
    with Store(target, IDENTITY) as store:  # beside the other table
        assert store.checkpoint() == (-1, None)
