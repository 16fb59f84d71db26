"""Reading ranges of blocks: several at once, as large as the node can bear, in order.

What is read is believed only if the block that was the head before is still the chain's when the
logs have been read: then all of it is of one chain. Block hashes in logs are compared with the
headers', and headers with each other. Of a long range not every header is fetched: there some of
the blocks with logs are seals, which the next request compares before the batch is passed on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter, lt
from typing import Any, Final

from milestone_escrow.events import RawLog, parse_logs
from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer.rpc import LONGEST, Client, RpcCall, TooMuch
from milestone_escrow.indexer.sync_steps import Batch, Header, Unsteady, parse_header

__all__ = [
    "HEADERS_AT_ONCE",
    "Pace",
    "Range",
    "Read",
    "Seal",
    "batches",
    "check_follows",
    "checked_logs",
    "compare_seals",
    "header_call",
    "read_range",
    "with_times",
]

HEADERS_AT_ONCE: Final = 100
# Parts of logs, by which a thousand are compared without a loop in Python.
_PLACE: Final = attrgetter("block_number", "log_index")
_BLOCK: Final = attrgetter("block_number", "block_hash")
_TIME: Final = attrgetter("block_hash", "timestamp")
_ADDRESS: Final = attrgetter("address")
_FIRST_RANGE: Final = 48  # blocks
_LARGEST_RANGE: Final = 50_000  # blocks
_LOGS_WANTED: Final = 1_000  # in one answer: the size of a range adapts to this
_LARGEST_ANSWER: Final = 1 << 22  # bytes, about several blocks; some six thousand logs
_EVERY_HEADER: Final = 16  # blocks; of ranges that are no longer each header is read
_SEALS: Final = 8  # of a longer one, at most
_GROWTH: Final = 16  # at most, from one range to the next
_IN_FLIGHT: Final = 2  # requests at first
_MOST_IN_FLIGHT: Final = 8
_AHEAD: Final = 6  # ranges that were read and wait to be written, or are being read
_WAITED: Final = 0.5  # of a request's time, before more are sent at once


@dataclass(frozen=True, slots=True)
class Seal:
    """What logs say of a block, to be compared with its header."""

    number: int
    hash: bytes
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class Range:
    """A range of blocks to read.

    Attributes:
        from_block: The first.
        to_block: The last.
        head: The block that must be the chain's before and after; at or above ``to_block``.
        every_header: Whether each header is fetched, or those of the first and last block only.
        seals: Of ranges that were read before this one is asked for.
    """

    from_block: int
    to_block: int
    head: Header
    every_header: bool = False
    seals: tuple[Seal, ...] = ()


@dataclass(slots=True)
class Pace:
    """How much a node is asked for at once; it is learnt from its answers.

    Attributes:
        span: Blocks to ask for next.
        ceiling: Blocks at most, since more was too much.
        in_flight: Requests at once.
    """

    span: int = _FIRST_RANGE
    ceiling: int = _LARGEST_RANGE
    in_flight: int = 1  # until the first answer tells how much to ask for

    def too_much(self, blocks: int) -> None:
        """Ask for half, and for less at once."""
        self.span = self.ceiling = (blocks + 1) // 2
        self.in_flight = max(self.in_flight // 2, 1)

    def answered(self, batch: Batch, seconds: float, waited: float) -> None:
        """Ask next for as many blocks as hold about the wanted number of logs.

        Args:
            batch: What was read.
            seconds: How long the node took.
            waited: How much of this the one who writes had nothing to do.
        """
        blocks = batch.to_block - batch.from_block + 1
        ideal = blocks * _LOGS_WANTED // max(len(batch.logs), 1)
        # What was too much once is tried again, slowly: the blocks may hold less now.
        self.ceiling = min(self.ceiling + self.ceiling // 8 + 1, _LARGEST_RANGE)
        self.span = max(1, min(ideal, self.span * _GROWTH, self.ceiling))
        if self.in_flight < _IN_FLIGHT:
            self.in_flight = _IN_FLIGHT
        elif waited > _WAITED * seconds:
            self.in_flight = min(self.in_flight + 1, _MOST_IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class _Timed:
    batch: Batch
    seconds: float


Read = Callable[[Range], Batch]


def batches(
    first: int,
    last_old: int,
    head: Header,
    last: int,
    *,
    old: tuple[Read, Executor],
    recent: tuple[Read, Executor],
    check: Callable[[Sequence[Seal]], None],
    pace: Pace,
) -> Iterator[tuple[Batch, bool]]:
    """Yield the batches of first..last in order, and of each whether the next is there already.

    Args:
        first: Number of the first block.
        last_old: That of the last block before those whose headers are all fetched.
        head: The node's last block.
        last: Number of the last block; at most the head's.
        old: Reads one range up to ``last_old``; and where, in a thread or on another machine.
        recent: The same for those after it.
        check: Compares what seals are left at the end.
        pace: How much at once; it is changed.

    Raises:
        TooMuch: One block is too much for the node.
        NodeError: As what reads.
    """
    waiting: deque[tuple[Range, Future[_Timed]]] = deque()
    held: deque[tuple[Batch, tuple[Seal, ...]]] = deque()  # until their seals were compared
    start = first
    try:
        while start <= last or waiting:
            while start <= last and _may_ask(waiting, pace):
                is_old = start <= last_old
                if not is_old and waiting and waiting[-1][0].to_block <= last_old:
                    break  # the seals of the last old one go along with the first recent one
                end = min(start + pace.span - 1, last, last_old if is_old else last)
                every = not is_old or end - start < _EVERY_HEADER
                seals = tuple(seal for _, some in held for seal in some)
                asked = Range(start, end, head, every, seals)
                read, executor = old if is_old else recent
                waiting.append((asked, executor.submit(_timed, read, asked)))
                start = end + 1
            asked, future = waiting.popleft()
            began = time.monotonic()
            try:
                done = future.result()
            except TooMuch:
                if asked.from_block == asked.to_block:
                    raise
                _drop(waiting)
                start = asked.from_block
                pace.too_much(asked.to_block - start + 1)
                continue
            pace.answered(done.batch, done.seconds, time.monotonic() - began)
            held.append((done.batch, () if asked.every_header else _seals(done.batch)))
            while held and set(held[0][1]) <= set(asked.seals):
                batch, _ = held.popleft()
                yield batch, bool(waiting) and waiting[0][1].done()
        if held:
            check([seal for _, some in held for seal in some])
            yield from ((batch, True) for batch, _ in held)
    finally:
        _drop(waiting)


def _may_ask(waiting: Sequence[tuple[Range, Future[_Timed]]], pace: Pace) -> bool:
    """Return whether one more range may be asked for: what was read waits for who writes it."""
    if len(waiting) >= max(_AHEAD, pace.in_flight):
        return False
    return sum(not future.done() for _, future in waiting) < pace.in_flight


def _seals(batch: Batch) -> tuple[Seal, ...]:
    """Return some of the blocks with logs, the last among them, whose headers were not read."""
    read = {header.number for header in batch.headers}
    logs = {log.block_number: log for log in batch.logs}
    blocks = [log for number, log in logs.items() if number not in read]
    step = -(-len(blocks) // _SEALS) or 1
    return tuple(
        Seal(log.block_number, log.block_hash, log.timestamp) for log in blocks[::-1][::step]
    )


def _timed(read: Read, asked: Range) -> _Timed:
    began = time.monotonic()
    batch = read(asked)
    return _Timed(batch, time.monotonic() - began)


def _drop(waiting: deque[tuple[Range, Future[_Timed]]]) -> None:
    for _, later in waiting:
        later.cancel()
    waiting.clear()


# --- One range


def read_range(client: Client, addresses: Sequence[str], asked: Range) -> Batch:
    """Return all logs of some contracts in a range of blocks.

    Raises:
        Unsteady: The chain changed meanwhile, or the node does not have the range yet.
        TooMuch: The node cannot answer so much at once, or it would not fit into memory.
        NodeError: It gave what cannot be.
    """
    first, last = asked.from_block, asked.to_block
    numbers: Sequence[int] = range(first, last + 1) if asked.every_header else sorted({first, last})
    query = {"fromBlock": hex(first), "toBlock": hex(last), "address": _address(addresses)}
    found, *blocks, head = client.batch(
        [
            ("eth_getLogs", [query]),
            *(header_call(number) for number in numbers),
            *(header_call(seal.number) for seal in asked.seals),
            header_call(asked.head.number),
        ],
        LONGEST if first == last else _LARGEST_ANSWER,
    )
    if None in (head, *blocks) or parse_header(head, client.name).hash != asked.head.hash:
        raise _changed(client)
    blocks, sealed = blocks[: len(numbers)], blocks[len(numbers) :]
    compare_seals(client, asked.seals, sealed)
    headers = [
        parse_header(block, client.name, number)
        for number, block in zip(numbers, blocks, strict=True)
    ]
    for before, after in pairwise(headers):
        if after.number == before.number + 1:
            check_follows(after, before.hash, client)
    logs, foreign = checked_logs(client, addresses, first, last, headers, found)
    logs = with_times(client, headers, logs)
    return Batch(first, last, tuple(headers), tuple(logs), foreign)


def compare_seals(client: Client, seals: Sequence[Seal], blocks: Sequence[Any]) -> None:
    """Do nothing if blocks are what logs said of them.

    Raises:
        Unsteady: One is not.
        NodeError: One is malformed.
    """
    for seal, block in zip(seals, blocks, strict=True):
        header = None if block is None else parse_header(block, client.name, seal.number)
        if header is None or (header.hash, header.timestamp) != (seal.hash, seal.timestamp):
            raise _changed(client)


def checked_logs(
    client: Client,
    addresses: Sequence[str],
    first: int,
    last: int,
    headers: Sequence[Header],
    found: Any,
) -> tuple[list[RawLog], int]:
    """Return the contracts' logs in order, each once, and the number of those of others.

    Raises:
        Unsteady: A log has another hash than its block, or than a log of the same block.
        NodeError: A log is malformed or of another range, or two are in one place.
    """
    if not isinstance(found, list):
        raise _malformed(client, "no list of logs where it was asked for logs")
    try:
        logs = parse_logs([log for log in found if not log.get("removed")])
    except AttributeError as error:
        raise _malformed(client, "a log that is none") from error
    places = [*map(_PLACE, logs)]
    in_order = all(map(lt, places, places[1:]))
    hashes = {header.number: header.hash for header in headers}
    # In a set, since a thousand logs are of a few blocks.
    for number, block_hash in set(map(_BLOCK, logs)):
        if not first <= number <= last:
            raise _malformed(
                client, f"a log of block {number} when asked for blocks {first} to {last}"
            )
        if hashes.setdefault(number, block_hash) != block_hash:
            raise _changed(client)
    ours = logs
    if not {*map(_ADDRESS, logs)} <= {*addresses}:
        ours = [log for log in logs if log.address in addresses]
    return ours if in_order else _each_once(client, ours), len(logs) - len(ours)


def _each_once(client: Client, logs: Sequence[RawLog]) -> list[RawLog]:
    """Return logs in order, and none twice."""
    once: list[RawLog] = []
    for log in sorted(logs, key=_PLACE):
        if not once or _PLACE(log) != _PLACE(once[-1]):
            once.append(log)
        elif log != once[-1]:
            raise _malformed(
                client,
                f"two different logs for one place: log {log.log_index} of block "
                f"{log.block_number}",
            )
    return once


def with_times(client: Client, headers: Sequence[Header], logs: list[RawLog]) -> list[RawLog]:
    """Return the logs with the time of their block, which not every node puts into them.

    Raises:
        Unsteady: A block is no longer the chain's; or a log has another time than its block.
        NodeError: The node does not answer.
    """
    times = {header.hash: header.timestamp for header in headers}
    missing = sorted(
        {log.block_number for log in logs if log.timestamp is None and log.block_hash not in times}
    )
    for at in range(0, len(missing), HEADERS_AT_ONCE):
        numbers = missing[at : at + HEADERS_AT_ONCE]
        blocks = client.batch([header_call(number) for number in numbers])
        if None in blocks:
            raise _changed(client)
        for number, block in zip(numbers, blocks, strict=True):
            header = parse_header(block, client.name, number)
            times[header.hash] = header.timestamp
    told_by_logs = set(map(_TIME, logs))
    for block_hash, told in told_by_logs:
        if times.get(block_hash, told) is None or told not in (None, times.get(block_hash, told)):
            raise _changed(client)
    if all(told is not None for _, told in told_by_logs):
        return logs
    return [
        log if log.timestamp is not None else log._replace(timestamp=times[log.block_hash])
        for log in logs
    ]


def check_follows(header: Header, parent_hash: bytes, client: Client) -> None:
    """Do nothing if a block is the child of another.

    Raises:
        Unsteady: It is not.
    """
    # Hardhat mines many blocks at once by leaving out who their parents are.
    if header.parent_hash not in (parent_hash, bytes(32)):
        raise _changed(client)


def header_call(number: int) -> RpcCall:
    """Return the call that asks for a block without its transactions."""
    return "eth_getBlockByNumber", [hex(number), False]


def _address(addresses: Sequence[str]) -> str | list[str]:
    return addresses[0] if len(addresses) == 1 else list(addresses)


def _changed(client: Client) -> Unsteady:
    return Unsteady(
        f"The chain of the node at {client.name} changes faster than it can be read.",
        "Wait until the node has synced, or use another one.",
    )


def _malformed(client: Client, what: str) -> NodeError:
    return NodeError(
        f"The node at {client.name} gave {what}.", "Use another node.", code="malformed-log"
    )
