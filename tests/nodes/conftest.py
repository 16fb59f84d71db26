from __future__ import annotations

from collections.abc import Iterator

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.chain import Node, start_anvil, start_hardhat
from tests.nodes.meddler import Meddler
from tests.nodes.stage import Stage


@pytest.fixture(scope="session", params=["anvil", "hardhat"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def node(kind: str) -> Iterator[Node]:
    start = start_anvil if kind == "anvil" else start_hardhat
    with start(0) as running:
        yield running


@pytest.fixture(scope="session")
def stage(node: Node) -> Stage:
    return Stage(node.rpc_url)


@pytest.fixture(params=["native", "erc20"])
def token(request: pytest.FixtureRequest, stage: Stage) -> str:
    return ZERO_ADDRESS if request.param == "native" else stage.token


@pytest.fixture(scope="session")
def anvil() -> Iterator[Stage]:
    """The stage of tests that are not about a node."""
    with start_anvil(0) as running:
        yield Stage(running.rpc_url)


@pytest.fixture
def meddler(anvil: Stage) -> Iterator[Meddler]:
    with Meddler(anvil.chain.rpc_url) as running:
        yield running
