"""One source of chance, and the few ways in which a play asks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

__all__ = ["Chance"]

_T = TypeVar("_T")


class Chance:
    """Chance that comes out the same for the same seed.

    Attributes:
        roll: Returns a number from 0 up to 1.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        # Quicker than the choices of ``random``, of which a play makes a dozen a call.
        self.roll: Callable[[], float] = self._random.random

    def pick(self, things: Sequence[_T]) -> _T:
        """Return one of some things."""
        return things[int(self.roll() * len(things))]

    def comes(self, probability: float) -> bool:
        """Return whether something comes to pass."""
        return self.roll() < probability

    def number(self, least: int, most: int) -> int:
        """Return a number, however large, both ends included."""
        return self._random.randint(least, most)
