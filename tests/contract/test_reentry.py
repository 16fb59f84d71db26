"""Whoever is called while money moves cannot call back, neither to act nor to look."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode
from eth_utils.crypto import keccak

from milestone_escrow.events import Funded
from tests.contract.consent import NO_PERMIT
from tests.contract.reentry import AMOUNT, CALLS, LATER, VIEWS, moment, possible
from tests.contract.scene import Scene
from tests.escrow import Outcome
from tests.evm import Contract, deploy, reverts
from tests.roles import PLATFORM, STRANGER

STRUCK = keccak(text="Struck(bool,bytes)")
# When somebody is called: the receiver of coins, or the token at each of its transfers.
PAYMENTS = (
    "withdraw",
    "release",
    "release_part",
    "redeem",
    "claim",
    "cancel",
    "rule",
    "apply_fallback",
    "settle",
    "settle_dormant",
    "withdraw_credit",
    "pay_credit",
)
DEPOSITS = ("fund", "fund_with_permit", "amend")
SPLITS = ("rule", "apply_fallback", "settle")  # which pay two
MOMENTS = [
    *(("coins", name) for name in PAYMENTS),
    *(("token", name) for name in (*DEPOSITS, *PAYMENTS)),
]


def strikes(outcome: Outcome) -> list[tuple[bool, bytes]]:
    """Return whether each call back went through, and what it answered."""
    found = [log for log in outcome.receipt.logs if log.topics[:32] == STRUCK]
    return [
        (success, answer)
        for success, answer in (decode(["bool", "bytes"], log.data) for log in found)
    ]


def attacked(money: str) -> tuple[Scene, Contract]:
    """Return a scene and who is called when its money moves."""
    if money == "coins":
        scene = Scene.native()
        return scene, deploy(scene.chain, "mocks/Wallet.vy")
    scene = Scene.hostile()
    assert scene.token is not None
    return scene, scene.token


def blocked(money: str, when: str) -> list[tuple[bool, bytes]]:
    """Return the strikes of a moment if the lock stops every one of them."""
    return [(False, b"")] * (2 if money == "token" and when in SPLITS else 1)


@pytest.mark.parametrize("name", [*CALLS, *VIEWS])
@pytest.mark.parametrize(("money", "when"), MOMENTS)
def test_abuse_01_02_nothing_can_be_called_while_money_moves(
    money: str, when: str, name: str
) -> None:
    scene, attacker = attacked(money)
    escrow = scene.escrow
    trigger = moment(scene, when, attacker)
    prepared = possible(scene, name, attacker.address)
    scene.chain.now += LATER
    attack = prepared()
    data = escrow.contract.calldata(name, *attack.arguments)
    attacker.send("arm", escrow.address, data, sender=STRANGER)
    before = scene.words(attack.deal), escrow.credit(attack.deal.token, PLATFORM)

    assert strikes(trigger()) == blocked(money, when)
    assert (scene.words(attack.deal), escrow.credit(attack.deal.token, PLATFORM)) == before

    # At any other time it goes through: it was the lock that stopped it, and the lock is open.
    with scene.chain.impersonated(attacker.address):
        escrow.send(name, *attack.arguments, sender=attacker.address)
    scene.check_books()


@pytest.mark.parametrize(("money", "when"), MOMENTS)
def test_the_money_that_moves_arrives_despite_the_attempt(money: str, when: str) -> None:
    scene, attacker = attacked(money)
    trigger = moment(scene, when, attacker)
    scene.chain.now += LATER
    held = scene.balance(scene.escrow.address)
    data = scene.escrow.contract.calldata("pay_credit", scene.money, PLATFORM)
    attacker.send("arm", scene.escrow.address, data, sender=STRANGER)
    outcome = trigger()
    assert strikes(outcome) == blocked(money, when)
    fee = AMOUNT * 333 // 10_000
    leaves = dict.fromkeys(DEPOSITS, -AMOUNT) | {
        "withdraw": AMOUNT,
        "cancel": AMOUNT,
        "settle_dormant": AMOUNT,
        "release_part": 400 - 13,
        "redeem": 400 - 13,
        "rule": AMOUNT - AMOUNT * 5 // 100 - 16,  # without the arbiter's share and the fee
        "settle": AMOUNT - 16,
        "apply_fallback": AMOUNT - fee // 2,
        "withdraw_credit": fee,
        "pay_credit": fee,
    }
    assert held - scene.balance(scene.escrow.address) == leaves.get(when, AMOUNT - fee)
    scene.check_books()


@pytest.mark.parametrize("money", ["coins", "token"])
def test_abuse_02_the_domain_never_changes_and_is_always_told(money: str) -> None:
    scene, attacker = attacked(money)
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


# --- A permit is asked of the token before the lock is taken, when nothing has changed yet


@pytest.mark.parametrize("name", CALLS)
def test_abuse_01_what_a_token_does_when_asked_for_a_permit_is_done_before(
    hostile: Scene, name: str
) -> None:
    token, escrow = hostile.token, hostile.escrow
    assert token is not None
    prepared = possible(hostile, name, token.address)
    hostile.chain.now += LATER
    attack, agreement = prepared(), hostile.agreement()
    data = escrow.contract.calldata(name, *attack.arguments)
    token.send("arm", escrow.address, data, sender=STRANGER)
    token.send("set_permitting", True, sender=STRANGER)
    before = hostile.balance(escrow.address)
    outcome = escrow.fund_with_permit(agreement, (0,), NO_PERMIT)
    first, second = strikes(outcome)
    assert first[0], "nothing is locked yet"
    assert not second[0], "the deposit is"
    assert hostile.balance(escrow.address) - before == agreement.milestones[0].amount
    deal_id = escrow.id_of(agreement)
    funded = [event for event in outcome.of(Funded) if event.deal_id == deal_id]
    assert funded == [Funded(deal_id, 0, agreement.milestones[0].amount)]
