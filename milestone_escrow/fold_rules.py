"""What the contract can log from which state: the rules that the fold holds events against."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NoReturn

from milestone_escrow.deal_state import Deal, DealMilestone, Status
from milestone_escrow.event_types import Reason
from milestone_escrow.events import EventRecord
from milestone_escrow.exceptions import EscrowError

__all__ = [
    "BOUND_HOLDING",
    "BY_WILL",
    "DISPUTED",
    "FUNDED",
    "HOLDING",
    "REFUNDED_FROM",
    "RELEASED_FROM",
    "REQUESTED",
    "SPLITS",
    "UNDISPUTED",
    "FoldError",
    "Impossible",
    "check_party",
    "check_remaining",
    "check_ruling",
    "milestone_in",
    "milestone_of",
    "refuse",
]

FUNDED: Final = frozenset({Status.FUNDED})
REQUESTED: Final = frozenset({Status.REQUESTED})
DISPUTED: Final = frozenset({Status.DISPUTED})
UNDISPUTED: Final = FUNDED | REQUESTED
BOUND_HOLDING: Final = UNDISPUTED | DISPUTED
HOLDING: Final = BOUND_HOLDING | {Status.RESERVED}

# From which states an event with this reason may take what remains.
RELEASED_FROM: Final = {
    Reason.EMPLOYER: HOLDING,
    Reason.VOUCHER: BOUND_HOLDING,
    Reason.OVERDUE: REQUESTED,
    Reason.RULING: DISPUTED,
    Reason.FALLBACK: DISPUTED,
    Reason.SETTLEMENT: BOUND_HOLDING,
}
REFUNDED_FROM: Final = {
    Reason.RULING: DISPUTED,
    Reason.FALLBACK: DISPUTED,
    Reason.SETTLEMENT: BOUND_HOLDING,
    Reason.CANCEL: BOUND_HOLDING,
    Reason.WITHDRAW: frozenset({Status.RESERVED}),
    Reason.DORMANT: FUNDED,
}
# A release leaves a rest by the employer's will, outside a dispute, or as one half of a split.
BY_WILL: Final = frozenset({Reason.EMPLOYER, Reason.VOUCHER})
_RULING: Final = Reason.RULING  # looked up once, as in the fold
SPLITS: Final = frozenset({Reason.RULING, Reason.FALLBACK, Reason.SETTLEMENT})


class FoldError(EscrowError):
    """The events contradict each other, or the rules of the contract.

    Attributes:
        deal_id: The deal, None where the event names none.
        index: The milestone, None where the event names none.
        block_number: Of the event.
        log_index: Of the event.
    """

    default_code = "fold"

    def __init__(
        self, why: str, record: EventRecord, deal_id: bytes | None, index: int | None
    ) -> None:
        """Make the error for a record; ``why`` is a clause about the event."""
        what = type(record.event).__name__
        if deal_id is not None:
            what += f" of deal 0x{deal_id.hex()}"
        if index is not None:
            what += f", milestone {index}"
        super().__init__(
            f"The event {what} (block {record.block_number}, log {record.log_index}) does not fit "
            f"what went before: {why}.",
            "Index again from the block of the deployment, through another node if it comes back.",
        )
        self.args = (why, record, deal_id, index)
        self.deal_id = deal_id
        self.index = index
        self.block_number = record.block_number
        self.log_index = record.log_index


class Impossible(Exception):  # noqa: N818 - the fold turns it into a FoldError
    """An event does not fit the state; the message is a clause."""


def refuse(why: str) -> NoReturn:
    """Raise ``Impossible``."""
    raise Impossible(why)


def milestone_of(deal: Deal, index: int) -> DealMilestone:
    """Return a milestone that the agreement has."""
    if index >= len(deal.milestones):
        refuse(f"the agreement has {len(deal.milestones)} milestones")
    return deal.milestones[index]


def milestone_in(deal: Deal, index: int, statuses: Collection[Status]) -> DealMilestone:
    """Return a milestone that is in one of ``statuses``."""
    milestone = milestone_of(deal, index)
    if milestone.status not in statuses:
        refuse(f"the milestone is {milestone.status.name.lower()}")
    return milestone


def check_party(named: str, agreed: str) -> None:
    """Refuse an event that names another than the agreement does."""
    if named != agreed:
        refuse(f"it names {named}, the agreement {agreed}")


def check_remaining(milestone: DealMilestone, before: int) -> None:
    """Refuse an event by which the milestone held something else before it."""
    if before != milestone.remaining:
        refuse(f"the milestone held {milestone.remaining}, by this event {before}")


def check_ruling(milestone: DealMilestone, reason: Reason, split: tuple[int, int]) -> None:
    """Refuse a split (to the freelancer, to the employer) that is not the arbiter's.

    Once ruled on, a milestone is emptied in the same call, by nothing but the ruling.
    """
    ruling = milestone.ruling
    if (reason is _RULING) != (ruling is not None):
        refuse("a ruling is carried out at once" if ruling else "nobody ruled")
    if ruling is not None and split != ruling:
        refuse(f"it splits {split[0]} to {split[1]}, the ruling {ruling[0]} to {ruling[1]}")
