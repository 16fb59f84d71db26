"""Whom webhooks are sent to: a server of this machine that keeps what it gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.bridge.serving import await_that
from tests.http_node import HttpNode, QuietHandler

__all__ = ["Got", "Receiver"]


@dataclass(frozen=True, slots=True)
class Got:
    """A request.

    Attributes:
        path: Asked for.
        headers: By their names in lower case.
        body: As it came.
    """

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """What the body says."""
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The message's."""
        return self.headers["webhook-id"]


@dataclass
class Receiver(HttpNode):
    """The server; a context manager.

    Attributes:
        got: All requests, in their order.
        answer: Gives status and headers of the answer to a request.
        hold: While it is not set, no answer is given.
        at_once: The most requests that waited for their answers at a time.
    """

    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], tuple[int, dict[str, str]]] = lambda got: (204, {})
    hold: Event = field(default_factory=Event)
    at_once: int = 0
    _waiting: int = 0

    def __post_init__(self) -> None:
        """Hold nothing."""
        self.hold.set()

    @property
    def place(self) -> str:
        """Host and port."""
        return self.url.removeprefix("http://")

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what takes requests."""
        receiver = self

        class Handler(QuietHandler):
            def respond(self, body: bytes) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                got = Got(self.path, headers, body)
                receiver.got.append(got)
                receiver._waiting += 1
                receiver.at_once = max(receiver.at_once, receiver._waiting)
                receiver.hold.wait(30)
                receiver._waiting -= 1
                status, more = receiver.answer(got)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

        return Handler

    def await_got(self, count: int) -> list[Got]:
        """Wait until there were so many requests, and return all."""
        await_that(lambda: len(self.got) >= count)
        return list(self.got)
