from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import Node, free_port, start_anvil, start_hardhat
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.deployments import Registry
from milestone_escrow.indexer import Reader
from milestone_escrow.signers import NodeSigner
from tests.ape.processes import ape

pytestmark = pytest.mark.ape

ENDS = "Ape started this chain for the command"


def answer(done: CompletedProcess[str]) -> dict[str, object]:
    """Return the JSON that a command wrote, which must be all that it wrote."""
    assert done.returncode == 0, done.stdout + done.stderr
    read = json.loads(done.stdout)
    assert isinstance(read, dict)
    return read


# --- A node that Ape starts. Its chain ends with the command, and nothing is noted of it.


def test_deploy_on_a_chain_of_its_own(tmp_path: Path) -> None:
    done = ape("run", "deploy", "--network", "ethereum:local:foundry", "--json", home=tmp_path)
    deployed = answer(done)
    assert (deployed["contract"], deployed["block_number"]) == ("MilestoneEscrow", 1)
    assert ENDS in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_index_on_a_chain_of_its_own(tmp_path: Path) -> None:
    done = ape("run", "index", "--network", "ethereum:local:hardhat", "--json", home=tmp_path)
    report = answer(done)
    assert int(str(report["events"])) > 20  # the demo's
    assert (report["reorgs"], report["unknown"]) == (0, 0)
    assert ENDS in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_demo_on_a_chain_of_its_own(tmp_path: Path) -> None:
    done = ape("run", "demo", "--network", "ethereum:local:foundry", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "claims the rest for the freelancer" in done.stdout
    assert "nothing is missing" in done.stdout
    assert list(tmp_path.iterdir()) == []


# --- A node that runs already


@dataclass(frozen=True)
class Running:
    """A node, by its URL and as the provider of its kind."""

    node: Node
    provider: str

    @property
    def by_url(self) -> list[str]:
        return ["--network", self.node.rpc_url]

    @property
    def by_provider(self) -> list[str]:
        host = json.dumps({"host": self.node.rpc_url})
        return ["--network", f"ethereum:local:{self.provider}", "--provider-settings", host]


@pytest.fixture(params=["foundry", "hardhat"])
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    start = start_anvil if request.param == "foundry" else start_hardhat
    with start(0) as node:
        yield Running(node, str(request.param))


def test_deploy_then_index_on_a_node_that_runs(running: Running, tmp_path: Path) -> None:
    # Each command in one of both ways, the other way round on the other node.
    ways = [running.by_url, running.by_provider]
    to_deploy, to_index = ways if running.provider == "foundry" else ways[::-1]
    deployed = ape("run", "deploy", *to_deploy, home=tmp_path)
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert ENDS not in deployed.stderr
    put = {each.contract: each for each in Registry(tmp_path / "deployments.json").all()}
    assert put.keys() == {"MilestoneEscrow", "DealNotes"}
    assert all(each.address in deployed.stdout for each in put.values())
    noted = put["MilestoneEscrow"]

    w3 = connect(running.node.rpc_url)
    employer, freelancer, *_ = (NodeSigner(w3, one) for one in running.node.chain.accounts())
    now = running.node.chain.time()
    agreement = Agreement.build(
        employer=employer.address,
        freelancer=freelancer.address,
        milestones=[(1_000, now + 10 * DAY)],
        accept_by=now + DAY,
        document=b"\xd0" * 32,
    )
    escrow = EscrowClient(w3, noted.address)
    escrow.execute(calls.fund(agreement, [0]), employer)

    indexed = answer(ape("run", "index", *to_index, "--json", home=tmp_path))
    assert (indexed["events"], indexed["unknown"]) == (2, 0)
    assert running.node.running()
    with Reader(Path(str(indexed["store"]))) as reader:
        assert reader.deal(escrow.deal_id(agreement)).agreement == agreement


# --- What goes wrong


@pytest.fixture(scope="module")
def empty_chain() -> Iterator[str]:
    with start_anvil(0) as node:
        yield node.rpc_url


def refused(done: CompletedProcess[str], code: int) -> str:
    """Return what a command said that ended with this exit code: no traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert ".py" not in done.stderr
    return done.stderr


def test_no_node_is_one_sentence_and_a_remedy(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port(0)}"
    said = refused(ape("run", "deploy", "--network", url, home=tmp_path), 3)
    assert f"Error: Ape cannot use this network: No (supported) node found on '{url}'.\n" in said
    assert "Check --network" in said
    assert list(tmp_path.iterdir()) == []


def test_no_escrow_is_one_sentence_and_a_remedy(empty_chain: str, tmp_path: Path) -> None:
    said = refused(ape("run", "index", "--network", empty_chain, home=tmp_path), 1)
    assert "Error: No escrow was deployed from this folder on the chain 31337" in said
    assert "--escrow" in said
    assert list(tmp_path.iterdir()) == []


def test_a_value_that_makes_no_sense_is_told(empty_chain: str, tmp_path: Path) -> None:
    done = ape("run", "deploy", "--network", empty_chain, "--from", "0x12", home=tmp_path)
    assert "Error: --from is '0x12', not an address.\nGive 0x and" in refused(done, 2)


@pytest.mark.parametrize("script", ["deploy", "index", "demo"])
def test_the_help_shows_an_example(script: str, tmp_path: Path) -> None:
    done = ape("run", script, "--help", home=tmp_path)
    assert done.returncode == 0
    assert f"ape run {script} --network http://127.0.0.1:8545\n" in done.stdout
    assert "--rpc" not in done.stdout
