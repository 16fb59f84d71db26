from __future__ import annotations

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.events import Credited, CreditPaid, Reason
from milestone_escrow.state import Status, fold
from tests.contract.scene import AMOUNTS, FEE_BPS, Scene, fee_of
from tests.evm import reverts
from tests.roles import EMPLOYER, FREELANCER, PAYEE, PLATFORM, ROLES, STRANGER

FEE = AMOUNTS[0] * FEE_BPS // 10_000
NET = AMOUNTS[0] - FEE


def with_credit(scene: Scene, owner: str = PLATFORM) -> int:
    """Give an owner a credit; return how much."""
    scene.escrow.release(scene.bound(platform=owner), (0,))
    return scene.escrow.credit(scene.money, owner)


# --- How a credit comes to be


def test_the_platform_is_credited_and_never_pushed(scene: Scene) -> None:
    before = scene.balances()
    agreement = scene.bound()
    outcome = scene.escrow.release(agreement, (0,))
    deal_id = scene.escrow.id_of(agreement)
    assert outcome.of(Credited) == [Credited(scene.money, PLATFORM, deal_id, FEE, FEE)]
    assert PLATFORM not in scene.gains(before)


def test_credits_of_several_deals_add_up_and_tell_their_deal(scene: Scene) -> None:
    scene.escrow.release(scene.bound(), (0,))
    agreement = scene.bound()
    outcome = scene.escrow.release(agreement, (0,))
    assert outcome.of(Credited) == [
        Credited(scene.money, PLATFORM, scene.escrow.id_of(agreement), FEE, 2 * FEE)
    ]
    assert scene.escrow.credit(scene.money, PLATFORM) == 2 * FEE


def test_abuse_05_09_a_payee_that_cannot_be_paid_is_credited(stubborn: Scene) -> None:
    agreement = stubborn.bound((0, 1))
    stubborn.refuse(PAYEE)
    before = stubborn.balances()
    outcome = stubborn.escrow.release(agreement, (0,))
    deal_id = stubborn.escrow.id_of(agreement)
    assert outcome.events == (
        stubborn.released(agreement, 0, Reason.EMPLOYER),
        Credited(stubborn.money, PLATFORM, deal_id, FEE, FEE),
        Credited(stubborn.money, PAYEE, deal_id, NET, NET),
    )
    assert stubborn.gains(before) == {}
    part = stubborn.escrow.release_part(agreement, 1, 100)
    assert part.of(Credited)[-1] == Credited(stubborn.money, PAYEE, deal_id, 97, NET + 97)
    assert stubborn.escrow.status(agreement) is Status.SETTLED


def test_an_overdue_claim_credits_too(stubborn: Scene) -> None:
    agreement = stubborn.requested()
    stubborn.refuse(PAYEE)
    stubborn.chain.now += agreement.review_period
    stubborn.escrow.claim(agreement, (0,))
    assert stubborn.escrow.credit(stubborn.money, PAYEE) == NET


def test_an_employer_that_cannot_be_refunded_is_credited(stubborn: Scene) -> None:
    agreement = stubborn.bound()
    stubborn.refuse(EMPLOYER)
    before = stubborn.balances()
    outcome = stubborn.escrow.cancel(agreement, (0,))
    deal_id = stubborn.escrow.id_of(agreement)
    assert outcome.events == (
        stubborn.refunded(agreement, 0, Reason.CANCEL),
        Credited(stubborn.money, EMPLOYER, deal_id, AMOUNTS[0], AMOUNTS[0]),
    )
    assert stubborn.gains(before) == {}


def test_an_employer_that_cannot_take_a_withdrawal_is_credited(hostile: Scene) -> None:
    agreement = hostile.opened()
    hostile.refuse(EMPLOYER)
    hostile.escrow.withdraw(agreement, (0,))
    assert hostile.escrow.credit(hostile.money, EMPLOYER) == AMOUNTS[0]


def test_a_platform_that_is_paid_too_has_one_credit(stubborn: Scene) -> None:
    agreement = stubborn.bound(platform=PAYEE)
    stubborn.refuse(PAYEE)
    first, second = stubborn.escrow.release(agreement, (0,)).of(Credited)
    assert (first.amount, first.credit) == (FEE, FEE)
    assert (second.amount, second.credit) == (NET, AMOUNTS[0])


# --- How it is paid


