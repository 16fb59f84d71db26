"""Reading the old ranges of a long history in a process of its own, while this one writes.

So two cores work. The other process has nothing that could be lost: whatever it does not bring is
read here, with all errors and further attempts, and it ends when this one does, however that comes.
"""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import count
from threading import Lock, Thread
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, cast

from milestone_escrow.events import RawLog
from milestone_escrow.indexer.collecting import rarely_collected
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.ranges import Range, read_range
from milestone_escrow.indexer.ranges_threads import Threads
from milestone_escrow.indexer.rpc import Rpc, TooMuch
from milestone_escrow.indexer.sync_steps import Batch

__all__ = ["COMMAND", "Beside", "serve"]

WORTHWHILE: Final = 50_000
"""Logs that must seem to be left before a process is started: it takes a second to be ready."""

COMMAND: Final = (
    f"import sys; sys.path[:] = sys.argv[2:]; from {__name__} import serve; serve(int(sys.argv[1]))"
)
"""What the other process runs; it is given a socket's descriptor, and where to import from."""

# Each thread would keep memory of its own for answers of a megabyte.
_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "2"}
_raw_log: Final = partial(tuple.__new__, RawLog)  # as `RawLog._make`, in half the time


class Beside:
    """Reads ranges of some contracts up to a block, in another process once that pays.

    A context manager: at its end no process is left. Its instances are called from several threads,
    as ``read_range``.

    Attributes:
        client: The nodes.
        process: The other one; None: there is none.
        brought: Ranges that it read.
    """

    def __init__(self, client: Endpoints, addresses: Sequence[str], last: int) -> None:
        """Start nothing yet; ``last`` is the last block that will be asked for."""
        self.client = client
        self._addresses = tuple(addresses)
        self._last = last
        self._lock = Lock()
        self._may_start = _cores() > 1 and bool(sys.executable)
        self._socket: socket.socket | None = None
        self._out: BinaryIO | None = None  # to the other process, once it is ready
        self._numbers = count()
        self._waiting: dict[int, Future[Any]] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.brought = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def __call__(self, asked: Range) -> Batch:
        """Return the logs of a range.

        Raises:
            NodeError: As ``read_range``.
        """
        batch = self._from_there(asked)
        if batch is not None:
            return batch
        batch = read_range(self.client, self._addresses, asked)
        blocks = asked.to_block - asked.from_block + 1
        if len(batch.logs) * (self._last - asked.to_block) >= WORTHWHILE * blocks:
            self._start()
        return batch

    def _start(self) -> None:
        with self._lock:
            if not self._may_start:
                return
            self._may_start = False
            ours, theirs = socket.socketpair()
            command = [sys.executable, "-c", COMMAND, str(theirs.fileno()), *sys.path]
            try:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=os.environ | _ENVIRONMENT,
                    start_new_session=True,  # Ctrl-C is for the one that writes
                )
            except OSError:  # no room for another process: it goes on without
                ours.close()
                return
            finally:
                theirs.close()
            self._socket = ours
        Thread(target=self._receive, args=(ours,), name="ranges-process", daemon=True).start()

    def _receive(self, ours: socket.socket) -> None:
        """Hand out what comes, until nothing more can come."""
        out = cast(BinaryIO, ours.makefile("wb"))
        try:
            with ours.makefile("rb", 1 << 18) as answers:
                pickle.dump((self.client.urls, self.client.timeout, self._addresses), out)
                out.flush()
                pickle.load(answers)  # that it is ready
                self._out = out
                while True:
                    number, *answer = pickle.load(answers)
                    future = self._waiting.pop(number, None)
                    if future is not None:
                        future.set_result(answer)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            pass
        finally:
            self._give_up()
            with suppress(OSError):
                out.close()

    def _from_there(self, asked: Range) -> Batch | None:
        """Return what the other process read; None: it did not."""
        future: Future[Any] = Future()
        at = self.client.at
        with self._lock:
            if self._out is None:
                return None
            number = next(self._numbers)
            self._waiting[number] = future
            try:
                pickle.dump((number, at, asked), self._out)
                self._out.flush()
            except (OSError, ValueError):
                self._waiting.pop(number, None)
                return None
        requests, headers, logs, foreign = future.result()
        self.client.nodes[at].requests += requests
        if logs is None:
            if headers is None:
                self._give_up()
            return None
        self.brought += 1
        every = tuple(map(_raw_log, marshal.loads(logs)))
        return Batch(asked.from_block, asked.to_block, headers, every, foreign)

    def _give_up(self) -> None:
        """Send nothing more, and let those who wait read by themselves."""
        with self._lock:
            self._out = None
            waiting = list(self._waiting)
        for number in waiting:
            future = self._waiting.pop(number, None)
            if future is not None:
                future.set_result((0, (), None, 0))

    def _end(self) -> None:
        with self._lock:  # a thread may be starting it
            self._may_start = False
        self._give_up()
        if self.process is not None and self._socket is not None:
            self.process.kill()
            self.process.wait()
            self._socket.close()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- In the other process


def serve(descriptor: int) -> None:
    """Read ranges for the process at the other end of a socket until that ends; never return."""
    gc.freeze()
    threads, lock = Threads("ranges"), Lock()
    with rarely_collected(), socket.socket(fileno=descriptor) as theirs:
        tasks, out = theirs.makefile("rb"), theirs.makefile("wb", 1 << 18)
        try:
            urls, timeout, addresses = pickle.load(tasks)
            nodes = [Rpc(url, timeout=timeout) for url in urls]
            told = [0] * len(nodes)  # requests to each that were counted

            def answer(number: int, at: int, asked: Range) -> None:
                found = _read(nodes[at], addresses, asked)
                with lock:
                    requests = nodes[at].requests
                    pickle.dump((number, requests - told[at], *found), out)
                    out.flush()
                    told[at] = requests

            pickle.dump("ready", out)
            out.flush()
            while True:
                threads.submit(answer, *pickle.load(tasks))
        except (EOFError, OSError):
            os._exit(0)  # whatever a thread still waits for


def _read(node: Rpc, addresses: Sequence[str], asked: Range) -> tuple[Any, bytes | None, int]:
    """Return headers, logs and the number of foreign ones; no logs: it failed.

    Without headers, too, this process is no use.
    """
    try:
        batch = read_range(node, addresses, asked)
    except TooMuch:
        return (), None, 0
    except Exception:  # whatever it is, it is met again and told there
        return None, None, 0
    return batch.headers, marshal.dumps([tuple(log) for log in batch.logs]), batch.foreign
