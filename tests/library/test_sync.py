from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.deal_state import State
from milestone_escrow.exceptions import DeploymentError, EscrowError, NodeError, StoreError
from milestone_escrow.indexer import Indexer, Progress, Reader
from milestone_escrow.indexer import rpc as rpc_module
from milestone_escrow.indexer import sync as sync_module
from milestone_escrow.indexer.rpc import TooMuch
from milestone_escrow.state import fold
from tests.library.indexing import agrees, fork, history, index, state_of
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        yield node


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(sync_module, "_FIRST_PAUSE", 0.0001)


# --- Reaching the head


@pytest.mark.parametrize("log_times", [True, False])
def test_indexes_all_that_there_is(node: ScriptedNode, tmp_path: Path, log_times: bool) -> None:
    escrow = history(300)
    node.log_times = log_times
    node.extend(escrow.records, escrow.block + 5)
    report = index(node, tmp_path / "index.db")
    assert agrees(tmp_path / "index.db", node)
    assert (report.events, report.head) == (len(escrow.records), node.head)
    assert (report.blocks, report.reorgs, report.unknown) == (node.head + 1, 0, 0)
    assert report.seconds > 0


def test_goes_on_from_the_checkpoint(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(200)
    node.extend(escrow.records, escrow.block // 2)
    first = index(node, tmp_path / "index.db")
    node.extend(escrow.records, escrow.block)
    second = index(node, tmp_path / "index.db")
    assert first.events > 0 < second.events
    assert first.events + second.events == len(escrow.records)
    assert second.blocks == node.head - first.head
    assert agrees(tmp_path / "index.db", node)
    assert index(node, tmp_path / "index.db").blocks == 0


def test_begins_at_the_deployment(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(100)
    records = [replace(record, block_number=record.block_number + 50) for record in escrow.records]
    node.extend(records, escrow.block + 50)
    report = index(node, tmp_path / "index.db", from_block=50)
    assert agrees(tmp_path / "index.db", node)
    assert report.blocks == node.head - 49


def test_a_sparse_chain_needs_few_requests(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(300)
    node.extend(escrow.records, 1_000)
    index(node, tmp_path / "index.db")
    assert agrees(tmp_path / "index.db", node)
    assert node.requests <= 5


def test_tells_its_progress(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(300)
    node.extend(escrow.records, escrow.block)
    seen: list[Progress] = []
    with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
        indexer.run_once(seen.append)
    assert [each.head for each in seen] == [node.head] * len(seen)
    assert len(seen) > 1
    assert [each.block for each in seen] == sorted({each.block for each in seen})
    assert (seen[-1].block, seen[-1].events) == (node.head, len(escrow.records))


def test_keeps_and_counts_what_it_does_not_know(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    log = node.blocks[escrow.records[0].block_number].logs[0]
    unknown = {**log, "topics": ["0x" + "ab" * 32], "logIndex": "0x50"}
    foreign = {**log, "address": "0x" + "12" * 20, "logIndex": "0x51"}
    node.blocks[escrow.records[0].block_number].logs += [unknown, foreign]
    report = index(node, tmp_path / "index.db")
    assert (report.unknown, report.events) == (2, len(escrow.records))
    with Reader(tmp_path / "index.db") as reader:
        assert reader.count_events() == (len(escrow.records), 1)
        assert [log.log_index for log in reader.unknown_logs()] == [0x50]
        assert reader.state().deals == fold(escrow.records).deals


# --- What a node does wrong


def test_halves_ranges_that_are_too_large(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(300)
    node.extend(escrow.records, escrow.block)
    node.largest_range = 37
    node.most_logs = 60
    index(node, tmp_path / "index.db")
    assert agrees(tmp_path / "index.db", node)


def test_gives_up_when_one_block_is_too_much(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    node.most_logs = 0
    with pytest.raises(TooMuch, match="more than 0 results"):
        index(node, tmp_path / "index.db")


@pytest.mark.parametrize(
    "fault",
    [(429, b""), (500, b"oops"), (503, b""), (413, b""), (200, b'[{"jsonrpc":"2.0","id":0,"resu')],
    ids=["rate limit", "server error", "unavailable", "too large", "cut short"],
)
def test_gets_over_passing_faults(
    node: ScriptedNode, tmp_path: Path, fault: tuple[int, bytes]
) -> None:
    escrow = history(300)
    node.extend(escrow.records, escrow.block)
    passing = fault[0] in (429, 500, 503)

    def disturb(number: int) -> None:
        # A request for logs; those before it are the first of all.
        if number in (3, 5) or (passing and number in (1, 2)):
            node.faults.append(fault)

    node.before_request = disturb
    index(node, tmp_path / "index.db")
    assert not node.faults
    assert agrees(tmp_path / "index.db", node)


def test_an_address_without_a_contract_is_told(node: ScriptedNode, tmp_path: Path) -> None:
    node.has_code = False
    with pytest.raises(DeploymentError, match=ESCROW):
        index(node, tmp_path / "index.db")
    assert not (tmp_path / "index.db").exists()


def test_abuse_indexer_06_07_logs_twice_removed_or_shuffled_are_harmless(
    node: ScriptedNode, tmp_path: Path
) -> None:
    escrow = history(100)
    node.extend(escrow.records, escrow.block)
    node.change_logs = lambda logs: [
        *reversed(logs),
        *({**log, "removed": True, "logIndex": "0x77"} for log in logs),
        *logs,
    ]
    index(node, tmp_path / "index.db")
    assert agrees(tmp_path / "index.db", node)


def test_two_logs_in_one_place_are_refused(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    node.change_logs = lambda logs: [*logs, {**logs[-1], "data": "0x"}]
    with pytest.raises(NodeError, match="two different logs for one place"):
        index(node, tmp_path / "index.db")


def test_a_log_of_another_range_is_refused(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    node.change_logs = lambda logs: [{**log, "blockNumber": "0x7777"} for log in logs]
    with pytest.raises(NodeError, match="asked for blocks 0 to"):
        index(node, tmp_path / "index.db")


def test_a_node_that_contradicts_itself_is_told(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    node.change_logs = lambda logs: [{**log, "blockHash": "0x" + "12" * 32} for log in logs]
    with pytest.raises(NodeError) as caught:
        index(node, tmp_path / "index.db")
    assert caught.value.code == "chain-unsteady"
    assert state_of(tmp_path / "index.db") == State()


def test_blocks_that_do_not_follow_each_other_are_told(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    node.blocks[node.head // 2].parent_hash = b"\5" * 32
    with pytest.raises(NodeError) as caught:
        index(node, tmp_path / "index.db")
    assert caught.value.code == "chain-unsteady"


# --- Blocks that are replaced


@pytest.mark.parametrize("depth", [1, 100, 255, 256, 257, 700])
def test_abuse_indexer_01_goes_back_to_the_common_ancestor(
    node: ScriptedNode, tmp_path: Path, depth: int
) -> None:
    escrow = history(450)
    node.extend(escrow.records, escrow.block)
    index(node, tmp_path / "index.db")
    fork(node, escrow, node.head - depth, 60, seed=depth)
    report = index(node, tmp_path / "index.db")
    assert report.reorgs == 1
    assert agrees(tmp_path / "index.db", node)


def test_goes_back_to_before_the_first_event(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(300)
    node.extend(escrow.records, escrow.block)
    index(node, tmp_path / "index.db")
    node.cut(0)
    other = history(200, seed=2)
    node.extend(other.records, other.block)
    assert index(node, tmp_path / "index.db").reorgs == 1
    assert agrees(tmp_path / "index.db", node)


def test_a_chain_that_became_shorter(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(100)
    node.extend(escrow.records, escrow.block)
    index(node, tmp_path / "index.db")
    node.cut(node.head // 2)
    assert index(node, tmp_path / "index.db").reorgs == 1
    assert agrees(tmp_path / "index.db", node)


@pytest.mark.parametrize("request_number", range(1, 6))
def test_blocks_replaced_while_it_reads(
    node: ScriptedNode, tmp_path: Path, request_number: int
) -> None:
    escrow = history(450)
    node.extend(escrow.records, escrow.block)

    def replace_blocks(number: int) -> None:
        if number == request_number:
            fork(node, escrow, node.head - 300, 200, seed=3)

    node.before_request = replace_blocks
    with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
        indexer.run_once()
        indexer.run_once()
    assert node.requests > request_number
    assert agrees(tmp_path / "index.db", node)


def test_a_final_block_that_is_replaced_is_told(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(100)
    node.extend(escrow.records, escrow.block)
    node.final = node.head - 10
    index(node, tmp_path / "index.db")
    with Reader(tmp_path / "index.db") as reader:
        assert reader.final_block() == node.final
    before = state_of(tmp_path / "index.db")
    fork(node, escrow, node.final - 1, 60, seed=5)
    with pytest.raises(NodeError, match="took that one as final") as caught:
        index(node, tmp_path / "index.db")
    assert caught.value.code == "final-block-replaced"
    assert "--reset" in caught.value.remedy
    assert state_of(tmp_path / "index.db") == before


def test_blocks_after_the_final_one_may_be_replaced(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(100)
    node.extend(escrow.records, escrow.block)
    node.final = node.head - 10
    index(node, tmp_path / "index.db")
    fork(node, escrow, node.final, 60, seed=5)
    assert index(node, tmp_path / "index.db").reorgs == 1
    assert agrees(tmp_path / "index.db", node)


# --- Another chain


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"genesis": b"another"}, "chain-restarted"),
        ({"chain_id": 1}, "other-chain"),
    ],
)
def test_another_chain_is_told(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    escrow = history(30)
    path = tmp_path / "index.db"
    with ScriptedNode() as first:
        first.extend(escrow.records, escrow.block)
        index(first, path)
    before = state_of(path)
    with ScriptedNode(**change) as second:
        second.extend(escrow.records, escrow.block)
        with pytest.raises(StoreError) as caught:
            index(second, path)
    assert caught.value.code == code
    assert "--reset" in caught.value.remedy
    assert state_of(path) == before


def test_a_chain_restarted_while_it_follows_is_told(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(30)
    node.extend(escrow.records, escrow.block)
    with Indexer(node.url, tmp_path / "index.db", ESCROW) as indexer:
        indexer.run_once()
        node.blocks = ScriptedNode(genesis=b"another").blocks
        with pytest.raises(StoreError, match="restarted"):
            indexer.run_once()


@pytest.mark.parametrize("arguments", [("0x12", 0), (ESCROW, -1)])
def test_bad_arguments_are_told(tmp_path: Path, arguments: tuple[str, int]) -> None:
    with pytest.raises(EscrowError) as caught:
        Indexer("http://127.0.0.1:1", tmp_path / "index.db", *arguments)
    assert caught.value.code == "usage"
