"""How many of the known ways of abusing the contract have a test of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

from tests.compiled import ROOT
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["NUMBERS", "covered", "measure"]

NUMBERS: Final = range(1, 66)
"""The ways of abuse of the contract; a test that shows one has its number in its name."""

_FOLDERS: Final = ("tests/contract", "tests/nodes")
_NAMED: Final = re.compile(r"::test_abuse((?:_\d\d)+)_")


def measure(depth: Depth, report: Report) -> list[Row]:
    """Collect the tests without running them; both depths are the same."""
    watch = Stopwatch()
    report("collecting")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    collected = subprocess.run([*command, *_FOLDERS], cwd=ROOT, capture_output=True, text=True)
    if collected.returncode:
        raise RuntimeError(f"pytest collects nothing: {collected.stdout[-1_000:]}")
    found = covered(collected.stdout)
    missing = [number for number in NUMBERS if number not in found]
    row = at_least(
        "abuse",
        f"ways of abuse of the contract with a test, in {sum(found.values()):,} tests",
        len(NUMBERS) - len(missing),
        len(NUMBERS),
        "ways",
        watch=watch,
        depth=depth,
        failures=f"without a test: {', '.join(map(str, missing))}" if missing else "",
    )
    return [row]


def covered(collected: str) -> dict[int, int]:
    """Return how many of the tests that pytest lists show each way of abuse."""
    found: dict[int, int] = {}
    for numbers in _NAMED.findall(collected):
        for number in {int(one) for one in numbers.split("_")[1:]}:
            found[number] = found.get(number, 0) + 1
    return found
