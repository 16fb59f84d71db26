"""How soon many listeners hear what happens: for ``bench.bridge``."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.dense_chain import DenseChain
from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.signers import NodeSigner

__all__ = ["Heard", "heard"]

_ROUNDS: Final = 10  # events that the listeners wait for
_EACH: Final = 250  # listeners of one address of IPv4


@dataclass(frozen=True, slots=True)
class Heard:
    """Milliseconds.

    Attributes:
        spread: From the first listener that hears an event to the last, median of the rounds.
        worst: The longest of them.
        total: From sending the transaction to the last listener, median.
    """

    spread: float
    worst: float
    total: float


async def heard(port: int, count: int, chain: DenseChain) -> Heard:
    """Let so many listen, and make something happen some times."""
    w3 = await asyncio.to_thread(connect, chain.url)
    await asyncio.to_thread(DevChain(chain.url).request, "evm_setAutomine", True)
    escrow = EscrowClient(w3, chain.escrow)
    signer = NodeSigner(w3, list(w3.eth.accounts)[5])
    readers = []
    for number in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # One address may not have so many streams: each listener is somebody else's.
        whose = f"X-Forwarded-For: 10.0.{number // _EACH}.{number % _EACH}\r\n".encode()
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
    return Heard(median(spreads), max(spreads), median(totals))
