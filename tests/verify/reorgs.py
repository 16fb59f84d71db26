"""Random sequences of growth and forks: the index that followed equals one made at once."""

from __future__ import annotations

from typing import Final

from pytest import MonkeyPatch

from milestone_escrow.indexer import rpc, sync
from tests.library.reorganising import play_and_compare
from tests.library.scripted_node import ScriptedNode
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run
from tests.verify.stores import STORES, NoPostgres, targets

__all__ = ["measure"]

SEQUENCES: Final = {
    "SQLite": {Depth.SHORT: 50, Depth.DEEP: 5_000},
    "PostgreSQL": {Depth.SHORT: 10, Depth.DEEP: 1_000},
}
FIRST: Final = 1_000
"""The first seed."""

_UNIT: Final = "sequences"


def measure(depth: Depth, report: Report) -> list[Row]:
    """Play sequences on each store; what differs is raised, with its seed."""
    with MonkeyPatch.context() as patch:
        for module in (rpc, sync):  # nobody waits for a chain that is unsteady on purpose
            patch.setattr(module, "_FIRST_PAUSE", 0.0001)
        return [_row(store, depth, report) for store in STORES]


def _row(store: str, depth: Depth, report: Report) -> Row:
    watch, goal = Stopwatch(), SEQUENCES[store][depth]
    reorgs = 0
    try:
        with targets(store) as new_target, ScriptedNode() as node:
            for done in range(1, goal + 1):
                reorgs += play_and_compare(node, new_target, FIRST + done - 1)
                if done % 100 == 0:
                    report(f"{store}: {done:,} of {goal:,} sequences, {reorgs:,} reorganisations")
    except NoPostgres as why:
        return not_run("reorgs", f"random sequences, {store}", goal, _UNIT, str(why), depth)
    return at_least(
        "reorgs",
        f"random sequences with {reorgs:,} reorganisations, {store}: equal to a fresh index",
        goal,
        goal,
        _UNIT,
        watch=watch,
        depth=depth,
        seeds=f"{FIRST}..{FIRST + goal - 1}",
    )
