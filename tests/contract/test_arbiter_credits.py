"""The adapter's own money: credits, hostile receivers, re-entry, and any mixture of cases."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from eth_abi.abi import decode
from eth_utils.crypto import keccak

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.arbitration import FEE, PATIENCE, Court, Heard
from tests.contract.raw_code import BURN, NOTHING, REFUSE
from tests.contract.scene import AMOUNTS, Scene, fee_of
from tests.evm import WEALTH, Contract, Halted, deploy, reverts
from tests.roles import EMPLOYER, FREELANCER, PAYEE, STRANGER

STRUCK = keccak(text="Struck(bool,bytes)")


@pytest.fixture
def court(native: Scene) -> Court:
    return Court(native)


# --- Credits


def test_a_credit_is_paid_whole_to_whoever_its_owner_names(court: Court) -> None:
    court.execute(court.ruled(1))
    before = court.scene.balances()
    heard = court.send("withdraw_credit", STRANGER, sender=FREELANCER)
    paid = {"owner": FREELANCER, "receiver": STRANGER, "amount": FEE}
    assert heard.said == (("CreditPaid", paid),)
    assert court.scene.gains(before) == {STRANGER: FEE}
    assert (court.balance(), court.credit(FREELANCER)) == (0, 0)
    with reverts("NoCredit"):
        court.send("withdraw_credit", STRANGER, sender=FREELANCER)


def test_credits_add_up_and_each_event_tells_the_sum(court: Court) -> None:
    agreement = court.disputed()
    first = court.pay(agreement, FREELANCER, FEE + 5)
    court.pay(agreement, EMPLOYER)
    second = court.send("submit", agreement, 0, sender=FREELANCER, value=7)
    assert first.of("Credited") == {"owner": FREELANCER, "amount": 5, "credit": 5}
    assert second.of("Credited") == {"owner": FREELANCER, "amount": 7, "credit": 12}
    assert court.credit(FREELANCER) == 12


def test_who_has_no_credit_gets_nothing(court: Court) -> None:
    court.paid()
    for who in (EMPLOYER, FREELANCER, STRANGER):
        with reverts("NoCredit"):
            court.send("withdraw_credit", who, sender=who)


def test_a_credit_is_not_paid_to_nobody_or_the_adapter(court: Court) -> None:
    court.execute(court.ruled(2))
    for to in (ZERO_ADDRESS, court.address):
        with reverts("BadReceiver"):
            court.send("withdraw_credit", to, sender=EMPLOYER)
    assert court.credit(EMPLOYER) == FEE


def test_coins_are_taken_only_as_fees(court: Court) -> None:
    agreement = court.disputed()
    for name in ("confirm", "execute", "submit_evidence", "rule", "withdraw_credit"):
        arguments = {
            "confirm": (agreement,),
            "submit_evidence": (agreement, 0, "x"),
            "rule": (0, 0),
            "withdraw_credit": (STRANGER,),
        }.get(name, (agreement, 0))
        with reverts("NoReason"):
            court.send(name, *arguments, sender=EMPLOYER, value=1)
    with reverts("NoReason"):
        court.scene.chain.send(court.address, sender=STRANGER, value=1)


@pytest.mark.parametrize("code", [REFUSE, BURN], ids=["refuses", "burns"])
def test_a_receiver_that_refuses_leaves_the_credit(court: Court, code: bytes) -> None:
    court.execute(court.ruled(2))
    court.scene.chain.set_code(PAYEE, code)
    with reverts("TransferFailed"):
        court.send("withdraw_credit", PAYEE, sender=EMPLOYER)
    assert court.credit(EMPLOYER) == court.balance() == FEE
    court.scene.chain.set_code(PAYEE, NOTHING)
    court.send("withdraw_credit", PAYEE, sender=EMPLOYER)
    assert court.balance() == 0


@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_parties_that_refuse_money_hinder_no_ruling(stubborn: Scene, ruling: int) -> None:
    court = Court(stubborn)
    agreement = court.ruled(ruling)
    for who in (EMPLOYER, PAYEE):
        stubborn.refuse(who)
    court.execute(agreement)
    gross = {0: AMOUNTS[0] // 2, 1: AMOUNTS[0], 2: 0}[ruling]
    credit = stubborn.escrow.credit
    assert credit(agreement.token, PAYEE) == gross - fee_of(agreement, gross)
    assert credit(agreement.token, EMPLOYER) == AMOUNTS[0] - gross
    assert sum(court.credits(agreement)) == FEE


def test_too_little_gas_executes_nothing(stubborn: Scene) -> None:
    court = Court(stubborn)
    agreement = court.ruled(1)
    data = court.adapter.calldata("execute", agreement, 0)
    chain, done = stubborn.chain, 0
    for gas in range(60_000, 800_000, 4_000):
        words = stubborn.words(agreement)
        try:
            receipt = chain.send(court.address, data, sender=STRANGER, gas=gas)
        except (ContractRevert, Halted):
            assert stubborn.words(agreement) == words
            assert court.case(agreement).status == 5
            continue
        court.heard(receipt)
        done = gas
        break
    assert done, "it never went through"
    # The payee could take its money, so that no want of gas made a credit of it.
    assert stubborn.escrow.credit(agreement.token, PAYEE) == 0
    assert court.credit(FREELANCER) == FEE


# --- Re-entry


def strikes(heard: Heard) -> list[tuple[bool, bytes]]:
    """Return whether each call back went through, and what it answered."""
    return [
        decode(["bool", "bytes"], log.data)
        for log in heard.receipt.logs
        if log.topics[:32] == STRUCK
    ]


CALLS = (
    "confirm",
    "pay_fee",
    "submit",
    "submit_evidence",
    "rule",
    "execute",
    "withdraw_credit",
    "case_id",
    "case",
    "credit",
)


def arguments(court: Court, agreement: Agreement, name: str) -> tuple[object, ...]:
    """Return what a call takes about a deal."""
    return {
        "confirm": (agreement,),
        "submit_evidence": (agreement, 0, "x"),
        "rule": (7, 1),
        "withdraw_credit": (STRANGER,),
        "case_id": (bytes(32), 0),
        "case": (court.case_id(agreement),),
        "credit": (STRANGER,),
    }.get(name, (agreement, 0))


@pytest.mark.parametrize("name", CALLS)
def test_an_arbitrator_cannot_call_back_while_it_is_handed_a_case(native: Scene, name: str) -> None:
    attacker = deploy(native.chain, "mocks/HostileArbitrator.vy")
    court = Court(native, attacker)
    agreement = court.disputed()
    for who in (EMPLOYER, FREELANCER):
        court.pay(agreement, who, 0)
    data = court.adapter.calldata(name, *arguments(court, agreement, name))
    attacker.send("arm", court.address, data, sender=STRANGER)
    assert strikes(court.submit(agreement)) == [(False, b"")]
    assert court.case(agreement).status == 4
    assert court.rule_at_will(7, 1).of("Ruling")["_disputeID"] == 7


def employing(court: Court) -> tuple[Contract, Agreement]:
    """Return an employer that is a contract, and its deal, ruled in its favour."""
    scene = court.scene
    wallet = deploy(scene.chain, "mocks/Wallet.vy")
    scene.chain.set_balance(wallet.address, WEALTH)
    with scene.chain.impersonated(wallet.address):
        agreement = court.ruled(2, employer=wallet.address)
    return wallet, agreement


@pytest.mark.parametrize("name", CALLS)
def test_a_party_cannot_call_back_while_it_is_paid(court: Court, name: str) -> None:
    wallet, agreement = employing(court)
    data = court.adapter.calldata(name, *arguments(court, agreement, name))
    wallet.send("arm", court.address, data, sender=STRANGER)
    # The escrow pays it while the adapter executes.
    assert strikes(court.execute(agreement)) == [(False, b"")]
    assert court.credit(wallet.address) == court.balance() == FEE
    # The adapter pays it.
    call = court.adapter.calldata("withdraw_credit", wallet.address)
    sent = wallet.send("execute", court.address, 0, call, sender=STRANGER)
    assert strikes(court.heard(sent)) == [(False, b"")]
    assert court.balance() == 0


# --- Any mixture


def act(court: Court, agreements: list[Agreement], random: Random) -> None:
    """Make some call on some case, or let time pass."""
    agreement, index = random.choice(agreements), random.randrange(3)
    party = random.choice([EMPLOYER, FREELANCER])
    escrow, chain = court.scene.escrow, court.scene.chain
    acts: list[Callable[[], object]] = [
        lambda: court.pay(agreement, party, random.choice([FEE - 1, FEE, FEE + 7, 3 * FEE]), index),
        lambda: court.pay(agreement, EMPLOYER, 3 * FEE, index),
        lambda: court.pay(agreement, FREELANCER, 3 * FEE, index),
        lambda: court.submit(agreement, random.choice([0, 0, FEE]), index),
        lambda: court.submit(agreement, 0, index),
        lambda: court.rule(random.randrange(4), random.randrange(8)),
        lambda: court.rule(random.randrange(3), random.randrange(4)),
        lambda: court.execute(agreement, index),
        lambda: court.send("withdraw_credit", party, sender=party),
        lambda: court.set_cost(random.choice([0, FEE - 3, FEE, FEE + 3, 3 * FEE])),
        lambda: escrow.dispute(agreement, index),
        lambda: escrow.apply_fallback(agreement, index),
        lambda: escrow.release(agreement, (index,)) if random.random() < 0.1 else None,
        lambda: escrow.cancel(agreement, (index,)) if random.random() < 0.1 else None,
    ]
    if random.random() < 0.15:
        chain.now += random.choice([1, 3600, DAY, 3 * DAY, 10 * DAY])
        return
    try:
        random.choice(acts)()
    except ContractRevert as revert:
        # Nothing may fail for another reason than a rule.
        assert revert.error not in {"NoReason", "Panic", "UnknownError"}, revert


@pytest.mark.parametrize("seed", range(12))
def test_in_any_mixture_of_calls_the_money_is_there_and_none_is_stuck(
    native: Scene, seed: int
) -> None:
    court, random = Court(native), Random(seed)
    agreements = [native.requested((0, 1, 2), **court.terms()) for _ in range(2)]
    keys = [(agreement, index) for agreement in agreements for index in range(3)]
    owners = (EMPLOYER, FREELANCER, STRANGER)
    for agreement, index in keys[:4]:
        native.dispute(agreement, index)
    for _ in range(250):
        act(court, agreements, random)
        waiting = 0
        for agreement, index in keys:
            case = court.case(agreement, index)
            waiting += case.fee * {0: 0, 3: 2}.get(case.status, 1)
        assert court.balance() == waiting + sum(map(court.credit, owners))
        assert native.escrow.credit(ZERO_ADDRESS, court.address) == 0

    native.chain.now += 400 * DAY + PATIENCE
    for agreement, index in keys:
        if court.case(agreement, index).status:
            court.execute(agreement, index)
        if native.escrow.status(agreement, index) is Status.DISPUTED:
            native.escrow.apply_fallback(agreement, index)
    for owner in owners:
        if court.credit(owner):
            court.send("withdraw_credit", owner, sender=owner)
    assert court.balance() == 0
