# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title An ERC-792 arbitrator that strikes while it is handed a dispute
@license MIT
@notice For tests of re-entry. It is free of charge, and calls back what it is armed with.
"""

from ..interfaces import IArbitrator
from .modules import strike

implements: IArbitrator
initializes: strike

exports: strike.arm


@external
@payable
def createDispute(choices: uint256, extra_data: Bytes[256]) -> uint256:
    strike.strike()
    return 7


@external
@view
def arbitrationCost(extra_data: Bytes[256]) -> uint256:
    return 0
