"""What an amendment does to both deals and to the money. What it may change: `test_amend_terms`."""

from __future__ import annotations

import pytest

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS
from milestone_escrow.events import (
    Accepted,
    Active,
    Event,
    Funded,
    Moved,
    Opened,
    Reason,
    Superseded,
)
from milestone_escrow.state import DealState, Status
from tests.contract import consent
from tests.contract.consent import successor
from tests.contract.scene import AMOUNTS, BOUND, LAPSE, Scene, fee_of, signature_of
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PLATFORM

BIG = [(2_000_000, 100 * DAY), (70, 200 * DAY)]  # the milestones of a larger agreement


def test_a_job_is_awarded(scene: Scene) -> None:
    posted = scene.opened((0, 2), freelancer=ZERO_ADDRESS, payee=ZERO_ADDRESS)
    awarded = successor(scene, posted, freelancer=FREELANCER)
    old, new = scene.escrow.id_of(posted), scene.escrow.id_of(awarded)
    before = scene.balances()
    outcome = consent.amend(scene, posted, awarded, (0, 2))
    assert outcome.events == (
        Moved(old, 0, new, AMOUNTS[0]),
        Moved(old, 2, new, AMOUNTS[2]),
        Superseded(old, new, EMPLOYER, AMOUNTS[0] + AMOUNTS[2]),
        Opened(new, EMPLOYER, FREELANCER, awarded),
        Funded(new, 0, AMOUNTS[0]),
        Funded(new, 2, AMOUNTS[2]),
    )
    assert scene.gains(before) == {}
    assert scene.escrow.deal(posted) == DealState(True, True, False, 0b101, 0b101, 0)
    assert scene.escrow.deal(awarded) == DealState(True, False, False, 0b101, 0, 0)
    scene.escrow.accept(awarded, (0, 2))
    assert scene.escrow.status(awarded) is Status.FUNDED


def test_the_award_may_bring_the_freelancers_signature(scene: Scene) -> None:
    posted = scene.opened((0,), freelancer=ZERO_ADDRESS)
    awarded = successor(scene, posted, freelancer=FREELANCER)
    signature = signature_of(awarded, scene.escrow.domain)
    outcome = scene.escrow.amend(posted, awarded, (0,), scene.chain.now + 1, signature)
    new = scene.escrow.id_of(awarded)
    assert [type(event) for event in outcome.events] == [
        Moved,
        Superseded,
        Opened,
        Accepted,
        Funded,
    ]
    assert outcome.of(Accepted) == [Accepted(new, FREELANCER)]
    assert scene.escrow.status(awarded) is Status.FUNDED


def test_all_that_remains_moves_whatever_its_state(scene: Scene) -> None:
    deal = scene.bound(
        range(5), milestones=[(1_000, 10 * DAY), *[(200 + i, 40 * DAY) for i in range(5)]]
    )
    escrow = scene.escrow
    escrow.release_part(deal, 0, 300)  # funded, paid in part
    escrow.request_release(deal, (1, 2))
    escrow.release_part(deal, 1, 30)  # requested, paid in part
    escrow.dispute(deal, 2)
    escrow.cancel(deal, (3,))  # settled; the fifth is funded, the sixth is not
    new = successor(scene, deal, milestones=BIG)
    old_id, new_id = escrow.id_of(deal), escrow.id_of(new)
    moved = 700 + 170 + 201 + 203
    before = scene.balances()
    events = consent.amend(scene, deal, new, (0,)).events
    expected: tuple[Event, ...] = (
        Moved(old_id, 0, new_id, 700),
        Moved(old_id, 1, new_id, 170),
        Moved(old_id, 2, new_id, 201),
        Moved(old_id, 4, new_id, 203),
        Superseded(old_id, new_id, EMPLOYER, moved),
        Opened(new_id, EMPLOYER, FREELANCER, new),
        Accepted(new_id, FREELANCER),
        Funded(new_id, 0, 2_000_000),
    )
    assert events == expected
    difference = 2_000_000 - moved
    assert scene.gains(before) == {EMPLOYER: -difference, escrow.address: difference}
    assert escrow.deal(deal) == DealState(True, True, True, 0b11111, 0b11111, 0)
    assert [escrow.status(deal, index) for index in range(6)] == [Status.SETTLED] * 5 + [
        Status.AGREED
    ]
    word, *milestones = scene.words(deal)
    assert not any(milestones) and not word >> 48 & 0b1111111111  # nothing is tracked


def test_nothing_of_a_clock_moves_along(native: Scene) -> None:
    deal = native.disputed()
    new = successor(native, deal)
    consent.amend(native, deal, new, (0,))
    assert native.escrow.milestone(new).since == 0
    assert native.words(new)[1:] == (0, 0, 0)
    native.escrow.request_release(new, (0,))
    assert native.escrow.credit(native.money, ARBITER) == 0


