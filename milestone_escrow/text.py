"""What a text of the parties may be: what it shows is what was hashed.

Text is Unicode in normal form C, with line feeds as line ends. Control characters, lone surrogates
and the invisible controls of writing direction, which can make a text look like another, are
refused.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from milestone_escrow.strict_json import StrictReader

__all__ = ["MAX_LINE", "TextRules", "fold"]

MAX_LINE: Final = 200
"""Characters of a title."""

# U+202A..U+202E and U+2066..U+2069: embeddings, overrides and isolates of writing direction.
_DIRECTION_CONTROLS: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def fold(text: str) -> str:
    """Return a text as it is compared: without case, and however its letters are composed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class TextRules:
    """Checks texts.

    Attributes:
        reader: Whose error is raised, with the path of the text.
    """

    reader: StrictReader

    def typed(self, text: object, path: str) -> str:
        """Return what a person typed in the normal form that is checked for."""
        lines = self.reader.text(text, path).replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", lines).strip()

    def check(self, value: object, path: str, *, may_be_empty: bool = False) -> None:
        """Do nothing if this is a text.

        Raises:
            EscrowError: It is none, or has characters that it must not have.
        """
        refuse = self.reader.refuse
        text = self.reader.text(value, path)
        if not may_be_empty and not text.strip():
            refuse(path, "is empty.", "Write something.")
        for char in text:
            if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t":
                refuse(
                    path,
                    f"has the character U+{ord(char):04X}, which is no text.",
                    "Take it out; lines end with a line feed alone.",
                )
            if char in _DIRECTION_CONTROLS:
                refuse(
                    path,
                    f"has the invisible character U+{ord(char):04X}, which can hide what a text "
                    "says.",
                    "Take it out.",
                )
        if not unicodedata.is_normalized("NFC", text):
            refuse(
                path,
                "is not in Unicode's normal form C.",
                "Normalise it before it is hashed, as AgreementDocument.create does.",
            )

    def check_line(self, value: object, path: str, longest: int = MAX_LINE) -> None:
        """Do nothing if this is one line of text.

        Raises:
            EscrowError: As ``check``; also if it is longer, or has several lines.
        """
        self.check(value, path)
        line = str(value)
        if "\n" in line or "\t" in line:
            self.reader.refuse(path, "is more than one line.", "Put it on one line, without tabs.")
        if len(line) > longest:
            self.reader.refuse(
                path, f"has {len(line)} characters, more than {longest}.", "Say it in fewer."
            )
