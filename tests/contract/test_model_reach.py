"""What the random plays reach, and what they make of a difference."""

from __future__ import annotations

import pytest

from milestone_escrow import artifacts
from tests.contract.playing import AGED, YOUNG, play_many, play_one
from tests.contract.twin import DONE
from tests.contract.usual import CALLS
from tests.model import Model
from tests.model_deal import Deal

# Too little gas is another test's, and a successor is opened only as its predecessor closes.
UNREACHED = {"NotEnoughGas", "AlreadyOpened"}


def test_plays_reach_every_call_and_every_error() -> None:
    seen = play_many(0, 6, YOUNG) + play_many(0, 6, AGED)
    assert {name for name, result in seen if result == DONE} == {*CALLS}
    abi = artifacts.load("MilestoneEscrow").abi
    errors = {entry["name"] for entry in abi if entry["type"] == "error"}
    assert {result for _, result in seen} == (errors - UNREACHED) | {DONE}


def test_a_difference_is_told_in_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_alive = Model.keep_alive

    def forget(self: Model, sender: str, deal: Deal) -> None:
        keep_alive(self, sender, deal)
        deal.last_activity -= 1

    monkeypatch.setattr(Model, "keep_alive", forget)
    with pytest.raises(AssertionError) as failed:
        play_one(1, AGED)
    head, agreement, *steps = failed.value.__notes__[0].splitlines()
    assert head.startswith(f"Play(1, pace={AGED}), ")
    assert agreement.startswith("deal 0: employer the ")
    names = [step.split()[1].split("(")[0] for step in steps]
    assert names == ["allow", "fund", "keep_alive"]
