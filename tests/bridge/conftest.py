from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_escrow.chain import start_anvil
from tests.bridge.serving import Served, serving
from tests.bridge.town import Town


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """A town whose chain no test changes."""
    with start_anvil(0) as node:
        yield Town.built(node.rpc_url)


@pytest.fixture(scope="session")
def store(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the town."""
    path = tmp_path_factory.mktemp("bridge") / "index.sqlite"
    town.index(path)
    return path


@pytest.fixture(scope="session")
def bridge(town: Town, store: Path) -> Iterator[Served]:
    """A bridge over the index of the town, without limits of rate."""
    with serving(
        store, rpc=town.stage.chain.rpc_url, origins=("https://app.example.org",)
    ) as served:
        yield served
