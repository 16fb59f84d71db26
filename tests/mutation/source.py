"""A source text and the places of the syntax tree's nodes in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Edit", "Source", "one_line"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text.

    Attributes:
        operator: The kind of change.
        start: Where the text begins that is replaced.
        end: Where it ends.
        text: What stands there instead.
    """

    operator: str
    start: int
    end: int
    text: str


class Source:
    """A source text.

    Attributes:
        file: Its path below the folder of contracts.
        text: All of it.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def start(self, node: Any) -> int:
        """Return where a node begins."""
        return int(self._lines[node.lineno - 1] + node.col_offset)

    def end(self, node: Any) -> int:
        """Return where a node ends."""
        return int(self._lines[node.end_lineno - 1] + node.end_col_offset)

    def of(self, node: Any) -> str:
        """Return a node's text."""
        return self.text[self.start(node) : self.end(node)]

    def line(self, position: int) -> int:
        """Return the number of the line with a position, from one."""
        return self.text.count("\n", 0, position) + 1

    def replaced(self, operator: str, node: Any, text: str) -> Edit:
        """Return the edit that puts a text in a node's place."""
        return Edit(operator, self.start(node), self.end(node), text)

    def between(self, operator: str, left: Any, right: Any, sign: str, other: str) -> Edit:
        """Return the edit that replaces the sign that stands between two nodes."""
        start, end = self.end(left), self.start(right)
        at = re.search(rf"(?<![\w]){re.escape(sign)}(?![\w])", self.text[start:end])
        assert at, f"no {sign} between {self.of(left)} and {self.of(right)}"
        return Edit(operator, start + at.start(), start + at.end(), other)


def one_line(text: str) -> str:
    """Return a text on one line, without comments and with one space where there were some."""
    without_comments = re.sub(r"#[^\n]*", "", text)
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", " ".join(without_comments.split()))