@pytest.mark.parametrize(
    ("extra", "error"), [(-1, "FundsShrink"), (0, None), (1, None), (5_000, None)]
)
def test_abuse_53_the_funds_never_shrink(scene: Scene, extra: int, error: str | None) -> None:
    deal = scene.bound((0, 1))
    new = successor(
        scene, deal, milestones=[(AMOUNTS[0], DAY), (AMOUNTS[1] + extra, 9 * DAY), (1, 9 * DAY)]
    )
    words, before = scene.words(deal), scene.balances()
    if error:
        with reverts(error):
            consent.amend(scene, deal, new, (1, 0), value=0)
        assert scene.words(deal) == words
        assert not any(scene.words(new))
        return
    outcome = consent.amend(scene, deal, new, (1, 0))
    paid = {EMPLOYER: -extra, scene.escrow.address: extra} if extra else {}
    assert scene.gains(before) == paid
    assert [event.index for event in outcome.of(Funded)] == [1, 0]
    assert scene.escrow.held(new) == AMOUNTS[0] + AMOUNTS[1] + extra


def test_what_does_not_move_is_not_counted(scene: Scene) -> None:
    deal = scene.bound((0, 1))
    scene.escrow.release(deal, (0,))
    new = successor(scene, deal, milestones=[(AMOUNTS[1] - 1, DAY), (1, 9 * DAY)])
    with reverts("FundsShrink"):
        consent.amend(scene, deal, new, (0,), value=0)
    (moved,) = consent.amend(scene, deal, new, (0, 1)).of(Moved)
    assert (moved.index, moved.amount) == (1, AMOUNTS[1])


@pytest.mark.parametrize("difference", [-1, 1])
def test_abuse_23_the_coins_sent_are_exactly_the_difference(native: Scene, difference: int) -> None:
    deal = native.bound((0,))
    new = successor(native, deal)
    for indexes, due in (((0,), 0), ((0, 1), AMOUNTS[1])):
        if due + difference >= 0:
            with reverts("WrongValue"):
                consent.amend(native, deal, new, indexes, value=due + difference)
    assert not native.escrow.deal(deal).closed


def test_abuse_23_no_coins_are_sent_to_a_deal_in_a_token(erc20: Scene) -> None:
    deal = erc20.bound((0,))
    for indexes in ((0,), (0, 1)):
        with reverts("WrongValue"):
            consent.amend(erc20, deal, successor(erc20, deal), indexes, value=1)


def test_the_allowance_is_needed_for_the_difference_alone(erc20: Scene) -> None:
    deal, token = erc20.bound((0,)), erc20.token
    assert token is not None
    new = successor(erc20, deal)
    token.send("approve", erc20.escrow.address, AMOUNTS[1] - 1, sender=EMPLOYER)
    with reverts("TransferFailed"):
        consent.amend(erc20, deal, new, (0, 1))
    token.send("approve", erc20.escrow.address, AMOUNTS[1], sender=EMPLOYER)
    consent.amend(erc20, deal, new, (0, 1))
    assert token.read("allowance", EMPLOYER, erc20.escrow.address) == 0


def test_abuse_12_a_token_that_takes_a_fee_is_refused_for_the_difference(hostile: Scene) -> None:
    deal, token = hostile.bound((0,)), hostile.token
    assert token is not None
    token.send("set_fee", 100, sender=EMPLOYER)
    with reverts("WrongTokenAmount"):
        consent.amend(hostile, deal, successor(hostile, deal), (0, 1))
    consent.amend(hostile, deal, successor(hostile, deal), (0,))


def test_a_deal_that_holds_nothing_may_be_replaced(scene: Scene) -> None:
    for deal in (scene.opened((0,)), scene.bound((0,))):
        leave = scene.escrow.cancel if scene.escrow.deal(deal).bound else scene.escrow.withdraw
        leave(deal, (0,))
        new = successor(scene, deal)
        before = scene.balances()
        outcome = consent.amend(scene, deal, new, (1,))
        assert outcome.of(Moved) == []
        assert outcome.of(Superseded)[0].moved == 0
        assert scene.gains(before)[EMPLOYER] == -AMOUNTS[1]


def test_the_new_deal_goes_on_as_any_other(scene: Scene) -> None:
    deal = scene.requested((0,))
    new = successor(scene, deal)
    consent.amend(scene, deal, new, (0, 1))
    scene.escrow.fund(new, (2,))
    scene.escrow.request_release(new, (1,))
    scene.escrow.cancel(new, (1,))
    outcome = scene.escrow.release(new, (0, 2))
    released = [scene.released(new, index, Reason.EMPLOYER) for index in (0, 2)]
    assert outcome.events == (*released, *scene.fee_credited(new, released))


