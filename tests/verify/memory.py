"""Peak memory with so many events, and with ten times as many: it must stay the same.

``python -m tests.verify.memory WORK PLACE ...`` does the work that is measured, in a process of its
own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from milestone_escrow.cli.index_running import peak_memory
from tests.compiled import ROOT
from tests.library.long_chain import LongChain
from tests.library.plausible_escrow import ESCROW
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run
from tests.verify.stores import STORES, NoPostgres, targets

__all__ = ["measure"]

EVENTS: Final = {Depth.SHORT: 3_000, Depth.DEEP: 100_000}
TIMES: Final = 10
FLAT: Final = {Depth.SHORT: 65.0, Depth.DEEP: 80.0}
"""Of the peak with ``TIMES`` as many events, what the peak with ``EVENTS`` must be at least, %.

What a run keeps fills in the first some hundred thousand events; short, it is not full at first.
"""

_MIB: Final = 1 << 20


def measure(depth: Depth, report: Report) -> list[Row]:
    """Index a long chain into each store, then export it."""
    return [row for store in STORES for row in _rows(store, depth, report)]


def _rows(store: str, depth: Depth, report: Report) -> list[Row]:
    works = ("index", "export") if store == "SQLite" else ("index",)
    watch = Stopwatch()
    peaks: dict[str, list[int]] = {work: [] for work in works}
    try:
        with targets(store) as new_target, TemporaryDirectory() as folder:
            for events in (EVENTS[depth], TIMES * EVENTS[depth]):
                target = str(new_target())
                with LongChain(events) as node:
                    for work in works:
                        report(f"{store}: {work}, {events:,} events")
                        place = node.url if work == "index" else f"{folder}/{events}.csv"
                        peaks[work].append(_peak(work, place, target))
    except NoPostgres as why:
        return [not_run("memory", f"peak of index, {store}", FLAT[depth], "%", str(why), depth)]
    return [
        at_least(
            "memory",
            f"peak of {work}, {store}: {few / _MIB:.0f} MiB with {EVENTS[depth]:,} events, "
            f"{many / _MIB:.0f} with {TIMES * EVENTS[depth]:,}",
            100 * few / many,
            FLAT[depth],
            "%",
            watch=watch,
            depth=depth,
        )
        for work, (few, many) in peaks.items()
    ]


def _peak(*work: str) -> int:
    command = [sys.executable, "-m", __name__, *work]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return int(json.loads(done.stdout)["peak_memory"])


# --- In the process that is measured


def _index(url: str, target: str) -> None:
    from milestone_escrow.indexer import Indexer

    with Indexer(url, target, ESCROW) as indexer:
        indexer.run_once()


def _export(file: str, target: str) -> None:
    from milestone_escrow.audit.export import export
    from milestone_escrow.audit.tables import Scope
    from milestone_escrow.indexer import Reader
    from milestone_escrow.tokens import NATIVE_COIN

    with Reader(target) as reader:
        block, block_hash = reader.checkpoint()
        scope = Scope(reader, block, reader.time() or 0, None, None, lambda token: NATIVE_COIN)
        export(scope, Path(file), what="movements", form="csv", block_hash=block_hash)


if __name__ == "__main__":
    {"index": _index, "export": _export}[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"peak_memory": peak_memory()}))
