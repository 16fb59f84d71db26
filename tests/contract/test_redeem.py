"""The employer's voucher: who signs it for what is in `test_signed_messages`."""

from __future__ import annotations

import pytest

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS
from milestone_escrow.events import Active, Credited, Reason
from milestone_escrow.state import MilestoneState, Status
from tests.contract import consent
from tests.contract.consent import redeem
from tests.contract.scene import AMOUNTS, BOUND, FINAL, LAPSE, Scene, fee_of
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, ROLES

ALL = AMOUNTS[0]


def test_it_pays_what_was_not_paid_before(scene: Scene) -> None:
    deal = scene.bound()
    before = scene.balances()
    outcome = redeem(scene, deal, 0, 400_000)
    released = scene.released(deal, 0, Reason.VOUCHER, gross=400_000)
    assert (released.fee, released.remaining) == (13_320, ALL - 400_000)
    assert outcome.events == (released, *scene.fee_credited(deal, [released]))
    assert scene.gains(before) == {PAYEE: 386_680, scene.escrow.address: -386_680}
    assert scene.escrow.milestone(deal) == MilestoneState(Status.FUNDED, 400_000, 0)

    again = redeem(scene, deal, 0, 400_007)
    assert again.events[0] == scene.released(deal, 0, Reason.VOUCHER, gross=7, paid=400_000)
    scene.escrow.release_part(deal, 0, 3)
    third = redeem(scene, deal, 0, 400_011)
    assert third.events[0] == scene.released(deal, 0, Reason.VOUCHER, gross=1, paid=400_010)


@pytest.mark.parametrize("status", BOUND, ids=lambda status: status.name.lower())
def test_it_may_pay_all_in_any_state(scene: Scene, status: Status) -> None:
    deal = scene.at(status)
    before = scene.balances()
    outcome = redeem(scene, deal, 0, ALL)
    released = scene.released(deal, 0, Reason.VOUCHER)
    assert outcome.events == (released, *scene.fee_credited(deal, [released]))
    net = ALL - fee_of(deal, ALL)
    assert scene.gains(before) == {PAYEE: net, scene.escrow.address: -net}
    assert scene.escrow.status(deal) is Status.SETTLED
    word, *milestones = scene.words(deal)
    assert milestones == [0, 0, 0] and not word >> 48 & 0b1111111111  # nothing is tracked
    assert scene.escrow.credit(scene.money, ARBITER) == 0


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
def test_whoever_redeems_the_same_one_is_paid(scene: Scene, who: str) -> None:
    deal = scene.bound(payee=ZERO_ADDRESS, platform=ZERO_ADDRESS, fee_bps=0)
    before = scene.balances()
    outcome = redeem(scene, deal, 0, 400, sender=who)
    assert outcome.events == (scene.released(deal, 0, Reason.VOUCHER, gross=400),)
    assert scene.gains(before) == {FREELANCER: 400, scene.escrow.address: -400}


@pytest.mark.parametrize(
    ("paid", "total", "error"),
    [
        (0, 0, "NothingToPay"),
        (0, 1, None),
        (0, ALL, None),
        (0, ALL + 1, "AmountTooLarge"),
        (0, 2**128 + ALL, "AmountTooLarge"),
        (0, 2**256 - 1, "AmountTooLarge"),
        (1_000, 0, "NothingToPay"),
        (1_000, 999, "NothingToPay"),
        (1_000, 1_000, "NothingToPay"),
        (1_000, 1_001, None),
        (1_000, ALL, None),
        (1_000, ALL + 1, "AmountTooLarge"),
        (1_000, ALL + 1_000, "AmountTooLarge"),
    ],
)
def test_abuse_20_47_the_total_is_above_what_was_paid_and_within_the_amount(
    scene: Scene, paid: int, total: int, error: str | None
) -> None:
    deal = scene.bound()
    if paid:
        scene.escrow.release_part(deal, 0, paid)
    words, before = scene.words(deal), scene.balances()
    if error is None:
        (released, *_) = redeem(scene, deal, 0, total).events
        assert released == scene.released(deal, 0, Reason.VOUCHER, gross=total - paid, paid=paid)
        return
    with reverts(error):
        redeem(scene, deal, 0, total)
    assert (scene.words(deal), scene.gains(before)) == (words, {})


