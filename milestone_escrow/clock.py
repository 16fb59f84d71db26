"""What the time makes of a deal: statuses that no transaction writes. Pure.

Every function takes ``now``, the time of the latest block in unix seconds, never the machine's
clock. A span is half-open: before its end the one thing is so, from its end on the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from milestone_escrow.agreement import DAY
from milestone_escrow.deal_state import Deal, Outcome, Status

__all__ = [
    "DORMANT_AFTER",
    "LAPSED_AFTER",
    "NOTICE_AFTER",
    "DealClock",
    "DealStatus",
    "MilestoneClock",
    "MilestoneStatus",
    "Moment",
    "deal_status",
    "lapses_at",
    "milestone_status",
    "next_moments",
]

DORMANT_AFTER: Final = 60 * DAY  # from the later of the final deadline and the last activity
NOTICE_AFTER: Final = 7 * DAY  # from the dormant date: the freelancer is told
LAPSED_AFTER: Final = 14 * DAY  # from the dormant date: anyone may give the rest back


class MilestoneStatus(StrEnum):
    """Where a milestone stands, in one word: the contract's state and what the time made of it."""

    AGREED = "agreed"
    PENDING = "pending"  # funded by a block that may still be replaced
    RESERVED = "reserved"
    FUNDED = "funded"
    DORMANT = "dormant"
    LAPSED = "lapsed"  # anyone may give the rest back to the employer
    REQUESTED = "requested"
    OVERDUE = "overdue"  # half the review period has passed
    CLAIMABLE = "claimable"  # the review period is over: anyone may have the freelancer paid
    DISPUTED = "disputed"
    RULING_LATE = "ruling_late"  # the ruling period is over: anyone may apply the fallback
    # Settled, by outcome
    RELEASED = "released"
    CANCELLED = "cancelled"
    SPLIT = "split"
    RULED = "ruled"
    FALLBACK = "fallback"
    RETURNED = "returned"
    MOVED = "moved"


class DealStatus(StrEnum):
    """Where a deal stands as a whole, in one word."""

    OPEN = "open"  # nobody is bound
    ACTIVE = "active"  # bound, and not all is settled
    DORMANT = "dormant"  # a milestone is
    LAPSED = "lapsed"  # a milestone is
    ENDED = "ended"  # it holds nothing, and after its final deadline nothing can be funded
    SETTLED = "settled"  # every milestone is
    CLOSED = "closed"  # replaced by another deal


@dataclass(frozen=True, slots=True)
class MilestoneClock:
    """A milestone at the time ``now``. Times are None where that clock does not run.

    Attributes:
        now: Unix seconds.
        state: As in the contract.
        outcome: None until it is settled.
        pending: It was funded by a block that may still be replaced.
        overdue_at: Half of the review period has passed from here on.
        claimable_at: ``claim`` is open from here on, ``dispute`` before.
        ruling_ends_at: ``apply_fallback`` is open from here on, ``rule`` before.
        disputable_from: The employer may ``dispute`` without a request from here on.
        dormant_at: That of its deal.
        lapsed_at: ``settle_dormant`` is open from here on.
    """

    now: int
    state: Status
    outcome: Outcome | None
    pending: bool
    overdue_at: int | None
    claimable_at: int | None
    ruling_ends_at: int | None
    disputable_from: int | None
    dormant_at: int | None
    lapsed_at: int | None

    @property
    def overdue(self) -> bool:
        """Half of the review period has passed."""
        return self._reached(self.overdue_at)

    @property
    def claimable(self) -> bool:
        """The review period is over."""
        return self._reached(self.claimable_at)

    @property
    def ruling_late(self) -> bool:
        """The ruling period is over."""
        return self._reached(self.ruling_ends_at)

    @property
    def dormant(self) -> bool:
        """The milestone waits for someone, in a deal that went silent."""
        return self._reached(self.dormant_at)

    @property
    def lapsed(self) -> bool:
        """The silence has lasted."""
        return self._reached(self.lapsed_at)

    @property
    def status(self) -> MilestoneStatus:
        """All of this in one word, the most telling one."""
        if self.outcome is not None:
            return MilestoneStatus(self.outcome.value)
        for holds, status in (
            (self.claimable, MilestoneStatus.CLAIMABLE),
            (self.overdue, MilestoneStatus.OVERDUE),
            (self.ruling_late, MilestoneStatus.RULING_LATE),
            (self.lapsed, MilestoneStatus.LAPSED),
            (self.dormant, MilestoneStatus.DORMANT),
            (self.pending, MilestoneStatus.PENDING),
        ):
            if holds:
                return status
        return MilestoneStatus[self.state.name]

    def _reached(self, time: int | None) -> bool:
        return time is not None and self.now >= time


