"""Whole plays: from a seed to the way out, with a short story of what went wrong, if it did."""

from __future__ import annotations

import gc
from collections import Counter
from typing import Final

from tests.contract.play import Play
from tests.contract.shrink import shrink
from tests.contract.story import story
from tests.contract.ways_out import leave

__all__ = ["AGED", "YOUNG", "play_many", "play_one"]

YOUNG: Final = 0.05
"""The pace at which most of the story of a deal is before its final deadline."""

AGED: Final = 0.25
"""The pace at which deals grow old, lapse, and are overtaken by every clock."""

_CALLS: Final = 1_000  # of one play, about; the way out makes up for steps that are no calls


def play_one(seed: int, pace: float) -> Counter[tuple[str, str]]:
    """Play to the end and return how often each call came to each result.

    An error names the seed, and the few steps that lead to it.
    """
    play = Play(seed, pace)
    # A play makes a million objects and no garbage that only the collector could find.
    gc.disable()
    try:
        for _ in range(_CALLS):
            play.step()
        play.finish()
        leave(play)
        play.finish()
    except Exception as error:
        steps = shrink(play.steps)
        head = f"Play({seed}, pace={pace}), {len(play.steps)} steps, of which {len(steps)} matter:"
        error.add_note("\n".join([head, story(steps[-40:], play.twin)]))
        raise
    finally:
        gc.enable()
    seen = play.seen
    vars(play).clear()  # its parts know each other, and a chain is too big to wait for a collection
    return seen


def play_many(first: int, plays: int, pace: float) -> Counter[tuple[str, str]]:
    """Play so many seeds from the first on, and return what came of all calls."""
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(first, first + plays):
        seen += play_one(seed, pace)
    return seen
