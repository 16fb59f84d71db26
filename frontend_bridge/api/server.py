"""Serving a bridge over HTTP in this process, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from frontend_bridge.api.app import Bridge
from frontend_bridge.api.following import Following
from milestone_escrow.exceptions import UsageError

__all__ = ["free_port", "serve"]

_SPARE: Final = 1_024  # connections beside the streams
_HEADER_MS: Final = 10_000  # until a request's head must be there
_ENDING: Final = 5.0  # seconds for streams and requests to end

# Seconds that a thread of Python's runs before another may. Each read of the index lets others run
# and then waits for its turn: with the usual 5 ms, 16 clients together got fewer answers that were
# not kept than one client alone.
_TURN: Final = 0.0001


def free_port(host: str, port: int) -> int:
    """Return the port if nothing listens there, or for 0 any free one.

    Raises:
        UsageError: It is taken, or the host is none of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Nothing can listen at {host} port {port}.",
            "Give an address of this machine with --host, and a free port with --port.",
            code="listen",
        ) from error


async def serve(
    bridge: Bridge,
    host: str,
    port: int,
    *,
    following: Following | None = None,
    ready: Callable[[], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until a signal or ``stop``.

    Args:
        bridge: What is served.
        host: Where to listen.
        port: A free one.
        following: What follows the chain meanwhile; started and stopped with it.
        ready: Called when it listens.
        stop: Ends it.
    """
    sys.setswitchinterval(_TURN)
    loop = asyncio.get_running_loop()
    ended = stop or asyncio.Event()
    limits = bridge.settings.limits
    server = Server(
        bridge,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS, max_buffer_size=65_536),
        websockets=False,
        backlog=1_024,
        backpressure=limits.streams + _SPARE,
        log_enabled=False,
    )
    if following is not None:
        bridge.pulse.told()
        following.start()
    bridge.start()
    serving = asyncio.ensure_future(server.serve())
    await _answers(host, port, serving)
    # The server's own handlers end it at once; ours let streams say goodbye first.
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, ended.set)
    if ready is not None:
        ready()
    waiting = asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        bridge.hub.close()
        if following is not None:
            following.stop()
        server.stop()  # type: ignore[no-untyped-call]
        with suppress(TimeoutError, SystemExit, asyncio.CancelledError):
            async with asyncio.timeout(_ENDING):
                await serving
        await bridge.stop()
        if following is not None:
            await asyncio.to_thread(following.join, _ENDING)


async def _answers(host: str, port: int, serving: asyncio.Future[None]) -> None:
    """Wait until the server takes connections."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return
    await serving
