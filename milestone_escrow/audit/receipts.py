"""Receipts as the chain hashes them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from rlp.exceptions import RLPException

from milestone_escrow.audit.node import number_of, the_bytes

__all__ = ["ReceiptLog", "read_receipt", "receipt_rlp"]


@dataclass(frozen=True, slots=True)
class ReceiptLog:
    """A log in a receipt.

    Attributes:
        address: Who logged, checksummed.
        topics: All of them, one after the other.
        data: The rest.
    """

    address: str
    topics: bytes
    data: bytes


def receipt_rlp(receipt: Mapping[str, Any]) -> bytes:
    """Return a receipt as it stands in the block's trie, from what a node says of it.

    Raises:
        NodeError: What the node says makes no sense.
    """
    if receipt.get("status") is None:  # before Byzantium
        outcome = the_bytes(receipt.get("root"))
    else:
        outcome = b"\1" if number_of(receipt["status"]) else b""
    gas = number_of(receipt.get("cumulativeGasUsed"))
    logs = [
        [
            the_bytes(log["address"]),
            [the_bytes(topic) for topic in log["topics"]],
            the_bytes(log["data"]),
        ]
        for log in receipt["logs"]
    ]
    body: bytes = rlp.encode([outcome, gas, the_bytes(receipt.get("logsBloom")), logs])
    kind = number_of(receipt.get("type", "0x0"))
    return bytes([kind]) + body if kind else body


def read_receipt(encoded: bytes) -> tuple[bool, list[ReceiptLog]]:
    """Return whether the transaction went through, and its logs.

    Raises:
        ValueError: It is no receipt.
    """
    try:
        fields = rlp.decode(encoded[1:] if encoded[:1] < b"\x80" else encoded)
        outcome, _, _, logs = fields
        return bool(outcome), [
            ReceiptLog(to_checksum_address(address), b"".join(topics), data)
            for address, topics, data in logs
        ]
    except (RLPException, TypeError, ValueError) as error:
        raise ValueError("the receipt is malformed") from error
