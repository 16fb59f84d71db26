"""Other forms of a good ECDSA signature, none of which is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["FORGERIES", "ORDER", "Parts", "parts_of"]

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1


@dataclass(frozen=True, slots=True)
class Parts:
    """A signature's numbers."""

    r: int
    s: int
    v: int

    def __bytes__(self) -> bytes:
        return self.r.to_bytes(32) + self.s.to_bytes(32) + self.v.to_bytes(1)


def parts_of(signature: bytes) -> Parts:
    return Parts(int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64])


def compact(parts: Parts) -> bytes:
    """Return the 64 bytes of EIP-2098."""
    return parts.r.to_bytes(32) + (parts.s | (parts.v - 27) << 255).to_bytes(32)


FORGERIES: Final[dict[str, Callable[[Parts], bytes]]] = {
    "high s": lambda it: bytes(Parts(it.r, ORDER - it.s, 55 - it.v)),
    "s plus the order": lambda it: bytes(Parts(it.r, (it.s + ORDER) % 2**256, it.v)),
    "compact": compact,
    "compact, padded": lambda it: compact(it) + b"\0",
    "v of 0 or 1": lambda it: bytes(Parts(it.r, it.s, it.v - 27)),
    "v of the other parity": lambda it: bytes(Parts(it.r, it.s, 55 - it.v)),
    "v with a chain id": lambda it: bytes(Parts(it.r, it.s, it.v + 10)),
    "v of 29": lambda it: bytes(Parts(it.r, it.s, 29)),
    "r of zero": lambda it: bytes(Parts(0, it.s, it.v)),
    "s of zero": lambda it: bytes(Parts(it.r, 0, it.v)),
    "r of the order": lambda it: bytes(Parts(ORDER, it.s, it.v)),
    "zeros": lambda it: bytes(65),
    "ones": lambda it: b"\xff" * 65,
    "longer": lambda it: bytes(it) + b"\0",
    "shorter": lambda it: bytes(it)[:-1],
    "one byte": lambda it: b"\0",
    "another r": lambda it: bytes(Parts(it.r ^ 1, it.s, it.v)),
}
