"""One mutant's trial, in a process of its own, forked from one that has everything loaded.

The stages are ordered by what they cost; the first that fails has killed the mutant.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import pyrevm
import pytest

from tests import compiled
from tests.compiled import ROOT
from tests.mutation import battery
from tests.mutation.compiler import NotCompiledError, compile_changed
from tests.mutation.remembered import Memory
from tests.mutation.sites import Mutant
from tests.mutation.targets import Target

__all__ = ["STAGES", "Bench", "Stage", "Verdict", "try_mutant"]

_SIZE_LIMIT: Final = 2**17  # bytes; a mutant is not to be killed by its length


class Stage(StrEnum):
    """What a mutant must survive."""

    PLAYS = "plays"
    OWN = "own tests"
    ALL = "all tests"


STAGES: Final = tuple(Stage)


class Verdict(StrEnum):
    """What came of a mutant."""

    NOT_COMPILED = "not compiled"
    SAME = "same bytecode"
    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Bench:
    """What all trials of a target share.

    Attributes:
        target: What is mutated.
        folder: A copy of the contracts, so that nobody changes them meanwhile.
        original: A hash of what its creation code is without a change.
        memory: What the compiler did for the original.
    """

    target: Target
    folder: Path
    original: str
    memory: Memory


def try_mutant(bench: Bench, mutant: Mutant | None, stages: Sequence[Stage]) -> dict[str, Any]:
    """Compile a mutant and let it pass stages; to be called in a process that ends afterwards.

    Args:
        bench: What it is tried on.
        mutant: Or none: the original, which must survive.
        stages: In this order.

    Returns:
        The verdict, the hash of its code, the stage that killed it, and what it was killed by.
    """
    gc.disable()
    texts = {}
    if mutant:
        original = (bench.folder / mutant.file).read_text(encoding="utf-8")
        texts[mutant.file] = mutant.text(original)
    try:
        remembered = bench.memory if mutant is None or mutant.in_body else None
        code = compile_changed(bench.folder, bench.target.entry, texts, remembered)
    except NotCompiledError as refused:
        return {"verdict": Verdict.NOT_COMPILED, "by": str(refused)[:200]}
    mark = hashlib.sha256(code).hexdigest()[:16]
    if mutant and mark == bench.original:
        return {"verdict": Verdict.SAME, "code": mark}
    _put_in_place(bench, code, texts)
    for stage in stages:
        killer = _killer(bench, mutant, stage)
        if killer:
            return {"verdict": Verdict.KILLED, "code": mark, "stage": stage, "by": killer}
    return {"verdict": Verdict.SURVIVED, "code": mark}


def _put_in_place(bench: Bench, code: bytes, texts: Mapping[str, str]) -> None:
    """Let the tests of this process get the mutant wherever they ask for the contract.

    What else imports the mutated file is compiled with it, when a test asks for it.
    """
    os.environ["ESCROW_CONTRACTS"] = str(bench.folder)
    asked = compiled.compiled
    mutant = replace(asked(bench.target.entry), bytecode=code)

    @cache
    def answer(source: str, *how: Any) -> compiled.Compiled:
        if source == bench.target.entry:
            return mutant
        ordinary = asked(source, *how)
        if not any(_imports(bench.folder / source, file) for file in texts):
            return ordinary
        return replace(ordinary, bytecode=compile_changed(bench.folder, source, texts))

    for module in [*sys.modules.values()]:
        if module.__name__.startswith("tests.") and vars(module).get("compiled") is asked:
            vars(module)["compiled"] = answer
    any_size = partial(pyrevm.CfgEnv, limit_contract_code_size=_SIZE_LIMIT)
    vars(pyrevm)["CfgEnv"] = any_size


def _imports(path: Path, file: str) -> bool:
    """Return whether a source imports a module."""
    name = re.escape(Path(file).stem)
    source = path.read_text(encoding="utf-8")
    return re.search(rf"^from \S+ import {name}$", source, re.MULTILINE) is not None


def _killer(bench: Bench, mutant: Mutant | None, stage: Stage) -> str:
    """Return what fails in a stage, or nothing."""
    target = bench.target
    if stage is Stage.PLAYS:
        return battery.first_difference() if target.plays else ""
    place = (mutant.file, mutant.function) if mutant else ("", "")
    tests = target.tests_about(*place) if stage is Stage.OWN else target.tests_beyond(*place)
    return _first_failure(tests) if tests else ""


class _FirstFailure:
    """A plugin of pytest that remembers what failed first."""

    def __init__(self) -> None:
        self.test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.test:
            self.test = f"{report.nodeid} (not collected)"


def _first_failure(tests: Sequence[str]) -> str:
    """Run test files until a test fails; return its name or nothing."""
    plugin = _FirstFailure()
    os.chdir(ROOT)
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "--no-summary"]
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        exit_code = pytest.main([*options, *tests], plugins=[plugin])
    if exit_code == pytest.ExitCode.OK:
        return ""
    if not plugin.test:
        raise RuntimeError(f"pytest ended with {exit_code!r}, and no test failed")
    return plugin.test
