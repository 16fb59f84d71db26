"""The bridge beside Ponder's API, on one chain in one run: ``python -m bench.bridge``.

A chain is filled with the real contract's deals and goes on with a block a second. The bridge, on
SQLite and on PostgreSQL, and Ponder on PostgreSQL follow it, each in a process of its own, and
``wrk`` asks one after the other over 16 connections, in turns. Nobody's rate is limited. Nothing
happens to the deals meanwhile: what the bridge keeps of them lasts, a list is made once a block.
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
from typing import Final

import uvloop
from rich.console import Console
from rich.table import Table

from bench.bridge_live import Heard, heard
from bench.bridge_load import Ask, have_wrk, load
from bench.bridge_prepare import Added, added
from bench.bridge_served import first, served
from bench.dense_chain import DenseChain, dense_chain
from bench.goals import Goal, goal_table, goals_to_json, output
from bench.rivals import NoRivals, Place, new_database, ponder_running, prepare, usage
from milestone_escrow.chain import DevChain
from milestone_escrow.indexer import Indexer, Reader

__all__ = ["goals", "main"]

_EVENTS: Final = 12_000
_PAGE: Final = 20
_DEALS: Final = 1_000  # asked for by id
BY_ID: Final = "by id"
LIST: Final = f"list of {_PAGE}"
_SQLITE: Final = "bridge sqlite"
_POSTGRES: Final = "bridge postgresql"
_REST: Final = "ponder rest"
_GRAPHQL: Final = "ponder graphql"


@dataclass(frozen=True, slots=True)
class Run:
    """One load of one server.

    Attributes:
        who: The server.
        what: What it was asked.
        half: At half of what it answers at most.
        rate: Answers a second.
        p99: Milliseconds.
        cpu: Of its process, milliseconds an answer; a database server's is not in it. Unlike the
            rate it tells the same while the machine has other work to do.
    """

    who: str
    what: str
    half: bool
    rate: float
    p99: float
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Server:
    """Something that is asked: where, by which process, and what for ``BY_ID`` and ``LIST``."""

    who: str
    port: int
    pid: int
    asks: Mapping[str, Sequence[Ask]]


# --- What is asked


def _of_bridge(ids: Sequence[str]) -> dict[str, list[Ask]]:
    return {
        BY_ID: [Ask(f"/v1/deals/{each}") for each in ids],
        LIST: [Ask(f"/v1/deals?limit={_PAGE}")],
    }


def _of_rest(ids: Sequence[str]) -> dict[str, list[Ask]]:
    return {BY_ID: [Ask(f"/deals/{each}") for each in ids], LIST: [Ask("/deals")]}


def _of_graphql(ids: Sequence[str]) -> dict[str, list[Ask]]:
    fields = "id employer freelancer token bound block"
    parts = "items { index amount remaining status }"

    def by_id(each: str) -> str:
        return (
            f'{{ deal(id: "{each}") {{ {fields} }} '
            f'milestones(where: {{ deal: "{each}" }}) {{ {parts} }} }}'
        )

    listed = f'{{ deals(limit: {_PAGE}, orderBy: "block") {{ items {{ {fields} }} }} }}'
    return {
        BY_ID: [Ask("/graphql", json.dumps({"query": by_id(each)})) for each in ids],
        LIST: [Ask("/graphql", json.dumps({"query": listed}))],
    }


# --- Measuring


def _loads(servers: Sequence[Server], seconds: int, rounds: int) -> Iterator[Run]:
    """Yield what the servers answer, each in its turn, then at half of that."""
    for what in (BY_ID, LIST):
        most: dict[str, list[float]] = {}
        for number in range(rounds):
            for server in servers if number % 2 == 0 else reversed(servers):
                run = _loaded(server, what, seconds)
                most.setdefault(server.who, []).append(run.rate)
                yield run
        for server in servers:
            yield _loaded(server, what, seconds, median(most[server.who]) / 2)


def _loaded(server: Server, what: str, seconds: int, rate: float = 0.0) -> Run:
    before, _ = usage(server.pid)
    made = load(server.port, server.asks[what], seconds, rate)
    after, _ = usage(server.pid)
    cpu = 1_000 * (after - before) / (made.rate * seconds)
    return Run(server.who, what, bool(rate), made.rate, made.p99, cpu)


def _rate(runs: Sequence[Run], who: str, what: str) -> list[float]:
    return [run.rate for run in runs if (run.who, run.what, run.half) == (who, what, False)]


def goals(runs: Sequence[Run], prepared: Added | None, live: Heard | None) -> Iterator[Goal]:
    """Yield each goal that could be measured; ratios are medians of those of the rounds."""
    for what in (BY_ID, LIST):
        for than in (_REST, _GRAPHQL):
            ours, theirs = _rate(runs, _SQLITE, what), _rate(runs, than, what)
            if ours and theirs:
                ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
                yield Goal(f"{what}, to {than} on postgresql", ratio, 5, "times")
        for run in runs:
            if (run.who, run.what, run.half) == (_SQLITE, what, True):
                yield Goal(f"{what}, p99 at {run.rate:,.0f}/s", run.p99, 20, "ms", under=True)
    if prepared is not None:
        yield Goal("prepare, beyond the node's own time", prepared.by_bridge, 5, "ms", under=True)
    if live is not None:
        yield Goal("the last listener after the first, worst", live.worst, 100, "ms", under=True)


def _show(runs: Sequence[Run], judged: Sequence[Goal]) -> None:
    console = output()
    figures = ("answers/s", "p99 ms", "at half of it p99 ms", "CPU ms an answer")
    table = Table("who", "what", *figures, box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for who, what in dict.fromkeys((run.who, run.what) for run in runs):
        mine = [run for run in runs if (run.who, run.what) == (who, what)]
        full = [run for run in mine if not run.half]
        (half,) = (run for run in mine if run.half)
        rate, p99 = median(run.rate for run in full), median(run.p99 for run in full)
        cpu = median(run.cpu for run in full)
        table.add_row(who, what, f"{rate:,.0f}", f"{p99:.1f}", f"{half.p99:.1f}", f"{cpu:.2f}")
    console.print(table)
    console.print(goal_table(judged))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.bridge", description=__doc__)
    parser.add_argument("--events", type=int, default=_EVENTS, help="on the chain")
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="in which each is loaded once")
    parser.add_argument("--listeners", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables; return 1 if a goal is missed."""
    options = _options(arguments)
    say = Console(stderr=True)
    if not have_wrk():
        say.print("The bridge is left out: there is no wrk. Debian has it: apt-get install wrk.")
        return 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        say.print(f"Filling Anvil with {options.events:,} events ...")
        chain = stack.enter_context(dense_chain(options.events))
        store = str(folder / "index.sqlite")
        with Indexer(chain.url, store, chain.escrow) as indexer:
            indexer.run_once()
        with Reader(store) as reader:
            ids = ["0x" + deal.deal_id.hex() for deal in reader.deals(limit=_DEALS)]
        with served(chain, store) as bridge:
            fresh = first(bridge.port, [ask.path for ask in _of_bridge(ids)[BY_ID]])
            say.print(f"{len(ids):,} deals by id, one after the other: {fresh:,.0f}/s")
        with ExitStack() as together:
            servers = list(_servers(chain, store, ids, folder, together, say))
            DevChain(chain.url).request("evm_setIntervalMining", 1)
            runs = list(_told(_loads(servers, options.seconds, options.rounds), say))
            DevChain(chain.url).request("evm_setIntervalMining", 0)
        say.print("Preparing calls ...")
        prepared = added(chain, store)
        say.print(
            f"prepare: {prepared.prepared:.1f} ms, of which the node takes {prepared.node:.1f} "
            f"for {prepared.asked} questions; {prepared.cpu:.1f} ms of CPU in the bridge"
        )
        with served(chain, store) as bridge:
            say.print(f"{options.listeners:,} listeners ...")
            live = uvloop.run(heard(bridge.port, options.listeners, chain))
            say.print(
                f"listeners: first to last {live.spread:.0f} ms (worst {live.worst:.0f}), from "
                f"sending the transaction {live.total:.0f}"
            )
    judged = list(goals(runs, prepared, live))
    if options.json:
        told = {"runs": [asdict(run) for run in runs], "goals": goals_to_json(judged)}
        print(json.dumps(told))
    else:
        _show(runs, judged)
    return int(not all(goal.met for goal in judged))


