"""Indexing in a process of its own, which may be killed at any moment.

The processes are forks of one that has imported everything, so that a kill costs milliseconds.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from random import Random

from milestone_escrow.indexer import Source, Store, open_store
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.sync import Sync

__all__ = ["Killer", "index_once"]

_PATIENCE = 60.0  # seconds for what is not killed


def index_once(url: str, target: Path | str, escrow: str) -> None:
    """Index from the checkpoint to the head."""
    sync = Sync(Endpoints([url]), [escrow], 0)
    chain = sync.identify()
    store: Store
    with open_store(target, Source(chain.chain_id, chain.genesis_hash, escrow, 0)) as store:
        for step in sync.steps(store):
            store.apply(step)


@dataclass
class Killer:
    """Starts indexing, and kills it.

    Attributes:
        random: Decides when.
        deaths: How many it has killed.
    """

    random: Random
    deaths: int = 0

    def run(self, url: str, target: Path | str, escrow: str, within: float) -> bool:
        """Index, and kill it after at most ``within`` seconds; return whether it was done before.

        Raises:
            AssertionError: It ended by itself, and not well.
        """
        process = _context().Process(target=index_once, args=(url, target, escrow))
        process.start()
        process.join(self.random.uniform(0, within))
        process.kill()
        process.join(_PATIENCE)
        if process.exitcode == -signal.SIGKILL:
            self.deaths += 1
            return False
        assert process.exitcode == 0
        return True


def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, "milestone_escrow.indexer.postgres"])
    return context
