"""Answers made once for each commit of the index: a second asker gets the same bytes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import msgspec

from frontend_bridge.api.pages import Head, Pages
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.shapes import TokenOf
from frontend_bridge.api.view import HasDocument, View

__all__ = ["Answers", "Prepared", "prepared"]

_MOST_BYTES: Final = 64 << 20  # kept at a time

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer as it goes out.

    Attributes:
        etag: Changes with the body.
        start: The message that begins it.
        body: The message that ends it.
        size: Bytes of the body.
    """

    etag: bytes
    start: dict[str, Any]
    body: dict[str, Any]
    size: int


def prepared(
    body: bytes, media: bytes, headers: Headers, status: int = 200, *, cache: bytes = b"no-cache"
) -> Prepared:
    """Return an answer of a body.

    Args:
        body: All of it.
        media: Its type.
        headers: Those of every answer.
        status: Of HTTP.
        cache: Who may keep it.
    """
    etag = b'"' + blake2b(body, digest_size=12).hexdigest().encode() + b'"'
    return Prepared(
        etag,
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                *headers,
                (b"content-type", media),
                (b"content-length", b"%d" % len(body)),
                (b"etag", etag),
                (b"cache-control", cache),
            ],
        },
        {"type": "http.response.body", "body": body},
        len(body),
    )


@dataclass
class Answers:
    """What was answered at the present head. It belongs to the event loop's thread.

    Attributes:
        readers: Of the index.
        token_of: What a token says of itself.
        has_document: Whether a document is kept beside the chain.
        headers: Of every answer.
        made: Answers made so far.
    """

    readers: Readers
    token_of: TokenOf
    has_document: HasDocument
    headers: Headers
    made: int = 0
    _head: Head | None = None
    _turns: int = 0
    _kept: OrderedDict[bytes, Prepared] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _being_made: dict[bytes, asyncio.Future[tuple[Head, Prepared]]] = field(default_factory=dict)

    def known(self, key: bytes) -> Prepared | None:
        """Return an answer that was made at the present head."""
        return self._kept.get(key)

    def turn(self, head: Head) -> None:
        """Forget what was answered before this head."""
        self._head = head
        self.forget()

    def forget(self) -> None:
        """Forget what was answered, and what is being made."""
        self._turns += 1
        self._kept.clear()
        self._being_made.clear()
        self._bytes = 0

    async def make(
        self, key: bytes, handler: Callable[..., Any], values: dict[str, Any]
    ) -> Prepared:
        """Return an answer, made by a handler; askers of the same at the same time share it.

        Raises:
            Refused: The handler refuses.
            EscrowError: As the handler.
        """
        making = self._being_made.get(key)
        if making is None:
            making = asyncio.ensure_future(
                self.readers.run(lambda pages: self._made(pages, handler, values))
            )
            self._being_made[key] = making
            turn = self._turns
            making.add_done_callback(lambda done: self._keep(key, done, turn))
        _, answer = await asyncio.shield(making)
        return answer

    def _made(
        self, pages: Pages, handler: Callable[..., Any], values: dict[str, Any]
    ) -> tuple[Head, Prepared]:
        with pages.at_once() as head:
            answer = handler(View.of(pages, head, self.token_of, self.has_document), **values)
        body = msgspec.json.encode(answer)
        return head, prepared(body, b"application/json", self.headers)

    def _keep(self, key: bytes, done: asyncio.Future[tuple[Head, Prepared]], turn: int) -> None:
        if self._being_made.get(key) is done:
            del self._being_made[key]
        if done.cancelled() or done.exception() is not None:
            return
        self.made += 1
        head, answer = done.result()
        if turn != self._turns or head != self._head or key in self._kept:
            return
        self._kept[key] = answer
        self._bytes += answer.size
        while self._bytes > _MOST_BYTES:
            self._bytes -= self._kept.popitem(last=False)[1].size
