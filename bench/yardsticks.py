"""What is at least to be done: the two programs that ``bench.indexing`` holds the indexer against.

The floor fetches all logs by ``eth_getLogs`` and parses the JSON. The bare one decodes them too,
and keeps three tables in SQLite: events, deals, milestones. It compares nothing, could take nothing
back, and believes whatever a node says.
"""

from __future__ import annotations

import http.client
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from struct import Struct
from threading import local
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

__all__ = ["bare", "floor"]

_RANGE: Final = 5  # blocks in a request
_IN_FLIGHT: Final = 2
_AHEAD: Final = 6  # requests of the bare one that wait to be written, or to be answered
_AT_ONCE: Final = 4_000  # events that it writes in one transaction
_TABLES: Final = (
    "CREATE TABLE events (position INTEGER PRIMARY KEY, kind INTEGER, deal INTEGER, "
    "milestone INTEGER, tx_hash BLOB, topics BLOB, data BLOB)",
    "CREATE INDEX events_of_deal ON events (deal) WHERE deal IS NOT NULL",
    "CREATE TABLE deals (deal INTEGER PRIMARY KEY, deal_id BLOB, employer BLOB, freelancer BLOB, "
    "token BLOB)",
    "CREATE UNIQUE INDEX deals_by_id ON deals (deal_id)",
    "CREATE INDEX deals_of_employer ON deals (employer)",
    "CREATE INDEX deals_of_freelancer ON deals (freelancer)",
    "CREATE TABLE milestones (deal INTEGER, milestone INTEGER, amount TEXT, remaining TEXT, "
    "kind INTEGER, PRIMARY KEY (deal, milestone)) WITHOUT ROWID",
)


def floor(url: str, escrow: str) -> Callable[[], int]:
    """Return what fetches all logs and returns their number."""

    def work() -> int:
        firsts = _firsts(url)
        with ThreadPoolExecutor(_IN_FLIGHT) as pool:
            parts = [firsts[i::_IN_FLIGHT] for i in range(_IN_FLIGHT)]
            return sum(pool.map(count, parts))

    def count(firsts: Sequence[int]) -> int:
        node = _Node(url)
        return sum(len(node.logs(escrow, first)) for first in firsts)

    return work


def bare(url: str, escrow: str, path: str) -> Callable[[], int]:
    """Return what fetches all logs, writes the tables to a new file, and returns their number."""

    def work() -> int:
        tables = _Tables(path)
        count = 0
        for logs in _in_order(url, escrow):
            tables.add(logs)
            count += len(logs)
        tables.close()
        return count

    return work


class _Node:
    """One connection to the node."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=120)

    def call(self, method: str, params: list[Any]) -> Any:
        body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        return orjson.loads(self._connection.getresponse().read())["result"]

    def logs(self, escrow: str, first: int) -> Any:
        query = {"fromBlock": hex(first), "toBlock": hex(first + _RANGE - 1), "address": escrow}
        return self.call("eth_getLogs", [query])


def _firsts(url: str) -> range:
    """Return the numbers of the first blocks of all ranges."""
    return range(0, int(_Node(url).call("eth_blockNumber", []), 16) + 1, _RANGE)


def _in_order(url: str, escrow: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the logs of one range after the other, some fetched ahead."""
    mine = local()

    def fetch(first: int) -> Any:
        if not hasattr(mine, "node"):
            mine.node = _Node(url)
        return mine.node.logs(escrow, first)

    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        for first in _firsts(url):
            waiting.append(pool.submit(fetch, first))
            if len(waiting) == _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the words of an event stand in its topics and data; None: it has no such word."""

    kind: int
    deal: slice | None
    milestone: slice | None
    remaining: slice | None


class _Tables:
    """What the bare one keeps."""

    def __init__(self, path: str) -> None:
        from milestone_escrow.agreement import Agreement
        from milestone_escrow.event_types import EVENTS, Opened, topic0

        self._shapes = {
            "0x" + topic0(event).hex(): _Shape(
                kind, *(_place(event, name) for name in ("deal_id", "index", "remaining"))
            )
            for kind, event in enumerate(EVENTS, 1)
        }
        self._opened = "0x" + topic0(Opened).hex()
        names = [field.name for field in fields(Agreement)]
        self._token = 32 * (1 + names.index("token"))  # after the offset of the agreement
        self._amounts = Struct("32s32x").iter_unpack
        self._head = 32 * (2 + len(names))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA page_size = 8192")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        for statement in _TABLES:
            self._db.execute(statement)
        self._keys: dict[bytes, int] = {}
        self._events: list[tuple[Any, ...]] = []
        self._deals: list[tuple[Any, ...]] = []
        self._milestones: dict[tuple[int, int], list[Any]] = {}
        self._changed: set[tuple[int, int]] = set()

    def add(self, logs: Sequence[dict[str, Any]]) -> None:
        """Take in logs, and write what has come together."""
        for log in logs:
            topics = bytes.fromhex("".join([topic[2:] for topic in log["topics"][1:]]))
            data = bytes.fromhex(log["data"][2:])
            shape = self._shapes[log["topics"][0]]
            words = topics + data
            deal = milestone = None
            if log["topics"][0] == self._opened:
                self._open(topics, data)
            if shape.deal is not None:
                deal = self._keys[words[shape.deal]]
            if shape.milestone is not None and deal is not None:
                milestone = int.from_bytes(words[shape.milestone])
                left = 0 if shape.remaining is None else int.from_bytes(words[shape.remaining])
                self._milestones[deal, milestone][3:] = (str(left), shape.kind)
                self._changed.add((deal, milestone))
            position = int(log["blockNumber"], 16) << 20 | int(log["logIndex"], 16)
            tx_hash = bytes.fromhex(log["transactionHash"][2:])
            self._events.append((position, shape.kind, deal, milestone, tx_hash, topics, data))
        if len(self._events) >= _AT_ONCE:
            self._write()

    def close(self) -> None:
        """Write the rest."""
        self._write()
        self._db.close()

    def _open(self, topics: bytes, data: bytes) -> None:
        deal = self._keys[topics[:32]] = len(self._keys) + 1
        token = data[self._token + 12 : self._token + 32]
        self._deals.append((deal, topics[:32], topics[44:64], topics[76:96], token))
        for index, (amount,) in enumerate(self._amounts(data[self._head :])):
            self._milestones[deal, index] = [deal, index, str(int.from_bytes(amount)), "0", 0]
            self._changed.add((deal, index))

    def _write(self) -> None:
        rows = [self._milestones[key] for key in sorted(self._changed)]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", self._events)
        self._db.executemany("INSERT INTO deals VALUES (?, ?, ?, ?, ?)", self._deals)
        self._db.executemany("INSERT OR REPLACE INTO milestones VALUES (?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")
        self._events.clear()
        self._deals.clear()
        self._changed.clear()


def _place(event: Any, name: str) -> slice | None:
    """Return where the word of a field stands: all are in one row, without topic 0."""
    for at, field in enumerate(fields(event)):
        if field.name == name:
            return slice(32 * at, 32 * at + 32)
    return None
