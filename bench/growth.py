"""Whether the index costs the same however long it is: ``python -m bench.growth --events 2000000``.

One run over one long chain, the escrow's own indexer into SQLite or PostgreSQL: what an event costs
in CPU at the beginning and at the end, and how much memory it took in all.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.dense_chain import EVENTS_A_BLOCK, dense_chain
from bench.goals import Goal, goal_table, goals_to_json, output
from bench.indexer_own import Measured, measure
from bench.indexing import MOST_MIB
from milestone_escrow.indexer.sync_steps import RECENT

__all__ = ["costs", "goals", "main"]

_LEAST: Final = 100_000  # events
_BLOCKS: Final = 1_250  # or fewer: of more, Anvil would need hours for millions of events
_WINDOWS: Final = 10
_MOST: Final = 1.25  # of what an event costs at first; a machine with other work varies as much
_STORES: Final = ("sqlite", "postgresql")


def costs(run: Measured, last_block: int) -> list[tuple[int, float]]:
    """Return (events so far, CPU microseconds an event since the row before), in some ten parts.

    Args:
        run: What was measured.
        last_block: The last that counts. The latest 256 cost more at any length, since the last
            block of each answer about them is read twice.
    """
    found: list[tuple[int, float]] = []
    begun, spent = 0, 0.0
    for block, events, cpu in run.marks:
        if block <= last_block and events - begun >= run.events / _WINDOWS:
            found.append((events, (cpu - spent) / (events - begun) * 1e6))
            begun, spent = events, cpu
    return found


def goals(run: Measured, last_block: int) -> Iterator[Goal]:
    """Yield each goal; early events are those of the cheapest part of the first half."""
    parts = [cost for _, cost in costs(run, last_block)]
    early, late = min(parts[: max(len(parts) // 2, 1)]), parts[-1]
    yield Goal(
        f"{run.who}: the last events to early ones, CPU", late / early, _MOST, "times", False
    )
    both = run.peak_mib + run.reader_mib
    yield Goal(f"{run.who}: peak of both processes", both, MOST_MIB, "MiB", False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a chain, measure, print the table; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument(
        "--events", type=int, default=200_000, help="default: 200,000; at least 100,000"
    )
    parser.add_argument("--only", nargs="+", choices=_STORES, default=[_STORES[0]])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.events < _LEAST:
        parser.error(f"fewer events than {_LEAST:,} show no growth")
    say = Console(stderr=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        say.print(f"Filling Anvil with {options.events:,} events ...")
        groups = max(-(-options.events // (_BLOCKS * EVENTS_A_BLOCK)), 1)
        chain = stack.enter_context(dense_chain(options.events, groups * EVENTS_A_BLOCK))
        last_block = chain.blocks - RECENT
        runs = []
        for who in options.only:
            target = str(folder / "index.db")
            if who != "sqlite":
                from tests.postgres import start_postgres

                target = stack.enter_context(start_postgres()).new_schema()
            runs.append(measure(who, chain.url, chain.escrow, target))
    judged = [goal for run in runs for goal in goals(run, last_block)]
    if options.json:
        told = [asdict(run) for run in runs]
        print(json.dumps({"runs": told, "goals": goals_to_json(judged)}))
    else:
        for run in runs:
            table = Table(f"{run.who}, events", "CPU us an event", box=None)
            for events, cost in costs(run, last_block):
                table.add_row(f"{events:,}", f"{cost:.1f}")
            output().print(table)
        output().print(goal_table(judged))
    return int(not all(goal.met for goal in judged))


if __name__ == "__main__":
    sys.exit(main())
