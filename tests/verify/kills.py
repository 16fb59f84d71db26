"""Indexers that are killed, and what is lost or there twice in the end: nothing, on each store."""

from __future__ import annotations

from typing import Final

from tests.library.killing import kill_again_and_again
from tests.library.scripted_node import ScriptedNode
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run
from tests.verify.stores import STORES, NoPostgres, targets

__all__ = ["measure"]

KILLS: Final = {Depth.SHORT: 10, Depth.DEEP: 2_000}
_OF_A_CHAIN: Final = 100
_UNIT: Final = "kills"


def measure(depth: Depth, report: Report) -> list[Row]:
    """Kill indexers of a chain that grows and forks; compare what they made with a fresh index."""
    return [_row(store, depth, report) for store in STORES]


def _row(store: str, depth: Depth, report: Report) -> Row:
    watch, goal = Stopwatch(), KILLS[depth]
    deaths = in_commits = 0
    seeds = range(1, 1 + -(-goal // _OF_A_CHAIN))
    try:
        with targets(store) as new_target, ScriptedNode() as node:
            for seed in seeds:
                some = min(_OF_A_CHAIN, goal - deaths)
                killed = kill_again_and_again(node, new_target, some, seed)
                deaths += killed.deaths
                in_commits += killed.in_commits
                report(f"{store}: {deaths:,} of {goal:,} killed")
    except NoPostgres as why:
        return not_run("kills", f"kills -9 of an indexer, {store}", goal, _UNIT, str(why), depth)
    return at_least(
        "kills",
        f"kills -9 of an indexer, {in_commits:,} of them in a commit, {store}: none lost or twice",
        deaths,
        goal,
        _UNIT,
        watch=watch,
        depth=depth,
        seeds=f"{seeds[0]}..{seeds[-1]}",
    )
