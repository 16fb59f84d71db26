"""One listener's stream of server-sent events, from where it left off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Final

from frontend_bridge.api.hub import Hub, Listener, TooMany
from frontend_bridge.api.problems import Refused, unavailable
from frontend_bridge.api.pulse import replayed
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.settings import Limits

__all__ = ["join", "pieces_for", "serve"]

_OPENING: Final = b"retry: 1000\n: deals of a milestone escrow, live\n\n"
_REASONS: Final = {
    "slow": "Too many events waited: connect again with Last-Event-ID.",
    "reset": "The index was made anew: read everything again, then connect without Last-Event-ID.",
    "closing": "The bridge stops: connect again with Last-Event-ID.",
}


def join(
    hub: Hub, limits: Limits, address: str, *, deal: bytes | None, party: str | None
) -> Listener:
    """Return a new listener; ``hub.leave`` is the caller's to call.

    Raises:
        Refused: There are too many listeners (429), or nothing is known yet (503).
    """
    if hub.head is None:
        raise unavailable("starting", "The index was not read yet.")
    listener = Listener(address, deal, party, limits.queue)
    try:
        hub.join(listener)
    except TooMany:
        raise Refused(
            429,
            "There are too many streams.",
            "Close one, or wait.",
            "too-many-streams",
            ((b"retry-after", b"10"),),
        ) from None
    return listener


async def pieces_for(
    listener: Listener, readers: Readers, *, resume: int | None, known: int
) -> AsyncIterator[bytes]:
    """Yield what was missed, then what the hub tells, and at last why it ends.

    Args:
        listener: In the hub already, so that nothing falls between the two.
        readers: Of the index.
        resume: The sequence after which it was missed; None: nothing was.
        known: The sequence up to which the index has it; what follows comes from the hub.
    """
    yield _OPENING
    if resume is not None and resume > known:
        listener.end("reset")
    elif resume is not None:
        async for piece in _missed(readers, listener, resume, known):
            yield piece
    while listener.ended is None:
        if piece := await listener.take():
            yield piece
    yield b'event: end\ndata: {"why":"%b","remedy":"%b"}\n\n' % (
        listener.ended.encode(),
        _REASONS[listener.ended].encode(),
    )


async def _missed(
    readers: Readers, listener: Listener, after: int, known: int
) -> AsyncIterator[bytes]:
    while listener.ended is None:
        messages = await readers.run(partial(replayed, after=after, until=known))
        if not messages:
            return
        if found := b"".join(message.text for message in messages if listener.wants(message)):
            yield found
        after = messages[-1].sequence


async def serve(listener: Listener, pieces: AsyncIterator[bytes], send: Any, receive: Any) -> None:
    """Send a stream until it ends, its listener goes, or it takes nothing any more."""
    gone = asyncio.ensure_future(_until_gone(receive))
    told = asyncio.ensure_future(_send_all(listener, pieces, send))
    listener.give_up = told.cancel
    try:
        await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (told, gone):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_all(listener: Listener, pieces: AsyncIterator[bytes], send: Any) -> None:
    async for piece in pieces:
        # A listener that takes nothing holds its piece here, and its place: the hub looks.
        listener.sending_since = monotonic()
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        listener.sending_since = None
    await send({"type": "http.response.body", "body": b""})
