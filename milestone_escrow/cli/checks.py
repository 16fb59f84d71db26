"""The checks of ``escrow doctor``. None of them changes anything."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from milestone_escrow.cli.connection import find_escrow, node_url, open_node
from milestone_escrow.cli.options import Target
from milestone_escrow.cli.reading import open_index, store_place
from milestone_escrow.cli.words import counted
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["Check", "State", "run_checks"]

State = Literal["ok", "warning", "missing"]

_DISTRIBUTION: Final = "milestone-escrow"
_SUPPORTED: Final = ((3, 11), (3, 12))
_SECONDS: Final = 20.0  # for a program to say its version
_NO_SETUP: Final = "Run make setup in the project."


@dataclass(frozen=True, slots=True)
class Check:
    """What was found.

    Attributes:
        name: Of what was looked for.
        state: ``missing`` only where the demo cannot do without.
        detail: What is there, or one sentence on what is wrong.
        remedy: What to do about it; empty where nothing need be done.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""


def run_checks(target: Target) -> list[Check]:
    """Look at everything; an error of one check is its result."""
    return [*_programs(), *_chain(target)]


def _programs() -> Iterator[Check]:
    yield _python()
    yield _packages()
    yield _tried("anvil", "missing", _anvil)
    yield _vyper()
    yield _tried("hardhat", "warning", _hardhat)


def _chain(target: Target) -> Iterator[Check]:
    try:
        workspace = Workspace.here()
    except EscrowError as error:
        yield Check("files", "warning", error.sentence, error.remedy)
        return
    w3: list[Web3] = []  # what the first of these finds, for the others

    def node() -> str:
        from milestone_escrow.rpc_errors import chain_id_of, request

        place = node_url(target, workspace)
        w3.append(open_node(target, place))
        block = int(request(w3[0], "eth_blockNumber"), 16)
        version = request(w3[0], "web3_clientVersion")
        return f"chain {chain_id_of(w3[0])}, block {block:,}, {version}, at {place.shown}"

    yield _tried("node", "warning", node)
    if w3:
        yield _tried("escrow", "warning", lambda: _escrow(w3[0], target, workspace))
    yield _tried("devnet", "warning", lambda: _devnet(workspace))
    yield _tried("index", "warning", lambda: _index(target, workspace, w3[0] if w3 else None))


def _tried(name: str, otherwise: State, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except EscrowError as error:
        return Check(name, otherwise, error.sentence, error.remedy)


def _python() -> Check:
    version = platform.python_version()
    if sys.version_info[:2] in _SUPPORTED:
        return Check("python", "ok", version)
    return Check("python", "missing", f"{version} is not supported.", "Use Python 3.11 or 3.12.")


def _packages() -> Check:
    try:
        required = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return Check("packages", "missing", "milestone-escrow is not installed.", _NO_SETUP)
    names = [
        re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0]
        for line in required
        if "extra ==" not in line
    ]
    missing = [name for name in names if _version(name) is None]
    if missing:
        return Check("packages", "missing", f"Not installed: {', '.join(missing)}.", _NO_SETUP)
    return Check("packages", "ok", f"{len(names)} installed, web3 {_version('web3')} among them")


def _vyper() -> Check:
    version = _version("vyper")
    if version is None:
        return Check(
            "vyper", "warning", "Not installed; only compiling the contracts needs it.", _NO_SETUP
        )
    return Check("vyper", "ok", version)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _anvil() -> str:
    from milestone_escrow.chain import find_anvil

    program = find_anvil()
    match = re.search(r"[0-9]+\.[0-9.]+", _said(program, "--version"))
    return f"{match[0] if match else 'unknown version'} ({program})"


def _hardhat() -> str:
    from milestone_escrow.chain import find_hardhat, find_node

    script, node = find_hardhat(), find_node()
    package = json.loads((script.parents[2] / "package.json").read_text(encoding="utf-8"))
    return f"{package['version']}, on Node.js {_said(node, '--version').strip().removeprefix('v')}"


def _said(program: Path, *arguments: str) -> str:
    try:
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise EscrowError(f"{program} does not run.", _NO_SETUP, code="program-broken") from error


def _escrow(w3: Web3, target: Target, workspace: Workspace) -> str:
    escrow = find_escrow(w3, target, workspace)
    since = "" if escrow.from_block is None else f", from block {escrow.from_block:,}"
    return escrow.address + since


def _devnet(workspace: Workspace) -> str:
    from milestone_escrow import devnet

    found = devnet.status(workspace=workspace)
    if found is None:
        return "none; escrow devnet up makes one"
    if found.pid is None:
        return "down, its chain is kept; escrow devnet up goes on with it"
    return f"up at {found.rpc_url}, process {found.pid}"


def _index(target: Target, workspace: Workspace, w3: Web3 | None) -> str:
    from milestone_escrow.deployments import genesis_hash
    from milestone_escrow.rpc_errors import chain_id_of

    place = store_place(target, workspace)
    if isinstance(place, Path) and not place.exists():
        return "none yet; escrow deals makes it"
    with open_index(place, target.chain_id, target.escrow) as reader:
        identity = reader.identity
        chain = (identity.chain_id, "0x" + identity.genesis_hash.hex())
        if w3 is not None and chain != (chain_id_of(w3), genesis_hash(w3)):
            raise EscrowError(
                "It is of another chain than the node's.",
                "Index again with escrow index --reset, or give another file with --store.",
                code="other-chain",
            )
        events, unknown = reader.count_events()
        block, _ = reader.checkpoint()
    told = f"{counted(events, 'event')} to block {block:,}"
    if unknown:
        told += f", {counted(unknown, 'log')} of no known event"
    return told
