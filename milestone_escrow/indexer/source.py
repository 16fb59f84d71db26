"""What is indexed: one escrow on one chain, and how a place on its chain becomes one integer.

Several sources share a store. So that rows need no wide keys, the number of the source stands in
the upper bits of every integer key, the rest below it:

    position   source (11 bits) | block number (32 bits) | log index (20 bits)
    block      source (11 bits) | block number (32 bits)
    entry      source (11 bits) | sequence in the outbox (52 bits)
    deal       source (11 bits) | number of the deal (40 bits)

So a source is a range of keys, and within it keys order as the chain does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from milestone_escrow.exceptions import StoreError

__all__ = [
    "BLOCK_BITS",
    "DEAL_BITS",
    "ENTRY_BITS",
    "LOG_INDEX_BITS",
    "MAX_SOURCES",
    "POSITION_BITS",
    "Source",
    "place_of",
    "position_of",
]

LOG_INDEX_BITS: Final = 20
BLOCK_BITS: Final = 32
POSITION_BITS: Final = BLOCK_BITS + LOG_INDEX_BITS
ENTRY_BITS: Final = POSITION_BITS
DEAL_BITS: Final = 40
MAX_SOURCES: Final = (1 << 11) - 1  # and no key is negative in 64 bits


@dataclass(frozen=True, slots=True)
class Source:
    """What an index is the index of.

    Attributes:
        chain_id: Of the chain.
        genesis_hash: Hash of the chain's block 0, which tells a restarted development chain.
        escrow: The contract's address, checksummed.
        from_block: Number of the first block indexed.
        notes: Address of the ``DealNotes`` beside it, checksummed; None: its notes are not indexed.
    """

    chain_id: int
    genesis_hash: bytes
    escrow: str
    from_block: int
    notes: str | None = None

    @property
    def key(self) -> str:
        """The name by which a source is chosen in a store: ``chain_id:escrow``."""
        return f"{self.chain_id}:{self.escrow}"


def position_of(block_number: int, log_index: int) -> int:
    """Return the one integer that orders logs of a chain as (block number, log index) does.

    Raises:
        StoreError: The log index needs more than 20 bits, or the block number more than 32.
    """
    if log_index >> LOG_INDEX_BITS:
        raise StoreError(
            f"Block {block_number} has more than {1 << LOG_INDEX_BITS} logs.",
            "This index cannot hold them; please report it.",
            code="too-many-logs",
        )
    if block_number >> BLOCK_BITS:
        raise StoreError(
            f"The number of block {block_number} needs more than {BLOCK_BITS} bits.",
            "This index cannot hold it; please report it.",
            code="too-many-blocks",
        )
    return block_number << LOG_INDEX_BITS | log_index


def place_of(position: int) -> tuple[int, int]:
    """Return (block number, log index) of a position, whatever its source."""
    return (
        position >> LOG_INDEX_BITS & ((1 << BLOCK_BITS) - 1),
        position & ((1 << LOG_INDEX_BITS) - 1),
    )
