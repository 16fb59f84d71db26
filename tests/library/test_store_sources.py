"""Several escrows, on several chains, in one index; and the notes beside an escrow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from eth_abi.abi import encode

from milestone_escrow.events import EventRecord, RawLog
from milestone_escrow.exceptions import NodeError, StoreError
from milestone_escrow.indexer import Source, open_reader, open_store
from milestone_escrow.indexer.rows import FIRST_NOTE, NOTES, first_topics
from milestone_escrow.indexer.sync import Batch, Reorg
from milestone_escrow.notes import Note
from milestone_escrow.state import State, fold
from tests.library.batches import IDENTITY, batch, fill, tables
from tests.library.indexing import history
from tests.library.plausible_escrow import PlausibleEscrow, person

Target = Path | str

OTHER_ESCROW = replace(IDENTITY, escrow=person(77))
OTHER_CHAIN = replace(IDENTITY, chain_id=1, genesis_hash=b"\1" * 32)


def of(source: Source, records: list[EventRecord]) -> list[EventRecord]:
    return [replace(record, address=source.escrow) for record in records]


# --- Sources


def test_sources_do_not_touch_each_other(target: Target) -> None:
    histories = {
        source: history(60, seed)
        for seed, source in enumerate((IDENTITY, OTHER_ESCROW, OTHER_CHAIN))
    }
    for source, escrow in histories.items():
        with open_store(target, source, add=True) as store:
            store.apply(batch(of(source, escrow.records), 0, escrow.block))
    with open_store(target, OTHER_ESCROW) as store:
        back = histories[OTHER_ESCROW].block // 2
        store.apply(Reorg(back, back.to_bytes(32)))
        store.rebuild()
    for source, escrow in histories.items():
        with open_reader(target, source.key) as reader:
            records = of(source, escrow.records)
            if source == OTHER_ESCROW:
                records = [record for record in records if record.block_number <= back]
            assert reader.identity == source
            assert reader.sources() == list(histories)
            assert reader.state() == fold(records)
            assert reader.deals(limit=1_000) == list(fold(records).deals.values())
            assert reader.events(limit=10_000) == records
            assert reader.count_events() == (len(records), 0)
            assert [
                (entry.block_number, entry.log_index)
                for entry in reader.outbox(0, 10_000)
                if entry.kind == "event"
            ] == [(record.block_number, record.log_index) for record in records]


def test_a_source_is_chosen_by_its_key(target: Target) -> None:
    for source in (IDENTITY, OTHER_ESCROW, OTHER_CHAIN):
        open_store(target, source, add=True).close()
    with open_reader(target, OTHER_ESCROW.escrow.lower()) as reader:
        assert reader.identity == OTHER_ESCROW
    for key in (None, IDENTITY.escrow, "5:0x12"):
        with pytest.raises(StoreError, match=OTHER_CHAIN.key) as caught:
            open_reader(target, key)
        assert caught.value.code == "which-source"


def test_another_source_is_added_only_when_that_is_wanted(target: Target) -> None:
    open_store(target, IDENTITY).close()
    for source, code in ((OTHER_ESCROW, "other-escrow"), (OTHER_CHAIN, "other-chain")):
        with pytest.raises(StoreError) as caught:
            open_store(target, source)
        assert caught.value.code == code
    with pytest.raises(StoreError, match="restarted") as caught:
        open_store(target, replace(OTHER_ESCROW, genesis_hash=b"\5" * 32), add=True)
    assert caught.value.code == "chain-restarted"
    with open_reader(target) as reader:
        assert reader.sources() == [IDENTITY]


def test_sources_may_be_written_at_the_same_time(target: Target) -> None:
    histories = {IDENTITY: history(120, 1), OTHER_CHAIN: history(120, 2)}
    for source in histories:
        open_store(target, source, add=True).close()
    failures: list[BaseException] = []

    def write(source: Source, escrow: PlausibleEscrow) -> None:
        try:
            with open_store(target, source) as store:
                for block in range(0, escrow.block + 1, 20):
                    end = min(block + 19, escrow.block)
                    store.apply(batch(of(source, escrow.records), block, end))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=each) for each in histories.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    for source, escrow in histories.items():
        with open_reader(target, source.key) as reader:
            assert reader.state() == fold(of(source, escrow.records))


# --- Notes, and what is neither


WITH_NOTES = replace(IDENTITY, notes=person(88))


def note(name: str, deal_id: bytes, place: tuple[int, int], *rest: tuple[str, Any]) -> RawLog:
    """Return the log of a note whose fields after the actor are ``rest``, none of them indexed."""
    topics = (
        first_topics()[FIRST_NOTE + NOTES.index(name)] + deal_id + encode(["address"], [person(5)])
    )
    data = encode([kind for kind, _ in rest], [value for _, value in rest])
    block, index = place
    assert WITH_NOTES.notes
    return RawLog(
        block, block.to_bytes(32), b"\3" * 32, index, 1_800_000_000, WITH_NOTES.notes, topics, data
    )


def with_logs(step: Batch, *logs: RawLog) -> Batch:
    every = sorted([*step.logs, *logs], key=lambda log: (log.block_number, log.log_index))
    return replace(step, logs=tuple(every))


def test_notes_are_kept_with_the_deals_that_they_name(new_target: Callable[[], Target]) -> None:
    target, escrow = new_target(), history(60)
    deal_id, last = escrow.deals[0].deal_id, escrow.block
    said = note("Rated", deal_id, (last, 500), ("uint256", 4), ("bytes32", b"\7" * 32))
    about_none = note("ArbiterConfirmed", b"\x99" * 32, (last, 501))
    step = with_logs(batch(escrow.records, 0, last), said, about_none)
    with open_store(target, WITH_NOTES) as store:
        assert store.apply(step) == 0
    with open_reader(target) as reader:
        values = {"score": 4, "review": b"\7" * 32}
        rated = Note("Rated", deal_id, person(5), values, last, 500, reader.time())
        assert reader.notes(deal=deal_id) == [rated]
        assert [each.name for each in reader.notes()] == ["Rated", "ArbiterConfirmed"]
        assert reader.events(limit=10_000) == escrow.records
        assert reader.state() == fold(escrow.records)
        told = {(entry.name, entry.deal_id) for entry in reader.outbox(len(escrow.records), 10)}
        assert told == {("Rated", deal_id), ("ArbiterConfirmed", None)}
    with open_store(target, WITH_NOTES) as store:
        before = tables(target)
        store.rebuild()
        assert tables(target) == before
        store.apply(Reorg(last - 1, (last - 1).to_bytes(32)))
        assert store.notes() == []


def test_a_malformed_note_is_refused(target: Target) -> None:
    wrong = note("Rated", b"\1" * 32, (1, 0), ("bytes32", b"\7" * 32))
    with open_store(target, WITH_NOTES) as store:
        with pytest.raises(NodeError) as caught:
            store.apply(with_logs(batch([], 0, 2), wrong))
        assert caught.value.code == "malformed-log"
        assert store.state() == State()


def test_abuse_indexer_12_unknown_and_foreign_logs_are_kept_apart_and_counted(
    target: Target,
) -> None:
    escrow = history(40)
    step = batch(escrow.records, 0, escrow.block)
    known = step.logs[0]
    unknown = known._replace(topics=b"\xab" * 32, log_index=700)
    unknown_note = unknown._replace(address=person(88), log_index=701)
    foreign = known._replace(address=person(99), log_index=702)
    with open_store(target, WITH_NOTES) as store:
        added = with_logs(replace(step, foreign=3), unknown, unknown_note, foreign)
        assert store.apply(added) == 2
        assert store.count_events() == (len(escrow.records), 2)
        assert store.count_foreign() == 4
        assert store.unknown_logs() == [unknown, unknown_note]
        assert store.events(limit=10_000) == escrow.records
        assert store.state() == fold(escrow.records)
        store.rebuild()
        assert store.state() == fold(escrow.records)
        store.apply(Reorg(-1, None))
        assert store.count_events() == (0, 0)
        assert store.unknown_logs() == []


def test_abuse_indexer_11_one_writer_a_source(target: Target) -> None:
    escrow = history(60)
    steps = [
        batch(escrow.records, first, min(first + 9, escrow.block))
        for first in range(0, escrow.block + 1, 10)
    ]
    refused: list[str] = []
    barrier = threading.Barrier(2)

    def write(seed: int) -> None:
        random = Random(seed)
        with open_store(target, IDENTITY) as store:
            barrier.wait(30)
            for _ in range(200):
                reached = store.checkpoint()[0]
                ahead = [step for step in steps if step.from_block == reached + 1]
                if not ahead:
                    return
                try:
                    store.apply(random.choice(ahead))
                except StoreError as error:
                    refused.append(error.code)

    open_store(target, IDENTITY).close()
    threads = [threading.Thread(target=write, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(refused) == {"store-in-use"}
    fresh = history(60)
    with open_reader(target) as reader:
        assert reader.events(limit=10_000) == fresh.records
        assert reader.state() == fold(fresh.records)


def test_filled_as_alone(new_target: Callable[[], Target]) -> None:
    alone, second = new_target(), new_target()
    escrow = history(40)
    fill(alone, escrow)
    open_store(second, OTHER_CHAIN).close()
    with open_store(second, IDENTITY, add=True) as store:
        store.apply(batch(escrow.records, 0, escrow.block))
    with open_reader(alone) as one, open_reader(second, IDENTITY.key) as other:
        assert one.state() == other.state()
        assert one.outbox() == other.outbox()
