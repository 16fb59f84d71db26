"""A node whose chain a test writes and whose faults it chooses: JSON-RPC over HTTP, a thread."""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import orjson

from milestone_escrow.events import EventRecord
from milestone_escrow.indexer.sync_bloom import bloom_mask
from tests.http_node import HttpNode, QuietHandler
from tests.library.plausible_escrow import START
from tests.library.raw_logs import to_log


@dataclass
class Block:
    """A block of the scripted chain."""

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int
    logs: list[dict[str, Any]]

    @cached_property
    def bloom(self) -> str:
        bits = 0
        for log in self.logs:
            bits |= bloom_mask(log["address"])
        return f"0x{bits:0512x}"

    def to_json(self) -> dict[str, Any]:
        return {
            "number": hex(self.number),
            "hash": "0x" + self.hash.hex(),
            "parentHash": "0x" + self.parent_hash.hex(),
            "timestamp": hex(self.timestamp),
            "logsBloom": self.bloom,
            "transactions": [log["transactionHash"] for log in self.logs],
        }

    def receipts(self) -> list[dict[str, Any]]:
        """Each log in a transaction of its own."""
        return [{"transactionHash": log["transactionHash"], "logs": [log]} for log in self.logs]


@dataclass
class Answer:
    """What to answer a request with instead of the truth.

    Attributes:
        body: None: the right one.
        cut: Send so many bytes of it, then hang up; None: all.
        drop: Hang up without a word.
        hang: Answer when this is set.
        trickle: Seconds between two bytes; None: all at once.
    """

    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    drop: bool = False
    hang: Event | None = None
    trickle: float | None = None


