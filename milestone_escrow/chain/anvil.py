"""Anvil, the development node of Foundry: its native binary, found and started."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from milestone_escrow.chain.process import HOST, Node, launch, search_roots
from milestone_escrow.exceptions import NodeError

__all__ = ["find_anvil", "start_anvil"]

_READY = re.compile(rb"Listening on [^\s:]+:(\d+)")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def find_anvil() -> Path:
    """Return Anvil's program: the variable ``ANVIL``, else npm's native binary, else PATH's.

    npm's is looked for in ``node_modules`` of the project, then of the current folder and upwards.

    Raises:
        NodeError: there is none (``node-not-installed``).
    """
    if named := os.environ.get("ANVIL"):
        if os.access(named, os.X_OK) and Path(named).is_file():
            return Path(named).absolute()
        raise NodeError(
            f"The variable ANVIL names {named}, which is not a program.",
            "Unset it, or give the path of an anvil binary.",
            code="node-not-installed",
        )
    machine = platform.machine().lower()
    package = f"anvil-{sys.platform}-{_ARCHITECTURES.get(machine, machine)}"
    for root in search_roots():
        binary = root / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
        if os.access(binary, os.X_OK):
            return binary
    if found := shutil.which("anvil"):
        return Path(found).absolute()
    raise NodeError(
        "Anvil, the local development node, is not installed.",
        "Run make setup in the project, or npm install @foundry-rs/anvil, or set ANVIL.",
        code="node-not-installed",
    )


def start_anvil(
    port: int | None = None,
    *,
    chain_id: int = 31337,
    timestamp: int | None = None,
    block_time: int | None = None,
    state_file: Path | None = None,
    log_file: Path | None = None,
    detach: bool = False,
    options: Sequence[str] = (),
) -> Node:
    """Start Anvil and return once it answers; use it as a context manager, or ``stop`` it.

    It ends with this process, also when that is killed, on Linux if the main thread started it.

    Args:
        port: Where it listens, on this machine only; 0: any free port; None: 8545 if that is free,
            else any free one.
        chain_id: The chain id it serves.
        timestamp: Unix seconds of the first block; None: now.
        block_time: Mine every so many seconds; None: a block for each transaction.
        state_file: Load the chain from here if it exists, and save it here when Anvil ends.
        log_file: Append its output here; None: a temporary file.
        detach: Let it outlive the ``with`` block and this process.
        options: Further arguments in Anvil's own words.

    Raises:
        NodeError: Anvil is not installed (``node-not-installed``), the port is in use
            (``port-in-use``), or it does not start (``node-did-not-start``).
    """
    command: list[str | Path] = [find_anvil(), "--host", HOST, "--chain-id", str(chain_id)]
    if timestamp is not None:
        command += ["--timestamp", str(timestamp)]
    if block_time is not None:
        command += ["--block-time", str(block_time)]
    if state_file is not None:
        command += ["--state", state_file]
    return launch(
        "Anvil",
        [*command, *options],
        port=port,
        ready=_READY,
        chain_id=chain_id,
        log_file=log_file,
        detach=detach,
    )
