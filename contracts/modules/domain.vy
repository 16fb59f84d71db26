# pragma version ==0.4.3
"""
@title The EIP-712 domain
@license MIT
@notice Deal ids use the chain id of the deployment, so that a chain that changes its id strands no
        deal; signatures are checked under the live chain id, so that none of them is worth anything on
        the other side of a fork. Until the id changes the two are the same.
"""

NAME: constant(String[15]) = "MilestoneEscrow"
VERSION: constant(String[1]) = "1"
NAME_HASH: constant(bytes32) = keccak256("MilestoneEscrow")
VERSION_HASH: constant(bytes32) = keccak256("1")
DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)

PREFIX: constant(bytes2) = 0x1901

CHAIN_ID: immutable(uint256)  # of the deployment
SEPARATOR: immutable(bytes32)  # under CHAIN_ID


@deploy
def __init__():
    CHAIN_ID = chain.id
    SEPARATOR = self._separator()


@external
@view
def eip712Domain() -> (
    bytes1, String[15], String[1], uint256, address, bytes32, DynArray[uint256, 1]
):
    """
    @notice The domain under which signatures are checked (ERC-5267).
    """
    return (
        0x0f,  # name, version, chainId and verifyingContract are used
        NAME,
        VERSION,
        chain.id,
        self,
        empty(bytes32),
        [],
    )


@internal
@view
def digest_of(struct_hash: bytes32) -> bytes32:
    """
    @notice The EIP-712 digest under the live chain id: what a signature must be over.
    """
    separator: bytes32 = SEPARATOR
    if chain.id != CHAIN_ID:
        separator = self._separator()
    return keccak256(concat(PREFIX, separator, struct_hash))


@internal
@view
def _separator() -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chain.id, self))
