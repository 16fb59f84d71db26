"""Figures that follow from deals and their events, at a chosen block and time. Pure.

``standing`` says what is held in which state; ``party_figures`` what a party's record looks like.
They are no proof of anything: whoever deals with itself has any record it likes. So they are exact
counts, not scores, and only deals are counted to which the freelancer agreed, since anyone can name
anyone in an agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import Final

from milestone_escrow.clock import deal_status, milestone_status
from milestone_escrow.deal_state import Deal, Outcome, Status
from milestone_escrow.event_types import (
    Disputed,
    Funded,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
)
from milestone_escrow.events import EventRecord

__all__ = [
    "ROLES",
    "STANDINGS",
    "MilestoneTimes",
    "PartyFigures",
    "Share",
    "Standing",
    "milestone_times",
    "party_figures",
    "standing",
]

ROLES: Final = ("employer", "freelancer", "arbiter")

STANDINGS: Final = (
    "pending",  # funded by a block that may still be replaced
    "reserved",  # funded, nobody is bound
    "funded",
    "requested",
    "overdue",  # requested, and half the review period has passed
    "claimable",  # requested, and the review period is over
    "disputed",
    "ruling_late",  # disputed, and the ruling period is over
    "dormant",  # funded, and the deal is silent for 60 days
    "noticed",  # so for seven days more: the freelancer is told
    "lapsed",  # so for fourteen days: anyone may give the rest back
)
"""What a milestone that holds money can be; one may be several of these."""


# --- What is held


@dataclass(frozen=True, slots=True)
class Standing:
    """What milestones of one token hold.

    Attributes:
        counts: Milestones by the words of ``STANDINGS``.
        amounts: What they hold, raw units, by the same words.
        final: What milestones hold that were funded by a block that cannot be replaced.
        held: What all of them hold.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDINGS, 0))
    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STANDINGS, 0))
    final: int = 0
    held: int = 0


def standing(deals: Iterable[Deal], now: int, final_block: int | None) -> dict[str, Standing]:
    """Return what deals hold, by token.

    Args:
        deals: As the fold has them.
        now: Unix seconds, the time of the block at whose end they are so.
        final_block: Number of the last block that cannot be replaced; None: nothing is pending.
    """
    tokens: dict[str, tuple[dict[str, int], dict[str, int], list[int]]] = {}
    for deal in deals:
        noticed = deal_status(deal, now).noticed
        for index, milestone in enumerate(deal.milestones):
            if not milestone.remaining:
                continue
            counts, amounts, sums = tokens.setdefault(
                deal.token, (dict.fromkeys(STANDINGS, 0), dict.fromkeys(STANDINGS, 0), [0, 0])
            )
            clock = milestone_status(deal, index, now, final_block=final_block)
            words = {clock.state.name.lower()}
            words |= {word for word in STANDINGS if getattr(clock, word, False) is True}
            if noticed and clock.dormant:
                words.add("noticed")
            for word in words:
                counts[word] += 1
                amounts[word] += milestone.remaining
            sums[0] += 0 if clock.pending else milestone.remaining
            sums[1] += milestone.remaining
    return {
        token: Standing(counts, amounts, *sums) for token, (counts, amounts, sums) in tokens.items()
    }


# --- What became of a milestone, and when


@dataclass(slots=True)
class MilestoneTimes:
    """When things happened to a milestone; unix seconds, None where they did not.

    Attributes:
        funded_at: It was funded, the last time.
        requested_at: The last request that was not taken back.
        disputed_at: The dispute.
        disputed_by: Who disputed.
        settled_at: It was emptied for good.
        settled_by: The reason of the event that emptied it; None for an amendment.
    """

    funded_at: int | None = None
    requested_at: int | None = None
    disputed_at: int | None = None
    disputed_by: str | None = None
    settled_at: int | None = None
    settled_by: Reason | None = None


def milestone_times(records: Iterable[EventRecord], count: int) -> list[MilestoneTimes]:
    """Return the times of a deal's milestones.

    Args:
        records: The deal's events, in order.
        count: How many milestones it has.
    """
    times = [MilestoneTimes() for _ in range(count)]
    for record in records:
        event, time = record.event, record.timestamp
        if isinstance(event, Funded):
            times[event.index] = MilestoneTimes(funded_at=time)
        elif isinstance(event, ReleaseRequested):
            times[event.index].requested_at = event.since
        elif isinstance(event, RequestVoided):
            times[event.index].requested_at = None
        elif isinstance(event, Disputed):
            times[event.index].disputed_at = event.since
            times[event.index].disputed_by = event.actor
        elif isinstance(event, Released | Refunded) and not event.remaining:
            times[event.index].settled_at = time
            times[event.index].settled_by = event.reason
    return times


