"""The index is killed, the disk is full, the database goes away: what was committed is right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer import Indexer, Progress, Reader, open_reader
from tests.library.indexing import agrees, history, on_chain
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode
from tests.postgres import Server

ROOT = Path(__file__).parents[2]
# A process whose files cannot grow beyond a number of bytes: to it, the disk is full.
INDEX_IN_LITTLE_ROOM = """
import resource, sys
room = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
from milestone_escrow.cli import main
main(sys.argv[2:])
"""


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        escrow = history(400)
        node.extend(escrow.records, escrow.block)
        node.largest_range = 20  # many commits
        yield node


def options(node: ScriptedNode, path: Path) -> list[str]:
    return ["index", "--rpc", node.url, "--escrow", ESCROW, "--store", str(path)]


def seen_so_far(path: Path, node: ScriptedNode) -> int:
    """Return the number of events of the index, which are the chain's first."""
    with Reader(path) as reader:
        number, _ = reader.checkpoint()
        records = reader.events(limit=100_000)
    assert records == [each for each in on_chain(node) if each.block_number <= number]
    return len(records)


def test_abuse_indexer_09_killed_in_mid_commit(node: ScriptedNode, tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with Indexer(node.url, path, ESCROW) as indexer:  # begins it
        indexer.run_once(to_block=10)
    counts = []
    for request in (8, 12, 17):
        started = node.requests
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from milestone_escrow.indexer import Indexer\n"
                "Indexer(*sys.argv[1:]).run_once()",
                *(node.url, str(path), ESCROW),
            ],
            cwd=ROOT,
        )

        def kill(number: int, pid: int = process.pid, at: int = started + request) -> None:
            if number == at:  # asked for a range while the one before is being written
                os.kill(pid, signal.SIGKILL)

        node.before_request = kill
        assert process.wait(60) == -signal.SIGKILL
        counts.append(seen_so_far(path, node))
    node.before_request = lambda number: None
    assert counts == sorted(counts)
    with Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once()
    assert agrees(path, node)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
def test_abuse_indexer_15_a_full_disk(node: ScriptedNode, tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once(to_block=10)
    room = 400_000
    ran = subprocess.run(
        [sys.executable, "-c", INDEX_IN_LITTLE_ROOM, str(room), *options(node, path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "ESCROW_HOME": str(tmp_path / ".escrow")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1, ran.stderr
    sentence, remedy = ran.stderr.splitlines()[-2:]
    assert sentence.startswith("Error: "), ran.stderr
    assert remedy.endswith(".")
    assert "Traceback" not in ran.stderr
    assert 0 < seen_so_far(path, node) < len(on_chain(node))
    with Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once()
    assert agrees(path, node)


def test_abuse_indexer_15_the_database_goes_away(node: ScriptedNode, postgres: Server) -> None:
    url = postgres.new_schema()
    batches = 0

    def cut(_: Progress) -> None:
        """End the indexer's connection, as a server that is shut down does."""
        nonlocal batches
        batches += 1
        if batches == 3:
            with psycopg.connect(postgres.url, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )

    with pytest.raises(StoreError) as caught, Indexer(node.url, url, ESCROW) as indexer:
        indexer.run_once(cut)
    assert caught.value.remedy.endswith(".")
    assert batches == 3
    with open_reader(url) as reader:
        number, _ = reader.checkpoint()
        assert reader.events(limit=100_000) == [
            each for each in on_chain(node) if each.block_number <= number
        ]
    with Indexer(node.url, url, ESCROW) as indexer:
        indexer.run_once()
    with open_reader(url) as reader:
        assert reader.events(limit=100_000) == on_chain(node)
        assert reader.checkpoint() == (node.head, node.blocks[-1].hash)
