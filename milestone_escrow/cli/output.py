"""What a command shows: tables and colours on a terminal, aligned text in a pipe, or JSON.

All text goes through here as it is; nothing in it is taken for markup.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["Cell", "Column", "Screen", "is_terminal"]

_GAP: Final = 2  # spaces between columns

# Words that are worth a colour, and the colour.
_STYLES: Final = {
    "ok": "green",
    "up": "green",
    "active": "green",
    "funded": "green",
    "released": "green",
    "open": "cyan",
    "reserved": "cyan",
    "requested": "cyan",
    "warning": "yellow",
    "pending": "yellow",
    "overdue": "yellow",
    "dormant": "yellow",
    "claimable": "bold yellow",
    "missing": "bold red",
    "wrong": "bold red",
    "disputed": "red",
    "ruling_late": "bold red",
    "lapsed": "bold red",
    "agreed": "dim",
    "down": "dim",
    "closed": "dim",
    "ended": "dim",
    "moved": "dim",
    # Events
    "Opened": "cyan",
    "Accepted": "cyan",
    "ReleaseRequested": "yellow",
    "Disputed": "red",
    "Ruled": "red",
    "Released": "green",
    "Refunded": "magenta",
    "Credited": "yellow",
}

Cell = str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        right: Aligned to the right.
        keep: On a narrow terminal, columns with the lowest go first; 9 stays always.
        status: Its cells are words that have a colour.
        flows: It may be wrapped.
    """

    title: str
    right: bool = False
    keep: int = 9
    status: bool = False
    flows: bool = False


class Screen:
    """Where a command writes.

    Attributes:
        json: The user wants JSON.
        terminal: Standard output is a terminal that a person looks at.
        width: Its columns.
    """

    def __init__(self, *, json: bool) -> None:
        """Look at standard output."""
        self.json = json
        self.terminal = is_terminal(sys.stdout) and not json
        self.width = shutil.get_terminal_size().columns
        self._consoles: dict[bool, Console] = {}

    # --- JSON

    def emit(self, value: Any) -> None:
        """Write one JSON value on one line."""
        click.echo(json.dumps(value, ensure_ascii=False))

    # --- Text

    def line(self, text: str = "") -> None:
        """Write a line."""
        click.echo(text)

    def styled(self, *parts: tuple[str, str]) -> None:
        """Write a line of texts, each in a style that a terminal shows and a pipe does not."""
        if not self.terminal:
            self.line("".join(text for text, _ in parts).rstrip())
            return
        line = self._text("", "")
        for text, style in parts:
            line.append(text, style)
        self._print(line)

    def heading(self, text: str) -> None:
        """Write an empty line and a heading."""
        self.line()
        if self.terminal:
            self._print(self._text(text, "bold"))
        else:
            self.line(text)

    def facts(self, pairs: Sequence[tuple[str, Cell]]) -> None:
        """Write names and values, the values aligned; a name's status word is coloured.

        On a terminal long values are wrapped, but for addresses and hashes.
        """
        width = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            label = name.ljust(width + _GAP)
            style = _STYLES.get(value.partition(" ")[0], "") if name == "status" else ""
            room = max(self.width - len(label), 20)
            lines = _wrapped(value, room) if self.terminal and len(value) > room else [value]
            for line in lines:
                self.styled((label, "dim"), (line, style))
                label = " " * len(label)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        """Write a table; in a pipe every column is there in full, each row on a line."""
        if self.terminal:
            self._rich_table(columns, rows)
            return
        widths = _widths(columns, rows)
        for row in ([column.title for column in columns], *rows):
            cells = [
                cell.rjust(width) if column.right else cell.ljust(width)
                for column, cell, width in zip(columns, row, widths, strict=True)
            ]
            self.line((" " * _GAP).join(cells).rstrip())

    def states(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Write names, states, details, and below each detail its remedy if there is one."""
        width = max(len(name) for name, *_ in rows) + _GAP
        state_width = max(len(state) for _, state, *_ in rows) + _GAP
        for name, state, detail, remedy in rows:
            label, word = name.ljust(width), state.ljust(state_width)
            indent = " " * len(label + word)
            if not self.terminal:
                self.line(f"{label}{word}{detail}")
                if remedy:
                    self.line(indent + remedy)
                continue
            room = max(self.width - len(indent), 20)
            for number, line in enumerate(_wrapped(detail, room)):
                text = self._text(indent if number else label, "")
                if not number:
                    text.append(word, _STYLES.get(state, ""))
                text.append(line)
                self._print(text)
            for line in _wrapped(remedy, room):
                self._print(self._text(indent + line, "yellow"))

    def next_step(self, text: str) -> None:
        """Say what comes next, to a person at a terminal."""
        if self.terminal:
            self.line()
            self._print(self._text("Next: " + text, "dim"))

    # --- Beside the result

    def note(self, text: str) -> None:
        """Write a line beside the result, on standard error; nothing with JSON."""
        if self.json:
            return
        if is_terminal(sys.stderr):
            self._print(self._text(text, "dim"), err=True)
        else:
            click.echo(text, err=True)

    def shows_progress(self) -> bool:
        """Return whether a progress bar would be seen."""
        return not self.json and is_terminal(sys.stderr)

    def console(self, *, err: bool = False) -> Console:
        """Return the terminal, as rich sees it."""
        if err not in self._consoles:
            from rich.console import Console

            self._consoles[err] = Console(
                stderr=err, width=self.width, highlight=False, markup=False, emoji=False
            )
        return self._consoles[err]

    # --- Inside

    def _print(self, text: Text, *, err: bool = False) -> None:
        self.console(err=err).print(text, soft_wrap=True)

    def _text(self, text: str, style: str) -> Text:
        from rich.text import Text

        return Text(text, style)

    def _rich_table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        from rich.table import Table

        shown = self._fitting(columns, rows)
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold dim")
        for number in shown:
            column = columns[number]
            table.add_column(
                self._text(column.title, ""),
                justify="right" if column.right else "left",
                no_wrap=not column.flows,
                overflow="fold" if column.flows else "ellipsis",
            )
        for row in rows:
            table.add_row(
                *(
                    self._text(row[i], _STYLES.get(row[i], "") if columns[i].status else "")
                    for i in shown
                )
            )
        self.console().print(table)

    def _fitting(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
        """Return the numbers of the columns that fit, the least important ones left out."""
        widths = [
            min(width, 24) if column.flows else width
            for column, width in zip(columns, _widths(columns, rows), strict=True)
        ]
        shown = list(range(len(columns)))
        while sum(widths[i] + _GAP for i in shown) - _GAP > self.width:
            least = min(shown, key=lambda i: columns[i].keep)
            if columns[least].keep == 9:
                break
            shown.remove(least)
        return shown


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [
        max([len(column.title), *(len(row[i]) for row in rows)]) for i, column in enumerate(columns)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    """Return lines; an address or a path is not cut."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def is_terminal(stream: Any) -> bool:
    """Return whether a person sees this stream on a terminal that knows colours."""
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
