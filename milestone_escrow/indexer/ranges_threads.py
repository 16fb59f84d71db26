"""Threads that nobody waits for: a hung node must not keep a program from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, Final, ParamSpec, TypeVar

__all__ = ["Threads"]

_MOST: Final = 8

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Task = tuple[Future[Any], Callable[[], Any]]


class Threads(Executor):
    """Runs what it is given in a few daemon threads, which are started as they are needed."""

    def __init__(self, name: str, most: int = _MOST) -> None:
        """Start nothing yet."""
        self._name = name
        self._most = most
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run a function in one of the threads."""
        future: Future[_T] = Future()
        self._tasks.put((future, lambda: fn(*args, **kwargs)))
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            threading.Thread(
                target=_work,
                args=(self._tasks, self._idle),
                name=f"{self._name}-{self._started}",
                daemon=True,
            ).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end when they have done what they were given; never wait for them.

        What is submitted afterwards starts others.
        """
        tasks, self._tasks = self._tasks, SimpleQueue()
        started, self._started = self._started, 0
        self._idle = threading.Semaphore(0)
        for _ in range(started):
            tasks.put(None)


def _work(tasks: SimpleQueue[_Task | None], idle: threading.Semaphore) -> None:
    """Do one task after the other; ``idle`` counts the threads that wait for one."""
    while (task := tasks.get()) is not None:
        future, run = task
        if future.set_running_or_notify_cancel():
            try:
                result = run()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
        del task, future, run
        idle.release()
