"""The transactions that the gas bench sends, as data, in the contract's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.calls import Permit
from milestone_escrow.clock import DORMANT_AFTER, LAPSED_AFTER
from milestone_escrow.messages import Amendment, Message, Settlement, Voucher

__all__ = [
    "DEADLINE_AFTER",
    "PAY_CREDIT",
    "REVIEW_PERIOD",
    "RULING_PERIOD",
    "WITHDRAW_CREDIT",
    "Deal",
    "Role",
    "Step",
    "accept",
    "amend",
    "apply_fallback",
    "award",
    "cancel",
    "claim",
    "dispute_late",
    "dispute_request",
    "fund",
    "fund_with_permit",
    "keep_alive",
    "redeem",
    "release",
    "release_quarter",
    "request",
    "rule",
    "settle",
    "settle_dormant",
    "void_request",
    "withdraw",
]

Role = Literal["employer", "freelancer", "platform", "arbiter", "stranger"]

# Seconds, of every agreement measured
REVIEW_PERIOD: Final = 30 * DAY
RULING_PERIOD: Final = 30 * DAY
DEADLINE_AFTER: Final = 60 * DAY  # the first, from the start of the chain; a day to each further


@dataclass(frozen=True, slots=True)
class Deal:
    """What the arguments of a call are made from.

    Attributes:
        id: The deal id, 32 bytes.
        agreement: The agreement.
        successor: One that supersedes it, in the same milestones, with the freelancer named.
        expiry: Of the messages that are signed, and of permits; unix seconds.
        sign: Returns the signature of a role over a message, 65 bytes.
        permit: Returns the employer's permit for so many raw units of the agreement's token.
    """

    id: bytes
    agreement: Agreement
    successor: Agreement
    expiry: int
    sign: Callable[[Role, Message], bytes]
    permit: Callable[[int], Permit]


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction.

    Attributes:
        sender: Who sends it.
        call: The contract's function.
        arguments: Its arguments.
        paid_in: How many milestones it pays for.
        after: Seconds that pass before it.
    """

    sender: Role
    call: str
    arguments: Callable[[Deal], tuple[Any, ...]]
    paid_in: int = 0
    after: int = 0


# --- Opening and binding


def fund(*indexes: int, signed: bool = False) -> Step:
    """Return the employer's funding, with the freelancer's signature or without."""
    return Step(
        "employer",
        "fund",
        lambda deal: (
            deal.agreement.as_tuple(),
            indexes,
            deal.sign("freelancer", deal.agreement) if signed else b"",
        ),
        paid_in=len(indexes),
    )


def fund_with_permit(*indexes: int) -> Step:
    """Return the employer's funding in a token that takes permits."""

    def arguments(deal: Deal) -> tuple[Any, ...]:
        permit = deal.permit(_sum(deal, indexes))
        return (
            deal.agreement.as_tuple(),
            indexes,
            b"",
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
        )

    return Step("employer", "fund_with_permit", arguments)


def accept(*indexes: int) -> Step:
    """Return the freelancer's acceptance."""
    return _on("freelancer", "accept", *indexes)


def withdraw(*indexes: int) -> Step:
    """Return the employer's withdrawal."""
    return _on("employer", "withdraw", *indexes)


def award(*indexes: int, signed: bool = False) -> Step:
    """Return the amendment that names the freelancer, with its signature or without."""
    return _amend(indexes, lambda deal: deal.sign("freelancer", deal.successor) if signed else b"")


def amend(*indexes: int) -> Step:
    """Return the amendment of a bound deal by one that costs the same."""
    return _amend(
        indexes,
        lambda deal: deal.sign(
            "freelancer",
            Amendment(deal.id, deal.successor, indexes, _sum(deal, indexes), deal.expiry),
        ),
    )


def _amend(indexes: tuple[int, ...], signature: Callable[[Deal], bytes]) -> Step:
    return Step(
        "employer",
        "amend",
        lambda deal: (
            deal.agreement.as_tuple(),
            deal.successor.as_tuple(),
            indexes,
            deal.expiry,
            signature(deal),
        ),
    )


# --- Asking for release, paying, giving back


def request(*indexes: int) -> Step:
    """Return the freelancer's request for release, with evidence."""
    evidence = b"\xee" * 32
    return Step(
        "freelancer",
        "request_release",
        lambda deal: (deal.agreement.as_tuple(), indexes, evidence),
    )


