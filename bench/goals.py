"""A figure beside what it should be, and the table of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["Goal", "goal_table", "goals_to_json", "output"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is measured beside what it should be: at least, at most, or ``under``: less."""

    what: str
    figure: float
    goal: float
    unit: str
    at_least: bool = True
    under: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        if self.under:
            return self.figure < self.goal
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal

    @property
    def wanted(self) -> str:
        """The goal in words."""
        how = "under" if self.under else "at least" if self.at_least else "at most"
        return f"{how} {self.goal:,g}"


def goal_table(goals: Iterable[Goal]) -> Table:
    """Return a row for each."""
    table = Table("goal", "figure", "goal", "unit", "", box=None)
    for column in table.columns[1:3]:
        column.justify = "right"
    for goal in goals:
        figure = f"{goal.figure:,.0f}" if goal.figure >= 100 else f"{goal.figure:.3g}"
        table.add_row(goal.what, figure, goal.wanted, goal.unit, "met" if goal.met else "missed")
    return table


def goals_to_json(goals: Iterable[Goal]) -> list[dict[str, Any]]:
    """Return them as JSON-able values."""
    return [asdict(goal) | {"met": goal.met} for goal in goals]


def output() -> Console:
    """Return where tables are printed: as wide as the terminal, or wide enough for a file."""
    return Console(width=None if sys.stdout.isatty() else 120)
