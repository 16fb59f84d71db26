# pragma version ==0.4.3
# pragma evm-version cancun
"""
@title A receiver that takes the native coin only while it is open
@license MIT
@notice For test chains: what happens to a payment that its receiver refuses.
"""

open: public(bool)


@external
def set_open(open_: bool):
    self.open = open_


@external
@payable
def __default__():
    assert self.open, "Shop: closed"
