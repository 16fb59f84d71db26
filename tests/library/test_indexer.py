"""The indexer against a real node and the real contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from milestone_escrow import calls
from milestone_escrow.chain import Node, start_anvil
from milestone_escrow.exceptions import EscrowError, NodeError, StoreError
from milestone_escrow.indexer import Indexer, IndexReport, Reader, delete_store, rpc
from milestone_escrow.state import Status
from tests.nodes.stage import Stage


@pytest.fixture(scope="module")
def anvil() -> Iterator[Node]:
    with start_anvil(port=0) as node:
        yield node


@pytest.fixture
def stage(anvil: Node) -> Iterator[Stage]:
    """The node, and an escrow of its own; the chain is as before afterwards."""
    before = anvil.chain.snapshot()
    yield Stage(anvil.rpc_url)
    anvil.chain.revert(before)


def indexer_of(stage: Stage, path: Path) -> Indexer:
    return Indexer(stage.chain.rpc_url, path, stage.escrow.address, stage.deployment.block_number)


def index(stage: Stage, path: Path) -> IndexReport:
    with indexer_of(stage, path) as indexer:
        return indexer.run_once()


def same_as_fresh(stage: Stage, path: Path, fresh: Path) -> bool:
    """Whether the index is what a new one of the same chain would be."""
    delete_store(fresh)
    index(stage, fresh)
    with Reader(path) as old, Reader(fresh) as new:
        return (
            old.state() == new.state()
            and old.events() == new.events()
            and old.checkpoint() == new.checkpoint()
        )


def some_deals(stage: Stage) -> None:
    """Bring three deals into different states, one in a token."""
    stage.run(calls.fund(stage.agreement(), [0, 2], b""))
    deal = stage.bound(token=stage.token)
    stage.run(calls.request_release(deal, [0, 1], b"\1" * 32))
    stage.run(calls.release_part(deal, 0, 7))
    stage.run(calls.cancel(deal, [1]))
    other = stage.bound([0])
    stage.run(calls.release(other, [0]))


def test_the_index_is_what_the_contract_says(stage: Stage, tmp_path: Path) -> None:
    some_deals(stage)
    report = index(stage, tmp_path / "index.db")
    assert report.unknown == 0
    with Reader(tmp_path / "index.db") as reader:
        deals = reader.deals()
        assert len(deals) == 3
        assert report.events == len(reader.events())
        for deal in deals:
            assert deal.deal_id == stage.escrow.deal_id(deal.agreement)
            assert deal.view() == stage.escrow.deal(deal.deal_id)
            for i, milestone in enumerate(deal.milestones):
                assert milestone.view() == stage.escrow.milestone(deal.deal_id, i)
        for (token, owner), amount in reader.credits().items():
            assert amount == stage.escrow.credit(token, owner) > 0
        assert reader.time() == stage.chain.time()


def test_a_reorg_of_anvil_is_followed(stage: Stage, tmp_path: Path) -> None:
    some_deals(stage)
    path = tmp_path / "index.db"
    index(stage, path)
    stage.chain.request("anvil_reorg", 4, [])
    stage.run(calls.fund(stage.agreement(), [1], b""))
    assert index(stage, path).reorgs == 1
    assert same_as_fresh(stage, path, tmp_path / "fresh.db")


def test_a_chain_that_was_taken_back_is_followed(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    deal = stage.bound([0])
    before = stage.chain.snapshot()
    stage.run(calls.release(deal, [0]))
    index(stage, path)
    with Reader(path) as reader:
        assert reader.deal(stage.escrow.deal_id(deal)).milestones[0].status is Status.SETTLED
    stage.chain.revert(before)
    assert index(stage, path).reorgs == 1
    with Reader(path) as reader:
        assert reader.deal(stage.escrow.deal_id(deal)).milestones[0].status is Status.FUNDED
    assert same_as_fresh(stage, path, tmp_path / "fresh.db")


def test_a_restarted_chain_is_told(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    for start in (1_800_000_000, 1_900_000_000):
        with start_anvil(port=0, timestamp=start) as node:
            stage = Stage(node.rpc_url)
            stage.run(calls.fund(stage.agreement(), [0], b""))
            if not path.exists():
                index(stage, path)
                continue
            with pytest.raises(StoreError, match="restarted") as caught:
                index(stage, path)
            assert "--reset" in caught.value.remedy
            delete_store(path)
            assert index(stage, path).events == 2


def test_follows_the_head_until_it_is_stopped(stage: Stage, tmp_path: Path) -> None:
    stop, seen = Event(), Event()
    reports: list[IndexReport] = []
    errors: list[EscrowError] = []

    def note(report: IndexReport) -> None:
        reports.append(report)
        if report.events:
            seen.set()

    def follow() -> None:
        try:
            with indexer_of(stage, tmp_path / "index.db") as indexer:
                indexer.follow(stop, interval=0.01, report=note)
        except EscrowError as error:
            errors.append(error)
            seen.set()

    thread = Thread(target=follow)
    thread.start()
    try:
        for count in (1, 2, 3):
            seen.clear()
            stage.run(calls.fund(stage.agreement(), [0], b""))
            assert seen.wait(10)
            with Reader(tmp_path / "index.db") as reader:
                assert len(reader.deals()) == count
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert not errors
    assert sum(report.events for report in reports) == 6


def test_waits_for_a_node_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_FIRST_PAUSE", 0.001)
    stop = Event()
    troubles: list[NodeError] = []
    reports: list[IndexReport] = []
    with start_anvil(port=0) as node:
        stage = Stage(node.rpc_url)
        indexer = indexer_of(stage, tmp_path / "index.db")
        indexer.run_once()

    def trouble(error: NodeError) -> None:
        troubles.append(error)
        if len(troubles) == 2:
            stop.set()

    with indexer:
        indexer.follow(stop, interval=0.01, report=reports.append, trouble=trouble)
        assert [error.code for error in troubles] == ["node-not-answering"] * 2
        assert not reports
        stop.clear()
        with pytest.raises(NodeError):
            indexer.follow(stop, interval=0.01)
