"""Indexers that are killed, and what is lost or there twice in the end: nothing, on each store."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Final

from tests.library.killing import kill_again_and_again
from tests.library.scripted_node import ScriptedNode
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run
from tests.verify.stores import STORES, NoPostgres, targets

__all__ = ["measure"]

KILLS: Final = {Depth.SHORT: 10, Depth.DEEP: 2_000}
_OF_A_CHAIN: Final = 100
_PROCESSES: Final = 2
_UNIT: Final = "kills"


def measure(depth: Depth, report: Report) -> list[Row]:
    """Kill indexers of a chain that grows and forks; compare what they made with a fresh index."""
    return [_row(store, depth, report) for store in STORES]


def _row(store: str, depth: Depth, report: Report) -> Row:
    watch, goal = Stopwatch(), KILLS[depth]
    deaths = in_commits = 0
    chains = {
        seed: min(_OF_A_CHAIN, goal - done)
        for seed, done in enumerate(range(0, goal, _OF_A_CHAIN), 1)
    }
    pool = ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn"))
    try:
        running = [pool.submit(kill, store, kills, seed) for seed, kills in chains.items()]
        for ended in as_completed(running):
            killed, committing = ended.result()
            deaths += killed
            in_commits += committing
            report(f"{store}: {deaths:,} of {goal:,} killed, {in_commits:,} in a commit")
    except NoPostgres as why:
        return not_run("kills", f"kills -9 of an indexer, {store}", goal, _UNIT, str(why), depth)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return at_least(
        "kills",
        f"kills -9 of an indexer, {in_commits:,} of them in a commit, {store}: none lost or twice",
        deaths,
        goal,
        _UNIT,
        watch=watch,
        depth=depth,
        seeds=f"1..{len(chains)}",
    )


def kill(store: str, kills: int, seed: int) -> tuple[int, int]:
    """Kill the indexers of one chain; return how many, and how many of them in a commit."""
    with targets(store) as new_target, ScriptedNode() as node:
        killed = kill_again_and_again(node, new_target, kills, seed)
    return killed.deaths, killed.in_commits
