# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title An ERC-792 arbitrator that is one person
@license MIT
@notice For test chains: its owner sets the price, rules, and is paid with the ruling. There are no appeals.
"""

from ..interfaces import IArbitrable
from ..interfaces import IArbitrator

implements: IArbitrator


event DisputeCreation:
    _disputeID: indexed(uint256)
    _arbitrable: indexed(address)


struct Dispute:
    arbitrable: address
    choices: uint256
    fee: uint256  # wei
    status: uint256  # of ERC-792: 0 waiting, 2 solved
    ruling: uint256


WAITING: constant(uint256) = 0
SOLVED: constant(uint256) = 2

owner: public(immutable(address))

cost: uint256  # wei of a dispute
count: uint256  # of disputes, which are numbered from 0
disputes: HashMap[uint256, Dispute]


@deploy
def __init__(cost: uint256):
    owner = msg.sender
    self.cost = cost


@external
def set_cost(cost: uint256):
    assert msg.sender == owner, "CentralizedArbitrator: not the owner"
    self.cost = cost


@external
@payable
def createDispute(choices: uint256, extra_data: Bytes[256]) -> uint256:
    assert msg.value >= self.cost, "CentralizedArbitrator: fee too small"
    dispute_id: uint256 = self.count
    self.count = dispute_id + 1
    self.disputes[dispute_id] = Dispute(
        arbitrable=msg.sender, choices=choices, fee=msg.value, status=WAITING, ruling=0
    )
    log DisputeCreation(_disputeID=dispute_id, _arbitrable=msg.sender)
    return dispute_id


@external
def rule(dispute_id: uint256, ruling: uint256):
    """
    @notice The owner decides, once, and is paid.
    """
    dispute: Dispute = self.disputes[dispute_id]
    assert msg.sender == owner, "CentralizedArbitrator: not the owner"
    assert dispute_id < self.count, "CentralizedArbitrator: no such dispute"
    assert dispute.status == WAITING, "CentralizedArbitrator: solved"
    assert ruling <= dispute.choices, "CentralizedArbitrator: no such choice"
    self.disputes[dispute_id].status = SOLVED
    self.disputes[dispute_id].ruling = ruling
    send(owner, dispute.fee)
    extcall IArbitrable(dispute.arbitrable).rule(dispute_id, ruling)


@external
@view
def arbitrationCost(extra_data: Bytes[256]) -> uint256:
    return self.cost


@external
@view
def disputeStatus(dispute_id: uint256) -> uint256:
    assert dispute_id < self.count, "CentralizedArbitrator: no such dispute"
    return self.disputes[dispute_id].status


@external
@view
def currentRuling(dispute_id: uint256) -> uint256:
    assert dispute_id < self.count, "CentralizedArbitrator: no such dispute"
    return self.disputes[dispute_id].ruling
