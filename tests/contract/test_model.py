"""Random plays against the model, in which deals are young. A seed is a whole play.

The other half of the plays is in ``test_model_aged``, so that two workers share them.
"""

from __future__ import annotations

import pytest

from tests.contract.playing import DEEP_PARTS, YOUNG, play_deep, play_many

PLAYS = 10  # of one test


@pytest.mark.parametrize("first", range(0, 130, PLAYS))
def test_the_escrow_does_what_the_model_does(first: int) -> None:
    play_many(first, PLAYS, YOUNG)


@pytest.mark.deep
@pytest.mark.parametrize("part", range(DEEP_PARTS))
def test_the_escrow_does_what_the_model_does_for_long(part: int) -> None:
    play_deep(part, YOUNG)
