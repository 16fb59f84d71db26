"""A chain on which the demo was played, its index, and a node in front of it that lies."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from milestone_escrow import calls
from milestone_escrow.agreement import DAY, ZERO_ADDRESS
from milestone_escrow.audit import CHECKS, Audit, Difference, audit, records
from milestone_escrow.chain import start_anvil
from milestone_escrow.client import EscrowClient
from milestone_escrow.demo import Books, Step, play
from milestone_escrow.events import EventRecord
from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.indexer.rpc import Rpc
from milestone_escrow.indexer.source import position_of
from tests.http_node import HttpNode
from tests.nodes.stage import Stage

__all__ = ["Audited", "Liar", "at", "difference", "played"]


@dataclass(frozen=True)
class Audited:
    """The chain and its index.

    Attributes:
        rpc_url: The node.
        escrow: The contract.
        path: The index of all of it.
        records: All events.
    """

    rpc_url: str
    escrow: str
    path: Path
    records: tuple[EventRecord, ...]

    def audit(
        self, path: Path | str | None = None, rpc_url: str | None = None, **options: Any
    ) -> Audit:
        """Audit the index, or another of the same chain, with the node or another."""
        with Reader(path or self.path) as reader, Rpc(rpc_url or self.rpc_url) as rpc:
            return audit(reader, rpc, **options)

    def copy(self, path: Path, *statements: str) -> Path:
        """Copy the index and change the copy behind the program's back."""
        with closing(sqlite3.connect(self.path)) as db, closing(sqlite3.connect(path)) as other:
            db.backup(other)
            for statement in statements:
                assert other.execute(statement).rowcount == 1, statement
            other.commit()
        return path

    def first(self, kind: type, **values: Any) -> EventRecord:
        """Return the first event of a kind, with these values."""
        return next(
            record
            for record in self.records
            if isinstance(record.event, kind)
            and all(getattr(record.event, name) == value for name, value in values.items())
        )


@contextmanager
def played(folder: Path) -> Iterator[Audited]:
    """Play the demo on an Anvil of its own, and index it."""
    with start_anvil(0) as node:
        scenes = list(play(node.rpc_url))
        assert isinstance(scenes[-1], Books)
        assert any(isinstance(scene, Step) for scene in scenes)
        escrow = scenes[-1].escrow
        _more(node.rpc_url, escrow)
        path = folder / "index.sqlite"
        with Indexer(node.rpc_url, path, escrow) as indexer:
            indexer.run_once()
        with Reader(path) as reader:
            found = tuple(records(reader, to_block=reader.checkpoint()[0]))
        assert len({type(record.event) for record in found}) >= 12
        assert {getattr(record.event, "token", ZERO_ADDRESS) for record in found} > {ZERO_ADDRESS}
        yield Audited(node.rpc_url, escrow, path, found)


def difference(chain: Audited, **options: Any) -> Difference:
    """Return the difference that an audit finds, which is then the last check it made."""
    report = chain.audit(**options)
    assert report.difference is not None
    assert report.checks[-1].result == "difference"
    assert report.checks[-1].name == report.difference.check
    assert [check.name for check in report.checks] == list(CHECKS)[: len(report.checks)]
    assert report.difference.expected in report.difference.sentence
    assert report.difference.found in report.difference.sentence
    return report.difference


def at(record: EventRecord) -> str:
    """Return the condition for an event's row."""
    place = position_of(record.block_number, record.log_index)
    return f"(position & {(1 << 52) - 1}) = {place}"


def _more(rpc_url: str, escrow: str) -> None:
    """Leave deals that are not at their end, and a credit."""
    stage = Stage(rpc_url)
    stage.escrow = EscrowClient(stage.w3, escrow)
    stage.run(calls.fund(stage.agreement(), [0, 2]))
    deal = stage.bound()
    stage.run(calls.request_release(deal, [0, 1], b"\1" * 32))
    stage.run(calls.dispute(deal, 1, deal.employer, b"\2" * 32))
    stage.run(calls.release_part(deal, 0, 400_000))
    stage.run(calls.release(deal, [2]))
    gone = stage.bound()
    stage.run(calls.cancel(gone, [2]))
    stage.chain.set_time(gone.final_deadline + DAY)
    stage.run(calls.keep_alive(gone))
    stage.chain.set_time(gone.final_deadline + 2 * DAY)
    stage.run(calls.release(gone, [0]))


Change = Callable[[list[Any], Any], Any]


@dataclass
class Liar(HttpNode):
    """A node in front of a real one, which changes what it answers; a context manager.

    Attributes:
        upstream: URL of the real one.
        lies: By method, what makes another result of its parameters and the real result.
        told: How often a result was changed.
    """

    upstream: str
    lies: dict[str, Change] = field(default_factory=dict)
    told: int = 0

    def reply(self, body: bytes) -> tuple[int, bytes]:
        """Return the answer to a call or a batch of them."""
        asked = json.loads(body)
        real = requests.post(
            self.upstream, data=body, headers={"Content-Type": "application/json"}, timeout=30
        ).json()
        calls, answers = (asked, real) if isinstance(asked, list) else ([asked], [real])
        by_id = {answer["id"]: answer for answer in answers}
        for call in calls:
            lie, answer = self.lies.get(call["method"]), by_id[call["id"]]
            if lie is not None and "result" in answer:
                changed = lie(call["params"], answer["result"])
                self.told += changed != answer["result"]
                answer["result"] = changed
        return 200, json.dumps(real).encode()
