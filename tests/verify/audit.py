"""Errors planted in an index and in what a node says, each found and named by the audit."""

from __future__ import annotations

from typing import Final

from tests.verify.pytests import run
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["measure"]

PLANTED: Final = 10

_TESTS: Final = ("tests/library/test_audit_index_errors.py", "tests/library/test_audit_lies.py")


def measure(depth: Depth, report: Report) -> list[Row]:
    """Plant one error at a time and audit; both depths are the same."""
    watch = Stopwatch()
    report("planting errors")
    found = run(*_TESTS, "-k", "test_finds")
    return [
        at_least(
            "audit",
            "errors planted in an index or in a node's answers, found and named",
            len(found.passed),
            PLANTED,
            "errors",
            watch=watch,
            depth=depth,
            failures=found.failures,
        )
    ]
