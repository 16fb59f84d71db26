from __future__ import annotations

from dataclasses import replace

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.clock import (
    DealStatus,
    MilestoneStatus,
    Moment,
    deal_status,
    milestone_status,
    next_moments,
)
from milestone_escrow.events import (
    Accepted,
    Active,
    Disputed,
    Event,
    EventRecord,
    Funded,
    Moved,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    Ruled,
    Superseded,
)
from milestone_escrow.state import Deal, Outcome, fold

START = 1_800_000_000
FIRST, FINAL = START + 20 * DAY, START + 50 * DAY
SINCE = START + 10 * DAY
AGREEMENT = Agreement.build(
    employer="0x" + "aa" * 20,
    freelancer="0x" + "bb" * 20,
    arbiter="0x" + "cc" * 20,
    accept_by=START + 5 * DAY,
    document=bytes(32),
    review_period=30 * DAY,
    ruling_period=9 * DAY,
    milestones=[(1_000, FIRST), (2_000, FINAL)],
)
EMPLOYER, FREELANCER, ARBITER = AGREEMENT.employer, AGREEMENT.freelancer, AGREEMENT.arbiter
DEAL, OTHER, HASH = b"\1" * 32, b"\2" * 32, b"\3" * 32
FUNDED, ACCEPTED = Funded(DEAL, 0, 1_000), Accepted(DEAL, FREELANCER)
REQUESTED = ReleaseRequested(DEAL, 0, FREELANCER, HASH, SINCE, 1_000)
DISPUTED = Disputed(DEAL, 0, EMPLOYER, HASH, SINCE, 1_000)
RELEASED = Released(DEAL, 0, FREELANCER, 1_000, 0, 0, Reason.EMPLOYER)


def deal_after(*events: Event, agreement: Agreement = AGREEMENT) -> Deal:
    opened = Opened(DEAL, agreement.employer, agreement.freelancer, agreement)
    records = [
        EventRecord(100 + i, bytes(32), bytes(32), 0, None, ZERO_ADDRESS, event)
        for i, event in enumerate([opened, *events])
    ]
    return fold(records).deals[DEAL]


def word(deal: Deal, now: int, index: int = 0) -> str:
    return milestone_status(deal, index, now).status.value


BOUND = deal_after(FUNDED, ACCEPTED)
REVIEWED = deal_after(FUNDED, ACCEPTED, REQUESTED)
IN_DISPUTE = deal_after(FUNDED, ACCEPTED, DISPUTED)
ACTIVE_AT = FINAL + 10 * DAY
REVIVED = deal_after(FUNDED, ACCEPTED, Active(DEAL, EMPLOYER, ACTIVE_AT))


@pytest.mark.parametrize(
    ("deal", "at", "before", "after"),
    [
        (REVIEWED, SINCE + 15 * DAY, "requested", "overdue"),
        (REVIEWED, SINCE + 30 * DAY, "overdue", "claimable"),
        (IN_DISPUTE, SINCE + 9 * DAY, "disputed", "ruling_late"),
        (BOUND, FINAL + 60 * DAY, "funded", "dormant"),
        (BOUND, FINAL + 74 * DAY, "dormant", "lapsed"),
        (REVIVED, ACTIVE_AT + 60 * DAY, "funded", "dormant"),
        (REVIVED, ACTIVE_AT + 74 * DAY, "dormant", "lapsed"),
    ],
)
def test_a_milestone_changes_to_the_second(deal: Deal, at: int, before: str, after: str) -> None:
    assert [word(deal, at + step) for step in (-1, 0, 1)] == [before, after, after]


def test_half_of_an_odd_period_has_passed_when_more_than_half_has() -> None:
    odd = replace(AGREEMENT, review_period=3 * DAY + 1)
    deal = deal_after(FUNDED, ACCEPTED, REQUESTED, agreement=odd)
    half = SINCE + (3 * DAY) // 2
    assert [milestone_status(deal, 0, half + step).overdue for step in (0, 1)] == [False, True]


