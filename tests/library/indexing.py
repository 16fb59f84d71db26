"""Histories, chains of them, and indexes of those."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from random import Random
from typing import Any

from milestone_escrow.deal_state import State
from milestone_escrow.events import EventRecord, decode_log
from milestone_escrow.indexer import Indexer, IndexReport, Reader
from milestone_escrow.state import fold
from tests.library.plausible_escrow import ESCROW, PlausibleEscrow
from tests.library.scripted_node import ScriptedNode


def history(steps: int, seed: int = 1) -> PlausibleEscrow:
    escrow = PlausibleEscrow(Random(seed))
    escrow.play(steps)
    return escrow


def index(node: ScriptedNode, path: Path | str, **options: Any) -> IndexReport:
    with Indexer(node.url, path, ESCROW, **options) as indexer:
        return indexer.run_once()


def on_chain(node: ScriptedNode) -> list[EventRecord]:
    logs = [decode_log(log) for block in node.blocks for log in block.logs]
    return [record for record in logs if record is not None]


def state_of(path: Path | str) -> State:
    with Reader(path) as reader:
        return reader.state()


def agrees(path: Path | str, node: ScriptedNode) -> bool:
    """Whether the index holds exactly what the chain of the node does."""
    with Reader(path) as reader:
        records = on_chain(node)
        return (
            reader.events(limit=100_000) == records
            and reader.state() == fold(records)
            and reader.checkpoint() == (node.head, node.blocks[-1].hash)
        )


def fork(node: ScriptedNode, escrow: PlausibleEscrow, at: int, steps: int, seed: int) -> None:
    """Replace the blocks after ``at`` by another history, which is another random one."""
    other = history(bisect_right(escrow.ends, at))
    other.random, other.block = Random(seed), at
    other.play(steps)
    node.cut(at)
    node.extend(other.records, other.block, salt=seed.to_bytes(4))
