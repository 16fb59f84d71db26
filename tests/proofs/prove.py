"""Runs halmos over the properties, each twice.

The first run is the proof. In the second every line that a property marks with ``witness()`` fails:
it must find a counterexample, which is a call that goes through and gets there. A property whose
second run finds none is refused as vacuous: it would say something about nothing.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from tests.compiled import ROOT, escrow_code
from tests.proofs.properties import BOUNDS, HERE, Property, chosen

__all__ = ["MissingToolError", "Proof", "ProofReport", "Result", "Tools", "prove"]

Result = Literal["proved", "failed", "vacuous", "timed out", "not decided"]

BUILD: Final = ROOT / ".build" / "proofs"
LIMIT: Final = 120  # seconds for the solver on one question
FAMILY_LIMIT: Final = 900  # seconds for all that is asked of a family in one run

_LINE: Final = re.compile(
    r"\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)\(\)(?: \(.*?time: ([\d.]+)s)?"
)
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_BOUNDED: Final = re.compile(r"(check_\w+)\(\): paths have not been fully explored")


class MissingToolError(Exception):
    """A tool is not installed; one sentence with its remedy."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs that a proof needs.

    Attributes:
        halmos: In an environment of its own, whose pins fit no other.
        forge: Builds the properties.
        solc: A script that plays solc, with the compiler that npm installed.
    """

    halmos: Path
    forge: Path
    solc: Path

    @classmethod
    def find(cls) -> Tools:
        """Return the installed tools.

        Raises:
            MissingToolError: one of them is not there.
        """
        modules = HERE / "node_modules"
        halmos = ROOT / ".venv-proofs" / "bin" / "halmos"
        forges = sorted((modules / "@foundry-rs").glob("forge-*/bin/forge"))
        if not halmos.exists() or not forges or not (modules / "solc").exists():
            raise MissingToolError(
                "halmos, forge or solc is not installed: run `make proofs` once."
            )
        return cls(halmos, forges[0], HERE / "solc.mjs")

    def versions(self) -> dict[str, str]:
        """Return what each of them is, the solver and the escrow's compiler too."""
        said = subprocess.run(
            [self.halmos, "--version"], capture_output=True, text=True, check=True
        )
        modules = HERE / "node_modules"
        return {
            "halmos": said.stdout.split()[-1],
            "forge": _npm_version(modules / "@foundry-rs" / "forge"),
            "solc": _npm_version(modules / "solc"),
            "vyper": version("vyper"),
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one property.

    Attributes:
        seconds: Of both runs.
        detail: The counterexample of a failed one; else empty.
    """

    prop: Property
    result: Result
    seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What became of the properties that were asked for.

    Attributes:
        seconds: All in all, with building and starting.
        bounds: What the proofs do not go beyond.
        versions: Of the tools, by name.
    """

    proofs: tuple[Proof, ...]
    seconds: float
    bounds: tuple[str, ...]
    versions: Mapping[str, str]

    def count(self, result: Result) -> int:
        """Return how many ended with a result."""
        return sum(proof.result == result for proof in self.proofs)

    @property
    def all_proved(self) -> bool:
        """Return whether there were properties and every one is proved."""
        return bool(self.proofs) and self.count("proved") == len(self.proofs)


@dataclass(frozen=True, slots=True)
class _Answer:
    tag: str  # halmos's: PASS, FAIL, TIMEOUT or ERROR
    seconds: float
    bounded: bool  # a loop was not followed to its end
    model: str  # a counterexample that the solver confirmed; else empty


def prove(names: Sequence[str] | None = None, code: bytes | None = None) -> ProofReport:
    """Prove properties of the escrow.

    Args:
        names: Which, such as ``Guards.accept`` or ``Guards.*``; None: all.
        code: Creation code; None: that of ``tests.compiled.escrow_code``.

    Raises:
        MissingToolError: a tool is not installed.
        ValueError: a name fits no property.
        RuntimeError: halmos or forge broke; its last words.
    """
    tools = Tools.find()
    begun = time.monotonic()
    code = code or escrow_code()[1]
    proofs: list[Proof] = []
    for family, members in groupby(chosen(names), key=lambda prop: prop.family):
        props = tuple(members)
        asked = _run(tools, family, props, code, witnessing=False)
        passed = [p for p in props if p.check in asked and asked[p.check].tag == "PASS"]
        reached = _run(tools, family, passed, code, witnessing=True) if passed else {}
        proofs += (_judge(p, asked.get(p.check), reached.get(p.check)) for p in props)
    return ProofReport(tuple(proofs), time.monotonic() - begun, BOUNDS, tools.versions())


def _judge(prop: Property, asked: _Answer | None, reached: _Answer | None) -> Proof:
    seconds = sum(answer.seconds for answer in (asked, reached) if answer)
    if asked is None or asked.tag == "TIMEOUT":
        return Proof(prop, "timed out", seconds)
    if asked.tag == "FAIL":
        return Proof(prop, "failed", seconds, asked.model)
    if asked.tag != "PASS" or asked.bounded:
        return Proof(prop, "not decided", seconds)
    if reached is None or reached.tag == "TIMEOUT":
        return Proof(prop, "timed out", seconds)
    if reached.tag != "FAIL" or not reached.model:
        return Proof(prop, "vacuous", seconds)
    return Proof(prop, "proved", seconds)


def _run(
    tools: Tools, family: str, props: Sequence[Property], code: bytes, *, witnessing: bool
) -> dict[str, _Answer]:
    """Return halmos's answers by function; none for what it had no time for."""
    checks = "|".join(prop.check for prop in props)
    command = [
        str(tools.halmos),
        *("--root", str(HERE), "--forge-build-out", os.path.relpath(BUILD / "out", HERE)),
        *("--contract", family, "--match-test", f"^({checks})\\("),
        # Vyper's storage is not laid out as Solidity's.
        *("--storage-layout", "generic", "--solver", "yices", "--solver-threads", "1"),
        *("--solver-timeout-branching", "20ms", "--solver-timeout-assertion", f"{LIMIT}s"),
        "--no-status",
        *(["--early-exit"] if witnessing else []),
    ]
    environment = {
        **os.environ,
        # Node, which runs solc, is beside this Python.
        "PATH": os.pathsep.join(
            (str(tools.forge.parent), str(Path(sys.executable).parent), os.environ["PATH"])
        ),
        "FOUNDRY_SOLC": str(tools.solc),
        "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1",
        "COLUMNS": "400",  # halmos wraps its warnings
        "PROOFS_CREATION_CODE": f"0x{code.hex()}",
        "PROOFS_WITNESS": str(witnessing).lower(),
    }
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that its solvers end with it
    )
    in_time = True
    try:
        said, _ = process.communicate(timeout=FAMILY_LIMIT)
    except subprocess.TimeoutExpired:
        in_time = False
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    answers = dict(_answers(_COLOUR.sub("", said)))
    if in_time and len(answers) < len(props):
        ended = f"halmos ended with {process.returncode} before it had answered all of {family}"
        raise RuntimeError(f"{ended}: {said[-2000:]}")
    return answers


def _answers(said: str) -> Iterator[tuple[str, _Answer]]:
    """Yield the answers in what halmos printed: models come before the line of their function."""
    bounded = set(_BOUNDED.findall(said))
    begin = 0
    for line in _LINE.finditer(said):
        _, found, model = said[begin : line.start()].partition("Counterexample: ")
        # The first, without what comes after it.
        model = re.split(r"\n(?=\S)", model, maxsplit=1)[0].strip() if found else ""
        begin = line.end()
        yield line[2], _Answer(line[1], float(line[3] or 0), line[2] in bounded, model)


def _npm_version(package: Path) -> str:
    found = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    assert isinstance(found, str)
    return found
