"""The collector of cycles, kept away from work that makes many objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["rarely_collected"]

_COLLECT_AT: Final = 100_000  # objects more than there were


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Let the collector look through what is new a hundred times more rarely.

    Logs become events and rows, a million times the same, and are freed as soon as nobody holds
    them; looking through them again and again takes a fifth of the time.
    """
    young, *older = gc.get_threshold()
    gc.set_threshold(max(young, _COLLECT_AT), *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)
