"""The node that calls are simulated on: asked in threads, for a limited time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from frontend_bridge.api.problems import Refused, unavailable
from frontend_bridge.api.settings import Limits
from milestone_escrow.indexer import Source

if TYPE_CHECKING:
    from milestone_escrow.client import EscrowClient

__all__ = ["Node", "NodeWork"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NodeWork:
    """What is left of an answer when the index was read: what only a node knows.

    Attributes:
        source: Which escrow.
        work: Makes the answer; called in a thread that may wait.
    """

    source: Source
    work: Callable[[EscrowClient], Any]


class Node:
    """Asks a node."""

    def __init__(self, rpc: str | None, limits: Limits) -> None:
        """Ask nothing yet.

        Args:
            rpc: Its URL; None: there is none.
            limits: How long it may take, and how many may wait.
        """
        self._rpc = rpc
        self._limits = limits
        self._pool = ThreadPoolExecutor(limits.node_threads, "node")
        self._pending = 0
        self._mine = threading.local()

    async def run(self, todo: NodeWork) -> Any:
        """Return what the work makes.

        Raises:
            Refused: There is no node, it takes too long, or too many wait for it already (503).
            EscrowError: As the work.
        """
        if self._rpc is None:
            raise Refused(
                503,
                "This bridge knows no node to try the call on.",
                "Ask another bridge; whoever runs this one names a node with --rpc.",
                "no-node",
                ((b"retry-after", b"60"),),
            )
        if self._pending >= self._limits.node_pending:
            raise unavailable("busy", "Too many requests wait for the node.")
        self._pending += 1
        # Counted until the thread is through with it, which may be later than the asker waits.
        future = self._pool.submit(self._work, self._rpc, todo)
        made = asyncio.wrap_future(future)
        made.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._limits.node_seconds):
                return await asyncio.shield(made)
        except TimeoutError:
            raise unavailable("node-slow", "The node does not answer in time.") from None

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, made: asyncio.Future[Any]) -> None:
        self._pending -= 1
        if not made.cancelled():
            made.exception()  # whoever waited for it may be gone

    def _work(self, rpc: str, todo: NodeWork) -> Any:
        return todo.work(self._client(rpc, todo.source))

    def _client(self, rpc: str, source: Source) -> EscrowClient:
        """Return this thread's client: a connection is not shared."""
        from milestone_escrow.client import EscrowClient, connect

        known: tuple[Source, EscrowClient] | None = getattr(self._mine, "client", None)
        if known is None or known[0] != source:
            w3 = connect(rpc, chain_id=source.chain_id)
            known = source, EscrowClient(w3, source.escrow, source.notes)
            self._mine.client = known
        return known[1]
