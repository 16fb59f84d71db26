"""An indexer that is killed at any moment goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.library.killing import kill_again_and_again
from tests.library.scripted_node import ScriptedNode


def test_abuse_indexer_09_killed_at_any_moment_it_goes_on(
    new_target: Callable[[], Path | str],
) -> None:
    """``python -m tests.verify --only kills`` does it two thousand times on each store."""
    with ScriptedNode() as node:
        killer = kill_again_and_again(node, new_target, kills=15, seed=1)
    assert killer.deaths == 15
