"""The escrow in plain Python: what each call must do, or the error with which it is refused.

Written from the rules, not from the contract: a deal is its agreement, a milestone is an object
with a state in words, money is moved by addition and subtraction. Of several reasons to refuse a
call the first in this order counts: no such deal, no indexes, who calls, the state of the deal, the
time, then each index in turn, then the money. (`fund`, which opens deals, looks at the indexes
after the signature.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.state import DealState, MilestoneState, Status

__all__ = ["DAY", "LAPSE", "Deal", "Model", "Part", "Refused"]

DAY = 86_400
LAPSE = 74 * DAY  # from the final deadline or the last activity


class Refused(Exception):  # noqa: N818 - what the escrow does
    """The call fails as a whole; the message is the error's name."""


@dataclass(slots=True)
class Part:
    """A milestone. `held` says that it is funded and not settled."""

    amount: int
    held: bool = False
    settled: bool = False
    paid: int = 0
    requested_at: int = 0  # zero: no request is open

    @property
    def left(self) -> int:
        return self.amount - self.paid if self.held else 0


@dataclass(slots=True)
class Deal:
    """An agreement that was opened."""

    agreement: Agreement
    parts: list[Part]
    bound: bool = False
    last_activity: int = 0

    @property
    def final(self) -> int:
        return self.agreement.milestones[-1].deadline

    @property
    def lapses_at(self) -> int:
        return max(self.final, self.last_activity) + LAPSE

    def view(self, opened: bool = True) -> DealState:
        """Return what the escrow must tell of it."""
        return DealState(
            opened,
            False,
            self.bound,
            sum(1 << i for i, part in enumerate(self.parts) if part.held or part.settled),
            sum(1 << i for i, part in enumerate(self.parts) if part.settled),
            self.last_activity,
        )

    def view_of(self, part: Part) -> MilestoneState:
        """Return what the escrow must tell of a milestone."""
        status = Status.AGREED
        if part.settled:
            status = Status.SETTLED
        elif part.held and not self.bound:
            status = Status.RESERVED
        elif part.held:
            status = Status.REQUESTED if part.requested_at else Status.FUNDED
        return MilestoneState(status, part.paid, part.requested_at)


