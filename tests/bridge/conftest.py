from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend_bridge.api.following import Chain
from milestone_escrow.chain import start_anvil
from milestone_escrow.deployments import deploy
from tests.bridge.market import Market
from tests.bridge.serving import Served, serving
from tests.bridge.tls import PAGE, PUBLIC
from tests.bridge.town import Town
from tests.nodes.stage import Stage


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


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market on a chain of its own, which goes on."""
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        chain = Chain(
            (node.rpc_url,), stage.escrow.address, stage.deployment.block_number, interval=0.02
        )
        store = tmp_path_factory.mktemp("market") / "index.sqlite"
        with serving(store, chain=chain, rpc=node.rpc_url) as served:
            yield Market(stage, served)


@pytest.fixture(scope="session")
def village() -> Iterator[Town]:
    """A chain of its own with an escrow and no deal: contract accounts come and go there."""
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        beside = deploy(stage.w3, stage.deployer, "DealNotes", stage.escrow.address).address
        yield Town(stage, beside, {})


@pytest.fixture(scope="session")
def tls_bridge(village: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A bridge over the village that browsers know by TLS, with a page of another name."""
    path = tmp_path_factory.mktemp("village") / "index.sqlite"
    village.index(path)
    with serving(
        path, rpc=village.stage.chain.rpc_url, public_url=PUBLIC, origins=(PAGE,)
    ) as served:
        yield served