def test_abuse_20_the_largest_amount_is_redeemed_to_the_last_unit(scene: Scene) -> None:
    deal = scene.bound(milestones=[(MAX_AMOUNT, FINAL)])
    redeem(scene, deal, 0, MAX_AMOUNT - 1)
    assert scene.escrow.milestone(deal).paid == MAX_AMOUNT - 1
    redeem(scene, deal, 0, MAX_AMOUNT)
    assert scene.escrow.credit(scene.money, PLATFORM) == fee_of(deal, MAX_AMOUNT)


@pytest.mark.parametrize("index", [1, 3, 2**255])
def test_the_milestone_holds_money(native: Scene, index: int) -> None:
    deal = native.bound()
    with reverts("NotFunded" if index == 1 else "BadIndex"):
        redeem(native, deal, index, 1)


# --- Vouchers that follow each other


def test_abuse_61_of_several_vouchers_the_newest_counts_in_any_order(scene: Scene) -> None:
    deal = scene.bound()
    escrow, domain = scene.escrow, scene.escrow.domain
    messages = [consent.voucher(scene, deal, 0, total) for total in (100, 300, 200)]

    def send(which: int) -> int:
        message = messages[which]
        signature = consent.signed(message, domain, EMPLOYER)
        outcome = escrow.redeem(deal, 0, message.paid_total, message.expiry, signature)
        return int(outcome.events[0].gross)  # type: ignore[union-attr]

    assert send(0) == 100
    assert send(1) == 200
    for which in range(3):  # each a second time, and the older one after the newer
        with reverts("NothingToPay"):
            send(which)
    assert escrow.milestone(deal).paid == 300


def test_abuse_40_61_a_voucher_pays_nothing_once_the_money_is_gone(scene: Scene) -> None:
    domain, escrow = scene.escrow.domain, scene.escrow
    released, cancelled, settled = scene.bound(), scene.bound(), scene.bound()
    messages = {deal: consent.voucher(scene, deal, 0, 500) for deal in (released, cancelled)}
    messages[settled] = consent.voucher(scene, settled, 0, 500)
    escrow.release(released, (0,))
    escrow.cancel(cancelled, (0,))
    consent.settle(scene, settled, (0,), (400,))
    before = scene.balances()
    for deal, message in messages.items():
        with reverts("AlreadySettled"):
            escrow.redeem(deal, 0, 500, message.expiry, consent.signed(message, domain, EMPLOYER))
    assert scene.gains(before) == {}


def test_abuse_40_61_a_voucher_pays_nothing_after_a_withdrawal_or_an_amendment(
    scene: Scene,
) -> None:
    withdrawn, amended = scene.opened(), scene.bound()
    vouchers = [consent.voucher(scene, deal, 0, 500) for deal in (withdrawn, amended)]
    scene.escrow.withdraw(withdrawn, (0,))
    consent.amend(scene, amended, consent.successor(scene, amended), (0,))
    for deal, message, error in zip(
        (withdrawn, amended), vouchers, ("NotFunded", "DealClosed"), strict=True
    ):
        signature = consent.signed(message, scene.escrow.domain, EMPLOYER)
        with reverts(error):
            scene.escrow.redeem(deal, 0, 500, message.expiry, signature)


def test_a_voucher_may_be_signed_before_there_is_money_and_anyone_bound(scene: Scene) -> None:
    deal = scene.opened((1,))
    message = consent.voucher(scene, deal, 0, 500)
    signature = consent.signed(message, scene.escrow.domain, EMPLOYER)
    with reverts("NotFunded"):
        scene.escrow.redeem(deal, 0, 500, message.expiry, signature)
    scene.escrow.fund(deal, (0,))
    with reverts("NotBound"):
        scene.escrow.redeem(deal, 0, 500, message.expiry, signature)
    scene.escrow.accept(deal, (0,))
    scene.escrow.redeem(deal, 0, 500, message.expiry, signature)


