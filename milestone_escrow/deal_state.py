"""What is known of a deal: the values that the fold of its events changes.

``milestone_escrow.state`` holds the fold; nothing else writes these objects. Amounts are raw units
of the deal's token, times unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from milestone_escrow.agreement import Agreement
from milestone_escrow.event_types import Reason

__all__ = [
    "OUTCOME_OF_REASON",
    "Changes",
    "Deal",
    "DealMilestone",
    "DealState",
    "Ledger",
    "MilestoneState",
    "Outcome",
    "State",
    "Status",
]


class Status(IntEnum):
    """State of a milestone, numbered as the contract's ``MilestoneState.status``."""

    AGREED = 0  # not funded, or withdrawn
    RESERVED = 1  # funded, the freelancer is not bound
    FUNDED = 2
    REQUESTED = 3  # the review period runs, or has run out
    DISPUTED = 4  # the ruling period runs, or has run out
    SETTLED = 5  # for ever


class Outcome(StrEnum):
    """How a settled milestone was settled."""

    RELEASED = "released"  # the rest went to the freelancer: by the employer, a voucher or a claim
    CANCELLED = "cancelled"  # the freelancer gave the rest back
    SPLIT = "split"  # the parties split the rest
    RULED = "ruled"  # the arbiter split the rest
    FALLBACK = "fallback"  # nobody ruled in time
    RETURNED = "returned"  # the deal lapsed, the rest went back to the employer
    MOVED = "moved"  # the rest went on to the deal's successor


OUTCOME_OF_REASON = {
    Reason.EMPLOYER: Outcome.RELEASED,
    Reason.VOUCHER: Outcome.RELEASED,
    Reason.OVERDUE: Outcome.RELEASED,
    Reason.RULING: Outcome.RULED,
    Reason.FALLBACK: Outcome.FALLBACK,
    Reason.SETTLEMENT: Outcome.SPLIT,
    Reason.CANCEL: Outcome.CANCELLED,
    Reason.DORMANT: Outcome.RETURNED,
}


@dataclass(frozen=True, slots=True)
class DealState:
    """What the contract's view ``deal`` answers."""

    opened: bool
    closed: bool
    bound: bool
    funded: int
    settled: int
    last_activity: int


@dataclass(frozen=True, slots=True)
class MilestoneState:
    """What the contract's view ``milestone`` answers."""

    status: int
    paid: int
    since: int


@dataclass(slots=True)
class DealMilestone:
    """A milestone and where its money went.

    While it holds money and after it is settled,
    ``amount == paid + arbiter_share + refunded + moved + remaining``.

    Attributes:
        amount: What the agreement says.
        remaining: What the milestone still holds.
        paid: Gross released so far.
        fees: Of ``paid``, what went to the platform.
        refunded: Given back to the employer (a withdrawal is not: it leaves no trace here).
        moved: Gone on to the deal's successor.
        arbiter_share: Earned by the arbiter.
        since: Start of the open request or dispute; zero when there is neither.
        evidence: Hash given with the last request; 32 zero bytes: none.
        reason: Hash given with the dispute; 32 zero bytes: none.
        ruling: What the arbiter ruled, (to the freelancer, to the employer); None: no ruling.
        outcome: None until it is settled.
        funded_block: Number of the block that funded it; None while it is agreed.
    """

    amount: int
    status: Status = Status.AGREED
    remaining: int = 0
    paid: int = 0
    fees: int = 0
    refunded: int = 0
    moved: int = 0
    arbiter_share: int = 0
    since: int = 0
    evidence: bytes = bytes(32)
    reason: bytes = bytes(32)
    ruling: tuple[int, int] | None = None
    outcome: Outcome | None = None
    funded_block: int | None = None

    def view(self) -> MilestoneState:
        """Return what the contract's view answers: once settled, it keeps no amounts."""
        if self.status is Status.SETTLED:
            return MilestoneState(Status.SETTLED, 0, 0)
        return MilestoneState(self.status, self.paid, self.since)


