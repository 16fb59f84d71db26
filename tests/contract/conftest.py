"""What the tests of the contract start from: a new chain and escrow for each test."""

from __future__ import annotations

import pytest

from milestone_escrow.state import Status
from tests.contract.scene import Scene


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name states by their words and bytes by the first of them, in the names of tests."""
    if isinstance(val, Status):
        return val.name.lower()
    if isinstance(val, bytes):
        return f"{len(val)} bytes {val[:4].hex()}".strip()
    return None


@pytest.fixture(params=["native", "erc20"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """A scene in the native coin, and one in a token: for whatever moves money."""
    return Scene.native() if request.param == "native" else Scene.erc20()


@pytest.fixture
def native() -> Scene:
    """A scene in the native coin."""
    return Scene.native()


@pytest.fixture
def erc20() -> Scene:
    """A scene in a token."""
    return Scene.erc20()


@pytest.fixture(params=["native", "hostile"])
def stubborn(request: pytest.FixtureRequest) -> Scene:
    """A scene in the native coin, and one in a hostile token: where receivers may refuse money."""
    return Scene.native() if request.param == "native" else Scene.hostile()


@pytest.fixture
def hostile() -> Scene:
    """A scene in a hostile token."""
    return Scene.hostile()
