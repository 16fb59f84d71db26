"""Random sequences of calls against the model. A seed is a whole sequence: run it by its name.

``ESCROW_MODEL_CALLS`` and ``ESCROW_MODEL_SEED`` say how many calls the deep form makes and from
which seed on.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.contract.play import FIT, Play

CALLS = 400  # of one sequence
SEQUENCES = 50


def play(seed: int, calls: int = CALLS) -> Play:
    """Play a sequence to its end; an error names the seed and the last calls."""
    playing = Play(seed)
    try:
        for _ in range(calls):
            playing.step()
        playing.finish()
    except Exception as error:
        error.add_note("\n".join([f"seed {seed}:", *playing.history]))
        raise
    return playing


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_the_escrow_does_what_the_model_does(seed: int) -> None:
    play(seed)


def test_sequences_reach_every_call_and_many_errors() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(1_000, 1_004):
        playing = Play(seed)
        for _ in range(CALLS):
            playing.step()
            if playing.history:
                name, result = playing.history[-1].split()[1], playing.history[-1].split()[-1]
                seen[name, result] += 1
    done = {name for name, result in seen if result == "done"}
    assert done == {*FIT, "withdraw_credit", "pay_credit"}
    assert len({result for _, result in seen}) > 20


@pytest.mark.deep
def test_the_escrow_does_what_the_model_does_for_long() -> None:
    calls = int(os.environ.get("ESCROW_MODEL_CALLS", "2000000"))
    first = int(os.environ.get("ESCROW_MODEL_SEED", "10000"))
    for seed in range(first, first + calls // CALLS):
        play(seed)
