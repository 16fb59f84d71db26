"""The indexer: one node, one escrow, one file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from eth_utils.address import to_checksum_address

from milestone_escrow.exceptions import NodeError, UsageError
from milestone_escrow.indexer.reader import StoreIdentity
from milestone_escrow.indexer.rpc import Rpc
from milestone_escrow.indexer.store import Store
from milestone_escrow.indexer.sync import Batch, Reorg, Sync

__all__ = ["IndexReport", "Indexer", "Progress"]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run did.

    Attributes:
        events: Events written.
        blocks: Blocks read, those read again after a reorganisation included.
        seconds: How long it took.
        head: Number of the last block read.
        reorgs: Times that blocks in the index were found to have been replaced.
        unknown: Logs that are no event known to this version (kept), or that are of another
            contract though the node was asked for the escrow's (not kept).
    """

    events: int
    blocks: int
    seconds: float
    head: int
    reorgs: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        block: Number of the last block written.
        head: Number of the last block there was when the run began.
        events: Events written so far in this run.
    """

    block: int
    head: int
    events: int


class Indexer:
    """Keeps an index file level with a chain.

    Use it as a context manager, or ``close`` it. It belongs to the thread that made it.
    """

    def __init__(
        self,
        rpc_url: str,
        store_path: Path | str,
        escrow: str,
        from_block: int = 0,
        *,
        timeout: float = 30.0,
    ) -> None:
        """Remember what to index; the first run opens the node and the file.

        Args:
            rpc_url: The node's HTTP URL.
            store_path: The index file; made by the first run if it is not there.
            escrow: The contract's address.
            from_block: Number of the block that deployed it, or any before.
            timeout: Seconds to wait for the node.

        Raises:
            NodeError: The URL is not one of HTTP.
            UsageError: The address or the block number is none.
        """
        self._rpc = Rpc(rpc_url, timeout=timeout)
        self._path = Path(store_path)
        try:
            self._escrow = to_checksum_address(escrow)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"{str(escrow)[:80]!r} is not an address.", "Give 0x and 40 hexadecimal digits."
            ) from error
        if from_block < 0:
            raise UsageError(f"There is no block {from_block}.", "Give 0 or more.")
        self._from_block = from_block
        self._sync = Sync(self._rpc, self._escrow, from_block)
        self._store: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and the file."""
        self._rpc.close()
        if self._store is not None:
            self._store.close()
            self._store = None

    def run_once(self, progress: Callable[[Progress], None] | None = None) -> IndexReport:
        """Index from the checkpoint to the node's head.

        Args:
            progress: Called after each batch that was written.

        Raises:
            NodeError: The node does not answer or cannot be believed.
            DeploymentError: There is no contract at the address.
            StoreError: The file is of another chain or escrow, or cannot be written.
            FoldError: The logs contradict each other.
        """
        began = time.monotonic()
        store = self._open()
        events = blocks = reorgs = unknown = 0
        for step in self._sync.steps(store):
            unwritten = store.apply(step)
            if isinstance(step, Reorg):
                reorgs += 1
            elif isinstance(step, Batch):
                events += len(step.logs) - unwritten
                blocks += step.to_block - step.from_block + 1
                unknown += unwritten + step.foreign
                if progress is not None and self._sync.head is not None:
                    progress(Progress(step.to_block, self._sync.head.number, events))
        head, _ = store.checkpoint()
        return IndexReport(events, blocks, time.monotonic() - began, head, reorgs, unknown)

    def follow(
        self,
        stop: Event,
        *,
        interval: float = 1.0,
        report: Callable[[IndexReport], None] | None = None,
        trouble: Callable[[NodeError], None] | None = None,
    ) -> None:
        """Index again and again until ``stop`` is set.

        Args:
            stop: Set by another thread or a signal handler.
            interval: Seconds between the end of a run and the next.
            report: Called after each run.
            trouble: Called when the node does not answer; then it is asked again. None: the error
                ends it.

        Raises:
            NodeError: As ``run_once``; with ``trouble``, only those that asking again cannot mend.
            StoreError: As ``run_once``.
            FoldError: As ``run_once``.
        """
        while not stop.is_set():
            try:
                done = self.run_once()
            except NodeError as error:
                if trouble is None or error.code not in _PASSING:
                    raise
                trouble(error)
            else:
                if report is not None:
                    report(done)
            stop.wait(interval)

    def _open(self) -> Store:
        """Return the file, which is the index of this very chain."""
        chain = self._sync.identify()
        identity = StoreIdentity(chain.chain_id, chain.genesis_hash, self._escrow, self._from_block)
        if self._store is None:
            self._store = Store(self._path, identity)
        else:
            self._store.require(identity)
        return self._store


_PASSING = frozenset({"node-not-answering", "node-limit", "chain-unsteady"})
