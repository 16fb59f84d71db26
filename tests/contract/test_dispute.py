from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.events import Active, Disputed
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import MilestoneState, Status
from tests.contract import consent
from tests.contract.moves import SENDERS
from tests.contract.scene import AMOUNTS, DEADLINES, LAPSE, Scene
from tests.escrow import Outcome
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, ROLES

REASON = b"\7" * 32
PARTIES = {"employer": EMPLOYER, "freelancer": FREELANCER}


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_either_party_freezes_a_requested_milestone(scene: Scene, who: str) -> None:
    deal = scene.bound((0, 1))
    scene.escrow.release_part(deal, 0, 1_000)
    scene.escrow.request_release(deal, (0,))
    scene.chain.now += 5
    before = scene.balances()
    outcome = scene.escrow.dispute(deal, 0, REASON, sender=who)
    deal_id, now = scene.escrow.id_of(deal), scene.chain.now
    left = AMOUNTS[0] - 1_000
    assert outcome.events == (Disputed(deal_id, 0, who, REASON, now, left),)
    assert scene.escrow.milestone(deal) == MilestoneState(Status.DISPUTED, 1_000, now)
    assert scene.escrow.status(deal, 1) is Status.FUNDED
    assert scene.gains(before) == {}


def test_the_employer_freezes_a_late_milestone_without_a_request(scene: Scene) -> None:
    deal = scene.bound()
    assert not any(scene.words(deal)[1:])  # it has no word of its own yet
    scene.chain.now = deal.milestones[0].deadline
    outcome = scene.escrow.dispute(deal, 0, REASON)
    deal_id, now = scene.escrow.id_of(deal), scene.chain.now
    assert outcome.events == (Disputed(deal_id, 0, EMPLOYER, REASON, now, AMOUNTS[0]),)
    assert scene.escrow.milestone(deal) == MilestoneState(Status.DISPUTED, 0, now)


def test_what_was_paid_before_stays_paid(scene: Scene) -> None:
    deal = scene.bound()
    scene.escrow.release_part(deal, 0, 400)
    scene.chain.now = deal.milestones[0].deadline
    (disputed,) = scene.escrow.dispute(deal, 0).events
    assert disputed.remaining == AMOUNTS[0] - 400  # type: ignore[union-attr]
    assert scene.escrow.milestone(deal).paid == 400


# --- Who, and when

# What a party gets: before the milestone's deadline, and from then on.
ANSWERS = {
    "employer": {
        Status.AGREED: ("NotFunded", "NotFunded"),
        Status.RESERVED: ("NotBound", "NotBound"),
        Status.FUNDED: ("DeadlineAhead", None),
        Status.REQUESTED: (None, None),
        Status.DISPUTED: ("InDispute", "InDispute"),
        Status.SETTLED: ("AlreadySettled", "AlreadySettled"),
    },
    "freelancer": {
        Status.AGREED: ("NotFunded", "NotFunded"),
        Status.RESERVED: ("NotBound", "NotBound"),
        Status.FUNDED: ("NoRequest", "NoRequest"),
        Status.REQUESTED: (None, None),
        Status.DISPUTED: ("InDispute", "InDispute"),
        Status.SETTLED: ("AlreadySettled", "AlreadySettled"),
    },
}


