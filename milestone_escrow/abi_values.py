"""The three ABI types that agreements and signed messages are made of, checked and normalised.

Each function takes the value, the path that an error names, and the error's class.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from milestone_escrow.amounts import MAX_UINT256
from milestone_escrow.checksums import checksummed_text
from milestone_escrow.exceptions import AgreementError, EscrowError

__all__ = ["ZERO_ADDRESS", "ZERO_HASH", "to_address", "to_bytes32", "to_uint256"]

ZERO_ADDRESS: Final = "0x0000000000000000000000000000000000000000"
ZERO_HASH: Final = bytes(32)

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_checksummed = lru_cache(maxsize=4096)(checksummed_text)  # a keccak each, and few accounts


def to_address(value: object, path: str, error: type[EscrowError] = AgreementError) -> str:
    """Return the checksummed form of a 20-byte address in 0x-hex.

    All lower or all upper case is taken as it is; mixed case must be the right checksum.
    """
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise error(
            f"{path} is {_shown(value)}, not an address.",
            "Give 0x and 40 hex digits.",
            field=path,
        )
    address = _checksummed(value)
    if address != value and value[2:].lower() != value[2:] != value[2:].upper():
        raise error(
            f"{path} is {value}, whose mixed-case checksum is wrong.",
            "Copy the address again: a character is probably mistyped.",
            field=path,
        )
    return address


def to_uint256(value: object, path: str, error: type[EscrowError] = AgreementError) -> int:
    """Return ``value`` if it is an integer (no bool, no float) that fits a uint256."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise error(f"{path} is {_shown(value)}, not an integer.", "Give an integer.", field=path)
    if not 0 <= value <= MAX_UINT256:
        side = "negative" if value < 0 else "more than a uint256 holds"
        raise error(f"{path} is {side}.", "Give an integer from 0 to 2**256 - 1.", field=path)
    return int(value)


def to_bytes32(value: object, path: str, error: type[EscrowError] = AgreementError) -> bytes:
    """Return ``value`` if it is 32 bytes."""
    if not isinstance(value, bytes) or len(value) != 32:
        size = f"{len(value)} bytes" if isinstance(value, bytes) else _shown(value)
        raise error(f"{path} is {size}, not 32 bytes.", "Give a hash of 32 bytes.", field=path)
    return bytes(value)


def _shown(value: object) -> str:
    """Show a value, but not all of a long one."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({type(value).__name__})"
