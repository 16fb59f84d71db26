"""How soon the index knows: a block to the row that a reader sees, a reorg, a kill, a hung node.

    python -m bench.following [--blocks N] [--json]

On Anvil, with real events, the indexer in a process of its own as ``escrow index --follow`` runs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.goals import Goal, goal_table, goals_to_json, output
from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import Node, free_port, start_anvil
from milestone_escrow.client import connect
from milestone_escrow.deployments import deploy
from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.signers import NodeSigner

_PATIENCE = 60.0
_REPAIRED_BLOCKS = 64
_EVENTS_A_DEAL = 2  # Opened, Funded
_DEALS_A_BLOCK = 8
_INTERVALS: Final = (1.0, 0.1)  # seconds
_TIMEOUT: Final = 2.0  # seconds that a node is waited for
_LOOK: Final = 0.05  # seconds at most between looks at what the indexer says
_TOLD: Final = "told by WebSocket"
_KILLED: Final = "kill -9 to ready"
_REPAIRED: Final = "repair of 64 blocks"
_HUNG: Final = "a hung node"


@dataclass(frozen=True, slots=True)
class Chain:
    """An escrow on a node, and what funds deals on it.

    Attributes:
        node: Anvil.
        escrow: The contract's address.
        from_block: Where it was deployed.
    """

    node: Node
    escrow: str
    from_block: int
    employer: str
    freelancer: str

    @classmethod
    def start(cls, node: Node) -> Chain:
        """Deploy an escrow."""
        w3 = connect(node.rpc_url)
        employer, freelancer, deployer, *_ = node.chain.accounts()
        deployed = deploy(w3, NodeSigner(w3, deployer), "MilestoneEscrow")
        return cls(node, deployed.address, deployed.block_number, employer, freelancer)

    def deals(self, count: int, series: int) -> list[dict[str, str]]:
        """Return transactions that fund a deal each."""
        now = self.node.chain.time()
        found = []
        for number in range(count):
            agreement = Agreement.build(
                employer=self.employer,
                freelancer=self.freelancer,
                document=(series << 64 | number).to_bytes(32),
                accept_by=now + 7 * DAY,
                milestones=[(1_000, now + 300 * DAY)],
            )
            call = calls.fund(agreement, [0])
            found.append(
                {
                    "from": self.employer,
                    "to": self.escrow,
                    "data": "0x" + call.data.hex(),
                    "value": hex(call.value),
                    "gas": hex(400_000),
                }
            )
        return found


@contextmanager
def follower(
    chain: Chain, store: Path, *options: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run ``escrow index --follow``; yield the process and where it says how it is."""
    port = free_port(0)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "milestone_escrow", "index", "--follow"),
            *("--rpc", chain.node.rpc_url, "--escrow", chain.escrow, "--store", str(store)),
            *("--from-block", str(chain.from_block), "--listen", f"127.0.0.1:{port}", *options),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, f"http://127.0.0.1:{port}/readyz"
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def until_ready(url: str) -> dict[str, Any]:
    """Wait until the index is level with the chain; return what it says."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                told: dict[str, Any] = json.loads(answer.read())
                return told
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    raise SystemExit("The indexer was not ready in time.")


def latencies(
    chain: Chain, store: Path, blocks: int, *options: str, spread: float = 0.02
) -> list[float]:
    """Return the seconds from a block's transaction answered to its row seen by a reader.

    Args:
        chain: The chain.
        store: The index.
        blocks: How many.
        options: Of ``escrow index``.
        spread: Seconds at most between two blocks.
    """
    seen: list[float] = []
    with follower(chain, store, *options) as (_, url):
        until_ready(url)
        if "--ws" in options:
            while not until_ready(url)["websocket"]:
                time.sleep(0.01)
        with Reader(store) as reader:
            for deal in chain.deals(blocks, series=time.time_ns()):
                number, _ = reader.checkpoint()
                chain.node.chain.request("eth_sendTransaction", deal)
                began = time.perf_counter()
                while reader.checkpoint()[0] <= number:
                    pass
                seen.append(time.perf_counter() - began)
                time.sleep(random.uniform(0, spread))  # not in step with who asks
    return seen


def repair(chain: Chain, store: Path) -> dict[str, float]:
    """Return how long the run takes that replaces 64 blocks with 1,000 events."""
    request = chain.node.chain.request
    count = _REPAIRED_BLOCKS * _DEALS_A_BLOCK
    with Indexer(chain.node.rpc_url, store, chain.escrow, chain.from_block) as indexer:
        indexer.run_once()
        before = chain.node.chain.snapshot()
        _mine(chain, chain.deals(count, series=1))
        indexer.run_once()
        chain.node.chain.revert(before)
        _mine(chain, chain.deals(count, series=2))
        request("evm_mine")
        began = time.perf_counter()
        report = indexer.run_once()
        return {
            "seconds": time.perf_counter() - began,
            "reorgs": report.reorgs,
            "blocks": report.blocks,
            "events": report.events,
        }


def _mine(chain: Chain, deals: Sequence[dict[str, str]]) -> None:
    request = chain.node.chain.request
    request("evm_setAutomine", False)
    for at in range(0, len(deals), _DEALS_A_BLOCK):
        for deal in deals[at : at + _DEALS_A_BLOCK]:
            request("eth_sendTransaction", deal)
        request("evm_mine")
    request("evm_setAutomine", True)


def restarts(chain: Chain, store: Path, count: int) -> list[float]:
    """Return the seconds from the start to ready, after kill -9 each time."""
    seconds = []
    for _ in range(count):
        with follower(chain, store) as (process, url):
            until_ready(url)
            os.kill(process.pid, signal.SIGKILL)
            process.wait(_PATIENCE)
        began = time.perf_counter()
        with follower(chain, store) as (_, url):
            until_ready(url)
            seconds.append(time.perf_counter() - began)
    return seconds


def red_after(chain: Chain, store: Path, timeout: float) -> float:
    """Return the seconds from the node's hanging to an indexer that says it is not ready."""
    with follower(chain, store, "--timeout", str(timeout)) as (_, url):
        until_ready(url)
        os.kill(chain.node.pid, signal.SIGSTOP)
        began = time.perf_counter()
        try:
            while time.perf_counter() - began < _PATIENCE:
                try:
                    urllib.request.urlopen(url, timeout=1).close()
                except urllib.error.HTTPError:
                    return time.perf_counter() - began
                time.sleep(0.005)
        finally:
            os.kill(chain.node.pid, signal.SIGCONT)
    raise SystemExit("The indexer stayed ready on a node that hung.")


