"""Connections to the index, one a thread, for requests that must ask it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from frontend_bridge.api.pages import Pages
from frontend_bridge.api.problems import unavailable
from frontend_bridge.api.settings import Settings
from milestone_escrow.exceptions import StoreError

__all__ = ["Readers"]

T = TypeVar("T")

_ENDING: Final = 5.0  # seconds for what runs


class Readers:
    """Threads that read."""

    def __init__(self, settings: Settings, threads: int, name: str) -> None:
        """Open nothing yet: the index may not be there before it is followed.

        Args:
            settings: Which index, and how many requests may wait.
            threads: How many.
            name: Of the threads.
        """
        self._settings = settings
        self._work: SimpleQueue[tuple[Future[Any], Callable[[Pages], Any]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{i}", daemon=True)
            for i in range(threads)
        ]
        self._pending = 0
        for thread in self._threads:
            thread.start()

    @property
    def pending(self) -> int:
        """How many requests wait."""
        return self._pending

    async def run(self, work: Callable[[Pages], T]) -> T:
        """Return what ``work`` makes of the index, in a thread.

        Raises:
            Refused: Too many wait already.
            StoreError: The index cannot be read.
        """
        if self._pending >= self._settings.limits.pending:
            raise unavailable("busy", "Too many requests wait for the index.")
        self._pending += 1
        done: Future[T] = Future()
        self._work.put((done, work))
        try:
            return await asyncio.wrap_future(done)
        finally:
            self._pending -= 1

    def close(self) -> None:
        """Let what runs end, and end the threads."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join(_ENDING)

    def _serve(self) -> None:
        """Work in this thread, over a connection that belongs to it."""
        pages: Pages | None = None
        while (task := self._work.get()) is not None:
            done, work = task
            if not done.set_running_or_notify_cancel():
                continue
            try:
                if pages is None:
                    pages = Pages(self._settings.store, self._settings.source)
                done.set_result(work(pages))
            except BaseException as error:
                if isinstance(error, StoreError) and pages is not None:
                    # A connection that broke stays broken: the next request makes a new one.
                    pages.close()
                    pages = None
                done.set_exception(error)
        if pages is not None:
            pages.close()
