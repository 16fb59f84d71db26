from __future__ import annotations

from random import Random

import pytest

from milestone_escrow.agreement import MAX_AMOUNT, ZERO_ADDRESS
from milestone_escrow.events import Reason
from milestone_escrow.state import MilestoneState, Status
from tests.contract.scene import AMOUNTS, Scene, fee_of
from tests.evm import reverts
from tests.roles import FREELANCER, PAYEE, PLATFORM

ALL = AMOUNTS[0]


def test_a_part_is_paid_less_its_fee(scene: Scene) -> None:
    agreement = scene.bound()
    before = scene.balances()
    outcome = scene.escrow.release_part(agreement, 0, 400_000)
    released = scene.released(agreement, 0, Reason.EMPLOYER, gross=400_000)
    assert (released.fee, released.remaining) == (13_320, ALL - 400_000)
    assert outcome.events == (released, *scene.fee_credited(agreement, [released]))
    assert scene.gains(before) == {PAYEE: 386_680, scene.escrow.address: -386_680}
    assert scene.escrow.milestone(agreement) == MilestoneState(Status.FUNDED, 400_000, 0)

    again = scene.escrow.release_part(agreement, 0, 1)
    assert again.events[0] == scene.released(agreement, 0, Reason.EMPLOYER, gross=1, paid=400_000)
    assert scene.escrow.milestone(agreement).paid == 400_001


def test_without_a_payee_the_freelancer_is_paid(scene: Scene) -> None:
    agreement = scene.bound(payee=ZERO_ADDRESS, platform=ZERO_ADDRESS, fee_bps=0)
    before = scene.balances()
    scene.escrow.release_part(agreement, 0, 400)
    assert scene.gains(before) == {FREELANCER: 400, scene.escrow.address: -400}


@pytest.mark.parametrize("paid", [0, 1_000])
@pytest.mark.parametrize(
    ("left", "error"),
    [
        (-MAX_AMOUNT, "AmountTooLarge"),
        (-1, "AmountTooLarge"),
        (0, "AmountTooLarge"),
        (1, None),
        (ALL - 1_001, None),
    ],
)
def test_abuse_47_a_part_is_less_than_what_remains(
    scene: Scene, paid: int, left: int, error: str | None
) -> None:
    agreement = scene.bound()
    if paid:
        scene.escrow.release_part(agreement, 0, paid)
    words, before = scene.words(agreement), scene.balances()
    amount = ALL - paid - left
    if error is None:
        scene.escrow.release_part(agreement, 0, amount)
        assert scene.escrow.milestone(agreement).paid == paid + amount
        return
    with reverts(error):
        scene.escrow.release_part(agreement, 0, amount)
    assert scene.words(agreement) == words
    assert scene.gains(before) == {}


@pytest.mark.parametrize(("amount", "error"), [(0, "ZeroAmount"), (2**256 - 1, "AmountTooLarge")])
def test_abuse_21_nothing_and_everything_are_no_parts(
    scene: Scene, amount: int, error: str
) -> None:
    agreement = scene.bound()
    with reverts(error):
        scene.escrow.release_part(agreement, 0, amount)


@pytest.mark.parametrize("index", [3, 9, 10, 2**255])
def test_the_milestone_must_be_one_of_the_agreements(native: Scene, index: int) -> None:
    agreement = native.bound()
    with reverts("BadIndex"):
        native.escrow.release_part(agreement, index, 1)


def test_an_open_request_and_its_clock_stay_for_the_rest(scene: Scene) -> None:
    agreement = scene.requested()
    since = scene.chain.now
    scene.chain.now += 1_000
    scene.escrow.release_part(agreement, 0, 400)
    assert scene.escrow.milestone(agreement) == MilestoneState(Status.REQUESTED, 400, since)
    scene.chain.now = since + agreement.review_period
    outcome = scene.escrow.claim(agreement, (0,))
    assert outcome.events[0] == scene.released(agreement, 0, Reason.OVERDUE, paid=400)


def test_abuse_55_nothing_partial_moves_in_dispute(scene: Scene) -> None:
    agreement = scene.disputed()
    with reverts("InDispute"):
        scene.escrow.release_part(agreement, 0, 1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fee_bps", [1, 333, 1_000])
def test_abuse_45_many_small_parts_cost_the_fee_of_one(
    scene: Scene, fee_bps: int, seed: int
) -> None:
    random, agreement = Random(seed), scene.bound(fee_bps=fee_bps)
    before, left = scene.balances(), ALL
    while left > 50_000:
        part = random.choice([1, 2, 29, random.randint(1, 60_000)])
        scene.escrow.release_part(agreement, 0, min(part, left - 1))
        left -= min(part, left - 1)
        paid = ALL - left
        assert scene.escrow.credit(scene.money, PLATFORM) == fee_of(agreement, paid)
    scene.escrow.release(agreement, (0,))
    fee = fee_of(agreement, ALL)
    assert scene.escrow.credit(scene.money, PLATFORM) == fee
    assert scene.gains(before) == {PAYEE: ALL - fee, scene.escrow.address: fee - ALL}
