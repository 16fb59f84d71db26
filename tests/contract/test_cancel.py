from __future__ import annotations

import pytest

from milestone_escrow.events import Reason
from milestone_escrow.state import Status
from tests.contract.scene import AMOUNTS, BOUND, LAPSE, Scene
from tests.roles import ARBITER, EMPLOYER


@pytest.mark.parametrize("status", BOUND)
def test_all_that_remains_goes_back_without_a_fee(scene: Scene, status: Status) -> None:
    agreement = scene.at(status)
    before = scene.balances()
    outcome = scene.escrow.cancel(agreement, (0,))
    assert outcome.events == (scene.refunded(agreement, 0, Reason.CANCEL),)
    assert scene.gains(before) == {EMPLOYER: AMOUNTS[0], scene.escrow.address: -AMOUNTS[0]}
    assert scene.escrow.deal(agreement).settled == 0b1
    assert scene.words(agreement)[1] == 0
    assert scene.escrow.credit(scene.money, ARBITER) == 0


def test_a_batch_is_one_payment_of_what_remains(scene: Scene) -> None:
    agreement = scene.bound((0, 1, 2))
    scene.escrow.release_part(agreement, 0, 1_000)
    scene.escrow.request_release(agreement, (2,))
    before = scene.balances()
    outcome = scene.escrow.cancel(agreement, (2, 0))
    assert outcome.events == (
        scene.refunded(agreement, 2, Reason.CANCEL),
        scene.refunded(agreement, 0, Reason.CANCEL, paid=1_000),
    )
    total = AMOUNTS[2] + AMOUNTS[0] - 1_000
    assert scene.gains(before) == {EMPLOYER: total, scene.escrow.address: -total}
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    assert len(transfers) == (1 if scene.token else 0)
    assert scene.escrow.status(agreement, 1) is Status.FUNDED


def test_it_is_possible_for_ever(scene: Scene) -> None:
    agreement = scene.bound()
    scene.chain.now = agreement.final_deadline + 100 * LAPSE
    scene.escrow.cancel(agreement, (0,))
    assert scene.balance(scene.escrow.address) == 0