@pytest.mark.parametrize("late", [False, True], ids=["early", "late"])
@pytest.mark.parametrize("status", Status, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("sender", SENDERS)
def test_who_disputes_what_and_when(erc20: Scene, sender: str, status: Status, late: bool) -> None:
    deal = erc20.at(status)
    erc20.chain.now = deal.milestones[0].deadline - (not late)
    if sender == "token":
        erc20.chain.set_code(erc20.money, b"")  # only what has no code can send
    who = {**ROLES, "token": erc20.money}[sender]
    words = erc20.words(deal)
    if sender in ANSWERS and ANSWERS[sender][status][late] is None:
        erc20.escrow.dispute(deal, 0, sender=who)
        assert erc20.escrow.status(deal) is Status.DISPUTED
        return
    with pytest.raises(ContractRevert) as refused:
        erc20.escrow.dispute(deal, 0, sender=who)
    assert erc20.words(deal) == words
    if sender in ANSWERS:
        assert refused.value.error == ANSWERS[sender][status][late]
    else:
        allowed = {ANSWERS[party][status][late] for party in ANSWERS} | {"NotParty"}
        assert refused.value.error in allowed


@pytest.mark.parametrize("review_period", [3 * DAY, 30 * DAY, 180 * DAY])
@pytest.mark.parametrize("after", [-1, 0, 1])
@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_a_request_is_disputed_before_the_review_period_ends(
    native: Scene, who: str, after: int, review_period: int
) -> None:
    deal = native.requested(review_period=review_period)
    native.chain.now += review_period + after
    if after < 0:
        native.escrow.dispute(deal, 0, sender=who)
        return
    # Not even from the milestone's deadline on: that is for milestones without a request.
    with reverts("ReviewOver"):
        native.escrow.dispute(deal, 0, sender=who)


@pytest.mark.parametrize("after", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
@pytest.mark.parametrize("review_period", [3 * DAY, 180 * DAY])
def test_abuse_39_dispute_against_claim_at_the_boundary(
    native: Scene, review_period: int, who: str, after: int
) -> None:
    deal = native.requested(review_period=review_period)
    native.chain.now += review_period + after
    escrow = native.escrow
    if after < 0:
        with reverts("ReviewOpen"):
            escrow.claim(deal, (0,), sender=who)
        escrow.dispute(deal, 0, sender=who)
    else:
        with reverts("ReviewOver"):
            escrow.dispute(deal, 0, sender=who)
        escrow.claim(deal, (0,), sender=who)


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_each_milestone_has_its_own_deadline(native: Scene, index: int, after: int) -> None:
    deal = native.bound((0, 1, 2))
    start = deal.milestones[0].deadline - DEADLINES[0]
    native.chain.now = start + DEADLINES[index] + after
    if after < 0:
        with reverts("DeadlineAhead"):
            native.escrow.dispute(deal, index)
        return
    native.escrow.dispute(deal, index)
    assert native.escrow.status(deal, index) is Status.DISPUTED


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_what_has_lapsed_is_not_disputed(native: Scene, after: int) -> None:
    deal = native.bound()
    native.chain.now = deal.final_deadline + LAPSE + after
    if after < 0:
        native.escrow.dispute(deal, 0)
        return
    with reverts("Lapsed"):
        native.escrow.dispute(deal, 0)


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_a_request_is_disputed_after_the_lapse_as_before(native: Scene, who: str) -> None:
    deal = native.bound(review_period=180 * DAY)
    native.chain.now = deal.final_deadline - 1
    native.escrow.request_release(deal, (0,))
    native.chain.now = deal.final_deadline + LAPSE
    outcome = native.escrow.dispute(deal, 0, sender=who)
    assert outcome.of(Active) == []


@pytest.mark.parametrize("index", [1, 3, 9, 10, 2**255])
def test_the_milestone_holds_money(native: Scene, index: int) -> None:
    deal = native.requested()
    with reverts("NotFunded" if index == 1 else "BadIndex"):
        native.escrow.dispute(deal, index)


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
def test_each_partys_dispute_is_an_activity(native: Scene, who: str) -> None:
    deal = native.requested(review_period=180 * DAY)
    native.chain.now = now = deal.final_deadline
    active, disputed = native.escrow.dispute(deal, 0, sender=who).events
    assert {active, disputed} == {
        Active(native.escrow.id_of(deal), who, now),
        Disputed(native.escrow.id_of(deal), 0, who, bytes(32), now, AMOUNTS[0]),
    }


def test_no_arbiter_is_needed(scene: Scene) -> None:
    deal = scene.requested(arbiter=ZERO_ADDRESS, arbiter_bps=0)
    scene.escrow.dispute(deal, 0)
    for who in (ARBITER, EMPLOYER, FREELANCER):
        with reverts("NotArbiter"):
            scene.escrow.rule(deal, 0, 1, sender=who)
    scene.chain.now += deal.ruling_period
    scene.escrow.apply_fallback(deal, 0)
    assert scene.balance(scene.escrow.address) == scene.escrow.credit(scene.money, deal.platform)


# --- What it freezes

FROZEN: dict[str, Callable[[Scene, Agreement], Outcome]] = {
    "release_part": lambda scene, deal: scene.escrow.release_part(deal, 0, 1),
    "a voucher for a part": lambda scene, deal: consent.redeem(scene, deal, 0, 1),
    "request_release": lambda scene, deal: scene.escrow.request_release(deal, (0,)),
    "void_request": lambda scene, deal: scene.escrow.void_request(deal, (0,)),
    "claim": lambda scene, deal: scene.escrow.claim(deal, (0,)),
    "dispute by the employer": lambda scene, deal: scene.escrow.dispute(deal, 0),
    "dispute by the freelancer": lambda scene, deal: scene.escrow.dispute(
        deal, 0, sender=FREELANCER
    ),
    "settle_dormant": lambda scene, deal: scene.escrow.settle_dormant(deal, (0,)),
}


@pytest.mark.parametrize("days", [0, 29, 30, 364])
@pytest.mark.parametrize("name", FROZEN)
def test_abuse_55_what_remains_stays_the_same_until_it_is_settled(
    scene: Scene, name: str, days: int
) -> None:
    deal = scene.disputed(ruling_period=365 * DAY)
    scene.chain.now += days * DAY
    words = scene.words(deal)
    with pytest.raises(ContractRevert) as refused:
        FROZEN[name](scene, deal)
    by_time = {"request_release": "Lapsed", "settle_dormant": "NotLapsed"}
    assert refused.value.error in ("InDispute", by_time.get(name))
    assert scene.words(deal) == words


@pytest.mark.parametrize(
    "end",
    [
        lambda scene, deal: scene.escrow.release(deal, (0,)),
        lambda scene, deal: scene.escrow.cancel(deal, (0,)),
        lambda scene, deal: consent.settle(scene, deal, (0,), (1,)),
        lambda scene, deal: consent.redeem(scene, deal, 0, AMOUNTS[0]),
    ],
    ids=["release", "cancel", "settle", "redeem"],
)
@pytest.mark.parametrize("days", [0, 30, 400])
def test_a_party_that_gives_in_ends_it_without_a_share(
    scene: Scene, end: Callable[[Scene, Agreement], Outcome], days: int
) -> None:
    deal = scene.disputed()
    scene.chain.now += days * DAY
    end(scene, deal)
    assert scene.escrow.status(deal) is Status.SETTLED
    assert scene.escrow.credit(scene.money, ARBITER) == 0


def test_abuse_63_the_employer_bounds_how_long_activity_keeps_money_hostage(
    native: Scene,
) -> None:
    deal = native.bound((0, 1))
    # The freelancer asks and takes back, again and again: no clock but the employer's own runs out.
    for _ in range(20):
        native.chain.now += 29 * DAY
        native.escrow.request_release(deal, (0,))
        native.escrow.void_request(deal, (0,))
    native.escrow.dispute(deal, 0)
    native.escrow.dispute(deal, 1)
    native.chain.now += deal.ruling_period
    native.escrow.apply_fallback(deal, 0)
    native.escrow.apply_fallback(deal, 1)
    assert native.escrow.held(deal) == 0
