"""Whole deals played on a development chain, step by step, and the books of them afterwards.

``play`` yields what happens as it happens and prints nothing. All of it is real: the node's own
accounts send and sign, the node's clock is moved, and the books are made of the chain's events
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_escrow.demo.chapters import CHAPTERS
from milestone_escrow.demo.scenes import Book, Books, Chapter, Scene, Step
from milestone_escrow.demo.stage import Stage

__all__ = ["Book", "Books", "Chapter", "Scene", "Step", "play"]


def play(rpc_url: str) -> Iterator[Scene]:
    """Deploy an escrow and play deals on it, yielding what happens.

    Args:
        rpc_url: A development node (Anvil, Hardhat) with unlocked accounts. Its clock is moved on
            by some months; a node with a fresh chain is best.

    Raises:
        NodeError: nothing answers, it is no development node, or it signs for too few accounts.
        EscrowError: a step was refused.
    """
    stage = Stage(rpc_url)
    for chapter in CHAPTERS:
        yield from chapter(stage)
    yield stage.books()
