"""The moment that ``--at`` names: which block's end it is, and what the clock shows then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from milestone_escrow.cli.options import Moment, Target

if TYPE_CHECKING:
    from milestone_escrow.audit.node import Header
    from milestone_escrow.cli.reading import Book

__all__ = ["AsOf", "as_of", "block_of_moment", "hash_at"]


@dataclass(frozen=True, slots=True)
class AsOf:
    """A moment of an index.

    Attributes:
        block: What happened up to the end of this block counts, and nothing later.
        now: What the clock shows, unix seconds.
        ahead: It is after the last block: so it will be if nobody acts.
    """

    block: int
    now: int
    ahead: bool = False


def as_of(book: Book, target: Target, at: Moment | None) -> AsOf:
    """Return the moment that is meant: None is the last block, and a time may be to come.

    Of a block, the clock shows its time: as stored, as the node says, or offline that of the last
    block stored before. Of a time, it shows that.

    Raises:
        UsageError: The block is not indexed, or the time is before the index begins
            (``not-indexed``).
    """
    from milestone_escrow.audit.history import block_of, time_at

    if at is None:
        return AsOf(book.block, book.now)
    if at.time is not None:
        if at.time > book.now:
            return AsOf(book.block, at.time, ahead=True)
        return AsOf(block_of_moment(book, at), at.time)
    block = block_of(book.reader, at.block)
    if block == book.block:
        return AsOf(block, book.now)
    now = _header(target, block).timestamp if book.online else time_at(book.reader, block)
    return AsOf(block, now)


def block_of_moment(book: Book, at: Moment | None) -> int:
    """Return the block whose end is meant; None is the last one.

    Raises:
        UsageError: It is not indexed, or a time that is not over or before the index begins
            (``not-indexed``).
    """
    from milestone_escrow.audit.history import block_at_time, block_of

    if at is None or at.time is None:
        return block_of(book.reader, None if at is None else at.block)
    if at.time == book.now:
        return book.block
    return block_at_time(book.reader, at.time)


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
