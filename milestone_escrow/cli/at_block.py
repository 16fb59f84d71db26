"""Time and hash of the block that ``--at`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_escrow.cli.options import Target

if TYPE_CHECKING:
    from milestone_escrow.audit.node import Header
    from milestone_escrow.cli.reading import Book

__all__ = ["hash_at", "time_at_block"]


def time_at_block(book: Book, target: Target, block: int) -> int:
    """Return a block's time: as stored, as the node says, or offline of the last event before."""
    from milestone_escrow.audit.history import time_at

    if block == book.block:
        return book.now
    if book.online:
        return _header(target, block).timestamp
    return time_at(book.reader, block)


def hash_at(book: Book, target: Target, block: int) -> bytes | None:
    """Return a block's hash: as stored, as the node says, or None where it is not known."""
    stored = dict(book.reader.block_hashes(block + 1, 1))
    if block in stored or not book.online:
        return stored.get(block)
    return _header(target, block).hash


def _header(target: Target, block: int) -> Header:
    from milestone_escrow.audit.node import headers
    from milestone_escrow.cli.connection import open_rpc

    with open_rpc(target) as rpc:
        return headers(rpc, [block])[0]
