"""A node in front of a real one: it passes requests on, but for what a test wants otherwise."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import requests


@dataclass
class Meddler:
    """The node in front; a context manager.

    Attributes:
        upstream: URL of the real one.
        whole: (HTTP status, body) to answer everything with.
        results: Results to give instead of the real one's, by method.
        dropped: How many requests of a method get no answer: the connection is closed.
        seen: How often each method was asked for.
    """

    upstream: str
    whole: tuple[int, bytes] | None = None
    results: dict[str, Any] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, body: bytes) -> tuple[int, bytes] | None:
        """Return status and body of an answer, None for none at all."""
        call = json.loads(body)
        method = call["method"]
        self.seen[method] += 1
        if self.dropped[method]:
            self.dropped[method] -= 1
            return None
        if self.whole is not None:
            return self.whole
        if method in self.results:
            given = {"jsonrpc": "2.0", "id": call["id"], "result": self.results[method]}
            return 200, json.dumps(given).encode()
        real = requests.post(
            self.upstream, data=body, headers={"Content-Type": "application/json"}, timeout=30
        )
        return real.status_code, real.content

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


def _handler(meddler: Meddler) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet

        def do_POST(self) -> None:
            answer = meddler.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if answer is None:
                self.close_connection = True
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
