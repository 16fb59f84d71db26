# pragma version ==0.4.3
"""
@title The other signed messages: their EIP-712 hashes
@license MIT
@notice Stateless. An array is hashed as its words one after the other.
"""

from . import agreements

VOUCHER_TYPEHASH: constant(bytes32) = keccak256(
    "Voucher(bytes32 deal,uint256 index,uint256 paid_total,uint256 expiry)"
)
SETTLEMENT_TYPEHASH: constant(bytes32) = keccak256(
    "Settlement(bytes32 deal,uint256[] indexes,uint256[] freelancer_amounts,uint256 remaining,uint256 expiry)"
)
AMENDMENT_TYPEHASH: constant(bytes32) = keccak256(
    "Amendment(bytes32 old,Agreement new,uint256[] indexes,uint256 moved,uint256 expiry)Agreement(address employer,address freelancer,address payee,address arbiter,address token,address platform,uint256 fee_bps,uint256 arbiter_bps,uint256 price,uint256 accept_by,uint256 review_period,uint256 ruling_period,uint256 fallback_freelancer_bps,bytes32 document,bytes32 supersedes,Milestone[] milestones)Milestone(uint256 amount,uint256 deadline)"
)


@internal
@pure
def voucher(deal_id: bytes32, index: uint256, paid_total: uint256, expiry: uint256) -> bytes32:
    """
    @notice The employer's promise that the milestone has earned `paid_total`.
    """
    return keccak256(abi_encode(VOUCHER_TYPEHASH, deal_id, index, paid_total, expiry))


@internal
@pure
def settlement(
    deal_id: bytes32,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    freelancer_amounts: DynArray[uint256, agreements.MAX_MILESTONES],
    remaining: uint256,
    expiry: uint256,
) -> bytes32:
    """
    @notice One party's word to split milestones; `remaining` is the sum of what they hold.
    """
    return keccak256(
        abi_encode(
            SETTLEMENT_TYPEHASH,
            deal_id,
            self._hash_array(indexes),
            self._hash_array(freelancer_amounts),
            remaining,
            expiry,
        )
    )


@internal
@pure
def amendment(
    old_id: bytes32,
    new_struct_hash: bytes32,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    moved: uint256,
    expiry: uint256,
) -> bytes32:
    """
    @notice The freelancer's word to go on under another agreement with what moves there.
    """
    return keccak256(
        abi_encode(
            AMENDMENT_TYPEHASH, old_id, new_struct_hash, self._hash_array(indexes), moved, expiry
        )
    )


@internal
@pure
def _hash_array(values: DynArray[uint256, agreements.MAX_MILESTONES]) -> bytes32:
    # The encoding of a lone array: its offset, its length, then its words.
    return keccak256(slice(abi_encode(values), 64, 32 * len(values)))
