"""A node in front of a real one: it passes requests on, but for what a test wants otherwise."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.http_node import HttpNode


@dataclass
class Meddler(HttpNode):
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

    def reply(self, body: bytes) -> tuple[int, bytes] | None:
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
