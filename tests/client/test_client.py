"""The TypeScript client, built, against a real bridge and Anvil: its own tests, run by Node."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.deployments import Deployment, Registry
from scripts._build.artifacts import BuildError
from scripts._build.client import CLIENT, known_deployments, made, main
from tests.client.world import world

_TESTS = sorted((CLIENT / "test").glob("*.test.ts"))
_BIN = Path(sys.executable).parent  # where make puts node and npm
_PATIENCE = 600  # seconds


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{_BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=CLIENT,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def built() -> None:
    """Build the package as it is now."""
    done = run("npm", "run", "--silent", "build")
    assert done.returncode == 0, f"make setup installs what it needs.\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def facts(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with world(tmp_path_factory.mktemp("client")) as told:
        yield told


def test_the_package_s_own_tests_pass_in_node(facts: dict[str, Any]) -> None:
    # One process: to load viem takes longer than most of these tests.
    options = ("--test-isolation=none", "--test-timeout=90000", "--test-force-exit")
    done = run(
        *("node", "--test", "--test-reporter=spec", *options, *map(str, _TESTS)),
        ESCROW_CLIENT_WORLD=json.dumps(facts),
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    counts = dict(re.findall(r"^\S+ (tests|pass|skipped|todo) (\d+)$", done.stdout, re.M))
    assert int(counts["pass"]) == int(counts["tests"]) > len(_TESTS) > 1, told


def test_what_is_made_is_fresh() -> None:
    for path, text in made().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make artifacts"


def test_a_list_of_deployments_is_the_newest_of_each_chain(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "deployments.json")
    for number, (contract, chain_id) in enumerate(
        [(ESCROW, 5), (NOTES, 5), (ESCROW, 7), (ESCROW, 5), (NOTES, 5)]
    ):
        registry.add(deployment(contract, chain_id, number))
    address = [deployment(ESCROW, 5, number).address for number in range(5)]
    assert known_deployments(registry.path) == {
        5: {"chainId": 5, "escrow": address[3], "notes": address[4], "fromBlock": 3},
        7: {"chainId": 7, "escrow": address[2], "notes": None, "fromBlock": 2},
    }


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([(NOTES, 5, "0xaa")], "without an escrow"),
        ([(ESCROW, 5, "0xaa"), (ESCROW, 5, "0xbb")], "two chains with the id 5"),
    ],
)
def test_a_list_of_deployments_that_means_nothing_is_refused(
    tmp_path: Path, entries: list[tuple[str, int, str]], sentence: str
) -> None:
    registry = Registry(tmp_path / "deployments.json")
    for contract, chain_id, genesis in entries:
        registry.add(deployment(contract, chain_id, 1, genesis))
    with pytest.raises(BuildError, match=sentence):
        known_deployments(registry.path)


def deployment(contract: str, chain_id: int, number: int, genesis: str = "0xaa") -> Deployment:
    address = Web3.to_checksum_address(f"0x{number + 1:040x}")
    return Deployment(contract, address, chain_id, genesis, number, "0x", 1, "vyper")


def test_check_fails_on_a_stale_file_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "abi.ts"
    stale.write_text("old", encoding="utf-8")
    monkeypatch.setattr("scripts._build.client.ROOT", tmp_path)
    monkeypatch.setattr("scripts._build.client.made", lambda: {stale: "new"})
    assert main(["--check"]) == 1
    assert stale.read_text(encoding="utf-8") == "old"
    assert "abi.ts is not what its sources give" in capsys.readouterr().err
    assert main([]) == 0
    assert stale.read_text(encoding="utf-8") == "new"
    assert main(["--check"]) == 0