@dataclass(slots=True)
class Deal:
    """A deal that was opened.

    Attributes:
        deal_id: 32 bytes.
        opened_block: Number of the block of ``Opened``.
        opened_log_index: Its log index there.
        bound: The freelancer has signed or accepted.
        closed: Replaced by ``successor``, for ever.
        funded: Bit i: milestone i was funded and not withdrawn.
        settled: Bit i: milestone i is settled.
        last_activity: Zero: none after the final deadline.
    """

    deal_id: bytes
    agreement: Agreement
    opened_block: int
    opened_log_index: int
    milestones: list[DealMilestone]
    bound: bool = False
    closed: bool = False
    successor: bytes | None = None
    funded: int = 0
    settled: int = 0
    last_activity: int = 0

    @property
    def employer(self) -> str:
        """The employer's address."""
        return self.agreement.employer

    @property
    def freelancer(self) -> str:
        """The freelancer's address; zero while the job is not awarded."""
        return self.agreement.freelancer

    @property
    def token(self) -> str:
        """The token of all amounts; zero: the native coin."""
        return self.agreement.token

    @property
    def remaining(self) -> int:
        """What all milestones together still hold."""
        return sum(milestone.remaining for milestone in self.milestones)

    def view(self) -> DealState:
        """Return what the contract's view answers."""
        return DealState(
            opened=True,
            closed=self.closed,
            bound=self.bound,
            funded=self.funded,
            settled=self.settled,
            last_activity=self.last_activity,
        )


@dataclass(slots=True)
class Ledger:
    """All that moved in one token, as sums of the events.

    ``paid_in == paid_out + held`` holds whatever the events are; that it equals what milestones and
    credits hold, one by one, is shown by comparing it with ``State.held``.

    Attributes:
        funded: Sum of ``Funded``, what was moved included.
        moved: Sum of ``Moved``.
        gross: Sum of ``Released``, fees included.
        fees: Sum of the platforms' fees.
        shares: Sum of the arbiters' shares.
        refunded: Sum of ``Refunded``, withdrawals included.
        credited: Sum of ``Credited``: value that left a milestone and stayed in the contract.
        credit_paid: Sum of ``CreditPaid``.
    """

    funded: int = 0
    moved: int = 0
    gross: int = 0
    fees: int = 0
    shares: int = 0
    refunded: int = 0
    credited: int = 0
    credit_paid: int = 0

    @property
    def paid_in(self) -> int:
        """What employers paid in."""
        return self.funded - self.moved

    @property
    def net_paid(self) -> int:
        """What freelancers, or their payees, earned after fees."""
        return self.gross - self.fees

    @property
    def paid_out(self) -> int:
        """What left the contract."""
        return self.gross + self.shares + self.refunded - self.credited + self.credit_paid

    @property
    def remaining(self) -> int:
        """What all milestones hold."""
        return self.funded - self.moved - self.gross - self.shares - self.refunded

    @property
    def credits(self) -> int:
        """What all owners of credits may fetch."""
        return self.credited - self.credit_paid

    @property
    def held(self) -> int:
        """What the contract owes: its balance is this or more."""
        return self.remaining + self.credits

    def difference(self, balance: int) -> int:
        """Return ``balance`` less what is owed: a donation if positive, a shortfall if negative."""
        return balance - self.held


@dataclass(slots=True)
class State:
    """All deals and credits of one escrow after some number of its events.

    Attributes:
        deals: By deal id, in the order of their opening.
        credits: By (token, owner), raw units, never zero.
        ledgers: By token.
        block_number: Of the last event; -1 before the first.
        log_index: Of the last event; -1 before the first.
    """

    deals: dict[bytes, Deal] = field(default_factory=dict)
    credits: dict[tuple[str, str], int] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    block_number: int = -1
    log_index: int = -1

    def held(self, token: str) -> int:
        """Return what all milestones and credits in ``token`` hold, added up one by one."""
        return sum(deal.remaining for deal in self.deals.values() if deal.token == token) + sum(
            amount for (credit_token, _), amount in self.credits.items() if credit_token == token
        )


@dataclass(slots=True)
class Changes:
    """What the fold changed since it was last asked.

    Attributes:
        deals: Ids of deals of which something other than a milestone changed.
        milestones: (deal id, index).
        credits: (token, owner).
        tokens: Tokens of which the ledger changed.
    """

    deals: set[bytes] = field(default_factory=set)
    milestones: set[tuple[bytes, int]] = field(default_factory=set)
    credits: set[tuple[str, str]] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
