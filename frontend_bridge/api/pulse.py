"""Looks at the index after each commit and tells of what is new: the bridge's heartbeat.

Commits are told by the indexer in this process, by PostgreSQL's NOTIFY, and else found by looking
again and again: each way the same rows are read, so all bridges of one index tell the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec

from frontend_bridge.api.hub import Message
from frontend_bridge.api.pages import Entry, Head, Pages
from frontend_bridge.api.settings import Settings
from frontend_bridge.api.shapes import live_event
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.indexer.engine import database_of

__all__ = ["AT_ONCE", "Pulse", "message_of", "replayed"]

AT_ONCE: Final = 500
"""Entries of the outbox that are read at once."""

_PATIENCE: Final = 1.0  # seconds between looks where someone tells of each commit
_PAUSE: Final = 0.5  # seconds until a broken connection is tried again

Publish = Callable[[Head, Sequence[Message], bool], None]


def message_of(entry: Entry) -> Message:
    """Return what listeners hear of an entry of the outbox."""
    event = live_event(entry)
    data = msgspec.json.encode(event)
    text = b"id: %d\nevent: %b\ndata: %b\n\n" % (event.sequence, event.kind.encode(), data)
    told = entry.entry
    return Message(told.sequence, told.deal_id, entry.parties, told.kind == "final", text)


def replayed(pages: Pages, after: int, until: int) -> list[Message]:
    """Return some messages after a sequence, none after another; empty: there are no more."""
    entries = pages.news(after, AT_ONCE)
    return [message_of(entry) for entry in entries if entry.entry.sequence <= until]


class Pulse(threading.Thread):
    """A thread that looks.

    Attributes:
        failed: Why it could not the last time; None: it could.
        chain_id: Of the index; None before it was read.
        looked: When it last could, seconds of ``monotonic``; None: never.
    """

    def __init__(self, settings: Settings, publish: Publish) -> None:
        """Remember whom to tell.

        Args:
            settings: Which index.
            publish: Gets the head, what is new, and whether the index was made anew; called in
                this thread.
        """
        super().__init__(name="pulse", daemon=True)
        self.failed: EscrowError | None = None
        self.looked: float | None = None
        self._settings = settings
        self._publish = publish
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._told = False  # somebody tells of each commit
        self._head: Head | None = None
        self.chain_id: int | None = None
        self._origin: tuple[bytes, str] | None = None

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def told(self) -> None:
        """Somebody in this process tells of each commit by ``wake``: look seldom besides."""
        self._told = True

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Look until stopped."""
        where = database_of(self._settings.store)
        if not isinstance(where, Path):
            threading.Thread(target=self._listen, args=(where,), name="notify", daemon=True).start()
        while not self._stopped.is_set():
            try:
                with Pages(self._settings.store, self._settings.source) as pages:
                    self._look_often(pages)
            except EscrowError as error:
                self.failed = error
                self._stopped.wait(_PAUSE)

    def _look_often(self, pages: Pages) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            self._look(pages)
            self.failed = None
            self.looked = monotonic()
            self._woken.wait(_PATIENCE if self._told else self._settings.interval)

    def _look(self, pages: Pages) -> None:
        origin = (pages.identity.genesis_hash, pages.identity.key)
        while not self._stopped.is_set():
            known = self._head
            with pages.at_once() as head:
                if head == known:
                    return
                anew = known is not None and (
                    head.sequence < known.sequence or origin != self._origin
                )
                after = head.sequence if known is None or anew else known.sequence
                entries = pages.news(after, AT_ONCE)
            if known is not None and len(entries) == AT_ONCE:
                # There may be more: until the last the index is at no block that can be told.
                head = replace(known, sequence=entries[-1].entry.sequence)
            self._origin, self._head = origin, head
            self.chain_id = pages.identity.chain_id
            self._publish(head, [message_of(entry) for entry in entries], anew)

    def _listen(self, url: str) -> None:
        """Wake when PostgreSQL tells of a commit."""
        import psycopg

        from milestone_escrow.indexer.postgres import CHANNEL

        while not self._stopped.is_set():
            with (
                suppress(psycopg.Error),
                psycopg.connect(url, autocommit=True, connect_timeout=10) as connection,
            ):
                connection.execute(f"LISTEN {CHANNEL}")
                self._told = True
                self._woken.set()
                while not self._stopped.is_set():
                    for _ in connection.notifies(timeout=_PATIENCE, stop_after=1):
                        self._woken.set()
            self._told = False
            self._stopped.wait(_PAUSE)
