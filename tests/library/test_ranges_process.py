"""Old ranges that another process reads: the same comes, whatever becomes of that process."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer import ranges_process
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.ranges import Range, read_range
from milestone_escrow.indexer.ranges_process import COMMAND, Beside
from milestone_escrow.indexer.rpc import Rpc, TooMuch
from milestone_escrow.indexer.sync_steps import parse_header
from tests.library.indexing import agrees, history, index
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode

_PATIENCE = 60.0  # seconds


@pytest.fixture(autouse=True)
def _always_worthwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges_process, "WORTHWHILE", 1)
    monkeypatch.setattr(ranges_process, "_cores", lambda: 2)


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    escrow = history(200)
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block)
        yield node


def some_blocks(node: ScriptedNode) -> Range:
    """Return a range with logs and more blocks after it."""
    with Rpc(node.url) as rpc:
        head = parse_header(rpc.call("eth_getBlockByNumber", "latest", False), "the node")
    return Range(1, head.number - 1, head, every_header=True)


def until_brought(beside: Beside, asked: Range, ranges: int) -> None:
    """Read until the other process has brought so many ranges."""
    expected = read_range(beside.client, [ESCROW], asked)
    assert expected.logs
    until = time.monotonic() + _PATIENCE
    while beside.brought < ranges:
        assert beside(asked) == expected
        assert time.monotonic() < until


def test_the_other_process_brings_the_same(node: ScriptedNode) -> None:
    asked, client = some_blocks(node), Endpoints([node.url])
    with Beside(client, [ESCROW], node.head) as beside:
        until_brought(beside, asked, 3)
        process, before = beside.process, node.requests
        requests = client.requests
        beside(asked)
        assert client.requests - requests == node.requests - before == 1
    assert process is not None and process.poll() is not None
    client.close()


def test_a_short_history_starts_none(node: ScriptedNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges_process, "WORTHWHILE", 1_000_000)
    with Beside(Endpoints([node.url]), [ESCROW], node.head) as beside:
        beside(some_blocks(node))
        assert beside.process is None


def test_one_core_starts_none(node: ScriptedNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges_process, "_cores", lambda: 1)
    with Beside(Endpoints([node.url]), [ESCROW], node.head) as beside:
        beside(some_blocks(node))
        assert beside.process is None


def test_killed_it_is_not_missed(node: ScriptedNode) -> None:
    asked, client = some_blocks(node), Endpoints([node.url])
    with Beside(client, [ESCROW], node.head) as beside:
        until_brought(beside, asked, 1)
        assert beside.process is not None
        beside.process.kill()
        brought = beside.brought
        assert beside(asked) == beside(asked) == read_range(client, [ESCROW], asked)
        assert beside.brought == brought


def test_its_errors_are_those_of_here(node: ScriptedNode) -> None:
    asked = some_blocks(node)
    with Beside(Endpoints([node.url]), [ESCROW], node.head) as beside:
        until_brought(beside, asked, 1)
        node.largest_range = 2
        with pytest.raises(TooMuch):
            beside(asked)
        node.largest_range = 1_000_000
        until_brought(beside, asked, 2)  # that was no reason to do without it
        node.change_logs = lambda logs: [{**log, "data": "0x0"} for log in logs]
        with pytest.raises(NodeError, match="malformed"):
            beside(asked)
        node.change_logs = list
        assert beside(asked).logs
        assert beside.brought == 2


def test_it_ends_with_the_one_that_started_it() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, str(theirs.fileno()), *sys.path],
            pass_fds=[theirs.fileno()],
        )
    with ours, ours.makefile("rwb") as stream:
        pickle.dump((["http://127.0.0.1:1"], 1.0, [ESCROW]), stream)
        stream.flush()
        assert pickle.load(stream) == "ready"
    assert process.wait(_PATIENCE) == 0


def test_an_index_is_the_same_with_it(node: ScriptedNode, tmp_path: Path) -> None:
    node.largest_range = 20
    index(node, tmp_path / "index.db")
    assert agrees(tmp_path / "index.db", node)
