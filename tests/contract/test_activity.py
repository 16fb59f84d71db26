"""What the escrow remembers of a deal after its final deadline, and what a lapse takes away."""

from __future__ import annotations

import pytest

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.events import Active, Reason
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.moves import MOVES
from tests.contract.scene import FINAL, LAPSE, Scene
from tests.evm import reverts

# `keep_alive` has a file of its own.
ACTS = [name for name, move in MOVES.items() if move.records_activity and name != "keep_alive"]
NEEDS_LIFE = ("request_release", "release_part")  # on a milestone without a request


def ready(scene: Scene, name: str) -> Agreement:
    """Return a deal whose milestones 0 and 1 are in the first state that a call takes.

    They stay there until long after the lapse.
    """
    make = {
        Status.RESERVED: scene.opened,
        Status.FUNDED: scene.bound,
        Status.REQUESTED: scene.requested,
        Status.DISPUTED: scene.disputed,
    }
    return make[next(iter(MOVES[name].leads))](
        (0, 1), review_period=180 * DAY, ruling_period=365 * DAY
    )


@pytest.mark.parametrize("after", [-1, 0, 1, LAPSE - 1, LAPSE, LAPSE + 1])
@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_recorded_from_the_final_deadline_until_the_lapse(
    native: Scene, name: str, after: int
) -> None:
    agreement, move = ready(native, name), MOVES[name]
    who = move.sender(agreement)
    native.chain.now = now = agreement.final_deadline + after
    if after >= LAPSE and name in NEEDS_LIFE:
        with reverts("Lapsed"):
            move.act(native, agreement, (0,), who)
        return
    outcome = move.act(native, agreement, (0,), who)
    recorded = 0 <= after < LAPSE
    deal_id = native.escrow.id_of(agreement)
    assert outcome.of(Active) == ([Active(deal_id, who, now)] if recorded else [])
    assert native.escrow.deal(agreement).last_activity == (now if recorded else 0)


@pytest.mark.parametrize("name", [name for name in ACTS if MOVES[name].repeated])
def test_an_act_is_recorded_once_for_a_batch(native: Scene, name: str) -> None:
    agreement, move = ready(native, name), MOVES[name]
    native.chain.now = agreement.final_deadline
    outcome = move.act(native, agreement, (0, 1), move.sender(agreement))
    assert len(outcome.of(Active)) == 1


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_each_act_puts_the_lapse_off(native: Scene, after: int) -> None:
    agreement = native.bound((0, 1, 2))
    native.chain.now = agreement.final_deadline + LAPSE - 1
    native.escrow.cancel(agreement, (0,))
    native.chain.now += LAPSE + after
    if after < 0:
        native.escrow.request_release(agreement, (1,))
        assert native.escrow.deal(agreement).last_activity == native.chain.now
    else:
        with reverts("Lapsed"):
            native.escrow.request_release(agreement, (1,))


def test_acts_before_the_final_deadline_put_nothing_off(native: Scene) -> None:
    agreement = native.bound((0, 1))
    native.chain.now = agreement.final_deadline - 1
    native.escrow.cancel(agreement, (1,))
    native.chain.now = agreement.final_deadline + LAPSE
    with pytest.raises(ContractRevert, match="74 days"):
        native.escrow.request_release(agreement, (0,))


def test_a_lapsed_deal_never_comes_back(native: Scene) -> None:
    agreement = native.bound((0, 1, 2))
    native.chain.now = agreement.final_deadline + LAPSE
    native.escrow.release(agreement, (0,))
    native.escrow.cancel(agreement, (1,))
    with reverts("Lapsed"):
        native.escrow.request_release(agreement, (2,))
    with reverts("Lapsed"):
        native.escrow.release_part(agreement, 2, 1)


def test_abuse_62_a_request_given_up_after_the_lapse_cannot_be_made_again(native: Scene) -> None:
    agreement = native.requested()
    native.chain.now = agreement.final_deadline + LAPSE
    native.escrow.void_request(agreement, (0,))
    assert native.escrow.status(agreement) is Status.FUNDED
    with reverts("Lapsed"):
        native.escrow.request_release(agreement, (0,))


def test_a_requested_milestone_may_be_paid_in_parts_after_the_lapse(native: Scene) -> None:
    agreement = native.requested()
    native.chain.now = agreement.final_deadline + LAPSE
    outcome = native.escrow.release_part(agreement, 0, 5)
    assert outcome.events == (native.released(agreement, 0, Reason.EMPLOYER, gross=5),)


def test_abuse_56_a_long_review_is_not_cut_short_by_the_lapse(native: Scene) -> None:
    agreement = native.bound(review_period=180 * DAY)
    native.chain.now = agreement.final_deadline - 1
    native.escrow.request_release(agreement, (0,))
    for wait in (LAPSE, 180 * DAY - 1):
        native.chain.now = agreement.final_deadline - 1 + wait
        with reverts("ReviewOpen"):
            native.escrow.claim(agreement, (0,))
    native.chain.now += 1
    assert native.escrow.claim(agreement, (0,)).of(Active) == []


def test_what_strangers_can_send_is_no_activity(scene: Scene) -> None:
    agreement = scene.requested(review_period=FINAL)
    scene.chain.now = agreement.final_deadline
    outcomes = [
        scene.escrow.claim(agreement, (0,), sender=agreement.freelancer),
        scene.escrow.pay_credit(agreement.token, agreement.platform, sender=agreement.employer),
    ]
    assert [outcome.of(Active) for outcome in outcomes] == [[], []]
    assert scene.escrow.deal(agreement).last_activity == 0
