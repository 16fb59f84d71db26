"""Ten milestones at every call: the most that a call can be made to do is far under a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from milestone_escrow.agreement import DAY, Agreement
from tests.contract import consent
from tests.contract.raw_code import BURN
from tests.contract.scene import LAPSE, Scene
from tests.escrow import Outcome
from tests.evm import GAS
from tests.roles import EMPLOYER, FREELANCER, PAYEE

TEN = range(10)
AMOUNT = 1_000_003
TERMS: dict[str, Any] = {"milestones": [(AMOUNT, 9 * DAY)] * 10, "review_period": 3 * DAY}


def requested(scene: Scene) -> Agreement:
    """Return a deal whose ten milestones were paid in part, and are requested."""
    deal = scene.bound(TEN, **TERMS)
    for index in TEN:
        scene.escrow.release_part(deal, index, 1_019)
    scene.escrow.request_release(deal, TEN)
    return deal


def disputed(scene: Scene) -> Agreement:
    """Return the same in dispute."""
    deal = requested(scene)
    for index in TEN:
        scene.escrow.dispute(deal, index)
    return deal


def lapsed(scene: Scene) -> Agreement:
    """Return a deal whose ten milestones were paid in part, and lapsed."""
    deal = scene.bound(TEN, **TERMS)
    for index in TEN:
        scene.escrow.release_part(deal, index, 1_019)
    scene.chain.now = deal.final_deadline + LAPSE
    return deal


def claimable(scene: Scene) -> Agreement:
    """Return a deal whose ten milestones can be claimed."""
    deal = requested(scene)
    scene.chain.now += deal.review_period
    return deal


def amended(scene: Scene, deal: Agreement) -> Outcome:
    return consent.amend(scene, deal, consent.successor(scene, deal, **TERMS), TEN)


def kept_alive(scene: Scene, deal: Agreement) -> Outcome:
    scene.chain.now = deal.final_deadline
    return scene.escrow.keep_alive(deal)


Make = Callable[[Scene], Agreement]
WORST: dict[str, tuple[Make, Callable[[Scene, Agreement], Outcome]]] = {
    "fund": (
        lambda scene: scene.agreement(**TERMS),
        lambda scene, deal: scene.escrow.fund(
            deal, TEN, consent.signed(deal, scene.escrow.domain, FREELANCER)
        ),
    ),
    "accept": (
        lambda scene: scene.opened(TEN, **TERMS),
        lambda scene, deal: scene.escrow.accept(deal, TEN),
    ),
    "withdraw": (
        lambda scene: scene.opened(TEN, **TERMS),
        lambda scene, deal: scene.escrow.withdraw(deal, TEN),
    ),
    "amend": (disputed, amended),
    "request_release": (
        lambda scene: scene.bound(TEN, **TERMS),
        lambda scene, deal: scene.escrow.request_release(deal, TEN),
    ),
    "void_request": (requested, lambda scene, deal: scene.escrow.void_request(deal, TEN)),
    "release": (disputed, lambda scene, deal: scene.escrow.release(deal, TEN)),
    "release_part": (requested, lambda scene, deal: scene.escrow.release_part(deal, 9, 1)),
    "redeem": (requested, lambda scene, deal: consent.redeem(scene, deal, 9, 2_000)),
    "claim": (claimable, lambda scene, deal: scene.escrow.claim(deal, TEN)),
    "cancel": (disputed, lambda scene, deal: scene.escrow.cancel(deal, TEN)),
    "dispute": (requested, lambda scene, deal: scene.escrow.dispute(deal, 9)),
    "rule": (disputed, lambda scene, deal: scene.escrow.rule(deal, 9, 500)),
    "settle": (
        disputed,
        lambda scene, deal: consent.settle(scene, deal, TEN, [500] * 10, sender=FREELANCER),
    ),
    "settle_dormant": (lapsed, lambda scene, deal: scene.escrow.settle_dormant(deal, TEN)),
    "keep_alive": (
        lambda scene: scene.bound(TEN, **TERMS),
        kept_alive,
    ),
}


@pytest.mark.parametrize("name", WORST)
def test_abuse_48_ten_milestones_take_a_fiftieth_of_a_block(scene: Scene, name: str) -> None:
    make, call = WORST[name]
    outcome = call(scene, make(scene))
    assert outcome.gas < GAS // 50


def test_abuse_48_ten_milestones_are_funded_by_a_permit_as_cheaply(erc20: Scene) -> None:
    deal = erc20.agreement(**TERMS)
    signature = consent.signed(deal, erc20.escrow.domain, FREELANCER)
    outcome = erc20.escrow.fund_with_permit(deal, TEN, consent.NO_PERMIT, signature)
    assert outcome.gas < GAS // 50


def test_abuse_48_hostile_receivers_add_what_two_pushes_may_take(native: Scene) -> None:
    deal = disputed(native)
    for who in (PAYEE, EMPLOYER):
        native.chain.set_code(who, BURN)
    outcome = consent.settle(native, deal, TEN, [500] * 10, sender=FREELANCER)
    assert outcome.gas < GAS // 50 + 2 * 100_000
