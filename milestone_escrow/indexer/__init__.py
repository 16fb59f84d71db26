"""The index of escrows: a file or a PostgreSQL database that follows their chains, and its readers.

The way of the data: ``rpc`` (a node) -> ``sync`` (batch, finalize, reorg) -> ``store`` (rows and
checkpoint in one transaction, by the fold of ``milestone_escrow.state``) -> ``reader``.
"""

from __future__ import annotations

from milestone_escrow.indexer.indexer import Indexer, IndexReport, Progress
from milestone_escrow.indexer.opening import sources_of
from milestone_escrow.indexer.outbox import OutboxEntry
from milestone_escrow.indexer.reader import Reader, StoreIdentity, open_reader
from milestone_escrow.indexer.source import Source
from milestone_escrow.indexer.store import Store, delete_store, open_store

__all__ = [
    "IndexReport",
    "Indexer",
    "OutboxEntry",
    "Progress",
    "Reader",
    "Source",
    "Store",
    "StoreIdentity",
    "delete_store",
    "open_reader",
    "open_store",
    "sources_of",
]
