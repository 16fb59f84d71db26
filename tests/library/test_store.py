from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milestone_escrow.events import Released
from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer import Reader, Store, delete_store, derived
from milestone_escrow.indexer.source import DEAL_BITS, place_of, position_of
from milestone_escrow.indexer.sync import Reorg
from milestone_escrow.state import FoldError, State, fold
from tests.library.batches import IDENTITY, batch, change, fill, lasting, tables
from tests.library.indexing import history
from tests.library.plausible_escrow import TOKENS

Target = Path | str
NewTarget = Callable[[], Target]


# --- The tables are the fold


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32),
    steps=st.integers(0, 60),
    cuts=st.sets(st.integers(0, 150)),
    in_memory=st.sampled_from([0, 3, 10_000]),
    back_to=st.integers(-1, 150),
)
def test_tables_equal_the_fold_however_they_came(
    new_target: NewTarget,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    steps: int,
    cuts: set[int],
    in_memory: int,
    back_to: int,
) -> None:
    monkeypatch.setattr(derived, "_DEALS_IN_MEMORY", in_memory)
    escrow = history(steps, seed)
    records, path = escrow.records, new_target()
    ends = sorted({cut for cut in cuts if cut < escrow.block} | {escrow.block})
    with Store(path, IDENTITY) as store:
        start = 0
        for end in ends:
            store.apply(batch(records, start, end))
            start = end + 1
        assert store.state() == fold(records)
        assert store.events(limit=10_000) == records

        if back_to < escrow.block:
            parent = None if back_to < 0 else back_to.to_bytes(32)
            store.apply(Reorg(back_to, parent))
            kept = [record for record in records if record.block_number <= back_to]
            assert store.state() == fold(kept)
            assert store.checkpoint() == (back_to, parent)
            store.apply(batch(records, back_to + 1, escrow.block))
    fresh = new_target()
    fill(fresh, escrow)
    assert lasting(path) == lasting(fresh)


@pytest.mark.parametrize("at_once", [150, 5_000])
def test_derived_tables_can_be_made_again(
    target: Target, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(derived, "_EVENTS_AT_ONCE", at_once)
    path = target
    fill(path, history(200))
    before = tables(path)
    change(
        path,
        "UPDATE milestones SET paid = 12345",
        f"DELETE FROM deals WHERE deal = {(1 << DEAL_BITS) + 2}",
    )
    assert tables(path) != before
    with Store(path, IDENTITY) as store:
        store.rebuild()
    assert tables(path) == before


def test_goes_on_after_it_was_closed(target: Target) -> None:
    escrow = history(200)
    middle = escrow.block // 2
    with Store(target, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, middle))
    with Store(target, IDENTITY) as store:
        assert store.checkpoint() == (middle, middle.to_bytes(32))
        store.apply(batch(escrow.records, middle + 1, escrow.block))
        assert store.state() == fold(escrow.records)


def test_keeps_the_latest_headers_and_those_with_events(target: Target) -> None:
    escrow = history(10)
    with Store(target, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, 600))
        store.apply(batch([], 601, 1_000))
        numbers = [number for number, _ in store.block_hashes(2_000, 2_000)]
    with_events = {record.block_number for record in escrow.records}
    assert numbers == sorted(with_events | set(range(745, 1_001)), reverse=True)


# --- Whole or not at all


def test_an_impossible_event_writes_nothing(target: Target) -> None:
    escrow = history(100)
    path = target
    middle = escrow.block // 2
    with Store(path, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, middle))
        before = tables(path)
        late = [record for record in escrow.records if record.block_number > middle]
        place = next(i for i, record in enumerate(late) if isinstance(record.event, Released))
        event = late[place].event
        assert isinstance(event, Released)
        wrong = [*late]
        wrong[place] = replace(late[place], event=replace(event, gross=event.gross + 1))
        with pytest.raises(FoldError):
            store.apply(batch(wrong, middle + 1, escrow.block))
        assert tables(path) == before
        store.apply(batch(late, middle + 1, escrow.block))
        assert store.state() == fold(escrow.records)


def test_a_full_disk_stops_it_cleanly(tmp_path: Path) -> None:
    escrow = history(100)
    path = tmp_path / "index.db"
    middle = escrow.block // 2
    with Store(path, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, middle))
        before = tables(path)
        pages = store._db.rows("PRAGMA page_count")[0][0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StoreError, match="disk is full") as caught:
            store.apply(batch(escrow.records, middle + 1, escrow.block))
        assert "disk has room" in caught.value.remedy
        assert tables(path) == before
        store._db.execute("PRAGMA max_page_count = 1000000")
        store.apply(batch(escrow.records, middle + 1, escrow.block))
        assert store.state() == fold(escrow.records)


def test_of_two_writers_one_is_told(target: Target) -> None:
    escrow = history(100)
    path = target
    with Store(path, IDENTITY) as first, Store(path, IDENTITY) as second:
        step = batch(escrow.records, 0, escrow.block)
        first.apply(step)
        with pytest.raises(StoreError, match="Another indexer") as caught:
            second.apply(step)
        assert caught.value.code == "store-in-use"
        assert second.state() == fold(escrow.records)


# --- What a file is


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"chain_id": 1}, "other-chain"),
        ({"genesis_hash": b"\1" * 32}, "chain-restarted"),
        ({"escrow": TOKENS[1]}, "other-escrow"),
        ({"from_block": 5}, "other-escrow"),
    ],
)
def test_a_file_stays_what_it_is(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    path = tmp_path / "index.db"
    fill(path, history(20))
    with pytest.raises(StoreError) as caught:
        Store(path, replace(IDENTITY, **change))
    assert caught.value.code == code
    delete_store(path)
    assert not list(tmp_path.iterdir())
    with Store(path, replace(IDENTITY, **change)) as store:
        assert store.state() == State()


def test_what_is_no_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no index") as caught:
        Reader(tmp_path / "missing.db")
    assert caught.value.code == "no-store"
    (tmp_path / "text.db").write_text("this is no database at all, only text\n" * 50)
    with pytest.raises(StoreError, match="not a database"):
        Reader(tmp_path / "text.db")
    with pytest.raises(StoreError, match="not a database"):
        Store(tmp_path / "text.db", IDENTITY)
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE meta (schema_version)").close()
    with pytest.raises(StoreError):
        Reader(tmp_path / "other.db")


def test_positions_order_as_places_do() -> None:
    places = [(0, 0), (0, 1), (1, 0), (1, 2**20 - 1), (2**32 - 1, 5)]
    assert [place_of(position_of(*place)) for place in places] == places
    assert sorted(position_of(*place) for place in places) == [position_of(*p) for p in places]
    with pytest.raises(StoreError, match="logs"):
        position_of(1, 2**20)
    with pytest.raises(StoreError, match="bits"):
        position_of(2**32, 0)
