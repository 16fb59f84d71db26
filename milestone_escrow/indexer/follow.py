"""Following the head: told by a WebSocket of each new block, else by asking now and then."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import orjson

from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer.sync_steps import Header, parse_header

__all__ = ["Heads", "check_ws_url", "follow"]

_SLICE: Final = 0.1  # seconds at most until a stop is seen
_SPARE: Final = 10.0  # seconds between questions while the WebSocket tells; it may be stuck
_FIRST_PAUSE: Final = 0.1  # seconds before it is opened again; doubled after each failure
_LONGEST_PAUSE: Final = 10.0
_PATIENCE: Final = 10.0  # seconds for it to open, and for each answer to a ping


def follow(
    run: Callable[[Header | None], None],
    stop: threading.Event,
    *,
    interval: float,
    ws_url: str | None = None,
    connected: Callable[[bool], None] | None = None,
) -> None:
    """Call ``run`` again and again until ``stop`` is set.

    Args:
        run: Brings the index up to the head; gets the new head if it was told.
        stop: Looked at ten times a second.
        interval: Seconds between the end of a run and the next, where nobody tells.
        ws_url: A node's WebSocket.
        connected: Called when it comes and goes.

    Raises:
        NodeError: The URL is not one of a WebSocket.
        Exception: Whatever ``run`` raises.
    """
    with contextlib.ExitStack() as stack:
        heads = None if ws_url is None else stack.enter_context(Heads(ws_url, connected))
        header: Header | None = None
        while not stop.is_set():
            run(header)
            header = None
            until = monotonic() + interval
            while not stop.is_set() and (left := until - monotonic()) > 0:
                if heads is None:
                    stop.wait(left)
                    continue
                if heads.connected:
                    left += max(_SPARE - interval, 0.0)
                    until = max(until, monotonic() + left)
                told, header = heads.wait(min(left, _SLICE))
                if told:
                    break


class Heads:
    """What a node's WebSocket tells of new blocks, heard by a thread; a context manager.

    Attributes:
        connected: Whether it is open.
    """

    def __init__(self, url: str, changed: Callable[[bool], None] | None = None) -> None:
        """Remember where.

        Args:
            url: ``ws://`` or ``wss://``; it may hold a secret, which no error shows.
            changed: Called, in the thread that calls ``wait``, when it comes and goes.

        Raises:
            NodeError: It is not such a URL.
        """
        check_ws_url(url)
        self._url = url
        self._changed = changed
        self._queue: SimpleQueue[Header | bool] = SimpleQueue()
        self._stop = threading.Event()
        self.connected = False

    def __enter__(self) -> Heads:
        threading.Thread(target=self._listen, name="heads", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def wait(self, seconds: float) -> tuple[bool, Header | None]:
        """Wait until something is told.

        Returns:
            Whether something was, and the new head if it was that and nothing else.
        """
        try:
            news = [self._queue.get(timeout=seconds)]
        except Empty:
            return False, None
        with contextlib.suppress(Empty):
            while True:
                news.append(self._queue.get_nowait())
        for each in news:
            if isinstance(each, bool):
                self.connected = each
                if self._changed is not None:
                    self._changed(each)
        last = news[-1]
        # Of many blocks at once, all are asked for at once.
        return True, last if len(news) == 1 and isinstance(last, Header) else None

    def _listen(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            if self._hear():
                pause = _FIRST_PAUSE
            self._stop.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _hear(self) -> bool:
        """Pass on what the node tells until the connection breaks; return whether there was one."""
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        opened = False
        try:
            with connect(
                self._url,
                open_timeout=_PATIENCE,
                close_timeout=1,
                ping_interval=_PATIENCE,
                ping_timeout=_PATIENCE,
                max_size=1 << 24,
            ) as socket:
                socket.send(
                    '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}'
                )
                while not self._stop.is_set():
                    try:
                        message = orjson.loads(socket.recv(timeout=1))
                    except TimeoutError:
                        continue
                    if message.get("id") == 1:
                        if "result" not in message:
                            return False
                        opened = True
                        self._queue.put(True)
                    elif message.get("method") == "eth_subscription":
                        self._queue.put(parse_header(message["params"]["result"], "the WebSocket"))
        except (OSError, WebSocketException, ValueError, LookupError, AttributeError, NodeError):
            pass
        if opened:
            self._queue.put(False)
        return opened


def check_ws_url(url: str) -> None:
    """Do nothing if this is the URL of a WebSocket.

    Raises:
        NodeError: It is not.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise NodeError(
            f"{parts.scheme or 'Nothing'} is not how a node tells of its blocks.",
            "Give the URL of its WebSocket, such as ws://127.0.0.1:8545.",
            code="node-url",
        )
