"""Random plays of all calls, in the EVM and in the model."""

from __future__ import annotations

import os
from typing import Final

from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least
from tests.verify.runs import journal_of, play, seeds_of

__all__ = ["measure"]

CALLS: Final = {Depth.SHORT: 250_000, Depth.DEEP: 10_000_000}
FIRST: Final = {Depth.SHORT: 0, Depth.DEEP: 1_000_000}
"""The first seed, where ``ESCROW_MODEL_SEED`` names no other."""

_PROCESSES: Final = 2


def measure(depth: Depth, report: Report) -> list[Row]:
    """Play until the goal is reached; a deep run goes on where an earlier one was stopped."""
    calls = int(os.environ.get("ESCROW_MODEL_CALLS", CALLS[depth]))
    first = int(os.environ.get("ESCROW_MODEL_SEED", FIRST[depth]))
    watch = Stopwatch()
    journal = journal_of("model") if depth is Depth.DEEP else None

    def tell(done: int) -> None:
        rate = done / max(watch.seconds, 0.01)
        report(f"{done:,} of {calls:,} calls, {rate:,.0f} a second with what was there already")

    played = play(calls, first, processes=_PROCESSES, journal=journal, progress=tell)
    row = at_least(
        "model",
        f"calls in random plays, {sum(one.done for one in played):,} of them done",
        sum(one.calls for one in played),
        calls,
        "calls",
        watch=watch,
        depth=depth,
        seeds=seeds_of(played),
        failures="\n".join(one.failure for one in played if one.failure),
    )
    return [row]
