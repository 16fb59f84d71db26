"""What the tests of the contract start from: a new chain and escrow for each test.

After each test, whatever it was about, the books must be right.
"""

from __future__ import annotations

from collections.abc import Iterator

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
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A scene in the native coin, and one in a token: for whatever moves money."""
    yield from kept(Scene.native() if request.param == "native" else Scene.erc20())


@pytest.fixture
def native() -> Iterator[Scene]:
    """A scene in the native coin."""
    yield from kept(Scene.native())


@pytest.fixture
def erc20() -> Iterator[Scene]:
    """A scene in a token."""
    yield from kept(Scene.erc20())


@pytest.fixture(params=["native", "hostile"])
def stubborn(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A scene in the native coin, and one in a hostile token: where receivers may refuse money."""
    yield from kept(Scene.native() if request.param == "native" else Scene.hostile())


@pytest.fixture
def hostile() -> Iterator[Scene]:
    """A scene in a hostile token."""
    yield from kept(Scene.hostile())


def kept(scene: Scene) -> Iterator[Scene]:
    """Lend a scene, then see that its books are right."""
    yield scene
    scene.check_books()
