"""Live events to many listeners: each message made once, in the order of its sequence."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from frontend_bridge.api.pages import Head

__all__ = ["ALIVE", "STALLED", "Hub", "Listener", "Message", "TooMany"]


ALIVE: Final = b": alive\n\n"
"""A sign of life, which listeners ignore."""

STALLED: Final = 30.0
"""Seconds that one piece may take to be sent."""


class TooMany(Exception):  # noqa: N818 - a refusal
    """There are as many listeners as are borne: in all, or of one address."""


class Message(NamedTuple):
    """What a listener hears.

    Attributes:
        sequence: Grows from message to message.
        deal_id: 32 bytes; None: it is about no deal.
        parties: Addresses with a role in the deal; None: not known any more.
        final: It tells of final blocks.
        text: As it is sent.
    """

    sequence: int
    deal_id: bytes | None
    parties: frozenset[str] | None
    final: bool
    text: bytes


@dataclass(eq=False, slots=True)
class Listener:
    """One stream.

    Attributes:
        address: Who listens.
        deal: Only of this deal; None: of all.
        party: Only of deals with this party; None: of all.
        size: Messages that may wait.
        ended: Why nothing more is queued; None while it is open.
        sending_since: When the piece that is being sent was begun, seconds of ``monotonic``; None:
            nothing is being sent.
        give_up: Ends the sending at once.
    """

    address: str
    deal: bytes | None
    party: str | None
    size: int
    ended: Literal["slow", "reset", "closing"] | None = None
    sending_since: float | None = None
    give_up: Callable[[], object] | None = None
    _queue: list[bytes] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, message: Message) -> bool:
        """Return whether a message is for this listener.

        Of a deal that is gone nobody knows the parties any more: everyone hears that it is.
        """
        if message.final:
            return True
        if self.deal is not None and message.deal_id != self.deal:
            return False
        if self.party is None:
            return True
        if message.deal_id is None:
            return False
        return message.parties is None or self.party in message.parties

    def put(self, message: Message) -> None:
        """Queue a message; where too many wait, end."""
        if self.ended is not None or not self.wants(message):
            return
        if len(self._queue) >= self.size:
            self.end("slow")
            return
        self._queue.append(message.text)
        self._woken.set()

    def end(self, why: Literal["slow", "reset", "closing"]) -> None:
        """Queue nothing more."""
        self.ended = self.ended or why
        self._woken.set()

    def beat(self) -> None:
        """Queue a sign of life if nothing else waits."""
        if self.ended is None and not self._queue:
            self._queue.append(ALIVE)
            self._woken.set()

    async def take(self) -> bytes:
        """Wait for messages and return all that there are, as one; empty when it ended."""
        while not self._queue and self.ended is None:
            self._woken.clear()
            await self._woken.wait()
        waiting, self._queue = self._queue, []
        return b"".join(waiting)


class Hub:
    """What is known of the index now, and who listens. It belongs to the event loop's thread.

    Attributes:
        head: How far the index goes; None before it was read.
        listeners: All of them.
        sent: Messages told so far.
        dropped: Listeners that were too slow.
    """

    def __init__(self, most: int, most_each: int) -> None:
        """Remember how many listeners are borne: in all, and of one address."""
        self.head: Head | None = None
        self.listeners: set[Listener] = set()
        self.sent = 0
        self.dropped = 0
        self._most = most
        self._most_each = most_each
        self._each: Counter[str] = Counter()

    def publish(self, head: Head, messages: Sequence[Message]) -> None:
        """Tell of a commit."""
        self.head = head
        self.sent += len(messages)
        for listener in self.listeners:
            for message in messages:
                listener.put(message)

    def reset(self, head: Head) -> None:
        """Tell that the index was made anew: what was heard before means nothing."""
        self.head = head
        self._end_all("reset")

    def close(self) -> None:
        """Let all streams end."""
        self._end_all("closing")

    def beat(self, now: float) -> None:
        """Give silent listeners a sign of life, and give up those that take nothing.

        One timer for all: one for each would cost more than the messages.

        Args:
            now: Seconds of ``monotonic``.
        """
        for listener in list(self.listeners):
            since = listener.sending_since
            if since is None:
                listener.beat()
            elif now - since > STALLED and listener.give_up is not None:
                listener.end("slow")
                listener.give_up()

    def join(self, listener: Listener) -> None:
        """Add a listener.

        Raises:
            TooMany: There are as many as are borne.
        """
        if len(self.listeners) >= self._most or self._each[listener.address] >= self._most_each:
            raise TooMany
        self.listeners.add(listener)
        self._each[listener.address] += 1

    def leave(self, listener: Listener) -> None:
        """Remove a listener."""
        if listener in self.listeners:
            self.listeners.remove(listener)
            self.dropped += listener.ended == "slow"
            self._each[listener.address] -= 1
            if not self._each[listener.address]:
                del self._each[listener.address]

    def _end_all(self, why: Literal["reset", "closing"]) -> None:
        ended: Iterable[Listener] = self.listeners
        for listener in ended:
            listener.end(why)
