# pragma version ==0.4.3
"""
@title A call that a hostile contract makes as soon as it is called itself
@license MIT
@notice For tests of re-entry. It never fails with the call: what came of it is logged.
"""

MAX_CALLDATA: constant(uint256) = 4_096  # bytes; more than any call takes


event Struck:
    success: bool
    answer: Bytes[32]  # what the target returned or reverted with, as far as it fits


target: address  # zero: no call is made
data: Bytes[MAX_CALLDATA]


@external
def arm(target: address, data: Bytes[MAX_CALLDATA]):
    """
    @notice Sets the call to make from now on.
    @param target Zero for none.
    """
    self.target = target
    self.data = data


@internal
def strike():
    if self.target == empty(address):
        return
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(self.target, self.data, max_outsize=32, revert_on_failure=False)
    log Struck(success=success, answer=answer)
