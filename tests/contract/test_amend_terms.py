"""What an amendment may change, who must agree to it, and what makes that agreement void."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement, Milestone
from milestone_escrow.events import Moved
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.consent import successor
from tests.contract.scene import AMOUNTS, LAPSE, Scene, signature_of
from tests.evm import Contract, deploy, reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, ROLES, STRANGER

# What stays, whoever agrees.
FIXED = {"employer": STRANGER, "token": STRANGER}
# What stays once somebody is bound.
FIXED_BY_BINDING: dict[str, dict[str, Any]] = {
    "freelancer": {"freelancer": STRANGER},
    "nobody": {"freelancer": ZERO_ADDRESS},
    "platform": {"platform": STRANGER},
    "fee": {"fee_bps": 334},
    "no fee": {"fee_bps": 0, "platform": ZERO_ADDRESS},
}
FREE: dict[str, dict[str, Any]] = {
    "payee": {"payee": STRANGER},
    "no payee": {"payee": ZERO_ADDRESS},
    "arbiter": {"arbiter": STRANGER, "arbiter_bps": 1_000},
    "no arbiter": {"arbiter": ZERO_ADDRESS, "arbiter_bps": 0},
    "periods": {"review_period": 3 * DAY, "ruling_period": 365 * DAY},
    "fallback": {"fallback_freelancer_bps": 1},
    "scope": {"document": b"\7" * 32},
    "milestones": {"milestones": [(AMOUNTS[0] + 1, DAY), (7, 9 * DAY)]},
}


# --- What may change


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("field", FIXED)
def test_employer_and_token_stay(scene: Scene, field: str, bound: bool) -> None:
    deal = scene.bound() if bound else scene.opened()
    new = successor(scene, deal, **{field: FIXED[field]})
    with reverts("TermsDiffer"):
        consent.amend(scene, deal, new, (0,))


@pytest.mark.parametrize("how", FIXED_BY_BINDING)
def test_abuse_53_a_bound_freelancer_its_platform_and_its_fee_stay(scene: Scene, how: str) -> None:
    deal = scene.bound()
    new = successor(scene, deal, **FIXED_BY_BINDING[how])
    with reverts("TermsDiffer"):
        consent.amend(scene, deal, new, (0,))
    assert not scene.escrow.deal(deal).closed


@pytest.mark.parametrize("how", FIXED_BY_BINDING)
def test_before_anyone_is_bound_they_may_change(scene: Scene, how: str) -> None:
    deal = scene.opened()
    new = successor(scene, deal, **FIXED_BY_BINDING[how])
    consent.amend(scene, deal, new, (0,))
    assert scene.escrow.status(new) is Status.RESERVED


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("how", FREE)
def test_all_else_may_change(scene: Scene, how: str, bound: bool) -> None:
    deal = scene.bound() if bound else scene.opened()
    new = successor(scene, deal, **FREE[how])
    consent.amend(scene, deal, new, (0,))
    assert scene.escrow.status(new) is (Status.FUNDED if bound else Status.RESERVED)


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("supersedes", [bytes(32), b"\7" * 32])
def test_the_new_agreement_names_the_old_deal(
    native: Scene, supersedes: bytes, bound: bool
) -> None:
    deal = native.bound() if bound else native.opened()
    new = successor(native, deal, supersedes=supersedes)
    with reverts("BadSupersedes"):
        consent.amend(native, deal, new, (0,))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"payee": EMPLOYER}, "BadParties"),
        ({"review_period": 3 * DAY - 1}, "BadReviewPeriod"),
        ({"ruling_period": 365 * DAY + 1}, "BadRulingPeriod"),
        ({"arbiter_bps": 1_001}, "BadArbiterFee"),
        ({"fallback_freelancer_bps": 10_001}, "BadFallback"),
        ({"price": 1}, "BadPrice"),
    ],
)
def test_the_new_agreement_keeps_all_bounds(
    native: Scene, changes: dict[str, Any], error: str
) -> None:
    deal = native.bound()
    new = replace(successor(native, deal), **changes)
    with reverts(error):
        consent.amend(native, deal, new, (0,))
    assert not native.escrow.deal(deal).closed


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_new_final_deadline_and_acceptance_lie_ahead(native: Scene, after: int) -> None:
    deal = native.bound()
    now = native.chain.now
    new = successor(native, deal, milestones=[(AMOUNTS[0], 9 * DAY)], accept_by=now + 9 * DAY)
    native.chain.now = new.final_deadline + after
    if after < 0:
        consent.amend(native, deal, new, (0,))
        return
    with reverts("BadDeadlines"):
        consent.amend(native, deal, new, (0,))


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_abuse_59_the_new_agreement_is_accepted_in_time(native: Scene, after: int) -> None:
    deal = native.bound()
    new = successor(native, deal)
    native.chain.now = new.accept_by + after
    if after < 0:
        consent.amend(native, deal, new, (0,))
        return
    with reverts("BadAcceptBy"):
        consent.amend(native, deal, new, (0,))


# --- Indexes, of the new agreement


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize(
    ("indexes", "error"),
    [
        ((), "NoIndexes"),
        ((0, 3), "BadIndex"),
        ((2**256 - 1, 0), "BadIndex"),
        ((0, 1, 0), "AlreadyFunded"),
        ((0, 1, 1), "AlreadyFunded"),
    ],
)
def test_abuse_52_indexes_name_milestones_of_the_new_agreement_once(
    scene: Scene, indexes: tuple[int, ...], error: str, bound: bool
) -> None:
    deal = scene.bound() if bound else scene.opened()
    words, before = scene.words(deal), scene.balances()
    new = successor(scene, deal)
    value = 0 if scene.token else 2 * AMOUNTS[0]
    with reverts(error):
        consent.amend(scene, deal, new, indexes, value=value)
    assert (scene.words(deal), scene.gains(before)) == (words, {})


# --- Who agrees


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who != EMPLOYER])
def test_only_the_employer_sends_it(scene: Scene, who: str) -> None:
    for deal in (scene.opened(), scene.bound()):
        with reverts("NotEmployer"):
            consent.amend(scene, deal, successor(scene, deal), (0,), sender=who)


def test_a_bound_freelancer_must_have_signed(scene: Scene) -> None:
    deal = scene.bound()
    new = successor(scene, deal)
    expiry = scene.chain.now + DAY
    # Neither nothing nor the acceptance of the new agreement will do.
    for signature in (b"", signature_of(new, scene.escrow.domain)):
        with reverts("BadSignature"):
            scene.escrow.amend(deal, new, (0,), expiry, signature)
    assert not scene.escrow.deal(deal).closed


def test_an_amendments_signature_is_no_acceptance_where_nobody_is_bound(scene: Scene) -> None:
    deal = scene.opened()
    new = successor(scene, deal)
    message = consent.amendment(scene, deal, new, (0,))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    with reverts("BadSignature"):
        scene.escrow.amend(deal, new, (0,), message.expiry, signature)


def test_nobody_signs_for_a_job_that_stays_open(native: Scene) -> None:
    deal = native.opened(freelancer=ZERO_ADDRESS)
    new = successor(native, deal)
    with reverts("NoFreelancer"):
        native.escrow.amend(deal, new, (0,), native.chain.now + DAY, bytes(65))


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_abuse_58_nothing_is_amended_from_the_expiry_on(
    scene: Scene, after: int, bound: bool
) -> None:
    deal = scene.bound() if bound else scene.opened()
    new = successor(scene, deal)
    message = consent.amendment(scene, deal, new, (0,))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER) if bound else b""
    scene.chain.now = message.expiry + after
    if after < 0:
        scene.escrow.amend(deal, new, (0,), message.expiry, signature)
        return
    with reverts("SignatureExpired"):
        scene.escrow.amend(deal, new, (0,), message.expiry, signature)


# --- What voids it: anything that changes what moves

Step = Callable[[Scene, Agreement], object]
CHANGES: dict[str, Step] = {
    "a part is released": lambda scene, deal: scene.escrow.release_part(deal, 1, 1),
    "a voucher is redeemed": lambda scene, deal: consent.redeem(scene, deal, 1, 1),
    "one is released": lambda scene, deal: scene.escrow.release(deal, (1,)),
    "one is cancelled": lambda scene, deal: scene.escrow.cancel(deal, (1,)),
    "one is claimed": lambda scene, deal: scene.escrow.claim(deal, (0,)),
    "another is funded": lambda scene, deal: scene.escrow.fund(deal, (2,)),
    "one is settled": lambda scene, deal: consent.settle(scene, deal, (1,), (1,)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_abuse_58_it_is_void_once_what_moves_has_changed(scene: Scene, change: str) -> None:
    deal = scene.requested((0, 1), review_period=3 * DAY)
    scene.escrow.void_request(deal, (1,))
    scene.chain.now += 3 * DAY
    parts = tuple(Milestone(10_000_000, scene.chain.now + 99 * DAY) for _ in range(2))
    new = replace(successor(scene, deal), milestones=parts, price=20_000_000)
    message = consent.amendment(scene, deal, new, (0,))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    CHANGES[change](scene, deal)
    with reverts("BadSignature"):
        scene.escrow.amend(deal, new, (0,), message.expiry, signature)
    assert not scene.escrow.deal(deal).closed


def test_abuse_58_whoever_accepts_first_is_asked_first(scene: Scene) -> None:
    deal = scene.opened()
    better = successor(scene, deal, review_period=180 * DAY)
    accepted = signature_of(better, scene.escrow.domain)
    expiry = scene.chain.now + DAY
    scene.escrow.accept(deal, (0,))
    for signature in (b"", accepted):
        with reverts("BadSignature"):
            scene.escrow.amend(deal, better, (0,), expiry, signature)
    # And the other way round nobody is bound to the terms of before.
    other = scene.opened()
    scene.escrow.amend(other, successor(scene, other), (0,), expiry)
    with reverts("DealClosed"):
        scene.escrow.accept(other, (0,))


@pytest.mark.parametrize("indexes", [(1,), (0, 1), (1, 0), (2, 0)])
def test_abuse_58_it_counts_for_its_indexes_in_their_order_alone(
    scene: Scene, indexes: tuple[int, ...]
) -> None:
    deal = scene.bound()
    new = successor(scene, deal, milestones=[(AMOUNTS[0], DAY)] * 3, accept_by=scene.chain.now + 9)
    message = consent.amendment(scene, deal, new, (0, 2))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    with reverts("BadSignature"):
        scene.escrow.amend(deal, new, indexes, message.expiry, signature)
    scene.escrow.amend(deal, new, (0, 2), message.expiry, signature)


def test_a_change_that_moves_no_money_voids_nothing(scene: Scene) -> None:
    deal = scene.bound()
    new = successor(scene, deal)
    message = consent.amendment(scene, deal, new, (0,))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    scene.escrow.request_release(deal, (0,))
    scene.escrow.dispute(deal, 0)
    (moved,) = scene.escrow.amend(deal, new, (0,), message.expiry, signature).of(Moved)
    assert moved.amount == AMOUNTS[0]


def test_abuse_53_a_dispute_is_not_left_behind(scene: Scene) -> None:
    deal = scene.disputed((0, 1))
    new = successor(scene, deal)
    with reverts("FundsShrink"):
        consent.amend(scene, deal, new, (0,), value=0)
    consent.amend(scene, deal, new, (0, 1))
    assert [scene.escrow.status(deal, index) for index in (0, 1)] == [Status.SETTLED] * 2
    for index in (0, 1):
        with reverts("DealClosed"):
            scene.escrow.rule(deal, index, 1)


def test_abuse_44_no_arbiter_fee_or_period_changes_without_the_freelancer(scene: Scene) -> None:
    deal = scene.disputed()
    for changes in FREE.values():
        new = successor(scene, deal, **changes)
        message = consent.amendment(scene, deal, new, (0,))
        for who in (EMPLOYER, ARBITER, PAYEE, PLATFORM, STRANGER):
            signature = consent.signed(message, scene.escrow.domain, who)
            with reverts("BadSignature"):
                scene.escrow.amend(deal, new, (0,), message.expiry, signature)
    assert scene.escrow.status(deal) is Status.DISPUTED


def test_a_lapsed_deal_is_amended_by_the_same_rules(native: Scene) -> None:
    deal = native.bound()
    native.chain.now = deal.final_deadline + LAPSE
    new = successor(native, deal)
    with reverts("BadSignature"):
        native.escrow.amend(deal, new, (0,), native.chain.now + DAY)
    consent.amend(native, deal, new, (0,))


@pytest.fixture
def wallet(native: Scene) -> Contract:
    return deploy(native.chain, "mocks/Wallet.vy")


def test_a_wallet_that_approves_on_chain_needs_no_bytes_once_it_is_bound(
    native: Scene, wallet: Contract
) -> None:
    deal = native.agreement(freelancer=wallet.address)
    wallet.send("approve", native.escrow.id_of(deal), True, sender=STRANGER)
    native.escrow.fund(deal, (0,), b"\1")
    new = successor(native, deal)
    message = consent.amendment(native, deal, new, (0,))
    with reverts("BadSignature"):
        native.escrow.amend(deal, new, (0,), message.expiry)
    wallet.send("approve", consent.digest_of(native, message), True, sender=STRANGER)
    native.escrow.amend(deal, new, (0,), message.expiry)
    assert native.escrow.status(new) is Status.FUNDED


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who != FREELANCER])
def test_only_the_freelancer_that_is_named_accepts_an_award(native: Scene, who: str) -> None:
    deal = native.opened(freelancer=ZERO_ADDRESS)
    new = successor(native, deal, freelancer=FREELANCER)
    expiry = native.chain.now + DAY
    with reverts("BadSignature"):
        native.escrow.amend(deal, new, (0,), expiry, consent.signed(new, native.escrow.domain, who))
    native.escrow.amend(deal, new, (0,), expiry, signature_of(new, native.escrow.domain))
