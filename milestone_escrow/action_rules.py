"""When each call of both contracts is refused: its questions, in the contract's own order. Pure.

They are asked for the best arguments that the caller could give: an amount that fits, a signature
that the other side would have to give. ``milestone_escrow.actions`` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.clock import lapses_at
from milestone_escrow.deal_state import Deal, Status

__all__ = ["CALLS", "CallRule", "Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """What a call is judged by: who makes it, when, on what.

    Attributes:
        deal: As the fold has it.
        who: The sender, checksummed.
        now: Unix seconds of the block.
        index: Of a call on a milestone, else 0.
        credit: Raw units that the owner may fetch, of a call on a credit, else 0.
    """

    deal: Deal
    who: str
    now: int
    index: int
    credit: int

    @property
    def terms(self) -> Agreement:
        """The agreement."""
        return self.deal.agreement

    @property
    def held(self) -> str | None:
        """The error if the milestone holds no money."""
        status = self.deal.milestones[self.index].status
        if status is Status.AGREED:
            return "NotFunded"
        return "AlreadySettled" if status is Status.SETTLED else None

    @property
    def disputed(self) -> bool:
        """Whether the milestone is in dispute."""
        return self.deal.milestones[self.index].status is Status.DISPUTED

    @property
    def requested(self) -> bool:
        """Whether release of the milestone is requested."""
        return self.deal.milestones[self.index].status is Status.REQUESTED

    @property
    def quiet(self) -> bool:
        """Neither requested nor disputed."""
        return not (self.disputed or self.requested)

    @property
    def since(self) -> int:
        """Start of the open request or dispute, unix seconds."""
        return self.deal.milestones[self.index].since

    @property
    def lapsed(self) -> bool:
        """Whether activity counts for nothing any more."""
        return self.now >= lapses_at(self.deal)

    def is_not(self, *roles: str) -> bool:
        """Whether the sender has none of these roles; nobody is nobody's sender."""
        if self.who == ZERO_ADDRESS:
            return True
        return all(getattr(self.terms, role) != self.who for role in roles)


@dataclass(frozen=True, slots=True)
class CallRule:
    """When a call is refused.

    Attributes:
        contract: Whose function it is.
        about: What one action of it is about.
        refuses: Returns the first error that the contract finds, or None.
        signed_by: The role whose signature the call takes; ``other``: the other party's; empty:
            none.
    """

    contract: str
    about: str
    refuses: Callable[[Case], str | None]
    signed_by: str = ""


# --- Each call's questions, in the contract's order


def _first(*answers: tuple[bool, str]) -> str | None:
    """Return the error of the first condition that holds."""
    return next((error for holds, error in answers if holds), None)


def _fund(case: Case) -> str | None:
    return _first(
        (case.is_not("employer"), "NotEmployer"),
        (case.deal.closed, "DealClosed"),
        (case.now >= case.terms.final_deadline, "FinalDeadlinePassed"),
        (bool(case.deal.funded >> case.index & 1), "AlreadyFunded"),
    )


def _fund_with_permit(case: Case) -> str | None:
    # It passes no coins on, which is what a deal in the native coin takes.
    return _fund(case) or _first((case.terms.token == ZERO_ADDRESS, "WrongValue"))


def _accept(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (case.is_not("freelancer"), "NotFreelancer"),
            (case.deal.bound, "AlreadyBound"),
            (case.now >= case.terms.accept_by, "AcceptByPassed"),
        )
        or case.held
    )


def _withdraw(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (case.is_not("employer"), "NotEmployer"),
            (case.deal.bound, "AlreadyBound"),
        )
        or case.held
    )


def _amend(case: Case) -> str | None:
    return _first(
        (case.deal.closed, "DealClosed"),
        (case.is_not("employer"), "NotEmployer"),
    )


def _request_release(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (case.is_not("freelancer"), "NotFreelancer"),
            (not case.deal.bound, "NotBound"),
            (case.lapsed, "Lapsed"),
        )
        or case.held
        or _not_quiet(case)
    )


def _not_quiet(case: Case) -> str | None:
    return _first((case.disputed, "InDispute"), (case.requested, "RequestOpen"))


def _not_requested(case: Case) -> str | None:
    return _first((case.disputed, "InDispute"), (not case.requested, "NoRequest"))


def _void_request(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (case.is_not("freelancer"), "NotFreelancer"),
        )
        or case.held
        or _not_requested(case)
    )


def _release(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (case.is_not("employer"), "NotEmployer"),
            (case.terms.freelancer == ZERO_ADDRESS, "NoFreelancer"),
        )
        or case.held
    )


def _release_part(case: Case) -> str | None:
    return (
        _first((case.deal.closed, "DealClosed"))
        or case.held
        or _first(
            (case.is_not("employer"), "NotEmployer"),
            (not case.deal.bound, "NotBound"),
            (case.disputed, "InDispute"),
            (case.quiet and case.lapsed, "Lapsed"),
            # Of a single unit there is no part.
            (case.deal.milestones[case.index].remaining < 2, "AmountTooLarge"),
        )
    )


def _redeem(case: Case) -> str | None:
    # The best voucher is for all of it, which is good in a dispute, too.
    return (
        _first((case.deal.closed, "DealClosed"))
        or case.held
        or _first((not case.deal.bound, "NotBound"), (case.quiet and case.lapsed, "Lapsed"))
    )


def _claim(case: Case) -> str | None:
    return (
        _first((case.deal.closed, "DealClosed"))
        or case.held
        or _not_requested(case)
        or _first((case.now < case.since + case.terms.review_period, "ReviewOpen"))
    )


