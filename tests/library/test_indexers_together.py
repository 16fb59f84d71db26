"""Several indexers of one source in one store: each step is written by one of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from milestone_escrow.exceptions import EscrowError
from milestone_escrow.indexer import Indexer
from milestone_escrow.indexer.sqlite import SqliteEngine
from tests.library.indexing import agrees, fork, history
from tests.library.plausible_escrow import ESCROW, PlausibleEscrow
from tests.library.scripted_node import ScriptedNode

PATIENCE = 30.0  # seconds


@contextmanager
def two(
    target: Path | str, escrow: PlausibleEscrow
) -> Iterator[tuple[ScriptedNode, Indexer, Indexer]]:
    """Yield a node with a history, and two indexers of it."""
    with (
        ScriptedNode() as node,
        Indexer(node.url, target, ESCROW) as first,
        Indexer(node.url, target, ESCROW) as second,
    ):
        node.extend(escrow.records, escrow.block)
        yield node, first, second


def test_who_comes_second_goes_on_from_where_the_first_is(target: Path | str) -> None:
    escrow = history(200)
    with two(target, escrow) as (node, first, second):
        middle = node.head // 2
        second.run_once(to_block=0)
        first.run_once(to_block=middle)
        report = second.run_once()  # it takes itself to be at the beginning
        assert report.head == node.head and 0 < report.events < len(escrow.records)
        assert first.run_once().events == 0
        assert agrees(target, node)


def test_a_reorganisation_that_another_has_written_is_no_trouble(target: Path | str) -> None:
    escrow = history(200)
    with two(target, escrow) as (node, first, second):
        for indexer in (first, second):
            indexer.run_once()
        fork(node, escrow, node.head - 10, 60, seed=2)
        for indexer in (first, second):
            indexer.run_once()
            assert agrees(target, node)


def test_abuse_indexer_11_while_one_writes_the_other_waits_and_takes_over(
    target: Path | str,
) -> None:
    escrow = history(300)
    errors: list[EscrowError] = []
    stops = [threading.Event(), threading.Event()]

    def follow(stop: threading.Event) -> None:
        try:
            with Indexer(node.url, target, ESCROW, add=True) as indexer:
                indexer.follow(stop, interval=0.002, trouble=lambda error: None)
        except EscrowError as error:
            errors.append(error)

    with ScriptedNode() as node:
        threads = [threading.Thread(target=follow, args=(stop,)) for stop in stops]
        for thread in threads:
            thread.start()
        for block in range(0, escrow.block + 1, 5):
            node.cut(max(node.head - block % 3, 0))  # those that come again have other hashes
            node.extend(escrow.records, block, salt=block.to_bytes(4))
            if block >= escrow.block // 2 and not stops[0].is_set():
                stops[0].set()
                threads[0].join(PATIENCE)
                assert not threads[0].is_alive()
        until = threading.Event()
        for _ in range(round(PATIENCE / 0.01)):
            if errors or agrees(target, node):
                break
            until.wait(0.01)
        stops[1].set()
        threads[1].join(PATIENCE)
        assert not errors
        assert agrees(target, node)


def test_several_that_make_one_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    failed: list[EscrowError] = []
    together = threading.Barrier(4)

    def make(number: int) -> None:
        together.wait(PATIENCE)
        try:
            engine = SqliteEngine(tmp_path / f"{number}.db", write=True)
            engine.create()
            engine.close()
        except EscrowError as error:
            failed.append(error)

    for number in range(60):
        threads = [threading.Thread(target=make, args=(number,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert not failed