def test_each_clock_runs_in_its_state_alone() -> None:
    def clocks(deal: Deal) -> dict[str, int]:
        clock = milestone_status(deal, 0, START)
        names = (
            "overdue_at",
            "claimable_at",
            "ruling_ends_at",
            "disputable_from",
            "dormant_at",
            "lapsed_at",
        )
        return {name: at for name in names if (at := getattr(clock, name)) is not None}

    assert clocks(deal_after()) == clocks(deal_after(FUNDED)) == {}
    assert clocks(BOUND) == {
        "disputable_from": FIRST,
        "dormant_at": FINAL + 60 * DAY,
        "lapsed_at": FINAL + 74 * DAY,
    }
    assert clocks(REVIEWED) == {"overdue_at": SINCE + 15 * DAY, "claimable_at": SINCE + 30 * DAY}
    assert clocks(IN_DISPUTE) == {"ruling_ends_at": SINCE + 9 * DAY}
    assert clocks(deal_after(FUNDED, ACCEPTED, RELEASED)) == {}


def test_what_waits_for_someone_never_lapses() -> None:
    late = FINAL + 1_000 * DAY
    assert word(REVIEWED, late) == "claimable"
    assert word(IN_DISPUTE, late) == "ruling_late"
    assert not milestone_status(REVIEWED, 0, late).lapsed
    assert not deal_status(REVIEWED, late).dormant


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([RELEASED], Outcome.RELEASED),
        ([REQUESTED, replace(RELEASED, reason=Reason.OVERDUE)], Outcome.RELEASED),
        ([Refunded(DEAL, 0, EMPLOYER, 1_000, 0, Reason.CANCEL)], Outcome.CANCELLED),
        ([Refunded(DEAL, 0, EMPLOYER, 1_000, 0, Reason.SETTLEMENT)], Outcome.SPLIT),
        ([Refunded(DEAL, 0, EMPLOYER, 1_000, 0, Reason.DORMANT)], Outcome.RETURNED),
        ([DISPUTED, replace(RELEASED, reason=Reason.FALLBACK)], Outcome.FALLBACK),
        (
            [
                DISPUTED,
                Ruled(DEAL, 0, ARBITER, 0, 1_000, 1_000),
                replace(RELEASED, reason=Reason.RULING),
            ],
            Outcome.RULED,
        ),
        ([Superseded(DEAL, OTHER, EMPLOYER, 1_000), Moved(DEAL, 0, OTHER, 1_000)], Outcome.MOVED),
    ],
)
def test_a_settled_milestone_says_how(events: list[Event], outcome: Outcome) -> None:
    deal = deal_after(FUNDED, ACCEPTED, *events)
    assert word(deal, FINAL + 1_000 * DAY) == outcome.value


def test_every_outcome_and_state_has_its_word() -> None:
    words = {status.value for status in MilestoneStatus}
    assert {outcome.value for outcome in Outcome} <= words
    assert word(deal_after(), START) == "agreed"
    assert word(deal_after(FUNDED), START) == "reserved"


def test_pending_until_the_funding_is_final() -> None:
    # The record of the funding is that of block 101.
    for final_block, pending in ((None, False), (100, True), (101, False), (102, False)):
        clock = milestone_status(BOUND, 0, START, final_block=final_block)
        assert clock.pending == pending
        assert (clock.status == "pending") == pending
    assert not milestone_status(BOUND, 1, START, final_block=0).pending
    released = deal_after(FUNDED, ACCEPTED, RELEASED)
    assert not milestone_status(released, 0, START, final_block=0).pending


