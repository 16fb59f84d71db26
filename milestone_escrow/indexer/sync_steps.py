"""What the sync tells the store, in three words: batch, finalize, reorg; and what it asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Protocol

from milestone_escrow.events import RawLog
from milestone_escrow.exceptions import NodeError

__all__ = [
    "RECENT",
    "Batch",
    "Finalize",
    "Header",
    "Identity",
    "Known",
    "Reorg",
    "Step",
    "Unsteady",
    "joined",
    "parse_header",
]

RECENT: Final = 256  # blocks below the head whose headers are all fetched, compared and stored


@dataclass(frozen=True, slots=True)
class Header:
    """A block, as far as it matters here.

    Attributes:
        bloom: The filter that holds the address of each contract that logged in this block, as a
            number; None where the node does not say.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int
    bloom: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """All that happened in a range of blocks.

    Attributes:
        from_block: Follows the last block of the batch before.
        to_block: Included.
        headers: Of the last block, and of others that were fetched, in order.
        logs: Those of the contracts asked for, in order; each has its block's time.
        foreign: Number of logs that the node gave though they are another contract's.
    """

    from_block: int
    to_block: int
    headers: tuple[Header, ...]
    logs: tuple[RawLog, ...]
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class Finalize:
    """Blocks up to this one can no longer be replaced."""

    block_number: int


@dataclass(frozen=True, slots=True)
class Reorg:
    """The stored blocks after ``ancestor`` are no longer the chain's.

    Attributes:
        ancestor: Number of the last stored block that still is; where none is, that before the
            first.
        ancestor_hash: Its hash, None where none is.
    """

    ancestor: int
    ancestor_hash: bytes | None


Step = Batch | Finalize | Reorg


@dataclass(frozen=True, slots=True)
class Identity:
    """Which chain a node serves."""

    chain_id: int
    genesis_hash: bytes


class Known(Protocol):
    """What the store tells about the blocks that it has."""

    def checkpoint(self) -> tuple[int, bytes | None]:
        """Return number and hash of the last block synced; no hash before the first."""

    def final_block(self) -> int | None:
        """Return the number of the last final block."""

    def block_hashes(self, below: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Return (number, hash) of stored blocks below a number, the highest first."""


class Unsteady(NodeError):  # noqa: N818 - what a node says now does not fit what it said before
    """The node contradicts what it or another said: asking again may help; if not, it is told."""

    default_code = "chain-unsteady"


def joined(batches: Sequence[Batch]) -> Batch:
    """Return batches that follow each other, at least one, as one."""
    if len(batches) == 1:
        return batches[0]
    return Batch(
        batches[0].from_block,
        batches[-1].to_block,
        tuple(header for batch in batches for header in batch.headers),
        tuple(chain.from_iterable(batch.logs for batch in batches)),
        sum(batch.foreign for batch in batches),
    )


def parse_header(block: Any, node: str, number: int | None = None) -> Header:
    """Return the header of a block as JSON-RPC gives it.

    Args:
        block: The block.
        node: What to call the node.
        number: That of the block that was asked for.

    Raises:
        NodeError: It is malformed, or another block (``malformed-block``).
    """
    try:
        bloom = block.get("logsBloom")
        header = Header(
            int(block["number"], 16),
            bytes.fromhex(block["hash"][2:]),
            bytes.fromhex(block["parentHash"][2:]),
            int(block["timestamp"], 16),
            None if bloom is None else int(bloom, 16),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _malformed(node) from error
    if len(header.hash) != 32 or len(header.parent_hash) != 32:
        raise _malformed(node)
    if number not in (None, header.number):
        raise _malformed(node)
    return header


def _malformed(node: str) -> NodeError:
    return NodeError(
        f"The node at {node} gave a malformed block, or another than was asked for.",
        "Use another node.",
        code="malformed-block",
    )
