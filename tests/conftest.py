"""What holds for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.postgres import Server

# A shell that starts the tests in the background has interrupts ignored, and so would have the
# processes that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HERE: Final = Path(__file__).parent

# The files that take longest, the longest first. A worker that began one of them last would keep
# on while the others have nothing left to do.
LONGEST: Final = (
    "ape/test_core_flow.py",
    "ape/test_scripts.py",
    "mutation/test_mutation.py",
    "proofs/test_proofs.py",
    "contract/test_typed_data_viem.py",
    "contract/test_model.py",
    "contract/test_model_aged.py",
    "library/test_reorgs.py",
    "client/test_client.py",
    "contract/test_builds.py",
    "contract/test_signature_vectors.py",
    "library/test_artifacts.py",
    "bridge/test_hostile.py",
)


@pytest.hookimpl(trylast=True)  # pytest itself has then put together what shares a fixture
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order within a file stays."""
    ranks = {HERE / file: rank for rank, file in enumerate(LONGEST)}
    assert all(file.exists() for file in ranks), "LONGEST names a file that is not there"
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; tests that ask for it are skipped where none can be started."""
    from tests.postgres import NoPostgres, start_postgres

    try:
        with start_postgres() as server:
            yield server
    except NoPostgres as why:
        pytest.skip(f"PostgreSQL cannot be started: {why}")