def void_request(*indexes: int) -> Step:
    """Return the freelancer's taking back of requests."""
    return _on("freelancer", "void_request", *indexes)


def release(*indexes: int) -> Step:
    """Return the employer's release in full."""
    return _on("employer", "release", *indexes)


def release_quarter(index: int) -> Step:
    """Return the employer's release of a quarter of a milestone."""
    return Step(
        "employer",
        "release_part",
        lambda deal: (deal.agreement.as_tuple(), index, _quarters(deal, index, 1)),
    )


def redeem(index: int, quarters: int) -> Step:
    """Return the freelancer's voucher for so many quarters of a milestone in all."""

    def arguments(deal: Deal) -> tuple[Any, ...]:
        paid_total = _quarters(deal, index, quarters)
        signature = deal.sign("employer", Voucher(deal.id, index, paid_total, deal.expiry))
        return deal.agreement.as_tuple(), index, paid_total, deal.expiry, signature

    return Step("freelancer", "redeem", arguments)


def claim(*indexes: int) -> Step:
    """Return anyone's claim at the end of the review period."""
    return _on("stranger", "claim", *indexes, after=REVIEW_PERIOD)


def cancel(*indexes: int) -> Step:
    """Return the freelancer's cancellation."""
    return _on("freelancer", "cancel", *indexes)


# --- Disputes


def dispute_request(index: int) -> Step:
    """Return the employer's dispute of a request."""
    return _dispute(index, 0)


def dispute_late(index: int) -> Step:
    """Return the employer's dispute without a request, at the milestone's deadline."""
    return _dispute(index, DEADLINE_AFTER + index * DAY)


def _dispute(index: int, after: int) -> Step:
    complaint = b"\xbb" * 32
    return Step(
        "employer",
        "dispute",
        lambda deal: (deal.agreement.as_tuple(), index, complaint),
        after=after,
    )


def rule(index: int) -> Step:
    """Return the arbiter's ruling: half to the freelancer, what is left to the employer."""
    return Step(
        "arbiter",
        "rule",
        lambda deal: (deal.agreement.as_tuple(), index, _quarters(deal, index, 2)),
    )


def apply_fallback(index: int) -> Step:
    """Return anyone's call for the agreed split, at the end of the ruling period."""
    return Step(
        "stranger",
        "apply_fallback",
        lambda deal: (deal.agreement.as_tuple(), index),
        after=RULING_PERIOD,
    )


def settle(*indexes: int) -> Step:
    """Return the employer's call with a settlement: half of each to the freelancer, who signed."""

    def arguments(deal: Deal) -> tuple[Any, ...]:
        halves = tuple(_quarters(deal, index, 2) for index in indexes)
        settlement = Settlement(deal.id, indexes, halves, _sum(deal, indexes), deal.expiry)
        signature = deal.sign("freelancer", settlement)
        return deal.agreement.as_tuple(), indexes, halves, deal.expiry, signature

    return Step("employer", "settle", arguments)


# --- Dormancy, credits


def settle_dormant(*indexes: int) -> Step:
    """Return anyone's call for a deal of those milestones that has just lapsed."""
    final_deadline = DEADLINE_AFTER + (len(indexes) - 1) * DAY
    return _on(
        "stranger", "settle_dormant", *indexes, after=final_deadline + DORMANT_AFTER + LAPSED_AFTER
    )


def keep_alive() -> Step:
    """Return the employer's sign of life, at the final deadline of a deal of one."""
    return Step(
        "employer", "keep_alive", lambda deal: (deal.agreement.as_tuple(),), after=DEADLINE_AFTER
    )


WITHDRAW_CREDIT: Final = Step(
    "platform", "withdraw_credit", lambda deal: (deal.agreement.token, deal.agreement.platform)
)
PAY_CREDIT: Final = Step(
    "stranger", "pay_credit", lambda deal: (deal.agreement.token, deal.agreement.platform)
)


def _on(sender: Role, call: str, *indexes: int, after: int = 0) -> Step:
    """Return a call that takes the agreement and indexes only."""
    return Step(sender, call, lambda deal: (deal.agreement.as_tuple(), indexes), after=after)


def _sum(deal: Deal, indexes: tuple[int, ...]) -> int:
    return sum(deal.agreement.milestones[index].amount for index in indexes)


def _quarters(deal: Deal, index: int, count: int) -> int:
    return deal.agreement.milestones[index].amount * count // 4
