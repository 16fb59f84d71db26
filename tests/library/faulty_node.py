"""Kinds of fault of a scripted node, each put on it by a function.

After a passing fault there is still a right answer to be had: the index must be right in the end,
after loud stops if need be. With a lasting one there is none: the indexer must stop, and say why.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from tests.library.scripted_node import Answer, ScriptedNode

__all__ = ["LASTING", "PASSING", "Fault", "heal"]

Log = dict[str, Any]
Fault = Callable[[ScriptedNode, Random], None]


def heal(node: ScriptedNode) -> None:
    """Take all faults away."""
    fresh = ScriptedNode()
    for name in (
        "change",
        "change_logs",
        "before_request",
        "logs_to",
        "largest_range",
        "most_logs",
        "log_times",
        "blooms",
        "block_receipts",
    ):
        setattr(node, name, getattr(fresh, name))
    node.faults.clear()


def _answers(*kinds: Answer) -> Fault:
    def put(node: ScriptedNode, random: Random) -> None:
        def strike(number: int) -> None:
            if random.random() < 0.3 and not node.faults:
                node.faults.append(random.choice(kinds))

        node.before_request = strike

    return put


def _always(answer: Answer) -> Fault:
    def put(node: ScriptedNode, random: Random) -> None:
        node.before_request = lambda number: node.faults.append(answer)

    return put


def _sometimes(method: str, change: Callable[[Any], Any]) -> Fault:
    """Change the result of a method now and then, that of each call at most once."""

    def put(node: ScriptedNode, random: Random) -> None:
        struck: set[str] = set()

        def changed(called: str, params: list[Any], result: Any) -> Any:
            # Who lies about the very first block is on another chain.
            spared = called != method or not result or params[0] == "0x0"
            if spared or str(params) in struck or random.random() > 0.3:
                return result
            struck.add(str(params))
            return change(result)

        node.change = changed

    return put


def _refuse(message: str) -> Callable[[Any], Any]:
    def refuse(result: Any) -> Any:
        raise LookupError(message)

    return refuse


def _mangled(**fields: Any) -> Callable[[list[Log]], list[Log]]:
    return lambda logs: [{**log, **fields} for log in logs]


def _logs(change: Callable[[list[Log]], list[Log]]) -> Fault:
    def put(node: ScriptedNode, random: Random) -> None:
        node.change_logs = change

    return put


def _settings(**values: Any) -> Fault:
    def put(node: ScriptedNode, random: Random) -> None:
        for name, value in values.items():
            setattr(node, name, value)

    return put


def _logs_late(node: ScriptedNode, random: Random) -> None:
    """Its logs are some blocks late, more at each request, until they are all there."""
    node.logs_to = node.head - 5

    def catch_up(number: int) -> None:
        if node.logs_to is not None and number % 3 == 0:
            node.logs_to += 1

    node.before_request = catch_up


def _headers_late(node: ScriptedNode, random: Random) -> None:
    """One of its back ends does not have the last blocks yet."""
    hidden = {hex(number) for number in range(node.head - 4, node.head + 1)}

    def changed(method: str, params: list[Any], result: Any) -> Any:
        late = method == "eth_getBlockByNumber" and params[0] in hidden
        return None if late and random.random() < 0.2 else result

    node.change = changed


def _withholds(node: ScriptedNode, random: Random) -> None:
    """It never finds the logs of the newest blocks, and says that there are none."""
    late = node.head - 5
    node.change_logs = lambda logs: [log for log in logs if int(log["blockNumber"], 16) <= late]


def _withholds_singly(node: ScriptedNode, random: Random) -> None:
    _withholds(node, random)
    node.block_receipts = False


PASSING: Final[dict[str, Fault]] = {
    "rate limit": _answers(Answer(429, b"")),
    "rate limit with a time": _answers(Answer(429, b"", {"Retry-After": "0"})),
    "unavailable": _answers(Answer(503, b"<html>")),
    "server error": _answers(Answer(500, b"oops"), Answer(502, b"bad gateway")),
    "too large": _answers(Answer(413, b"")),
    "cut in the middle": _answers(Answer(cut=40)),
    "truncated JSON": _answers(Answer(body=b'[{"jsonrpc":"2.0","id":0,"resu')),
    "hangs up": _answers(Answer(drop=True)),
    "rate limit in JSON": _sometimes("eth_getLogs", _refuse("10 requests per second exceeded")),
    "limit of ranges": _settings(largest_range=37, most_logs=90),
    "logs late": _logs_late,
    "headers late": _headers_late,
    "no logs now and then": _sometimes("eth_getLogs", lambda logs: []),
    "fewer logs now and then": _sometimes("eth_getLogs", lambda logs: logs[:-1]),
    "long answers cut short now and then": _sometimes(
        "eth_getLogs",
        lambda logs: logs[:-1] if len({log["blockNumber"] for log in logs}) > 1 else logs,
    ),
    "no block now and then": _sometimes("eth_getBlockByNumber", lambda block: None),
    "another block now and then": _sometimes(
        "eth_getBlockByNumber", lambda block: {**block, "hash": "0x" + "12" * 32}
    ),
    "wrong number now and then": _sometimes(
        "eth_getBlockByNumber", lambda block: {**block, "number": "0x7"}
    ),
    "unknown block now and then": _sometimes("eth_getLogs", _refuse("unknown block")),
    "no times in logs": _settings(log_times=False),
    "no filters in headers": _settings(blooms=False),
    "logs twice, removed, shuffled": _logs(
        lambda logs: [
            *reversed(logs),
            *({**log, "removed": True, "logIndex": "0x77"} for log in logs),
            *logs,
        ]
    ),
    "logs of others": _logs(
        lambda logs: [*logs, *({**log, "address": "0x" + "12" * 20} for log in logs)]
    ),
}

LASTING: Final[dict[str, tuple[Fault, str]]] = {
    "nonsense": (_always(Answer(body=b"<html>")), "node-limit"),
    "not an answer for each call": (_always(Answer(body=b"[]")), "node-not-answering"),
    "lets nobody in": (_always(Answer(401, b"key?")), "node-refused"),
    "keeps logs back": (_withholds, "logs-withheld"),
    "keeps logs back, one receipt at a time": (_withholds_singly, "logs-withheld"),
    "a hash that is not the block's": (
        _logs(_mangled(blockHash="0x" + "12" * 32)),
        "chain-unsteady",
    ),
    "logs of other blocks": (_logs(_mangled(blockNumber="0x7777")), "malformed-log"),
    "two logs in one place": (
        _logs(lambda logs: [*logs, *({**log, "data": log["data"] + "00" * 32} for log in logs)]),
        "malformed-log",
    ),
    "another time than the block's": (_logs(_mangled(blockTimestamp="0x1")), "chain-unsteady"),
    "odd digits": (_logs(_mangled(data="0x123")), "malformed-log"),
    "fields that are missing": (
        _logs(lambda logs: [{"address": log["address"]} for log in logs]),
        "malformed-log",
    ),
    "no list of logs": (_logs(lambda logs: {"logs": logs}), "malformed-log"),  # type: ignore[arg-type, return-value]
    "one block is too much": (_settings(most_logs=0), "node-limit"),
}
"""By name: the fault, and the code of what must be told."""
