"""Local development chains: find, start and stop a node, and move its clock.

``start_anvil`` and ``start_hardhat`` run a node as a child process that ends with this one;
``DevChain`` speaks to either, also to one that somebody else started. Nothing here knows the
escrow.
"""

from __future__ import annotations

from milestone_escrow.chain.anvil import find_anvil, start_anvil
from milestone_escrow.chain.dev_chain import DevChain, NodeKind
from milestone_escrow.chain.hardhat import find_hardhat, find_node, start_hardhat
from milestone_escrow.chain.process import Node, free_port

__all__ = [
    "DevChain",
    "Node",
    "NodeKind",
    "find_anvil",
    "find_hardhat",
    "find_node",
    "free_port",
    "start_anvil",
    "start_hardhat",
]
