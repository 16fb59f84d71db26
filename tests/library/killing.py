"""An index under kills: written by processes that die, held against one that nobody disturbed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from milestone_escrow.indexer import Reader
from tests.library.batches import lasting
from tests.library.index_and_die import Killer, index_once
from tests.library.indexing import agrees, fork, history
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode

__all__ = ["kill_again_and_again"]

_WITHIN = 0.4  # seconds; a run that nobody kills takes about as long
_BLOCKS_AT_ONCE = 20  # many commits


def kill_again_and_again(
    node: ScriptedNode, new_target: Callable[[], Path | str], kills: int, seed: int
) -> Killer:
    """Index under kills, the chain growing and being replaced; in the end all must be right.

    Returns:
        How many were killed, and where.

    Raises:
        AssertionError: An event is lost or there twice, a row is not what it is in an index that
            was made at once, or the outbox tells something else.
    """
    random, escrow = Random(seed), history(300)
    node.cut(0)
    node.largest_range = _BLOCKS_AT_ONCE
    node.extend(escrow.records, escrow.block // 4)
    target = new_target()
    told_alike = node.head  # up to this block the chain tells what the history does
    with Killer(random) as killer:
        while killer.deaths < kills:
            if not killer.run(node.url, target, ESCROW, within=_WITHIN):
                continue
            if told_alike < node.head or random.random() < 0.4:
                at = random.randint(max(told_alike - 100, 0), told_alike)
                if random.random() < 0.5:
                    fork(node, escrow, at, 40, seed=random.randrange(2**30))
                    told_alike = at
                    continue
                node.cut(at)
            salt = random.randbytes(4)
            node.extend(escrow.records, min(escrow.block, node.head + 120), salt=salt)
            told_alike = node.head
    index_once(node.url, target, ESCROW)
    _require_right(node, target, new_target())
    return killer


def _require_right(node: ScriptedNode, target: Path | str, fresh: Path | str) -> None:
    """Do nothing if an index holds what the chain does, and what a fresh one does."""
    assert agrees(target, node)
    index_once(node.url, fresh, ESCROW)
    killed, expected = lasting(target), lasting(fresh)
    # Headers without events are kept for a while: which ones depends on how far it was before.
    for number, block_hash in _blocks(killed, with_events=False):
        assert block_hash == node.blocks[number].hash
    assert _blocks(killed, with_events=True) == _blocks(expected, with_events=True)
    del killed["blocks"], expected["blocks"]
    assert killed == expected
    with Reader(target) as reader:
        assert _told(reader) == [
            (record.block_number, record.log_index) for record in reader.events(limit=100_000)
        ]


def _told(reader: Reader) -> list[tuple[int, int]]:
    """Return the places of the events that one who read the outbox from its start believes in."""
    places: dict[tuple[int, int], None] = {}
    last = 0
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


def _blocks(content: dict[str, list[Any]], *, with_events: bool) -> set[tuple[int, bytes]]:
    """Return numbers and hashes of the blocks in a store's tables."""
    return {
        (block & 0xFFFF_FFFF, block_hash)
        for block, block_hash, _, _, has_events in content["blocks"]
        if bool(has_events) is with_events
    }
