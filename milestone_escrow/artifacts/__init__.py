"""The compiled contracts: what ``scripts/_build/artifacts.py`` wrote, one JSON file a contract."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from milestone_escrow.exceptions import UsageError

__all__ = ["Artifact", "load", "names"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract.

    Attributes:
        contract: Its name.
        compiler: Name and version of the compiler.
        evm_version: The EVM's rules that it was compiled for.
        optimize: What the compiler optimised for.
        abi: The ABI, with the custom errors. Shared by all users: not to be changed.
        bytecode: Creation code; the constructor's arguments, if any, follow it.
        deployed_bytecode: Run-time code without the immutables, which follow it on the chain.
        deployed_size: Bytes of code on the chain, immutables included.
        integrity: The compiler's checksum over all sources.
        sources: SHA-256 of each source file, by its path in the project.
    """

    contract: str
    compiler: str
    evm_version: str
    optimize: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    deployed_size: int
    integrity: str
    sources: dict[str, str]

    def matches(self, code: bytes) -> bool:
        """Return whether code found on a chain is this contract's, whatever its immutables hold."""
        return len(code) == self.deployed_size and code.startswith(self.deployed_bytecode)

    def errors(self) -> tuple[str, ...]:
        """Return the names of the custom errors, in the order of their home."""
        return tuple(entry["name"] for entry in self.abi if entry["type"] == "error")


@cache
def names() -> tuple[str, ...]:
    """Return the names of the contracts that there are, sorted."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name[:-5] for name in files if name.endswith(".json")))


@cache
def load(name: str) -> Artifact:
    """Return a compiled contract by its name; read once.

    Raises:
        UsageError: there is no such contract (``unknown-contract``).
    """
    if name not in names():
        raise UsageError(
            f"There is no compiled contract {name}.",
            f"There are: {', '.join(names()) or 'none; run python -m scripts._build.artifacts'}.",
            code="unknown-contract",
        )
    stored = json.loads((resources.files(__name__) / f"{name}.json").read_text(encoding="utf-8"))
    return Artifact(
        contract=stored["contract"],
        compiler=stored["compiler"],
        evm_version=stored["evm_version"],
        optimize=stored["optimize"],
        abi=tuple(stored["abi"]),
        bytecode=bytes.fromhex(stored["bytecode"].removeprefix("0x")),
        deployed_bytecode=bytes.fromhex(stored["deployed_bytecode"].removeprefix("0x")),
        deployed_size=stored["deployed_size"],
        integrity=stored["integrity"],
        sources=stored["sources"],
    )
