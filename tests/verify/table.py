"""The rows as a table, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from tests.verify.rows import Row

__all__ = ["result_of", "show", "write_json"]

_STYLES: Final = {"met": "green", "not met": "bold red", "not run": "yellow"}


def result_of(row: Row) -> str:
    """Return the word for whether a goal is met."""
    return "not run" if row.met is None else "met" if row.met else "not met"


def show(rows: Sequence[Row], console: Console) -> None:
    """Print one table of all rows, then what is to be said of some of them."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("technique", "what"):
        table.add_column(name)
    for name in ("figure", "goal"):
        table.add_column(name, justify="right")
    table.add_column("unit")
    table.add_column("result")
    table.add_column("seconds", justify="right")
    table.add_column("again", overflow="fold")
    for row in rows:
        result = result_of(row)
        figures = [Text(_number(row.figure)), Text(_number(row.goal))]
        table.add_row(
            Text(row.technique),
            Text(row.what),
            *figures,
            Text(row.unit),
            Text(result, style=_STYLES[result]),
            Text(f"{row.seconds:,.1f}"),
            Text(row.command),
        )
    console.print(Group(table, *_remarks(rows)))


def _remarks(rows: Sequence[Row]) -> list[Text]:
    remarks = [f"{row.technique}: seeds {row.seeds}" for row in rows if row.seeds]
    remarks += [f"{row.technique}, {row.what}: {row.note}" for row in rows if row.note]
    return [Text(remark) for remark in dict.fromkeys(remarks)]


def _number(number: float | None) -> str:
    if number is None:
        return "-"
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def write_json(rows: Sequence[Row], path: Path) -> None:
    """Write the rows to a file, each with its result in a word."""
    made = [{**asdict(row), "result": result_of(row)} for row in rows]
    path.write_text(json.dumps({"rows": made}, indent=2) + "\n", encoding="utf-8")
