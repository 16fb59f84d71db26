"""Which lines of the contracts the plays and the tests of the contracts execute."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.compiled import ROOT
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["SOURCES", "TESTS", "UNREACHED", "measure"]

SOURCES: Final = ("MilestoneEscrow.vy", "DealNotes.vy", "arbiters/ArbiterAdapter.vy")
UNREACHED: Final[dict[str, str]] = {}
"""Why a statement is never executed, by the text of ``Statement.line`` without its number."""

PLAYS: Final = {Depth.SHORT: 6, Depth.DEEP: 40}
TESTS: Final = tuple(
    f"tests/contract/test_{name}.py"
    for name in (
        *("amend", "amend_terms", "credits", "fund", "fund_with_permit", "rule", "settle"),
        *("hostile_receivers", "hostile_tokens", "signatures", "typed_data", "views"),
        *("arbiter_adapter", "arbiter_credits", "arbiter_rulings", "deal_notes"),
    )
)


def measure(depth: Depth, report: Report) -> list[Row]:
    """Execute plays and tests in a process of their own, and count the lines."""
    watch = Stopwatch()
    report("plays and tests in an EVM with traps")
    with TemporaryDirectory() as folder:
        to = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "tests.verify.covering", str(to), str(PLAYS[depth])]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if ended.returncode:
            raise RuntimeError(f"the plays and tests ended badly: {ended.stderr[-2_000:]}")
        found = json.loads(to.read_text(encoding="utf-8"))
    rows = []
    for source in SOURCES:
        mine = found[source]
        missed = [line for line in mine["missed"] if _place(line) not in UNREACHED]
        total = mine["lines"]
        rows.append(
            at_least(
                "coverage",
                f"lines of {source} with its modules: {total - len(missed)} of {total}",
                100 * (total - len(missed)) / total,
                100,
                "%",
                watch=watch,
                depth=depth,
                seeds=found["seeds"],
                failures=_told(missed),
            )
        )
    return rows


def _place(line: str) -> str:
    """Return file and function of a line: they stay when lines move."""
    file, rest = line.split(":", 1)
    return f"{file} in {rest.split(' in ')[1]}"


def _told(missed: Sequence[str]) -> str:
    return f"never executed: {', '.join(missed)}" if missed else ""
