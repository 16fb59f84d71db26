from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.chain import start_anvil, start_hardhat
from tests.nodes.meddler import Meddler
from tests.nodes.stage import Stage


@pytest.fixture(scope="session")
def stage_on() -> Iterator[Callable[[str], Stage]]:
    """Return a function that gives the stage on a kind of node: each is started once."""
    with ExitStack() as nodes:

        @cache
        def stage(kind: str) -> Stage:
            node = start_anvil(0) if kind == "anvil" else start_hardhat(0)
            return Stage(nodes.enter_context(node).rpc_url)

        yield stage


@pytest.fixture(scope="session", params=["anvil", "hardhat"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def stage(stage_on: Callable[[str], Stage], kind: str) -> Stage:
    return stage_on(kind)


@pytest.fixture(params=["native", "erc20"])
def token(request: pytest.FixtureRequest, stage: Stage) -> str:
    return ZERO_ADDRESS if request.param == "native" else stage.token


@pytest.fixture(scope="session")
def anvil(stage_on: Callable[[str], Stage]) -> Stage:
    """The stage of tests that are not about a node."""
    return stage_on("anvil")


@pytest.fixture
def meddler(anvil: Stage) -> Iterator[Meddler]:
    with Meddler(anvil.chain.rpc_url) as running:
        yield running
