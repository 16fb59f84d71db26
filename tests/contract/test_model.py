"""Random plays against the model, in which deals are young. A seed is a whole play.

The other half of the plays is in ``test_model_aged``, so that two workers share them.
"""

from __future__ import annotations

import pytest

from tests.contract.playing import YOUNG, play_many

PLAYS = 10  # of one test
CALLS = 9_650  # at least, so that both files make 250,000


@pytest.mark.parametrize("first", range(0, 130, PLAYS))
def test_the_escrow_does_what_the_model_does(first: int) -> None:
    assert play_many(first, PLAYS, YOUNG).total() >= CALLS
