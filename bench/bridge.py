"""How fast the bridge answers, and how soon its listeners hear: ``python -m bench.bridge``.

A chain is filled with the real contract's deals and indexed; the bridge runs in a process of its
own, and ``wrk`` asks it over 16 connections. Nobody's rate is limited. What was answered once since
the last block is answered again from memory, so ``first`` shows what an answer costs that was not.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import uvloop

from bench.dense_chain import DenseChain, dense_chain
from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.signers import NodeSigner

__all__ = ["main"]

_CONNECTIONS: Final = 16
_SERVE: Final = "from milestone_escrow.cli.serve import command; command()"
_EVENTS: Final = 12_000
_ROUNDS: Final = 10  # events that the listeners wait for


@contextmanager
def served(chain: DenseChain, store: Path) -> Iterator[int]:
    """Run a bridge that follows the chain; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    arguments = ["--rpc", chain.url, "--ws", chain.url.replace("http", "ws"), "--store", str(store)]
    arguments += [
        "--escrow",
        chain.escrow,
        "--port",
        str(port),
        "--rate",
        "0",
        "--json",
        "--behind",
        "127.0.0.1",
    ]
    process = subprocess.Popen([sys.executable, "-c", _SERVE, *arguments], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline()
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                break
            connection.close()
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def first(port: int, paths: Sequence[str]) -> float:
    """Return how many answers a second one connection gets that were not asked for before."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    for path in paths:
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        response.read()
    return len(paths) / (time.perf_counter() - began)


def loaded(port: int, paths: Sequence[str], seconds: int, rate: float = 0.0) -> tuple[float, float]:
    """Return requests a second and the 99th percentile in ms, under all the load or at a rate."""
    pause = 1_000 * _CONNECTIONS / rate if rate else 0.0
    script = f"paths = {{{','.join(json.dumps(path) for path in paths)}}}\n"
    script += "request = function() return wrk.format('GET', paths[math.random(#paths)]) end\n"
    if pause:
        script += f"delay = function() return {pause:.1f} * (0.5 + math.random()) end\n"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        told = subprocess.run(
            [
                *("wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--latency"),
                *("-s", file.name, f"http://127.0.0.1:{port}"),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert "Non-2xx" not in told, told
    requests, percentile = re.search(r"Requests/sec:\s+([\d.]+)", told), _percentile(told)
    assert requests is not None
    return float(requests[1]), percentile


def _percentile(told: str) -> float:
    match = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    assert match is not None, told
    return float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1_000.0}[match[2]]


async def heard(port: int, count: int, chain: DenseChain) -> tuple[float, float, float]:
    """Let so many listen, and make something happen some times.

    Returns:
        Milliseconds, medians of the rounds: from the first listener to the last; from sending the
        transaction to the last; and the worst of the former.
    """
    w3 = await asyncio.to_thread(connect, chain.url)
    await asyncio.to_thread(DevChain(chain.url).request, "evm_setAutomine", True)
    escrow = EscrowClient(w3, chain.escrow)
    signer = NodeSigner(w3, list(w3.eth.accounts)[5])
    readers = []
    for number in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # One address may not have so many streams: each listener is somebody else's.
        whose = f"X-Forwarded-For: 10.0.{number // 250}.{number % 250}\r\n".encode()
        writer.write(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n" + whose + b"\r\n")
        readers.append((reader, writer))
    for reader, _ in readers:
        await reader.readuntil(b"live\n\n")

    async def one(reader: asyncio.StreamReader) -> float:
        await reader.readuntil(b"event: event\n")
        return time.perf_counter()

    spreads, totals = [], []
    for number in range(_ROUNDS):
        now = w3.eth.get_block("latest")["timestamp"]
        agreement = Agreement.build(
            employer=signer.address,
            accept_by=now + DAY,
            document=number.to_bytes(32),
            milestones=[(1, now + 9 * DAY)],
        )
        waiting = [asyncio.ensure_future(one(reader)) for reader, _ in readers]
        await asyncio.sleep(0)
        began = time.perf_counter()
        await asyncio.to_thread(escrow.execute, calls.fund(agreement, [0]), signer)
        times = await asyncio.gather(*waiting)
        spreads.append(1_000 * (max(times) - min(times)))
        totals.append(1_000 * (max(times) - began))
        for reader, _ in readers:  # the second event of the same block
            await reader.readuntil(b"event: event\n")
    for _, writer in readers:
        writer.close()
    return median(spreads), median(totals), max(spreads)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(prog="python -m bench.bridge", description=__doc__)
    parser.add_argument("--events", type=int, default=_EVENTS, help="on the chain")
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    parser.add_argument("--listeners", type=int, default=1_000)
    options = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        sys.stderr.write("There is no wrk: apt-get install wrk.\n")
        return 2
    with dense_chain(options.events) as chain, tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "index.sqlite"
        with Indexer(chain.url, store, chain.escrow) as indexer:
            indexer.run_once()
        with Reader(store) as reader:
            ids = ["0x" + deal.deal_id.hex() for deal in reader.deals(limit=1_000)]
            party = reader.deals(limit=1)[0].employer
        by_id = [f"/v1/deals/{each}" for each in ids]
        lists = [f"/v1/deals?party={party}&limit=20", "/v1/deals?limit=20"]
        with served(chain, store) as port:
            print(f"{len(ids)} deals, by id, first answers: {first(port, by_id):,.0f}/s")
            for what, paths in (("by id", by_id), ("list of 20", lists)):
                rate, slowest = loaded(port, paths, options.seconds)
                half, calm = loaded(port, paths, options.seconds, rate / 2)
                print(
                    f"{what}: {rate:,.0f}/s, p99 {slowest:.1f} ms; "
                    f"at {half:,.0f}/s p99 {calm:.1f} ms"
                )
        with served(chain, store) as port:
            spread, total, worst = uvloop.run(heard(port, options.listeners, chain))
            print(
                f"{options.listeners} listeners: first to last {spread:.0f} ms (worst {worst:.0f}),"
                f" from sending the transaction {total:.0f} ms"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
