"""What is told about an indexer, and when it is not to be believed."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.exceptions import NodeError, StoreError, UsageError
from milestone_escrow.indexer import Indexer
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.health import Health
from milestone_escrow.indexer.metrics import Watch
from tests.library.indexing import fork, history
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import Answer, ScriptedNode


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(silence=30, clock=clock)


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        yield node


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def told(url: str) -> tuple[int, dict[str, Any]]:
    status, body = get(url)
    return status, json.loads(body)


def test_it_is_not_ready_before_the_first_run(health: Health) -> None:
    assert (health.vitals().ready, health.vitals().code) == (False, "starting")


@pytest.mark.parametrize(("later", "ready"), [(0, True), (30, True), (30.001, False)])
def test_a_silent_node_makes_it_unready(
    health: Health, clock: Clock, later: float, ready: bool
) -> None:
    health.answered(100, 100)
    clock.now += later
    assert health.vitals().ready is ready
    assert health.vitals().silent_for == pytest.approx(later)
    assert (health.vitals().code == "node-silent") is not ready


@pytest.mark.parametrize(("behind", "ready"), [(0, True), (5, True), (6, False)])
def test_a_head_far_away_makes_it_unready(health: Health, behind: int, ready: bool) -> None:
    health.answered(100, 100 + behind)
    assert health.vitals().ready is ready


def test_trouble_passes_and_what_is_fatal_does_not(health: Health) -> None:
    health.answered(100, 100)
    health.troubled(NodeError("The node is away.", "Wait.", code="node-not-answering"))
    assert health.vitals().why == "The node is away."
    health.answered(101, 101)
    assert health.vitals().ready
    health.stopped(NodeError("A final block was replaced.", "x", code="final-block-replaced"))
    health.answered(102, 102)
    assert (health.vitals().ready, health.vitals().code) == (False, "final-block-replaced")
    assert health.ended


def test_it_counts_what_happened(health: Health) -> None:
    health.wrote(100, 120, 7, 1)
    health.reorganised(90)
    health.wrote(110, 120, 3, 0)
    health.finalized(64)
    health.connected(True)
    vitals = health.vitals()
    assert (vitals.block, vitals.head, vitals.final, vitals.websocket) == (110, 120, 64, True)
    assert (vitals.events, vitals.unknown) == (10, 1)
    assert (vitals.reorgs, vitals.reorged_blocks) == (1, 10)


# --- Over HTTP


def test_a_page_for_each_question(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(60)
    node.extend(escrow.records, escrow.block)
    with (
        Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer,
        Watch("127.0.0.1:0", indexer.health, indexer.nodes) as watch,
    ):
        status, body = told(f"{watch.url}/readyz")
        assert (status, body["code"]) == (503, "starting")
        assert told(f"{watch.url}/healthz")[0] == 200
        indexer.run_once()
        status, body = told(f"{watch.url}/readyz?probe=1")
        assert (status, body["why"], body["block"]) == (200, None, node.head)
        lines = get(f"{watch.url}/metrics")[1].decode().splitlines()
        values = dict(line.split(" ") for line in lines if not line.startswith("#"))
        assert float(values["escrow_index_ready"]) == 1
        assert float(values["escrow_index_block"]) == node.head
        assert float(values["escrow_index_head_block"]) == node.head
        assert float(values["escrow_index_events_total"]) == len(escrow.records)
        assert float(values["escrow_index_requests_total"]) == node.requests
        assert "process_resident_memory_bytes" in values
        assert told(f"{watch.url}/elsewhere")[0] == 404


def test_a_node_that_hangs_turns_it_red_in_its_time_out(node: ScriptedNode, tmp_path: Path) -> None:
    """Though the loop hangs with the node."""
    node.extend([], 5)
    stop, hung = threading.Event(), threading.Event()
    with (
        Indexer(node.url, tmp_path / "index.db", ESCROW, timeout=0.5) as indexer,
        Watch("127.0.0.1:0", indexer.health, indexer.nodes) as watch,
    ):
        ready: list[tuple[int, str | None]] = []

        def hang(_: object) -> None:
            node.before_request = lambda number: node.faults.append(Answer(hang=hung))

        def look() -> None:
            until = time.monotonic() + 10
            while told(f"{watch.url}/readyz")[0] != 200 and time.monotonic() < until:
                pass
            while (now := told(f"{watch.url}/readyz"))[0] == 200 and time.monotonic() < until:
                pass
            ready.append((now[0], now[1]["code"]))
            stop.set()
            hung.set()

        looking = threading.Thread(target=look)
        looking.start()
        began = time.monotonic()
        indexer.follow(stop, interval=0.01, report=hang, trouble=lambda error: None)
        looking.join(10)
    # Either the clock was first, or the request's own time-out.
    assert ready[0][0] == 503
    assert ready[0][1] in ("node-silent", "node-too-slow")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("fatal", ["reorg", "restart"])
def test_what_cannot_be_mended_stays_red(node: ScriptedNode, tmp_path: Path, fatal: str) -> None:
    escrow = history(60)
    node.extend(escrow.records, escrow.block)
    node.final = node.head - 10
    with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
        stop = threading.Event()

        def break_it(_: object) -> None:
            if fatal == "reorg":
                fork(node, escrow, node.head - 20, 40, seed=2)
            else:
                node.blocks = ScriptedNode(genesis=b"another").blocks
                node.final = None

        with pytest.raises((NodeError, StoreError)):
            indexer.follow(stop, interval=0.001, report=break_it, trouble=lambda error: stop.set())
        assert indexer.health.ended
        vitals = indexer.health.vitals()
        assert not vitals.ready
        assert vitals.code == {"reorg": "final-block-replaced", "restart": "chain-restarted"}[fatal]
        assert "--reset" in vitals.remedy


@pytest.mark.parametrize("listen", ["nowhere", "127.0.0.1:x", "127.0.0.1:99999", "192.0.2.1:1"])
def test_where_nothing_can_listen_is_told(listen: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        Watch(listen, Health(silence=1), Endpoints(["http://127.0.0.1:1"]))
