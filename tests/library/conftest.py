"""The databases that the index can be in: tests that take ``target`` run on each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def new_target(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], Path | str]]:
    """Return a function that names a place where no index is yet, a new one at each call."""
    if request.param == "sqlite":
        names = iter(range(1_000_000))
        yield lambda: tmp_path / f"index{next(names)}.db"
        return
    server: Server = request.getfixturevalue("postgres")
    yield server.new_schema
    server.drop_schemas()


@pytest.fixture
def target(new_target: Callable[[], Path | str]) -> Path | str:
    """Return a place where no index is yet."""
    return new_target()
