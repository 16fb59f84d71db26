"""Reading JSON that others sent: exact keys, exact types, and the path of whatever is wrong.

Paths are written as a reader would: ``milestones[2].amount``; the whole value is ``.``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from milestone_escrow.exceptions import EscrowError

__all__ = ["StrictReader", "join"]

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")  # 78 digits hold every uint256
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


def join(path: str, key: str) -> str:
    """Return the path of ``key`` inside the object at ``path``."""
    return f"{path}.{key}" if path else key


@dataclass(frozen=True, slots=True)
class StrictReader:
    """Reads the parts of a JSON value and raises ``error``, with the path, at the first misfit."""

    error: type[EscrowError]

    def refuse(self, path: str, sentence: str, remedy: str) -> NoReturn:
        """Raise the reader's error; the sentence goes on after the path."""
        place = path or "."
        raise self.error(f"{place} {sentence}", remedy, field=place)

    def parse(self, text: str | bytes) -> object:
        """Return the value of a JSON text, refusing floats, NaN, infinities and repeated keys."""

        def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
            found = dict(pairs)
            if len(found) != len(pairs):
                names = [name for name, _ in pairs]
                twice = next(name for name in names if names.count(name) > 1)
                self.refuse("", f"has the key {twice!r} twice.", "Keep one of them.")
            return found

        def no_float(literal: str) -> NoReturn:
            self.refuse(
                "",
                f"has the number {literal}, which is not an integer.",
                "Write amounts as decimal strings in raw units.",
            )

        try:
            value: object = json.loads(
                # Python's reader would guess at UTF-16 and at byte order marks.
                text.decode("utf-8") if isinstance(text, bytes) else text,
                object_pairs_hook=unique,
                parse_float=no_float,
                parse_constant=no_float,
            )
        except (ValueError, RecursionError) as cause:
            raise self.error(
                f"This is not JSON in UTF-8: {cause}.", "Send the file as it was made.", field="."
            ) from cause
        return value

    def members(self, value: object, keys: Sequence[str], path: str = "") -> dict[str, object]:
        """Return an object's members if its keys are exactly ``keys``, in any order."""
        if not isinstance(value, dict):
            self.refuse(path, f"is {_kind(value)}, not an object.", f"Give {', '.join(keys)}.")
        for key in keys:
            if key not in value:
                self.refuse(join(path, key), "is missing.", "Add it.")
        for key in value:
            if key not in keys:
                self.refuse(
                    join(path, str(key)), "is not a known key.", f"Known are {', '.join(keys)}."
                )
        return value

    def array(self, value: object, path: str) -> list[object]:
        """Return ``value`` if it is an array."""
        if not isinstance(value, list):
            self.refuse(path, f"is {_kind(value)}, not an array.", "Give a JSON array.")
        return value

    def text(self, value: object, path: str) -> str:
        """Return ``value`` if it is a string."""
        if not isinstance(value, str):
            self.refuse(path, f"is {_kind(value)}, not a string.", "Give a JSON string.")
        return value

    def integer(self, value: object, path: str) -> int:
        """Return the integer of a decimal string: no sign, no leading zero, at most 78 digits."""
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            shown = repr(value) if isinstance(value, str) and len(value) < 100 else _kind(value)
            self.refuse(
                path,
                f"is {shown}, not an integer as a decimal string.",
                'Write it as digits in quotes, such as "1500".',
            )
        return int(value)

    def hex_bytes(self, value: object, path: str) -> bytes:
        """Return the bytes of a 0x-prefixed hex string of any length."""
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            self.refuse(
                path,
                f"is {_kind(value)}, not 0x-hex bytes.",
                "Write 0x and an even count of hex digits.",
            )
        return bytes.fromhex(value[2:])


def _kind(value: object) -> str:
    """Name a value's JSON type with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, list | tuple):
        return "an array"
    return "an object" if isinstance(value, dict) else f"a {type(value).__name__}"
