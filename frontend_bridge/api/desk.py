"""Answers from what is kept beside the chain: who asks, whether they may, once or again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from frontend_bridge.api.answers import Prepared, prepared
from frontend_bridge.api.asked import Asked, Download, Reply, Visit
from frontend_bridge.api.bodies import parse
from frontend_bridge.api.credentials import check_origin, not_signed_in, token_in
from frontend_bridge.api.limits import Rates
from frontend_bridge.api.node import Node, NodeWork
from frontend_bridge.api.pages import Pages
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.route import IDEMPOTENCY, Route
from frontend_bridge.api.settings import Settings
from frontend_bridge.api.shapes import TokenOf
from frontend_bridge.api.view import View
from frontend_bridge.api.wire import PRIVATE, SANDBOXED, check_json, check_media, too_many
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.offchain import Offchain, documents
from milestone_escrow.offchain.kept_answers import answered, once
from milestone_escrow.offchain.sessions import Session, find

__all__ = ["Caller", "Desk", "Sent"]

_log: Final = logging.getLogger("milestone_escrow.bridge")

_REPLAYED: Final = (b"idempotent-replayed", b"true")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        session: None: anyone.
        token: Of the session.
    """

    session: Session | None = None
    token: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A request whose form was checked.

    Attributes:
        route: Which.
        target: Path and query.
        headers: All.
        values: Of the parameters.
        raw: The body.
    """

    route: Route
    target: bytes
    headers: Mapping[bytes, bytes]
    values: dict[str, Any]
    raw: bytes


class Desk:
    """Opens the off-chain tables when they are first asked for, and answers in threads."""

    def __init__(self, settings: Settings, token_of: TokenOf, node: Node) -> None:
        """Open nothing yet.

        Args:
            settings: Of the bridge.
            token_of: What a token says of itself.
            node: Who is asked what only a node knows.
        """
        limits = settings.limits
        self._settings = settings
        self._token_of = token_of
        self._node = node
        self._rates = Rates(limits.account_rate, limits.account_burst)
        self._threads = Readers(settings, limits.desk_threads, "desk")
        self._opening = threading.Lock()
        self._store: Offchain | None = None

    def close(self) -> None:
        """End the threads, and close the tables."""
        self._threads.close()
        if self._store is not None:
            self._store.close()

    @property
    def store(self) -> Offchain:
        """The off-chain tables; opening them may take a moment.

        Raises:
            StoreError: They cannot be used.
        """
        with self._opening:
            if self._store is None:
                self._store = Offchain(self._settings.store)
            return self._store

    async def open(self) -> None:
        """Open the tables now; where they cannot be used, say so in the log."""
        try:
            await self._threads.run(lambda _: self.store)
        except (EscrowError, Refused) as error:
            _log.warning("What is kept beside the chain cannot be used: %s", error)

    def is_open(self) -> bool:
        """Return whether the off-chain tables are there and can be read."""
        return self._store is not None

    async def documents(self) -> int | None:
        """Return how often a document was put here by this or any bridge; None: it is not known."""
        if self._store is None:
            return None

        def look(_: Pages) -> int:
            with self.store.reading() as db:
                return documents.count(db)

        try:
            return await self._threads.run(look)
        except (EscrowError, Refused):
            return None

    async def caller(self, route: Route, headers: Mapping[bytes, bytes]) -> Caller:
        """Return who asks, before anything of the body is read.

        Raises:
            Refused: Nobody is signed in (401), it comes from a page that is not known (403), or the
                account asks too often (429).
        """
        if route.kind == "visit":
            return Caller()
        token, by_itself = token_in(self._settings, headers)
        if token is None:
            raise not_signed_in()
        if by_itself and route.kind == "write":
            check_origin(self._settings, headers, must=True)

        def look(pages: Pages) -> Session | None:
            with self.store.reading() as db:
                return find(db, token, pages.identity.chain_id, self.store.now)

        session = await self._threads.run(look)
        if session is None:
            raise not_signed_in()
        seconds = self._rates.wait(session.address)
        if seconds:
            raise too_many("account", seconds)
        return Caller(session, token)

    async def answer(self, sent: Sent, caller: Caller) -> Prepared:
        """Return the answer.

        Raises:
            Refused: The handler refuses, or the body is not what it must be.
            EscrowError: As the handler.
        """
        route, values = sent.route, dict(sent.values)
        if route.body is not None:
            check_json(sent.headers)
            values["body"] = parse(sent.raw, route.body)
        elif route.raw:
            values["media"] = check_media(sent.headers, route.raw)
            values["body"] = sent.raw
        key = values.pop(IDEMPOTENCY.name, None)

        async def done(work: Callable[[View], Any]) -> Any:
            def look(pages: Pages) -> Any:
                with View.at_once(pages, self._token_of, self.is_open) as view:
                    return work(view)

            made = await self._threads.run(look)
            return await self._node.run(made) if isinstance(made, NodeWork) else made

        if route.first is not None:
            # A transaction that writes waits for no node.
            values["told"] = await done(lambda view: self._first(sent, caller, view, values, key))
        return _prepared(await done(lambda view: self._made(sent, caller, view, values, key)))

    def _first(
        self, sent: Sent, caller: Caller, view: View, values: dict[str, Any], key: str | None
    ) -> Any:
        first, store, session = sent.route.first, self.store, caller.session
        assert first is not None and session is not None
        with store.reading() as db:
            if key is not None and answered(db, session.address, key, store.now):
                return None
            asked = Asked(**self._common(sent, caller, view), db=db, session=session)
            return first(asked, **values)

    def _common(self, sent: Sent, caller: Caller, view: View) -> dict[str, Any]:
        return {
            "view": view,
            "store": self.store,
            "settings": self._settings,
            "headers": sent.headers,
            "token": caller.token,
        }

    def _made(
        self, sent: Sent, caller: Caller, view: View, values: dict[str, Any], key: str | None
    ) -> Any:
        handler, store, session = sent.route.handler, self.store, caller.session
        assert handler is not None
        common = self._common(sent, caller, view)
        if session is None:
            return handler(Visit(**common), **values)
        if sent.route.kind == "private":
            with store.reading() as db:
                return handler(Asked(**common, db=db, session=session), **values)
        with store.writing() as db:
            asked = Asked(**common, db=db, session=session)
            if key is None:
                return handler(asked, **values)
            answer, again = once(
                db,
                session.address,
                key,
                b"\n".join((sent.route.operation.encode(), sent.target, sent.raw)),
                store.now,
                lambda: msgspec.json.encode(handler(asked, **values)),
            )
            return Reply(msgspec.Raw(answer), (_REPLAYED,) if again else ())


def _prepared(made: Any) -> Prepared:
    """Return what is sent of what a handler made; nobody keeps it on the way."""
    if isinstance(made, Download):
        headers = [
            *SANDBOXED,
            (b"content-disposition", f'attachment; filename="{made.name}"'.encode()),
        ]
        return prepared(made.content, made.media.encode(), headers, cache=b"private, no-store")
    reply = made if isinstance(made, Reply) else Reply(made)
    body = msgspec.json.encode(reply.data)
    headers = [*PRIVATE, *reply.headers]
    return prepared(body, b"application/json", headers, cache=b"private, no-store")
