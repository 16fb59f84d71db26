from __future__ import annotations

import pytest

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS
from milestone_escrow.events import Active, Credited, Event, Reason, Refunded, Released, Ruled
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.raw_code import BURN, REFUSE, SPIN
from tests.contract.scene import AMOUNTS, FINAL, LAPSE, Scene, fee_of
from tests.evm import deploy, reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, ROLES, STRANGER

ALL = AMOUNTS[0]


def share_of(remaining: int, arbiter_bps: int) -> int:
    return remaining * arbiter_bps // 10_000


@pytest.mark.parametrize("paid", [0, 1_019])
@pytest.mark.parametrize("arbiter_bps", [0, 1, 333, 1_000])
@pytest.mark.parametrize("to_freelancer", ["nothing", "one", "half", "all but one", "all"])
def test_what_remains_is_split_after_the_arbiters_share(
    scene: Scene, to_freelancer: str, arbiter_bps: int, paid: int
) -> None:
    deal = scene.bound(arbiter_bps=arbiter_bps)
    if paid:
        scene.escrow.release_part(deal, 0, paid)
    scene.escrow.request_release(deal, (0,))
    scene.escrow.dispute(deal, 0)
    share = share_of(ALL - paid, arbiter_bps)
    rest = ALL - paid - share
    gross = {"nothing": 0, "one": 1, "half": rest // 2, "all but one": rest - 1, "all": rest}[
        to_freelancer
    ]
    before, fees = scene.balances(), scene.escrow.credit(scene.money, PLATFORM)
    outcome = scene.escrow.rule(deal, 0, gross)

    deal_id = scene.escrow.id_of(deal)
    split = scene.split(deal, 0, Reason.RULING, gross, paid=paid, share=share)
    expected: list[Event] = [Ruled(deal_id, 0, ARBITER, share, gross, rest)]
    if share:
        expected.append(Credited(scene.money, ARBITER, deal_id, share, share))
    assert outcome.events == (*expected, *split, *scene.fee_credited(deal, split))
    fee = fee_of(deal, paid + gross) - fee_of(deal, paid)
    refund = rest - gross
    gains = {PAYEE: gross - fee, EMPLOYER: refund, scene.escrow.address: fee - gross - refund}
    assert scene.gains(before) == {who: gain for who, gain in gains.items() if gain}
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    assert len(transfers) == (len(split) if scene.token else 0)  # nobody is sent nothing
    assert scene.escrow.credit(scene.money, ARBITER) == share
    assert scene.escrow.credit(scene.money, PLATFORM) == fees + fee
    assert scene.escrow.status(deal) is Status.SETTLED
    word, *milestones = scene.words(deal)
    assert milestones == [0, 0, 0] and not word >> 48 & 0b1111111111  # nothing is tracked


