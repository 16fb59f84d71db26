"""What a live consumer sees of an index, whatever is written and taken back meanwhile."""

from __future__ import annotations

from pathlib import Path
from random import Random

import psycopg
import pytest

from milestone_escrow.events import EventRecord
from milestone_escrow.indexer import OutboxEntry, Reader, Store
from milestone_escrow.indexer.postgres import CHANNEL
from milestone_escrow.indexer.sync import Finalize, Reorg
from tests.library.batches import IDENTITY, batch
from tests.library.indexing import history
from tests.postgres import Server

Target = Path | str


def entry_of(record: EventRecord, sequence: int, kind: str = "event") -> OutboxEntry:
    return OutboxEntry(
        sequence,
        kind,  # type: ignore[arg-type]
        type(record.event).__name__,
        getattr(record.event, "deal_id", None),
        record.block_number,
        record.log_index,
        record.tx_hash,
    )


def test_tells_every_event_in_order(target: Target) -> None:
    escrow = history(150)
    records, middle = escrow.records, escrow.block // 3
    with Store(target, IDENTITY) as store:
        store.apply(batch(records, 0, middle))
        store.apply(batch([], middle + 1, middle + 1))
        store.apply(Finalize(7))
        store.apply(batch(records, middle + 2, escrow.block))
    first = [record for record in records if record.block_number <= middle]
    rest = [record for record in records if record.block_number > middle + 1]
    expected = [entry_of(record, i) for i, record in enumerate(first, 1)]
    expected.append(OutboxEntry(len(first) + 1, "final", None, None, 7, 0, None))
    expected += [entry_of(record, i) for i, record in enumerate(rest, len(first) + 2)]
    with Reader(target) as reader:
        assert reader.outbox(0, 10_000) == expected
        assert reader.last_sequence() == expected[-1].sequence
        for after, limit in ((0, 1), (3, 5), (len(first) - 1, 4), (len(expected), 9)):
            assert reader.outbox(after, limit) == expected[after : after + limit]


def test_tells_what_was_taken_back_the_last_first(target: Target) -> None:
    escrow = history(60)
    records, middle = escrow.records, escrow.block // 2
    with Store(target, IDENTITY) as store:
        store.apply(batch(records, 0, escrow.block))
        store.apply(Reorg(middle, middle.to_bytes(32)))
        kept = [record for record in records if record.block_number <= middle]
        gone = [record for record in reversed(records) if record.block_number > middle]
        told = [entry_of(record, i) for i, record in enumerate(kept, 1)]
        # The sequences of those that are gone are not used again.
        told += [entry_of(r, i, "reverted") for i, r in enumerate(gone, len(records) + 1)]
        assert store.outbox(0, 10_000) == told
        store.apply(batch(records, middle + 1, escrow.block))
        again = enumerate(reversed(gone), len(records) + len(gone) + 1)
        assert store.outbox(0, 10_000) == [*told, *(entry_of(r, i) for i, r in again)]


@pytest.mark.parametrize("seed", range(3))
def test_a_consumer_that_reads_at_any_time_ends_with_the_chain(target: Target, seed: int) -> None:
    random, escrow = Random(seed), history(80, seed)
    records = escrow.records
    seen: dict[tuple[int, int], bytes] = {}
    last = at = 0

    def consume(reader: Reader) -> None:
        nonlocal last
        for entry in reader.outbox(last, random.choice([1, 7, 1_000])):
            assert entry.sequence > last
            last = entry.sequence
            place = (entry.block_number, entry.log_index)
            if entry.kind == "event":
                assert place not in seen
                seen[place] = entry.tx_hash or b""
            elif entry.kind == "reverted":
                seen.pop(place, None)  # it may have come and gone unseen

    with Store(target, IDENTITY) as store, Reader(target) as reader:
        store.apply(batch(records, 0, 0))
        for _ in range(40):
            if random.random() < 0.3:
                at = random.randint(0, at)
                if at < store.checkpoint()[0]:
                    store.apply(Reorg(at, at.to_bytes(32)))
            elif at < escrow.block:
                end = random.randint(at + 1, escrow.block)
                store.apply(batch(records, at + 1, end))
                at = end
            at = store.checkpoint()[0]
            if random.random() < 0.5:
                consume(reader)
        while reader.last_sequence() > last:
            before = last
            consume(reader)
            assert last > before
        assert sorted(seen) == [(r.block_number, r.log_index) for r in reader.events(limit=9_999)]


def test_postgres_tells_each_commit(postgres: Server) -> None:
    target, escrow = postgres.new_schema(), history(30)
    with (
        Store(target, IDENTITY) as store,
        psycopg.connect(target, autocommit=True) as listener,
    ):
        listener.execute(f"LISTEN {CHANNEL}")
        store.apply(batch(escrow.records, 0, escrow.block))
        store.apply(Finalize(3))
        told = [note.payload for note in listener.notifies(timeout=10, stop_after=2)]
    count = len(escrow.records)
    key = IDENTITY.key
    assert told == [f"{key} {count} {escrow.block}", f"{key} {count + 1} {escrow.block}"]
    postgres.drop_schemas()
