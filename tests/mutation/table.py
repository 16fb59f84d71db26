"""What a run of mutants shows: progress with rate and remaining time, and the table at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from milestone_escrow.cli.output import Column, Screen
from tests.mutation.score import MutationReport, Result
from tests.mutation.trial import STAGES, Verdict

__all__ = ["as_json", "progress", "show"]

_EACH: Final = 20.0  # seconds between lines where there is no terminal

Callback = Callable[[int, int, Result], None]


@contextmanager
def progress(name: str) -> Iterator[Callback]:
    """Give what shows each result: a bar on a terminal, else a line now and then."""
    started = last = time.monotonic()
    tried = survived = 0

    def rate() -> float:
        return tried / max(time.monotonic() - started, 0.001)

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None, note="")

        def show_one(done: int, total: int, result: Result) -> None:
            nonlocal started, tried, survived, last
            if not tried:  # before it the original was tried
                started = time.monotonic() - result.seconds
            tried += 1
            survived += result.verdict is Verdict.SURVIVED
            note = f"{rate():.2f}/s, {survived} survived"
            bar.update(task, completed=done, total=total, note=note)
            if not console.is_terminal and (time.monotonic() - last > _EACH or done == total):
                last = time.monotonic()
                left = (total - done) / rate() / 60
                print(f"{name}: {done} of {total}, {note}, {left:.0f} min left", file=sys.stderr)

        yield show_one


def show(report: MutationReport) -> None:
    """Print the table of a report, and its survivors."""
    screen = Screen(json=False)
    screen.heading(f"Mutants of {report.target}")
    count = report.count
    rows = [
        ("generated", report.generated),
        (f"chosen, by seed {report.seed}", report.chosen),
        ("did not compile", count(Verdict.NOT_COMPILED)),
        ("same bytecode as the original", count(Verdict.SAME)),
        ("same bytecode as another mutant", report.duplicates),
        *((f"killed by {stage}", report.killed_by.get(stage, 0)) for stage in STAGES),
        ("timed out", count(Verdict.TIMED_OUT)),
        ("survived, declared equivalent", len(report.equivalent)),
        ("survived", len(report.survivors)),
    ]
    cells = [(name, f"{number:,}") for name, number in rows]
    cells.append(("score", f"{report.score:.2%} of {report.judged:,}"))
    cells.append(("minutes", f"{report.seconds / 60:.1f}"))
    screen.table([Column(""), Column("", right=True)], cells)
    for title, results in (
        ("Survived", report.survivors),
        ("Declared equivalent, but killed", report.wrongly_declared),
    ):
        if results:
            screen.heading(title)
        for result in results:
            mutant = result.mutant
            nth = f" ({mutant.nth})" if mutant.nth > 1 else ""
            screen.line(f"{mutant.file}:{mutant.line} {mutant.function}{nth}  {mutant.operator}")
            screen.line(f"  before  {mutant.before}")
            screen.line(f"  after   {mutant.after}")
            if result.by:
                screen.line(f"  killed by {result.by}")


def as_json(report: MutationReport) -> dict[str, Any]:
    """Return a report as JSON has it."""
    return {
        "target": report.target,
        "generated": report.generated,
        "chosen": report.chosen,
        "seed": report.seed,
        "not_compiled": report.count(Verdict.NOT_COMPILED),
        "same_bytecode": report.count(Verdict.SAME),
        "duplicates": report.duplicates,
        "killed": dict(report.killed_by),
        "timed_out": report.count(Verdict.TIMED_OUT),
        "equivalent": len(report.equivalent),
        "judged": report.judged,
        "score": report.score,
        "seconds": report.seconds,
        "survivors": [_mutant(result) for result in report.survivors],
        "wrongly_declared": [_mutant(result) for result in report.wrongly_declared],
    }


def _mutant(result: Result) -> dict[str, Any]:
    known = asdict(result.mutant)
    del known["edit"]
    return known | {"name": result.mutant.name, "by": result.by}
