"""What the model keeps of a deal, and the looks that its calls take at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from milestone_escrow.agreement import Agreement
from milestone_escrow.state import DealState, MilestoneState, Status

__all__ = [
    "BPS",
    "DAY",
    "LAPSE",
    "Deal",
    "Message",
    "Part",
    "Refused",
    "Signature",
    "check_held",
    "check_quiet",
    "check_requested",
    "chosen",
    "part_of",
    "refuse",
]

DAY: Final = 86_400
BPS: Final = 10_000
LAPSE: Final = 74 * DAY  # from the final deadline or the last activity

Message = tuple[Any, ...]
"""What can be signed: the name of its type, then its fields, deals and agreements by their ids."""


class Refused(Exception):  # noqa: N818 - what the escrow does
    """The call fails as a whole; the message is the error's name."""


def refuse(error: str) -> NoReturn:
    """Raise ``Refused``."""
    raise Refused(error)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it is handed in, and what is known of it.

    Attributes:
        data: Its bytes. In `fund` none means that there is no signature.
        by: The address of the key that made it; empty: no key did, or not in a valid form.
        over: What the key signed.
    """

    data: bytes
    by: str = ""
    over: Message = ()


@dataclass(slots=True, eq=False)
class Part:
    """A milestone. ``held`` says that it is funded and not settled."""

    amount: int
    held: bool = False
    settled: bool = False
    paid: int = 0  # gross, in all
    requested_at: int = 0  # zero: no request is open
    disputed_at: int = 0  # zero: there is no dispute
    # Where the rest of its money went.
    shared: int = 0  # to the arbiter
    refunded: int = 0
    moved: int = 0

    @property
    def left(self) -> int:
        """What it still holds."""
        return self.amount - self.paid if self.held else 0

    @property
    def quiet(self) -> bool:
        """Whether neither a request nor a dispute is open."""
        return not self.requested_at and not self.disputed_at

    def settle(self) -> None:
        """Settle it, for ever."""
        self.held, self.settled = False, True
        self.requested_at = self.disputed_at = 0


@dataclass(slots=True, eq=False)
class Deal:
    """An agreement, and what became of it. Until it is opened, nothing did."""

    agreement: Agreement
    id: bytes
    opened: bool = False
    closed: bool = False
    bound: bool = False
    last_activity: int = 0
    final: int = 0
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        milestones = self.agreement.milestones
        self.final = milestones[-1].deadline if milestones else 0
        self.parts = [Part(milestone.amount) for milestone in milestones]

    @property
    def lapses_at(self) -> int:
        """From when on nobody's activity counts."""
        return max(self.final, self.last_activity) + LAPSE

    @property
    def left(self) -> int:
        """What all its milestones hold."""
        return sum([part.left for part in self.parts])

    def view(self) -> DealState:
        """Return what the escrow must tell of it."""
        return DealState(
            self.opened,
            self.closed,
            self.bound,
            sum(1 << i for i, part in enumerate(self.parts) if part.held or part.settled),
            sum(1 << i for i, part in enumerate(self.parts) if part.settled),
            self.last_activity,
        )

    def view_of(self, part: Part) -> MilestoneState:
        """Return what the escrow must tell of a milestone."""
        if part.settled:
            return MilestoneState(Status.SETTLED, 0, 0)
        if not part.held:
            return MilestoneState(Status.AGREED, 0, 0)
        if not self.bound:
            return MilestoneState(Status.RESERVED, 0, 0)
        if part.disputed_at:
            return MilestoneState(Status.DISPUTED, part.paid, part.disputed_at)
        if part.requested_at:
            return MilestoneState(Status.REQUESTED, part.paid, part.requested_at)
        return MilestoneState(Status.FUNDED, part.paid, 0)


def check_held(part: Part) -> None:
    """Refuse a milestone that holds nothing."""
    if part.settled:
        refuse("AlreadySettled")
    if not part.held:
        refuse("NotFunded")


def check_quiet(part: Part) -> None:
    """Refuse a milestone unless it is funded and nothing more."""
    check_held(part)
    if part.disputed_at:
        refuse("InDispute")
    if part.requested_at:
        refuse("RequestOpen")


def check_requested(part: Part) -> None:
    """Refuse a milestone without an open request."""
    check_held(part)
    if part.disputed_at:
        refuse("InDispute")
    if not part.requested_at:
        refuse("NoRequest")


def chosen(
    deal: Deal, indexes: Sequence[int], check: Callable[[Part], None], repeated: str
) -> list[Part]:
    """Return the milestones of a batch after a look at each; ``repeated``: what a second is."""
    parts: list[Part] = []
    for index in indexes:
        if index >= len(deal.parts):
            refuse("BadIndex")
        part = deal.parts[index]
        check(part)
        if part in parts:
            refuse(repeated)
        parts.append(part)
    return parts


def part_of(deal: Deal, index: int) -> Part:
    """Return the one milestone that a call names, if it holds money."""
    if index >= len(deal.parts):
        refuse("BadIndex")
    check_held(deal.parts[index])
    return deal.parts[index]
