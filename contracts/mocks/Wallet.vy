# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title A contract account that does as it is told
@license MIT
@notice For tests: a party that is a contract, well-behaved or hostile. Anyone commands it. At first it
        takes coins and approves no signature.
"""

from .modules import strike

initializes: strike

exports: strike.arm

MAGIC: constant(bytes4) = 0x1626ba7e  # ERC-1271: the signature is approved

unwilling: public(bool)  # refuses coins
appetite: public(uint256)  # gas that it must have to take coins
approved: public(HashMap[bytes32, bool])  # hashes whose every signature it approves
answer: Bytes[64]  # to the question about an approved hash


@deploy
def __init__():
    self.answer = abi_encode(MAGIC)


@external
@payable
def __default__():
    assert not self.unwilling, "Wallet: unwilling"
    assert msg.gas >= self.appetite, "Wallet: hungry"
    strike.strike()


@external
@payable
def execute(target: address, amount: uint256, data: Bytes[strike.MAX_CALLDATA]):
    """
    @notice Calls `target`; reverts as it does.
    @param amount Wei of this account's to send along.
    """
    raw_call(target, data, value=amount)


@external
def set_unwilling(unwilling: bool):
    self.unwilling = unwilling


@external
def set_appetite(appetite: uint256):
    self.appetite = appetite


@external
def approve(digest: bytes32, approved: bool):
    self.approved[digest] = approved


@external
def set_answer(answer: Bytes[64]):
    """
    @notice Sets what is answered, as it is, to the question about an approved hash.
    """
    self.answer = answer


@external
@raw_return
def isValidSignature(digest: bytes32, signature: Bytes[1_024]) -> Bytes[64]:
    """
    @notice ERC-1271, but armed it strikes first, which no static call allows.
    """
    strike.strike()
    if self.approved[digest]:
        return self.answer
    return abi_encode(0xffffffff)
