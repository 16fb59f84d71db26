"""The hashes that a play needs by the thousand, quickly: of storage, and EIP-712's once more.

The library's are held against wallets elsewhere. These are a second way to the same, so a play also
shows that the contract and the library agree on every deal id.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from eth_hash.backends.pysha3 import keccak256

from milestone_escrow.agreement import AGREEMENT_FIELDS, Agreement
from milestone_escrow.typed_data import type_hash

__all__ = ["Encoded", "hash_of", "keccak256", "signed_hash", "slot", "word", "words"]

_STATIC: Final = tuple(name for name, _ in AGREEMENT_FIELDS[:-1])


class Encoded:
    """An agreement as bytes.

    Attributes:
        abi: Its encoding by the ABI, as the tail of an argument.
        struct_hash: EIP-712's ``hashStruct``.
    """

    __slots__ = ("abi", "struct_hash")

    def __init__(self, agreement: Agreement) -> None:
        static = b"".join([word(getattr(agreement, name)) for name in _STATIC])
        parts = [words(part.amount, part.deadline) for part in agreement.milestones]
        self.abi = b"".join([static, words(len(static) + 32, len(parts)), *parts])
        of_parts = [keccak256(type_hash("Milestone") + part) for part in parts]
        self.struct_hash = hash_of("Agreement", static, keccak256(b"".join(of_parts)))


def hash_of(name: str, *values: Any) -> bytes:
    """Return the ``hashStruct`` of a message: integers, hashes, or tuples of integers."""
    fields = [keccak256(words(*value)) if type(value) is tuple else word(value) for value in values]
    return keccak256(type_hash(name) + b"".join(fields))


def signed_hash(separator: bytes, struct_hash: bytes) -> bytes:
    """Return what is signed in a domain."""
    return keccak256(b"\x19\x01" + separator + struct_hash)


def word(value: int | str | bytes) -> bytes:
    """Return an integer or an address as 32 bytes; bytes are words already."""
    if isinstance(value, int):
        return value.to_bytes(32)
    return value if isinstance(value, bytes) else bytes(12) + bytes.fromhex(value[2:])


def words(*values: int) -> bytes:
    """Return integers as words, one after the other."""
    return b"".join([value.to_bytes(32) for value in values])


@lru_cache(maxsize=1 << 12)
def slot(of_map: int, key: bytes) -> int:
    """Return the slot of a value of a Vyper ``HashMap``, by the word of its key."""
    return int.from_bytes(keccak256(of_map.to_bytes(32) + key))
