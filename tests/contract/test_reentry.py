"""Whoever is called while money moves cannot call back, neither to act nor to look."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import decode
from eth_utils.crypto import keccak

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from tests.contract.scene import Scene
from tests.escrow import Outcome
from tests.evm import WEALTH, Contract, deploy, reverts
from tests.roles import PLATFORM, STRANGER

STRUCK = keccak(text="Struck(bool,bytes)")
VIEWS = ("deal_id", "deal", "milestone", "credit")
CALLS = (
    "fund",
    "accept",
    "withdraw",
    "request_release",
    "void_request",
    "release",
    "release_part",
    "claim",
    "cancel",
    "withdraw_credit",
    "pay_credit",
)
# When somebody is called: the receiver of coins, or the token at each of its transfers.
COIN_MOMENTS = (
    "withdraw",
    "release",
    "release_part",
    "claim",
    "cancel",
    "withdraw_credit",
    "pay_credit",
)
MOMENTS = [
    *(("coins", name) for name in COIN_MOMENTS),
    *(("token", name) for name in ("fund", *COIN_MOMENTS)),
]

Trigger = Callable[[], Outcome]


def strikes(outcome: Outcome) -> list[tuple[bool, bytes]]:
    """Return whether each call back went through, and what it answered."""
    found = [log for log in outcome.receipt.logs if log.topics[:32] == STRUCK]
    return [
        (success, answer)
        for success, answer in (decode(["bool", "bytes"], log.data) for log in found)
    ]


def lasting(scene: Scene) -> dict[str, Any]:
    """Return terms that leave time for everything."""
    return {
        "milestones": [(10_000, 400 * DAY)],
        "accept_by": scene.chain.now + 399 * DAY,
        "payee": ZERO_ADDRESS,
    }


def moment(scene: Scene, name: str, attacker: Contract) -> Trigger:
    """Prepare a deal; return what moves its money and thereby calls the attacker."""
    escrow, who = scene.escrow, attacker.address
    terms = lasting(scene)
    if scene.token is None:
        seat = {"withdraw": "employer", "cancel": "employer", "pay_credit": "platform"}
        terms[seat.get(name, "payee")] = who
    scene.chain.set_balance(who, WEALTH)
    # As a party it must send; as the token it is needed meanwhile.
    sending: AbstractContextManager[object] = nullcontext()
    if scene.token is None:
        sending = scene.chain.impersonated(who)
    with sending:
        make: dict[str, Callable[..., Agreement]] = {
            "fund": scene.agreement,
            "withdraw": scene.opened,
            "claim": scene.requested,
        }
        prepare: Callable[..., Agreement] = make.get(name, scene.bound)
        agreement = prepare(**terms)
        if name.endswith("_credit"):
            escrow.release(agreement, (0,))

    def withdraw() -> Outcome:
        if scene.token is not None:
            return escrow.withdraw(agreement, (0,))
        data = escrow.contract.calldata("withdraw", agreement, [0])
        return escrow.outcome(attacker.send("execute", escrow.address, 0, data, sender=STRANGER))

    to = STRANGER if scene.token is not None else who
    return {
        "fund": lambda: escrow.fund(agreement, (0,)),
        "withdraw": withdraw,
        "release": lambda: escrow.release(agreement, (0,)),
        "release_part": lambda: escrow.release_part(agreement, 0, 400),
        "claim": lambda: escrow.claim(agreement, (0,)),
        "cancel": lambda: escrow.cancel(agreement, (0,)),
        "withdraw_credit": lambda: escrow.withdraw_credit(scene.money, to, sender=PLATFORM),
        "pay_credit": lambda: escrow.pay_credit(scene.money, agreement.platform),
    }[name]


def possible(scene: Scene, name: str, attacker: str) -> tuple[Agreement, tuple[Any, ...]]:
    """Prepare a deal in a plain token on which the attacker may make a call; return both."""
    side = replace(scene, token=None)
    side.use_token(deploy(scene.chain, "mocks/TestToken.vy", "Side", "SIDE", 18))
    assert side.token is not None
    employing = lasting(scene) | {"employer": attacker}
    working = lasting(scene) | {"freelancer": attacker}
    with scene.chain.impersonated(attacker):
        side.token.send("mint", attacker, WEALTH, sender=attacker)
        side.token.send("approve", scene.escrow.address, WEALTH, sender=attacker)
        make: dict[str, Callable[[], Agreement]] = {
            "fund": lambda: side.agreement(**employing),
            "accept": lambda: side.opened(**working),
            "withdraw": lambda: side.opened(**employing),
            "request_release": lambda: side.bound(**working),
            "void_request": lambda: side.requested(**working),
            "release": lambda: side.bound(**employing),
            "release_part": lambda: side.bound(**employing),
            "claim": lambda: side.requested(**lasting(scene)),
            "cancel": lambda: side.bound(**working),
            "withdraw_credit": lambda: side.bound(**lasting(scene), platform=attacker),
        }
        agreement = make.get(name, lambda: side.bound(**lasting(scene)))()
        if name.endswith("_credit"):
            scene.escrow.release(agreement, (0,))
    deal_id = scene.escrow.id_of(agreement)
    arguments: dict[str, tuple[Any, ...]] = {
        "fund": (agreement, [0], b""),
        "request_release": (agreement, [0], bytes(32)),
        "release_part": (agreement, 0, 1),
        "withdraw_credit": (agreement.token, STRANGER),
        "pay_credit": (agreement.token, PLATFORM),
        "deal_id": (agreement,),
        "deal": (deal_id,),
        "milestone": (deal_id, 0),
        "credit": (agreement.token, attacker),
    }
    return agreement, arguments.get(name, (agreement, [0]))


def attack(money: str) -> tuple[Scene, Contract]:
    """Return a scene and who is called when its money moves."""
    if money == "coins":
        scene = Scene.native()
        return scene, deploy(scene.chain, "mocks/Wallet.vy")
    scene = Scene.hostile()
    assert scene.token is not None
    return scene, scene.token


@pytest.mark.parametrize("name", [*CALLS, *VIEWS])
@pytest.mark.parametrize(("money", "when"), MOMENTS)
def test_abuse_01_02_nothing_can_be_called_while_money_moves(
    money: str, when: str, name: str
) -> None:
    scene, attacker = attack(money)
    escrow = scene.escrow
    trigger = moment(scene, when, attacker)
    agreement, arguments = possible(scene, name, attacker.address)
    scene.chain.now += agreement.review_period
    data = escrow.contract.calldata(name, *arguments)
    attacker.send("arm", escrow.address, data, sender=STRANGER)
    before = scene.words(agreement), escrow.credit(agreement.token, PLATFORM)

    assert strikes(trigger()) == [(False, b"")]
    assert (scene.words(agreement), escrow.credit(agreement.token, PLATFORM)) == before

    # At any other time it goes through: it was the lock that stopped it, and the lock is open.
    with scene.chain.impersonated(attacker.address):
        escrow.send(name, *arguments, sender=attacker.address)


@pytest.mark.parametrize(("money", "when"), MOMENTS)
def test_the_money_that_moves_arrives_despite_the_attempt(money: str, when: str) -> None:
    scene, attacker = attack(money)
    trigger = moment(scene, when, attacker)
    scene.chain.now += 30 * DAY
    held = scene.balance(scene.escrow.address)
    data = scene.escrow.contract.calldata("pay_credit", scene.money, PLATFORM)
    attacker.send("arm", scene.escrow.address, data, sender=STRANGER)
    outcome = trigger()
    assert strikes(outcome) == [(False, b"")]
    paid = 10_000 * 9_667 // 10_000
    expected = {"fund": -10_000, "withdraw": 10_000, "cancel": 10_000, "release_part": 387}
    credit = {"withdraw_credit": 333, "pay_credit": 333}
    assert held - scene.balance(scene.escrow.address) == (expected | credit).get(when, paid)


@pytest.mark.parametrize("money", ["coins", "token"])
def test_abuse_02_the_domain_never_changes_and_is_always_told(money: str) -> None:
    scene, attacker = attack(money)
    trigger = moment(scene, "release", attacker)
    data = scene.escrow.contract.calldata("eip712Domain")
    attacker.send("arm", scene.escrow.address, data, sender=STRANGER)
    ((success, answer),) = strikes(trigger())
    assert success and answer == b"\x0f".ljust(32, b"\0")


def test_abuse_03_a_hook_that_gives_during_a_deposit_is_not_counted(hostile: Scene) -> None:
    agreement, token = hostile.agreement(), hostile.token
    assert token is not None
    data = token.calldata("mint", hostile.escrow.address, agreement.milestones[0].amount)
    token.send("arm", token.address, data, sender=STRANGER)
    held = hostile.balance(hostile.escrow.address)
    with reverts("WrongTokenAmount"):
        hostile.escrow.fund(agreement, (0,))
    assert hostile.balance(hostile.escrow.address) == held
