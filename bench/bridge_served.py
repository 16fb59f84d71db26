"""The bridge in a process of its own, as ``escrow serve`` runs it: for ``bench.bridge``."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bench.dense_chain import DenseChain
from milestone_escrow.chain import free_port

__all__ = ["Served", "first", "served"]

_SERVE: Final = "from milestone_escrow.cli.serve import command; command()"
_PATIENCE: Final = 60.0  # seconds until it must be level with the chain, or have ended


@dataclass(frozen=True, slots=True)
class Served:
    """A bridge that answers: where, and in which process."""

    port: int
    pid: int


@contextmanager
def served(chain: DenseChain, store: str, rpc: str | None = None) -> Iterator[Served]:
    """Run a bridge that follows the chain. Nobody's rate is limited.

    Args:
        chain: What it follows, by WebSocket.
        store: Where its index is.
        rpc: The node's URL, if not the chain's own.
    """
    port = free_port(0)
    arguments = ["--rpc", rpc or chain.url, "--ws", chain.url.replace("http", "ws")]
    arguments += ["--store", store, "--escrow", chain.escrow, "--port", str(port)]
    arguments += ["--rate", "0", "--json", "--behind", "127.0.0.1"]
    process = subprocess.Popen([sys.executable, "-c", _SERVE, *arguments], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError("the bridge does not start")
        _await_ready(port)
        yield Served(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


def _await_ready(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/readyz")
        ready = connection.getresponse().status == 200
        connection.close()
        if ready:
            return
        time.sleep(0.05)
    raise RuntimeError("the bridge does not become ready")


def first(port: int, paths: Sequence[str]) -> float:
    """Return how many answers a second one connection gets that were not asked for before."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    for path in paths:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
    return len(paths) / (time.perf_counter() - began)
