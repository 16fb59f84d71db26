"""The indexer in a thread of the bridge, for a bridge that follows the chain by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from milestone_escrow.exceptions import EscrowError, NodeError
from milestone_escrow.indexer import Indexer, IndexReport
from milestone_escrow.indexer.health import Health

__all__ = ["Chain", "Following"]

_log: Final = logging.getLogger("milestone_escrow.bridge")

_TIMEOUT: Final = 10.0  # seconds for a node to answer


@dataclass(frozen=True, slots=True)
class Chain:
    """What is followed.

    Attributes:
        rpc: The nodes' URLs.
        escrow: The contract.
        from_block: Where its index begins.
        notes: The notes beside it; None: not indexed.
        ws: A node's WebSocket that tells of new blocks; None: the nodes are asked.
        interval: Seconds between questions.
    """

    rpc: Sequence[str]
    escrow: str
    from_block: int
    notes: str | None = None
    ws: str | None = None
    interval: float = 1.0


class Following(threading.Thread):
    """Keeps an index level with its chain until stopped.

    Attributes:
        health: How it is doing.
        error: Why it ended by itself; None while it has not.
    """

    def __init__(self, store: Path | str, chain: Chain, told: Callable[[], None]) -> None:
        """Remember what to follow.

        Args:
            store: The index.
            chain: What it is of.
            told: Called after each run that wrote something.

        Raises:
            EscrowError: A value is none.
        """
        super().__init__(name="follow", daemon=True)
        self.error: EscrowError | None = None
        self._chain = chain
        self._store = store
        self._told = told
        self._stopped = threading.Event()
        self._silent = False
        self._indexer = self._new()
        self.health: Health = self._indexer.health

    def stop(self) -> None:
        """End after the run that is under way."""
        self._stopped.set()

    def run(self) -> None:
        """Follow until stopped."""
        chain = self._chain
        try:
            # The indexer's connections belong to the thread that opens them: this one.
            with self._indexer as indexer:
                indexer.follow(
                    self._stopped,
                    interval=chain.interval,
                    ws_url=chain.ws,
                    report=self._report,
                    trouble=self._trouble,
                )
        except EscrowError as error:
            self.error = error
            _log.error("The indexer stopped: %s", error)
        except Exception:
            _log.exception("The indexer stopped")

    def _new(self) -> Indexer:
        chain = self._chain
        return Indexer(
            list(chain.rpc),
            self._store,
            chain.escrow,
            chain.from_block,
            notes=chain.notes,
            timeout=_TIMEOUT,
        )

    def _report(self, done: IndexReport) -> None:
        if self._silent:
            _log.warning("The node answers again.")
        self._silent = False
        if done.blocks or done.reorgs:
            self._told()

    def _trouble(self, error: NodeError) -> None:
        if not self._silent:
            _log.warning("%s Waiting for it.", error.sentence)
        self._silent = True
