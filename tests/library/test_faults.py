"""Whatever a node does, the index is right in the end, or the indexer has stopped and said why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from milestone_escrow.exceptions import EscrowError, NodeError
from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.indexer import rpc as rpc_module
from milestone_escrow.indexer import sync as sync_module
from milestone_escrow.indexer.sync_steps import RECENT
from tests.library.faulty_node import LASTING, PASSING, heal
from tests.library.indexing import agrees, history, on_chain
from tests.library.plausible_escrow import ESCROW, PlausibleEscrow
from tests.library.scripted_node import ScriptedNode
from tests.library.tale import Tale


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        yield node


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "_FIRST_PAUSE", 0.0001)
    monkeypatch.setattr(sync_module, "_FIRST_PAUSE", 0.0001)


@cache
def played() -> PlausibleEscrow:
    return history(150)


def sound(path: Path, node: ScriptedNode) -> bool:
    """Whether all that the index holds is so, up to where it has come."""
    if not path.exists():
        return True
    with Reader(path) as reader:
        number, block_hash = reader.checkpoint()
        expected = [record for record in on_chain(node) if record.block_number <= number]
        there = None if number < 0 else node.blocks[number].hash
        return there == block_hash and reader.events(limit=100_000) == expected


def until_done(node: ScriptedNode, path: Path, runs: int, *, forked: bool = False) -> int:
    """Index until a run ends well; return how many did not.

    Where the chain forked, the index may still hold what is no longer there.
    """
    for stops in range(runs):
        try:
            with Indexer(node.url, path, ESCROW) as indexer:
                indexer.run_once()
        except NodeError as error:
            assert error.sentence.endswith(".")
            assert error.remedy.endswith(".")
            assert forked or sound(path, node)
        else:
            return stops
    return runs


def test_there_are_many_kinds() -> None:
    assert len(PASSING) + len(LASTING) >= 20


@pytest.mark.parametrize("name", PASSING)
def test_abuse_indexer_08_passing_fault(node: ScriptedNode, tmp_path: Path, name: str) -> None:
    node.extend(played().records, played().block + 3)
    PASSING[name](node, Random(name))
    path = tmp_path / "index.db"
    assert until_done(node, path, 20) < 20
    assert agrees(path, node)


@pytest.mark.parametrize("name", LASTING)
def test_abuse_indexer_05_lasting_fault(node: ScriptedNode, tmp_path: Path, name: str) -> None:
    node.extend(played().records, played().block)
    path = tmp_path / "index.db"
    fault, code = LASTING[name]
    fault(node, Random(name))
    with pytest.raises(NodeError) as caught, Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once()
    assert caught.value.code == code
    assert caught.value.remedy.endswith(".")
    assert sound(path, node)
    heal(node)
    assert until_done(node, path, 1) == 0
    assert agrees(path, node)


# Of several logs of one block one node may leave out the same one twice: docs/indexing.md says what
# comes of that.
MIXED = [name for name in PASSING if name != "fewer logs now and then"]


def test_faults_mixed_with_a_chain_that_goes_on(tmp_path: Path) -> None:
    """Random faults, growth and forks; ``ESCROW_FAULTS`` says how many sequences."""
    for seed in range(int(os.environ.get("ESCROW_FAULTS", "6"))):
        random = Random(seed)
        path = tmp_path / f"{seed}.db"
        with ScriptedNode() as node:
            tale = Tale(node, random)
            tale.go_on(40)
            for _ in range(4):
                PASSING[random.choice(MIXED)](node, random)
                until_done(node, path, 3, forked=True)
                heal(node)
                if random.random() < 0.5:
                    tale.go_back(node.head - random.randrange(40))
                tale.go_on(15)
            assert until_done(node, path, 1) == 0, seed
            assert agrees(path, node), seed


def test_abuse_indexer_04_a_long_answer_cut_short(node: ScriptedNode, tmp_path: Path) -> None:
    """The blocks after its last log are no longer the newest ones, which are read twice."""
    records = history(70).records
    node.extend(records, records[-1].block_number + 50)
    assert node.head < RECENT
    node.change = lambda method, params, result: (
        result[:-1] if method == "eth_getLogs" and "blockHash" not in params[0] else result
    )
    path = tmp_path / "index.db"
    assert until_done(node, path, 1) == 0
    assert agrees(path, node)


def test_abuse_indexer_04_a_node_that_lags(node: ScriptedNode, tmp_path: Path) -> None:
    """Its headers are there before its logs; by number it says that there are none."""
    node.extend(played().records, played().block)
    last = max(record.block_number for record in played().records)
    path = tmp_path / "index.db"
    node.logs_to = last - 1
    node.version = "Geth/v1.16"
    with pytest.raises(EscrowError) as caught, Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once()
    assert caught.value.code == "chain-unsteady"
    assert sound(path, node)
    node.logs_to = last
    assert until_done(node, path, 1) == 0
    assert agrees(path, node)


def test_abuse_indexer_04_a_node_that_finds_them_by_hash_only(
    node: ScriptedNode, tmp_path: Path
) -> None:
    node.extend(played().records, 200)
    assert on_chain(node)

    def by_hash_only(method: str, params: list[object], result: object) -> object:
        query = params[0] if method == "eth_getLogs" else None
        return [] if isinstance(query, dict) and "blockHash" not in query else result

    node.change = by_hash_only
    path = tmp_path / "index.db"
    assert until_done(node, path, 1) == 0
    assert agrees(path, node)


def test_abuse_indexer_04_old_logs_that_are_late(node: ScriptedNode, tmp_path: Path) -> None:
    """Of old blocks only some headers are read; one of them says that there must be logs."""
    node.extend(played().records, played().block + 400)
    node.change = lambda method, params, result: [] if method == "eth_getLogs" else result
    first = played().records[0].block_number
    path = tmp_path / "index.db"
    with (
        pytest.raises(NodeError) as caught,
        Indexer(node.url, path, ESCROW, first) as indexer,
    ):
        indexer.run_once()
    assert caught.value.code == "logs-withheld"


def test_abuse_indexer_04_a_node_behind_the_index(node: ScriptedNode, tmp_path: Path) -> None:
    """It takes nothing back because a node has not seen it yet."""
    node.version = "Geth/v1.16"
    node.extend(played().records, played().block)
    path = tmp_path / "index.db"
    assert until_done(node, path, 1) == 0
    blocks = list(node.blocks)
    for late in (1, 5, 270, node.head):
        node.cut(node.head - late)
        with pytest.raises(NodeError) as caught, Indexer(node.url, path, ESCROW) as indexer:
            indexer.run_once()
        assert caught.value.code == "node-behind"
        node.blocks = list(blocks)
        assert agrees(path, node)
