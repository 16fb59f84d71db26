from __future__ import annotations

from random import Random

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.deal_state import Deal, Outcome, Status
from milestone_escrow.event_types import (
    Accepted,
    Disputed,
    Event,
    Funded,
    Moved,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
    Ruled,
    Superseded,
)
from milestone_escrow.events import EventRecord
from milestone_escrow.figures import (
    STANDINGS,
    PartyFigures,
    Share,
    milestone_times,
    party_figures,
    standing,
)
from milestone_escrow.state import fold
from tests.library.plausible_escrow import PlausibleEscrow

START = 1_800_000_000
DEADLINE = START + 20 * DAY
DEAL, HASH = b"\1" * 32, b"\3" * 32
TOKEN = "0x" + "66" * 20
AGREEMENT = Agreement.build(
    employer="0x" + "aa" * 20,
    freelancer="0x" + "bb" * 20,
    arbiter="0x" + "cc" * 20,
    platform="0x" + "dd" * 20,
    fee_bps=1_000,
    arbiter_bps=500,
    token=TOKEN,
    accept_by=START + 5 * DAY,
    document=bytes(32),
    milestones=[(1_000, DEADLINE), (2_000, DEADLINE)],
)
EMPLOYER, FREELANCER, ARBITER = AGREEMENT.employer, AGREEMENT.freelancer, AGREEMENT.arbiter
ACCEPTED = Accepted(DEAL, FREELANCER)
BOTH = (Funded(DEAL, 0, 1_000), Funded(DEAL, 1, 2_000))

Timed = tuple[int, Event]


def deal_of(*timed: Timed) -> tuple[Deal, list[EventRecord]]:
    """Return a deal after events at times, its two milestones funded and the freelancer bound."""
    opened = Opened(DEAL, EMPLOYER, FREELANCER, AGREEMENT)
    events = [(START, opened), *((START, event) for event in (*BOTH, ACCEPTED)), *timed]
    records = [
        EventRecord(100 + i, bytes(32), bytes(32), 0, time, ZERO_ADDRESS, event)
        for i, (time, event) in enumerate(events)
    ]
    return fold(records).deals[DEAL], records


def requested(time: int, index: int = 0) -> Timed:
    remaining = 1_000 * (index + 1)
    return time, ReleaseRequested(DEAL, index, FREELANCER, HASH, time, remaining)


