from __future__ import annotations

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.events import Accepted
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import DealState, Status
from tests.contract.scene import Scene
from tests.evm import reverts
from tests.roles import EMPLOYER, FREELANCER, PAYEE, STRANGER


def test_accepting_binds_the_whole_deal(scene: Scene) -> None:
    agreement = scene.opened((0, 1))
    before = scene.balances()
    outcome = scene.escrow.accept(agreement, (1,))
    assert outcome.events == (Accepted(scene.escrow.id_of(agreement), FREELANCER),)
    assert scene.escrow.deal(agreement) == DealState(True, False, True, 0b11, 0, 0)
    assert [scene.escrow.status(agreement, index) for index in range(3)] == [
        Status.FUNDED,
        Status.FUNDED,
        Status.AGREED,
    ]
    assert scene.gains(before) == {}


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_nobody_is_bound_from_accept_by_on(native: Scene, after: int) -> None:
    agreement = native.opened()
    native.chain.now = agreement.accept_by + after
    if after < 0:
        native.escrow.accept(agreement, (0,))
        return
    with reverts("AcceptByPassed"):
        native.escrow.accept(agreement, (0,))
    assert not native.escrow.deal(agreement).bound


def test_abuse_60_nobody_is_bound_to_a_deal_that_was_just_emptied(native: Scene) -> None:
    agreement = native.opened((0, 1))
    native.escrow.withdraw(agreement, (0,))
    for indexes in ((0,), (1, 0)):
        with reverts("NotFunded"):
            native.escrow.accept(agreement, indexes)
    native.escrow.release(agreement, (1,))
    with reverts("AlreadySettled"):
        native.escrow.accept(agreement, (1,))
    assert not native.escrow.deal(agreement).bound


@pytest.mark.parametrize("who", [EMPLOYER, PAYEE, STRANGER, ZERO_ADDRESS])
def test_nobody_accepts_a_job_that_is_not_awarded(native: Scene, who: str) -> None:
    agreement = native.opened(freelancer=ZERO_ADDRESS)
    with pytest.raises(ContractRevert) as refused:
        native.escrow.accept(agreement, (0,), sender=who)
    assert refused.value.error == ("NoFreelancer" if who == ZERO_ADDRESS else "NotFreelancer")
    assert not native.escrow.deal(agreement).bound


def test_the_payee_does_not_accept_in_the_freelancers_place(native: Scene) -> None:
    agreement = native.opened()
    with reverts("NotFreelancer"):
        native.escrow.accept(agreement, (0,), sender=PAYEE)