def test_the_fee_starts_anew(scene: Scene) -> None:
    deal = scene.bound((0,))
    scene.escrow.release_part(deal, 0, 1_019)  # a fee of 33.9327
    new = successor(scene, deal, milestones=[(AMOUNTS[0] - 1_019, DAY), (1, 9 * DAY)])
    consent.amend(scene, deal, new, (0,))
    scene.escrow.release(new, (0,))
    fees = fee_of(deal, 1_019) + fee_of(deal, AMOUNTS[0] - 1_019)
    assert scene.escrow.credit(scene.money, PLATFORM) == fees == fee_of(deal, AMOUNTS[0]) - 1


def test_amendments_follow_each_other(scene: Scene) -> None:
    first = scene.bound((0,))
    second = successor(scene, first)
    consent.amend(scene, first, second, (0,))
    third = successor(scene, second)
    consent.amend(scene, second, third, (0,))
    for closed in (first, second):
        with reverts("DealClosed"):
            consent.amend(scene, closed, successor(scene, closed), (0,))
    before = scene.balances()
    scene.escrow.cancel(third, (0,))
    assert scene.gains(before)[EMPLOYER] == AMOUNTS[0]


def test_abuse_57_a_successor_is_not_opened_by_fund(scene: Scene) -> None:
    deal = scene.opened((0,))
    new = successor(scene, deal)
    for signature in (b"", signature_of(new, scene.escrow.domain)):
        with reverts("BadSupersedes"):
            scene.escrow.fund(new, (0,), signature)
    consent.amend(scene, deal, new, (0,))
    # Once it is open it is funded as any other, even if it holds nothing.
    scene.escrow.withdraw(new, (0,))
    scene.escrow.fund(new, (2,), signature_of(new, scene.escrow.domain))
    assert scene.escrow.status(new, 2) is Status.FUNDED


def test_abuse_57_what_is_open_already_succeeds_nobody(native: Scene) -> None:
    deal = native.opened((0,))
    new = successor(native, deal)
    # No call leads there, so the word is written.
    native.escrow.set_deal_word(new, 1)
    with reverts("AlreadyOpened"):
        consent.amend(native, deal, new, (0,))


def test_abuse_53_an_id_that_was_replaced_is_not_replaced_again(scene: Scene) -> None:
    deal = scene.bound((0,))
    one, other = successor(scene, deal), successor(scene, deal)
    message = consent.amendment(scene, deal, other, (0,))
    signature = consent.signed(message, scene.escrow.domain, FREELANCER)
    consent.amend(scene, deal, one, (0,))
    with reverts("DealClosed"):
        scene.escrow.amend(deal, other, (0,), message.expiry, signature, value=AMOUNTS[0])


def test_a_deal_that_was_never_opened_is_not_replaced(native: Scene) -> None:
    deal = native.agreement()
    with reverts("NotOpened"):
        consent.amend(native, deal, successor(native, deal), (0,))


@pytest.mark.parametrize("status", BOUND, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("after", [0, LAPSE - 1, LAPSE, 9 * LAPSE])
def test_a_deal_may_be_replaced_for_ever_and_that_is_no_activity(
    scene: Scene, status: Status, after: int
) -> None:
    deal = scene.at(status)
    scene.chain.now = deal.final_deadline + after
    new = successor(scene, deal)
    outcome = consent.amend(scene, deal, new, (0,))
    assert outcome.of(Active) == []
    assert scene.escrow.deal(deal).last_activity == 0
    scene.escrow.request_release(new, (0,))  # the new deal's clocks are its own


def test_abuse_20_the_largest_amounts_move(scene: Scene) -> None:
    terms = {"milestones": [(MAX_AMOUNT, 1_000_000)] * 10}
    deal = scene.bound(range(10), **terms)
    new = successor(scene, deal, **terms)
    before = scene.balances()
    outcome = consent.amend(scene, deal, new, range(10))
    assert outcome.of(Superseded)[0].moved == 10 * MAX_AMOUNT == scene.escrow.held(new)
    assert scene.gains(before) == {}


def test_promise_06_no_other_deal_is_touched(scene: Scene) -> None:
    other, deal = scene.requested((0, 1)), scene.bound((0,))
    words = scene.words(other)
    consent.amend(scene, deal, successor(scene, deal), (0,))
    assert scene.words(other) == words


def test_abuse_21_a_token_that_refuses_to_move_nothing_stops_no_amendment(hostile: Scene) -> None:
    deal, token = hostile.bound((0,)), hostile.token
    assert token is not None
    new = successor(hostile, deal)
    token.send("set_paused", True, sender=EMPLOYER)
    consent.amend(hostile, deal, new, (0,))
    assert hostile.escrow.held(new) == AMOUNTS[0]
