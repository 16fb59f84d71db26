"""Merkle-Patricia tries: proofs made and checked, by ``py-trie``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp
from eth_utils.crypto import keccak
from trie import HexaryTrie

__all__ = ["block_trie", "proof_of", "proven"]

_HASHED_FROM = 32  # bytes: a node that is shorter stands inside the one above it


def block_trie(values: Sequence[bytes]) -> HexaryTrie:
    """Return the trie of a block's transactions or receipts: by RLP of their number."""
    trie = HexaryTrie({})
    for number, value in enumerate(values):
        trie[rlp.encode(number)] = value
    return trie


def proof_of(trie: HexaryTrie, key: bytes) -> list[bytes]:
    """Return the nodes from the root to a key, as RLP."""
    return _encoded(trie.get_proof(key))


def proven(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """Return the value that the nodes prove to be at a key; nothing: that there is none.

    Raises:
        ValueError: They prove nothing of the kind, or there are nodes that prove nothing.
    """
    try:
        trie = HexaryTrie({keccak(node): node for node in nodes}, root)
        value: object = trie[key]
        needed = _encoded(trie.get_proof(key))
    except Exception as error:  # whatever the library makes of nonsense, nothing is proved
        raise ValueError("the nodes do not lead from the root to the key") from error
    if not isinstance(value, bytes):
        raise ValueError("what stands at the key is no value")
    if needed != list(nodes):
        raise ValueError("there are nodes that are not needed")
    return value


def _encoded(nodes: Sequence[Any]) -> list[bytes]:
    encoded = [rlp.encode(node) for node in nodes]
    return encoded[:1] + [node for node in encoded[1:] if len(node) >= _HASHED_FROM]
