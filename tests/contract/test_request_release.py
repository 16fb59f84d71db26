from __future__ import annotations

from milestone_escrow.agreement import DAY
from milestone_escrow.events import ReleaseRequested
from milestone_escrow.state import MilestoneState, Status
from tests.contract.scene import AMOUNTS, Scene
from tests.evm import reverts
from tests.roles import FREELANCER

EVIDENCE = bytes(range(32))


def test_the_clock_starts_now(scene: Scene) -> None:
    agreement = scene.bound((0, 1, 2))
    scene.escrow.release_part(agreement, 2, 7)
    scene.chain.now += 99
    before = scene.balances()
    outcome = scene.escrow.request_release(agreement, (2, 0), EVIDENCE)
    deal_id, now = scene.escrow.id_of(agreement), scene.chain.now
    assert outcome.events == (
        ReleaseRequested(deal_id, 2, FREELANCER, EVIDENCE, now, AMOUNTS[2] - 7),
        ReleaseRequested(deal_id, 0, FREELANCER, EVIDENCE, now, AMOUNTS[0]),
    )
    assert scene.escrow.milestone(agreement, 0) == MilestoneState(Status.REQUESTED, 0, now)
    assert scene.escrow.milestone(agreement, 1) == MilestoneState(Status.FUNDED, 0, 0)
    assert scene.escrow.milestone(agreement, 2) == MilestoneState(Status.REQUESTED, 7, now)
    assert scene.gains(before) == {}


def test_abuse_41_an_open_request_never_moves(native: Scene) -> None:
    agreement = native.requested((0,))
    since = native.escrow.milestone(agreement).since
    for later in (1, DAY, agreement.review_period):
        native.chain.now = since + later
        with reverts("RequestOpen"):
            native.escrow.request_release(agreement, (0,))
    assert native.escrow.milestone(agreement).since == since


def test_a_new_request_has_a_clock_of_its_own(native: Scene) -> None:
    agreement = native.requested((0,))
    native.chain.now += 10
    native.escrow.void_request(agreement, (0,))
    native.chain.now += 10
    native.escrow.request_release(agreement, (0,))
    assert native.escrow.milestone(agreement).since == native.chain.now


def test_it_may_be_made_before_the_milestones_deadline_and_after_it(native: Scene) -> None:
    agreement = native.bound((0, 1))
    native.chain.now = agreement.milestones[0].deadline - 1
    native.escrow.request_release(agreement, (0,))
    native.chain.now = agreement.milestones[1].deadline + 1
    native.escrow.request_release(agreement, (1,))
