"""Indexing in a process of its own, which is killed at any moment.

``python -m tests.library.index_and_die`` is a server that has imported everything and forks a
process for each run, so that a kill costs milliseconds. A process tells before and after each
commit, so that it can be killed in the middle of one, and whoever kills knows where it was.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self

from milestone_escrow.indexer import Source, Store, open_store
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.sync import Sync
from tests.compiled import ROOT

__all__ = ["Killer", "index_once"]

_PATIENCE: Final = 300.0  # seconds for what is not killed, on a busy machine
_COMMITS: Final = 5  # of the first so many, one is not to end
_MOST_OF_A_COMMIT: Final = 0.0005  # seconds
_BEGINS: Final = "commits"
_ENDED: Final = "committed"


def index_once(url: str, target: Path | str, escrow: str) -> None:
    """Index from the checkpoint to the head."""
    sync = Sync(Endpoints([url], timeout=_PATIENCE), [escrow], 0)
    chain = sync.identify()
    store: Store
    with open_store(target, Source(chain.chain_id, chain.genesis_hash, escrow, 0)) as store:
        for step in sync.steps(store):
            store.apply(step)


class Killer:
    """Starts indexing, and kills it; a context manager.

    Attributes:
        deaths: How many it has killed.
        in_commits: How many of them while they committed.
    """

    def __init__(self, random: Random) -> None:
        """Let ``random`` decide when."""
        self.deaths = self.in_commits = 0
        self._random = random

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert self._server.stdout is not None
        self._words = _Words(self._server.stdout.fileno())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(_PATIENCE)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def run(self, url: str, target: Path | str, escrow: str, within: float) -> bool:
        """Index, and kill it; return whether it was done before.

        Half are killed at any moment of the first ``within`` seconds, half in a commit.

        Raises:
            AssertionError: It ended by itself, and not well.
        """
        self._ask([url, str(target), escrow])
        _, process = self._words.next().split()
        told = self._await_its_time(within)
        killed = not told.startswith("end")
        if killed:
            os.kill(int(process), signal.SIGKILL)
        while not told.startswith("end"):
            last, told = told, self._words.next()
            self.in_commits += killed and told.startswith("end") and last == _BEGINS
        self._ask("buried")  # until now its number is nobody else's
        status = int(told.split()[1])
        self.deaths += status == -signal.SIGKILL
        assert status in (0, -signal.SIGKILL)
        return status == 0

    def _await_its_time(self, within: float) -> str:
        """Return the last word before it is to be killed, or the end that came first."""
        told = ""
        if self._random.random() < 0.5:
            end = time.monotonic() + self._random.uniform(0, within)
            while not told.startswith("end"):
                word = self._words.within(end - time.monotonic())
                if word is None:
                    break
                told = word
            return told
        commits = self._random.randint(1, _COMMITS)
        while commits and not told.startswith("end"):
            told = self._words.next()
            commits -= told == _BEGINS
        if self._random.random() < 0.5:  # else at once
            end = time.perf_counter() + self._random.uniform(0, _MOST_OF_A_COMMIT)
            while time.perf_counter() < end:
                pass
        return told

    def _ask(self, what: Any) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(what).encode() + b"\n")


class _Words:
    """The lines that come through a pipe."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._begun = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)

    def next(self) -> str:
        """Return the next line."""
        word = self.within(_PATIENCE)
        assert word is not None, "neither killed nor done"
        return word

    def within(self, seconds: float) -> str | None:
        """Return the next line; None: none came in time."""
        while b"\n" not in self._begun:
            if not self._selector.select(max(seconds, 0)):
                return None
            read = os.read(self._pipe, 4_096)
            assert read, "the server of the processes has ended"
            self._begun += read
        line, _, self._begun = self._begun.partition(b"\n")
        return line.decode()


# --- In the server


def _serve(asked: Iterator[str]) -> None:
    """Fork a process for each line that asks for a run; tell how it ended."""
    _let_commits_be_told()
    for line in asked:
        process = os.fork()
        if not process:
            _run(*json.loads(line))
        ended = os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        by_itself = ended.si_code == os.CLD_EXITED
        _tell(f"end {ended.si_status if by_itself else -ended.si_status}")
        next(asked, None)  # nobody kills it any more
        os.waitpid(process, 0)


def _run(url: str, target: str, escrow: str) -> None:
    _tell(f"process {os.getpid()}")
    status = 1
    try:
        index_once(url, target if "://" in target else Path(target), escrow)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def _let_commits_be_told() -> None:
    from milestone_escrow.indexer.postgres import PostgresEngine
    from milestone_escrow.indexer.sqlite import SqliteEngine

    def telling(commit: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
        def told(engine: Any, news: str) -> None:
            _tell(_BEGINS)
            commit(engine, news)
            _tell(_ENDED)

        return told

    for engine in (SqliteEngine, PostgresEngine):
        engine.commit = telling(engine.commit)  # type: ignore[method-assign, assignment]


def _tell(word: str) -> None:
    os.write(sys.stdout.fileno(), word.encode() + b"\n")


if __name__ == "__main__":
    _serve(iter(sys.stdin))
