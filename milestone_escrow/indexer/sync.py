"""From a node to the three words that the store understands: batch, finalize, reorg.

``Sync.steps`` goes from the checkpoint to the head. It trusts nothing that it can compare: the last
stored block with the node's at that height, the parent hash of every block or range with the hash
of what went before, and the block hash in each log with the block's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Protocol

from milestone_escrow.events import RawLog, parse_log
from milestone_escrow.exceptions import DeploymentError, NodeError
from milestone_escrow.indexer.rpc import Rpc, RpcCall, TooMuch

__all__ = ["RECENT", "Batch", "Finalize", "Header", "Identity", "Known", "Reorg", "Step", "Sync"]

RECENT: Final = 256  # blocks below the head whose headers are all fetched, compared and stored
_FIRST_RANGE: Final = 100  # blocks
_LARGEST_RANGE: Final = 50_000  # blocks
_LOGS_WANTED: Final = 1_000  # in one answer: the size of a range adapts to this
_GROWTH: Final = 8  # at most, from one range to the next
_IN_FLIGHT: Final = 2  # requests
_HEADERS_AT_ONCE: Final = 100
_RESTARTS: Final = 10  # of one run, because the chain changed under it


@dataclass(frozen=True, slots=True)
class Header:
    """A block, as far as it matters here."""

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Batch:
    """All that happened in a range of blocks.

    Attributes:
        from_block: Follows the last block of the batch before.
        to_block: Included.
        headers: Of the last block, and of others that were fetched, in order.
        logs: The escrow's, in order; each has its block's time.
        foreign: Number of logs that the node gave though they are another contract's.
    """

    from_block: int
    to_block: int
    headers: tuple[Header, ...]
    logs: tuple[RawLog, ...]
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class Finalize:
    """Blocks up to this one can no longer be replaced."""

    block_number: int


@dataclass(frozen=True, slots=True)
class Reorg:
    """The stored blocks after ``ancestor`` are no longer the chain's.

    Attributes:
        ancestor: Number of the last stored block that still is; where none is, that before the
            first.
        ancestor_hash: Its hash, None where none is.
    """

    ancestor: int
    ancestor_hash: bytes | None


Step = Batch | Finalize | Reorg


@dataclass(frozen=True, slots=True)
class Identity:
    """Which chain a node serves."""

    chain_id: int
    genesis_hash: bytes


class Known(Protocol):
    """What the store tells about the blocks that it has."""

    def checkpoint(self) -> tuple[int, bytes | None]:
        """Return number and hash of the last block synced; no hash before the first."""

    def final_block(self) -> int | None:
        """Return the number of the last final block."""

    def block_hashes(self, below: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Return (number, hash) of stored blocks below a number, the highest first."""


class _ChainChanged(Exception):  # noqa: N818 - never leaves this module
    """What the node says now does not follow from what it said before."""


@dataclass(frozen=True, slots=True)
class _Range:
    from_block: int
    to_block: int
    recent: bool


