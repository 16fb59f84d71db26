"""Receivers that refuse, burn, shout or are starved harm nobody but themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.consent import digest_of, redeem, settle, settlement
from tests.contract.raw_code import (
    BURN,
    REFUSE,
    SPIN,
    hungry,
    return_bomb,
    revert_bomb,
    self_destruct,
)
from tests.contract.scene import AMOUNTS, LAPSE, Scene, fee_of
from tests.escrow import Outcome
from tests.evm import GAS, WEALTH, Contract, Halted, deploy, reverts
from tests.roles import EMPLOYER, FREELANCER, PAYEE, PLATFORM, STRANGER

NET = AMOUNTS[0] - AMOUNTS[0] * 333 // 10_000
OWN_GAS = 150_000  # more than any of these calls takes beside its push
COIN_CAP = 100_000
TOKEN_CAP = 300_000

Payment = Callable[[Scene, Agreement, int], Outcome]
SHARE = AMOUNTS[0] * 500 // 10_000  # of the arbiter
HALF = AMOUNTS[0] // 2  # to the freelancer, the odd unit to the employer
# What pays, whom, and how much of the first milestone.
PAYMENTS: dict[str, tuple[Payment, str, int]] = {
    "release": (
        lambda scene, deal, gas: scene.escrow.release(deal, (0,), gas=gas),
        PAYEE,
        NET,
    ),
    "release_part": (
        lambda scene, deal, gas: scene.escrow.release_part(deal, 0, 100, gas=gas),
        PAYEE,
        97,
    ),
    "redeem": (lambda scene, deal, gas: redeem(scene, deal, 0, 100, gas=gas), PAYEE, 97),
    "claim": (lambda scene, deal, gas: scene.escrow.claim(deal, (0,), gas=gas), PAYEE, NET),
    "cancel": (
        lambda scene, deal, gas: scene.escrow.cancel(deal, (0,), gas=gas),
        EMPLOYER,
        AMOUNTS[0],
    ),
    "rule": (lambda scene, deal, gas: scene.escrow.rule(deal, 0, 100, gas=gas), PAYEE, 97),
    "rule for the employer": (
        lambda scene, deal, gas: scene.escrow.rule(deal, 0, 100, gas=gas),
        EMPLOYER,
        AMOUNTS[0] - SHARE - 100,
    ),
    "apply_fallback": (
        lambda scene, deal, gas: scene.escrow.apply_fallback(deal, 0, gas=gas),
        EMPLOYER,
        HALF + 1,
    ),
    "settle": (
        lambda scene, deal, gas: settle(scene, deal, (0,), (100,), sender=deal.freelancer, gas=gas),
        EMPLOYER,
        AMOUNTS[0] - 100,
    ),
    "settle_dormant": (
        lambda scene, deal, gas: scene.escrow.settle_dormant(deal, (0,), gas=gas),
        EMPLOYER,
        AMOUNTS[0],
    ),
}

SPLITS = ("rule", "rule for the employer", "apply_fallback", "settle")  # which pay two
SIGNED = ("redeem", "settle")  # which take longer to prepare


def due(scene: Scene, name: str) -> Agreement:
    """Return a deal on which a payment is possible now."""
    make = {
        "rule": scene.disputed,
        "rule for the employer": scene.disputed,
        "apply_fallback": scene.disputed,
        "settle_dormant": scene.bound,
    }.get(name, scene.requested)
    agreement = make(review_period=3 * DAY, milestones=[(AMOUNTS[0], 9 * DAY)])
    waits = {"apply_fallback": 30 * DAY, "settle_dormant": 9 * DAY + LAPSE}
    scene.chain.now += waits.get(name, 3 * DAY)
    return agreement


@pytest.mark.parametrize(
    "code",
    [REFUSE, BURN, SPIN, revert_bomb(150_000), hungry(120_000)],
    ids=["05 reverts", "06 burns", "06 spins", "08 shouts", "06 eats"],
)
@pytest.mark.parametrize("name", PAYMENTS)
def test_abuse_05_06_08_whoever_cannot_be_paid_is_credited_at_a_bounded_cost(
    native: Scene, name: str, code: bytes
) -> None:
    pay, receiver, amount = PAYMENTS[name]
    agreement = due(native, name)
    native.chain.set_code(receiver, code)
    outcome = pay(native, agreement, GAS)
    assert native.escrow.credit(ZERO_ADDRESS, receiver) == amount
    assert outcome.gas < COIN_CAP + OWN_GAS


@pytest.mark.parametrize("name", PAYMENTS)
def test_abuse_08_what_a_receiver_returns_is_not_copied(native: Scene, name: str) -> None:
    pay, receiver, amount = PAYMENTS[name]
    plain = pay(native, due(native, name), GAS).gas
    agreement = due(native, name)
    native.chain.set_code(receiver, return_bomb(150_000))
    its_own = native.chain.send(receiver, sender=STRANGER).gas - 21_000
    before = native.balance(receiver)
    outcome = pay(native, agreement, GAS)
    assert native.balance(receiver) - before == amount
    # Copied into the escrow's memory it would cost once more what it costs the receiver.
    assert outcome.gas - plain < its_own + 10_000


@pytest.mark.parametrize("code", [BURN, SPIN, revert_bomb(200_000), return_bomb(200_000)])
@pytest.mark.parametrize("name", PAYMENTS)
def test_a_token_is_bounded_too(hostile: Scene, name: str, code: bytes) -> None:
    pay, receiver, amount = PAYMENTS[name]
    agreement = due(hostile, name)
    hostile.chain.set_code(agreement.token, code)
    outcome = pay(hostile, agreement, GAS)
    assert hostile.escrow.credit(agreement.token, receiver) == amount
    assert outcome.gas < TOKEN_CAP * (2 if name in SPLITS else 1) + OWN_GAS


# --- Starving the push (EIP-150 keeps 1/64 of the gas back)


def outcome_of(
    scene: Scene, name: str, receiver_code: bytes, gas: int, agreement: Agreement | None = None
) -> str:
    """Make a payment with little gas; see that nothing is lost, and return what came of it."""
    pay, receiver, amount = PAYMENTS[name]
    agreement = agreement or due(scene, name)
    scene.chain.set_code(receiver, receiver_code)
    words, before = scene.words(agreement), scene.balances()
    credit = scene.escrow.credit(scene.money, receiver)
    error = ""
    try:
        pay(scene, agreement, gas)
    except Halted as halted:
        error = str(halted)
    except ContractRevert as reverted:
        error = reverted.error
    paid = scene.gains(before).get(receiver, 0)
    credited = scene.escrow.credit(scene.money, receiver) - credit
    scene.chain.set_code(receiver, b"")
    if error:
        assert (scene.words(agreement), paid, credited) == (words, 0, 0)
        return error
    assert sorted((paid, credited)) == [0, amount]
    return "paid" if paid else "credited"


@pytest.mark.parametrize("name", PAYMENTS)
def test_abuse_07_a_starved_push_is_paid_or_reverts(native: Scene, name: str) -> None:
    # It takes nearly all that a receiver may; with any less it stops for want of gas.
    step = 5_000 if name in SIGNED else 1_000
    outcomes = [
        outcome_of(native, name, hungry(97_000), gas) for gas in range(50_000, 280_000, step)
    ]
    assert "credited" not in outcomes
    assert "NotEnoughGas" in outcomes
    first = outcomes.index("paid")
    assert set(outcomes[first:]) == {"paid"}


@pytest.mark.parametrize("name", PAYMENTS)
def test_abuse_07_an_account_without_code_is_never_starved_into_a_credit(
    native: Scene, name: str
) -> None:
    step = 4_997 if name in SIGNED else 997
    outcomes = {outcome_of(native, name, b"", gas) for gas in range(40_000, 160_000, step)}
    assert "paid" in outcomes
    assert "credited" not in outcomes


@pytest.mark.parametrize("name", ["release", "claim"])
def test_abuse_07_a_starved_token_is_paid_or_reverts(hostile: Scene, name: str) -> None:
    assert hostile.token is not None
    outcomes = []
    for gas in range(60_000, 480_000, 3_001):
        hostile.token.send("set_labour", 0, sender=STRANGER)
        agreement = due(hostile, name)
        hostile.token.send("set_labour", 2_400, sender=STRANGER)  # nearly all that it may take
        outcomes.append(outcome_of(hostile, name, b"", gas, agreement))
    assert "credited" not in outcomes
    assert "NotEnoughGas" in outcomes
    first = outcomes.index("paid")
    assert set(outcomes[first:]) == {"paid"}


def test_abuse_07_a_receiver_that_counts_its_gas_loses_nothing(native: Scene) -> None:
    wallet = deploy(native.chain, "mocks/Wallet.vy")
    code = native.chain.code(wallet.address)
    native.chain.set_code(PAYEE, code)
    wallet.at(PAYEE).send("set_appetite", 90_000, sender=STRANGER)
    outcomes = {outcome_of(native, "release", code, gas) for gas in range(50_000, 280_000, 1_009)}
    assert "paid" in outcomes


# --- Coins from nowhere


def test_abuse_22_forced_coins_change_nobodys_entitlement(native: Scene) -> None:
    agreement = native.bound((0, 1))
    words = native.words(agreement)
    native.chain.create(self_destruct(native.escrow.address), value=777)
    native.chain.set_balance(
        native.escrow.address, native.chain.balance(native.escrow.address) + 1
    )  # as to a block's coinbase
    assert native.words(agreement) == words
    native.escrow.release(agreement, (0,))
    native.escrow.cancel(agreement, (1,))
    native.escrow.pay_credit(ZERO_ADDRESS, PLATFORM)
    assert native.chain.balance(native.escrow.address) == 778
    with reverts("WrongValue"):
        native.escrow.fund(native.agreement(), (0,), value=0)


# --- Parties that are contracts


def send_as(scene: Scene, wallet: Contract, name: str, *arguments: object, value: int = 0) -> None:
    data = scene.escrow.contract.calldata(name, *arguments)
    scene.escrow.outcome(wallet.send("execute", scene.escrow.address, value, data, sender=STRANGER))


def test_abuse_54_every_role_may_be_a_contract(scene: Scene) -> None:
    wallets = [deploy(scene.chain, "mocks/Wallet.vy") for _ in range(5)]
    employer, freelancer, payee, arbiter, platform = wallets
    terms = {
        "employer": employer.address,
        "freelancer": freelancer.address,
        "payee": payee.address,
        "arbiter": arbiter.address,
        "platform": platform.address,
        "review_period": 3 * DAY,
    }
    agreement = scene.agreement(**terms)
    if scene.token:
        scene.token.send("mint", employer.address, WEALTH, sender=STRANGER)
        allow = scene.token.calldata("approve", scene.escrow.address, WEALTH)
        employer.send("execute", scene.money, 0, allow, sender=STRANGER)
    scene.chain.set_balance(employer.address, WEALTH)
    before = scene.balances(*[wallet.address for wallet in wallets])

    freelancer.send("approve", scene.escrow.id_of(agreement), True, sender=STRANGER)
    amounts = [part.amount for part in agreement.milestones]
    value = 0 if scene.token else sum(amounts)
    send_as(scene, employer, "fund", agreement, [0, 1, 2], b"\1", value=value)
    send_as(scene, freelancer, "request_release", agreement, [0, 1], bytes(32))
    send_as(scene, freelancer, "void_request", agreement, [1])
    send_as(scene, employer, "release_part", agreement, 1, 100)
    send_as(scene, employer, "release", agreement, [1])
    send_as(scene, freelancer, "cancel", agreement, [2])
    scene.chain.now += 3 * DAY
    scene.escrow.claim(agreement, (0,))

    # It goes on in disputes: one that is ruled, and one that the parties end.
    other = scene.agreement(**terms)
    half = 0 if scene.token else amounts[0] + amounts[1]
    send_as(scene, employer, "fund", other, [0, 1], b"", value=half)
    send_as(scene, freelancer, "accept", other, [0, 1])
    send_as(scene, freelancer, "request_release", other, [0, 1], bytes(32))
    send_as(scene, employer, "dispute", other, 0, bytes(32))
    send_as(scene, freelancer, "dispute", other, 1, bytes(32))
    send_as(scene, arbiter, "rule", other, 0, 1_000)
    message = settlement(scene, other, (1,), (500,))
    employer.send("approve", digest_of(scene, message), True, sender=STRANGER)
    send_as(scene, freelancer, "settle", other, [1], [500], message.expiry, b"")
    scene.chain.now = other.final_deadline
    send_as(scene, employer, "keep_alive", other)

    paid = amounts[0] + amounts[1] + 1_500
    fees = sum(fee_of(agreement, gross) for gross in (amounts[0], amounts[1], 1_000, 500))
    for owner in (platform, arbiter):
        send_as(scene, owner, "withdraw_credit", agreement.token, owner.address)
    assert scene.gains(before) == {
        employer.address: -paid - SHARE,
        payee.address: paid - fees,
        platform.address: fees,
        arbiter.address: SHARE,
    }
    assert scene.escrow.held(agreement) == scene.escrow.held(other) == 0


def test_promise_10_a_hostile_receiver_stops_nobody_elses_payment(native: Scene) -> None:
    bad = native.bound()
    good = native.bound(payee=FREELANCER)
    native.chain.set_code(PAYEE, SPIN)
    before = native.balance(FREELANCER)
    native.escrow.release(bad, (0,))
    native.escrow.release(good, (0,))
    native.escrow.pay_credit(ZERO_ADDRESS, PLATFORM)
    assert native.balance(FREELANCER) - before == NET
    assert (
        native.chain.balance(native.escrow.address)
        == NET
        == native.escrow.credit(ZERO_ADDRESS, PAYEE)
    )
    assert native.escrow.status(bad) is Status.SETTLED
