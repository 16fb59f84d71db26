"""What the model refuses to open: the rules of an agreement, from its table in the design."""

from __future__ import annotations

from collections.abc import Iterator

from milestone_escrow.agreement import MAX_AMOUNT, ZERO_ADDRESS, Agreement
from tests.model_deal import BPS, DAY

__all__ = ["flaw"]


def flaw(agreement: Agreement, escrow: str, now: int) -> str | None:
    """Return the error with which an agreement is refused, None if it may be opened."""
    return next(_flaws(agreement, escrow, now), None)


def _flaws(agreement: Agreement, escrow: str, now: int) -> Iterator[str]:
    nobody = ZERO_ADDRESS
    employer, freelancer, arbiter = agreement.employer, agreement.freelancer, agreement.arbiter
    others = [freelancer, agreement.payee, arbiter, agreement.platform]
    if employer in others[:3] or (freelancer == arbiter != nobody):
        yield "BadParties"
    if escrow in others or (agreement.token != nobody and agreement.token in [employer, *others]):
        yield "BadParties"
    if (agreement.platform == nobody) != (agreement.fee_bps == 0):
        yield "BadPlatform"
    if agreement.fee_bps > 1_000:
        yield "BadFee"
    if agreement.arbiter_bps > (0 if arbiter == nobody else 1_000):
        yield "BadArbiterFee"
    if not 3 * DAY <= agreement.review_period <= 180 * DAY:
        yield "BadReviewPeriod"
    if not 3 * DAY <= agreement.ruling_period <= 365 * DAY:
        yield "BadRulingPeriod"
    if agreement.fallback_freelancer_bps > BPS:
        yield "BadFallback"
    if not agreement.milestones:
        yield "BadMilestones"
    before = 0
    for milestone in agreement.milestones:
        if not 0 < milestone.amount <= MAX_AMOUNT:
            yield "BadAmount"
        if milestone.deadline < before:
            yield "BadDeadlines"
        before = milestone.deadline
    if not now < before <= now + 3_650 * DAY:
        yield "BadDeadlines"
    if agreement.price != sum(milestone.amount for milestone in agreement.milestones):
        yield "BadPrice"
    if not now < agreement.accept_by <= before:
        yield "BadAcceptBy"
