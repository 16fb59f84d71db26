"""Audit: whether the index, the chain and the money agree; statements, exports, proofs.

The way of the data: ``history`` (events of an index, up to a block) -> ``statement`` and
``index_checks`` (pure) -> ``chain_checks`` (a node, at one block) -> ``run``. Beside it ``export``
writes tables as files, and ``prove`` and ``proof_check`` make and check proofs that need no trust
in a node.
"""

from __future__ import annotations

from milestone_escrow.audit.difference import Difference
from milestone_escrow.audit.history import deal_at, deals_at, records, state_at
from milestone_escrow.audit.run import CHECKS, Audit, Check, audit
from milestone_escrow.audit.statement import Closing, Line, Move, Statement

__all__ = [
    "CHECKS",
    "Audit",
    "Check",
    "Closing",
    "Difference",
    "Line",
    "Move",
    "Statement",
    "audit",
    "deal_at",
    "deals_at",
    "records",
    "state_at",
]