@pytest.mark.parametrize(
    ("deal", "at", "before", "after"),
    [
        (BOUND, FINAL + 60 * DAY, "active", "dormant"),
        (BOUND, FINAL + 74 * DAY, "dormant", "lapsed"),
        (deal_after(), FINAL, "open", "ended"),
        (deal_after(ACCEPTED), FINAL, "active", "ended"),
        (deal_after(FUNDED, ACCEPTED, RELEASED), FINAL, "active", "ended"),
    ],
)
def test_a_deal_changes_to_the_second(deal: Deal, at: int, before: str, after: str) -> None:
    words = [deal_status(deal, at + step).status.value for step in (-1, 0, 1)]
    assert words == [before, after, after]


def test_a_deal_that_is_over_stays_so() -> None:
    closed = deal_after(Superseded(DEAL, OTHER, EMPLOYER, 0))
    both: list[Event] = [Funded(DEAL, 1, 2_000), replace(RELEASED, index=1, gross=2_000)]
    settled = deal_after(FUNDED, ACCEPTED, RELEASED, *both)
    for now in (START, FINAL + 1_000 * DAY):
        assert deal_status(closed, now).status is DealStatus.CLOSED
        assert deal_status(settled, now).status is DealStatus.SETTLED
    assert not deal_status(closed, START).acceptable
    assert not deal_status(closed, START).fundable
    assert not deal_status(settled, START).fundable


def test_money_that_is_reserved_does_not_lapse() -> None:
    reserved = deal_after(FUNDED)
    assert deal_status(reserved, FINAL + 1_000 * DAY).status is DealStatus.OPEN


def test_binding_and_funding_end_to_the_second() -> None:
    opened = deal_after(FUNDED)
    accept_by = AGREEMENT.accept_by
    assert [deal_status(opened, accept_by + step).acceptable for step in (-1, 0)] == [True, False]
    assert [deal_status(opened, FINAL + step).fundable for step in (-1, 0)] == [True, False]
    assert not deal_status(BOUND, START).acceptable


def test_the_freelancer_is_told_seven_days_later() -> None:
    at = FINAL + 67 * DAY
    assert [deal_status(BOUND, at + step).noticed for step in (-1, 0)] == [False, True]
    clock = deal_status(BOUND, START)
    assert (clock.dormant_at, clock.notice_at, clock.lapsed_at) == (
        FINAL + 60 * DAY,
        at,
        FINAL + 74 * DAY,
    )


def test_next_moments_are_those_still_to_come() -> None:
    reviewed = deal_after(FUNDED, ACCEPTED, Funded(DEAL, 1, 2_000), REQUESTED)
    moments = (
        Moment(SINCE + 15 * DAY, 0, "overdue"),
        Moment(SINCE + 30 * DAY, 0, "claimable"),
        Moment(FINAL, 1, "disputable"),
        Moment(FINAL + 60 * DAY, -1, "dormant"),
        Moment(FINAL + 67 * DAY, -1, "notice"),
        Moment(FINAL + 74 * DAY, -1, "lapsed"),
    )
    assert next_moments(reviewed, START) == moments
    assert next_moments(reviewed, SINCE + 15 * DAY - 1) == moments
    assert next_moments(reviewed, SINCE + 15 * DAY) == moments[1:]
    assert next_moments(reviewed, FINAL + 74 * DAY) == ()


def test_next_moments_of_an_offer_and_of_a_dispute() -> None:
    assert next_moments(deal_after(FUNDED), START) == (
        Moment(AGREEMENT.accept_by, -1, "accept_by"),
        Moment(FINAL, -1, "final_deadline"),
    )
    assert next_moments(IN_DISPUTE, FINAL) == ()
    assert next_moments(IN_DISPUTE, SINCE)[0] == Moment(SINCE + 9 * DAY, 0, "ruling_ends")
    assert next_moments(deal_after(Superseded(DEAL, OTHER, EMPLOYER, 0)), START) == ()


def test_there_is_no_other_milestone() -> None:
    with pytest.raises(IndexError):
        milestone_status(BOUND, 2, START)
