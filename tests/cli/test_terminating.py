"""SIGTERM ends a program that waits, whichever thread the signal comes to."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from milestone_escrow.cli.terminating import Terminated, terminable

LONG = 20.0  # seconds


def to_main() -> None:
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, signal.SIGTERM)


def to_another_thread() -> None:
    """The main thread's wait goes on, as if the signal had come just before it."""
    main = threading.main_thread().ident
    assert main is not None
    while sys._current_frames()[main].f_code.co_name != "wait":
        time.sleep(0)
    time.sleep(0.05)  # it is in there; what it waits with is no frame
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)


@pytest.mark.parametrize("send", [to_main, to_another_thread])
def test_a_wait_ends(send: Callable[[], None]) -> None:
    before, began = signal.getsignal(signal.SIGTERM), time.monotonic()
    sender = threading.Thread(target=send)
    with pytest.raises(Terminated), terminable():
        sender.start()
        threading.Event().wait(LONG)
    sender.join()
    assert time.monotonic() - began < LONG
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_comes_twice_ends_it_once() -> None:
    cleaned = False
    with pytest.raises(Terminated), terminable():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            cleaned = True
    assert cleaned


def test_nothing_is_left_behind() -> None:
    threads = threading.active_count()
    with terminable():
        pass
    assert threading.active_count() == threads
    fd = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(fd)
    assert fd == -1


def test_in_another_thread_it_changes_nothing() -> None:
    found: list[object] = []

    def look() -> None:
        with terminable():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]