def test_abuse_45_many_vouchers_cost_the_fee_of_one(scene: Scene) -> None:
    deal = scene.bound()
    before = scene.balances()
    for total in (1, 2, 29, 30, 31, 60, 61, 999, 1_019, 500_000, ALL):
        redeem(scene, deal, 0, total)
        assert scene.escrow.credit(scene.money, PLATFORM) == fee_of(deal, total)
    fee = fee_of(deal, ALL)
    assert scene.gains(before) == {PAYEE: ALL - fee, scene.escrow.address: fee - ALL}


# --- Requests, disputes, lapse


def test_an_open_request_and_its_clock_stay_for_the_rest(scene: Scene) -> None:
    deal = scene.requested()
    since = scene.chain.now
    scene.chain.now += 1_000
    redeem(scene, deal, 0, 400)
    assert scene.escrow.milestone(deal) == MilestoneState(Status.REQUESTED, 400, since)
    scene.chain.now = since + deal.review_period
    outcome = scene.escrow.claim(deal, (0,))
    assert outcome.events[0] == scene.released(deal, 0, Reason.OVERDUE, paid=400)


@pytest.mark.parametrize("left", [ALL - 1_001, 1, 0])
def test_abuse_55_in_dispute_it_pays_all_or_nothing(scene: Scene, left: int) -> None:
    deal = scene.bound()
    scene.escrow.release_part(deal, 0, 1_000)
    scene.escrow.request_release(deal, (0,))
    scene.escrow.dispute(deal, 0)
    words = scene.words(deal)
    if left == 0:
        redeem(scene, deal, 0, ALL)
        assert scene.escrow.status(deal) is Status.SETTLED
        return
    with reverts("InDispute"):
        redeem(scene, deal, 0, ALL - left)
    assert scene.words(deal) == words


@pytest.mark.parametrize("total", [400, ALL])
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_a_lapsed_milestone_takes_no_voucher(scene: Scene, after: int, total: int) -> None:
    deal = scene.bound()
    scene.chain.now = deal.final_deadline + LAPSE + after
    if after < 0:
        redeem(scene, deal, 0, total)
        return
    with reverts("Lapsed"):
        redeem(scene, deal, 0, total)


def test_a_request_or_a_dispute_keeps_the_voucher_good_after_the_lapse(scene: Scene) -> None:
    requested, disputed = scene.requested(), scene.disputed()
    scene.chain.now = requested.final_deadline + LAPSE
    redeem(scene, requested, 0, 400)
    redeem(scene, requested, 0, ALL)
    redeem(scene, disputed, 0, ALL)


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
def test_it_is_nobodys_activity(native: Scene, who: str) -> None:
    deal = native.bound()
    native.chain.now = deal.final_deadline
    assert redeem(native, deal, 0, 400, sender=who).of(Active) == []
    assert native.escrow.deal(deal).last_activity == 0


# --- Receivers


def test_abuse_05_09_a_payee_that_cannot_be_paid_is_credited(stubborn: Scene) -> None:
    deal = stubborn.bound()
    stubborn.refuse(PAYEE)
    before = stubborn.balances()
    outcome = redeem(stubborn, deal, 0, 400)
    deal_id = stubborn.escrow.id_of(deal)
    assert outcome.of(Credited) == [
        Credited(stubborn.money, PLATFORM, deal_id, 13, 13),
        Credited(stubborn.money, PAYEE, deal_id, 387, 387),
    ]
    assert stubborn.gains(before) == {}


def test_nothing_is_pushed_where_the_fee_takes_the_whole_part(stubborn: Scene) -> None:
    deal = stubborn.bound(fee_bps=1_000)
    redeem(stubborn, deal, 0, 9)
    stubborn.refuse(PAYEE)
    outcome = redeem(stubborn, deal, 0, 10)
    assert [event.owner for event in outcome.of(Credited)] == [PLATFORM]


def test_the_employer_alone_decides_before_the_review_ends(scene: Scene) -> None:
    deal = scene.requested()
    message = consent.voucher(scene, deal, 0, ALL)
    for who in (FREELANCER, PAYEE, ARBITER):
        with reverts("BadSignature"):
            scene.escrow.redeem(
                deal, 0, ALL, message.expiry, consent.signed(message, scene.escrow.domain, who)
            )
    scene.chain.now += DAY - 1
    scene.escrow.redeem(
        deal, 0, ALL, message.expiry, consent.signed(message, scene.escrow.domain, EMPLOYER)
    )
