"""Answers made once for each commit of the index: a second asker gets the same bytes.

What tells of one deal lasts longer, see ``frontend_bridge.api.lasting``: the block alone is new.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import msgspec

from frontend_bridge.api import models
from frontend_bridge.api.lasting import Lasting, Life
from frontend_bridge.api.pages import Head, Pages
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.shapes import Shapes, TokenOf
from frontend_bridge.api.view import Beside, View

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


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of the index: at which head, what goes out, and the same for later heads.

    Attributes:
        deal_id: Of the deal that it tells of; None: of more than one, or of none.
        text: All before the block; empty where it tells of no single deal.
    """

    head: Head
    answer: Prepared
    life: Life
    deal_id: bytes | None
    text: bytes


def _end(block: models.Block) -> bytes:
    """Return how an answer ends that closes with a block."""
    return b'"block":' + msgspec.json.encode(block) + b"}"


@dataclass
class Answers:
    """What was answered at the present head. It belongs to the event loop's thread.

    Attributes:
        readers: Of the index.
        token_of: What a token says of itself.
        beside: Whether anything can be kept beside the chain.
        headers: Of every answer.
        made: Answers made so far.
    """

    readers: Readers
    token_of: TokenOf
    beside: Beside
    headers: Headers
    made: int = 0
    _head: Head | None = None
    _turns: int = 0
    _kept: OrderedDict[bytes, Prepared] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _being_made: dict[bytes, asyncio.Future[_Made]] = field(default_factory=dict)
    _lasting: Lasting = field(default_factory=Lasting)
    _ending: bytes = b""

    def known(self, key: bytes) -> Prepared | None:
        """Return an answer that was made at the present head, or is still so."""
        known = self._kept.get(key)
        if known is None and self._head is not None:
            text = self._lasting.find(key, self._head)
            if text is not None:
                known = self._prepared(text + self._ending)
                self._hold(key, known)
        return known

    def turn(self, head: Head, chain_id: int, changed: Collection[bytes] | None) -> None:
        """Forget what was answered before this head, but for what is still so.

        Args:
            head: How far the index goes now.
            chain_id: Of its chain.
            changed: Deals with events since the head before, written or taken back; None: the index
                may be another.
        """
        self._lasting.turn(self._head, head, changed)
        self._head = head
        self._ending = _end(Shapes(head, chain_id, self.token_of).block())
        self._forget()

    def forget(self) -> None:
        """Forget what was answered, and what is being made: something came beside the chain."""
        self._lasting.came()
        self._forget()

    def _forget(self) -> None:
        self._turns += 1
        self._kept.clear()
        self._being_made.clear()
        self._bytes = 0

    async def make(
        self,
        key: bytes,
        handler: Callable[..., Any],
        values: dict[str, Any],
        deal_id: bytes | None = None,
    ) -> Prepared:
        """Return an answer, made by a handler; askers of the same at the same time share it.

        Args:
            key: What is asked.
            handler: Gets the view of a commit, and the values.
            values: Of the parameters.
            deal_id: The deal of which alone it tells; None: it may tell of anything.

        Raises:
            Refused: The handler refuses.
            EscrowError: As the handler.
        """
        making = self._being_made.get(key)
        if making is None:
            making = asyncio.ensure_future(
                self.readers.run(lambda pages: self._made(pages, handler, values, deal_id))
            )
            self._being_made[key] = making
            turn = self._turns
            making.add_done_callback(lambda done: self._keep(key, done, turn))
        return (await asyncio.shield(making)).answer

    def _made(
        self,
        pages: Pages,
        handler: Callable[..., Any],
        values: dict[str, Any],
        deal_id: bytes | None,
    ) -> _Made:
        with View.at_once(pages, self.token_of, self.beside) as view:
            body = msgspec.json.encode(handler(view, **values))
        text = b""
        if deal_id is not None:
            text = body.removesuffix(_end(view.shapes.block()))
            assert len(text) < len(body), "an answer about a deal ends with the block"
        return _Made(view.head, self._prepared(body), view.shapes.life, deal_id, text)

    def _prepared(self, body: bytes) -> Prepared:
        return prepared(body, b"application/json", self.headers)

    def _keep(self, key: bytes, done: asyncio.Future[_Made], turn: int) -> None:
        if self._being_made.get(key) is done:
            del self._being_made[key]
        if done.cancelled() or done.exception() is not None:
            return
        self.made += 1
        made = done.result()
        if turn != self._turns or made.head != self._head or key in self._kept:
            return
        self._hold(key, made.answer)
        if made.deal_id is not None:
            self._lasting.keep(key, made.deal_id, made.life, made.text)

    def _hold(self, key: bytes, answer: Prepared) -> None:
        self._kept[key] = answer
        self._bytes += answer.size
        while self._bytes > _MOST_BYTES:
            self._bytes -= self._kept.popitem(last=False)[1].size
