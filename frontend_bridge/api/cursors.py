"""Cursors: where a page begins, opaque to clients, so that what they hold may change."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from milestone_escrow.exceptions import UsageError

__all__ = ["LAST_NUMBER", "cursor_of", "number_in", "place_in"]

LAST_NUMBER: Final = 2**31 - 1
"""The largest number that a row beside the chain can have: PostgreSQL compares with no larger."""


def cursor_of(*numbers: int) -> str:
    """Return a cursor that holds some integers."""
    text = ".".join(map(str, numbers)).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def place_in(cursor: str, count: int) -> list[int]:
    """Return the integers of a cursor.

    Raises:
        UsageError: It is no cursor of so many.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        numbers = [_number(part) for part in text.split(b".")]
    except (binascii.Error, ValueError):
        numbers = []
    if len(numbers) != count:
        raise UsageError(
            "The cursor is none that this list gave.",
            "Give the next of the page before, or none.",
            code="bad-cursor",
        )
    return numbers


def number_in(cursor: str) -> int:
    """Return the number of a row beside the chain in a cursor.

    Raises:
        UsageError: It is no cursor of one.
    """
    return min(place_in(cursor, 1)[0], LAST_NUMBER)


def _number(text: bytes) -> int:
    """Return a small integer; a cursor that somebody made up asks for nothing large."""
    if not text.isdigit() or len(text) > 10:
        raise ValueError(text)
    return min(int(text), (1 << 32) - 1)
