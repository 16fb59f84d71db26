"""Tells webhooks: makes messages of what is new in the index, and sends what is due.

Any number of bridges may do it on one database: messages are made under a lock, and who sends one
takes its webhook for as long as that may last.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from frontend_bridge.api.pages import Entry, Pages
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.pulse import AT_ONCE
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.sending import Sender
from frontend_bridge.api.settings import Settings
from frontend_bridge.api.shapes import live_event
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.offchain import Offchain, deliveries, webhooks
from milestone_escrow.offchain.deliveries import Due, Message
from milestone_escrow.offchain.statements import lock
from milestone_escrow.offchain.webhooks import Webhook

__all__ = ["Courier", "body_of"]

_log: Final = logging.getLogger("milestone_escrow.bridge")

_IDLE: Final = 5.0  # seconds until it looks again where nobody tells of anything
_PAUSE: Final = 1.0  # seconds after a look that failed
_FORGET_EVERY: Final = 3_600.0  # seconds


def body_of(kind: str, data: Any, now: int) -> str:
    """Return the JSON that is sent: what kind, when it was made, and what is told."""
    at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return msgspec.json.encode({"type": kind, "timestamp": at, "data": data}).decode()


class Courier:
    """Works in the event loop; what asks the database runs in a thread.

    Attributes:
        sent: Attempts by what came of them: ``delivered``, ``failed``, ``off``.
    """

    def __init__(self, settings: Settings, store: Callable[[], Offchain]) -> None:
        """Send nothing yet.

        Args:
            settings: Of the bridge.
            store: Opens the off-chain tables, or returns them.
        """
        self.sent: Counter[str] = Counter()
        self._settings = settings
        self._store = store
        self._places = settings.limits.webhook_places
        self._threads = Readers(settings, 1, "courier")
        self._woken = asyncio.Event()
        self._sending: dict[asyncio.Task[None], Due] = {}
        self._running: asyncio.Task[None] | None = None
        self._forgot = float("-inf")

    @property
    def sending(self) -> int:
        """Messages that are on their way."""
        return len(self._sending)

    def start(self) -> None:
        """Begin; called in the event loop's thread when the index was read."""
        if self._running is None:
            self._running = asyncio.ensure_future(self._run())

    def wake(self) -> None:
        """There may be something to tell."""
        self._woken.set()

    async def stop(self) -> None:
        """End; what is on its way is given up, and sent again by whoever is next."""
        running = [*self._sending, *([self._running] if self._running else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.to_thread(self._threads.close)

    async def _run(self) -> None:
        failed = ""
        sender = Sender(self._settings.webhook_allow, self._places)
        try:
            while True:
                self._woken.clear()
                try:
                    pause = await self._round(sender)
                    failed = ""
                except (EscrowError, Refused) as error:
                    if str(error) != failed:  # the same is told once
                        failed = str(error)
                        _log.warning("Webhooks wait: %s", failed)
                    pause = _PAUSE
                except Exception:  # a mistake of ours must not end all later messages
                    _log.exception("Webhooks could not be looked after")
                    pause = _IDLE
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
        finally:
            await sender.close()

    async def _round(self, sender: Sender) -> float:
        """Make messages, send what is due; return seconds until something will be."""
        while await self._threads.run(self._make):
            pass
        for due in await self._threads.run(self._claim):
            task = asyncio.ensure_future(self._send(sender, due))
            self._sending[task] = due
            task.add_done_callback(self._done)
        if len(self._sending) >= self._places:
            return _IDLE
        return await self._threads.run(self._pause)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._sending[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("A webhook's delivery failed", exc_info=error)
        self._woken.set()

    async def _send(self, sender: Sender, due: Due) -> None:
        store = self._store()
        outcome = await sender.send(due, store.now)

        def record(_: Pages) -> str | None:
            with store.writing() as db:
                return deliveries.record(db, due, outcome.status, outcome.error, store.now)

        off = await self._threads.run(record)
        self.sent["delivered" if outcome.error is None else "failed"] += 1
        self.sent["off"] += off is not None

    # --- In the thread

    def _make(self, pages: Pages) -> bool:
        """Make the messages of some entries of the outbox; return whether there are more."""
        store = self._store()
        with store.reading() as db:
            if not webhooks.active(db, pages.identity):
                return False
        with store.writing() as db:
            lock(db, b"webhooks")
            with pages.at_once() as head:
                waits = deliveries.waiting(db)
                hooks = [
                    hook
                    for hook in webhooks.active(db, pages.identity)
                    if hook.told != head.sequence and waits.get(hook.number, 0) < deliveries.QUEUE
                ]
                behind = [hook for hook in hooks if hook.told < head.sequence]
                low = min((hook.told for hook in behind), default=head.sequence)
                entries = pages.news(low, AT_ONCE)
            now = store.now
            for hook in hooks:
                if hook.told > head.sequence:  # the index was made anew
                    text = body_of("reset", {"sequence": head.sequence}, now)
                    deliveries.queue(db, hook.number, [Message("reset", None, text)], now)
                    webhooks.set_told(db, hook.number, head.sequence)
            for hook in behind:
                deliveries.queue(db, hook.number, _messages(db, hook, entries, now), now)
                last = entries[-1].entry.sequence if entries else head.sequence
                webhooks.set_told(db, hook.number, max(hook.told, last))
        return len(entries) == AT_ONCE

    def _claim(self, pages: Pages) -> Sequence[Due]:
        """Take what is due, as far as there are places.

        Webhooks that failed have half of the places at most: however many of them there are, those
        that answer wait for none.
        """
        store = self._store()
        free = self._places - len(self._sending)
        ill = self._places // 2 - sum(due.failing for due in self._sending.values())
        with store.reading() as db:
            due = deliveries.next_due(db, pages.identity)
            if due is None or due > store.now or free <= 0:
                return ()
        with store.writing() as db:
            well = deliveries.claim(db, pages.identity, store.now, free, failing=False)
            free = min(free - len(well), ill)
            if free <= 0:
                return well
            return [*well, *deliveries.claim(db, pages.identity, store.now, free, failing=True)]

    def _pause(self, pages: Pages) -> float:
        store = self._store()
        if store.clock() - self._forgot >= _FORGET_EVERY:
            self._forgot = store.clock()
            with store.writing() as db:
                deliveries.forget(db, store.now)
        with store.reading() as db:
            due = deliveries.next_due(db, pages.identity)
        if due is None:
            return _IDLE
        return min(max(due - store.clock(), 0.05), _IDLE)


def _messages(
    db: Connection, hook: Webhook, entries: Sequence[Entry], now: int
) -> Iterator[Message]:
    """Yield what a webhook is told of entries."""
    for found in entries:
        entry = found.entry
        if entry.sequence > hook.told and entry.kind in hook.kinds and _concerns(db, hook, found):
            text = body_of(entry.kind, live_event(found), now)
            yield Message(entry.kind, entry.deal_id, text)


def _concerns(db: Connection, hook: Webhook, found: Entry) -> bool:
    deal_id = found.entry.deal_id
    if hook.deal_id is not None:
        return deal_id == hook.deal_id
    if deal_id is None:
        return found.entry.kind == "final"
    if found.parties is None:  # the deal is gone: who was told of it is told that
        return deliveries.knows(db, hook.number, deal_id)
    return hook.account in found.parties
