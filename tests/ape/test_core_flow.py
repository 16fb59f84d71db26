from __future__ import annotations

from pathlib import Path

import pytest

from tests.ape.processes import ape

pytestmark = pytest.mark.ape


@pytest.mark.parametrize("provider", ["foundry", "hardhat"])
def test_the_core_flow_goes_through_ape_itself(provider: str, tmp_path: Path) -> None:
    done = ape(
        "test",
        "tests/ape/core_flow.py",
        "-o",
        "addopts=",  # ours keep Ape's plugin out
        "-p",
        "no:cacheprovider",
        "-q",
        "--network",
        f"ethereum:local:{provider}",
        home=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout
