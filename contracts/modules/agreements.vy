# pragma version ==0.4.3
"""
@title The rules that an agreement must keep
@license MIT
@notice Stateless. How an agreement becomes a deal id is `modules/identity.vy`.
"""

from ..interfaces import IMilestoneEscrow
from . import errors

BPS: constant(uint256) = 10_000
MAX_MILESTONES: constant(uint256) = 10
MAX_AMOUNT: constant(uint256) = 2**128 - 1  # raw units of one milestone
MAX_FEE_BPS: constant(uint256) = 1_000  # of the platform, and of the arbiter

DAY: constant(uint256) = 86_400  # seconds
MIN_PERIOD: constant(uint256) = 3 * DAY
MAX_REVIEW_PERIOD: constant(uint256) = 180 * DAY
MAX_RULING_PERIOD: constant(uint256) = 365 * DAY
MAX_HORIZON: constant(uint256) = 3_650 * DAY  # from the opening to the final deadline


@internal
def open(agreement: IMilestoneEscrow.Agreement, deal_id: bytes32):
    """
    @notice Announces a new deal, or reverts unless its agreement may be opened now. `supersedes` is the
            caller's to check.
    """
    # The roles that decide are three addresses, and the employer does not pay itself.
    if (
        agreement.employer == agreement.freelancer
        or agreement.employer == agreement.payee
        or agreement.employer == agreement.arbiter
        or (agreement.freelancer == agreement.arbiter and agreement.freelancer != empty(address))
    ):
        errors.fail(errors.BAD_PARTIES)
    # Nobody answers for the escrow or the token. (The employer is the caller, so never the escrow.)
    if (
        agreement.freelancer == self
        or agreement.payee == self
        or agreement.arbiter == self
        or agreement.platform == self
    ):
        errors.fail(errors.BAD_PARTIES)
    if agreement.token != empty(address) and (
        agreement.token == agreement.employer
        or agreement.token == agreement.freelancer
        or agreement.token == agreement.payee
        or agreement.token == agreement.arbiter
        or agreement.token == agreement.platform
    ):
        errors.fail(errors.BAD_PARTIES)
    if (agreement.platform == empty(address)) != (agreement.fee_bps == 0):
        errors.fail(errors.BAD_PLATFORM)
    if agreement.fee_bps > MAX_FEE_BPS:
        errors.fail(errors.BAD_FEE)
    if agreement.arbiter_bps > MAX_FEE_BPS or (
        agreement.arbiter == empty(address) and agreement.arbiter_bps != 0
    ):
        errors.fail(errors.BAD_ARBITER_FEE)
    # Here and below one comparison tests both bounds: under the lower one the difference wraps around
    # to more than any upper one.
    if unsafe_sub(agreement.review_period, MIN_PERIOD) > MAX_REVIEW_PERIOD - MIN_PERIOD:
        errors.fail(errors.BAD_REVIEW_PERIOD)
    if unsafe_sub(agreement.ruling_period, MIN_PERIOD) > MAX_RULING_PERIOD - MIN_PERIOD:
        errors.fail(errors.BAD_RULING_PERIOD)
    if agreement.fallback_freelancer_bps > BPS:
        errors.fail(errors.BAD_FALLBACK)

    total: uint256 = 0
    deadline: uint256 = 0
    for milestone: IMilestoneEscrow.Milestone in agreement.milestones:
        if unsafe_sub(milestone.amount, 1) >= MAX_AMOUNT:
            errors.fail(errors.BAD_AMOUNT)
        if milestone.deadline < deadline:
            errors.fail(errors.BAD_DEADLINES)
        deadline = milestone.deadline
        # Ten amounts of at most 128 bits cannot overflow.
        total = unsafe_add(total, milestone.amount)
    # Both end in the future: from the next second on.
    soonest: uint256 = unsafe_add(block.timestamp, 1)
    if unsafe_sub(deadline, soonest) >= MAX_HORIZON:
        if len(agreement.milestones) == 0:
            errors.fail(errors.BAD_MILESTONES)
        errors.fail(errors.BAD_DEADLINES)
    if agreement.price != total:
        errors.fail(errors.BAD_PRICE)
    if unsafe_sub(agreement.accept_by, soonest) > unsafe_sub(deadline, soonest):
        errors.fail(errors.BAD_ACCEPT_BY)
    log IMilestoneEscrow.Opened(
        deal_id=deal_id,
        employer=agreement.employer,
        freelancer=agreement.freelancer,
        agreement=agreement,
    )
