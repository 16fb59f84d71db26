"""Ranges read by the workers of a real Dask cluster: the same tables as from one process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow import calls
from milestone_escrow.chain import Node, start_anvil
from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer import Indexer, OutboxEntry, Reader
from milestone_escrow.indexer.ranges_dask import Workers
from tests.library.batches import lasting
from tests.nodes.stage import Stage

distributed = pytest.importorskip("distributed")

pytestmark = [
    # What Dask leaves open when its cluster is closed.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def anvil() -> Iterator[Node]:
    """A chain of some 700 blocks, with deals all along."""
    with start_anvil(port=0) as node:
        yield node


@pytest.fixture(scope="module")
def stage(anvil: Node) -> Stage:
    stage = Stage(anvil.rpc_url)
    for number in range(12):
        deal = stage.bound()
        if number % 2:
            stage.run(calls.release(deal, [0]))
        stage.chain.request("anvil_mine", hex(50))
    return stage


def indexer(stage: Stage, path: Path, workers: Workers | None) -> Indexer:
    urls = [stage.chain.rpc_url]
    return Indexer(
        urls,
        path,
        stage.escrow.address,
        stage.deployment.block_number,
        executor=None if workers is None else workers.executor,
        reader=None if workers is None else workers.reader(urls),
    )


def everything(path: Path) -> tuple[dict[str, list[Any]], list[OutboxEntry]]:
    """Return all rows; of the outbox what it tells: how many events share a row is chance."""
    with Reader(path) as reader:
        return lasting(path), reader.outbox(0, 10_000)


def test_the_tables_are_those_of_one_process(cluster: Any, stage: Stage, tmp_path: Path) -> None:
    with Workers(cluster.scheduler_address) as workers:
        with indexer(stage, tmp_path / "many.db", workers) as many:
            done = many.run_once()
            here = many.nodes.requests
        assert done.events > 60
    with indexer(stage, tmp_path / "one.db", None) as one:
        one.run_once()
        assert here < one.nodes.requests  # the others were the workers'
    assert everything(tmp_path / "many.db") == everything(tmp_path / "one.db")


def test_a_worker_that_is_killed_changes_nothing(
    cluster: Any, stage: Stage, tmp_path: Path
) -> None:
    victim = next(iter(cluster.workers.values()))
    killed = threading.Event()

    def kill(_: object) -> None:
        if not killed.is_set():
            killed.set()
            os.kill(victim.pid, signal.SIGKILL)

    with (
        Workers(cluster.scheduler_address) as workers,
        indexer(stage, tmp_path / "many.db", workers) as many,
    ):
        many.run_once(kill)
    assert killed.is_set()
    with indexer(stage, tmp_path / "one.db", None) as one:
        one.run_once()
    assert everything(tmp_path / "many.db") == everything(tmp_path / "one.db")


def test_no_scheduler_is_told() -> None:
    with pytest.raises(NodeError, match="No Dask scheduler") as caught:
        Workers("tcp://127.0.0.1:1", timeout=0.2)
    assert caught.value.code == "no-workers"
