from __future__ import annotations

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.messages import DOMAIN_NAME, DOMAIN_VERSION
from milestone_escrow.state import DealState, MilestoneState, Status
from tests.contract.scene import Scene
from tests.evm import CHAIN_ID, reverts
from tests.roles import STRANGER

UNKNOWN = bytes(range(32))


def test_a_deal_that_was_never_opened_is_all_zero(native: Scene) -> None:
    agreement = native.agreement()
    for deal in (agreement, UNKNOWN, bytes(32)):
        assert native.escrow.deal(deal) == DealState(False, False, False, 0, 0, 0)
        assert native.escrow.milestone(deal, 9) == MilestoneState(Status.AGREED, 0, 0)


def test_the_id_of_a_deal_is_known_before_it_is_opened(native: Scene) -> None:
    agreement = native.agreement()
    before = native.escrow.contract.read("deal_id", agreement)
    native.escrow.fund(agreement, (0,))
    assert native.escrow.contract.read("deal_id", agreement) == before
    assert before == native.escrow.id_of(agreement)


@pytest.mark.parametrize("index", [10, 11, 2**255, 2**256 - 1])
def test_no_agreement_has_an_eleventh_milestone(native: Scene, index: int) -> None:
    with reverts("BadIndex"):
        native.escrow.milestone(native.opened(), index)


def test_a_milestone_that_the_agreement_does_not_have_reads_as_agreed(native: Scene) -> None:
    agreement = native.opened((0, 1, 2))
    assert native.escrow.status(agreement, 3) is Status.AGREED


@pytest.mark.parametrize("status", Status)
def test_the_views_tell_each_state(native: Scene, status: Status) -> None:
    agreement = native.at(status)
    since = native.chain.now if status in (Status.REQUESTED, Status.DISPUTED) else 0
    native.chain.now += 1_000
    assert native.escrow.milestone(agreement) == MilestoneState(status, 0, since)
    deal = native.escrow.deal(agreement)
    assert deal.opened and not deal.closed
    assert deal.bound == (status > Status.RESERVED)
    assert deal.funded & 1 == (status is not Status.AGREED)
    assert deal.settled == (status is Status.SETTLED)


def test_a_settled_milestone_keeps_no_figures(native: Scene) -> None:
    agreement = native.requested()
    native.escrow.release_part(agreement, 0, 5)
    native.escrow.release(agreement, (0,))
    assert native.escrow.milestone(agreement) == MilestoneState(Status.SETTLED, 0, 0)


def test_the_domain_is_told_as_erc_5267_says(native: Scene) -> None:
    assert native.escrow.contract.read("eip712Domain") == (
        b"\x0f",
        DOMAIN_NAME,
        DOMAIN_VERSION,
        CHAIN_ID,
        native.escrow.address.lower(),
        bytes(32),
        (),
    )


def test_a_view_asks_nobody(native: Scene) -> None:
    agreement = native.opened()
    assert native.escrow.contract.read("deal", native.escrow.id_of(agreement), sender=STRANGER)
    assert native.escrow.credit(ZERO_ADDRESS, STRANGER) == 0
