"""An indexer that is killed at any moment goes on as if nothing had happened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from milestone_escrow.indexer import Reader
from tests.library.batches import lasting
from tests.library.index_and_die import Killer, index_once
from tests.library.indexing import agrees, fork, history
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode

Target = Path | str
NewTarget = Callable[[], Target]


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        node.largest_range = 20  # many commits
        yield node


def told(target: Target) -> list[tuple[int, int]]:
    """Return the places of the events that one who read the outbox from its start believes in."""
    places: dict[tuple[int, int], None] = {}
    last = 0
    with Reader(target) as reader:
        while entries := reader.outbox(last, 1_000):
            for entry in entries:
                assert entry.sequence > last
                last = entry.sequence
                place = (entry.block_number, entry.log_index)
                if entry.kind == "event":
                    assert place not in places
                    places[place] = None
                elif entry.kind == "reverted":
                    places.pop(place, None)
    return sorted(places)


def blocks(content: dict[str, list[Any]], *, with_events: bool) -> set[tuple[int, bytes]]:
    """Return numbers and hashes of the blocks in a store's tables."""
    return {
        (block & 0xFFFF_FFFF, block_hash)
        for block, block_hash, _, _, has_events in content["blocks"]
        if bool(has_events) is with_events
    }


def kill_again_and_again(node: ScriptedNode, new_target: NewTarget, kills: int, seed: int) -> None:
    """Index under kills, the chain growing and being replaced; in the end all must be right."""
    random, escrow = Random(seed), history(300)
    node.extend(escrow.records, escrow.block // 4)
    target, killer = new_target(), Killer(random)
    told_alike = node.head  # up to this block the chain tells what the history does
    while killer.deaths < kills:
        if not killer.run(node.url, target, ESCROW, within=0.4):
            continue
        if told_alike < node.head or random.random() < 0.4:
            at = random.randint(max(told_alike - 100, 0), told_alike)
            if random.random() < 0.5:
                fork(node, escrow, at, 40, seed=random.randrange(2**30))
                told_alike = at
                continue
            node.cut(at)
        node.extend(escrow.records, min(escrow.block, node.head + 120), salt=random.randbytes(4))
        told_alike = node.head
    index_once(node.url, target, ESCROW)
    assert agrees(target, node)
    fresh = new_target()
    index_once(node.url, fresh, ESCROW)
    killed, expected = lasting(target), lasting(fresh)
    # Headers without events are kept for a while: which ones depends on how far it was before.
    for number, block_hash in blocks(killed, with_events=False):
        assert block_hash == node.blocks[number].hash
    assert blocks(killed, with_events=True) == blocks(expected, with_events=True)
    del killed["blocks"], expected["blocks"]
    assert killed == expected
    with Reader(target) as reader:
        assert told(target) == [
            (record.block_number, record.log_index) for record in reader.events(limit=100_000)
        ]


def test_abuse_indexer_09_killed_at_any_moment_it_goes_on(
    node: ScriptedNode, new_target: NewTarget
) -> None:
    kill_again_and_again(node, new_target, kills=30, seed=1)


@pytest.mark.deep
def test_abuse_indexer_09_killed_very_often_it_goes_on(
    node: ScriptedNode, new_target: NewTarget
) -> None:
    kills = int(os.environ.get("ESCROW_KILLS", "2000"))
    for seed in range(-(-kills // 100)):
        node.cut(0)
        kill_again_and_again(node, new_target, kills=min(100, kills), seed=seed + 2)