@pytest.mark.parametrize("amount", [1, 2, 3, 9, 10, 19, 20, 999, MAX_AMOUNT])
@pytest.mark.parametrize("arbiter_bps", [1, 500, 1_000])
def test_abuse_46_splits_add_up_to_the_unit(scene: Scene, arbiter_bps: int, amount: int) -> None:
    share = share_of(amount, arbiter_bps)
    rest = amount - share
    for gross in {0, rest // 2, rest // 2 + rest % 2, rest}:
        deal = scene.disputed(arbiter_bps=arbiter_bps, milestones=[(amount, FINAL)])
        outcome = scene.escrow.rule(deal, 0, gross)
        assert outcome.of(Ruled)[0].share == share
        paid = sum(event.gross for event in outcome.of(Released))
        refunded = sum(event.amount for event in outcome.of(Refunded))
        assert (paid, refunded) == (gross, rest - gross)


@pytest.mark.parametrize("beyond", [0, 1, 2, ALL, 2**255])
def test_no_more_is_ruled_than_the_share_leaves(scene: Scene, beyond: int) -> None:
    deal = scene.disputed()
    rest = ALL - share_of(ALL, deal.arbiter_bps)
    if beyond == 0:
        scene.escrow.rule(deal, 0, rest)
        return
    words, before = scene.words(deal), scene.balances()
    with reverts("AmountTooLarge"):
        scene.escrow.rule(deal, 0, rest + beyond)
    assert (scene.words(deal), scene.gains(before)) == (words, {})
    assert scene.escrow.credit(scene.money, ARBITER) == 0


# --- When


@pytest.mark.parametrize("after", [-1, 0, 1])
@pytest.mark.parametrize("ruling_period", [3 * DAY, 30 * DAY, 365 * DAY])
def test_it_is_open_before_the_ruling_period_ends(
    native: Scene, ruling_period: int, after: int
) -> None:
    deal = native.disputed(ruling_period=ruling_period)
    native.chain.now += ruling_period + after
    if after < 0:
        native.escrow.rule(deal, 0, 1)
        return
    with reverts("RulingOver"):
        native.escrow.rule(deal, 0, 1)


@pytest.mark.parametrize("after", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("ruling_period", [3 * DAY, 365 * DAY])
def test_promise_07_exactly_one_of_ruling_and_fallback_is_open(
    native: Scene, ruling_period: int, after: int
) -> None:
    by_arbiter = native.disputed(ruling_period=ruling_period)
    by_anyone = native.disputed(ruling_period=ruling_period)
    native.chain.now += ruling_period + after
    if after < 0:
        native.escrow.rule(by_arbiter, 0, 1)
        with reverts("RulingOpen"):
            native.escrow.apply_fallback(by_anyone, 0)
    else:
        native.escrow.apply_fallback(by_anyone, 0)
        with reverts("RulingOver"):
            native.escrow.rule(by_arbiter, 0, 1)


def test_the_ruling_clock_starts_with_the_dispute(native: Scene) -> None:
    deal = native.requested((0, 1))
    native.chain.now += 10 * DAY
    native.escrow.dispute(deal, 1)
    native.chain.now += 10 * DAY
    native.escrow.dispute(deal, 0)
    native.chain.now += 20 * DAY
    with reverts("RulingOver"):
        native.escrow.rule(deal, 1, 1)
    native.escrow.rule(deal, 0, 1)


def test_a_ruling_is_an_activity_until_the_lapse(native: Scene) -> None:
    early, late = (native.disputed(ruling_period=365 * DAY) for _ in range(2))
    native.chain.now = now = early.final_deadline + LAPSE - 1
    (active,) = native.escrow.rule(early, 0, 1).of(Active)
    assert active == Active(native.escrow.id_of(early), ARBITER, now)
    native.chain.now += 1
    assert native.escrow.rule(late, 0, 1).of(Active) == []


# --- Who


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who != ARBITER])
def test_abuse_43_nobody_but_the_arbiter_rules(scene: Scene, who: str) -> None:
    deal = scene.disputed()
    with reverts("NotArbiter"):
        scene.escrow.rule(deal, 0, 1, sender=who)


def test_abuse_43_an_arbiter_has_no_say_in_another_deal(scene: Scene) -> None:
    scene.disputed()
    deal = scene.disputed(arbiter=STRANGER)
    with reverts("NotArbiter"):
        scene.escrow.rule(deal, 0, 1, sender=ARBITER)


def test_abuse_43_an_arbiter_pays_the_parties_of_the_deal_alone(scene: Scene) -> None:
    deal = scene.disputed(payee=ZERO_ADDRESS)
    before = scene.balances()
    outcome = scene.escrow.rule(deal, 0, 500_000)
    assert {event.receiver for event in outcome.of(Released)} == {FREELANCER}
    assert {event.receiver for event in outcome.of(Refunded)} == {EMPLOYER}
    assert scene.gains(before).keys() == {FREELANCER, EMPLOYER, scene.escrow.address}


def test_one_rules_one_milestone(scene: Scene) -> None:
    deal = scene.disputed((0, 1, 2))
    scene.escrow.rule(deal, 1, 1)
    assert [scene.escrow.status(deal, index) for index in range(3)] == [
        Status.DISPUTED,
        Status.SETTLED,
        Status.DISPUTED,
    ]
    for index, error in ((1, "AlreadySettled"), (3, "BadIndex"), (2**255, "BadIndex")):
        with reverts(error):
            scene.escrow.rule(deal, index, 1)


def test_abuse_50_an_arbiter_that_is_the_platform_too_has_one_credit(scene: Scene) -> None:
    deal = scene.disputed(platform=ARBITER)
    share = share_of(ALL, deal.arbiter_bps)
    first, second = scene.escrow.rule(deal, 0, 1_000).of(Credited)
    assert (first.amount, first.credit) == (share, share)
    assert (second.amount, second.credit) == (33, share + 33)


