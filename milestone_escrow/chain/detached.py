"""A node that outlived the process that started it: found again by its id, and ended.

An id alone may have passed on to another program. A node is known by its id and by the path of its
state file, which its command line names.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from milestone_escrow.chain.process import POLL_SECONDS, STOP_SECONDS

__all__ = ["end", "runs"]

_PROC: Final = Path("/proc")  # not every system has it


def runs(pid: int | None, state_file: Path) -> bool:
    """Return whether that process is the node of that state file."""
    return pid is not None and str(state_file) in _command_line(pid)


def end(pid: int | None, state_file: Path) -> None:
    """End the node if it runs, and wait until its port is free.

    By force, and without its latest blocks, if it does not end in time.
    """
    for way in (signal.SIGTERM, signal.SIGKILL):
        if pid is None or not runs(pid, state_file):
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, way)  # detached, it leads a session of its own
        deadline = time.monotonic() + STOP_SECONDS
        while not _has_ended(pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)


def _command_line(pid: int) -> str:
    """Return a process's command line; empty once it is ending."""
    if not _PROC.is_dir():
        return _listed(pid, "command=")
    try:
        return os.fsdecode((_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" "))
    except OSError:
        return ""


def _has_ended(pid: int) -> bool:
    """Return whether a process is gone to its last thread, which is when its port is free.

    Its parent may not have taken note yet.
    """
    if not _PROC.is_dir():
        return _listed(pid, "stat=").strip()[:1] in ("", "Z")
    process = _PROC / str(pid)
    try:
        state = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        return state in "ZX" and len(list((process / "task").iterdir())) <= 1
    except OSError:
        return True


def _listed(pid: int, what: str) -> str:
    return subprocess.run(
        ["ps", "-ww", "-o", what, "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
