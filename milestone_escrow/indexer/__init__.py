"""The index of one escrow: a file that follows the chain, and its readers.

The way of the data: ``rpc`` (a node) -> ``sync`` (batch, finalize, reorg) -> ``store`` (rows and
checkpoint in one transaction, by the fold of ``milestone_escrow.state``) -> ``reader``.
"""

from __future__ import annotations

from milestone_escrow.indexer.indexer import Indexer, IndexReport, Progress
from milestone_escrow.indexer.reader import Reader, StoreIdentity
from milestone_escrow.indexer.store import Store, delete_store

__all__ = [
    "IndexReport",
    "Indexer",
    "Progress",
    "Reader",
    "Store",
    "StoreIdentity",
    "delete_store",
]
