"""The indexer beside others, on one chain in one run: ``python -m bench.indexing``.

The yardsticks, the escrow's own indexer into both stores, and ``bench.rivals``, each in a process
of its own. What counts is the ratios; the goals are ratios too, but for memory.
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
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.dense_chain import DenseChain, dense_chain
from bench.goals import Goal, goal_table, goals_to_json, output
from bench.indexer_own import STORES, YARDSTICKS, Measured, measure
from bench.rivals import RIVALS, NoRivals, Place, measure_rival, prepare
from milestone_escrow.client import connect

__all__ = ["MOST_MIB", "goals", "main"]

_OWN: Final = (*YARDSTICKS, *STORES)
_DEPTH: Final = 100  # blocks above the last event: more than any rival waits for finality


# Who is at least so many times as fast as whom.
_RATIOS: Final = (
    ("sqlite", "floor", 0.25),
    ("sqlite", "ponder pglite", 15),
    ("postgresql", "floor", 0.18),
    ("postgresql", "ponder postgresql lifted", 5),
    ("postgresql", "subsquid postgresql", 1.2),
)
MOST_MIB: Final = 150
"""Peak memory of the escrow's own indexer, both its processes, whatever the length of the chain."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a chain, measure all of them, print the table; return 1 if a goal is missed."""
    options = _options(arguments)
    say = Console(stderr=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        say.print(f"Filling Anvil with {options.events:,} events ...")
        chain = stack.enter_context(dense_chain(options.events))
        w3 = connect(chain.url)
        last = w3.eth.block_number
        w3.provider.make_request("anvil_mine", [hex(_DEPTH)])  # type: ignore[arg-type]
        runs = list(_runs(chain, last, folder, stack, options, say))
    judged = list(goals(runs))
    if options.json:
        told = [asdict(run) for run in runs]
        print(json.dumps({"runs": told, "goals": goals_to_json(judged)}))
    else:
        _show(runs, judged)
    return int(not all(goal.met for goal in judged))


def goals(runs: Sequence[Measured]) -> Iterator[Goal]:
    """Yield each goal that could be measured; ratios are those of the rates' medians."""
    rates = _rates(runs)
    for who, than, ratio in _RATIOS:
        if who in rates and than in rates:
            yield Goal(f"{who} to {than}", rates[who] / rates[than], ratio, "times")
    for who in STORES:
        if peaks := [run.peak_mib + run.reader_mib for run in runs if run.who == who]:
            yield Goal(f"{who}: peak of both processes", max(peaks), MOST_MIB, "MiB", False)


def _rates(runs: Sequence[Measured]) -> dict[str, float]:
    return {
        who: median(run.rate for run in runs if run.who == who)
        for who in dict.fromkeys(run.who for run in runs)
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.indexing", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="default: 200,000")
    parser.add_argument("--rounds", type=int, default=2, help="of our own; default: 2")
    parser.add_argument("--only", nargs="+", choices=[*_OWN, *RIVALS], default=[*_OWN, *RIVALS])
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _runs(
    chain: DenseChain,
    last: int,
    folder: Path,
    stack: ExitStack,
    options: argparse.Namespace,
    say: Console,
) -> Iterator[Measured]:
    from tests.postgres import NoPostgres, start_postgres

    server = None
    try:
        server = stack.enter_context(start_postgres())
    except NoPostgres as why:
        say.print(f"PostgreSQL is left out: {why}.")
    for number in range(options.rounds):
        targets = {"floor": ""}
        targets |= {who: str(folder / f"{who}{number}.db") for who in ("bare", "sqlite")}
        if server is not None:
            targets["postgresql"] = server.new_schema()
        for who, target in targets.items():
            if who in options.only:
                say.print(f"{who} ...")
                yield measure(who, chain.url, chain.escrow, target)
    rivals = [each for each in RIVALS if each in options.only]
    if not rivals:
        return
    try:
        prepare()
    except NoRivals as why:
        say.print(f"The others are left out: {why}.")
        return
    for number, who in enumerate(rivals):
        say.print(f"{who} ...")
        own = folder / f"rival{number}"
        own.mkdir()
        database = None if server is None else server.url
        try:
            yield measure_rival(who, Place(chain.url, chain.escrow, last, own, database))
        except NoRivals as why:
            say.print(f"{who} is left out: {why}.")


def _show(runs: Sequence[Measured], judged: Sequence[Goal]) -> None:
    console = output()
    columns = (
        "events/s",
        "of the floor",
        "of bare",
        "CPU us an event",
        "peak MiB",
        "bytes an event",
    )
    table = Table("who", "events", *columns, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    rates = _rates(runs)
    floor, bare = rates.get("floor"), rates.get("bare")
    for who, rate in rates.items():
        mine = [run for run in runs if run.who == who]
        table.add_row(
            who,
            f"{mine[0].events:,}",
            f"{rate:,.0f}",
            "" if floor is None else f"{rate / floor:.3f}",
            "" if bare is None else f"{rate / bare:.2f}",
            f"{median(run.cpu_seconds / run.events for run in mine) * 1e6:.1f}",
            f"{max(run.peak_mib + run.reader_mib for run in mine):,.0f}",
            "" if mine[0].stored_bytes is None else f"{mine[0].stored_bytes / mine[0].events:.0f}",
        )
    console.print(table)
    console.print(goal_table(judged))


if __name__ == "__main__":
    sys.exit(main())
