"""Proofs of what is on an audited chain."""

from __future__ import annotations

from typing import Any

from milestone_escrow.audit.prove import prove_deal, prove_transaction
from milestone_escrow.deal_state import Deal, Status
from milestone_escrow.indexer.rpc import Rpc
from milestone_escrow.state import fold
from tests.library.audited import Audited

__all__ = [
    "CHAIN_ID",
    "hash_of",
    "proof_of_deal",
    "proof_of_transaction",
    "unknown",
    "with_everything",
]

CHAIN_ID = 31_337


def hash_of(rpc: Rpc, block: int) -> bytes:
    return bytes.fromhex(rpc.call("eth_getBlockByNumber", hex(block), False)["hash"][2:])


def proof_of_deal(rpc: Rpc, chain: Audited, deal: Deal, **options: Any) -> bytes:
    return prove_deal(rpc, chain.escrow, CHAIN_ID, deal.deal_id, deal.agreement, **options)


def proof_of_transaction(rpc: Rpc, chain: Audited, tx_hash: bytes) -> bytes:
    known = {deal.deal_id: deal.agreement for deal in fold(chain.records).deals.values()}
    return prove_transaction(rpc, chain.escrow, CHAIN_ID, tx_hash, known.get)


def unknown(_: bytes) -> None:
    """Know no deal's agreement."""


def with_everything(chain: Audited) -> Deal:
    """Return a deal that has a milestone requested, one disputed, one settled."""
    wanted = {Status.REQUESTED, Status.DISPUTED, Status.SETTLED}
    return next(
        deal
        for deal in fold(chain.records).deals.values()
        if {each.status for each in deal.milestones} == wanted
    )
