"""A chain of any length, which a node makes up as it is asked, so that it takes no memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import orjson

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.event_types import Accepted, Funded, Opened, Reason, Released
from milestone_escrow.events import Event, EventRecord
from tests.http_node import HttpNode
from tests.library.plausible_escrow import ESCROW, START, person
from tests.library.raw_logs import to_log

__all__ = ["LongChain"]

_BLOCK_TIME: Final = 12
_PART: Final = 1_000  # raw units


@dataclass
class LongChain(HttpNode):
    """A node; a context manager.

    In every block a deal is opened, accepted and paid out part by part.

    Attributes:
        events: About how many logs there are.
        parts: Payments of each deal; it has three events more.
    """

    events: int
    parts: int = 5

    @cached_property
    def head(self) -> int:
        """Number of the last block."""
        return self.events // len(self._life)

    @cached_property
    def _life(self) -> list[dict[str, Any]]:
        """The logs of a deal; those of others differ by the id and the place."""
        employer, freelancer, whole = person(1), person(2), self.parts * _PART
        agreement = Agreement.build(
            employer=employer,
            freelancer=freelancer,
            document=bytes(32),
            accept_by=START + DAY,
            milestones=[(whole, START + 3_000 * DAY)],
        )
        deal = bytes(32)
        events: list[Event] = [
            Opened(deal, employer, freelancer, agreement),
            Funded(deal, 0, whole),
            Accepted(deal, freelancer),
        ]
        for paid in range(1, self.parts + 1):
            left = whole - paid * _PART
            events.append(Released(deal, 0, freelancer, _PART, 0, left, Reason.EMPLOYER))
        return [
            to_log(EventRecord(0, bytes(32), bytes(32), 0, START, ESCROW, event))
            for event in events
        ]

    @cached_property
    def _places(self) -> list[str]:
        return [hex(index) for index in range(len(self._life))]

    def reply(self, body: bytes) -> tuple[int, bytes]:
        """Answer the calls of a batch."""
        calls = orjson.loads(body)
        answers = [
            {"jsonrpc": "2.0", "id": call["id"], "result": self._result(**_asked(call))}
            for call in calls
        ]
        return 200, orjson.dumps(answers)

    def _result(self, method: str, params: list[Any]) -> Any:
        match method:
            case "eth_chainId":
                return "0x7a69"
            case "eth_getCode":
                return "0x6001"
            case "web3_clientVersion":
                return "anvil/long"
            case "eth_getBlockByNumber":
                number = self.head if params[0] in ("latest", "finalized") else int(params[0], 16)
                return self._header(number) if number <= self.head else None
            case "eth_getLogs" if "blockHash" in params[0]:
                return self._logs(int(params[0]["blockHash"][2:18], 16))
            case "eth_getLogs":
                first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
                return [log for number in range(first, last + 1) for log in self._logs(number)]
        raise AssertionError(f"nobody said how to answer {method}")

    def _header(self, number: int) -> dict[str, Any]:
        return {
            "number": hex(number),
            "hash": _hash_of(number),
            "parentHash": _hash_of(number - 1) if number else "0x" + "00" * 32,
            "timestamp": hex(START + number * _BLOCK_TIME),
        }

    def _logs(self, number: int) -> list[dict[str, Any]]:
        if not number:
            return []
        place = {
            "blockNumber": hex(number),
            "blockHash": _hash_of(number),
            "blockTimestamp": hex(START + number * _BLOCK_TIME),
        }
        deal = "0x" + sha256(b"deal %d" % number).hexdigest()
        return [
            {**log, **place, "topics": [log["topics"][0], deal, *log["topics"][2:]], "logIndex": at}
            for at, log in zip(self._places, self._life, strict=True)
        ]


def _asked(call: dict[str, Any]) -> dict[str, Any]:
    return {name: call[name] for name in ("method", "params")}


def _hash_of(number: int) -> str:
    """Return a block's hash, which begins with its number."""
    return f"0x{number:016x}{sha256(b'%d' % number).hexdigest()[:48]}"
