"""What a node's refusal of a call means: the revert data in it, or its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from milestone_escrow.exceptions import EscrowError, NodeError, NotEnoughFunds
from milestone_escrow.revert_sentences import decode_revert

__all__ = ["error_of"]

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_NO_FUNDS = re.compile(r"insufficient funds|insufficient balance|doesn't have enough funds", re.I)
_REVERT = re.compile(r"revert", re.I)


def error_of(failure: Mapping[str, Any]) -> EscrowError:
    """Return the library's error for the ``error`` object of a JSON-RPC answer.

    Anvil and Geth give the revert's data as ``data``; Hardhat as ``data`` inside ``data``.
    """
    message = str(failure.get("message", ""))
    if (data := _revert_data(failure.get("data"))) is not None:
        return decode_revert(data)
    if _NO_FUNDS.search(message):
        return NotEnoughFunds(
            "The sender has too little of the native coin for the amount and the gas.",
            "Send it some, or use an account that has more.",
        )
    if _REVERT.search(message):
        return decode_revert(b"")
    return NodeError(
        f"The node refused the call: {message.rstrip('.') or 'it gave no reason'}.",
        "Check the values, and that the node is in good order.",
        code="node-refused",
    )


def _revert_data(data: object) -> bytes | None:
    while isinstance(data, Mapping):
        data = data.get("data")
    if isinstance(data, str) and _HEX.fullmatch(data) and data != "0x":
        return bytes.fromhex(data[2:])
    return None
