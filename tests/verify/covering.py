"""``python -m tests.verify.covering FILE PLAYS``: what is executed, line by line, into a file.

A process of its own, because it changes the EVM of all tests.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import evm
from tests.contract.playing import AGED, YOUNG, play_many
from tests.verify.coverage import SOURCES, TESTS
from tests.verify.statements import coverage
from tests.verify.traps import Trapped, trapping, with_traps

__all__ = ["main"]


def main(to: Path, plays: int) -> None:
    """Play and test, then write the lines that were executed and those that were not."""
    contracts = with_traps(SOURCES)
    evm.pyrevm = trapping(contracts)  # type: ignore[attr-defined]
    for pace in (YOUNG, AGED):
        play_many(0, plays, pace)
    # Tests may fail here that look at gas or at the code itself: whether they pass is counted
    # elsewhere, on the contract without traps.
    missing = [contract for contract in contracts if _missed(contract)]
    if missing:
        pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS], plugins=[])
    found: dict[str, Any] = {it.source: _counted(it) for it in contracts}
    found["seeds"] = f"0..{plays - 1}, paces {YOUNG} and {AGED}"
    to.write_text(json.dumps(found, indent=1), encoding="utf-8")


def _counted(contract: Trapped) -> dict[str, Any]:
    lines = {(it.file, it.start[0]) for it in coverage(contract)}
    return {"lines": len(lines), "missed": _missed(contract), "blocks": len(contract.places)}


def _missed(contract: Trapped) -> list[str]:
    missed = [it for it, executed in coverage(contract).items() if not executed]
    ordered = sorted(missed, key=lambda it: (it.file, it.start))
    return list(dict.fromkeys(it.line for it in ordered))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
