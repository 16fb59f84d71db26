from __future__ import annotations

import pytest

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS
from milestone_escrow.events import Active, Credited, Reason, Refunded, Released
from milestone_escrow.state import Status
from tests.contract.scene import AMOUNTS, FINAL, LAPSE, Scene, fee_of
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, PAYEE, PLATFORM, ROLES

ALL = AMOUNTS[0]


@pytest.mark.parametrize("paid", [0, 1_018])
@pytest.mark.parametrize("bps", [0, 1, 3_333, 5_000, 9_999, 10_000])
def test_what_remains_is_split_as_agreed_and_the_arbiter_gets_nothing(
    scene: Scene, bps: int, paid: int
) -> None:
    deal = scene.bound(fallback_freelancer_bps=bps)
    if paid:
        scene.escrow.release_part(deal, 0, paid)
    scene.escrow.request_release(deal, (0,))
    scene.escrow.dispute(deal, 0)
    scene.chain.now += deal.ruling_period
    gross = (ALL - paid) * bps // 10_000
    before, fees = scene.balances(), scene.escrow.credit(scene.money, PLATFORM)
    outcome = scene.escrow.apply_fallback(deal, 0)

    split = scene.split(deal, 0, Reason.FALLBACK, gross, paid=paid)
    assert outcome.events == (*split, *scene.fee_credited(deal, split))
    fee = fee_of(deal, paid + gross) - fee_of(deal, paid)
    refund = ALL - paid - gross
    gains = {PAYEE: gross - fee, EMPLOYER: refund, scene.escrow.address: fee - gross - refund}
    assert scene.gains(before) == {who: gain for who, gain in gains.items() if gain}
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    assert len(transfers) == (len(split) if scene.token else 0)  # nobody is sent nothing
    assert scene.escrow.credit(scene.money, PLATFORM) == fees + fee
    assert scene.escrow.credit(scene.money, ARBITER) == 0
    assert scene.escrow.status(deal) is Status.SETTLED
    word, *milestones = scene.words(deal)
    assert milestones == [0, 0, 0] and not word >> 48 & 0b1111111111  # nothing is tracked


@pytest.mark.parametrize(
    ("amount", "bps", "freelancer", "employer"),
    [
        (1, 5_000, 0, 1),
        (3, 5_000, 1, 2),
        (1, 9_999, 0, 1),
        (1, 10_000, 1, 0),
        (10_001, 9_999, 9_999, 2),
        (7, 3_333, 2, 5),
        (MAX_AMOUNT, 5_000, MAX_AMOUNT // 2, MAX_AMOUNT // 2 + 1),
    ],
)
def test_abuse_46_the_odd_unit_goes_to_the_employer(
    scene: Scene, amount: int, bps: int, freelancer: int, employer: int
) -> None:
    deal = scene.disputed(fallback_freelancer_bps=bps, milestones=[(amount, FINAL)])
    scene.chain.now += deal.ruling_period
    outcome = scene.escrow.apply_fallback(deal, 0)
    assert sum(event.gross for event in outcome.of(Released)) == freelancer
    assert sum(event.amount for event in outcome.of(Refunded)) == employer


@pytest.mark.parametrize("after", [-1, 0, 1, 10_000 * DAY])
@pytest.mark.parametrize("ruling_period", [3 * DAY, 30 * DAY, 365 * DAY])
def test_abuse_42_it_is_open_from_the_end_of_the_ruling_period_on(
    scene: Scene, ruling_period: int, after: int
) -> None:
    deal = scene.disputed(ruling_period=ruling_period)
    scene.chain.now += ruling_period + after
    words, before = scene.words(deal), scene.balances()
    if after < 0:
        with reverts("RulingOpen"):
            scene.escrow.apply_fallback(deal, 0)
        assert (scene.words(deal), scene.gains(before)) == (words, {})
        return
    scene.escrow.apply_fallback(deal, 0)
    assert scene.escrow.status(deal) is Status.SETTLED


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
def test_whoever_sends_it_the_split_is_the_same_and_no_activity(scene: Scene, who: str) -> None:
    deal = scene.disputed()
    scene.chain.now = deal.final_deadline + deal.ruling_period
    outcome = scene.escrow.apply_fallback(deal, 0, sender=who)
    split = scene.split(deal, 0, Reason.FALLBACK, ALL // 2)
    assert outcome.events == (*split, *scene.fee_credited(deal, split))
    assert outcome.of(Active) == []
    assert scene.escrow.deal(deal).last_activity == 0


def test_a_lapse_cuts_no_ruling_short(native: Scene) -> None:
    deal = native.disputed(ruling_period=365 * DAY)
    native.chain.now = deal.final_deadline + LAPSE
    with reverts("RulingOpen"):
        native.escrow.apply_fallback(deal, 0)
    native.escrow.rule(deal, 0, 1)


def test_each_dispute_ends_by_itself(native: Scene) -> None:
    deal = native.requested((0, 1))
    native.escrow.dispute(deal, 0)
    native.chain.now += 1
    native.escrow.dispute(deal, 1)
    native.chain.now += deal.ruling_period - 1
    native.escrow.apply_fallback(deal, 0)
    with reverts("RulingOpen"):
        native.escrow.apply_fallback(deal, 1)
    with reverts("AlreadySettled"):
        native.escrow.apply_fallback(deal, 0)
    for index, error in ((2, "NotFunded"), (3, "BadIndex"), (2**255, "BadIndex")):
        with reverts(error):
            native.escrow.apply_fallback(deal, index)


def test_until_then_the_parties_may_end_it_otherwise(native: Scene) -> None:
    deal = native.disputed((0, 1))
    native.chain.now += deal.ruling_period
    native.escrow.release(deal, (0,))
    native.escrow.cancel(deal, (1,))
    with reverts("AlreadySettled"):
        native.escrow.apply_fallback(deal, 0)


def test_without_a_payee_and_a_platform_the_parties_share(scene: Scene) -> None:
    deal = scene.disputed(payee=ZERO_ADDRESS, platform=ZERO_ADDRESS, fee_bps=0)
    scene.chain.now += deal.ruling_period
    before = scene.balances()
    scene.escrow.apply_fallback(deal, 0)
    assert scene.gains(before) == {
        deal.freelancer: ALL // 2,
        EMPLOYER: ALL // 2 + 1,
        scene.escrow.address: -ALL,
    }


def test_abuse_05_06_a_party_that_refuses_harms_itself_alone(stubborn: Scene) -> None:
    for refusing, paid in ((PAYEE, EMPLOYER), (EMPLOYER, PAYEE)):
        deal = stubborn.disputed()
        stubborn.chain.now += deal.ruling_period
        stubborn.refuse(refusing)
        before = stubborn.balances()
        outcome = stubborn.escrow.apply_fallback(deal, 0)
        assert stubborn.gains(before).keys() == {paid, stubborn.escrow.address}
        assert refusing in {event.owner for event in outcome.of(Credited)}
        stubborn.refuse(refusing, False)
