"""Contracts compiled for tests, once for each state of the sources.

The results lie in ``.build``, so that a second run costs nothing. ``ESCROW_CONTRACTS`` names
another folder of contracts: the tests then run against what its sources give instead of the
published artifact, which is how one sees them fail on a contract that was broken on purpose.
``built`` compiles with another optimisation than the sources ask for, for as long as it is open.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from milestone_escrow import artifacts

__all__ = ["CODE_LIMIT", "Compiled", "built", "compiled", "compiler_data", "escrow_code", "lifted"]

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".build" / "compiled"
ESCROW = "MilestoneEscrow.vy"
CODE_LIMIT: Final = 24_576
"""Bytes of run-time code that a chain takes (EIP-170)."""

# The optimisation in the place of the sources' own; empty: theirs.
_OPTIMIZE: ContextVar[str] = ContextVar("optimize", default="")
_PRAGMA: Final = re.compile(r"^# pragma optimize \w+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled contract.

    Attributes:
        abi: The compiler's, without custom errors.
        bytecode: Creation code, without the constructor's arguments.
        layout: First storage slot of each variable; those of a module as ``module.variable``.
    """

    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    layout: dict[str, int]


def escrow_code() -> tuple[tuple[dict[str, Any], ...], bytes]:
    """Return ABI and creation code of the escrow under test."""
    if "ESCROW_CONTRACTS" in os.environ or _OPTIMIZE.get():
        other = compiled(ESCROW, _OPTIMIZE.get())
        return other.abi, other.bytecode
    published = artifacts.load("MilestoneEscrow")
    return published.abi, published.bytecode


@contextmanager
def built(optimize: str) -> Iterator[None]:
    """Compile the escrow with another optimisation meanwhile: none, codesize or gas.

    New chains meanwhile take code of any size: what the escrow needs without optimisation.
    """
    before = _OPTIMIZE.set(optimize)
    try:
        yield
    finally:
        _OPTIMIZE.reset(before)


def lifted() -> bool:
    """Return whether new chains take code of any size."""
    return bool(_OPTIMIZE.get())


@cache
def compiled(source: str, optimize: str = "") -> Compiled:
    """Return the contract in a file below the folder of contracts.

    Args:
        source: Such as ``mocks/TestToken.vy``.
        optimize: In the place of what the source asks for: none, codesize or gas.
    """
    folder = _folder()
    if optimize and f"# pragma optimize {optimize}\n" in (folder / source).read_text("utf-8"):
        return compiled(source)  # it asks for that itself: compiled once
    kept = CACHE / f"{Path(source).stem}{optimize and '-' + optimize}-{_digest(folder)}.json"
    if not kept.exists():
        way = (optimize,) if optimize else ()
        _keep(kept, _compile(folder, source, *way))
    made = json.loads(kept.read_text(encoding="utf-8"))
    return Compiled(tuple(made["abi"]), bytes.fromhex(made["bytecode"]), made["layout"])


def _folder() -> Path:
    return Path(os.environ.get("ESCROW_CONTRACTS", ROOT / "contracts")).resolve()


@cache
def _digest(folder: Path) -> str:
    """Return what changes with any source, or with the way of compiling."""
    sources = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(folder.rglob("*.vy*")):
        sources.update(path.relative_to(folder).as_posix().encode() + b"\0")
        sources.update(path.read_bytes() + b"\0")
    return sources.hexdigest()[:20]


def compiler_data(source: str, optimize: str = "", folder: Path | None = None) -> Any:
    """Return the compiler's own data on a contract, with another optimisation if one is given."""
    # Imported where it is needed: the compiler takes longer to import than most tests to run.
    from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
    from vyper.compiler.phases import CompilerData

    bundle = FilesystemInputBundle([folder or _folder()])
    file = bundle.load_file(Path(source))
    assert isinstance(file, FileInput)
    if optimize:
        other, found = _PRAGMA.subn(f"# pragma optimize {optimize}", file.contents)
        assert found == 1, f"{source} says nothing of its optimisation"
        file = replace(file, contents=other)
    return CompilerData(file, bundle)


def _compile(folder: Path, source: str, optimize: str = "") -> dict[str, Any]:
    from vyper.compiler import output

    data = compiler_data(source, optimize, folder)
    layout = output.build_layout_output(data).get("storage_layout", {})
    return {
        "abi": output.build_abi_output(data),
        "bytecode": data.bytecode.hex(),
        "layout": dict(_slots(layout)),
    }


def _slots(layout: dict[str, Any], prefix: str = "") -> list[tuple[str, int]]:
    slots: list[tuple[str, int]] = []
    for name, entry in layout.items():
        if "slot" in entry:
            slots.append((prefix + name, entry["slot"]))
        else:
            slots += _slots(entry, f"{prefix}{name}.")
    return slots


def _keep(path: Path, made: dict[str, Any]) -> None:
    """Write a file as a whole: two processes may compile at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(made), encoding="utf-8")
    part.replace(path)
