"""Time rules on a real chain, one second before, at and after the boundary."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.calls import Call
from milestone_escrow.client import Receipt
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.nodes.stage import Stage


def mined_at(stage: Stage, time: int, call: Call) -> Receipt:
    """Send a call so that its block is of exactly ``time``; what is refused raises."""
    stage.chain.set_next_time(time)
    try:
        return stage.escrow.wait(call, stage.send(call))
    finally:
        assert stage.chain.time() == time


def refused_at(stage: Stage, time: int, call: Call) -> str:
    with pytest.raises(ContractRevert) as refused:
        mined_at(stage, time, call)
    return refused.value.error


def requested(stage: Stage) -> tuple[Agreement, int]:
    """Return a deal with a request, and when its review period ends."""
    agreement = stage.bound()
    stage.run(calls.request_release(agreement, [0, 1]))
    return agreement, stage.chain.time() + agreement.review_period


def test_a_claim_is_too_early_one_second_before_the_review_period_ends(stage: Stage) -> None:
    agreement, end = requested(stage)
    claim = calls.claim(agreement, [0], stage.stranger.address)
    assert refused_at(stage, end - 1, claim) == "ReviewOpen"
    stage.check(agreement)
    mined_at(stage, end, claim)
    later = calls.claim(agreement, [1], stage.stranger.address)
    mined_at(stage, end + 1, later)
    assert stage.escrow.deal(stage.escrow.deal_id(agreement)).settled == 0b11
    stage.check(agreement)


Bind = Callable[[Stage, Agreement], Call]
BINDING: dict[str, Bind] = {
    "accept": lambda stage, agreement: calls.accept(agreement, [0]),
    "fund": lambda stage, agreement: calls.fund(agreement, [1], stage.signed(agreement)),
}


@pytest.mark.parametrize("bind", BINDING.values(), ids=BINDING)
def test_nobody_is_bound_from_accept_by_on(stage: Stage, bind: Bind) -> None:
    end = stage.chain.time() + 5 * DAY
    in_time, late = (stage.agreement(accept_by=end) for _ in range(2))
    for agreement in (in_time, late):
        stage.run(calls.fund(agreement, [0]))
    mined_at(stage, end - 1, bind(stage, in_time))
    assert stage.escrow.milestone(stage.escrow.deal_id(in_time), 0).status == Status.FUNDED
    for time in (end, end + 1):
        assert refused_at(stage, time, bind(stage, late)) == "AcceptByPassed"
    assert stage.escrow.milestone(stage.escrow.deal_id(late), 0).status == Status.RESERVED
    stage.check(in_time)
    stage.check(late)


def test_nothing_is_funded_from_the_final_deadline_on(stage: Stage) -> None:
    agreement = stage.bound([0])
    end = agreement.final_deadline
    mined_at(stage, end - 1, calls.fund(agreement, [1]))
    for time in (end, end + 1):
        assert refused_at(stage, time, calls.fund(agreement, [2])) == "FinalDeadlinePassed"
    stage.check(agreement)
