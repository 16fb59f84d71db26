"""What holds whatever is called: each deal by itself, and a way out of every state for everyone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.moves import MOVES
from tests.contract.scene import HOLDING, LAPSE, Scene
from tests.evm import reverts
from tests.roles import FREELANCER

# --- 3: whose will pays, and whose refunds. Who may make which call: `test_transitions`

PAY = {"release", "release_part", "redeem", "redeem_all", "claim"}
REFUND = {"withdraw", "cancel", "settle_dormant"}
SPLIT = {"settle", "rule", "apply_fallback"}


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("name", MOVES)
def test_promise_03_a_call_moves_money_one_way(scene: Scene, name: str, status: Status) -> None:
    move = MOVES[name]
    if status not in move.leads:
        return
    deal = scene.at(status)
    scene.chain.now = move.when(scene, deal)
    before = scene.balances()
    move.act(scene, deal, (0,), move.sender(deal))
    gains = scene.gains(before)
    assert (gains.get(deal.receiver, 0) > 0) == (name in PAY | SPLIT)
    assert (gains.get(deal.employer, 0) > 0) == (name in REFUND | SPLIT)
    assert gains.keys() <= {deal.receiver, deal.employer, scene.escrow.address}


# --- 4: every state is left within a bounded time, by one party or by anyone

Way = Callable[[Scene, Agreement], object]


def ask_and_claim(scene: Scene, deal: Agreement) -> None:
    scene.escrow.request_release(deal, (0,))
    scene.chain.now += deal.review_period
    scene.escrow.claim(deal, (0,), sender=FREELANCER)


def dispute_and_wait(scene: Scene, deal: Agreement) -> None:
    scene.chain.now = deal.milestones[0].deadline
    scene.escrow.dispute(deal, 0)
    scene.chain.now += deal.ruling_period
    scene.escrow.apply_fallback(deal, 0, sender=deal.employer)


def claim_in_time(scene: Scene, deal: Agreement) -> None:
    scene.chain.now += deal.review_period
    scene.escrow.claim(deal, (0,))


def fall_back_in_time(scene: Scene, deal: Agreement) -> None:
    scene.chain.now += deal.ruling_period
    scene.escrow.apply_fallback(deal, 0)


def lapse(scene: Scene, deal: Agreement) -> None:
    scene.chain.now = deal.final_deadline + LAPSE
    scene.escrow.settle_dormant(deal, (0,))


WAYS: dict[tuple[Status, str], Way] = {
    (Status.RESERVED, "employer"): lambda scene, deal: scene.escrow.withdraw(deal, (0,)),
    (Status.FUNDED, "employer"): dispute_and_wait,
    (Status.FUNDED, "freelancer"): ask_and_claim,
    (Status.FUNDED, "anyone"): lapse,
    (Status.REQUESTED, "anyone"): claim_in_time,
    (Status.DISPUTED, "anyone"): fall_back_in_time,
}


@pytest.mark.parametrize("arbiter", [True, False], ids=["arbiter", "no arbiter"])
@pytest.mark.parametrize(("status", "who"), WAYS, ids=lambda part: str(getattr(part, "name", part)))
def test_promise_04_every_state_has_a_way_out_without_the_others(
    scene: Scene, status: Status, who: str, arbiter: bool
) -> None:
    terms = {} if arbiter else {"arbiter": ZERO_ADDRESS, "arbiter_bps": 0}
    deal = scene.at(status, **terms)
    start = scene.chain.now
    WAYS[status, who](scene, deal)
    assert scene.escrow.held(deal) == 0
    assert scene.chain.now - start <= max(
        deal.final_deadline - start + LAPSE, deal.review_period, 10 * DAY + deal.ruling_period
    )
    assert scene.balance(scene.escrow.address) == scene.escrow.credit(scene.money, deal.platform)


def test_promise_04_every_state_has_a_way() -> None:
    assert {status for status, _ in WAYS} == {*HOLDING}


# --- 5: what is settled or closed stays so. Closed deals: `test_transitions`

ENDS = [
    (name, status)
    for name, move in MOVES.items()
    for status, after in move.leads.items()
    if after is Status.SETTLED and status is not Status.SETTLED
]

TIMED = {"FinalDeadlinePassed", "Lapsed", "NotLapsed"}  # where time alone forbids a call


@pytest.mark.parametrize(("name", "status"), ENDS)
def test_promise_05_whatever_settled_it_nothing_comes_after(
    scene: Scene, name: str, status: Status
) -> None:
    deal, move = scene.at(status), MOVES[name]
    scene.chain.now = move.when(scene, deal)
    move.act(scene, deal, (0,), move.sender(deal))
    assert scene.escrow.status(deal) is Status.SETTLED
    words, before = scene.words(deal), scene.balances()
    unbound = status is Status.RESERVED
    for later in MOVES.values():
        if Status.SETTLED in later.leads:
            continue  # what is about the deal, not about the milestone
        errors = {*later.errors_in(Status.SETTLED)}
        if name == "amend":
            errors = {"DealClosed"}
        elif unbound:
            errors = {"AlreadySettled", "AlreadyFunded", "NotBound"}
        with pytest.raises(ContractRevert) as refused:
            later.act(scene, deal, (0,), later.sender(deal))
        assert refused.value.error in errors | TIMED
    assert (scene.words(deal), scene.gains(before)) == (words, {})


def test_promise_05_time_changes_nothing_of_what_is_settled(native: Scene) -> None:
    deal = native.at(Status.SETTLED)
    native.chain.now += 10_000 * DAY
    for call in (native.escrow.release, native.escrow.cancel, native.escrow.settle_dormant):
        with reverts("AlreadySettled"):
            call(deal, (0,))


# --- 6: no call on one deal or milestone changes another's ledger


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("name", MOVES)
def test_promise_06_no_other_deal_and_no_other_milestone_changes(
    scene: Scene, name: str, status: Status
) -> None:
    move = MOVES[name]
    if status not in move.leads:
        return
    others = [scene.at(other) for other in Status]
    deal = scene.at(status)
    scene.chain.now = move.when(scene, deal)
    words = [scene.words(other) for other in others]
    milestones = [scene.escrow.milestone(deal, index) for index in (1, 2)]
    move.act(scene, deal, (0,), move.sender(deal))
    assert [scene.words(other) for other in others] == words
    if name not in ("amend", "accept"):  # which are about the whole deal
        assert [scene.escrow.milestone(deal, index) for index in (1, 2)] == milestones
