"""What holds for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.postgres import Server

# A shell that starts the tests in the background has interrupts ignored, and so would have the
# processes that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; tests that ask for it are skipped where none can be started."""
    from tests.postgres import NoPostgres, start_postgres

    try:
        with start_postgres() as server:
            yield server
    except NoPostgres as why:
        pytest.skip(f"PostgreSQL cannot be started: {why}")
