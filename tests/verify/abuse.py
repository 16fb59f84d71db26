"""How many of the known ways of abusing the contract and the bridge have a test of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

from tests.compiled import ROOT
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["NUMBERS", "covered", "measure"]

NUMBERS: Final = {"contract": range(1, 66), "bridge": range(1, 21)}
"""The ways of abuse of each; a test that shows one has its number in its name."""

_FOLDERS: Final = {"contract": ("tests/contract", "tests/nodes"), "bridge": ("tests/bridge",)}
_NAMED: Final = {
    "contract": re.compile(r"::test_abuse((?:_\d\d)+)_"),
    "bridge": re.compile(r"::test_abuse_bridge((?:_\d\d)+)_"),
}


def measure(depth: Depth, report: Report) -> list[Row]:
    """Collect the tests without running them; both depths are the same."""
    return [_row(of, depth, report) for of in NUMBERS]


def _row(of: str, depth: Depth, report: Report) -> Row:
    watch, numbers = Stopwatch(), NUMBERS[of]
    report(f"collecting those of the {of}")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    collected = subprocess.run([*command, *_FOLDERS[of]], cwd=ROOT, capture_output=True, text=True)
    if collected.returncode:
        raise RuntimeError(f"pytest collects nothing: {collected.stdout[-1_000:]}")
    found = covered(collected.stdout, of)
    missing = [number for number in numbers if number not in found]
    return at_least(
        "abuse",
        f"ways of abuse of the {of} with a test, in {sum(found.values()):,} tests",
        len(numbers) - len(missing),
        len(numbers),
        "ways",
        watch=watch,
        depth=depth,
        failures=f"without a test: {', '.join(map(str, missing))}" if missing else "",
    )


def covered(collected: str, of: str = "contract") -> dict[int, int]:
    """Return how many of the tests that pytest lists show each way of abuse."""
    found: dict[int, int] = {}
    for numbers in _NAMED[of].findall(collected):
        for number in {int(one) for one in numbers.split("_")[1:]}:
            found[number] = found.get(number, 0) + 1
    return found
