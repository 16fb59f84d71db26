"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from milestone_escrow.exceptions import UsageError

__all__ = ["refuse_existing", "whole_file"]


def refuse_existing(path: Path) -> None:
    """Refuse to write over a file.

    Raises:
        UsageError: It is there (``file-exists``).
    """
    if path.exists():
        raise UsageError(
            f"The file {path.name} is there already.",
            "Name another one, or say --force to replace it.",
            code="file-exists",
        )


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, whose file becomes ``path`` at the end; after an error it is gone.

    Raises:
        OSError: The folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:  # it names a file of which nobody knows
        raise type(error)(error.errno, error.strerror, str(path)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        # mkstemp lets nobody else read; what is handed out is as readable as any new file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
