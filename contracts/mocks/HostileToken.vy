# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title An ERC-20 with every vice that a token has been seen with
@license MIT
@notice For tests. Anyone mints, and anyone turns the vices on; at first it has none.
"""

from .modules import strike

initializes: strike

exports: strike.arm

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])

paused: public(bool)
blocked: public(HashMap[address, bool])  # may neither send nor receive
fee_bps: public(uint256)  # of each transfer, lost to the receiver
lying: public(bool)  # answers as if it had moved something
permitting: public(bool)  # strikes when it is asked for a permit, which changes nothing else
labour: public(uint256)  # rounds of useless work at each transfer, about 100 gas each
answer: Bytes[64]  # to a transfer that went through


@deploy
def __init__():
    self.answer = abi_encode(True)


@external
def mint(owner: address, amount: uint256):
    self.balanceOf[owner] += amount


@external
def seize(owner: address, amount: uint256):
    """
    @notice Takes from a balance, as a negative rebase or an authority does.
    """
    self.balanceOf[owner] -= amount


@external
def set_paused(paused: bool):
    self.paused = paused


@external
def set_blocked(owner: address, blocked: bool):
    self.blocked[owner] = blocked


@external
def set_fee(fee_bps: uint256):
    self.fee_bps = fee_bps


@external
def set_lying(lying: bool):
    self.lying = lying


@external
def set_permitting(permitting: bool):
    self.permitting = permitting


@external
def set_labour(labour: uint256):
    self.labour = labour


@external
def set_answer(answer: Bytes[64]):
    """
    @notice Sets what a transfer returns, as it is.
    """
    self.answer = answer


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    return True


@external
@raw_return
def transfer(receiver: address, amount: uint256) -> Bytes[64]:
    self._move(msg.sender, receiver, amount)
    return self.answer


@external
@raw_return
def transferFrom(owner: address, receiver: address, amount: uint256) -> Bytes[64]:
    self.allowance[owner][msg.sender] -= amount
    self._move(owner, receiver, amount)
    return self.answer


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
    assert self.permitting, "HostileToken: no permits"
    strike.strike()


@internal
def _move(owner: address, receiver: address, amount: uint256):
    assert not self.paused, "HostileToken: paused"
    assert not self.blocked[owner] and not self.blocked[receiver], "HostileToken: blocked"
    if not self.lying:
        self.balanceOf[owner] -= amount
        self.balanceOf[receiver] += amount - amount * self.fee_bps // 10_000
    toil: bytes32 = empty(bytes32)
    for _: uint256 in range(self.labour, bound=100_000):
        toil = keccak256(toil)
    strike.strike()
