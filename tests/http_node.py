"""What nodes of the tests' own making share: a server of this machine in a thread, for a block."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

__all__ = ["HttpNode", "QuietHandler"]


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections, and says nothing of requests."""

    protocol_version = "HTTP/1.1"
    # Without this, headers and body wait for each other's acknowledgement: 40 ms an answer.
    wbufsize = -1

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # whoever asked was killed
            self.close_connection = True
            return
        self.respond(body)

    def respond(self, body: bytes) -> None:
        """Answer a request."""
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:
        pass


class HttpNode:
    """A node that listens while it is entered; a subclass says what it answers."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, body: bytes) -> tuple[int, bytes] | None:
        """Return status and body of the answer to a request, None to close the connection."""
        raise NotImplementedError

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what takes requests."""
        node = self

        class Handler(QuietHandler):
            def respond(self, body: bytes) -> None:
                answer = node.reply(body)
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
