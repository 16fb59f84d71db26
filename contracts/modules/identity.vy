# pragma version ==0.4.3
"""
@title The deal id: the EIP-712 digest of an agreement
@license MIT
@notice Field names, order and types of the hash are those of `IMilestoneEscrow.Agreement`.
"""

from ..interfaces import IMilestoneEscrow
from . import agreements
from . import domain

uses: domain

AGREEMENT_TYPEHASH: constant(bytes32) = keccak256(
    "Agreement(address employer,address freelancer,address payee,address arbiter,address token,address platform,uint256 fee_bps,uint256 arbiter_bps,uint256 price,uint256 accept_by,uint256 review_period,uint256 ruling_period,uint256 fallback_freelancer_bps,bytes32 document,bytes32 supersedes,Milestone[] milestones)Milestone(uint256 amount,uint256 deadline)"
)
MILESTONE_TYPEHASH: constant(bytes32) = keccak256("Milestone(uint256 amount,uint256 deadline)")


@internal
@view
def of(agreement: IMilestoneEscrow.Agreement) -> (bytes32, bytes32):
    """
    @notice The deal id of an agreement, and the EIP-712 hashStruct that it is made of. One function for
            both, since every call needs the id and each step between functions costs gas.
    """
    hashes: bytes32[agreements.MAX_MILESTONES] = empty(bytes32[agreements.MAX_MILESTONES])
    count: uint256 = 0
    for milestone: IMilestoneEscrow.Milestone in agreement.milestones:
        hashes[count] = keccak256(abi_encode(MILESTONE_TYPEHASH, milestone))
        count = unsafe_add(count, 1)
    milestones_hash: bytes32 = keccak256(slice(abi_encode(hashes), 0, unsafe_mul(32, count)))
    struct_hash: bytes32 = keccak256(
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
    return keccak256(concat(domain.PREFIX, domain.SEPARATOR, struct_hash)), struct_hash
