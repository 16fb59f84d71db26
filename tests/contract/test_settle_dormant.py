from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY
from milestone_escrow.events import Active, Credited, Reason
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.scene import AMOUNTS, LAPSE, Scene
from tests.escrow import Outcome
from tests.evm import reverts
from tests.roles import EMPLOYER, FREELANCER, PAYEE, ROLES

ALL = AMOUNTS[0]


@pytest.mark.parametrize("after", [-1, 0, 1, 10_000 * DAY])
def test_abuse_49_it_is_open_from_74_days_after_the_final_deadline_on(
    scene: Scene, after: int
) -> None:
    deal = scene.bound()
    scene.chain.now = deal.final_deadline + 74 * DAY + after
    words, before = scene.words(deal), scene.balances()
    if after < 0:
        with reverts("NotLapsed"):
            scene.escrow.settle_dormant(deal, (0,))
        assert (scene.words(deal), scene.gains(before)) == (words, {})
        return
    outcome = scene.escrow.settle_dormant(deal, (0,))
    assert outcome.events == (scene.refunded(deal, 0, Reason.DORMANT),)
    assert scene.gains(before) == {EMPLOYER: ALL, scene.escrow.address: -ALL}
    assert scene.escrow.status(deal) is Status.SETTLED


@pytest.mark.parametrize("after", [-1, 0, 1])
@pytest.mark.parametrize("waited", [0, 1, LAPSE - 1])
def test_abuse_49_the_last_activity_puts_it_off(scene: Scene, waited: int, after: int) -> None:
    deal = scene.bound((0, 1))
    scene.chain.now = deal.final_deadline + waited
    scene.escrow.release_part(deal, 0, 1_000)
    scene.chain.now += LAPSE + after
    if after < 0:
        with reverts("NotLapsed"):
            scene.escrow.settle_dormant(deal, (0, 1))
        return
    outcome = scene.escrow.settle_dormant(deal, (1, 0))
    assert outcome.events == (
        scene.refunded(deal, 1, Reason.DORMANT),
        scene.refunded(deal, 0, Reason.DORMANT, paid=1_000),
    )


def test_an_activity_before_the_final_deadline_puts_nothing_off(native: Scene) -> None:
    deal = native.bound((0, 1))
    native.chain.now = deal.final_deadline - 1
    native.escrow.cancel(deal, (1,))
    native.chain.now = deal.final_deadline + LAPSE
    native.escrow.settle_dormant(deal, (0,))


def test_a_batch_is_one_refund_without_a_fee(scene: Scene) -> None:
    deal = scene.bound((0, 1, 2))
    scene.chain.now = deal.final_deadline + LAPSE
    before = scene.balances()
    outcome = scene.escrow.settle_dormant(deal, (2, 0))
    total = AMOUNTS[0] + AMOUNTS[2]
    assert scene.gains(before) == {EMPLOYER: total, scene.escrow.address: -total}
    assert outcome.of(Credited) == []
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    assert len(transfers) == (1 if scene.token else 0)
    assert scene.escrow.status(deal, 1) is Status.FUNDED


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
def test_whoever_sends_it_the_employer_is_paid_and_it_is_no_activity(
    scene: Scene, who: str
) -> None:
    deal = scene.bound((0, 1))
    scene.chain.now = deal.final_deadline + LAPSE
    before = scene.balances()
    outcome = scene.escrow.settle_dormant(deal, (0,), sender=who)
    assert scene.gains(before) == {EMPLOYER: ALL, scene.escrow.address: -ALL}
    assert outcome.of(Active) == []
    scene.escrow.settle_dormant(deal, (1,), sender=who)  # the deal stays lapsed


@pytest.mark.parametrize("after", [0, 1_000 * DAY])
def test_requested_and_disputed_milestones_are_never_touched(scene: Scene, after: int) -> None:
    deal = scene.bound((0, 1, 2))
    scene.escrow.request_release(deal, (0, 1))
    scene.escrow.dispute(deal, 1)
    scene.chain.now = deal.final_deadline + LAPSE + after
    for index, error in ((0, "RequestOpen"), (1, "InDispute")):
        with reverts(error):
            scene.escrow.settle_dormant(deal, (2, index))
    scene.escrow.settle_dormant(deal, (2,))
    scene.escrow.claim(deal, (0,))
    scene.escrow.apply_fallback(deal, 1)
    assert scene.escrow.held(deal) == 0


