"""Blocks that are replaced, at any depth and any moment: the index is as a fresh one would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from milestone_escrow.exceptions import NodeError, StoreError
from milestone_escrow.indexer import Indexer, delete_store
from milestone_escrow.indexer import rpc as rpc_module
from milestone_escrow.indexer import sync as sync_module
from tests.library.indexing import agrees, fork, history, index, state_of
from tests.library.plausible_escrow import ESCROW
from tests.library.reorganising import play_and_compare
from tests.library.scripted_node import ScriptedNode


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        yield node


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "_FIRST_PAUSE", 0.0001)
    monkeypatch.setattr(sync_module, "_FIRST_PAUSE", 0.0001)


def test_random_reorgs(node: ScriptedNode, new_target: Callable[[], Path | str]) -> None:
    """``python -m tests.verify --only reorgs`` plays five thousand."""
    assert sum(play_and_compare(node, new_target, seed) for seed in range(20)) > 20


@pytest.mark.parametrize("depth", [1, 64, 2_000])
def test_abuse_indexer_01_a_reorg_down_to_the_last_final_block(
    node: ScriptedNode, tmp_path: Path, depth: int
) -> None:
    escrow = history(120)
    path = tmp_path / "index.db"
    node.extend(escrow.records, max(escrow.block, 2_100))
    node.final = node.head - depth
    index(node, path)
    fork(node, escrow, node.final, 40, seed=depth)
    assert index(node, path).reorgs == 1
    assert agrees(path, node)


def test_abuse_indexer_02_a_reorg_while_it_was_down(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(120)
    path = tmp_path / "index.db"
    node.extend(escrow.records, escrow.block)
    index(node, path)
    height = node.head
    fork(node, escrow, height - 30, 200, seed=3)
    node.cut(height)  # of the same height: only the hashes tell
    assert index(node, path).reorgs == 1
    assert agrees(path, node)


@pytest.mark.parametrize("finality", ["finalized", "safe"])
def test_abuse_indexer_03_a_reorg_below_the_final_block(
    node: ScriptedNode, tmp_path: Path, finality: str
) -> None:
    escrow = history(120)
    path = tmp_path / "index.db"
    node.extend(escrow.records, escrow.block)
    final = node.head - 10
    node.safe = final
    node.final = final if finality == "finalized" else final - 50
    index(node, path, finality=finality)
    before = state_of(path)
    fork(node, escrow, final - 1, 60, seed=5)
    for _ in range(2):  # and it says so again
        with pytest.raises(NodeError) as caught:
            index(node, path, finality=finality)
        assert caught.value.code == "final-block-replaced"
        assert "--reset" in caught.value.remedy
        assert state_of(path) == before
    delete_store(path)
    index(node, path, finality=finality)
    assert agrees(path, node)


def test_abuse_indexer_03_confirmations_where_no_block_is_called_final(
    node: ScriptedNode, tmp_path: Path
) -> None:
    escrow = history(120)
    path = tmp_path / "index.db"
    node.extend(escrow.records, escrow.block)
    index(node, path, confirmations=10)
    head = node.head
    fork(node, escrow, head - 10, 60, seed=5)
    assert index(node, path, confirmations=10).reorgs == 1
    fork(node, escrow, head - 11, 60, seed=6)
    with pytest.raises(NodeError) as caught:
        index(node, path, confirmations=10)
    assert caught.value.code == "final-block-replaced"


def test_abuse_indexer_10_a_development_chain_that_was_restarted(
    node: ScriptedNode, tmp_path: Path
) -> None:
    escrow = history(60)
    path = tmp_path / "index.db"
    node.extend(escrow.records, escrow.block)
    height = node.head
    with Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once()
        node.blocks = ScriptedNode(genesis=b"another").blocks
        node.extend(history(60, seed=2).records, height)
        with pytest.raises(StoreError, match="restarted") as caught:
            indexer.run_once()
        assert "--reset" in caught.value.remedy
    delete_store(path)
    index(node, path)
    assert agrees(path, node)


@pytest.mark.parametrize("silent", [False, True], ids=["other events", "no events"])
@pytest.mark.parametrize("call", range(1, 16))
def test_abuse_indexer_13_a_chain_switched_between_two_calls(
    node: ScriptedNode, tmp_path: Path, call: int, silent: bool
) -> None:
    """Within one request, too: the logs may be of the one chain, the headers of the other."""
    escrow = history(100)
    path = tmp_path / "index.db"
    node.extend(escrow.records, 420)
    theirs = list(node.blocks)
    if silent:  # of what comes first no log says that it is not there any more
        node.cut(30)
        node.extend([], 420, salt=b"silent")
    else:
        fork(node, escrow, 30, 80, seed=4)
        node.extend([], 421)
    asked = 0

    def switch(method: str) -> None:
        nonlocal asked
        asked += method in ("eth_getLogs", "eth_getBlockByNumber")
        if asked == call:
            node.blocks = theirs

    node.before_call = switch
    for _ in range(2):
        index(node, path)
    assert asked > call
    assert agrees(path, node)
    assert node.blocks is theirs


def test_abuse_indexer_14_only_the_time_of_the_chain_counts(
    node: ScriptedNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    escrow = history(60)
    node.extend(escrow.records, escrow.block)
    monkeypatch.setattr("time.time", lambda: 1.0)
    index(node, tmp_path / "index.db")
    assert agrees(tmp_path / "index.db", node)
