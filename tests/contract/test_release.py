from __future__ import annotations

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.events import Reason
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.scene import AMOUNTS, HOLDING, LAPSE, Scene, fee_of
from tests.evm import reverts
from tests.roles import ARBITER, FREELANCER, PAYEE, PLATFORM


@pytest.mark.parametrize("status", HOLDING)
def test_all_that_remains_goes_to_the_payee(scene: Scene, status: Status) -> None:
    agreement = scene.at(status)
    before = scene.balances()
    outcome = scene.escrow.release(agreement, (0,))
    released = scene.released(agreement, 0, Reason.EMPLOYER)
    assert outcome.events == (released, *scene.fee_credited(agreement, [released]))
    net = AMOUNTS[0] - fee_of(agreement, AMOUNTS[0])
    assert scene.gains(before) == {PAYEE: net, scene.escrow.address: -net}
    deal, *milestones = scene.words(agreement)
    assert scene.escrow.deal(agreement).settled == 0b1
    assert milestones == [0, 0, 0] and not deal >> 48 & 0b1111111111  # nothing is tracked


def test_a_batch_is_one_payment_and_one_credit(scene: Scene) -> None:
    agreement = scene.bound((0, 1, 2))
    scene.escrow.release_part(agreement, 0, 1_000)
    scene.escrow.request_release(agreement, (2,))
    scene.dispute(agreement, 2)
    before = scene.balances()
    credit = scene.escrow.credit(scene.money, PLATFORM)
    outcome = scene.escrow.release(agreement, (2, 0, 1))
    released = (
        scene.released(agreement, 2, Reason.EMPLOYER),
        scene.released(agreement, 0, Reason.EMPLOYER, paid=1_000),
        scene.released(agreement, 1, Reason.EMPLOYER),
    )
    assert outcome.events == (*released, *scene.fee_credited(agreement, released))
    fees = sum(event.fee for event in released)
    net = sum(event.gross for event in released) - fees
    assert scene.gains(before) == {PAYEE: net, scene.escrow.address: -net}
    assert scene.escrow.credit(scene.money, PLATFORM) == credit + fees
    transfers = [log for log in outcome.receipt.logs if log.address != scene.escrow.address]
    assert len(transfers) == (1 if scene.token else 0)
    assert scene.words(agreement)[1:] == (0, 0, 0)


def test_without_a_payee_the_freelancer_is_paid(scene: Scene) -> None:
    agreement = scene.bound(payee=ZERO_ADDRESS)
    before = scene.balances()
    (released, _) = scene.escrow.release(agreement, (0,)).events
    assert released == scene.released(agreement, 0, Reason.EMPLOYER)
    assert scene.gains(before)[FREELANCER] == AMOUNTS[0] - fee_of(agreement, AMOUNTS[0])


def test_without_a_platform_there_is_no_fee(scene: Scene) -> None:
    agreement = scene.bound(platform=ZERO_ADDRESS, fee_bps=0)
    before = scene.balances()
    (released,) = scene.escrow.release(agreement, (0,)).events
    assert released == scene.released(agreement, 0, Reason.EMPLOYER)
    assert scene.gains(before) == {PAYEE: AMOUNTS[0], scene.escrow.address: -AMOUNTS[0]}


def test_a_fee_below_one_unit_credits_nobody(scene: Scene) -> None:
    agreement = scene.bound(fee_bps=1)
    scene.escrow.release_part(agreement, 0, 9_999)
    assert scene.escrow.credit(scene.money, PLATFORM) == 0
    scene.escrow.release_part(agreement, 0, 1)
    assert scene.escrow.credit(scene.money, PLATFORM) == 1


def test_the_arbiter_earns_nothing_by_a_release_in_dispute(scene: Scene) -> None:
    agreement = scene.disputed()
    scene.escrow.release(agreement, (0,))
    assert scene.escrow.credit(scene.money, ARBITER) == 0


def test_a_job_that_is_not_awarded_is_paid_to_nobody(scene: Scene) -> None:
    for payee in (ZERO_ADDRESS, PAYEE):
        agreement = scene.opened(freelancer=ZERO_ADDRESS, payee=payee)
        with reverts("NoFreelancer"):
            scene.escrow.release(agreement, (0,))
        assert scene.escrow.status(agreement) is Status.RESERVED


def test_what_was_released_before_the_freelancer_is_bound_stays_settled(scene: Scene) -> None:
    agreement = scene.opened((0, 1))
    scene.escrow.release(agreement, (0,))
    scene.escrow.accept(agreement, (1,))
    assert [scene.escrow.status(agreement, index) for index in (0, 1)] == [
        Status.SETTLED,
        Status.FUNDED,
    ]
    for call in (scene.escrow.release, scene.escrow.cancel, scene.escrow.fund):
        with pytest.raises(ContractRevert) as refused:
            call(agreement, (0,))
        assert refused.value.error in ("AlreadySettled", "AlreadyFunded")


def test_it_is_possible_for_ever(scene: Scene) -> None:
    agreement = scene.bound()
    scene.chain.now = agreement.final_deadline + 100 * LAPSE
    scene.escrow.release(agreement, (0,))
    assert scene.escrow.status(agreement) is Status.SETTLED
