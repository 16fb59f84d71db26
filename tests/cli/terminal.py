from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.conftest import PATIENCE

_PROMPTS = (b"[y/N]: ", b"keyfile: ")


def on_terminal(
    program: Sequence[str],
    variables: Mapping[str, str | None],
    answer: str,
    *,
    columns: int = 80,
    folder: Path | None = None,
) -> tuple[int, str]:
    """Run a program on a terminal of its own, answer each question of it alike.

    Returns:
        Its exit code, and what the terminal showed.
    """
    merged: dict[str, str | None] = {**os.environ, **variables, "TERM": "xterm", "COLUMNS": None}
    environment = {name: value for name, value in merged.items() if value is not None}
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(folder or ".")
        os.execvpe(program[0], list(program), environment)
    shown = b""
    answered = 0  # so much of what was shown is answered
    try:
        while select.select([terminal], [], [], PATIENCE)[0]:
            try:
                read = os.read(terminal, 4096)
            except OSError:  # the child has ended
                break
            if not read:
                break
            shown += read
            if shown[answered:].endswith(_PROMPTS):
                answered = len(shown)
                os.write(terminal, answer.encode() + b"\n")
    finally:
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()
