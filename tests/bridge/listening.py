"""A listener to live events over real HTTP, in a thread of the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlsplit

from tests.bridge.serving import Served, await_that

__all__ = ["Heard", "listening"]


@dataclass
class Heard:
    """What a listener heard.

    Attributes:
        texts: Each message as it came.
        comments: Lines that are none, signs of life among them.
        ended: The stream is over.
    """

    texts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    ended: bool = False

    @property
    def messages(self) -> list[Any]:
        """The data of the messages."""
        return [json.loads(_field(text, "data")) for text in self.texts]

    @property
    def ids(self) -> list[int]:
        """The messages' ids, where they have one."""
        return [int(_field(text, "id")) for text in self.texts if "id: " in text]

    @property
    def names(self) -> list[tuple[str, str | None]]:
        """Kind and event of each message but those of final blocks."""
        return [(m["kind"], m["name"]) for m in self.messages if m.get("kind") in _TOLD]

    def await_count(self, count: int) -> None:
        """Wait until so many events were heard."""
        await_that(lambda: len(self.names) >= count)


_TOLD = ("event", "reverted")


@contextmanager
def listening(served: Served, query: str = "", **headers: str) -> Iterator[Heard]:
    """Listen meanwhile; it begins when the bridge has answered."""
    heard = Heard()
    parts = urlsplit(served.url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    connection.connect()
    sock = connection.sock
    assert sock is not None
    connection.request("GET", f"/v1/events{query}", headers=headers)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    assert response.getheader("content-type") == "text/event-stream"

    def run() -> None:
        message: list[str] = []
        with suppress(OSError, HTTPException, ValueError):
            while line := response.readline().decode():
                line = line.rstrip("\n")
                if line.startswith(":"):
                    heard.comments.append(line)
                elif line:
                    message.append(line)
                elif message:
                    text, message = "\n".join(message), []
                    if "data: " in text:
                        heard.texts.append(text)
        heard.ended = True

    thread = threading.Thread(target=run, name="listener", daemon=True)
    thread.start()
    await_that(lambda: bool(heard.comments))
    try:
        yield heard
    finally:
        with suppress(OSError):
            sock.shutdown(SHUT_RDWR)
        thread.join(10)
        response.close()
        connection.close()


def _field(text: str, name: str) -> str:
    return next(line[len(name) + 2 :] for line in text.split("\n") if line.startswith(name + ": "))
