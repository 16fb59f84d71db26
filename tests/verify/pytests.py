"""Tests that are run by pytest in a process of its own, and counted one by one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from tests.compiled import ROOT

__all__ = ["Ran", "run"]

_TOLD: Final = re.compile(r"^(PASSED|FAILED|ERROR) (\S+::.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of some tests.

    Attributes:
        passed: Names of the tests that passed, with their parameters.
        failed: Of those that did not.
    """

    passed: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def failures(self) -> str:
        """What is to be told of those that failed; empty: nothing."""
        return f"failed: {', '.join(self.failed)}" if self.failed else ""


def run(*arguments: str, **environment: str) -> Ran:
    """Run the tests that some arguments of pytest choose.

    Raises:
        RuntimeError: None ran.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-rpfE", "-p", "no:cacheprovider", *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment}
    )
    ran = counted(ended.stdout)
    if not ran.passed and not ran.failed:
        raise RuntimeError(f"pytest runs nothing: {(ended.stdout + ended.stderr)[-1_000:]}")
    return ran


def counted(told: str) -> Ran:
    """Return what pytest tells of each test at its end."""
    found = [(word, name.partition("::")[2]) for word, name in _TOLD.findall(told)]
    return Ran(
        tuple(name for word, name in found if word == "PASSED"),
        tuple(name for word, name in found if word != "PASSED"),
    )