def _cancel(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (case.is_not("freelancer"), "NotFreelancer"),
            (not case.deal.bound, "NotBound"),
        )
        or case.held
    )


def _dispute(case: Case) -> str | None:
    before = (
        _first((case.deal.closed, "DealClosed"))
        or case.held
        or _first(
            (not case.deal.bound, "NotBound"),
            (case.is_not("employer", "freelancer"), "NotParty"),
            (case.disputed, "InDispute"),
        )
    )
    if before is not None:
        return before
    if case.requested:
        return _first((case.now >= case.since + case.terms.review_period, "ReviewOver"))
    deadline = case.terms.milestones[case.index].deadline
    return _first(
        (case.is_not("employer"), "NoRequest"),
        (case.now < deadline, "DeadlineAhead"),
        (case.lapsed, "Lapsed"),
    )


def _rule(case: Case) -> str | None:
    return (
        _first((case.deal.closed, "DealClosed"))
        or case.held
        or _first(
            (case.is_not("arbiter"), "NotArbiter"),
            (not case.disputed, "NotInDispute"),
            (case.now >= case.since + case.terms.ruling_period, "RulingOver"),
        )
    )


def _apply_fallback(case: Case) -> str | None:
    return (
        _first((case.deal.closed, "DealClosed"))
        or case.held
        or _first(
            (not case.disputed, "NotInDispute"),
            (case.now < case.since + case.terms.ruling_period, "RulingOpen"),
        )
    )


def _settle(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (not case.deal.bound, "NotBound"),
            (case.is_not("employer", "freelancer"), "NotParty"),
        )
        or case.held
    )


def _settle_dormant(case: Case) -> str | None:
    return (
        _first(
            (case.deal.closed, "DealClosed"),
            (not case.deal.bound, "NotBound"),
            (not case.lapsed, "NotLapsed"),
        )
        or case.held
        or _not_quiet(case)
    )


def _keep_alive(case: Case) -> str | None:
    return _first(
        (case.deal.closed, "DealClosed"),
        (case.is_not("employer"), "NotEmployer"),
        (case.now < case.terms.final_deadline, "NothingToKeepAlive"),
        (case.lapsed, "Lapsed"),
    )


def _credit(case: Case) -> str | None:
    return _first((case.credit == 0, "NoCredit"))


def _note_of(role: str, error: str) -> Callable[[Case], str | None]:
    """Return the questions of a note that only one role may say."""

    def refuses(case: Case) -> str | None:
        return _first((case.deal.closed, "DealClosed"), (case.is_not(role), error))

    return refuses


def _request_funding(case: Case) -> str | None:
    return _first(
        (case.deal.closed, "DealClosed"),
        (case.is_not("freelancer"), "NotFreelancer"),
        (bool(case.deal.funded >> case.index & 1), "AlreadyFunded"),
    )


def _submit_evidence(case: Case) -> str | None:
    return _first(
        (case.deal.closed, "DealClosed"),
        (case.is_not("employer", "freelancer", "arbiter"), "NotParty"),
    )


def _rate(case: Case) -> str | None:
    return _first(
        (case.deal.closed, "DealClosed"),
        (case.is_not("employer", "freelancer"), "NotParty"),
        (not case.deal.bound, "NotBound"),
        (case.deal.settled == 0, "NothingSettled"),
    )


CALLS: Final[Mapping[str, CallRule]] = {
    "fund": CallRule(ESCROW, "milestone", _fund),
    "fund_with_permit": CallRule(ESCROW, "milestone", _fund_with_permit, "employer"),
    "accept": CallRule(ESCROW, "milestone", _accept),
    "withdraw": CallRule(ESCROW, "milestone", _withdraw),
    "amend": CallRule(ESCROW, "deal", _amend, "freelancer"),
    "request_release": CallRule(ESCROW, "milestone", _request_release),
    "void_request": CallRule(ESCROW, "milestone", _void_request),
    "release": CallRule(ESCROW, "milestone", _release),
    "release_part": CallRule(ESCROW, "milestone", _release_part),
    "redeem": CallRule(ESCROW, "milestone", _redeem, "employer"),
    "claim": CallRule(ESCROW, "milestone", _claim),
    "cancel": CallRule(ESCROW, "milestone", _cancel),
    "dispute": CallRule(ESCROW, "milestone", _dispute),
    "rule": CallRule(ESCROW, "milestone", _rule),
    "apply_fallback": CallRule(ESCROW, "milestone", _apply_fallback),
    "settle": CallRule(ESCROW, "milestone", _settle, "other"),
    "settle_dormant": CallRule(ESCROW, "milestone", _settle_dormant),
    "keep_alive": CallRule(ESCROW, "deal", _keep_alive),
    "withdraw_credit": CallRule(ESCROW, "own credit", _credit),
    "pay_credit": CallRule(ESCROW, "credit", _credit),
    "request_funding": CallRule(NOTES, "milestone", _request_funding),
    "report": CallRule(NOTES, "milestone", _note_of("freelancer", "NotFreelancer")),
    "request_changes": CallRule(NOTES, "milestone", _note_of("employer", "NotEmployer")),
    "request_cancel": CallRule(NOTES, "deal", _note_of("employer", "NotEmployer")),
    "confirm_arbiter": CallRule(NOTES, "deal", _note_of("arbiter", "NotArbiter")),
    "submit_evidence": CallRule(NOTES, "milestone", _submit_evidence),
    "rate": CallRule(NOTES, "deal", _rate),
}
"""Every call of both contracts that changes or records something, in the order of a deal's life."""
