"""The indexer: nodes of one chain, one escrow, one store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from milestone_escrow.checksums import checksummed_text
from milestone_escrow.exceptions import NodeError, StoreError, UsageError
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.follow import follow
from milestone_escrow.indexer.health import Health
from milestone_escrow.indexer.ranges import Read
from milestone_escrow.indexer.reader import open_reader
from milestone_escrow.indexer.source import Source
from milestone_escrow.indexer.store import Store
from milestone_escrow.indexer.sync import Batch, Finalize, Header, Identity, Reorg, Step, Sync

__all__ = ["IndexReport", "Indexer", "Progress"]

_FINALITY = ("finalized", "safe")


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
    """Keeps an index level with a chain.

    Use it as a context manager, or ``close`` it. It belongs to the thread that made it.

    Attributes:
        nodes: The nodes that it asks.
        health: How it is doing, for whoever watches it; may be read by other threads.
    """

    def __init__(
        self,
        rpc_url: str | Sequence[str],
        store_path: Path | str,
        escrow: str,
        from_block: int = 0,
        *,
        notes: str | None = None,
        add: bool = False,
        timeout: float = 30.0,
        finality: str = "finalized",
        confirmations: int | None = None,
        changed: Callable[[str, NodeError], None] | None = None,
        executor: Executor | None = None,
        reader: Callable[[Sequence[str]], Read] | None = None,
    ) -> None:
        """Remember what to index; the first run opens the nodes and the store.

        Args:
            rpc_url: The HTTP URL of a node, or of several that stand in for each other and are
                compared with each other.
            store_path: The index, a file or a database's URL; made by the first run if it is not
                there.
            escrow: The contract's address.
            from_block: Number of the block that deployed it, or any before.
            notes: Address of the ``DealNotes`` beside it; None: as in the store, where it is there,
                else its notes are not indexed.
            add: Whether the store may be of other escrows, too.
            timeout: Seconds to wait for a node.
            finality: The nodes' word for blocks that cannot be replaced: finalized or safe.
            confirmations: Blocks after one that make it final, where a node has no such word.
            changed: Called with the name of the node that is asked from now on, and why.
            executor: Where ranges of old blocks are read; None: in threads.
            reader: Makes what reads those of some contracts there; None: this process.

        Raises:
            NodeError: A URL is not one of HTTP.
            UsageError: The address, the block number or the finality is none.
        """
        self._escrow = _address(escrow)
        self._notes = None if notes is None else _address(notes)
        if from_block < 0:
            raise UsageError(f"There is no block {from_block}.", "Give 0 or more.")
        if finality not in _FINALITY or (confirmations is not None and confirmations < 0):
            raise UsageError(
                "That is not when a block is final.",
                "Give finalized or safe, and 0 confirmations or more.",
            )
        urls = [rpc_url] if isinstance(rpc_url, str) else list(rpc_url)
        self.nodes = Endpoints(urls, timeout=timeout, changed=changed)
        self.health = Health(silence=timeout)
        self._target = store_path
        self._add = add
        self._from_block = from_block
        self._sync = Sync(
            self.nodes,
            [self._escrow],
            from_block,
            finality=finality,
            confirmations=confirmations,
            executor=executor,
            reader=reader,
            require=self._require,
        )
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
        """Close the connections and the store, and let the threads end."""
        self._sync.close()
        self.nodes.close()
        if self._store is not None:
            self._store.close()
            self._store = None

    def run_once(
        self,
        progress: Callable[[Progress], None] | None = None,
        *,
        to_block: int | None = None,
        header: Header | None = None,
    ) -> IndexReport:
        """Index from the checkpoint to the node's head.

        Other indexers may do the same at the same time: each step is written by one of them.

        Args:
            progress: Called after each batch that was written.
            to_block: Go no further than this block.
            header: A head that the node has just told.

        Raises:
            NodeError: The node does not answer or cannot be believed.
            DeploymentError: There is no contract at the address.
            StoreError: The store is of another chain or escrow, or cannot be written.
            FoldError: The logs contradict each other.
        """
        began = time.monotonic()
        store = self._open()
        events = blocks = reorgs = unknown = 0
        for step, unwritten in self._written(store, to_block, header):
            if isinstance(step, Reorg):
                reorgs += 1
                self.health.reorganised(step.ancestor)
            elif isinstance(step, Finalize):
                self.health.finalized(step.block_number)
            elif isinstance(step, Batch):
                events += len(step.logs) - unwritten
                blocks += step.to_block - step.from_block + 1
                unknown += unwritten + step.foreign
                assert self._sync.head is not None
                head = max(self._sync.head.number, self.nodes.highest or 0)
                self.health.wrote(
                    step.to_block, head, len(step.logs) - unwritten, unwritten + step.foreign
                )
                if progress is not None:
                    progress(Progress(step.to_block, self._sync.head.number, events))
        number, _ = store.checkpoint()
        assert self._sync.head is not None
        self.health.answered(number, max(self._sync.head.number, self.nodes.highest or 0))
        return IndexReport(events, blocks, time.monotonic() - began, number, reorgs, unknown)

    def _written(
        self, store: Store, to_block: int | None, header: Header | None
    ) -> Iterator[tuple[Step, int]]:
        """Write what happened and yield each step, with the number of logs of no known event.

        Where another indexer of the same source was first, it goes on from where that one is.
        """
        while True:
            try:
                for step in self._sync.steps(store, to_block=to_block, header=header):
                    yield step, store.apply(step)
                return
            except StoreError as error:
                if error.code != "store-in-use":
                    raise
                header = None

    def follow(
        self,
        stop: Event,
        *,
        interval: float = 1.0,
        ws_url: str | None = None,
        progress: Callable[[Progress], None] | None = None,
        report: Callable[[IndexReport], None] | None = None,
        trouble: Callable[[NodeError], None] | None = None,
        connected: Callable[[bool], None] | None = None,
    ) -> None:
        """Index again and again until ``stop`` is set.

        Args:
            stop: Set by another thread or a signal handler.
            interval: Seconds between the end of a run and the next.
            ws_url: A node's WebSocket that tells of new blocks at once; while it is away, and now
                and then besides, the node is asked as without it.
            progress: As in ``run_once``.
            report: Called after each run.
            trouble: Called when the node does not answer; then it is asked again. None: the error
                ends it.
            connected: Called when the WebSocket comes and goes.

        Raises:
            NodeError: As ``run_once``; with ``trouble``, only those that asking again cannot mend.
            StoreError: As ``run_once``.
            FoldError: As ``run_once``.
        """

        def run(header: Header | None) -> None:
            try:
                done = self.run_once(progress, header=header)
            except NodeError as error:
                if trouble is None or error.code not in PASSING:
                    self.health.stopped(error)
                    raise
                self.health.troubled(error)
                trouble(error)
            except Exception as error:
                self.health.stopped(error)
                raise
            else:
                if report is not None:
                    report(done)

        def told(there: bool) -> None:
            self.health.connected(there)
            if connected is not None:
                connected(there)

        follow(run, stop, interval=interval, ws_url=ws_url, connected=told)

    def _open(self) -> Store:
        """Return the store, which is the index of this very chain."""
        if self._store is None:
            source = self._source(self._sync.identify())
            if source.notes is None:
                source = replace(source, notes=self._notes_in_store(source.key))
            self._notes = source.notes
            self._sync.addresses = (source.escrow, *([source.notes] if source.notes else []))
            self._store = Store(self._target, source, add=self._add)
        return self._store

    def _notes_in_store(self, key: str) -> str | None:
        try:
            with open_reader(self._target, key) as reader:
                return reader.identity.notes
        except StoreError:  # nothing is there; or what is there cannot be used, and will be told
            return None

    def _require(self, chain: Identity) -> None:
        if self._store is not None:
            self._store.require(self._source(chain))

    def _source(self, chain: Identity) -> Source:
        return Source(
            chain.chain_id, chain.genesis_hash, self._escrow, self._from_block, self._notes
        )


def _address(text: str) -> str:
    try:
        return checksummed_text(text)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{str(text)[:80]!r} is not an address.", "Give 0x and 40 hexadecimal digits."
        ) from error


PASSING = frozenset(
    {
        "node-not-answering",
        "node-limit",
        "node-too-slow",
        "node-behind",
        "chain-unsteady",
        "nodes-disagree",
        "logs-withheld",
    }
)
"""Codes of errors that asking again later may mend."""
