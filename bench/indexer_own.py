"""Yardsticks and the escrow's own indexer, each in a process of its own: for ``bench.indexing``.

The ratios to the yardsticks are what counts: seconds of one machine say nothing about another.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

__all__ = ["STORES", "YARDSTICKS", "Measured", "measure", "measure_here", "usage"]

YARDSTICKS: Final = ("floor", "bare")
STORES: Final = ("sqlite", "postgresql")


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
        requests: HTTP requests to the node; None: not counted.
        reader_mib: Most memory of the process that it starts to read; 0: it starts none.
        marks: (last block, events, CPU seconds) after each batch, both processes' together.
    """

    who: str
    events: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    stored_bytes: int | None = None
    requests: int | None = None
    reader_mib: float = 0.0
    marks: Sequence[tuple[int, int, float]] = ()

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


# --- In the process that is measured


def measure_here(who: str, url: str, escrow: str, target: str) -> Measured:
    """Do the work of ``who`` in this process."""
    told = _Told()
    work = _work(who, url, escrow, target, told)
    began = time.perf_counter()
    events = work()
    seconds, cpu = time.perf_counter() - began, told.cpu_seconds()
    _, peak = usage(os.getpid())
    stored = _stored_bytes(target) if target else None
    return Measured(
        who, events, seconds, cpu, peak, stored, told.requests, told.reader_mib, told.marks
    )


def usage(pid: int) -> tuple[float, float]:
    """Return CPU seconds and peak MiB of a process that runs, by Linux's account of it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return ticks / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1024


class _Told:
    """What the work tells of itself.

    Attributes:
        requests: HTTP requests to the node; None: not counted.
        reader_mib: Most memory of the process that was started to read.
        marks: (last block, events, CPU seconds) after each batch.
    """

    def __init__(self) -> None:
        """Begin now."""
        self.requests: int | None = None
        self.reader_mib = 0.0
        self.marks: list[tuple[int, int, float]] = []
        self._began = time.process_time()
        self._reader_cpu = 0.0

    def batch(self, to_block: int, events: int) -> None:
        """Note that so many events are written, up to a block."""
        for reader in self._readers():
            with suppress(OSError, StopIteration):  # it may end at any moment
                self._reader_cpu, peak = usage(reader)
                self.reader_mib = max(self.reader_mib, peak)
        self.marks.append((to_block, events, self.cpu_seconds()))

    def cpu_seconds(self) -> float:
        """Return the CPU seconds since the beginning, those of the reading process too."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        reader = max(self._reader_cpu, ended.ru_utime + ended.ru_stime)
        return time.process_time() - self._began + reader

    def _readers(self) -> list[int]:
        children = Path("/proc/self/task").glob("*/children")  # of each thread; Linux alone has it
        return [int(pid) for each in children for pid in each.read_text().split()]


def _work(who: str, url: str, escrow: str, target: str, told: _Told) -> Callable[[], int]:
    if who in STORES:
        return _indexing(url, escrow, target, told)
    from bench.yardsticks import bare, floor

    return bare(url, escrow, target) if target else floor(url, escrow)


def _indexing(url: str, escrow: str, target: str, told: _Told) -> Callable[[], int]:
    from milestone_escrow.indexer import Source, open_store
    from milestone_escrow.indexer.endpoints import Endpoints
    from milestone_escrow.indexer.sync import Batch, Sync

    def work() -> int:
        nodes, events = Endpoints([url]), 0
        sync = Sync(nodes, [escrow], 0)
        chain = sync.identify()
        with open_store(target, Source(chain.chain_id, chain.genesis_hash, escrow, 0)) as store:
            for step in sync.steps(store):
                store.apply(step)
                if isinstance(step, Batch):
                    events += len(step.logs)
                    told.batch(step.to_block, events)
            told.requests = nodes.requests
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


def measure(who: str, url: str, escrow: str, target: str) -> Measured:
    """Do the work of one of ``YARDSTICKS`` or ``STORES`` in a process of its own.

    Args:
        who: What is measured.
        url: The node's.
        escrow: The contract's address.
        target: The store, of which nothing is there yet; empty: the floor has none.
    """
    command = [sys.executable, "-m", "bench.indexer_own", who, url, escrow, target]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Measured(**json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(asdict(measure_here(*sys.argv[1:]))))
