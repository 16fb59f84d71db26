"""Random sequences of growth and forks, an index that follows them, and a fresh one to compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from milestone_escrow.indexer import Indexer, delete_store
from milestone_escrow.indexer.tables import TABLES
from tests.library.batches import lasting
from tests.library.indexing import agrees, index
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode
from tests.library.tale import Tale

__all__ = ["play_and_compare"]

_PATIENCE = 300.0  # seconds for a node on a busy machine
_FINAL = TABLES["sources"].names.index("final_block")


def play_and_compare(node: ScriptedNode, new_target: Callable[[], Path | str], seed: int) -> int:
    """Play one sequence, and delete its indexes.

    Returns:
        How many reorganisations the index followed.

    Raises:
        AssertionError: It does not hold what the chain does, or a row is another than in an index
            that was made at once.
    """
    target, fresh = new_target(), new_target()
    reorgs = _play(node, target, seed)
    assert agrees(target, node), seed
    index(node, fresh, timeout=_PATIENCE)
    followed, expected = lasting(target), lasting(fresh)
    for content in (followed, expected):
        # Headers without events are kept for a while: which ones depends on how far it was before.
        content["blocks"] = [row for row in content["blocks"] if row[-1]]
        # A chain that was taken back to its final block looks as if it called its head final.
        if node.final == node.head:
            content["sources"] = [row[:_FINAL] + row[_FINAL + 1 :] for row in content["sources"]]
    assert followed == expected, seed
    delete_store(target)
    delete_store(fresh)
    return reorgs


def _play(node: ScriptedNode, target: Path | str, seed: int) -> int:
    """Let a chain grow and fork at random, and an index follow it."""
    random = Random(seed)
    tale = Tale(node, random)
    tale.go_on(random.randrange(3, 12))
    indexer = Indexer(node.url, target, ESCROW, timeout=_PATIENCE)
    reorgs = 0

    def fork_once() -> None:
        tale.go_back(node.head - random.choice([1, 2, 3, 8, 20, 60]))
        tale.go_on(random.choice([0, 3, 3, 6, 12]))

    def fork_at(request: int) -> Callable[[int], None]:
        return lambda number: fork_once() if number == request else None

    for _ in range(random.randrange(2, 6)):
        reorgs += indexer.run_once().reorgs
        kind = random.randrange(6)
        if kind == 0:
            tale.go_on(random.randrange(3, 12))
        elif kind == 1:
            tale.finalize()
        elif kind == 2:  # while it was down
            indexer.close()
            fork_once()
            indexer = Indexer(node.url, target, ESCROW, timeout=_PATIENCE)
        elif kind == 3:  # while it reads
            node.before_request = fork_at(node.requests + random.randrange(1, 6))
            tale.go_on(random.randrange(3, 12))
        else:
            for _ in range(random.randrange(1, 3)):
                fork_once()
    node.before_request = lambda number: None
    reorgs += indexer.run_once().reorgs
    indexer.close()
    return reorgs
