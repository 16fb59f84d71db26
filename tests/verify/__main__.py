"""``python -m tests.verify``: measures every technique and compares it with its goal."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from tests.verify.rows import Depth, Row, Stopwatch
from tests.verify.table import result_of, show, write_json

# In the order in which they run: the quick ones first. Each is a module of this package with a
# function ``measure(depth, report) -> list[Row]``, imported when its turn comes.
TECHNIQUES: Final = (
    "abuse",
    "signatures",
    "typed_data",
    "coverage",
    "builds",
    "faults",
    "audit",
    "memory",
    "kills",
    "reorgs",
    "hostile",
    "model",
    "proofs",
    "mutation",
)


@click.command()
@click.option("--only", multiple=True, type=click.Choice(TECHNIQUES), help="One technique; again.")
@click.option("--short", is_flag=True, help="As much as fits into `make test`.")
@click.option("--json", "to", type=click.Path(dir_okay=False, path_type=Path), help="Rows to FILE.")
def main(only: tuple[str, ...], short: bool, to: Path | None) -> None:
    """Measure each technique of verification against its goal; exit with 1 if one is missed."""
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    depth = Depth.SHORT if short else Depth.DEEP
    rows: list[Row] = []
    for technique in only or TECHNIQUES:
        rows += measure(technique, depth, console)
        if to:
            write_json(rows, to)  # as far as it got, should a later one be interrupted
    console.print()
    show(rows, console)
    missed = [row for row in rows if row.met is False]
    console.print(f"{len(rows)} figures: {count(rows)}")
    sys.exit(1 if missed else 0)


def measure(technique: str, depth: Depth, console: Console) -> list[Row]:
    """Run one technique with a line of progress; what it raises is a missed goal."""
    watch = Stopwatch()
    with console.status(Text(f"{technique} ...")) as status:

        def report(line: str) -> None:
            status.update(Text(f"{technique}: {line}"))
            if not console.is_terminal:
                console.print(Text(f"  {technique}: {line}"))

        try:
            rows: list[Row] = import_module(f"tests.verify.{technique}").measure(depth, report)
        except Exception as error:
            note = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
            rows = [Row(technique, "runs to its end", 0, 1, "", False, watch.seconds, note=note)]
    console.print(Text(f"{technique}: {count(rows)} in {watch.seconds:,.1f} s"))
    return rows


def count(rows: list[Row]) -> str:
    """Return how many rows came to each result."""
    results = [result_of(row) for row in rows]
    return ", ".join(f"{results.count(word)} {word}" for word in dict.fromkeys(results))


if __name__ == "__main__":
    main()
