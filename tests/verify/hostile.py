"""Requests of every kind that the bridge's document allows and forbids, over real HTTP."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from milestone_escrow.chain import start_anvil
from tests.bridge.hostile import besiege
from tests.bridge.serving import NO_LIMIT, serving
from tests.bridge.town import Town
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["measure"]

REQUESTS: Final = {Depth.SHORT: 400, Depth.DEEP: 50_000}

# Some operations have fewer different requests than their share.
_SPARE: Final = 1.3
# A machine with other work is no fault of the bridge's.
_LIMITS: Final = replace(NO_LIMIT, node_seconds=50)


def measure(depth: Depth, report: Report) -> list[Row]:
    """Make deals on Anvil, index them, serve them, and ask; the same requests each time."""
    goal, watch = REQUESTS[depth], Stopwatch()
    report("making deals")
    with start_anvil(0) as node, tempfile.TemporaryDirectory() as folder:
        town = Town.built(node.rpc_url)
        store = Path(folder) / "index.sqlite"
        town.index(store)
        with serving(store, rpc=node.rpc_url, limits=_LIMITS) as served:
            siege = besiege(
                served,
                town,
                round(goal * _SPARE),
                lambda made: report(f"{made:,} of {goal:,} requests"),
            )
    answers = ", ".join(f"{count:,} with {status}" for status, count in sorted(siege.seen.items()))
    return [
        at_least(
            "hostile",
            f"requests that the bridge answers as its document says: {answers}",
            siege.seen.total(),
            goal,
            "requests",
            watch=watch,
            depth=depth,
            failures="\n".join(siege.failures),
        )
    ]
