"""A chain that changes its id: the escrow and its deals go on under another one."""

from __future__ import annotations

from typing import Final

from milestone_escrow.agreement import Agreement
from tests.contract.scene import Scene
from tests.escrow import Escrow
from tests.evm import Chain

__all__ = ["NEW_ID", "forked"]

NEW_ID: Final = 10_001


def forked(native: Scene, *deals: Agreement) -> Escrow:
    """Return the same escrow on a copy of its chain that goes on under another id."""
    chain = Chain(NEW_ID, native.chain.now)
    address = native.escrow.address
    chain.set_code(address, native.chain.code(address))
    chain.set_balance(address, native.chain.balance(address))
    escrow = Escrow(chain, native.escrow.domain.chain_id, address)
    for deal in deals:
        escrow.set_deal_word(deal, native.escrow.deal_word(deal))
        for index in range(len(deal.milestones)):
            escrow.set_milestone_word(deal, index, native.escrow.milestone_word(deal, index))
    return escrow
