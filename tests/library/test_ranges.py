"""How much is asked for at once, and what is compared before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from threading import Event, Lock
from threading import enumerate as threads_now
from typing import Any

import pytest

from milestone_escrow import calls
from milestone_escrow.chain import start_anvil
from milestone_escrow.events import RawLog
from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.indexer import ranges as ranges_module
from milestone_escrow.indexer.ranges import Pace, Range, batches, read_range
from milestone_escrow.indexer.ranges_threads import Threads
from milestone_escrow.indexer.rpc import Rpc, TooMuch
from milestone_escrow.indexer.sync_bloom import bloom_mask, chance_of_error, may_hold
from milestone_escrow.indexer.sync_steps import Batch, Header, parse_header
from tests.library.indexing import agrees, history
from tests.library.plausible_escrow import ESCROW, person
from tests.library.scripted_node import ScriptedNode
from tests.nodes.stage import Stage


def read(blocks: int, logs: int) -> Batch:
    header = Header(blocks, b"\1" * 32, b"\0" * 32, 0)
    log = RawLog(1, b"\1" * 32, b"\2" * 32, 0, 0, ESCROW, b"", b"")
    return Batch(1, blocks, (header,), (log,) * logs)


# --- The pace


def test_it_asks_for_about_a_thousand_logs() -> None:
    pace = Pace()
    pace.answered(read(100, 16_000), seconds=1, waited=0)
    assert pace.span == 6  # of 160 logs each
    pace.answered(read(6, 0), seconds=1, waited=0)
    assert pace.span == 96  # it grows sixteenfold at most
    for _ in range(10):
        pace.answered(read(pace.span, 0), seconds=1, waited=0)
    assert pace.span == 50_000


def test_what_was_too_much_is_halved_and_tried_again_slowly() -> None:
    pace = Pace(span=1_000, in_flight=8)
    pace.too_much(1_000)
    assert (pace.span, pace.in_flight) == (500, 4)
    pace.answered(read(500, 0), seconds=1, waited=0)
    assert pace.span == 563  # an eighth more
    pace.too_much(1)
    assert (pace.span, pace.in_flight) == (1, 2)


def test_more_are_sent_at_once_while_the_writer_waits() -> None:
    pace = Pace()
    assert pace.in_flight == 1
    pace.answered(read(100, 0), seconds=1, waited=1)
    assert pace.in_flight == 2
    pace.answered(read(100, 0), seconds=1, waited=0.4)
    assert pace.in_flight == 2
    for _ in range(10):
        pace.answered(read(100, 0), seconds=1, waited=0.9)
    assert pace.in_flight == 8


class AtOnce(Executor):
    """Does what it is given at once."""

    def __init__(self) -> None:
        self.given = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_the_reader_is_a_few_ranges_ahead_of_the_writer_and_no_more() -> None:
    def read_empty(asked: Range) -> Batch:
        header = Header(asked.to_block, b"\1" * 32, b"\0" * 32, 0)
        return Batch(asked.from_block, asked.to_block, (header,), ())

    executor = AtOnce()
    found = batches(
        1,
        10_000,
        Header(20_000, b"\1" * 32, b"\0" * 32, 0),
        10_000,
        old=(read_empty, executor),
        recent=(read_empty, executor),
        check=lambda seals: None,
        pace=Pace(in_flight=2, ceiling=100),
    )
    next(found)
    assert executor.given == 6
    for written in range(1, 5):
        next(found)
        assert executor.given == 6 + written


def add_foreign(node: ScriptedNode, count: int) -> None:
    """Let another contract log so often in each block; the node gives it all."""
    for block in node.blocks[1:]:
        block.logs += [
            {
                "address": "0x" + "12" * 20,
                "topics": [],
                "data": "0x",
                "blockNumber": hex(block.number),
                "blockHash": "0x" + block.hash.hex(),
                "transactionHash": "0x" + "ab" * 32,
                "logIndex": hex(0x1000 + number),
                "blockTimestamp": hex(block.timestamp),
            }
            for number in range(count)
        ]


def test_dense_blocks_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    escrow = history(150)
    with ScriptedNode() as node:
        node.extend(escrow.records, 600)
        add_foreign(node, 50)
        with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
            report = indexer.run_once()
        assert report.unknown == 50 * 600  # counted and left out
        with Reader(tmp_path / "index.db") as reader:
            assert reader.count_events()[0] == len(escrow.records)


def test_what_would_fill_the_memory_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges_module, "_LARGEST_ANSWER", 50_000)  # one block has more
    escrow = history(20)
    with ScriptedNode() as node:
        node.extend(escrow.records, 40)
        add_foreign(node, 200)
        head = parse_header(Rpc(node.url).call("eth_getBlockByNumber", "latest", False), "here")
        with pytest.raises(TooMuch, match="longer than 50,000 bytes"):
            read_range(Rpc(node.url), (ESCROW,), Range(1, 2, head, every_header=True))
        assert read_range(Rpc(node.url), (ESCROW,), Range(1, 1, head)).foreign == 200
        with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
            indexer.run_once()
        with Reader(tmp_path / "index.db") as reader:
            assert reader.count_events()[0] == len(escrow.records)


def test_five_thousand_sparse_blocks_need_few_requests(tmp_path: Path) -> None:
    escrow = history(300)
    with ScriptedNode() as node:
        node.extend(escrow.records, 5_000)
        with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
            indexer.run_once()
        assert agrees(tmp_path / "index.db", node)
        assert node.requests <= 11


def test_escrow_and_notes_come_in_one_request(tmp_path: Path) -> None:
    escrow, notes = history(60), person(77)
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block)
        with Indexer(node.url, tmp_path / "index.db", ESCROW, notes=notes) as indexer:
            indexer.run_once()
        asked = [params[0]["address"] for method, params in node.calls if method == "eth_getLogs"]
        assert asked
        assert all(addresses == [ESCROW, notes] for addresses in asked)
        assert agrees(tmp_path / "index.db", node)


# --- The filters in headers


def test_the_filter_of_a_real_block_holds_who_logged_in_it() -> None:
    with start_anvil(port=0) as node:
        stage = Stage(node.rpc_url)
        receipt = stage.run(calls.fund(stage.agreement(), [0], b""))
        rpc = Rpc(node.rpc_url)
        block = rpc.call("eth_getBlockByNumber", hex(receipt.block_number), False)
        bloom = parse_header(block, "anvil").bloom
        assert bloom is not None
        assert may_hold(bloom, (bloom_mask(stage.escrow.address),))
        strangers = [person(number) for number in range(200)]
        assert sum(may_hold(bloom, (bloom_mask(each),)) for each in strangers) <= 2
        assert chance_of_error(bloom) < 0.001
        node.chain.request("evm_mine")
        empty = parse_header(rpc.call("eth_getBlockByNumber", "latest", False), "anvil")
        assert not may_hold(empty.bloom, (bloom_mask(stage.escrow.address),))


def test_a_full_filter_tells_nothing() -> None:
    full = (1 << 2048) - 1
    assert may_hold(full, (bloom_mask(ESCROW),))
    assert chance_of_error(full) == 1
    assert not may_hold(None, (bloom_mask(ESCROW),))
    assert chance_of_error((1 << 1024) - 1) == pytest.approx(1 / 8)


# --- The threads


def test_threads_are_started_as_they_are_needed() -> None:
    threads = Threads("test", most=2)
    started, go_on = [Event() for _ in range(3)], Event()
    lock, most, now = Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        started[number].set()
        go_on.wait(10)
        with lock:
            now -= 1
        return number

    futures = [threads.submit(work, number) for number in range(3)]
    assert started[0].wait(10)
    assert started[1].wait(10)
    go_on.set()
    assert [future.result(10) for future in futures] == [0, 1, 2]
    assert most == 2
    failing = threads.submit(int, "x")
    assert isinstance(failing.exception(10), ValueError)
    threads.shutdown()


def test_threads_end_when_told_and_others_are_started_after_that() -> None:
    threads = Threads("ending")
    assert threads.submit(int, "1").result(10) == 1
    (thread,) = [each for each in threads_now() if each.name.startswith("ending")]
    threads.shutdown()
    thread.join(10)
    assert not thread.is_alive()
    assert threads.submit(int, "2").result(10) == 2
    threads.shutdown()


def test_an_indexer_that_is_closed_leaves_no_thread(tmp_path: Path) -> None:
    escrow, before = history(40), set(threads_now())
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block)
        with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
            indexer.run_once()
            mine = [each for each in threads_now() if each.name.startswith("ranges")]
            assert set(mine) - before
    for thread in set(mine) - before:
        thread.join(10)
        assert not thread.is_alive()