def _servers(
    chain: DenseChain,
    store: str,
    ids: Sequence[str],
    folder: Path,
    stack: ExitStack,
    say: Console,
) -> Iterator[Server]:
    """Start what is measured beside each other, and leave out what is not to be had."""
    from tests.postgres import NoPostgres, start_postgres

    own = stack.enter_context(served(chain, store))
    yield Server(_SQLITE, own.port, own.pid, _of_bridge(ids))
    try:
        database = stack.enter_context(start_postgres())
    except NoPostgres as why:
        say.print(f"PostgreSQL and Ponder are left out: {why}.")
        return
    own = stack.enter_context(served(chain, database.new_schema()))
    yield Server(_POSTGRES, own.port, own.pid, _of_bridge(ids))
    try:
        prepare()
        place = Place(chain.url, chain.escrow, chain.blocks, folder, new_database(database.url))
    except NoRivals as why:
        say.print(f"Ponder is left out: {why}.")
        return
    say.print("Ponder ...")
    ponder = stack.enter_context(ponder_running(place, lifted=True))
    pid = ponder.process.pid
    yield Server(_REST, ponder.port, pid, _of_rest(ids))
    yield Server(_GRAPHQL, ponder.port, pid, _of_graphql(ids))


def _told(runs: Iterator[Run], say: Console) -> Iterator[Run]:
    for run in runs:
        half = " at half of it" if run.half else ""
        say.print(f"{run.who}, {run.what}{half}: {run.rate:,.0f}/s, p99 {run.p99:.1f} ms")
        yield run


if __name__ == "__main__":
    sys.exit(main())
