"""How indexing is told to machines, and to those who read logs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

__all__ = ["Log"]


class Log:
    """Writes a line on standard error for each thing that happens.

    Attributes:
        format: ``text``, ``json`` or None, which writes nothing.
    """

    def __init__(self, format: str | None) -> None:
        """Write nothing yet."""
        self.format = format

    def info(self, event: str, **fields: Any) -> None:
        """Something happened as it should."""
        self._write("info", event, fields)

    def warn(self, event: str, **fields: Any) -> None:
        """Something went wrong, and is tried again."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Something went wrong for good."""
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        if self.format is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.format == "json":
            line = json.dumps({"time": now, "level": level, "event": event, **fields})
        else:
            told = " ".join(f"{name}={json.dumps(value)}" for name, value in fields.items())
            line = f"{now} {level.upper():7} {event} {told}".rstrip()
        print(line, file=sys.stderr, flush=True)