def measure(blocks: int) -> dict[str, dict[str, float]]:
    """Measure all of it."""
    with tempfile.TemporaryDirectory() as folder, start_anvil(port=0) as node:
        chain = Chain.start(node)
        store = Path(folder) / "index.sqlite"
        ws_url = node.rpc_url.replace("http", "ws")
        found = {_TOLD: _summary(latencies(chain, store, blocks, "--ws", ws_url))}
        for interval in _INTERVALS:
            options = ("--interval", str(interval))
            seen = latencies(chain, store, min(blocks, 30), *options, spread=2 * interval)
            found[_asked(interval)] = _summary(seen)
        found[_KILLED] = _summary(restarts(chain, store, 5))
        found[_REPAIRED] = repair(chain, store)
        found[_HUNG] = {"seconds": red_after(chain, store, _TIMEOUT)}
        return found


def goals(found: Mapping[str, Mapping[str, float]]) -> Iterator[Goal]:
    """Yield each goal."""
    told = found[_TOLD]
    yield Goal("block to row by WebSocket, median", told["median"] * 1_000, 5, "ms", False)
    yield Goal("block to row by WebSocket, p99", told["p99"] * 1_000, 50, "ms", False)
    for interval in _INTERVALS:
        share = found[_asked(interval)]["median"] / interval
        yield Goal(
            f"block to row, {_asked(interval)}, median", share, 0.5, "of the interval", False
        )
    yield Goal("kill -9 to ready, worst", found[_KILLED]["worst"], 1, "s", False)
    repaired = found[_REPAIRED]["seconds"] * 1_000
    yield Goal("reorg of 64 blocks with 1,000 events", repaired, 200, "ms", False)
    red = found[_HUNG]["seconds"]
    yield Goal("a hung node to not ready", red, _TIMEOUT + _LOOK, "s", False)


def _asked(interval: float) -> str:
    return f"asking each {interval:g} s"


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median": statistics.median(ordered),
        "p99": ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)],
        "worst": ordered[-1],
        "count": len(ordered),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured beside the goals; return 1 if one is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.following", description=__doc__)
    parser.add_argument("--blocks", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = measure(options.blocks)
    judged = list(goals(found))
    if options.json:
        print(json.dumps({"found": found, "goals": goals_to_json(judged)}))
    else:
        for name, values in found.items():
            shown = ", ".join(
                f"{key} {value * 1_000:,.1f} ms" if isinstance(value, float) else f"{key} {value:,}"
                for key, value in values.items()
            )
            print(f"{name}: {shown}")
        output().print(goal_table(judged))
    return int(not all(goal.met for goal in judged))


if __name__ == "__main__":
    sys.exit(main())