@dataclass(frozen=True, slots=True)
class DealClock:
    """A deal at the time ``now``.

    Attributes:
        now: Unix seconds.
        status: All of this in one word.
        acceptable: The freelancer may still be bound.
        fundable: Milestones may still be funded.
        dormant: A milestone is dormant.
        noticed: A milestone is dormant, and so for seven days: the freelancer is told.
        lapsed: A milestone is lapsed.
        dormant_at: 60 days after the later of the final deadline and the last activity.
        notice_at: Seven days after ``dormant_at``.
        lapsed_at: Fourteen days after ``dormant_at``; activity counts for nothing from here on.
    """

    now: int
    status: DealStatus
    acceptable: bool
    fundable: bool
    dormant: bool
    noticed: bool
    lapsed: bool
    dormant_at: int
    notice_at: int
    lapsed_at: int


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A time at which something changes by itself.

    Attributes:
        at: Unix seconds.
        index: The milestone; -1 for the deal.
        what: What begins then: a time of ``MilestoneClock`` or ``DealClock`` without its
            preposition (``overdue``, ``claimable``, ``ruling_ends``, ``disputable``, ``dormant``,
            ``notice``, ``lapsed``), or ``accept_by``, ``final_deadline``.
    """

    at: int
    index: int
    what: str


def milestone_status(
    deal: Deal, index: int, now: int, *, final_block: int | None = None
) -> MilestoneClock:
    """Return where a milestone stands.

    Args:
        deal: As the fold has it.
        index: 0 to the number of milestones less one.
        now: Unix seconds, the time of the latest block.
        final_block: Number of the last block that cannot be replaced any more; None: the chain
            does not say, and nothing is pending.

    Raises:
        IndexError: The deal has no such milestone.
    """
    milestone = deal.milestones[index]
    agreement, since = deal.agreement, milestone.since
    funded = milestone.status is Status.FUNDED
    requested = milestone.status is Status.REQUESTED
    disputed = milestone.status is Status.DISPUTED
    return MilestoneClock(
        now=now,
        state=milestone.status,
        outcome=milestone.outcome,
        pending=(
            final_block is not None
            and milestone.outcome is None
            and milestone.funded_block is not None
            and milestone.funded_block > final_block
        ),
        # The first second at which half of the period, or more, has passed.
        overdue_at=since + (agreement.review_period + 1) // 2 if requested else None,
        claimable_at=since + agreement.review_period if requested else None,
        ruling_ends_at=since + agreement.ruling_period if disputed else None,
        disputable_from=agreement.milestones[index].deadline if funded else None,
        dormant_at=_dormant_at(deal) if funded else None,
        lapsed_at=lapses_at(deal) if funded else None,
    )


def deal_status(deal: Deal, now: int) -> DealClock:
    """Return where a deal stands.

    Args:
        deal: As the fold has it.
        now: Unix seconds, the time of the latest block.
    """
    agreement = deal.agreement
    dormant_at = _dormant_at(deal)
    waiting = any(milestone.status is Status.FUNDED for milestone in deal.milestones)
    dormant = waiting and now >= dormant_at
    lapsed = waiting and now >= lapses_at(deal)
    if deal.closed:
        status = DealStatus.CLOSED
    elif all(milestone.status is Status.SETTLED for milestone in deal.milestones):
        status = DealStatus.SETTLED
    elif deal.remaining == 0 and now >= agreement.final_deadline:
        status = DealStatus.ENDED
    elif lapsed:
        status = DealStatus.LAPSED
    elif dormant:
        status = DealStatus.DORMANT
    else:
        status = DealStatus.ACTIVE if deal.bound else DealStatus.OPEN
    return DealClock(
        now=now,
        status=status,
        acceptable=not deal.closed and not deal.bound and now < agreement.accept_by,
        fundable=(
            not deal.closed
            and now < agreement.final_deadline
            and any(milestone.status is Status.AGREED for milestone in deal.milestones)
        ),
        dormant=dormant,
        noticed=waiting and now >= dormant_at + NOTICE_AFTER,
        lapsed=lapsed,
        dormant_at=dormant_at,
        notice_at=dormant_at + NOTICE_AFTER,
        lapsed_at=lapses_at(deal),
    )


def lapses_at(deal: Deal) -> int:
    """Return when a deal lapses if nobody acts, unix seconds: as ``DealClock.lapsed_at``."""
    return _dormant_at(deal) + LAPSED_AFTER


def next_moments(deal: Deal, now: int) -> tuple[Moment, ...]:
    """Return what will change by itself after ``now`` if nobody acts, the soonest first."""
    clock = deal_status(deal, now)
    times: list[tuple[int | None, int, str]] = []
    if clock.acceptable:
        times.append((deal.agreement.accept_by, -1, "accept_by"))
    if clock.fundable:
        times.append((deal.agreement.final_deadline, -1, "final_deadline"))
    for index in range(len(deal.milestones)):
        milestone = milestone_status(deal, index, now)
        times += [
            (milestone.overdue_at, index, "overdue"),
            (milestone.claimable_at, index, "claimable"),
            (milestone.ruling_ends_at, index, "ruling_ends"),
            (milestone.disputable_from, index, "disputable"),
        ]
    if any(milestone.status is Status.FUNDED for milestone in deal.milestones):
        times += [
            (clock.dormant_at, -1, "dormant"),
            (clock.notice_at, -1, "notice"),
            (clock.lapsed_at, -1, "lapsed"),
        ]
    return tuple(
        sorted(Moment(at, index, what) for at, index, what in times if at is not None and at > now)
    )


def _dormant_at(deal: Deal) -> int:
    return max(deal.agreement.final_deadline, deal.last_activity) + DORMANT_AFTER