@dataclass(slots=True)
class Model:
    """The escrow, the balances that it moves, and who can take which money.

    Attributes:
        escrow: Its address.
        now: Unix seconds.
        deals: By their agreements.
        credits: By token and owner; none is zero.
        balances: By token and owner, the escrow's own too.
        refusing: Pairs of token and receiver that cannot be paid.
        stopped: Tokens that move nothing at all.
    """

    escrow: str
    now: int = 0
    deals: dict[Agreement, Deal] = field(default_factory=dict)
    credits: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    balances: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    refusing: set[tuple[str, str]] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)

    # --- Calls

    def fund(
        self,
        sender: str,
        agreement: Agreement,
        indexes: Sequence[int],
        signed: bool | None,
        coins: int,
    ) -> None:
        """Fund; ``signed``: the signature is the freelancer's, is not, or is not given (None)."""
        if sender != agreement.employer:
            refuse("NotEmployer")
        deal = self.deals.get(agreement)
        if deal is None:
            deal = self._new(agreement)
        elif self.now >= deal.final:
            refuse("FinalDeadlinePassed")
        if signed is not None:
            self._check_binding(deal)
            if not signed:
                refuse("BadSignature")
        if not indexes:
            refuse("NoIndexes")

        def check(part: Part) -> None:
            if part.held or part.settled:
                refuse("AlreadyFunded")

        parts = chosen(deal, indexes, check, "AlreadyFunded")
        total = sum(part.amount for part in parts)
        token = agreement.token
        if coins != (total if token == ZERO_ADDRESS else 0):
            refuse("WrongValue")
        if not self._movable(token, sender, self.escrow, total):
            refuse("TransferFailed")

        self.deals[agreement] = deal
        deal.bound = deal.bound or signed is True
        for part in parts:
            part.held = True
        self._move(token, sender, self.escrow, total)

    def accept(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Bind by a transaction."""
        deal = self._open(agreement, indexes)
        if sender != agreement.freelancer:
            refuse("NotFreelancer")
        self._check_binding(deal)
        chosen(deal, indexes, check_held, "RepeatedIndex")
        deal.bound = True

    def withdraw(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Take reserved money back."""
        deal = self._open(agreement, indexes)
        if sender != agreement.employer:
            refuse("NotEmployer")
        if deal.bound:
            refuse("AlreadyBound")
        parts = chosen(deal, indexes, check_held, "NotFunded")
        total = sum(part.amount for part in parts)
        for part in parts:
            part.held = False
        self._acted(deal)
        self._pay(agreement.token, agreement.employer, total)

    def request_release(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Start the review."""
        deal = self._open(agreement, indexes)
        if sender != agreement.freelancer:
            refuse("NotFreelancer")
        if not deal.bound:
            refuse("NotBound")
        if self.now >= deal.lapses_at:
            refuse("Lapsed")

        def check(part: Part) -> None:
            check_held(part)
            if part.requested_at:
                refuse("RequestOpen")

        for part in chosen(deal, indexes, check, "RequestOpen"):
            part.requested_at = self.now
        self._acted(deal)

    def void_request(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Take requests back."""
        deal = self._open(agreement, indexes)
        if sender != agreement.freelancer:
            refuse("NotFreelancer")
        for part in chosen(deal, indexes, check_requested, "NoRequest"):
            part.requested_at = 0
        self._acted(deal)

    def release(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Pay all that remains."""
        deal = self._open(agreement, indexes)
        if sender != agreement.employer:
            refuse("NotEmployer")
        if agreement.freelancer == ZERO_ADDRESS:
            refuse("NoFreelancer")
        parts = chosen(deal, indexes, check_held, "AlreadySettled")
        self._acted(deal)
        self._pay_parts(agreement, [(part, part.left) for part in parts])

    def release_part(self, sender: str, agreement: Agreement, index: int, amount: int) -> None:
        """Pay a part."""
        deal = self._open(agreement, [index])
        if sender != agreement.employer:
            refuse("NotEmployer")
        if not deal.bound:
            refuse("NotBound")
        (part,) = chosen(deal, [index], check_held, "")
        if not part.requested_at and self.now >= deal.lapses_at:
            refuse("Lapsed")
        if amount == 0:
            refuse("ZeroAmount")
        if amount >= part.left:
            refuse("AmountTooLarge")
        self._acted(deal)
        self._pay_parts(agreement, [(part, amount)])

    def claim(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Pay what nobody reviewed in time."""
        deal = self._open(agreement, indexes)

        def check(part: Part) -> None:
            check_requested(part)
            if self.now < part.requested_at + agreement.review_period:
                refuse("ReviewOpen")

        parts = chosen(deal, indexes, check, "AlreadySettled")
        self._pay_parts(agreement, [(part, part.left) for part in parts])

    def cancel(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        """Give all that remains back."""
        deal = self._open(agreement, indexes)
        if sender != agreement.freelancer:
            refuse("NotFreelancer")
        if not deal.bound:
            refuse("NotBound")
        parts = chosen(deal, indexes, check_held, "AlreadySettled")
        total = sum(part.left for part in parts)
        for part in parts:
            settle(part)
        self._acted(deal)
        self._pay(agreement.token, agreement.employer, total)

    def withdraw_credit(self, sender: str, token: str, to: str) -> None:
        """Take one's credit."""
        if to in (ZERO_ADDRESS, self.escrow, token):
            refuse("BadReceiver")
        self._pay_credit(token, sender, to)

    def pay_credit(self, sender: str, token: str, owner: str) -> None:
        """Have a credit paid."""
        self._pay_credit(token, owner, owner)

    # --- What must hold at any time

    def owed(self, token: str) -> int:
        """Return what remains of all milestones in a token, and all credits in it."""
        held = sum(
            part.left
            for deal in self.deals.values()
            if deal.agreement.token == token
            for part in deal.parts
        )
        return held + sum(amount for (of, _), amount in self.credits.items() if of == token)

    # --- Rules

    def _new(self, agreement: Agreement) -> Deal:
        if agreement.milestones[-1].deadline <= self.now:
            refuse("BadDeadlines")
        if agreement.accept_by <= self.now:
            refuse("BadAcceptBy")
        return Deal(agreement, [Part(milestone.amount) for milestone in agreement.milestones])

    def _open(self, agreement: Agreement, indexes: Sequence[int]) -> Deal:
        if agreement not in self.deals:
            refuse("NotOpened")
        if not indexes:
            refuse("NoIndexes")
        return self.deals[agreement]

    def _check_binding(self, deal: Deal) -> None:
        if deal.bound:
            refuse("AlreadyBound")
        if deal.agreement.freelancer == ZERO_ADDRESS:
            refuse("NoFreelancer")
        if self.now >= deal.agreement.accept_by:
            refuse("AcceptByPassed")

    def _acted(self, deal: Deal) -> None:
        if deal.final <= self.now < deal.lapses_at:
            deal.last_activity = self.now

    # --- Money

    def _pay_parts(self, agreement: Agreement, payments: Sequence[tuple[Part, int]]) -> None:
        gross = fees = 0
        for part, amount in payments:
            before = part.paid * agreement.fee_bps // 10_000
            part.paid += amount
            fees += part.paid * agreement.fee_bps // 10_000 - before
            gross += amount
            if part.left == 0:
                settle(part)
        if fees:
            self.credits[agreement.token, agreement.platform] += fees
        nobody = agreement.payee == ZERO_ADDRESS
        receiver = agreement.freelancer if nobody else agreement.payee
        self._pay(agreement.token, receiver, gross - fees)

    def _pay(self, token: str, receiver: str, amount: int) -> None:
        if amount == 0:
            return  # the fee took all of a small part: there is nothing to pay or to owe
        if self._movable(token, self.escrow, receiver, amount):
            self._move(token, self.escrow, receiver, amount)
        else:
            self.credits[token, receiver] += amount

    def _pay_credit(self, token: str, owner: str, to: str) -> None:
        amount = self.credits.get((token, owner), 0)
        if not amount:
            refuse("NoCredit")
        if not self._movable(token, self.escrow, to, amount):
            refuse("TransferFailed")
        del self.credits[token, owner]
        self._move(token, self.escrow, to, amount)

    def _movable(self, token: str, giver: str, receiver: str, amount: int) -> bool:
        return (
            token not in self.stopped
            and not {(token, giver), (token, receiver)} & self.refusing
            and self.balances[token, giver] >= amount
        )

    def _move(self, token: str, giver: str, receiver: str, amount: int) -> None:
        self.balances[token, giver] -= amount
        self.balances[token, receiver] += amount


def refuse(error: str) -> NoReturn:
    raise Refused(error)


def check_held(part: Part) -> None:
    if part.settled:
        refuse("AlreadySettled")
    if not part.held:
        refuse("NotFunded")


def check_requested(part: Part) -> None:
    check_held(part)
    if not part.requested_at:
        refuse("NoRequest")


def chosen(
    deal: Deal, indexes: Sequence[int], check: Callable[[Part], None], repeated: str
) -> list[Part]:
    """Return the milestones of a batch after a look at each; ``repeated``: what a second is."""
    for place, index in enumerate(indexes):
        if index >= len(deal.parts):
            refuse("BadIndex")
        check(deal.parts[index])
        if index in indexes[:place]:
            refuse(repeated)
    return [deal.parts[index] for index in indexes]


def settle(part: Part) -> None:
    part.held, part.settled, part.requested_at, part.paid = False, True, 0, 0
