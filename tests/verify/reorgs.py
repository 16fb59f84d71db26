"""Random sequences of growth and forks: the index that followed equals one made at once."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Final

from pytest import MonkeyPatch

from milestone_escrow.indexer import rpc, sync
from tests.library.reorganising import play_and_compare
from tests.library.scripted_node import ScriptedNode
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run
from tests.verify.stores import STORES, NoPostgres, targets

__all__ = ["measure"]

SEQUENCES: Final = {
    "SQLite": {Depth.SHORT: 40, Depth.DEEP: 5_000},
    "PostgreSQL": {Depth.SHORT: 10, Depth.DEEP: 1_000},
}
FIRST: Final = 1_000
"""The first seed."""

_TOGETHER: Final = {"SQLite": 50, "PostgreSQL": 250}  # sequences of one server
_PROCESSES: Final = 2
_UNIT: Final = "sequences"


def measure(depth: Depth, report: Report) -> list[Row]:
    """Play sequences on each store; what differs is raised, with its seed."""
    return [_row(store, depth, report) for store in STORES]


def _row(store: str, depth: Depth, report: Report) -> Row:
    watch, goal = Stopwatch(), SEQUENCES[store][depth]
    together = _TOGETHER[store]
    parts = [range(first, min(first + together, goal)) for first in range(0, goal, together)]
    done = reorgs = 0
    pool = ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn"))
    try:
        for part in as_completed([pool.submit(_play, store, part) for part in parts]):
            played, followed = part.result()
            done += played
            reorgs += followed
            report(f"{store}: {done:,} of {goal:,} sequences, {reorgs:,} reorganisations")
    except NoPostgres as why:
        return not_run("reorgs", f"random sequences, {store}", goal, _UNIT, str(why), depth)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return at_least(
        "reorgs",
        f"random sequences with {reorgs:,} reorganisations, {store}: equal to a fresh index",
        done,
        goal,
        _UNIT,
        watch=watch,
        depth=depth,
        seeds=f"{FIRST}..{FIRST + goal - 1}",
    )


def _play(store: str, numbers: range) -> tuple[int, int]:
    """Play some sequences; return how many, and how many reorganisations were followed."""
    with MonkeyPatch.context() as patch, targets(store) as new_target, ScriptedNode() as node:
        for module in (rpc, sync):  # nobody waits for a chain that is unsteady on purpose
            patch.setattr(module, "_FIRST_PAUSE", 0.0001)
        reorgs = sum(play_and_compare(node, new_target, FIRST + number) for number in numbers)
    return len(numbers), reorgs
