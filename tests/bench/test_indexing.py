"""The indexer's benches: what they judge of what they measured."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench import following, growth, indexing, sparse
from bench.dense_chain import dense_chain
from bench.goals import Goal
from bench.indexer_own import Measured, measure
from milestone_escrow.indexer import Indexer
from tests.library.indexing import history
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode


def run(who: str, rate: float = 100.0, peak: float = 100.0, reader: float = 0.0) -> Measured:
    return Measured(who, 1_000, 1_000 / rate, 1.0, peak, reader_mib=reader)


def figures(goals: list[Goal]) -> dict[str, tuple[float, bool]]:
    return {goal.what: (round(goal.figure, 6), goal.met) for goal in goals}


def test_a_ratio_is_of_the_medians_and_what_did_not_run_is_no_goal() -> None:
    runs = [run("floor", rate) for rate in (90, 100, 500)] + [run("sqlite", 25), run("sqlite", 27)]
    found = figures(list(indexing.goals(runs)))
    assert found == {
        "sqlite to floor": (0.26, True),
        "sqlite: peak of both processes": (100, True),
    }
    found = figures(list(indexing.goals([run("floor", 100), run("sqlite", 24)])))
    assert found["sqlite to floor"] == (0.24, False)


def test_memory_is_that_of_both_processes() -> None:
    found = figures(list(indexing.goals([run("postgresql", peak=100, reader=51)])))
    assert found == {"postgresql: peak of both processes": (151, False)}


def test_the_cost_at_the_end_is_held_against_the_cheapest_of_the_first_half() -> None:
    # Microseconds an event, of a hundred events in ten blocks each; the last block does not count.
    costs = [9, 4, 5, 5, 6, 6, 6, 6, 6, 5, 50]
    spent = [sum(costs[: i + 1]) * 100 * 1e-6 for i in range(len(costs))]
    marks = [((i + 1) * 10, (i + 1) * 100, cpu) for i, cpu in enumerate(spent)]
    measured = Measured("sqlite", 1_000, 1.0, spent[-1], 60.0, reader_mib=30.0, marks=marks)
    assert [round(cost, 6) for _, cost in growth.costs(measured, 109)] == costs[:-1]
    found = figures(list(growth.goals(measured, 109)))
    assert found["sqlite: the last events to early ones, CPU"] == (1.25, True)
    assert found["sqlite: peak of both processes"] == (90, True)


def test_requests_and_the_rival_of_a_sparse_chain() -> None:
    few = Measured("sqlite", 1_000, 0.1, 0.1, 50.0, requests=6)
    own, rival = run("sqlite", rate=10_000), run("ponder pglite", rate=10)
    assert figures(list(sparse.goals(few, [own, rival]))) == {
        "requests for 1,000 events": (6, False),
        "sparse, sqlite, to ponder pglite as it comes": (1_000, True),
    }
    assert len(list(sparse.goals(few, [own]))) == 1


def test_following_is_judged_by_each_of_its_goals() -> None:
    found = {
        "told by WebSocket": {"median": 0.004, "p99": 0.051},
        "asking each 1 s": {"median": 0.49},
        "asking each 0.1 s": {"median": 0.06},
        "kill -9 to ready": {"worst": 0.9},
        "repair of 64 blocks": {"seconds": 0.2},
        "a hung node": {"seconds": 2.1},
    }
    met = [goal.met for goal in following.goals(found)]
    assert met == [True, False, True, False, True, True, False]


def test_the_yardsticks_do_the_work_that_they_stand_for(tmp_path: Path) -> None:
    store = tmp_path / "index.db"
    with dense_chain(1_000) as chain:
        floor = measure("floor", chain.url, chain.escrow, "")
        bare = measure("bare", chain.url, chain.escrow, str(tmp_path / "bare.db"))
        with Indexer(chain.url, store, chain.escrow) as indexer:
            report = indexer.run_once()
    assert floor.events == bare.events == report.events > 1_000
    tables = "FROM milestones JOIN deals USING (deal)"
    with (
        closing(sqlite3.connect(tmp_path / "bare.db")) as db,
        closing(sqlite3.connect(store)) as own,
    ):
        assert db.execute("SELECT count(*) FROM events").fetchone() == (bare.events,)
        kept, rows = (
            set(each.execute(f"SELECT deal_id, milestone, amount, remaining {tables}"))
            for each in (db, own)
        )
    assert kept == rows


def test_it_measures_in_a_process_of_its_own(tmp_path: Path) -> None:
    escrow = history(60)
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block)
        measured = measure("sqlite", node.url, ESCROW, str(tmp_path / "index.db"))
    assert measured.events == len(escrow.records)
    assert measured.seconds > 0 and measured.cpu_seconds > 0 and measured.peak_mib > 10
    assert measured.requests == node.requests
    block, events, _ = measured.marks[-1]
    assert (block, events) == (escrow.block, measured.events)
    assert measured.stored_bytes
