"""The escrow compiled with each optimisation of the compiler, held to the same model."""

from __future__ import annotations

from typing import Final

from tests.compiled import CODE_LIMIT, built, compiler_data, escrow_code
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least
from tests.verify.runs import journal_of, play, seeds_of

__all__ = ["OPTIMIZATIONS", "measure"]

OPTIMIZATIONS: Final = ("gas", "codesize", "none")
CALLS: Final = {Depth.SHORT: 1_000, Depth.DEEP: 200_000}
FIRST: Final = 500_000
"""The first seed."""


def measure(depth: Depth, report: Report) -> list[Row]:
    """Play each build. What is over the chain's limit of code runs where it is lifted."""
    rows = []
    for optimize in OPTIMIZATIONS:
        watch = Stopwatch()
        with built(optimize):
            escrow_code()  # compiled here once, not by each process
        size = len(compiler_data("MilestoneEscrow.vy", optimize).bytecode_runtime)
        report(f"{optimize}, {size:,} bytes")
        played = play(
            CALLS[depth],
            FIRST,
            optimize=optimize,
            processes=2 if depth is Depth.DEEP else 1,
            journal=journal_of("builds") if depth is Depth.DEEP else None,
            progress=lambda done, name=optimize: report(f"{name}: {done:,} calls"),  # type: ignore[misc]
        )
        over = " (over the limit, lifted here)" if size > CODE_LIMIT else ""
        rows.append(
            at_least(
                "builds",
                f"calls with optimisation {optimize}, {size:,} bytes{over}",
                sum(one.calls for one in played),
                CALLS[depth],
                "calls",
                watch=watch,
                depth=depth,
                seeds=seeds_of(played),
                failures="\n".join(one.failure for one in played if one.failure),
            )
        )
    return rows
