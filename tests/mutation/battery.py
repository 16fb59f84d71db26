"""The first thing that a mutant must survive: random plays against the model, from fixed seeds."""

from __future__ import annotations

import gc
from typing import Final

from tests.contract.play import Play
from tests.contract.playing import AGED, YOUNG
from tests.contract.ways_out import leave

__all__ = ["PLAYS", "first_difference"]

PLAYS: Final = 8
"""Plays of the battery, of about a thousand calls each: half of them young, half of them aged."""

_CALLS: Final = 1_000


def first_difference(plays: int = PLAYS) -> str:
    """Play until the escrow and the model differ; return how, in a line, or nothing."""
    gc.disable()  # a play makes a million objects and no garbage
    for seed in range(-(-plays // 2)):
        for pace in (YOUNG, AGED):
            try:
                _play(seed, pace)
            except Exception as difference:
                words = " ".join(str(difference).split())
                return f"play {seed} at {pace}: {type(difference).__name__} {words}"[:200].rstrip()
    return ""


def _play(seed: int, pace: float) -> None:
    play = Play(seed, pace)
    for _ in range(_CALLS):
        play.step()
    play.finish()
    leave(play)
    play.finish()
