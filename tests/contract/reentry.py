"""Deals that move money and thereby call an attacker, and calls that the attacker may make.

Everything is prepared at one time and happens at another, ``LATER``: then each is possible.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from tests.contract import consent
from tests.contract.consent import NO_PERMIT
from tests.contract.scene import Scene
from tests.escrow import Outcome
from tests.evm import WEALTH, Contract, deploy
from tests.roles import PLATFORM, STRANGER

__all__ = ["AMOUNT", "CALLS", "LATER", "VIEWS", "Attack", "moment", "possible"]

LATER: Final = 76 * DAY  # seconds from the preparation: after the lapse of a short deal
AMOUNT: Final = 10_000

VIEWS: Final = ("deal_id", "deal", "milestone", "credit")
CALLS: Final = (
    "fund",
    "fund_with_permit",
    "accept",
    "withdraw",
    "amend",
    "request_release",
    "void_request",
    "release",
    "release_part",
    "redeem",
    "claim",
    "cancel",
    "dispute",
    "rule",
    "apply_fallback",
    "settle",
    "settle_dormant",
    "keep_alive",
    "withdraw_credit",
    "pay_credit",
)

Terms = dict[str, Any]
Prepare = Callable[..., Agreement]


@dataclass(frozen=True, slots=True)
class Attack:
    """A call that an attacker may make.

    Attributes:
        deal: What it is about.
        arguments: Of the call.
    """

    deal: Agreement
    arguments: tuple[Any, ...]


def _terms(scene: Scene, name: str) -> Terms:
    """Return terms under which a call is possible ``LATER``."""
    final = {"settle_dormant": DAY, "keep_alive": 30 * DAY}.get(name, 400 * DAY)
    return {
        "milestones": [(AMOUNT, final)],
        "accept_by": scene.chain.now + final - 1,
        "payee": ZERO_ADDRESS,
        "review_period": 180 * DAY if name == "dispute" else 30 * DAY,
        "ruling_period": 365 * DAY if name == "rule" else 30 * DAY,
    }


def _preparation(scene: Scene, name: str) -> Prepare:
    """Return what makes the deal on which a call is possible ``LATER``."""
    made: dict[str, Prepare] = {
        "fund": scene.agreement,
        "fund_with_permit": scene.agreement,
        "accept": scene.opened,
        "withdraw": scene.opened,
        "amend": scene.opened,
        "void_request": scene.requested,
        "claim": scene.requested,
        "dispute": scene.requested,
        "rule": scene.disputed,
        "apply_fallback": scene.disputed,
    }
    return made.get(name, scene.bound)


# --- Moments at which somebody is called


def moment(scene: Scene, name: str, attacker: Contract) -> Callable[[], Outcome]:
    """Prepare a deal; return what moves its money ``LATER`` and thereby calls the attacker.

    In the native coin the attacker is who is paid; otherwise it is the token.
    """
    escrow, who = scene.escrow, attacker.address
    terms = _terms(scene, name)
    coins = scene.token is None
    if coins:
        seat = {"pay_credit": "platform"} | dict.fromkeys(
            ("withdraw", "cancel", "settle_dormant"), "employer"
        )
        terms[seat.get(name, "payee")] = who
    scene.chain.set_balance(who, WEALTH)
    # As a party it must send; as the token it is needed meanwhile.
    sending: AbstractContextManager[object] = nullcontext()
    if coins:
        sending = scene.chain.impersonated(who)
    with sending:
        deal = _preparation(scene, name)(**terms)
        if name.endswith("_credit"):
            escrow.release(deal, (0,))

    def withdraw() -> Outcome:
        if not coins:
            return escrow.withdraw(deal, (0,))
        data = escrow.contract.calldata("withdraw", deal, [0])
        return escrow.outcome(attacker.send("execute", escrow.address, 0, data, sender=STRANGER))

    def amend() -> Outcome:
        new = consent.successor(scene, deal, milestones=[(2 * AMOUNT, 9 * DAY)])
        return consent.amend(scene, deal, new, (0,))

    to = who if coins else STRANGER
    return {
        "fund": lambda: escrow.fund(deal, (0,)),
        "fund_with_permit": lambda: escrow.fund_with_permit(deal, (0,), NO_PERMIT),
        "withdraw": withdraw,
        "amend": amend,
        "release": lambda: escrow.release(deal, (0,)),
        "release_part": lambda: escrow.release_part(deal, 0, 400),
        "redeem": lambda: consent.redeem(scene, deal, 0, 400),
        "claim": lambda: escrow.claim(deal, (0,)),
        "cancel": lambda: escrow.cancel(deal, (0,)),
        "rule": lambda: escrow.rule(deal, 0, 500),
        "apply_fallback": lambda: escrow.apply_fallback(deal, 0),
        "settle": lambda: consent.settle(scene, deal, (0,), (500,)),
        "settle_dormant": lambda: escrow.settle_dormant(deal, (0,)),
        "withdraw_credit": lambda: escrow.withdraw_credit(scene.money, to, sender=PLATFORM),
        "pay_credit": lambda: escrow.pay_credit(scene.money, deal.platform),
    }[name]


# --- What the attacker then tries


def possible(scene: Scene, name: str, attacker: str) -> Callable[[], Attack]:
    """Prepare a deal in a plain token on which the attacker may make a call ``LATER``.

    Return what makes the call's arguments, to be called at that time.
    """
    side = replace(scene, token=None)
    side.use_token(deploy(scene.chain, "mocks/TestToken.vy", "Side", "SIDE", 18))
    assert side.token is not None
    seats = {
        "accept": "freelancer",
        "request_release": "freelancer",
        "void_request": "freelancer",
        "cancel": "freelancer",
        "rule": "arbiter",
        "withdraw_credit": "platform",
    }
    anyones = ("redeem", "claim", "apply_fallback", "settle_dormant", "pay_credit", *VIEWS)
    seat = {} if name in anyones else {seats.get(name, "employer"): attacker}
    with scene.chain.impersonated(attacker):
        side.token.send("mint", attacker, WEALTH, sender=attacker)
        side.token.send("approve", scene.escrow.address, WEALTH, sender=attacker)
        deal = _preparation(side, name)(**_terms(scene, name) | seat)
        if name.endswith("_credit"):
            scene.escrow.release(deal, (0,))
    return lambda: Attack(deal, _arguments(side, name, deal, attacker))


def _arguments(side: Scene, name: str, deal: Agreement, attacker: str) -> tuple[Any, ...]:
    deal_id = side.escrow.id_of(deal)
    domain = side.escrow.domain
    if name == "redeem":
        voucher = consent.voucher(side, deal, 0, 400)
        signature = consent.signed(voucher, domain, deal.employer)
        return (deal, 0, 400, voucher.expiry, signature)
    if name == "settle":
        settlement = consent.settlement(side, deal, (0,), (400,))
        signature = consent.signed(settlement, domain, deal.freelancer)
        return (deal, [0], [400], settlement.expiry, signature)
    if name == "amend":
        new = consent.successor(side, deal)
        return (deal, new, [0], side.chain.now + 1, b"")
    permit = NO_PERMIT
    made: dict[str, tuple[Any, ...]] = {
        "fund": (deal, [0], b""),
        "fund_with_permit": (deal, [0], b"", permit.deadline, permit.v, permit.r, permit.s),
        "request_release": (deal, [0], bytes(32)),
        "release_part": (deal, 0, 1),
        "dispute": (deal, 0, bytes(32)),
        "rule": (deal, 0, 400),
        "apply_fallback": (deal, 0),
        "keep_alive": (deal,),
        "withdraw_credit": (deal.token, STRANGER),
        "pay_credit": (deal.token, PLATFORM),
        "deal_id": (deal,),
        "deal": (deal_id,),
        "milestone": (deal_id, 0),
        "credit": (deal.token, attacker),
    }
    return made.get(name, (deal, [0]))