def test_an_arbiter_that_is_a_contract_rules(native: Scene) -> None:
    wallet = deploy(native.chain, "mocks/Wallet.vy")
    deal = native.disputed(arbiter=wallet.address)
    data = native.escrow.contract.calldata("rule", deal, 0, 1)
    receipt = wallet.send("execute", native.escrow.address, 0, data, sender=STRANGER)
    assert native.escrow.outcome(receipt).of(Ruled)[0].arbiter == wallet.address
    # Its share is a credit, so it need not take coins.
    native.chain.set_code(wallet.address, REFUSE)
    share = share_of(ALL, deal.arbiter_bps)
    assert native.escrow.credit(ZERO_ADDRESS, wallet.address) == share


# --- Receivers that cannot be paid


@pytest.mark.parametrize("code", [REFUSE, BURN, SPIN], ids=["reverts", "burns", "spins"])
def test_abuse_05_06_the_ruling_stands_whoever_refuses(native: Scene, code: bytes) -> None:
    deal = native.disputed()
    for who in (PAYEE, EMPLOYER, ARBITER, PLATFORM):
        native.chain.set_code(who, code)
    share = share_of(ALL, deal.arbiter_bps)
    with native.chain.impersonated(ARBITER):
        outcome = native.escrow.rule(deal, 0, 500_000)
    fee = fee_of(deal, 500_000)
    owed = {
        ARBITER: share,
        PLATFORM: fee,
        PAYEE: 500_000 - fee,
        EMPLOYER: ALL - share - 500_000,
    }
    assert {event.owner: event.amount for event in outcome.of(Credited)} == owed
    assert {who: native.escrow.credit(ZERO_ADDRESS, who) for who in owed} == owed
    assert outcome.gas < 500_000


def test_abuse_10_a_blocked_arbiter_stops_no_ruling(hostile: Scene) -> None:
    deal = hostile.disputed()
    hostile.refuse(ARBITER)
    hostile.refuse(PLATFORM)
    before = hostile.balances()
    hostile.escrow.rule(deal, 0, 1_000)
    share = share_of(ALL, deal.arbiter_bps)
    assert hostile.gains(before)[EMPLOYER] == ALL - share - 1_000
    with reverts("TransferFailed"):
        hostile.escrow.pay_credit(hostile.money, ARBITER)
    hostile.escrow.withdraw_credit(hostile.money, STRANGER, sender=ARBITER)
    assert hostile.gains(before)[STRANGER] == share


def test_abuse_11_a_paused_token_is_ruled_on_and_paid_later(hostile: Scene) -> None:
    deal, token = hostile.disputed(), hostile.token
    assert token is not None
    token.send("set_paused", True, sender=STRANGER)
    before = hostile.balances()
    hostile.escrow.rule(deal, 0, 1_000)
    assert hostile.gains(before) == {}
    token.send("set_paused", False, sender=STRANGER)
    for who in (PAYEE, EMPLOYER, ARBITER, PLATFORM):
        hostile.escrow.pay_credit(hostile.money, who)
    assert hostile.balance(hostile.escrow.address) == 0


# --- Every order of a ruling and what races with it


@pytest.mark.parametrize("first", ["rule", "other"])
@pytest.mark.parametrize("name", ["release", "cancel", "settle", "redeem", "amend"])
def test_abuse_55_what_comes_first_counts_and_the_other_reverts(
    scene: Scene, name: str, first: str
) -> None:
    deal = scene.disputed()
    others = {
        "release": lambda: scene.escrow.release(deal, (0,)),
        "cancel": lambda: scene.escrow.cancel(deal, (0,)),
        "settle": lambda: consent.settle(scene, deal, (0,), (7,)),
        "redeem": lambda: consent.redeem(scene, deal, 0, ALL),
        "amend": lambda: consent.amend(scene, deal, consent.successor(scene, deal), (0,)),
    }
    if first == "rule":
        scene.escrow.rule(deal, 0, 1)
        held = scene.balance(scene.escrow.address)
        if name == "amend":  # nothing is left to move, so the employer pays all
            assert others[name]().events[0].moved == 0  # type: ignore[union-attr]
        else:
            with reverts("AlreadySettled"):
                others[name]()
            assert scene.balance(scene.escrow.address) == held
    else:
        others[name]()
        with reverts("DealClosed" if name == "amend" else "AlreadySettled"):
            scene.escrow.rule(deal, 0, 1)
