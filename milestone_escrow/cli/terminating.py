"""Ending at SIGTERM, at once and wherever the program is."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["Terminated", "terminable"]

_SENT_ON_AFTER: Final = 0.05  # seconds in which it may be seen


class Terminated(BaseException):
    """SIGTERM came."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise ``Terminated`` in the main thread when SIGTERM comes; elsewhere it changes nothing.

    Python sees a signal between two steps of its own. One that comes just before the main thread
    begins to wait, or to another thread, would be seen when that wait is over: it is sent on until
    it is seen.
    """
    main = threading.current_thread()
    if main is not threading.main_thread():
        yield
        return
    seen: list[int] = []

    def terminate(number: int, frame: object) -> None:
        if not seen:
            seen.append(number)
            raise Terminated

    def send_on() -> None:
        with open(heard, "rb", buffering=0) as signals:
            while number := signals.read(1):
                if number[0] == signal.SIGTERM and not seen:
                    select.select([signals], [], [], _SENT_ON_AFTER)  # or until nobody waits
                    if not seen and main.ident is not None:
                        signal.pthread_kill(main.ident, signal.SIGTERM)

    heard, told = os.pipe()
    os.set_blocking(told, False)
    sender = threading.Thread(target=send_on, name="signals", daemon=True)
    sender.start()
    fd_before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.set_wakeup_fd(fd_before)
        os.close(told)
        sender.join()
