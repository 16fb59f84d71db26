"""A chain with an event a block, as most chains are to an escrow: ``python -m bench.sparse``.

What counts there is how few requests an indexer needs. The escrow's own and Ponder as it comes,
each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.goals import Goal, goal_table, goals_to_json, output
from bench.indexer_own import Measured, measure
from bench.rivals import NoRivals, Place, measure_rival, prepare
from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import Node, start_anvil
from milestone_escrow.client import connect
from milestone_escrow.deployments import deploy
from milestone_escrow.signers import NodeSigner

__all__ = ["goals", "main"]

_FEW: Final = 1_000  # events, for which the requests are counted
_DEPTH: Final = 100  # blocks above the last event: more than Ponder waits for finality
_OWN: Final = "sqlite"
_RIVAL: Final = "ponder pglite"


def goals(few: Measured, runs: Sequence[Measured]) -> Iterator[Goal]:
    """Yield each goal that could be measured."""
    if few.requests is not None:
        yield Goal(f"requests for {few.events:,} events", few.requests, 5, "requests", False)
    seconds = {run.who: run.seconds for run in runs}
    if _RIVAL in seconds:
        ratio = seconds[_RIVAL] / seconds[_OWN]
        yield Goal(f"sparse, {_OWN}, to {_RIVAL} as it comes", ratio, 500, "times")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a chain, measure, print the table; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.sparse", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000, help="and blocks; default: 5,000")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    say = Console(stderr=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # Older states are not asked for, and cost more with every block.
        node = stack.enter_context(start_anvil(port=0, options=("--prune-history", "10")))
        chain = _Chain(node)
        say.print(f"{_FEW:,} events ...")
        chain.extend(_FEW)
        few = measure(_OWN, node.rpc_url, chain.escrow, str(folder / "few.db"))
        say.print(f"{options.events:,} events ...")
        last = chain.extend(max(options.events - _FEW, 0))
        node.chain.request("anvil_mine", hex(_DEPTH))
        runs = [measure(_OWN, node.rpc_url, chain.escrow, str(folder / "all.db"))]
        own = folder / "rival"
        own.mkdir()
        say.print(f"{_RIVAL} ...")
        try:
            prepare()
            place = Place(node.rpc_url, chain.escrow, last, own, None)
            runs.append(measure_rival(_RIVAL, place))
        except NoRivals as why:
            say.print(f"{_RIVAL} is left out: {why}.")
    judged = list(goals(few, runs))
    if options.json:
        told = [asdict(run) for run in (few, *runs)]
        print(json.dumps({"runs": told, "goals": goals_to_json(judged)}))
    else:
        for run in (few, *runs):
            requests = "" if run.requests is None else f", {run.requests} requests"
            print(f"{run.who}: {run.events:,} events in {run.seconds:.2f} s{requests}")
        output().print(goal_table(judged))
    return int(not all(goal.met for goal in judged))


class _Chain:
    """One deal of an escrow, whose release is asked for and not, a block each."""

    def __init__(self, node: Node) -> None:
        self._request = node.chain.request
        w3 = connect(node.rpc_url)
        employer, freelancer, deployer, *_ = node.chain.accounts()
        self.escrow = deploy(w3, NodeSigner(w3, deployer), "MilestoneEscrow").address
        now = node.chain.time()
        agreement = Agreement.build(
            employer=employer,
            freelancer=freelancer,
            document=bytes(31) + b"\1",
            accept_by=now + 7 * DAY,
            milestones=[(1_000, now + 300 * DAY)],
        )
        self._send(employer, calls.fund(agreement, [0]))
        self._send(freelancer, calls.accept(agreement, [0]))
        self._freelancer = freelancer
        asked = calls.request_release(agreement, [0], agreement.document)
        self._next = cycle([asked, calls.void_request(agreement, [0])])

    def extend(self, events: int) -> int:
        """Add so many blocks with an event each; return the number of the last."""
        for _, call in zip(range(events), self._next, strict=False):
            self._send(self._freelancer, call)
        return int(self._request("eth_blockNumber"), 16)

    def _send(self, sender: str, call: calls.Call) -> None:
        transaction = {
            "from": sender,
            "to": self.escrow,
            "data": "0x" + call.data.hex(),
            "value": hex(call.value),
            "gas": hex(400_000),
        }
        sent = self._request("eth_sendTransaction", transaction)
        # A busy Anvil answers before it has mined, and would mine several into one block.
        while (receipt := self._request("eth_getTransactionReceipt", sent)) is None:
            time.sleep(0.001)
        if receipt["status"] != "0x1":
            raise RuntimeError("The calls that fill the chain do not go through.")


if __name__ == "__main__":
    sys.exit(main())
