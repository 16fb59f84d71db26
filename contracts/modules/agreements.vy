# pragma version ==0.4.3
"""
@title The agreement: its EIP-712 hash and the rules that it must keep
@license MIT
@notice Stateless. Field names, order and types of the hash are those of `IMilestoneEscrow.Agreement`.
"""

from ..interfaces import IMilestoneEscrow
from . import errors

AGREEMENT_TYPEHASH: constant(bytes32) = keccak256(
    "Agreement(address employer,address freelancer,address payee,address arbiter,address token,address platform,uint256 fee_bps,uint256 arbiter_bps,uint256 price,uint256 accept_by,uint256 review_period,uint256 ruling_period,uint256 fallback_freelancer_bps,bytes32 document,bytes32 supersedes,Milestone[] milestones)Milestone(uint256 amount,uint256 deadline)"
)
MILESTONE_TYPEHASH: constant(bytes32) = keccak256("Milestone(uint256 amount,uint256 deadline)")
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
@pure
def hash_struct(agreement: IMilestoneEscrow.Agreement) -> bytes32:
    """
    @notice The EIP-712 hashStruct of an agreement.
    """
    hashes: bytes32[MAX_MILESTONES] = empty(bytes32[MAX_MILESTONES])
    count: uint256 = 0
    for milestone: IMilestoneEscrow.Milestone in agreement.milestones:
        hashes[count] = keccak256(abi_encode(MILESTONE_TYPEHASH, milestone))
        count = unsafe_add(count, 1)
    milestones_hash: bytes32 = keccak256(slice(abi_encode(hashes), 0, unsafe_mul(32, count)))
    return keccak256(
        abi_encode(
            AGREEMENT_TYPEHASH,
            agreement.employer,
            agreement.freelancer,
            agreement.payee,
            agreement.arbiter,
            agreement.token,
            agreement.platform,
            agreement.fee_bps,
            agreement.arbiter_bps,
            agreement.price,
            agreement.accept_by,
            agreement.review_period,
            agreement.ruling_period,
            agreement.fallback_freelancer_bps,
            agreement.document,
            agreement.supersedes,
            milestones_hash,
        )
    )


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
    if agreement.review_period < MIN_PERIOD:
        errors.fail(errors.BAD_REVIEW_PERIOD)
    if agreement.review_period > MAX_REVIEW_PERIOD:
        errors.fail(errors.BAD_REVIEW_PERIOD)
    if agreement.ruling_period < MIN_PERIOD:
        errors.fail(errors.BAD_RULING_PERIOD)
    if agreement.ruling_period > MAX_RULING_PERIOD:
        errors.fail(errors.BAD_RULING_PERIOD)
    if agreement.fallback_freelancer_bps > BPS:
        errors.fail(errors.BAD_FALLBACK)
    if len(agreement.milestones) == 0:
        errors.fail(errors.BAD_MILESTONES)

    total: uint256 = 0
    deadline: uint256 = 0
    for milestone: IMilestoneEscrow.Milestone in agreement.milestones:
        if milestone.amount == 0:
            errors.fail(errors.BAD_AMOUNT)
        if milestone.amount > MAX_AMOUNT:
            errors.fail(errors.BAD_AMOUNT)
        if milestone.deadline < deadline:
            errors.fail(errors.BAD_DEADLINES)
        deadline = milestone.deadline
        # Ten amounts of at most 128 bits cannot overflow.
        total = unsafe_add(total, milestone.amount)

    if deadline <= block.timestamp:
        errors.fail(errors.BAD_DEADLINES)
    if deadline > block.timestamp + MAX_HORIZON:
        errors.fail(errors.BAD_DEADLINES)
    if agreement.price != total:
        errors.fail(errors.BAD_PRICE)
    if agreement.accept_by <= block.timestamp:
        errors.fail(errors.BAD_ACCEPT_BY)
    if agreement.accept_by > deadline:
        errors.fail(errors.BAD_ACCEPT_BY)
    log IMilestoneEscrow.Opened(
        deal_id=deal_id,
        employer=agreement.employer,
        freelancer=agreement.freelancer,
        agreement=agreement,
    )
