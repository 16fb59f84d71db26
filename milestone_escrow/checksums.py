"""Keccak-256, and addresses as EIP-55 writes them.

eth-utils has both, and takes many times as long for an address; to import it costs a tenth of a
second and 15 MiB, which a program that reads a long history pays in each of its processes.
"""

from __future__ import annotations

import re
from typing import Final

from sha3 import keccak_256  # type: ignore[import-untyped]

__all__ = ["checksummed", "checksummed_text", "keccak"]

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_LOWER: Final = 0x20  # the bit in which a lower-case letter differs
_LETTERS: Final = bytes(_LOWER * (chr(code) in "abcdef") for code in range(256))
_MARKS: Final = bytes(_LOWER * (chr(code) in "89abcdef") for code in range(256))


def keccak(data: bytes) -> bytes:
    """Return the hash, 32 bytes."""
    return bytes(keccak_256(data).digest())


def checksummed(address: bytes) -> str:
    """Return an address of 20 bytes as text.

    Raises:
        ValueError: It has another length.
    """
    if len(address) != 20:
        raise ValueError(f"an address of {len(address)} bytes")
    digits = address.hex().encode()
    marks: bytes = keccak_256(digits).hexdigest().encode()[:40]
    # All forty digits at once: a letter whose mark is 8 or more loses the bit of lower case.
    lower = int.from_bytes(digits.translate(_LETTERS)) & int.from_bytes(marks.translate(_MARKS))
    return "0x" + (int.from_bytes(digits) ^ lower).to_bytes(40).decode()


def checksummed_text(text: str) -> str:
    """Return an address in 0x-hex, whatever its case.

    Raises:
        TypeError: It is no text.
        ValueError: It is no address.
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError("an address is 0x and 40 hexadecimal digits")
    return checksummed(bytes.fromhex(text[2:]))