class Sync:
    """Reads one escrow's logs from one node.

    Attributes:
        head: The node's last block when ``steps`` began; None before.
    """

    def __init__(self, rpc: Rpc, escrow: str, from_block: int) -> None:
        """Remember the node, the escrow's checksummed address and the block to begin with."""
        self._rpc = rpc
        self._escrow = escrow
        self._from_block = from_block
        self._span = _FIRST_RANGE  # blocks to ask for next
        self._ceiling = _LARGEST_RANGE  # less where the node found a range too large
        self.head: Header | None = None

    def identify(self) -> Identity:
        """Return which chain this is.

        Raises:
            NodeError: The node does not answer.
            DeploymentError: There is no contract at the escrow's address.
        """
        chain_id, genesis, code = self._rpc.batch(
            [
                ("eth_chainId", []),
                ("eth_getBlockByNumber", ["0x0", False]),
                ("eth_getCode", [self._escrow, "latest"]),
            ]
        )
        if not code or code == "0x":
            raise DeploymentError(
                f"There is no contract at {self._escrow} on the chain of {self._rpc.name}.",
                "Check the address and the node, or deploy the escrow first.",
                code="no-contract",
            )
        return Identity(int(chain_id, 16), self._header(genesis).hash)

    def steps(self, known: Known) -> Iterator[Step]:
        """Yield what happened from the checkpoint to the head; apply each before asking on.

        Raises:
            NodeError: The node does not answer, contradicts itself again and again
                (``chain-unsteady``), or replaced a final block (``final-block-replaced``).
        """
        for _ in range(_RESTARTS):
            try:
                yield from self._to_head(known)
            except _ChainChanged:
                continue
            return
        raise NodeError(
            f"The chain of the node at {self._rpc.name} changes faster than it can be read.",
            "Wait until the node has synced, or use another one.",
            code="chain-unsteady",
        )

    def _to_head(self, known: Known) -> Iterator[Step]:
        number, block_hash = known.checkpoint()
        latest, final, same = self._rpc.batch_or_none(
            [
                ("eth_getBlockByNumber", ["latest", False]),
                ("eth_getBlockByNumber", ["finalized", False]),
                _header_call(max(number, 0)),
            ]
        )
        self.head = head = self._header(latest)
        if block_hash is not None and (same is None or self._header(same).hash != block_hash):
            reorg = self._common_ancestor(known, number)
            yield reorg
            number, block_hash = reorg.ancestor, reorg.ancestor_hash
        for batch in self._batches(number + 1, head.number - RECENT, head.number):
            if block_hash is not None:
                _check_follows(batch.headers[0], block_hash)
            yield batch
            block_hash = batch.headers[-1].hash
        # A development node may call its head final; it tells nothing by that.
        if final is not None and (last_final := self._header(final).number) < head.number:
            known_final = known.final_block()
            if known_final is None or last_final > known_final:
                yield Finalize(last_final)

    def _common_ancestor(self, known: Known, checkpoint: int) -> Reorg:
        """Return the highest stored block that the node has too."""
        reorg = Reorg(self._from_block - 1, None)
        below, found = checkpoint, False
        while not found and (stored := known.block_hashes(below, _HEADERS_AT_ONCE)):
            below = stored[-1][0]
            blocks = self._rpc.batch([_header_call(number) for number, _ in stored])
            for (number, block_hash), block in zip(stored, blocks, strict=True):
                if block is not None and self._header(block).hash == block_hash:
                    reorg, found = Reorg(number, block_hash), True
                    break
        final = known.final_block()
        if final is not None and reorg.ancestor < final:
            raise NodeError(
                f"The node at {self._rpc.name} has another block {final} than the index, which "
                "took that one as final.",
                "Check that it is the right node; if it is, index again with --reset.",
                code="final-block-replaced",
            )
        return reorg

    # --- Ranges

    def _batches(self, first: int, last_old: int, last: int) -> Iterator[Batch]:
        """Yield the batches of first..last, of which those after ``last_old`` are recent."""
        with ThreadPoolExecutor(_IN_FLIGHT) as pool:
            waiting: deque[tuple[_Range, Future[Batch]]] = deque()
            start, in_flight = first, 1  # until the first answer tells how much to ask for
            while start <= last or waiting:
                while start <= last and len(waiting) < in_flight:
                    end = last if start > last_old else last_old
                    asked = _Range(start, min(start + self._span - 1, end), start > last_old)
                    waiting.append((asked, pool.submit(self._fetch, asked)))
                    start = asked.to_block + 1
                asked, future = waiting.popleft()
                try:
                    batch = future.result()
                except TooMuch:
                    if asked.from_block == asked.to_block:
                        raise
                    for _, later in waiting:
                        later.cancel()
                    waiting.clear()
                    start = asked.from_block
                    self._span = self._ceiling = (asked.to_block - start + 1) // 2
                    continue
                self._adapt(batch)
                in_flight = _IN_FLIGHT
                yield batch

    def _adapt(self, batch: Batch) -> None:
        """Ask next for as many blocks as hold about the wanted number of logs."""
        blocks = batch.to_block - batch.from_block + 1
        ideal = blocks * _LOGS_WANTED // max(len(batch.logs), 1)
        # What was too much once is tried again, slowly: the blocks may hold less now.
        self._ceiling = min(self._ceiling + self._ceiling // 8 + 1, _LARGEST_RANGE)
        self._span = max(1, min(ideal, self._span * _GROWTH, self._ceiling))

    def _fetch(self, asked: _Range) -> Batch:
        first, last = asked.from_block, asked.to_block
        numbers = range(first, last + 1) if asked.recent else sorted({first, last})
        query = {"fromBlock": hex(first), "toBlock": hex(last), "address": self._escrow}
        found, *blocks = self._rpc.batch(
            [("eth_getLogs", [query]), *(_header_call(number) for number in numbers)]
        )
        headers = self._headers(numbers, blocks)
        for before, after in pairwise(headers):
            if after.number == before.number + 1:
                _check_follows(after, before.hash)
        logs = [parse_log(log) for log in found if not log.get("removed")]
        ours = self._checked(asked, headers, [log for log in logs if log.address == self._escrow])
        return Batch(
            first,
            last,
            tuple(headers),
            tuple(self._with_times(headers, ours)),
            foreign=sum(log.address != self._escrow for log in logs),
        )

    def _checked(self, asked: _Range, headers: list[Header], logs: list[RawLog]) -> list[RawLog]:
        """Return the logs in order, each once: in the range, with the hash of its block."""
        hashes = {header.number: header.hash for header in headers}
        ordered: list[RawLog] = []
        for log in sorted(logs, key=lambda log: (log.block_number, log.log_index)):
            if not asked.from_block <= log.block_number <= asked.to_block:
                raise NodeError(
                    f"The node at {self._rpc.name} gave a log of block {log.block_number} when "
                    f"asked for blocks {asked.from_block} to {asked.to_block}.",
                    "Use another node.",
                    code="malformed-log",
                )
            if hashes.setdefault(log.block_number, log.block_hash) != log.block_hash:
                raise _ChainChanged
            if not ordered or log != ordered[-1]:
                ordered.append(log)
        for before, after in pairwise(ordered):
            if (before.block_hash, before.log_index) == (after.block_hash, after.log_index):
                raise NodeError(
                    f"The node at {self._rpc.name} gave two different logs for one place: "
                    f"log {after.log_index} of block {after.block_number}.",
                    "Use another node.",
                    code="malformed-log",
                )
        return ordered

    def _with_times(self, headers: list[Header], logs: list[RawLog]) -> list[RawLog]:
        """Return the logs with the time of their block, which not every node puts into them."""
        if all(log.timestamp is not None for log in logs):
            return logs
        times = {header.hash: header.timestamp for header in headers}
        missing = sorted({log.block_number for log in logs if log.block_hash not in times})
        for at in range(0, len(missing), _HEADERS_AT_ONCE):
            numbers = missing[at : at + _HEADERS_AT_ONCE]
            blocks = self._rpc.batch([_header_call(number) for number in numbers])
            times |= {each.hash: each.timestamp for each in self._headers(numbers, blocks)}
        if any(log.block_hash not in times for log in logs):
            raise _ChainChanged
        return [replace(log, timestamp=times[log.block_hash]) for log in logs]

    # --- Headers

    def _headers(self, numbers: Sequence[int], blocks: Sequence[Any]) -> list[Header]:
        """Return the headers of blocks that were asked for by these numbers."""
        if None in blocks:
            raise _ChainChanged
        headers = [self._header(block) for block in blocks]
        if [header.number for header in headers] != list(numbers):
            raise self._malformed_block()
        return headers

    def _header(self, block: Any) -> Header:
        try:
            header = Header(
                int(block["number"], 16),
                bytes.fromhex(block["hash"][2:]),
                bytes.fromhex(block["parentHash"][2:]),
                int(block["timestamp"], 16),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._malformed_block() from error
        if len(header.hash) != 32 or len(header.parent_hash) != 32:
            raise self._malformed_block()
        return header

    def _malformed_block(self) -> NodeError:
        return NodeError(
            f"The node at {self._rpc.name} gave a malformed block, or another than was asked for.",
            "Use another node.",
            code="malformed-block",
        )


def _check_follows(header: Header, parent_hash: bytes) -> None:
    # Hardhat mines many blocks at once by leaving out who their parents are.
    if header.parent_hash not in (parent_hash, bytes(32)):
        raise _ChainChanged


def _header_call(number: int) -> RpcCall:
    return "eth_getBlockByNumber", [hex(number), False]
