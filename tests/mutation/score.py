"""All mutants of a target, tried in parallel, and the score."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.compiled import ROOT
from tests.mutation.compiler import memory_of
from tests.mutation.equivalents import declared, matched
from tests.mutation.sites import Key, Mutant, mutants_of
from tests.mutation.targets import TARGETS, Target
from tests.mutation.trial import STAGES, Bench, Stage, Verdict, try_mutant

__all__ = [
    "LIMIT",
    "MutationReport",
    "Result",
    "UnfitError",
    "measure",
    "open_bench",
    "trials",
]

LIMIT: Final = 900
"""Seconds of processor time that a trial may take, unless told otherwise."""


class UnfitError(Exception):
    """The tests cannot judge mutants."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one mutant.

    Attributes:
        mutant: Which.
        verdict: What came of it.
        stage: That killed it, if one did.
        by: What killed it, in a line, or why it was not compiled.
        code: A hash of its bytecode; empty if there is none.
        seconds: That it took.
    """

    mutant: Mutant
    verdict: Verdict
    stage: str = ""
    by: str = ""
    code: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MutationReport:
    """What came of all mutants of a target that were tried.

    Attributes:
        target: Its name.
        generated: All mutants that there are of the target.
        chosen: Those that were to be tried: all, or a sample.
        results: What came of each that was tried.
        reasons: Why some are declared to be equivalent, by their keys.
        seed: Of the sample, and of the order.
        seconds: Of this run, without what was taken from an earlier one.
    """

    target: str
    generated: int
    chosen: int
    results: tuple[Result, ...]
    reasons: Mapping[Key, str] = field(repr=False)
    seed: int
    seconds: float

    @property
    def distinct(self) -> tuple[Result, ...]:
        """The results that count: compiled, unlike the original, and unlike one another."""
        first: dict[str, Result] = {}
        for result in self.results:
            if result.code and result.verdict is not Verdict.SAME:
                first.setdefault(result.code, result)
        return tuple(first.values())

    def count(self, verdict: Verdict) -> int:
        """Return how many came to a verdict; of the verdicts of a trial, distinct ones."""
        counts = verdict in (Verdict.NOT_COMPILED, Verdict.SAME)
        return sum(
            result.verdict is verdict for result in (self.results if counts else self.distinct)
        )

    @property
    def duplicates(self) -> int:
        """Mutants whose bytecode is that of another one."""
        compiled_ones = [r for r in self.results if r.code and r.verdict is not Verdict.SAME]
        return len(compiled_ones) - len(self.distinct)

    @property
    def killed_by(self) -> Mapping[str, int]:
        """How many each stage killed."""
        return Counter(result.stage for result in self.distinct if result.verdict is Verdict.KILLED)

    @property
    def equivalent(self) -> tuple[Result, ...]:
        """Those that survived and are declared to be equivalent."""
        return tuple(result for result in self._surviving if result.mutant.key in self.reasons)

    @property
    def survivors(self) -> tuple[Result, ...]:
        """Those that survived and should not have."""
        return tuple(result for result in self._surviving if result.mutant.key not in self.reasons)

    @property
    def wrongly_declared(self) -> tuple[Result, ...]:
        """Those that are declared to be equivalent and were killed."""
        return tuple(
            result
            for result in self.results
            if result.mutant.key in self.reasons
            and result.verdict in (Verdict.KILLED, Verdict.TIMED_OUT)
        )

    @property
    def judged(self) -> int:
        """Distinct mutants that are not equivalent: what the score is of."""
        return len(self.distinct) - len(self.equivalent)

    @property
    def score(self) -> float:
        """The part of the judged ones that were killed or timed out, 0 to 1; of none it is 1."""
        return 1 - len(self.survivors) / self.judged if self.judged else 1.0

    @property
    def _surviving(self) -> list[Result]:
        return [result for result in self.distinct if result.verdict is Verdict.SURVIVED]


def measure(
    target: str = "escrow",
    *,
    sample: int | None = None,
    seed: int = 1,
    jobs: int = 1,
    resume: Path | None = None,
    stages: Sequence[Stage] = STAGES,
    limit: int = LIMIT,
    progress: Callable[[int, int, Result], None] | None = None,
) -> MutationReport:
    """Try all mutants of a target, or a sample, in an order that ``seed`` decides.

    Args:
        target: A name of ``TARGETS``.
        sample: How many are tried; none: all.
        seed: Of the order, so that what a stopped run has tried is a sample, too.
        jobs: Processes at a time.
        resume: A file of JSON lines that takes each result at once. What it already has about the
            same contracts is not tried again, but for survivors when a test has changed.
        stages: What a mutant must survive.
        limit: Seconds of processor time that one trial may take; then it counts as killed, and as
            timed out.
        progress: Called with every result, with how many there are and how many will be.

    Raises:
        UnfitError: The original does not survive: the tests fail without any change.
        UnknownMutantsError: The file of equivalent mutants declares some that do not exist.
    """
    started = time.monotonic()
    with TemporaryDirectory(prefix="mutation-") as scratch:
        bench = open_bench(TARGETS[target], Path(scratch))
        mutants = mutants_of(bench.target, bench.folder)
        reasons = matched(declared(), mutants)
        order = random.Random(seed).sample(mutants, len(mutants))[:sample]
        book = _Book(resume, bench, stages)
        results = {m.key: found for m in order if (found := book.known(m)) is not None}
        left = [mutant for mutant in order if mutant.key not in results]
        if left:
            _see_that_the_original_survives(bench, stages, limit)
        for result in trials(bench, left, stages, jobs, limit):
            results[result.mutant.key] = result
            book.write(result)
            if progress:
                progress(len(results), len(order), result)
    return MutationReport(
        target,
        len(mutants),
        len(order),
        tuple(results[mutant.key] for mutant in order),
        reasons,
        seed,
        time.monotonic() - started,
    )


def open_bench(target: Target, scratch: Path) -> Bench:
    """Copy the contracts, and compile the original.

    Args:
        target: What is mutated.
        scratch: An empty folder.
    """
    folder = scratch / "contracts"
    shutil.copytree(os.environ.get("ESCROW_CONTRACTS", ROOT / "contracts"), folder)
    memory, code = memory_of(folder, target.entry)
    return Bench(target, folder, hashlib.sha256(code).hexdigest()[:16], memory)


def _see_that_the_original_survives(bench: Bench, stages: Sequence[Stage], limit: int) -> None:
    (result,) = _trials(bench, [None], stages, 1, limit)
    if result.get("verdict") != Verdict.SURVIVED:
        raise UnfitError(
            f"The tests of {bench.target.name} fail on the contracts as they are, so they say"
            f" nothing about mutants. Mend first: {result.get('by', 'it took too long')}"
        )


def trials(
    bench: Bench, mutants: Sequence[Mutant], stages: Sequence[Stage], jobs: int, limit: int
) -> Iterable[Result]:
    """Give what comes of each mutant as it comes; arguments are those of ``measure``."""
    for answer in _trials(bench, mutants, stages, jobs, limit):
        yield Result(
            answer["mutant"],
            Verdict(answer["verdict"]),
            answer.get("stage", ""),
            answer.get("by", ""),
            answer.get("code", ""),
            answer["seconds"],
        )


def _trials(
    bench: Bench, mutants: Sequence[Any], stages: Sequence[Stage], jobs: int, limit: int
) -> Iterable[dict[str, Any]]:
    """Give what comes of each mutant as it comes, so many at a time."""
    context = multiprocessing.get_context("fork")
    waiting = list(reversed(mutants))
    running: dict[Any, tuple[BaseProcess, Any, float]] = {}
    process: BaseProcess
    reader: Any
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop()
                reader, writer = context.Pipe(duplex=False)
                process = context.Process(
                    target=_answer, args=(writer, bench, mutant, stages, limit), daemon=True
                )
                process.start()
                writer.close()
                running[reader] = process, mutant, time.monotonic()
            for reader in wait([*running]):
                process, mutant, began = running.pop(reader)
                yield _received(reader, process, mutant) | {
                    "mutant": mutant,
                    "seconds": round(time.monotonic() - began, 2),
                }
    finally:
        for process, *_ in running.values():
            process.kill()
            process.join()


def _received(reader: Connection, process: BaseProcess, mutant: Mutant | None) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = reader.recv()
    except EOFError:
        process.join()
        if process.exitcode == -signal.SIGXCPU:
            return {"verdict": Verdict.TIMED_OUT, "code": f"unknown, {mutant and mutant.name}"}
        raise RuntimeError(f"a trial ended with {process.exitcode} and no answer") from None
    finally:
        reader.close()
    process.join()
    return answer


def _answer(
    writer: Connection, bench: Bench, mutant: Mutant | None, stages: Sequence[Stage], limit: int
) -> None:
    # Of the processor's time: how busy a machine is with other things says nothing of a mutant.
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    writer.send(try_mutant(bench, mutant, stages))
    writer.close()


class _Book:
    """The file of results, or none."""

    def __init__(self, path: Path | None, bench: Bench, stages: Sequence[Stage]) -> None:
        self._path = path
        self._stages = list(stages)
        self._contracts = _digest(bench.folder, "*.vy*")
        self._tests = _digest(ROOT / "tests" / "contract", "*.py")
        self._known: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                if entry["target"] == bench.target.name and entry["contracts"] == self._contracts:
                    self._known[entry["name"]] = entry
        self._target = bench.target.name

    def known(self, mutant: Mutant) -> Result | None:
        """Return what the file says of a mutant, if it still counts."""
        entry = self._known.get(mutant.name)
        if entry is None:
            return None
        verdict = Verdict(entry["verdict"])
        same = entry["tests"] == self._tests and {*self._stages} <= {*entry["stages"]}
        if verdict is Verdict.SURVIVED and not same:
            return None
        return Result(mutant, verdict, entry["stage"], entry["by"], entry["code"], entry["seconds"])

    def write(self, result: Result) -> None:
        """Add a result to the file."""
        if self._path is None:
            return
        mutant = result.mutant
        entry = {
            "name": mutant.name,
            "verdict": result.verdict,
            "stage": result.stage,
            "by": result.by,
            "code": result.code,
            "seconds": result.seconds,
            "line": mutant.line,
            "before": mutant.before,
            "after": mutant.after,
            "target": self._target,
            "contracts": self._contracts,
            "tests": self._tests,
            "stages": self._stages,
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _digest(folder: Path, pattern: str) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()[:16]
