"""The filter in a block's header that says whether a contract may have logged in it.

It never says no where there is a log. It may say yes where there is none; the fuller it is, the
more often.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from milestone_escrow.checksums import keccak

__all__ = ["bloom_mask", "chance_of_error", "may_hold"]

_BITS: Final = 2048


@cache
def bloom_mask(address: str) -> int:
    """Return the three bits that an address sets."""
    digest = keccak(bytes.fromhex(address[2:]))
    mask = 0
    for at in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[at : at + 2]) % _BITS)
    return mask


def may_hold(bloom: int | None, masks: tuple[int, ...]) -> bool:
    """Return whether one of the addresses may be in; False where there is no filter."""
    return bloom is not None and any(bloom & mask == mask for mask in masks)


def chance_of_error(bloom: int) -> float:
    """Return how often a filter as full as this says yes to an address that is not in it."""
    return float((bloom.bit_count() / _BITS) ** 3)
