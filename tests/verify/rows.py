"""A measured figure beside its goal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["HARNESS", "Depth", "Report", "Row", "Stopwatch", "at_least", "not_run"]

HARNESS: Final = "python -m tests.verify"

Report = Callable[[str], None]
"""Takes a line that says how far a technique is."""


class Depth(Enum):
    """How much is done: as much as fits into ``make test``, or all of it."""

    SHORT = "short"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one technique.

    Attributes:
        technique: The name that ``--only`` takes.
        what: What was counted.
        figure: What was measured; None: nothing, as ``note`` says.
        goal: What it must be at least.
        unit: Of the figure and of the goal.
        met: Whether the figure reaches its goal; None: it was not measured.
        seconds: That it took.
        seeds: From which all chance was made; empty: there was none.
        command: Measures the same again.
        note: What failed, or why nothing was measured.
    """

    technique: str
    what: str
    figure: float | None
    goal: float
    unit: str
    met: bool | None
    seconds: float
    seeds: str = ""
    command: str = ""
    note: str = ""


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds, to the hundredth."""
        return round(time.monotonic() - self._start, 2)


def at_least(
    technique: str,
    what: str,
    figure: float,
    goal: float,
    unit: str,
    *,
    watch: Stopwatch,
    depth: Depth,
    seeds: str = "",
    command: str = "",
    failures: str = "",
) -> Row:
    """Return the row of a figure that meets its goal if it is reached and nothing failed."""
    return Row(
        technique,
        what,
        figure,
        goal,
        unit,
        figure >= goal and not failures,
        watch.seconds,
        seeds,
        command or command_of(technique, depth),
        failures,
    )


def not_run(technique: str, what: str, goal: float, unit: str, why: str, depth: Depth) -> Row:
    """Return the row of what could not be measured."""
    command = command_of(technique, depth)
    return Row(technique, what, None, goal, unit, None, 0.0, command=command, note=why)


def command_of(technique: str, depth: Depth) -> str:
    """Return the command that measures a technique again."""
    return f"{HARNESS} --only {technique}" + (" --short" if depth is Depth.SHORT else "")
