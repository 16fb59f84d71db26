"""How fast the escrow's own indexer is: ``python -m bench.indexer_own``.

One Anvil is filled with events of the real contract. Then, each in a process of its own, in turn:
the floor, which fetches all logs with nothing but ``eth_getLogs`` and parses the JSON; the indexer
into SQLite; the indexer into PostgreSQL. The ratios to the floor are what counts: seconds of one
machine say nothing about another.
"""

from __future__ import annotations

import argparse
import http.client
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["Measured", "main", "measure", "measure_here"]

_FLOOR: Final = "floor"
_RANGE: Final = 5  # blocks in a request of the floor
_IN_FLIGHT: Final = 2
_KIB_IN_MIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        events: Logs that it had in the end.
        seconds: From its first request to its last commit; imports are not in it.
        cpu_seconds: Of the process, all threads, and of the one that it starts to read; that of
            node and server is not in it.
        peak_mib: Most memory resident, of the process alone.
        stored_bytes: What the database takes; None: it stores nothing.
    """

    who: str
    events: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    stored_bytes: int | None = None

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


# --- In the process that is measured


def measure_here(who: str, url: str, escrow: str, target: str) -> Measured:
    """Do the work of ``who`` in this process."""
    work = _floor(url, escrow) if who == _FLOOR else _indexing(url, escrow, target)
    cpu, began = _cpu_seconds(), time.perf_counter()
    events = work()
    seconds, cpu = time.perf_counter() - began, _cpu_seconds() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_IN_MIB
    stored = None if who == _FLOOR else _stored_bytes(target)
    return Measured(who, events, seconds, cpu, peak, stored)


def _cpu_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _floor(url: str, escrow: str) -> Callable[[], int]:
    import orjson

    where = urlsplit(url)

    def call(connection: http.client.HTTPConnection, method: str, params: list[Any]) -> Any:
        body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        return orjson.loads(connection.getresponse().read())["result"]

    def connect() -> http.client.HTTPConnection:
        return http.client.HTTPConnection(where.hostname or "", where.port, timeout=120)

    def fetch(ranges: Sequence[int]) -> int:
        connection = connect()
        count = 0
        for first in ranges:
            query = {"fromBlock": hex(first), "toBlock": hex(first + _RANGE - 1), "address": escrow}
            count += len(call(connection, "eth_getLogs", [query]))
        return count

    def work() -> int:
        head = int(call(connect(), "eth_blockNumber", []), 16)
        firsts = range(0, head + 1, _RANGE)
        with ThreadPoolExecutor(_IN_FLIGHT) as pool:
            return sum(pool.map(fetch, [firsts[i::_IN_FLIGHT] for i in range(_IN_FLIGHT)]))

    return work


def _indexing(url: str, escrow: str, target: str) -> Callable[[], int]:
    from milestone_escrow.indexer import Source, open_store
    from milestone_escrow.indexer.endpoints import Endpoints
    from milestone_escrow.indexer.sync import Sync

    def work() -> int:
        sync = Sync(Endpoints([url]), [escrow], 0)
        chain = sync.identify()
        with open_store(target, Source(chain.chain_id, chain.genesis_hash, escrow, 0)) as store:
            for step in sync.steps(store):
                store.apply(step)
            return sum(store.count_events())

    return work


def _stored_bytes(target: str) -> int:
    if "://" not in target:
        return sum(
            each.stat().st_size for each in Path(target).parent.glob(Path(target).name + "*")
        )
    import psycopg

    with psycopg.connect(target) as connection:
        row = connection.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        ).fetchone()
    return int(row[0]) if row else 0


# --- In the one that measures


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a chain, measure, and print what came of it."""
    options = _options(arguments)
    if options.measure:
        print(json.dumps(asdict(measure_here(*options.measure))))
        return 0
    from bench.dense_chain import dense_chain
    from tests.postgres import NoPostgres, start_postgres

    runs: list[Measured] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        try:
            server = stack.enter_context(start_postgres())
        except NoPostgres as why:
            print(f"PostgreSQL is left out: {why}.", file=sys.stderr)
        print(f"Filling Anvil with {options.events:,} events ...", file=sys.stderr)
        chain = stack.enter_context(dense_chain(options.events))
        for round_ in range(options.rounds):
            targets = {_FLOOR: "", "sqlite": str(folder / f"{round_}.db")}
            if server is not None:
                targets["postgresql"] = server.new_schema()
            for who, target in targets.items():
                if who in options.only:
                    runs.append(measure(who, chain.url, chain.escrow, target))
    _show(runs, as_json=options.json)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.indexer_own", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="default: 200,000")
    parser.add_argument("--rounds", type=int, default=2, help="default: 2, of which the median")
    parser.add_argument("--json", action="store_true")
    everyone = [_FLOOR, "sqlite", "postgresql"]
    parser.add_argument("--only", nargs="+", choices=everyone, default=everyone)
    parser.add_argument(
        "--measure", nargs=4, metavar=("WHO", "URL", "ESCROW", "TARGET"), help=argparse.SUPPRESS
    )
    return parser.parse_args(arguments)


def measure(who: str, url: str, escrow: str, target: str) -> Measured:
    """Do the work of ``who`` in a process of its own."""
    command = [sys.executable, "-m", "bench.indexer_own", "--measure", who, url, escrow, target]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Measured(**json.loads(done.stdout))


def _show(runs: Sequence[Measured], *, as_json: bool) -> None:
    table: dict[str, dict[str, Any]] = {}
    for who in dict.fromkeys(run.who for run in runs):
        mine = [run for run in runs if run.who == who]
        stored = mine[0].stored_bytes
        table[who] = {
            "events": mine[0].events,
            "events_per_second": round(median(run.rate for run in mine)),
            "cpu_us_per_event": round(
                median(run.cpu_seconds / run.events for run in mine) * 1e6, 2
            ),
            "peak_mib": round(max(run.peak_mib for run in mine)),
            "bytes_per_event": None if stored is None else round(stored / mine[0].events),
        }
    floor = table.get(_FLOOR, {}).get("events_per_second")
    for row in table.values():
        row["of_the_floor"] = None if floor is None else round(row["events_per_second"] / floor, 3)
    if as_json:
        print(json.dumps(table, indent=2))
        return
    for who, row in table.items():
        print(who)
        for name, value in row.items():
            print(f"  {name:20} {'-' if value is None else format(value, ',')}")


if __name__ == "__main__":
    sys.exit(main())
