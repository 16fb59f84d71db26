"""A node whose chain a test writes and whose faults it chooses: JSON-RPC over HTTP, a thread."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from milestone_escrow.events import EventRecord
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

    def to_json(self) -> dict[str, Any]:
        return {
            "number": hex(self.number),
            "hash": "0x" + self.hash.hex(),
            "parentHash": "0x" + self.parent_hash.hex(),
            "timestamp": hex(self.timestamp),
        }


@dataclass
class ScriptedNode:
    """The node; a context manager.

    Attributes:
        final: Number of the final block; None: the node does not know the word.
        largest_range: Blocks for which it gives logs at most.
        most_logs: Logs that it gives at most.
        log_times: Whether it puts the time into logs.
        faults: (HTTP status, body) to answer the next requests with; a body of None: the right one.
        change_logs: Applied to the logs of each answer.
        before_request: Called with the number of the HTTP request before it is answered.
    """

    chain_id: int = 31_337
    genesis: bytes = b"genesis"
    final: int | None = None
    largest_range: int = 1_000_000
    most_logs: int = 1_000_000
    log_times: bool = True
    has_code: bool = True
    faults: deque[tuple[int, bytes | None]] = field(default_factory=deque)
    change_logs: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list
    before_request: Callable[[int], None] = lambda number: None
    blocks: list[Block] = field(default_factory=list)
    requests: int = 0
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
            time = (inside[0].timestamp or 0) if inside else parent.timestamp
            logs = [to_log(record) for record in inside]
            block_hash = sha256(parent.hash + salt + json.dumps(logs).encode()).digest()
            logs = [{**log, "blockHash": "0x" + block_hash.hex()} for log in logs]
            self.blocks.append(Block(number, block_hash, parent.hash, time, logs))

    def cut(self, to_block: int) -> None:
        """Forget the blocks after this one."""
        del self.blocks[to_block + 1 :]

    # --- JSON-RPC

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        method, params = call["method"], call["params"]
        self.calls.append((method, params))
        try:
            return {"jsonrpc": "2.0", "id": call["id"], "result": self._result(method, params)}
        except LookupError as error:
            details = {"code": -32000, "message": str(error.args[0])}
            return {"jsonrpc": "2.0", "id": call["id"], "error": details}

    def _result(self, method: str, params: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getCode":
            return "0x6001" if self.has_code else "0x"
        if method == "eth_getBlockByNumber":
            return self._block(params[0])
        if method == "eth_getLogs":
            first, last = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
            if last - first + 1 > self.largest_range:
                raise LookupError(f"ranges over {self.largest_range} blocks are not supported")
            logs = [log for block in self.blocks[first : last + 1] for log in block.logs]
            if len(logs) > self.most_logs:
                raise LookupError(f"query returned more than {self.most_logs} results")
            if not self.log_times:
                logs = [{**log, "blockTimestamp": None} for log in logs]
            return self.change_logs(logs)
        raise LookupError(f"the method {method} does not exist")

    def _block(self, tag: str) -> dict[str, Any] | None:
        if tag == "latest":
            return self.blocks[-1].to_json()
        if tag == "finalized":
            if self.final is None:
                raise LookupError("finalized block not found")
            return self.blocks[self.final].to_json()
        number = int(tag, 16)
        return self.blocks[number].to_json() if number <= self.head else None

    # --- HTTP

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(node: ScriptedNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without this, headers and body wait for each other's acknowledgement: 40 ms an answer.
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            node.requests += 1
            node.before_request(node.requests)
            status, answer = node.faults.popleft() if node.faults else (200, None)
            if answer is None:
                answer = json.dumps([node.answer(call) for call in json.loads(body)]).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                self.wfile.flush()
            except ConnectionError:
                self.close_connection = True  # whoever asked was killed

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
