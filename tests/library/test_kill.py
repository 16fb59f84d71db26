"""An indexer that is killed at any moment goes on as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.state import fold
from tests.library.batches import tables
from tests.library.indexing import history
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode

ROOT = Path(__file__).parents[2]


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        yield node


def run_and_kill(node: ScriptedNode, path: Path, statement: int) -> int:
    """Index in another process that dies before an SQL statement; return how it ended."""
    command = [sys.executable, "-m", "tests.library.index_and_die", node.url, str(path), ESCROW]
    return subprocess.run([*command, str(statement)], cwd=ROOT, check=False, timeout=60).returncode


def test_killed_at_any_statement_it_goes_on(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(150)
    node.extend(escrow.records, escrow.block // 2)
    path, fresh = tmp_path / "killed.db", tmp_path / "fresh.db"
    statements = [2, 9, 25, 35, 60, 150, 400]
    ends = []
    for statement in statements:
        ends.append(run_and_kill(node, path, statement))
        if statement == 35:  # halfway there is more to index, and something to take back
            node.extend(escrow.records, escrow.block)
        if statement == 60:
            node.cut(escrow.block - 40)
            node.extend(escrow.records, escrow.block, salt=b"again")
    assert ends.count(-signal.SIGKILL) >= 4
    assert run_and_kill(node, path, 0) == 0
    with Indexer(node.url, fresh, ESCROW) as indexer:
        indexer.run_once()
    killed, expected = tables(path), tables(fresh)
    for name in ("events", "deals", "milestones", "credits", "ledgers", "meta"):
        assert killed[name] == expected[name]
    # A header that was read again may be kept a little longer; none may be another.
    assert {row[:2] for row in killed["blocks"]} >= {row[:2] for row in expected["blocks"]}


def test_killed_by_another_it_goes_on(node: ScriptedNode, tmp_path: Path) -> None:
    escrow = history(400)
    node.extend(escrow.records, escrow.block)
    node.largest_range = 20
    path = tmp_path / "killed.db"
    command = [
        sys.executable,
        "-m",
        "tests.library.index_and_die",
        node.url,
        str(path),
        ESCROW,
        "0",
    ]
    for victim_request in (6, 11, 19):
        process = subprocess.Popen(command, cwd=ROOT)
        started = node.requests

        def kill(number: int, process: Any = process, last: int = started + victim_request) -> None:
            # It is asked for a range while the one before is being written.
            if number == last:
                os.kill(process.pid, signal.SIGKILL)

        node.before_request = kill
        assert process.wait(60) == -signal.SIGKILL
    node.before_request = lambda number: None
    with Indexer(node.url, path, ESCROW) as indexer:
        indexer.run_once()
    with Reader(path) as reader:
        assert reader.events(limit=10_000) == [
            replace(record, block_hash=node.blocks[record.block_number].hash)
            for record in escrow.records
        ]
        assert reader.state().deals == fold(escrow.records).deals