# --- A party's record


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both counted."""

    part: int = 0
    whole: int = 0

    def to_json(self) -> dict[str, int]:
        """Return both counts."""
        return {"part": self.part, "whole": self.whole}


@dataclass(slots=True)
class PartyFigures:
    """The record of one address in one role and token, over deals to which the freelancer agreed.

    Attributes:
        deals: Deals.
        milestones: Milestones that were funded and not withdrawn; those moved on are counted in
            the deal that they went to.
        amount: What those milestones came to, raw units.
        paid: Gross paid to freelancers out of them, raw units.
        refunded: Given back to employers, raw units.
        earned: What this party got or, as the employer, got back: as freelancer net of fees.
        settled: Milestones that are settled.
        completed: Of ``settled``, those whose rest was released: by the employer, a voucher or a
            claim; not by a split.
        on_time: Of ``completed``, those for which release was asked for, or that were released
            without, before their deadline.
        auto_released: Of ``completed`` after a request, those that nobody released in time.
        disputed: Of ``milestones``, those that were disputed.
        disputes_opened: By this party.
        ruled: Of the disputed and settled ones, those that the arbiter ruled on in time.
        review_seconds: From request to release, of each completed one with a request.
    """

    deals: int = 0
    milestones: int = 0
    amount: int = 0
    paid: int = 0
    refunded: int = 0
    earned: int = 0
    settled: int = 0
    completed: int = 0
    on_time: Share = Share()
    auto_released: Share = Share()
    disputed: int = 0
    disputes_opened: int = 0
    ruled: Share = Share()
    review_seconds: list[int] = field(default_factory=list)

    @property
    def completion(self) -> Share:
        """The completion rate: ``completed`` of ``settled``."""
        return Share(self.completed, self.settled)

    @property
    def dispute_share(self) -> Share:
        """``disputed`` of ``milestones``."""
        return Share(self.disputed, self.milestones)

    @property
    def median_review_seconds(self) -> int | None:
        """Median time from request to release, the lower of two middle ones; None: no such."""
        return median_low(self.review_seconds) if self.review_seconds else None


def party_figures(
    address: str, deals: Iterable[tuple[Deal, Sequence[EventRecord]]]
) -> dict[tuple[str, str], PartyFigures]:
    """Return an address's record, by (role, token).

    Args:
        address: Checksummed.
        deals: Deals as the fold has them, each with its events in order up to the same block.
            Those in which the address has no role, or nobody is bound, are not counted.
    """
    figures: dict[tuple[str, str], PartyFigures] = {}
    for deal, records in deals:
        roles = [role for role in ROLES if getattr(deal.agreement, role) == address]
        if not deal.bound or not roles:
            continue
        times = milestone_times(records, len(deal.milestones))
        for role in roles:
            record = figures.setdefault((role, deal.token), PartyFigures())
            record.deals += 1
            for index, when in enumerate(times):
                _count(record, role, address, deal, index, when)
    return figures


def _count(
    record: PartyFigures, role: str, address: str, deal: Deal, index: int, when: MilestoneTimes
) -> None:
    milestone = deal.milestones[index]
    if milestone.status is Status.AGREED or milestone.outcome is Outcome.MOVED:
        return
    record.milestones += 1
    record.amount += milestone.amount
    record.paid += milestone.paid
    record.refunded += milestone.refunded
    record.earned += {
        "employer": milestone.refunded,
        "freelancer": milestone.paid - milestone.fees,
        "arbiter": milestone.arbiter_share,
    }[role]
    settled = milestone.outcome is not None
    record.settled += settled
    if when.disputed_at is not None:
        record.disputed += 1
        record.disputes_opened += when.disputed_by == address
        if settled:
            record.ruled = _add(record.ruled, milestone.outcome is Outcome.RULED)
    if milestone.outcome is not Outcome.RELEASED or when.settled_at is None:
        return
    record.completed += 1
    done_at = when.settled_at if when.requested_at is None else when.requested_at
    record.on_time = _add(record.on_time, done_at < deal.agreement.milestones[index].deadline)
    if when.requested_at is not None:
        record.auto_released = _add(record.auto_released, when.settled_by is Reason.OVERDUE)
        record.review_seconds.append(when.settled_at - when.requested_at)


def _add(share: Share, holds: bool) -> Share:
    return Share(share.part + holds, share.whole + 1)
