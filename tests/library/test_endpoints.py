"""Several nodes: they stand in for each other, and do not have to be believed one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer import Indexer
from milestone_escrow.indexer import rpc as rpc_module
from milestone_escrow.indexer import sync as sync_module
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.rpc import Rpc, TooMuch
from tests.library.indexing import agrees, fork, history, state_of
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import Answer, ScriptedNode


@pytest.fixture
def nodes() -> Iterator[tuple[ScriptedNode, ScriptedNode]]:
    """Two nodes of one chain."""
    with ScriptedNode() as one, ScriptedNode() as two:
        escrow = history(100)
        for node in (one, two):
            node.extend(escrow.records, escrow.block)
        yield one, two


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "_FIRST_PAUSE", 0.0001)
    monkeypatch.setattr(sync_module, "_FIRST_PAUSE", 0.0001)


def index(nodes: tuple[ScriptedNode, ScriptedNode], path: Path) -> Endpoints:
    with Indexer([node.url for node in nodes], path, ESCROW, timeout=5) as indexer:
        indexer.run_once()
        return indexer.nodes


def test_another_stands_in_for_one_that_fails(
    nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path
) -> None:
    one, two = nodes
    one.before_request = lambda number: one.faults.append((503, b""))
    changed: list[tuple[str, str]] = []
    with Indexer(
        [one.url, two.url],
        tmp_path / "index.db",
        ESCROW,
        changed=lambda name, why: changed.append((name, why.code)),
    ) as indexer:
        indexer.run_once()
        assert indexer.nodes.name == two.url
        assert indexer.nodes.switches == 1
        assert indexer.nodes.silent == (one.url,)
    assert changed == [(two.url, "node-not-answering")]
    assert agrees(tmp_path / "index.db", two)


def test_if_all_fail_it_is_told(nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path) -> None:
    for node in nodes:
        node.faults.extend([(503, b"")] * 20)
    with pytest.raises(NodeError, match="busy") as caught:
        index(nodes, tmp_path / "index.db")
    assert caught.value.code == "node-not-answering"


@pytest.mark.parametrize("liar", [0, 1])
def test_abuse_indexer_05_nodes_that_disagree(
    nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path, liar: int
) -> None:
    fork(nodes[liar], history(100), nodes[liar].head - 20, 30, seed=9)
    path = tmp_path / "index.db"
    with pytest.raises(NodeError) as caught:
        index(nodes, path)
    assert caught.value.code == "nodes-disagree"
    assert state_of(path).deals == {}  # nothing of what is in doubt


def test_abuse_indexer_05_nodes_of_different_chains(tmp_path: Path) -> None:
    with (
        ScriptedNode() as one,
        ScriptedNode(genesis=b"another") as two,
        pytest.raises(NodeError) as caught,
    ):
        index((one, two), tmp_path / "index.db")
    assert caught.value.code == "nodes-disagree"


def test_abuse_indexer_05_one_that_contradicts_itself_is_left_for_another(
    nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path
) -> None:
    one, two = nodes
    one.change_logs = lambda logs: [{**log, "blockHash": "0x" + "12" * 32} for log in logs]
    assert index(nodes, tmp_path / "index.db").name == two.url
    assert agrees(tmp_path / "index.db", two)


def test_abuse_indexer_04_one_that_keeps_logs_back_is_left_for_another(
    nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path
) -> None:
    one, two = nodes
    one.change_logs = lambda logs: []
    assert index(nodes, tmp_path / "index.db").name == two.url
    assert agrees(tmp_path / "index.db", two)


def test_one_that_is_behind_is_left_for_another(
    nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path
) -> None:
    one, two = nodes
    one.version = two.version = "Geth/v1.16"
    index(nodes, tmp_path / "index.db")
    one.cut(one.head - 3)
    two.extend([], two.head + 1)
    assert index(nodes, tmp_path / "index.db").name == two.url
    assert agrees(tmp_path / "index.db", two)


def test_the_highest_head_of_all_is_known(
    nodes: tuple[ScriptedNode, ScriptedNode], tmp_path: Path
) -> None:
    one, two = nodes
    two.extend([], two.head + 50)
    with Indexer([one.url, two.url], tmp_path / "index.db", ESCROW) as indexer:
        indexer.run_once()
        vitals = indexer.health.vitals()
    assert (vitals.block, vitals.head) == (one.head, two.head)
    assert (vitals.ready, vitals.code) == (False, "behind")


def test_no_node_at_all_is_told() -> None:
    with pytest.raises(NodeError, match="No node is given"):
        Endpoints([])


# --- What one node asks for


def test_it_waits_as_long_as_the_node_asks(nodes: tuple[ScriptedNode, ScriptedNode]) -> None:
    one, _ = nodes
    pauses: list[float] = []
    one.faults.extend(
        [
            Answer(429, b"", {"Retry-After": "7"}),
            Answer(503, b"", {"Retry-After": "86400"}),
            Answer(429, b"", {"Retry-After": "Thu, 01 Jan 2015 00:00:00 GMT"}),
            Answer(429, b"", {"Retry-After": "soon"}),
        ]
    )
    rpc = Rpc(one.url, pause=pauses.append)
    assert rpc.call("eth_chainId") == hex(31_337)
    assert pauses == [7.0, 60.0, 0.0, rpc_module._FIRST_PAUSE * 8]
    assert (rpc.requests, rpc.retries) == (5, 4)


def test_an_answer_that_trickles_in_is_given_up(
    nodes: tuple[ScriptedNode, ScriptedNode],
) -> None:
    one, _ = nodes
    one.faults.append(Answer(trickle=0.02))
    with pytest.raises(TooMuch, match="did not finish") as caught:
        Rpc(one.url, timeout=0.1).call("eth_getBlockByNumber", "latest", False)
    assert caught.value.code == "node-too-slow"


def test_a_secret_before_the_host_is_sent_and_not_shown(
    nodes: tuple[ScriptedNode, ScriptedNode],
) -> None:
    one, _ = nodes
    url = one.url.replace("http://", "http://me:se%20cret@")
    rpc = Rpc(url)
    assert rpc.call("eth_chainId") == hex(31_337)
    assert one.authorization == "Basic bWU6c2UgY3JldA=="
    assert "cret" not in rpc.name
