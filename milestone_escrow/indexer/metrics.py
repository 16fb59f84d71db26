"""Health, readiness and Prometheus metrics of an indexer over HTTP, for whoever runs it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final, Protocol, Self

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.health import Health

if TYPE_CHECKING:
    from prometheus_client.core import Metric

__all__ = ["Watch"]

_PLAIN: Final = "text/plain; version=0.0.4; charset=utf-8"


class _Nodes(Protocol):
    @property
    def requests(self) -> int: ...
    @property
    def retries(self) -> int: ...
    @property
    def silent(self) -> Sequence[str]: ...
    @property
    def switches(self) -> int: ...


class Watch:
    """Serves ``/healthz``, ``/readyz`` and ``/metrics`` from threads; a context manager.

    ``/healthz`` answers 200 unless the indexer has stopped, ``/readyz`` 200 if the index is level
    with the chain; else 503. Both say why as JSON.

    Attributes:
        url: Where it listens, with the port that was chosen.
    """

    def __init__(self, listen: str, health: Health, nodes: _Nodes) -> None:
        """Take the port.

        Args:
            listen: ``HOST:PORT``; port 0 is any free one.
            health: What is told.
            nodes: Whose requests are counted.

        Raises:
            UsageError: It is not a place to listen at, or the port is taken.
        """
        host, _, port = listen.rpartition(":")
        try:
            self._server = _Server((host.strip("[]"), int(port)), _handler(health, nodes))
        except (OSError, ValueError, OverflowError) as error:
            raise UsageError(
                f"Nothing can listen at {listen[:80]!r} ({error}).",
                "Give HOST:PORT, such as 127.0.0.1:9464, with a free port.",
                code="listen",
            ) from error
        self.url = f"http://{host}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="watch",
            daemon=True,
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(health: Health, nodes: _Nodes) -> type[BaseHTTPRequestHandler]:
    metrics = _exposition(health, nodes)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds for a request to come
        server_version = "escrow"
        sys_version = ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._send(200, _PLAIN, metrics())
                return
            vitals = health.vitals()
            good = {"/healthz": not health.ended, "/readyz": vitals.ready}.get(path)
            if good is None:
                self._send(404, "application/json", b'{"why": "There is no such page."}')
                return
            told = json.dumps(vitals.to_json()).encode()
            self._send(200 if good else 503, "application/json", told)

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass  # a probe each second is not worth a line

    return Handler


class _Collector:
    """Turns what is known at a moment into metrics."""

    def __init__(self, health: Health, nodes: _Nodes) -> None:
        self._health = health
        self._nodes = nodes

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        vitals, nodes = self._health.vitals(), self._nodes
        gauges: dict[str, tuple[str, float | None]] = {
            "ready": ("Whether the index is level with the chain.", vitals.ready),
            "block": ("Last block in the index.", vitals.block),
            "head_block": ("Highest head that a node told.", vitals.head),
            "final_block": ("Last block that cannot be replaced.", vitals.final),
            "silent_seconds": ("Since a node last answered all questions.", vitals.silent_for),
            "websocket": ("Whether a WebSocket tells of new blocks.", vitals.websocket),
            "silent_nodes": ("Nodes that did not answer last time.", len(nodes.silent)),
        }
        for name, (text, value) in gauges.items():
            if value is not None:
                yield GaugeMetricFamily(f"escrow_index_{name}", text, value=float(value))
        counters: dict[str, tuple[str, int]] = {
            "events": ("Events written.", vitals.events),
            "unknown_logs": ("Logs of no known event.", vitals.unknown),
            "reorgs": ("Times that blocks were replaced.", vitals.reorgs),
            "reorged_blocks": ("Blocks that were taken back.", vitals.reorged_blocks),
            "troubles": ("Runs that failed.", vitals.troubles),
            "requests": ("Requests sent to nodes.", nodes.requests),
            "retries": ("Requests that repeated another.", nodes.retries),
            "node_switches": ("Times that another node was taken.", nodes.switches),
        }
        for name, (text, count) in counters.items():
            yield CounterMetricFamily(f"escrow_index_{name}", text, value=float(count))


class _Exposition(Protocol):
    def __call__(self) -> bytes: ...


def _exposition(health: Health, nodes: _Nodes) -> _Exposition:
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(health, nodes))
    ProcessCollector(registry=registry)
    return lambda: generate_latest(registry)
