"""Ape as a command, as a user of this project runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 180.0  # seconds in which a command ends, on a busy machine


def ape(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run Ape in the project's folder, with ``home`` as the place of what it notes."""
    programs = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",  # vyper, node and anvil of this one
        "ESCROW_HOME": str(home),
        "HARDHAT_DISABLE_TELEMETRY": "true",
        "NO_COLOR": "1",
    }
    # Without compiled modules Ape starts twice as slowly.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [programs / "ape", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
