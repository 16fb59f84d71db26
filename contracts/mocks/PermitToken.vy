# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title A plain ERC-20 with permits (ERC-2612)
@license MIT
@notice For tests. Anyone mints.
"""

from . import TestToken

initializes: TestToken

exports: TestToken.__interface__

DOMAIN_TYPEHASH: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPEHASH: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)

nonces: public(HashMap[address, uint256])


@deploy
def __init__(name_: String[32], symbol_: String[8], decimals_: uint8):
    TestToken.__init__(name_, symbol_, decimals_)


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    return self._separator()


@external
def permit(
    owner: address,
    spender: address,
    amount: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    assert block.timestamp <= deadline, "PermitToken: too late"
    nonce: uint256 = self.nonces[owner]
    struct_hash: bytes32 = keccak256(
        abi_encode(PERMIT_TYPEHASH, owner, spender, amount, nonce, deadline)
    )
    digest: bytes32 = keccak256(concat(0x1901, self._separator(), struct_hash))
    assert owner != empty(address), "PermitToken: nobody"
    assert ecrecover(digest, v, r, s) == owner, "PermitToken: not signed"
    self.nonces[owner] = nonce + 1
    TestToken.allowance[owner][spender] = amount


@internal
@view
def _separator() -> bytes32:
    return keccak256(
        abi_encode(DOMAIN_TYPEHASH, keccak256(TestToken.name), keccak256("1"), chain.id, self)
    )
