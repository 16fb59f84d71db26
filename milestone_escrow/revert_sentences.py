"""What every revert means in plain English, and what to do about it.

The names of the contract's errors have their home in ``contracts/modules/errors.vy``; their
sentences have it here and in the two files beside this one, and everything that speaks to people
takes them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from eth_utils.crypto import keccak

from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.revert_sentences_beside import ADAPTER_SENTENCES, NOTES_SENTENCES
from milestone_escrow.revert_sentences_escrow import ESCROW_SENTENCES

__all__ = ["SENTENCES", "RevertSentence", "decode_revert", "selector"]


@dataclass(frozen=True, slots=True)
class RevertSentence:
    """What a custom error means.

    Attributes:
        sentence: Why the contract refused.
        remedy: What to do about it.
    """

    sentence: str
    remedy: str


SENTENCES: Final[Mapping[str, RevertSentence]] = MappingProxyType(
    {
        name: RevertSentence(*words)
        for name, words in (
            *ESCROW_SENTENCES.items(),
            *NOTES_SENTENCES.items(),
            *ADAPTER_SENTENCES.items(),
        )
    }
)
"""Every custom error of the contracts, in the order of the contract's table."""

_ERROR_STRING: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)
_MOST_SHOWN: Final = 200  # characters of another contract's text

_NOT_OURS: Final = "Check the escrow's address, and the token or contract wallet involved."

_PANICS: Final[Mapping[int, str]] = {
    0x01: "a condition that must hold did not",
    0x11: "a number was too large or too small",
    0x12: "a division by zero",
    0x21: "a value outside its enumeration",
    0x22: "broken storage",
    0x31: "an empty list had nothing to take",
    0x32: "an index outside its list",
    0x41: "too much memory",
    0x51: "a call to an unset function",
}


def selector(error: str) -> bytes:
    """Return the four bytes that a custom error without arguments reverts with."""
    return keccak(text=f"{error}()")[:4]


def decode_revert(data: bytes) -> ContractRevert:
    """Return the error to raise for the data of a revert.

    Its ``error`` is the custom error's name, or ``Error`` (a text), ``Panic``, ``UnknownError``
    (another contract's error), ``NoReason`` (no data at all).

    Args:
        data: What the node gives as the revert's data, without any decoding.
    """
    data = bytes(data)
    if name := _names().get(data):
        meaning = SENTENCES[name]
        return ContractRevert(name, meaning.sentence, meaning.remedy, data=data)
    if not data:
        return ContractRevert(
            "NoReason",
            "The call was refused without a reason.",
            "Check the chain and the escrow's address, that every value fits its type, that coins "
            "go only where they are due, and that there is enough gas.",
        )
    head, rest = data[:4], data[4:]
    if head == _ERROR_STRING and (text := _text(rest)) is not None:
        return ContractRevert(
            "Error",
            f"A contract refused the call and said: “{text}”.",
            _NOT_OURS,
            data=data,
        )
    if head == _PANIC and len(rest) == 32:
        code = int.from_bytes(rest, "big")
        meant = _PANICS.get(code, "a fault without a known meaning")
        return ContractRevert(
            "Panic",
            f"A contract stopped on a fault of its own: {meant} (panic {code:#04x}).",
            _NOT_OURS,
            data=data,
        )
    return ContractRevert(
        "UnknownError",
        f"A contract refused the call with an error that is not the escrow's, 0x{head.hex()}.",
        _NOT_OURS,
        data=data,
    )


@cache
def _names() -> Mapping[bytes, str]:
    return {selector(name): name for name in SENTENCES}


def _text(encoded: bytes) -> str | None:
    """Return an ABI-encoded string fit to be shown, or None where it is malformed."""
    start = int.from_bytes(encoded[:32], "big") + 32
    if len(encoded) < 64 or start > len(encoded):
        return None
    length = int.from_bytes(encoded[start - 32 : start], "big")
    if length > len(encoded) - start:
        return None
    text = encoded[start : start + length].decode("utf-8", "replace")
    # It is a stranger's: control and direction characters must not reach a terminal or a page.
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + "…"
