"""The collector of cycles, kept away from work that makes many objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

__all__ = ["rarely_collected"]

_COLLECT_AT: Final = 100_000  # objects more than there were
_lock: Final = Lock()
_before: list[tuple[int, int, int]] = []  # of all that are inside, the thresholds as each came


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Let the collector look through what is new a hundred times more rarely.

    Logs become events and rows, a million times the same, and are freed as soon as nobody holds
    them; looking through them again and again takes a fifth of the time. The thresholds are those
    of the whole process: the last of several threads that leaves puts them back.
    """
    with _lock:
        _before.append(gc.get_threshold())
        young, *older = _before[0]
        gc.set_threshold(max(young, _COLLECT_AT), *older)
    try:
        yield
    finally:
        with _lock:
            first = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first)
