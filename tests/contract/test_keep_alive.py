from __future__ import annotations

import pytest

from milestone_escrow.events import Active
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.scene import LAPSE, Scene
from tests.evm import reverts
from tests.roles import EMPLOYER, ROLES


@pytest.mark.parametrize(
    ("after", "error"),
    [
        (-1, "NothingToKeepAlive"),
        (0, None),
        (1, None),
        (LAPSE - 1, None),
        (LAPSE, "Lapsed"),
        (LAPSE + 1, "Lapsed"),
    ],
)
def test_it_counts_from_the_final_deadline_until_the_lapse(
    native: Scene, after: int, error: str | None
) -> None:
    deal = native.bound()
    native.chain.now = now = deal.final_deadline + after
    words = native.words(deal)
    if error:
        with reverts(error):
            native.escrow.keep_alive(deal)
        assert native.words(deal) == words
        return
    outcome = native.escrow.keep_alive(deal)
    assert outcome.events == (Active(native.escrow.id_of(deal), EMPLOYER, now),)
    assert native.escrow.deal(deal).last_activity == now
    assert native.words(deal)[1:] == words[1:]


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_it_puts_the_lapse_off_again_and_again(scene: Scene, after: int) -> None:
    deal = scene.bound()
    scene.chain.now = deal.final_deadline
    for _ in range(5):
        scene.chain.now += LAPSE - 1
        scene.escrow.keep_alive(deal)
    scene.chain.now += LAPSE + after
    if after < 0:
        with reverts("NotLapsed"):
            scene.escrow.settle_dormant(deal, (0,))
        scene.escrow.request_release(deal, (0,))
        return
    with reverts("Lapsed"):
        scene.escrow.keep_alive(deal)
    scene.escrow.settle_dormant(deal, (0,))


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who != EMPLOYER])
def test_the_employer_alone_keeps_a_deal_alive(native: Scene, who: str) -> None:
    deal = native.bound()
    native.chain.now = deal.final_deadline
    with reverts("NotEmployer"):
        native.escrow.keep_alive(deal, sender=who)


def test_it_moves_no_money_and_no_clock(scene: Scene) -> None:
    deal = scene.bound((0, 1, 2))
    scene.escrow.request_release(deal, (0, 1))
    scene.escrow.dispute(deal, 1)
    milestones, before = scene.words(deal)[1:], scene.balances()
    scene.chain.now = deal.final_deadline
    scene.escrow.keep_alive(deal)
    assert (scene.words(deal)[1:], scene.gains(before)) == (milestones, {})
    scene.escrow.claim(deal, (0,))
    scene.escrow.apply_fallback(deal, 1)


def test_a_deal_that_is_closed_stays_dead(native: Scene) -> None:
    deal = native.bound()
    consent.amend(native, deal, consent.successor(native, deal), (0,))
    native.chain.now = deal.final_deadline
    with reverts("DealClosed"):
        native.escrow.keep_alive(deal)


def test_nobody_need_be_bound(native: Scene) -> None:
    deal = native.opened()
    native.chain.now = deal.final_deadline
    native.escrow.keep_alive(deal)
    assert native.escrow.status(deal) is Status.RESERVED
