"""The indexer beside others, on one chain in one run: ``python -m bench.indexing``.

The floor, the escrow's own indexer into both stores, and ``bench.rivals``, each in a process of its
own. What counts is the ratios; the goals are ratios too, but for memory.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.dense_chain import DenseChain, dense_chain
from bench.indexer_own import OWN, Measured, measure
from bench.rivals import RIVALS, NoRivals, Place, measure_rival, prepare
from milestone_escrow.client import connect

__all__ = ["GOALS", "Goal", "main"]

_DEPTH: Final = 100  # blocks above the last event: more than any rival waits for finality


@dataclass(frozen=True, slots=True)
class Goal:
    """``who`` is at least ``ratio`` times as fast as ``than``."""

    who: str
    than: str
    ratio: float


GOALS: Final = (
    Goal("sqlite", "floor", 0.25),
    Goal("sqlite", "ponder pglite", 15),
    Goal("postgresql", "floor", 0.18),
    Goal("postgresql", "ponder postgresql lifted", 5),
    Goal("postgresql", "subsquid postgresql", 1.2),
)
MOST_MIB: Final = 150
"""Peak memory of the escrow's own indexer, whatever the length of the chain."""


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
    rates = {
        who: median(run.rate for run in runs if run.who == who)
        for who in dict.fromkeys(run.who for run in runs)
    }
    if options.json:
        print(json.dumps({"runs": [asdict(run) for run in runs], "goals": _judged(rates)}))
    else:
        _show(runs, rates)
    return int(any(judged["met"] is False for judged in _judged(rates)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.indexing", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="default: 200,000")
    parser.add_argument("--rounds", type=int, default=2, help="of our own; default: 2")
    parser.add_argument("--only", nargs="+", choices=[*OWN, *RIVALS], default=[*OWN, *RIVALS])
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
        targets = {"floor": "", "sqlite": str(folder / f"{number}.db")}
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


def _judged(rates: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        asdict(goal) | {"reached": round(ratio, 3), "met": ratio >= goal.ratio}
        for goal in GOALS
        if goal.who in rates and goal.than in rates
        for ratio in [rates[goal.who] / rates[goal.than]]
    ]


def _show(runs: Sequence[Measured], rates: Mapping[str, float]) -> None:
    console = Console()
    columns = ("events/s", "of the floor", "CPU us an event", "peak MiB", "bytes an event")
    table = Table("who", *columns, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for who, rate in rates.items():
        mine = [run for run in runs if run.who == who]
        floor = rates.get("floor")
        table.add_row(
            who,
            f"{rate:,.0f}",
            "" if floor is None else f"{rate / floor:.3f}",
            f"{median(run.cpu_seconds / run.events for run in mine) * 1e6:.1f}",
            f"{max(run.peak_mib for run in mine):,.0f}",
            "" if mine[0].stored_bytes is None else f"{mine[0].stored_bytes / mine[0].events:.0f}",
        )
    console.print(table)
    for judged in _judged(rates):
        met = "met" if judged["met"] else "missed"
        console.print(
            f"{judged['who']} to {judged['than']}: {judged['reached']}, "
            f"goal {judged['ratio']}, {met}"
        )
    for who in ("sqlite", "postgresql"):
        if peaks := [run.peak_mib for run in runs if run.who == who]:
            met = "met" if max(peaks) <= MOST_MIB else "missed"
            console.print(f"{who} peak: {max(peaks):.0f} MiB, goal {MOST_MIB}, {met}")


if __name__ == "__main__":
    sys.exit(main())
