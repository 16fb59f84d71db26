"""Unix seconds as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

__all__ = ["TO_THE_MINUTE", "TO_THE_SECOND", "instant"]

TO_THE_SECOND: Final = "%Y-%m-%d %H:%M:%S UTC"
TO_THE_MINUTE: Final = "%Y-%m-%d %H:%M UTC"


def instant(seconds: int, shape: str = TO_THE_SECOND) -> str:
    """Return unix seconds as a time in UTC, or the number where calendars do not reach."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(shape)
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"
