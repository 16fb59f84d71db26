"""Random plays against the model, in which deals grow old: clocks run out, deals lapse."""

from __future__ import annotations

import pytest

from tests.contract.playing import AGED, play_many

PLAYS = 10  # of one test
CALLS = 9_650  # at least, so that both files make 250,000


@pytest.mark.parametrize("first", range(0, 130, PLAYS))
def test_the_escrow_does_what_the_model_does(first: int) -> None:
    assert play_many(first, PLAYS, AGED).total() >= CALLS
