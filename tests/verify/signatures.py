"""Signatures made by stated rules, at the contract and at the library."""

from __future__ import annotations

from typing import Final

from tests.contract.signature_checks import checker, disagreements, listed
from tests.contract.signature_rules import bit_flips, lengths
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["measure"]

GOAL: Final = 2_000


def measure(depth: Depth, report: Report) -> list[Row]:
    """Try the table, each length and each bit; both depths are the same."""
    watch = Stopwatch()
    at, total, wrong = checker(), 0, list[str]()
    for some in (listed(), lengths(), bit_flips()):
        count, differing = disagreements(at, some)
        total += count
        wrong += differing
        report(f"{total:,} signatures")
    row = at_least(
        "signatures",
        "signatures that contract and library both judge by their rule",
        total - len(wrong),
        GOAL,
        "signatures",
        watch=watch,
        depth=depth,
        failures="\n".join(wrong[:5]),
    )
    return [row]
