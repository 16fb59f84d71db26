"""A WebSocket in front of a node's, which a test can drop and bring back."""

from __future__ import annotations

import contextlib
import threading
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import Server, ServerConnection, serve

__all__ = ["Relay"]


class Relay:
    """Passes on what is said; a context manager.

    Attributes:
        url: The same each time that it is up.
    """

    def __init__(self, node_url: str) -> None:
        self._node_url = node_url
        self._port = 0
        self._server: Server | None = None
        self._open: list[ServerConnection] = []
        self.up()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    def up(self) -> None:
        self._server = serve(self._pass_on, "127.0.0.1", self._port)
        self._port = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        """Close it, and all connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None
        for connection in self._open:
            connection.close()
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _pass_on(self, here: ServerConnection) -> None:
        self._open.append(here)
        with connect(self._node_url) as there, contextlib.suppress(ConnectionClosed):
            there.send(here.recv())
            for message in there:
                here.send(message)