def released(time: int, reason: Reason = Reason.EMPLOYER, index: int = 0) -> Timed:
    gross = 1_000 * (index + 1)
    return time, Released(DEAL, index, FREELANCER, gross, gross // 10, 0, reason)


def figures(*timed: Timed, of: str = FREELANCER, role: str = "freelancer") -> PartyFigures:
    return party_figures(of, [deal_of(*timed)])[role, TOKEN]


# --- A party's record


def test_counts_what_was_paid() -> None:
    paid = figures(released(START + DAY), requested(START + DAY, 1))
    assert (paid.deals, paid.milestones, paid.amount) == (1, 2, 3_000)
    assert (paid.paid, paid.earned, paid.refunded) == (1_000, 900, 0)
    assert (paid.settled, paid.completed, paid.completion) == (1, 1, Share(1, 1))
    employer = figures(released(START + DAY), of=EMPLOYER, role="employer")
    assert (employer.paid, employer.earned) == (1_000, 0)


def test_completion_is_of_those_that_are_settled() -> None:
    cancelled = (START + DAY, Refunded(DEAL, 1, EMPLOYER, 2_000, 0, Reason.CANCEL))
    record = figures(released(START + DAY), cancelled)
    assert (record.completion, record.refunded) == (Share(1, 2), 2_000)
    assert figures(cancelled).completion == Share(0, 1)
    assert figures(cancelled, of=EMPLOYER, role="employer").earned == 2_000
    assert figures().completion == Share(0, 0)


@pytest.mark.parametrize(("seconds", "on_time"), [(-1, True), (0, False), (1, False)])
def test_on_time_is_asked_for_before_the_deadline(seconds: int, on_time: bool) -> None:
    asked = requested(DEADLINE + seconds)
    assert figures(asked, released(DEADLINE + DAY)).on_time == Share(on_time, 1)
    # Without a request, it is the release that counts.
    assert figures(released(DEADLINE + seconds)).on_time == Share(on_time, 1)


def test_a_request_that_was_taken_back_does_not_count() -> None:
    voided = (START + 2 * DAY, RequestVoided(DEAL, 0, FREELANCER, 1_000))
    record = figures(requested(START + DAY), voided, released(DEADLINE + DAY))
    assert (record.on_time, record.auto_released) == (Share(0, 1), Share(0, 0))
    assert record.median_review_seconds is None
    again = figures(
        requested(START + DAY), voided, requested(START + 3 * DAY), released(START + 5 * DAY)
    )
    assert again.median_review_seconds == 2 * DAY


def test_the_median_is_the_lower_of_two_middle_ones() -> None:
    asked = requested(START + DAY), requested(START + DAY, 1)
    one = released(START + 2 * DAY), released(START + 4 * DAY, index=1)
    record = figures(*asked, *one)
    assert record.review_seconds == [DAY, 3 * DAY]
    assert record.median_review_seconds == DAY


def test_what_nobody_released_in_time_is_told() -> None:
    asked = requested(START + DAY), requested(START + DAY, 1)
    record = figures(
        *asked,
        released(START + 2 * DAY),
        released(START + 31 * DAY, Reason.OVERDUE, 1),
        of=EMPLOYER,
        role="employer",
    )
    assert record.auto_released == Share(1, 2)
    assert record.completion == Share(2, 2)


def test_disputes_and_rulings() -> None:
    disputed = (START + DAY, Disputed(DEAL, 1, EMPLOYER, HASH, START + DAY, 2_000))
    asked = requested(START + 10, 1)
    record = figures(asked, disputed)
    assert (record.dispute_share, record.disputes_opened, record.ruled) == (
        Share(1, 2),
        0,
        Share(0, 0),
    )
    assert figures(asked, disputed, of=EMPLOYER, role="employer").disputes_opened == 1
    ruling = (
        (START + 2 * DAY, Ruled(DEAL, 1, ARBITER, 100, 1_000, 1_900)),
        (START + 2 * DAY, Released(DEAL, 1, FREELANCER, 1_000, 100, 900, Reason.RULING)),
        (START + 2 * DAY, Refunded(DEAL, 1, EMPLOYER, 900, 0, Reason.RULING)),
    )
    ruled = figures(asked, disputed, *ruling)
    # A split is no completion, whoever got more.
    assert (ruled.ruled, ruled.completion, ruled.paid) == (Share(1, 1), Share(0, 1), 1_000)
    assert figures(asked, disputed, *ruling, of=ARBITER, role="arbiter").earned == 100
    fallback = (
        (START + 40 * DAY, Released(DEAL, 1, FREELANCER, 1_000, 100, 1_000, Reason.FALLBACK)),
        (START + 40 * DAY, Refunded(DEAL, 1, EMPLOYER, 1_000, 0, Reason.FALLBACK)),
    )
    assert figures(asked, disputed, *fallback, of=ARBITER, role="arbiter").ruled == Share(0, 1)


def test_who_never_agreed_is_not_counted() -> None:
    opened = Opened(DEAL, EMPLOYER, FREELANCER, AGREEMENT)
    events: list[Event] = [opened, *BOTH, released(START)[1]]
    records = [
        EventRecord(100 + i, bytes(32), bytes(32), 0, START, ZERO_ADDRESS, event)
        for i, event in enumerate(events)
    ]
    deal = fold(records).deals[DEAL]
    assert deal.milestones[0].outcome is Outcome.RELEASED
    for party in (EMPLOYER, FREELANCER, ARBITER):
        assert party_figures(party, [(deal, records)]) == {}
    assert party_figures("0x" + "99" * 20, [deal_of()]) == {}


def test_what_moved_on_is_counted_where_it_went() -> None:
    moved = (START + DAY, Moved(DEAL, 1, b"\2" * 32, 2_000))
    superseded = (START + DAY, Superseded(DEAL, b"\2" * 32, EMPLOYER, 2_000))
    record = figures(released(START), moved, superseded)
    assert (record.milestones, record.completion) == (1, Share(1, 1))


def test_what_was_never_funded_is_not_counted() -> None:
    opened = Opened(DEAL, EMPLOYER, FREELANCER, AGREEMENT)
    events: list[Event] = [opened, BOTH[0], ACCEPTED]
    records = [
        EventRecord(100 + i, bytes(32), bytes(32), 0, START, ZERO_ADDRESS, event)
        for i, event in enumerate(events)
    ]
    record = party_figures(FREELANCER, [(fold(records).deals[DEAL], records)])
    assert record["freelancer", TOKEN].milestones == 1


def test_times() -> None:
    _, records = deal_of(requested(START + 5), released(START + 9))
    first, second = milestone_times(records, 2)
    assert (first.funded_at, first.requested_at, first.settled_at) == (START, START + 5, START + 9)
    assert first.settled_by is Reason.EMPLOYER
    assert (second.funded_at, second.settled_at, second.disputed_at) == (START, None, None)


# --- What is held


def words(deal: Deal, now: int, final_block: int | None = None) -> dict[str, int]:
    found = standing([deal], now, final_block)[TOKEN]
    assert found.counts.keys() == found.amounts.keys() == set(STANDINGS)
    return {word: amount for word, amount in found.amounts.items() if amount}


def test_standing_by_clock() -> None:
    deal, _ = deal_of(requested(START + DAY))
    review, half = START + 31 * DAY, START + 16 * DAY
    rest = {"funded": 2_000, "requested": 1_000}
    assert words(deal, half - 1) == rest
    assert words(deal, half) == rest | {"overdue": 1_000}
    assert words(deal, review) == rest | {"overdue": 1_000, "claimable": 1_000}
    dormant = DEADLINE + 60 * DAY
    rest = words(deal, dormant - 1)
    assert not rest.keys() & {"dormant", "noticed", "lapsed"}
    assert words(deal, dormant) == rest | {"dormant": 2_000}
    assert words(deal, dormant + 7 * DAY) == rest | {"dormant": 2_000, "noticed": 2_000}
    assert words(deal, dormant + 14 * DAY) == rest | {
        "dormant": 2_000,
        "noticed": 2_000,
        "lapsed": 2_000,
    }


def test_standing_in_a_dispute() -> None:
    deal, _ = deal_of((START + DAY, Disputed(DEAL, 0, EMPLOYER, HASH, DEADLINE, 1_000)))
    late = DEADLINE + AGREEMENT.ruling_period
    assert "ruling_late" not in words(deal, late - 1)
    assert words(deal, late) == {"funded": 2_000, "disputed": 1_000, "ruling_late": 1_000}


def test_standing_by_finality() -> None:
    deal, _ = deal_of()  # funded by the blocks 101 and 102
    for final, pending, sure in (
        (None, 0, 3_000),
        (100, 3_000, 0),
        (101, 2_000, 1_000),
        (102, 0, 3_000),
    ):
        found = standing([deal], START, final)[TOKEN]
        assert (found.amounts["pending"], found.final, found.held) == (pending, sure, 3_000)


def test_standing_holds_what_the_milestones_do() -> None:
    escrow = PlausibleEscrow(Random(3))
    state = fold(escrow.play(400))
    found = standing(state.deals.values(), escrow.now, None)
    for token in {deal.token for deal in state.deals.values()}:
        deals = [deal for deal in state.deals.values() if deal.token == token]
        held = found[token]
        assert held.held == held.final == sum(deal.remaining for deal in deals)
        for status in (Status.RESERVED, Status.FUNDED, Status.REQUESTED, Status.DISPUTED):
            word = status.name.lower()
            milestones = [m for deal in deals for m in deal.milestones if m.status is status]
            assert held.counts[word] == len(milestones)
            assert held.amounts[word] == sum(m.remaining for m in milestones)
    assert standing([], START, None) == {}
