"""A history that goes on, and that can be taken back and go on otherwise: a chain of forks."""

from __future__ import annotations

from copy import copy
from random import Random

from tests.library.plausible_escrow import PlausibleEscrow
from tests.library.scripted_node import ScriptedNode

__all__ = ["Tale"]

_STEPS = 3  # between two moments that can be come back to


class Tale:
    """Plays on a node; ``random`` decides everything."""

    def __init__(self, node: ScriptedNode, random: Random) -> None:
        self._node = node
        self._random = random
        self._escrow = PlausibleEscrow(random)
        self._told = 0  # records that are on the node
        self._marks = [(0, _copy(self._escrow))]
        node.blocks, node.final = node.blocks[:1], None

    def go_on(self, steps: int) -> None:
        """Play, and mine what was played and a few empty blocks."""
        node, escrow = self._node, self._escrow
        for _ in range(0, steps, _STEPS):
            escrow.block = max(escrow.block, node.head)
            escrow.play(_STEPS)
            salt = self._random.randbytes(4)
            node.extend(escrow.records[self._told :], max(escrow.block, node.head), salt)
            self._told = len(escrow.records)
            self._marks.append((node.head, _copy(escrow)))
        node.extend([], node.head + self._random.randrange(3), self._random.randbytes(4))

    def finalize(self) -> None:
        """Make final what was played some moments ago."""
        self._node.final = max(self._marks[-min(len(self._marks), 5)][0], self._node.final or 0)

    def go_back(self, at: int) -> None:
        """Forget the blocks after a moment at or before this block, and what was played there.

        What is final stays.
        """
        while self._marks[-1][0] > max(at, self._node.final or 0):
            self._marks.pop()
        block, before = self._marks[-1]
        self._escrow = _copy(before)
        self._escrow.random = self._random
        self._told = len(self._escrow.records)
        self._node.cut(block)


def _copy(escrow: PlausibleEscrow) -> PlausibleEscrow:
    """Copy all that a step changes; several times as fast as a deep copy."""
    other = copy(escrow)
    other.deals = [copy(deal) for deal in escrow.deals]
    for deal in other.deals:
        deal.parts = [copy(part) for part in deal.parts]
    other.credits, other.balances = escrow.credits.copy(), escrow.balances.copy()
    other.records, other.ends = list(escrow.records), list(escrow.ends)
    return other
