"""The ASGI application: who may ask what, how often, and what goes out with every answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec

from frontend_bridge.api import openapi, streams
from frontend_bridge.api.answers import Answers, Prepared, prepared
from frontend_bridge.api.bodies import parse
from frontend_bridge.api.courier import Courier
from frontend_bridge.api.desk import Desk, Sent
from frontend_bridge.api.hub import Hub, Message
from frontend_bridge.api.limits import Rates, group_of
from frontend_bridge.api.metrics import Metrics
from frontend_bridge.api.models_facts import Health
from frontend_bridge.api.node import Node, NodeWork
from frontend_bridge.api.pages import Head, Pages
from frontend_bridge.api.params import read
from frontend_bridge.api.problems import Refused, refused_by
from frontend_bridge.api.pulse import Pulse
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.readiness import NodeWatch, Standing, standing_of
from frontend_bridge.api.route import OFF_CHAIN, Match, Route
from frontend_bridge.api.routes import find
from frontend_bridge.api.settings import Settings
from frontend_bridge.api.token_book import TokenBook
from frontend_bridge.api.view import View
from frontend_bridge.api.wire import (
    EMPTY,
    METHODS,
    OF_BODY,
    REQUEST_HEADERS,
    SECURITY,
    Send,
    allowed,
    check_json,
    host_of,
    names,
    refuse,
    send_json,
    send_plain,
    too_large,
    too_many,
    too_slow,
)
from milestone_escrow.indexer.engine import database_of
from milestone_escrow.indexer.health import Health as IndexHealth

__all__ = ["Bridge"]

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]

_log: Final = logging.getLogger("milestone_escrow.bridge")

_OF_A_FILE: Final = 2  # threads that read one: a long answer must not hold up all others


class Bridge:
    """A bridge over one index; an ASGI application.

    Attributes:
        settings: What it was told.
        hub: Live events.
        metrics: Its figures.
        pulse: What looks at the index.
        desk: What is kept beside the chain.
        courier: Who tells webhooks.
    """

    def __init__(self, settings: Settings, health: IndexHealth | None = None) -> None:
        """Open nothing yet.

        Args:
            settings: What it serves, and to whom.
            health: Of the indexer in this process, where there is one.
        """
        limits = settings.limits
        self.settings = settings
        self.hub = Hub(limits.streams, limits.streams_each)
        self.pulse = Pulse(settings, self._hear)
        # Nobody is waited for when a file is read: more threads would only wait for each other.
        of_file = isinstance(database_of(settings.store), Path)
        threads = min(limits.threads, _OF_A_FILE) if of_file else limits.threads
        self._readers = Readers(settings, threads, "reader")
        self._tokens = TokenBook(settings.rpc)
        self._asked = Node(settings.rpc, limits)
        self.desk = Desk(settings, self._tokens, self._asked)
        self.courier = Courier(settings, lambda: self.desk.store)
        self._answers = Answers(self._readers, self._tokens, self.desk.is_open, SECURITY)
        self._rates = Rates(limits.rate, limits.burst)
        self._hosts = frozenset(host.lower().encode() for host in settings.hosts)
        self._origins = frozenset(origin.encode() for origin in settings.origins)
        self._health = health
        self._node = (
            NodeWatch(settings.rpc) if health is None and settings.rpc is not None else None
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beating: asyncio.Future[None] | None = None
        self._opening: asyncio.Future[None] | None = None
        self._documents: int | None = None  # kept beside the chain, when last looked
        self.metrics = Metrics(self.hub, self._readers, self.courier, self.standing)
        self._openapi = prepared(openapi.text().encode(), b"application/json", SECURITY)

    def start(self) -> None:
        """Begin to look at the index; called in the event loop's thread."""
        self._loop = asyncio.get_running_loop()
        self.pulse.start()
        self._beating = asyncio.ensure_future(self._beat())
        if self._node is not None:
            self._node.start()

    async def _beat(self) -> None:
        """Look after the streams, and for what another bridge kept, for as long as it serves."""
        while True:
            await asyncio.sleep(self.settings.limits.heartbeat)
            self.hub.beat(monotonic())
            await self._look_beside()

    async def _look_beside(self) -> None:
        """Forget what says that a document is not here, if another one came since the last time."""
        documents = await self.desk.documents()
        if documents != self._documents:
            self._documents = documents
            self._answers.forget()

    async def _open_beside(self) -> None:
        await self.desk.open()
        await self._look_beside()

    async def stop(self) -> None:
        """Let streams end, and stop looking."""
        if self._beating is not None:
            self._beating.cancel()
        self.hub.close()
        self.pulse.stop()
        if self._node is not None:
            self._node.stop()
        await asyncio.to_thread(self.pulse.join, 5.0)
        await asyncio.to_thread(self._readers.close)
        await self.courier.stop()
        await asyncio.to_thread(self.desk.close)
        self._asked.close()

    def standing(self) -> Standing:
        """Return whether the answers are level with the chain."""
        return standing_of(self.hub.head, self.pulse, self._health, self._node)

    # --- What the index tells

    def _hear(self, head: Head, messages: Sequence[Message], anew: bool) -> None:
        """Pass on what the pulse found, from its thread to the loop's."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._publish, head, messages, anew)

    def _publish(self, head: Head, messages: Sequence[Message], anew: bool) -> None:
        if self._opening is None:  # now that there is an index beside which they can be
            self._opening = asyncio.ensure_future(self._open_beside())
            self.courier.start()
        self.courier.wake()
        changed = {message.deal_id for message in messages if message.deal_id is not None}
        assert self.pulse.chain_id is not None
        self._answers.turn(head, self.pulse.chain_id, None if anew else changed)
        if anew:
            self.hub.reset(head)
        else:
            self.hub.publish(head, messages)

    # --- Requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._live(receive, send)
        elif kind == "http":
            await self._answer(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = (await receive())["type"]
            if event == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            elif event == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        extra = self._cors(headers)
        operation = "none"
        status = 500
        try:
            address = self._address(scope, headers)
            self._check_host(headers)
            self._check_rate(address)
            path: str = scope["path"]
            query: bytes = scope["query_string"]
            method: str = scope["method"]
            if method == "GET" and not extra and b"content-length" not in headers:
                # What was answered at this head goes out at once.
                known = self._answers.known(path.encode() + b"?" + query)
                if known is not None and b"transfer-encoding" not in headers:
                    operation = "kept"
                    status = await self._send(send, known, headers, extra, head=False)
                    return
            match = self._find(path, query)
            if method == "OPTIONS":
                status = 204
                allow = [(b"allow", allowed(match)), (b"content-length", b"0")]
                await send_plain(send, 204, [*SECURITY, *allow, *extra])
                return
            route = match.route(method)
            if route is None:
                known_here = allowed(match)
                raise Refused(
                    405,
                    "This path knows another method.",
                    f"Use one of {known_here.decode()}.",
                    "method-not-allowed",
                    ((b"allow", known_here),),
                )
            operation = route.operation
            head = method == "HEAD"
            if route.kind in OFF_CHAIN:
                self._check_rate(address, route.weight - 1)
                caller = await self.desk.caller(route, headers)
                body = await self._body(headers, receive, route.most)
                values = read(route.parameters, match.values, query, headers)
                sent = Sent(route, path.encode() + b"?" + query, headers, values, body)
                answer = await self.desk.answer(sent, caller)
                if route.shows:
                    self._answers.forget()
                if route.kind == "write":
                    self.courier.wake()
                asked = headers if method == "GET" else {}
                status = await self._send(send, answer, asked, extra, head=head)
                return
            body = await self._body(headers, receive, route.most)
            values = read(route.parameters, match.values, query, headers)
            if route.kind == "stream":
                status = 200
                await self._stream(values, address, receive, send, extra, head=head)
                return
            if route.kind == "ask":
                check_json(headers)
                done = await self._ask(route, body)
                status = 200
                await send_json(send, done, extra)
                return
            answer = await self._prepare(route, values, path.encode() + b"?" + query)
            status = await self._send(send, answer, headers, extra, head=head)
        except Exception as error:
            refused = refused_by(error)
            status = refused.problem.status
            if status == 500:
                # Neither the query nor the address: they are somebody's.
                _log.error("%s failed", operation, exc_info=error)
            await refuse(send, refused, extra, head=scope["method"] == "HEAD")
        finally:
            self.metrics.requests[operation, status] += 1

    def _find(self, path: str, query: bytes) -> Match:
        if len(path) + len(query) > self.settings.limits.query:
            raise Refused(414, "The path and query are too long.", "Ask for less.", "too-long")
        match = find(path)
        if match is None:
            raise Refused(
                404, "There is nothing at this path.", "See /openapi.json.", "unknown-path"
            )
        return match

    async def _prepare(self, route: Route, values: dict[str, Any], key: bytes) -> Prepared:
        if route.handler is not None:
            deal_id = values["deal_id"] if route.of_deal else None
            return self._answers.known(key) or await self._answers.make(
                key, route.handler, values, deal_id
            )
        if route.kind == "openapi":
            return self._openapi
        if route.kind == "metrics":
            return prepared(self.metrics.text(), b"text/plain; charset=utf-8", SECURITY)
        if route.kind == "ready":
            standing = self.standing()
            body = msgspec.json.encode(standing.answer())
            return prepared(body, b"application/json", SECURITY, 200 if standing.ready else 503)
        return prepared(msgspec.json.encode(Health(status="ok")), b"application/json", SECURITY)

    async def _ask(self, route: Route, raw: bytes) -> bytes:
        """Return the answer to a body: of the index, and where that is said, then of the node."""
        handler = route.handler
        assert handler is not None and route.body is not None
        body = parse(raw, route.body)

        def read_index(pages: Pages) -> Any:
            with View.at_once(pages, self._tokens, self.desk.is_open) as view:
                return handler(view, body=body)

        made = await self._readers.run(read_index)
        if isinstance(made, NodeWork):
            made = await self._asked.run(made)
        return msgspec.json.encode(made)

    async def _stream(
        self,
        values: dict[str, Any],
        address: str,
        receive: Receive,
        send: Send,
        extra: list[tuple[bytes, bytes]],
        *,
        head: bool,
    ) -> None:
        start = [
            *SECURITY,
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *extra,
        ]
        if head:
            await send_plain(send, 200, start)
            return
        limits = self.settings.limits
        deal, party = values["deal"], values["party"]
        listener = streams.join(self.hub, limits, address, deal=deal, party=party)
        try:
            assert self.hub.head is not None
            resume = values["after"] if values["last"] is None else values["last"]
            pieces = streams.pieces_for(
                listener, self._readers, resume=resume, known=self.hub.head.sequence
            )
            await send({"type": "http.response.start", "status": 200, "headers": start})
            await streams.serve(listener, pieces, send, receive)
        finally:
            self.hub.leave(listener)

    async def _send(
        self,
        send: Send,
        answer: Prepared,
        headers: Mapping[bytes, bytes],
        extra: list[tuple[bytes, bytes]],
        *,
        head: bool,
    ) -> int:
        start, status = answer.start, int(answer.start["status"])
        asked = headers.get(b"if-none-match")
        if asked is not None and status == 200 and names(asked, answer.etag):
            kept = [each for each in start["headers"] if each[0] not in OF_BODY]
            await send_plain(send, 304, [*kept, *extra])
            return 304
        if extra:
            start = {**start, "headers": [*start["headers"], *extra]}
        await send(start)
        await send(EMPTY if head else answer.body)
        return status

    # --- Who may ask

    def _address(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """Return who asks: the peer, or whom a proxy of ours names last."""
        peer: str = (scope.get("client") or ("", 0))[0]
        if peer in self.settings.proxies:
            named = headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2]
            peer = named.strip() or peer
        return group_of(peer)

    def _check_host(self, headers: Mapping[bytes, bytes]) -> None:
        if host_of(headers.get(b"host", b"")) not in self._hosts:
            raise Refused(
                421,
                "This bridge has another name.",
                "Ask under its own domain; whoever runs it names it with --domain.",
                "unknown-host",
            )

    def _check_rate(self, address: str, count: int = 1) -> None:
        seconds = self._rates.wait(address, count)
        if seconds:
            raise too_many("address", seconds)

    async def _body(
        self, headers: Mapping[bytes, bytes], receive: Receive, most: int | None
    ) -> bytes:
        """Return the body; one that is too large is refused unread where its length is told.

        Raises:
            Refused: It is too large (413), or does not come in time (408).
        """
        most = most or self.settings.limits.body
        told = headers.get(b"content-length", b"0")
        if not told.isdigit() or int(told) > most:
            raise too_large(most)
        if told == b"0" and b"transfer-encoding" not in headers:
            return b""
        seconds = self.settings.limits.body_seconds
        try:
            async with asyncio.timeout(seconds):
                return await _received(receive, most)
        except TimeoutError:
            raise too_slow(seconds) from None

    def _cors(self, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Return what lets a page of a known origin read the answer; nothing for any other."""
        origin = headers.get(b"origin")
        if origin is None or origin not in self._origins:
            return []
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", b"ETag, Retry-After, Idempotent-Replayed"),
            (b"access-control-max-age", b"600"),
        ]


async def _received(receive: Receive, most: int) -> bytes:
    """Return a body, piece by piece until it ends, or its sender goes."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            raise too_large(most)
        if not message.get("more_body"):
            return bytes(body)
