"""Settlements: whose signature counts for what is in `test_signed_messages`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS, Agreement
from milestone_escrow.events import Active, Credited, Reason, Refunded, Released
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.consent import settle
from tests.contract.scene import AMOUNTS, BOUND, FINAL, LAPSE, Scene, fee_of
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, ROLES, STRANGER

ALL = AMOUNTS[0]
PARTIES = {"employer": EMPLOYER, "freelancer": FREELANCER}


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
@pytest.mark.parametrize("status", BOUND, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("gross", [0, 1, 500_001, ALL - 1, ALL])
def test_the_parties_split_what_remains(scene: Scene, gross: int, status: Status, who: str) -> None:
    deal = scene.at(status)
    before = scene.balances()
    outcome = settle(scene, deal, (0,), (gross,), sender=who)
    split = scene.split(deal, 0, Reason.SETTLEMENT, gross)
    assert outcome.events == (*split, *scene.fee_credited(deal, split))
    fee = fee_of(deal, gross)
    gains = {PAYEE: gross - fee, EMPLOYER: ALL - gross, scene.escrow.address: fee - ALL}
    assert scene.gains(before) == {who: gain for who, gain in gains.items() if gain}
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    expected = 0
    if scene.token:
        expected = (gross > fee) + (gross < ALL)  # nobody is sent nothing
    assert len(transfers) == expected
    assert scene.escrow.status(deal) is Status.SETTLED
    word, *milestones = scene.words(deal)
    assert milestones == [0, 0, 0] and not word >> 48 & 0b1111111111  # nothing is tracked
    assert scene.escrow.credit(scene.money, ARBITER) == 0


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_one_settlement_closes_milestones_in_any_state_by_one_payment_each(
    scene: Scene, who: str
) -> None:
    deal = scene.bound((0, 1, 2))
    scene.escrow.release_part(deal, 0, 1_019)
    scene.escrow.request_release(deal, (1, 2))
    scene.escrow.dispute(deal, 2)
    before, fees = scene.balances(), scene.escrow.credit(scene.money, PLATFORM)
    outcome = settle(scene, deal, (2, 0, 1), (400_000, 0, 2_000), sender=who)
    split = [
        *scene.split(deal, 2, Reason.SETTLEMENT, 400_000),
        *scene.split(deal, 0, Reason.SETTLEMENT, 0, paid=1_019),
        *scene.split(deal, 1, Reason.SETTLEMENT, 2_000),
    ]
    assert outcome.events == (*split, *scene.fee_credited(deal, split))
    fee = fee_of(deal, 400_000) + fee_of(deal, 2_000)
    refund = 100_000 + ALL - 1_019
    assert scene.gains(before) == {
        PAYEE: 402_000 - fee,
        EMPLOYER: refund,
        scene.escrow.address: fee - 402_000 - refund,
    }
    assert scene.escrow.credit(scene.money, PLATFORM) == fees + fee
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    assert len(transfers) == (2 if scene.token else 0)
    assert scene.escrow.deal(deal).settled == 0b111
    assert scene.words(deal)[1:] == (0, 0, 0)


def test_the_fee_counts_what_was_paid_before(scene: Scene) -> None:
    deal = scene.bound()
    for paid in (1, 18, 999):
        scene.escrow.release_part(deal, 0, paid)
    settle(scene, deal, (0,), (4,))  # a fee of 0.1332 by itself, but the unit is full
    fees = fee_of(deal, 1_018), fee_of(deal, 4)
    assert scene.escrow.credit(scene.money, PLATFORM) == fee_of(deal, 1_022) == sum(fees) + 1


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ((ALL + 1, 0), "AmountTooLarge"),
        ((0, AMOUNTS[1] + 1), "AmountTooLarge"),  # not even if the sum would do
        ((2**256 - 1, 0), "AmountTooLarge"),
        ((2**256 - 1, 1), "AmountTooLarge"),
        ((1,), "BadLengths"),
        ((), "BadLengths"),
        ((1, 1, 1), "BadLengths"),
    ],
)
def test_each_milestone_has_its_amount_and_holds_it(
    scene: Scene, amounts: tuple[int, ...], error: str
) -> None:
    deal = scene.bound((0, 1))
    words, before = scene.words(deal), scene.balances()
    expiry = scene.chain.now + 1
    with reverts(error):
        scene.escrow.settle(deal, (0, 1), amounts, expiry, b"")
    assert (scene.words(deal), scene.gains(before)) == (words, {})


def test_abuse_20_the_largest_amounts_add_up(scene: Scene) -> None:
    deal = scene.bound(range(10), milestones=[(MAX_AMOUNT, FINAL)] * 10)
    before = scene.balances()
    settle(scene, deal, range(10), [MAX_AMOUNT - 1] * 10)
    fee = 10 * fee_of(deal, MAX_AMOUNT - 1)
    assert scene.gains(before) == {
        PAYEE: 10 * (MAX_AMOUNT - 1) - fee,
        EMPLOYER: 10,
        scene.escrow.address: fee - 10 * MAX_AMOUNT,
    }


# --- Who, and when


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who not in PARTIES.values()])
def test_nobody_else_settles_even_with_both_signatures(scene: Scene, who: str) -> None:
    deal = scene.bound()
    message = consent.settlement(scene, deal, (0,), (1,))
    for party in PARTIES.values():
        signature = consent.signed(message, scene.escrow.domain, party)
        with reverts("NotParty"):
            scene.escrow.settle(deal, (0,), (1,), message.expiry, signature, sender=who)


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_nobody_settles_with_itself(scene: Scene, who: str) -> None:
    deal = scene.bound()
    message = consent.settlement(scene, deal, (0,), (1,))
    for signature in (consent.signed(message, scene.escrow.domain, who), b"", bytes(65)):
        with reverts("BadSignature"):
            scene.escrow.settle(deal, (0,), (1,), message.expiry, signature, sender=who)


def test_the_payee_and_the_arbiter_sign_for_nobody(scene: Scene) -> None:
    deal = scene.disputed()
    message = consent.settlement(scene, deal, (0,), (1,))
    for who in (PAYEE, ARBITER, PLATFORM, STRANGER):
        signature = consent.signed(message, scene.escrow.domain, who)
        for sender in PARTIES.values():
            with reverts("BadSignature"):
                scene.escrow.settle(deal, (0,), (1,), message.expiry, signature, sender=sender)


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
@pytest.mark.parametrize("after", [-1, 0, LAPSE - 1, LAPSE, 100 * LAPSE])
def test_it_is_possible_for_ever_and_an_activity_until_the_lapse(
    native: Scene, after: int, who: str
) -> None:
    deal = native.bound()
    native.chain.now = now = deal.final_deadline + after
    outcome = settle(native, deal, (0,), (1,), sender=who)
    recorded = 0 <= after < LAPSE
    deal_id = native.escrow.id_of(deal)
    assert outcome.of(Active) == ([Active(deal_id, who, now)] if recorded else [])


# --- A settlement after the state moved

Step = Callable[[Scene, Agreement], object]
CHANGES: dict[str, tuple[Step, str]] = {
    "a part is released": (
        lambda scene, deal: scene.escrow.release_part(deal, 1, 1),
        "BadSignature",
    ),
    "a voucher is redeemed": (
        lambda scene, deal: consent.redeem(scene, deal, 1, 1),
        "BadSignature",
    ),
    "one is released": (lambda scene, deal: scene.escrow.release(deal, (1,)), "AlreadySettled"),
    "one is cancelled": (lambda scene, deal: scene.escrow.cancel(deal, (0,)), "AlreadySettled"),
    "one is settled": (lambda scene, deal: settle(scene, deal, (1,), (1,)), "AlreadySettled"),
    "the deal is amended": (
        lambda scene, deal: consent.amend(scene, deal, consent.successor(scene, deal), (0, 1)),
        "DealClosed",
    ),
    "so much is paid that the amount is gone": (
        lambda scene, deal: scene.escrow.release_part(deal, 1, AMOUNTS[1] - 1),
        "AmountTooLarge",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_abuse_40_a_settlement_after_the_state_moved_is_void(
    scene: Scene, who: str, change: str
) -> None:
    deal = scene.bound((0, 1))
    message = consent.settlement(scene, deal, (0, 1), (7, 8))
    signature = consent.signed(message, scene.escrow.domain, consent.other_party(deal, who))
    step, error = CHANGES[change]
    step(scene, deal)
    before = scene.balances()
    with reverts(error):
        scene.escrow.settle(deal, (0, 1), (7, 8), message.expiry, signature, sender=who)
    assert scene.gains(before) == {}


def test_a_change_that_moves_no_money_voids_nothing(scene: Scene) -> None:
    deal = scene.bound((0, 1))
    message = consent.settlement(scene, deal, (0,), (7,))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    scene.escrow.cancel(deal, (1,))
    scene.escrow.request_release(deal, (0,))
    scene.escrow.dispute(deal, 0)
    scene.escrow.settle(deal, (0,), (7,), message.expiry, signature)


@pytest.mark.parametrize(
    ("indexes", "amounts"), [((1, 0), (7, 8)), ((1, 0), (8, 7)), ((0, 1), (8, 7)), ((0,), (7,))]
)
def test_it_counts_for_its_indexes_and_amounts_in_their_order_alone(
    scene: Scene, indexes: tuple[int, ...], amounts: tuple[int, ...]
) -> None:
    deal = scene.bound((0, 1))
    message = consent.settlement(scene, deal, (0, 1), (7, 8))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    with reverts("BadSignature"):
        scene.escrow.settle(deal, indexes, amounts, message.expiry, signature)


# --- Receivers


def test_abuse_05_09_whoever_cannot_be_paid_is_credited(stubborn: Scene) -> None:
    deal = stubborn.bound()
    for who in (PAYEE, EMPLOYER):
        stubborn.refuse(who)
    before = stubborn.balances()
    outcome = settle(stubborn, deal, (0,), (1_000,), sender=FREELANCER)
    paid = {event.owner: event.amount for event in outcome.of(Credited)}
    assert paid == {PLATFORM: 33, PAYEE: 967, EMPLOYER: ALL - 1_000}
    assert stubborn.gains(before) == {}


@pytest.mark.parametrize("gross", [0, ALL])
def test_nobody_is_pushed_nothing(hostile: Scene, gross: int) -> None:
    deal = hostile.bound(payee=ZERO_ADDRESS, platform=ZERO_ADDRESS, fee_bps=0)
    unpaid = FREELANCER if gross == 0 else EMPLOYER
    hostile.refuse(unpaid)
    outcome = settle(hostile, deal, (0,), (gross,))
    assert outcome.of(Credited) == []
    assert len(outcome.of(Released)) + len(outcome.of(Refunded)) == 1


def test_the_term_is_the_signers_to_set(native: Scene) -> None:
    deal = native.bound()
    native.chain.now += 100 * DAY
    settle(native, deal, (0,), (1,))
