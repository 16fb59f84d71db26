from __future__ import annotations

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.events import Active, Funded, Reason
from milestone_escrow.state import Status
from tests.contract.scene import AMOUNTS, LAPSE, Scene
from tests.evm import reverts
from tests.roles import EMPLOYER


def test_reserved_money_goes_back_without_a_fee(scene: Scene) -> None:
    agreement = scene.opened((0, 1, 2))
    before = scene.balances()
    outcome = scene.escrow.withdraw(agreement, (2, 0))
    assert outcome.events == (
        scene.refunded(agreement, 2, Reason.WITHDRAW),
        scene.refunded(agreement, 0, Reason.WITHDRAW),
    )
    total = AMOUNTS[0] + AMOUNTS[2]
    assert scene.gains(before) == {EMPLOYER: total, scene.escrow.address: -total}
    assert scene.escrow.deal(agreement).funded == 0b010


def test_a_withdrawn_milestone_may_be_funded_anew(scene: Scene) -> None:
    agreement = scene.opened((0,))
    opened = scene.words(agreement)
    scene.escrow.withdraw(agreement, (0,))
    assert scene.escrow.deal(agreement).opened
    assert scene.escrow.status(agreement) is Status.AGREED
    again = scene.escrow.fund(agreement, (0,))
    assert again.events == (Funded(scene.escrow.id_of(agreement), 0, AMOUNTS[0]),)
    assert scene.words(agreement) == opened


def test_what_was_released_meanwhile_stays_settled(native: Scene) -> None:
    agreement = native.opened((0, 1))
    native.escrow.release(agreement, (0,))
    with reverts("AlreadySettled"):
        native.escrow.withdraw(agreement, (1, 0))
    native.escrow.withdraw(agreement, (1,))
    assert native.escrow.deal(agreement).settled == 0b01


def test_the_job_need_not_be_awarded(scene: Scene) -> None:
    agreement = scene.opened(freelancer=ZERO_ADDRESS, payee=ZERO_ADDRESS)
    before = scene.balances()
    scene.escrow.withdraw(agreement, (0,))
    assert scene.gains(before)[EMPLOYER] == AMOUNTS[0]


def test_it_is_possible_for_ever(scene: Scene) -> None:
    agreement = scene.opened((0,))
    scene.chain.now = agreement.final_deadline + 100 * LAPSE
    assert scene.escrow.withdraw(agreement, (0,)).of(Active) == []
    assert scene.balance(scene.escrow.address) == 0