@dataclass
class ScriptedNode(HttpNode):
    """The node; a context manager.

    Attributes:
        final: Number of the final block; None: the node does not know the word.
        safe: Likewise of the safe one.
        version: What it calls itself.
        largest_range: Blocks for which it gives logs at most.
        most_logs: Logs that it gives at most.
        log_times: Whether it puts the time into logs.
        blooms: Whether headers have their filter.
        block_receipts: Whether it knows eth_getBlockReceipts.
        logs_to: Number of the last block whose logs it finds; None: it does not lag.
        faults: What to answer the next requests with, an ``Answer`` or (HTTP status, body).
        change_logs: Applied to the logs of each answer.
        change: Applied to (method, parameters, result) of each call.
        before_request: Called with the number of the HTTP request before it is answered.
        before_call: Called with the method before it is answered.
    """

    chain_id: int = 31_337
    genesis: bytes = b"genesis"
    final: int | None = None
    safe: int | None = None
    version: str = "anvil/scripted"
    largest_range: int = 1_000_000
    most_logs: int = 1_000_000
    log_times: bool = True
    blooms: bool = True
    block_receipts: bool = True
    logs_to: int | None = None
    has_code: bool = True
    faults: deque[Answer | tuple[int, bytes | None]] = field(default_factory=deque)
    change_logs: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list
    change: Callable[[str, list[Any], Any], Any] = lambda method, params, result: result
    before_request: Callable[[int], None] = lambda number: None
    before_call: Callable[[str], None] = lambda method: None
    blocks: list[Block] = field(default_factory=list)
    requests: int = 0
    authorization: str | None = None
    calls: list[tuple[str, list[Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.blocks:
            self.blocks.append(Block(0, sha256(self.genesis).digest(), bytes(32), START, []))

    @property
    def head(self) -> int:
        return self.blocks[-1].number

    def extend(self, records: Iterable[EventRecord], to_block: int, salt: bytes = b"") -> None:
        """Mine up to a block; records of blocks that are there already are left out."""
        by_block: dict[int, list[EventRecord]] = {}
        for record in records:
            by_block.setdefault(record.block_number, []).append(record)
        for number in range(self.head + 1, to_block + 1):
            parent = self.blocks[-1]
            inside = by_block.get(number, [])
            when = (inside[0].timestamp or 0) if inside else parent.timestamp
            logs = [to_log(record) for record in inside]
            block_hash = sha256(parent.hash + salt + json.dumps(logs).encode()).digest()
            logs = [{**log, "blockHash": "0x" + block_hash.hex()} for log in logs]
            self.blocks.append(Block(number, block_hash, parent.hash, when, logs))

    def cut(self, to_block: int) -> None:
        """Forget the blocks after this one."""
        del self.blocks[to_block + 1 :]

    # --- JSON-RPC

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        method, params = call["method"], call["params"]
        self.calls.append((method, params))
        self.before_call(method)
        try:
            result = self.change(method, params, self._result(method, params))
            return {"jsonrpc": "2.0", "id": call["id"], "result": result}
        except LookupError as error:
            details = {"code": -32000, "message": str(error.args[0])}
            return {"jsonrpc": "2.0", "id": call["id"], "error": details}

    def _result(self, method: str, params: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getCode":
            return "0x6001" if self.has_code else "0x"
        if method == "web3_clientVersion":
            return self.version
        if method == "eth_getBlockByNumber":
            return self._header(self._block(params[0]))
        if method == "eth_getBlockByHash":
            return self._header(self._by_hash(params[0]))
        if method == "eth_getBlockReceipts" and self.block_receipts:
            block = self._by_hash(params[0])
            return None if block is None else block.receipts()
        if method == "eth_getTransactionReceipt":
            receipts = [each for block in self.blocks[-300:] for each in block.receipts()]
            found = [each for each in receipts if each["transactionHash"] == params[0]]
            return {"logs": [log for each in found for log in each["logs"]]} if found else None
        if method == "eth_getLogs":
            return self.change_logs(self._logs(params[0]))
        raise LookupError(f"the method {method} does not exist")

    def _logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        if "blockHash" in query:
            block = self._by_hash(query["blockHash"])
            if block is None or (self.logs_to is not None and block.number > self.logs_to):
                raise LookupError("unknown block")
            blocks = [block]
        else:
            first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
            if last - first + 1 > self.largest_range:
                raise LookupError(f"ranges over {self.largest_range} blocks are not supported")
            if self.logs_to is not None:
                last = min(last, self.logs_to)
            blocks = self.blocks[first : last + 1]
        logs = [log for block in blocks for log in block.logs]
        if len(logs) > self.most_logs:
            raise LookupError(f"query returned more than {self.most_logs} results")
        return logs if self.log_times else [{**log, "blockTimestamp": None} for log in logs]

    def _block(self, tag: str) -> Block | None:
        if tag == "latest":
            return self.blocks[-1]
        if tag in ("finalized", "safe"):
            number = self.final if tag == "finalized" else self.safe
            if number is None:
                raise LookupError(f"{tag} block not found")
            return self.blocks[number]
        blocks = self.blocks
        return blocks[int(tag, 16)] if int(tag, 16) < len(blocks) else None

    def _by_hash(self, text: str) -> Block | None:
        wanted = bytes.fromhex(text[2:])
        return next((block for block in reversed(self.blocks) if block.hash == wanted), None)

    def _header(self, block: Block | None) -> dict[str, Any] | None:
        if block is None:
            return None
        shown = block.to_json()
        if not self.blooms:
            del shown["logsBloom"]
        return shown

    # --- HTTP

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self)


def _handler(node: ScriptedNode) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def respond(self, body: bytes) -> None:
            node.requests += 1
            node.authorization = self.headers["Authorization"]
            node.before_request(node.requests)
            fault = node.faults.popleft() if node.faults else Answer()
            wrong = Answer(*fault) if isinstance(fault, tuple) else fault
            if wrong.hang is not None:
                wrong.hang.wait(10)
            if wrong.drop:
                self.close_connection = True
                return
            answer = wrong.body
            if answer is None:
                answer = orjson.dumps([node.answer(call) for call in orjson.loads(body)])
            self.send_response(wrong.status)
            for name, value in wrong.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            for at in range(len(answer) if wrong.trickle else 0):
                self.wfile.write(answer[at : at + 1])
                self.wfile.flush()
                time.sleep(wrong.trickle or 0)
            if not wrong.trickle:
                self.wfile.write(answer if wrong.cut is None else answer[: wrong.cut])
            self.wfile.flush()
            self.close_connection = self.close_connection or wrong.cut is not None

        def handle_one_request(self) -> None:
            # Whoever asked may have been killed.
            with contextlib.suppress(ConnectionError):
                super().handle_one_request()
                return
            self.close_connection = True

    return Handler
