from __future__ import annotations

from milestone_escrow.events import RequestVoided
from milestone_escrow.state import MilestoneState, Status
from tests.contract.scene import AMOUNTS, Scene
from tests.evm import reverts
from tests.roles import FREELANCER


def test_the_milestone_is_as_it_was_before_the_request(scene: Scene) -> None:
    agreement = scene.bound((0, 1, 2))
    scene.escrow.release_part(agreement, 1, 7)
    before, balances = scene.words(agreement), scene.balances()
    scene.escrow.request_release(agreement, (0, 1))
    scene.chain.now += 99
    outcome = scene.escrow.void_request(agreement, (1, 0))
    deal_id = scene.escrow.id_of(agreement)
    assert outcome.events == (
        RequestVoided(deal_id, 1, FREELANCER, AMOUNTS[1] - 7),
        RequestVoided(deal_id, 0, FREELANCER, AMOUNTS[0]),
    )
    assert scene.words(agreement) == before
    assert scene.gains(balances) == {}


def test_what_was_paid_during_the_request_stays_paid(scene: Scene) -> None:
    agreement = scene.requested()
    scene.escrow.release_part(agreement, 0, 7)
    scene.escrow.void_request(agreement, (0,))
    assert scene.escrow.milestone(agreement) == MilestoneState(Status.FUNDED, 7, 0)


def test_it_is_possible_after_the_review_period_and_stops_the_claim(native: Scene) -> None:
    agreement = native.requested()
    native.chain.now += agreement.review_period
    native.escrow.void_request(agreement, (0,))
    with reverts("NoRequest"):
        native.escrow.claim(agreement, (0,))