@pytest.mark.parametrize("to", [PLATFORM, STRANGER, EMPLOYER], ids=["itself", "stranger", "party"])
def test_the_owner_takes_all_of_it_to_any_address(scene: Scene, to: str) -> None:
    amount = with_credit(scene)
    before = scene.balances()
    outcome = scene.escrow.withdraw_credit(scene.money, to, sender=PLATFORM)
    assert outcome.events == (CreditPaid(scene.money, PLATFORM, to, amount),)
    assert scene.gains(before) == {to: amount, scene.escrow.address: -amount}
    assert scene.escrow.credit(scene.money, PLATFORM) == 0
    with reverts("NoCredit"):
        scene.escrow.withdraw_credit(scene.money, to, sender=PLATFORM)


@pytest.mark.parametrize("to", ["zero", "escrow", "token"])
def test_it_goes_nowhere_that_nobody_owns(scene: Scene, to: str) -> None:
    with_credit(scene)
    before = scene.balances()
    address = {"zero": ZERO_ADDRESS, "escrow": scene.escrow.address, "token": scene.money}[to]
    with reverts("BadReceiver"):
        scene.escrow.withdraw_credit(scene.money, address, sender=PLATFORM)
    assert scene.gains(before) == {}


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who != PLATFORM])
def test_nobody_takes_the_credit_of_another(scene: Scene, who: str) -> None:
    with_credit(scene)
    with reverts("NoCredit"):
        scene.escrow.withdraw_credit(scene.money, who, sender=who)


def test_anyone_has_it_paid_to_its_owner(scene: Scene) -> None:
    amount = with_credit(scene)
    before = scene.balances()
    outcome = scene.escrow.pay_credit(scene.money, PLATFORM, sender=STRANGER)
    assert outcome.events == (CreditPaid(scene.money, PLATFORM, PLATFORM, amount),)
    assert scene.gains(before) == {PLATFORM: amount, scene.escrow.address: -amount}
    with reverts("NoCredit"):
        scene.escrow.pay_credit(scene.money, PLATFORM)


def test_paying_fails_as_long_as_the_owner_refuses_and_loses_nothing(stubborn: Scene) -> None:
    amount = with_credit(stubborn)
    stubborn.refuse(PLATFORM)
    with reverts("TransferFailed"):
        stubborn.escrow.pay_credit(stubborn.money, PLATFORM)
    assert stubborn.escrow.credit(stubborn.money, PLATFORM) == amount
    stubborn.refuse(PLATFORM, False)
    before = stubborn.balances()
    stubborn.escrow.pay_credit(stubborn.money, PLATFORM)
    assert stubborn.gains(before)[PLATFORM] == amount


def test_abuse_09_a_blocked_payee_redirects_its_credit(hostile: Scene) -> None:
    agreement = hostile.bound(payee=ZERO_ADDRESS)
    hostile.refuse(FREELANCER)
    hostile.escrow.release(agreement, (0,))
    before = hostile.balances()
    hostile.escrow.withdraw_credit(hostile.money, STRANGER, sender=FREELANCER)
    assert hostile.gains(before)[STRANGER] == NET


def test_a_credit_that_cannot_be_sent_stays(stubborn: Scene) -> None:
    amount = with_credit(stubborn)
    stubborn.refuse(STRANGER)
    with reverts("TransferFailed"):
        stubborn.escrow.withdraw_credit(stubborn.money, STRANGER, sender=PLATFORM)
    assert stubborn.escrow.credit(stubborn.money, PLATFORM) == amount


def test_credits_are_apart_by_token_and_owner(erc20: Scene) -> None:
    with_credit(erc20)
    for token, owner in ((ZERO_ADDRESS, PLATFORM), (erc20.money, PAYEE), (PLATFORM, erc20.money)):
        assert erc20.escrow.credit(token, owner) == 0
        with reverts("NoCredit"):
            erc20.escrow.pay_credit(token, owner)


def test_nothing_is_credited_where_the_fee_takes_the_whole_part(stubborn: Scene) -> None:
    agreement = stubborn.bound(fee_bps=1_000)
    stubborn.escrow.release_part(agreement, 0, 9)
    stubborn.refuse(PAYEE)
    outcome = stubborn.escrow.release_part(agreement, 0, 1)
    deal_id = stubborn.escrow.id_of(agreement)
    assert outcome.of(Credited) == [Credited(stubborn.money, PLATFORM, deal_id, 1, 1)]
    assert fold(stubborn.escrow.records).credits == {(stubborn.money, PLATFORM): 1}


def test_a_part_payments_fee_is_credited_with_the_part(scene: Scene) -> None:
    agreement = scene.bound()
    scene.escrow.release_part(agreement, 0, 31)
    assert scene.escrow.credit(scene.money, PLATFORM) == fee_of(agreement, 31) == 1
