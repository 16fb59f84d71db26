"""Following the head of a real node: by its WebSocket, and by asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from milestone_escrow import calls
from milestone_escrow.chain import Node, start_anvil
from milestone_escrow.exceptions import EscrowError, NodeError
from milestone_escrow.indexer import Indexer, IndexReport, Reader
from milestone_escrow.indexer import follow as follow_module
from milestone_escrow.indexer.follow import Heads
from milestone_escrow.indexer.health import Vitals
from milestone_escrow.indexer.sync_steps import parse_header
from tests.library.scripted_node import ScriptedNode
from tests.library.web_socket import Relay
from tests.nodes.stage import Stage

PATIENCE = 20.0
NEVER = 3_600.0  # an interval in which nobody would ask


@pytest.fixture(scope="module")
def anvil() -> Iterator[Node]:
    with start_anvil(port=0) as node:
        yield node


@pytest.fixture
def stage(anvil: Node) -> Iterator[Stage]:
    before = anvil.chain.snapshot()
    yield Stage(anvil.rpc_url)
    anvil.chain.revert(before)


@dataclass
class Following:
    """An indexer that follows in a thread."""

    path: Path
    reports: list[IndexReport] = field(default_factory=list)
    vitals: Callable[[], Vitals] = Vitals
    errors: list[Exception] = field(default_factory=list)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert not self.errors, self.errors
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.001)

    def level_with(self, stage: Stage) -> bool:
        if not self.path.exists() or not self.reports:
            return False
        head = stage.w3.eth.get_block("latest")
        with Reader(self.path) as reader:
            return reader.checkpoint() == (head["number"], bytes(head["hash"]))


@contextmanager
def following(stage: Stage, path: Path, ws_url: str | None, interval: float) -> Iterator[Following]:
    stop = threading.Event()
    follower = Following(path)

    def work() -> None:
        try:
            with Indexer(
                stage.chain.rpc_url, path, stage.escrow.address, stage.deployment.block_number
            ) as indexer:
                follower.vitals = indexer.health.vitals
                indexer.follow(
                    stop,
                    interval=interval,
                    ws_url=ws_url,
                    report=follower.reports.append,
                    trouble=lambda error: None,
                )
        except EscrowError as error:
            follower.errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield follower
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def act(stage: Stage) -> None:
    stage.run(calls.fund(stage.agreement(), [0], b""))


def test_it_is_told_of_each_block(stage: Stage, tmp_path: Path) -> None:
    url = stage.chain.rpc_url.replace("http", "ws")
    with following(stage, tmp_path / "index.db", url, NEVER) as follower:
        follower.until(lambda: follower.vitals().websocket is True)
        for _ in range(3):
            act(stage)
            follower.until(lambda: follower.level_with(stage))
        vitals = follower.vitals()
    assert (vitals.ready, vitals.events) == (True, 6)


def test_a_dropped_socket_falls_back_to_asking_and_comes_back(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_module, "_LONGEST_PAUSE", 0.2)
    with (
        Relay(stage.chain.rpc_url.replace("http", "ws")) as relay,
        following(stage, tmp_path / "index.db", relay.url, 0.05) as follower,
    ):
        follower.until(lambda: follower.vitals().websocket is True)
        relay.down()
        follower.until(lambda: follower.vitals().websocket is False)
        act(stage)
        follower.until(lambda: follower.level_with(stage))
        relay.up()
        follower.until(lambda: follower.vitals().websocket is True)
        act(stage)
        follower.until(lambda: follower.level_with(stage))


def test_a_reorg_is_followed_by_socket(stage: Stage, tmp_path: Path) -> None:
    url = stage.chain.rpc_url.replace("http", "ws")
    with following(stage, tmp_path / "index.db", url, 0.5) as follower:
        follower.until(lambda: follower.vitals().websocket is True)
        act(stage)
        before = stage.chain.snapshot()
        act(stage)
        act(stage)
        follower.until(lambda: follower.level_with(stage))
        stage.chain.revert(before)
        act(stage)
        follower.until(lambda: follower.level_with(stage))
        assert follower.vitals().reorgs >= 1
        follower.until(lambda: follower.vitals().ready)


def test_without_a_socket_it_asks(stage: Stage, tmp_path: Path) -> None:
    with following(stage, tmp_path / "index.db", None, 0.01) as follower:
        for _ in range(2):
            act(stage)
            follower.until(lambda: follower.level_with(stage))
        assert follower.vitals().websocket is None


def test_one_block_by_socket_is_one_request(tmp_path: Path) -> None:
    with ScriptedNode() as node:
        node.extend([], 10)
        address = "0x" + "e5" * 20
        with Indexer(node.url, tmp_path / "index.db", address) as indexer:
            indexer.run_once()
            node.extend([], 11)
            asked = node.requests
            header = parse_header(node.blocks[-1].to_json(), "the node")
            assert indexer.run_once(header=header).head == 11
            assert node.requests == asked + 1
            # One that does not follow is looked into.
            node.cut(9)
            node.extend([], 12, salt=b"other")
            header = parse_header(node.blocks[-1].to_json(), "the node")
            report = indexer.run_once(header=header)
            assert (report.head, report.reorgs) == (12, 1)


def test_a_socket_at_which_nobody_answers_tells_nothing() -> None:
    changes: list[bool] = []
    with Heads("ws://127.0.0.1:1", changes.append) as heads:
        assert heads.wait(0.3) == (False, None)
    assert changes == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ws://", "127.0.0.1:1"])
def test_what_is_no_socket_is_told(url: str) -> None:
    with pytest.raises(NodeError, match="how a node tells"):
        Heads(url)