def test_what_nobody_is_bound_to_is_withdrawn_instead(scene: Scene) -> None:
    deal = scene.opened()
    scene.chain.now = deal.final_deadline + LAPSE
    with reverts("NotBound"):
        scene.escrow.settle_dormant(deal, (0,))
    scene.escrow.withdraw(deal, (0,))


def test_of_a_lapsed_milestone_the_parties_may_still_dispose(scene: Scene) -> None:
    deals = [scene.bound() for _ in range(4)]
    scene.chain.now = deals[0].final_deadline + LAPSE
    scene.escrow.release(deals[0], (0,))
    scene.escrow.cancel(deals[1], (0,))
    consent.settle(scene, deals[2], (0,), (5,))
    consent.amend(scene, deals[3], consent.successor(scene, deals[3]), (0,))
    for deal, error in zip(deals, ["AlreadySettled"] * 3 + ["DealClosed"], strict=True):
        with reverts(error):
            scene.escrow.settle_dormant(deal, (0,))


def test_nothing_else_is_possible_with_it(scene: Scene) -> None:
    deal = scene.bound()
    scene.chain.now = deal.final_deadline + LAPSE
    escrow = scene.escrow
    refused: list[Callable[[], Outcome]] = [
        lambda: escrow.request_release(deal, (0,)),
        lambda: escrow.release_part(deal, 0, 1),
        lambda: consent.redeem(scene, deal, 0, 1),
        lambda: escrow.dispute(deal, 0),
        lambda: escrow.keep_alive(deal),
    ]
    for call in refused:
        with reverts("Lapsed"):
            call()


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_abuse_62_a_request_comes_before_the_lapse_or_never(scene: Scene, after: int) -> None:
    deal = scene.bound()
    scene.chain.now = deal.final_deadline + LAPSE + after
    if after < 0:
        scene.escrow.request_release(deal, (0,))
        scene.chain.now += LAPSE
        with reverts("RequestOpen"):
            scene.escrow.settle_dormant(deal, (0,))
        return
    with reverts("Lapsed"):
        scene.escrow.request_release(deal, (0,))
    scene.escrow.settle_dormant(deal, (0,))


def test_abuse_62_no_act_on_another_milestone_undoes_a_lapse(scene: Scene) -> None:
    deal = scene.bound((0, 1, 2), review_period=180 * DAY, ruling_period=365 * DAY)
    scene.chain.now = deal.final_deadline - 1
    scene.escrow.request_release(deal, (1, 2))
    scene.chain.now = deal.final_deadline + LAPSE
    outcomes = (
        scene.escrow.dispute(deal, 1, sender=FREELANCER),
        scene.escrow.rule(deal, 1, 1),
        scene.escrow.void_request(deal, (2,)),
        scene.escrow.cancel(deal, (2,)),
    )
    assert [outcome.of(Active) for outcome in outcomes] == [[]] * 4
    scene.escrow.settle_dormant(deal, (0,))


def test_abuse_05_an_employer_that_refuses_is_credited(stubborn: Scene) -> None:
    deal = stubborn.bound()
    stubborn.chain.now = deal.final_deadline + LAPSE
    stubborn.refuse(EMPLOYER)
    outcome = stubborn.escrow.settle_dormant(deal, (0,))
    deal_id = stubborn.escrow.id_of(deal)
    assert outcome.events == (
        stubborn.refunded(deal, 0, Reason.DORMANT),
        Credited(stubborn.money, EMPLOYER, deal_id, ALL, ALL),
    )


def test_promise_03_the_freelancer_gets_nothing_by_a_lapse(scene: Scene) -> None:
    deal = scene.bound()
    scene.escrow.release_part(deal, 0, 1)
    before = scene.balances()
    scene.chain.now = deal.final_deadline + LAPSE
    scene.escrow.settle_dormant(deal, (0,))
    assert PAYEE not in scene.gains(before)
