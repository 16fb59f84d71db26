"""Kinds of fault of a node: the index is right in the end, or the indexer has said why it stops."""

from __future__ import annotations

from typing import Final

from tests.verify.pytests import run
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["measure"]

KINDS: Final = 20
MIXED: Final = {Depth.SHORT: 6, Depth.DEEP: 200}

_TESTS: Final = "tests/library/test_faults.py"


def measure(depth: Depth, report: Report) -> list[Row]:
    """Put each kind on a scripted node, then random ones on a chain that grows and forks."""
    watch = Stopwatch()
    report("each kind of fault")
    kinds = run(_TESTS, "-k", "passing_fault or lasting_fault")
    rows = [
        at_least(
            "faults",
            "kinds of fault of a node that the index survives or names",
            len(kinds.passed),
            KINDS,
            "kinds",
            watch=watch,
            depth=depth,
            failures=kinds.failures,
        )
    ]
    watch = Stopwatch()
    report("random faults")
    mixed = run(_TESTS, "-k", "test_faults_mixed", ESCROW_FAULTS=str(MIXED[depth]))
    rows.append(
        at_least(
            "faults",
            "random sequences of faults, growth and forks",
            MIXED[depth] if mixed.passed else 0,
            MIXED[depth],
            "sequences",
            watch=watch,
            depth=depth,
            seeds=f"0..{MIXED[depth] - 1}",
            failures=mixed.failures,
        )
    )
    return rows
