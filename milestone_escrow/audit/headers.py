"""Block headers as RLP: what a block's hash is the hash of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import rlp
from eth_utils.crypto import keccak
from rlp.exceptions import RLPException

from milestone_escrow.audit.node import number_of, the_bytes
from milestone_escrow.exceptions import NodeError

__all__ = ["BlockHeader", "header_rlp", "read_header"]

# In their order, with the forks that added them; True: an integer, else bytes as they are.
_FIELDS: Final = (
    ("parentHash", False),
    ("sha3Uncles", False),
    ("miner", False),
    ("stateRoot", False),
    ("transactionsRoot", False),
    ("receiptsRoot", False),
    ("logsBloom", False),
    ("difficulty", True),
    ("number", True),
    ("gasLimit", True),
    ("gasUsed", True),
    ("timestamp", True),
    ("extraData", False),
    ("mixHash", False),
    ("nonce", False),
    ("baseFeePerGas", True),  # London
    ("withdrawalsRoot", False),  # Shanghai
    ("blobGasUsed", True),  # Cancun
    ("excessBlobGas", True),
    ("parentBeaconBlockRoot", False),
    ("requestsHash", False),  # Prague
)
_FIRST_FORK: Final = 15  # fields before London


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What a proof needs of a header.

    Attributes:
        hash: keccak256 of its RLP.
        number: Of the block.
        timestamp: Unix seconds.
        state_root: Root of the accounts after the block.
        transactions_root: Root of its transactions.
        receipts_root: Root of their receipts.
    """

    hash: bytes
    number: int
    timestamp: int
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes


def header_rlp(block: Mapping[str, Any]) -> bytes:
    """Return the RLP of a block's header, made from what a node says of the block.

    Raises:
        NodeError: It does not hash to the block's hash (``strange-header``): the chain has fields
            of its own in its headers, or the node does not say the truth.
    """
    values: list[bytes] = []
    for name, is_integer in _FIELDS:
        given = block.get(name)
        if given is None and len(values) >= _FIRST_FORK:
            break
        value = number_of(given) if is_integer else the_bytes(given)
        values.append(_minimal(value))
    encoded: bytes = rlp.encode(values)
    if keccak(encoded) != the_bytes(block.get("hash")):
        raise NodeError(
            "The block's header does not hash to the block's hash.",
            "Ask another node; on a chain whose headers have fields of their own, proofs cannot be "
            "made.",
            code="strange-header",
        )
    return encoded


def read_header(encoded: bytes) -> BlockHeader:
    """Return what a header says.

    Raises:
        ValueError: It is no header.
    """
    try:
        values = rlp.decode(encoded)
    except RLPException as error:
        raise ValueError("the header is not RLP") from error
    if not isinstance(values, list) or len(values) < _FIRST_FORK:
        raise ValueError("the header has too few fields")
    if not all(isinstance(value, bytes) for value in values):
        raise ValueError("a field of the header is a list")
    return BlockHeader(
        keccak(encoded),
        int.from_bytes(values[8]),
        int.from_bytes(values[11]),
        values[3],
        values[4],
        values[5],
    )


def _minimal(value: int | bytes) -> bytes:
    """Return a value as RLP has it: an integer without leading zeros, zero as nothing."""
    if isinstance(value, bytes):
        return value
    return value.to_bytes((value.bit_length() + 7) // 8)
