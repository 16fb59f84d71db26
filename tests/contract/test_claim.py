from __future__ import annotations

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS
from milestone_escrow.events import Reason
from milestone_escrow.state import Status
from tests.contract.scene import AMOUNTS, Scene, fee_of
from tests.evm import reverts
from tests.roles import FREELANCER, PAYEE, ROLES


@pytest.mark.parametrize("after", [-1, 0, 1, 10_000 * DAY])
@pytest.mark.parametrize("review_period", [3 * DAY, 30 * DAY, 180 * DAY])
def test_it_is_open_from_the_end_of_the_review_period_on(
    scene: Scene, review_period: int, after: int
) -> None:
    agreement = scene.requested(review_period=review_period)
    scene.chain.now += review_period + after
    before = scene.balances()
    if after < 0:
        with reverts("ReviewOpen"):
            scene.escrow.claim(agreement, (0,))
        assert scene.gains(before) == {}
        return
    outcome = scene.escrow.claim(agreement, (0,))
    released = scene.released(agreement, 0, Reason.OVERDUE)
    assert outcome.events == (released, *scene.fee_credited(agreement, [released]))
    net = AMOUNTS[0] - fee_of(agreement, AMOUNTS[0])
    assert scene.gains(before) == {PAYEE: net, scene.escrow.address: -net}
    assert scene.escrow.status(agreement) is Status.SETTLED
    assert scene.words(agreement)[1] == 0


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
def test_whoever_claims_the_same_one_is_paid(scene: Scene, who: str) -> None:
    agreement = scene.requested(payee=ZERO_ADDRESS, platform=ZERO_ADDRESS, fee_bps=0)
    scene.chain.now += agreement.review_period
    before = scene.balances()
    assert scene.escrow.claim(agreement, (0,), sender=who).events == (
        scene.released(agreement, 0, Reason.OVERDUE),
    )
    assert scene.gains(before) == {FREELANCER: AMOUNTS[0], scene.escrow.address: -AMOUNTS[0]}


def test_each_request_has_its_own_clock(scene: Scene) -> None:
    agreement = scene.bound((0, 1, 2))
    scene.escrow.request_release(agreement, (2,))
    scene.escrow.release_part(agreement, 2, 9)
    scene.chain.now += 1
    scene.escrow.request_release(agreement, (0,))
    first_due = scene.chain.now - 1 + agreement.review_period
    scene.chain.now = first_due
    with reverts("ReviewOpen"):
        scene.escrow.claim(agreement, (2, 0))
    scene.chain.now = first_due + 1
    outcome = scene.escrow.claim(agreement, (2, 0))
    released = (
        scene.released(agreement, 2, Reason.OVERDUE, paid=9),
        scene.released(agreement, 0, Reason.OVERDUE),
    )
    assert outcome.events == (*released, *scene.fee_credited(agreement, released))
    assert scene.escrow.status(agreement, 1) is Status.FUNDED


def test_the_employer_may_release_and_the_freelancer_cancel_until_it_is_claimed(
    scene: Scene,
) -> None:
    agreement = scene.requested((0, 1))
    scene.chain.now += agreement.review_period
    scene.escrow.release(agreement, (0,))
    scene.escrow.cancel(agreement, (1,))
    with reverts("AlreadySettled"):
        scene.escrow.claim(agreement, (0,))
