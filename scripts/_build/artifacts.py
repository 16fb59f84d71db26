"""Compile the contracts: ``python -m scripts._build.artifacts [--check]``.

Writes ``milestone_escrow/artifacts``. The same sources give the same files, byte for byte, wherever
they lie. ``--check`` writes nothing and fails if a file is not what the sources give.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vyper
from eth_utils.crypto import keccak
from vyper.compiler import output
from vyper.compiler.input_bundle import FileInput, FilesystemInputBundle
from vyper.compiler.phases import CompilerData

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "milestone_escrow" / "artifacts"

_ERROR = re.compile(
    r"(?P<constant>[A-Z_]+): constant\(uint256\) = (?P<number>\d+)  # (?P<name>\w+)\(\)"
)


_PUSH0 = 0x5F  # the opcode; PUSH1, PUSH2 ... follow it


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract to publish.

    Attributes:
        name: Its name, and its artifact's.
        source: Its file, below ``contracts``.
        errors: The module with the table of its custom errors, below ``contracts``, if it has one.
    """

    name: str
    source: str
    errors: str | None = None


CONTRACTS = (
    Contract("MilestoneEscrow", "MilestoneEscrow.vy", "modules/errors.vy"),
    Contract("DealNotes", "DealNotes.vy", "modules/errors.vy"),
    Contract("ArbiterAdapter", "arbiters/ArbiterAdapter.vy", "modules/errors.vy"),
    # For development chains: what the demo, the development network and the gas bench deploy
    # beside it.
    Contract("TestToken", "mocks/TestToken.vy"),
    Contract("PermitToken", "mocks/PermitToken.vy"),
    Contract("Shop", "mocks/Shop.vy"),
    Contract("CentralizedArbitrator", "mocks/CentralizedArbitrator.vy"),
)


class BuildError(Exception):
    """The sources do not make an artifact; one sentence."""


def error_names(table: str) -> tuple[str, ...]:
    """Return the names of the custom errors in the source of an errors module, in its order.

    Raises:
        BuildError: a constant is not written as the table's others, or is not its selector.
    """
    names: list[str] = []
    for line in table.splitlines():
        if not re.match(r"\w+\s*:\s*constant\(", line):
            continue
        match = _ERROR.fullmatch(line.rstrip())
        if match is None:
            raise BuildError(
                f"This line of the errors is not NAME: constant(uint256) = N  # Name(): {line}"
            )
        name = match["name"]
        selector = int.from_bytes(keccak(text=f"{name}()")[:4], "big")
        constant = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
        if match["constant"] != constant:
            raise BuildError(
                f"The error {name} is called {match['constant']} instead of {constant}."
            )
        if int(match["number"]) != selector:
            raise BuildError(f"The selector of {name} is {selector}, not {match['number']}.")
        if name in names:
            raise BuildError(f"The error {name} is there twice.")
        names.append(name)
    return tuple(names)


def build(contract: Contract, root: Path = ROOT) -> str:
    """Return the text of a contract's artifact.

    Raises:
        BuildError: the table of errors is wrong. What the compiler refuses comes up as it is.
    """
    folder = root / "contracts"
    bundle = FilesystemInputBundle([folder])
    source = bundle.load_file(Path(contract.source))
    assert isinstance(source, FileInput)
    data = CompilerData(source, bundle)
    runtime = data.bytecode_runtime
    immutables = data.compilation_target._metadata["type"].immutable_section_bytes
    table = (folder / contract.errors).read_text(encoding="utf-8") if contract.errors else ""
    artifact: dict[str, Any] = {
        "contract": contract.name,
        "compiler": f"vyper {vyper.__version__}",
        "evm_version": data.settings.evm_version,
        "optimize": str(data.settings.optimize),
        "abi": [
            *output.build_abi_output(data),
            *(
                {"type": "error", "name": name, "inputs": []}
                for name in error_names(table)
                if _raises(data.bytecode, name)
            ),
        ],
        "bytecode": "0x" + data.bytecode.hex(),
        "deployed_bytecode": "0x" + runtime.hex(),
        "deployed_size": len(runtime) + immutables,
        "integrity": data.integrity_sum,
        "sources": dict(sorted(_sources(data, root))),
    }
    return json.dumps(artifact, indent=2) + "\n"


def _raises(code: bytes, error: str) -> bool:
    """Return whether the code pushes the selector of an error, which it does only to raise it."""
    selector = keccak(text=f"{error}()")[:4].lstrip(b"\0")
    return bytes([_PUSH0 + len(selector)]) + selector in code


def _sources(data: CompilerData, root: Path) -> Iterator[tuple[str, str]]:
    """Yield path and SHA-256 of every file that went in, but the compiler's own."""
    for given in (data.file_input, *data.resolved_imports.compiler_inputs):
        if not given.from_builtin:
            path = Path(given.resolved_path)
            yield path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the artifacts, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Compile the contracts into the library's artifacts."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is stale"
    )
    check: bool = parser.parse_args(arguments).check
    for contract in CONTRACTS:
        path = ARTIFACTS / f"{contract.name}.json"
        try:
            text = build(contract)
        except BuildError as error:
            print(error, file=sys.stderr)
            return 1
        shown = path.relative_to(ROOT)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            print(f"{shown} is up to date.")
        elif check:
            print(f"{shown} is not what the contracts give: run make artifacts.", file=sys.stderr)
            return 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"Wrote {shown}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
