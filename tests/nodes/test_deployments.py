from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hexbytes import HexBytes

from milestone_escrow import artifacts
from milestone_escrow.chain import start_anvil
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.deployments import Deployment, Registry, deploy, genesis_hash
from milestone_escrow.exceptions import DeploymentError, NodeError, NotEnoughFunds, UsageError
from milestone_escrow.signers import NodeSigner
from tests.nodes.meddler import Meddler
from tests.nodes.stage import Stage

# --- Deploying


def test_a_deployment_says_where_the_escrow_is(stage: Stage) -> None:
    deployed = deploy(stage.w3, stage.stranger, "MilestoneEscrow")
    artifact = artifacts.load("MilestoneEscrow")
    assert EscrowClient(stage.w3, deployed.address).address == deployed.address
    assert (deployed.contract, deployed.chain_id) == ("MilestoneEscrow", 31_337)
    assert deployed.compiler == artifact.compiler
    assert deployed.genesis_hash == stage.w3.eth.get_block(0)["hash"].to_0x_hex()
    mined = stage.w3.eth.get_transaction_receipt(HexBytes(deployed.tx_hash))
    assert mined["contractAddress"] == deployed.address
    assert mined["from"] == stage.stranger.address
    assert (mined["blockNumber"], mined["gasUsed"]) == (deployed.block_number, deployed.gas_used)


def test_a_constructor_takes_its_arguments(stage: Stage) -> None:
    with pytest.raises(UsageError, match="constructor of TestToken takes other") as wrong:
        deploy(stage.w3, stage.deployer, "TestToken", "Name", "SYM")
    assert wrong.value.code == "bad-arguments"
    assert "string, string, uint8" in wrong.value.remedy
    with pytest.raises(UsageError, match="MilestoneEscrow takes other"):
        deploy(stage.w3, stage.deployer, "MilestoneEscrow", 1)


def test_an_unknown_contract_is_told(stage: Stage) -> None:
    with pytest.raises(UsageError) as unknown:
        deploy(stage.w3, stage.deployer, "NoSuchContract")
    assert unknown.value.code == "unknown-contract"


def test_a_deployment_that_cannot_be_paid_for_is_told(stage: Stage) -> None:
    poor = stage.signers[stage.chain.accounts()[8]]
    before = stage.chain.snapshot()
    stage.chain.set_balance(poor.address, 1_000)
    with pytest.raises(NotEnoughFunds):
        deploy(stage.w3, poor, "MilestoneEscrow")
    stage.chain.revert(before)


def test_a_deployment_that_the_chain_refuses_is_told(anvil: Stage, meddler: Meddler) -> None:
    w3 = connect(meddler.url)
    meddler.results["eth_getTransactionReceipt"] = {"status": "0x0", "contractAddress": None}
    with pytest.raises(DeploymentError, match="refused to deploy Shop") as refused:
        deploy(w3, NodeSigner(w3, anvil.deployer.address), "Shop")
    assert refused.value.code == "not-deployed"


def test_a_node_that_goes_away_meanwhile_is_told(anvil: Stage, meddler: Meddler) -> None:
    w3 = connect(meddler.url)
    meddler.dropped["eth_sendTransaction"] = 1
    with pytest.raises(NodeError, match="does not answer"):
        deploy(w3, NodeSigner(w3, anvil.deployer.address), "Shop")


# --- The list of deployments


def test_the_newest_of_a_chain_is_found_again(anvil: Stage, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "new folder" / "deployments.json")
    assert registry.all() == ()
    assert registry.latest(anvil.w3, "MilestoneEscrow") is None
    first = anvil.deployment
    second = deploy(anvil.w3, anvil.deployer, "MilestoneEscrow")
    other = deploy(anvil.w3, anvil.deployer, "Shop")
    for deployment in (first, second, other):
        registry.add(deployment)
    assert registry.all() == (first, second, other)
    assert registry.latest(anvil.w3, "MilestoneEscrow") == second
    assert registry.latest(anvil.w3, "TestToken") is None
    assert [path.name for path in registry.path.parent.iterdir()] == ["deployments.json"]


def test_a_chain_that_was_started_anew_is_another_one(anvil: Stage, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "deployments.json")
    registry.add(anvil.deployment)
    with start_anvil(0, timestamp=1_900_000_000) as node:
        w3 = connect(node.rpc_url)
        assert genesis_hash(w3) != anvil.deployment.genesis_hash
        assert registry.latest(w3, "MilestoneEscrow") is None
    registry.add(replace(anvil.deployment, chain_id=1))
    assert registry.latest(anvil.w3, "MilestoneEscrow") == anvil.deployment


def entry(**changes: Any) -> dict[str, Any]:
    sound = Deployment("Shop", "0x" + "12" * 20, 1, "0x00", 5, "0x00", 6, "vyper")
    return asdict(sound) | changes


UNREADABLE = {
    "cut short": "[",
    "no list": "{}",
    "no list of deployments": "[{}]",
    "a field too many": json.dumps([entry(more=1)]),
    "a field of another type": json.dumps([entry(block_number="5")]),
    "no text": b"\xff\xff",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_list_that_cannot_be_read_is_told_and_left_alone(
    content: str | bytes, tmp_path: Path
) -> None:
    path = tmp_path / "deployments.json"
    before = content.encode() if isinstance(content, str) else content
    path.write_bytes(before)
    registry = Registry(path)
    for act in (registry.all, lambda: registry.add(Deployment(**entry()))):
        with pytest.raises(DeploymentError, match="cannot be read") as unreadable:
            act()
        assert unreadable.value.code == "registry-unreadable"
        assert str(path) in unreadable.value.sentence
    assert path.read_bytes() == before


def test_a_list_that_cannot_be_written_is_told_and_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(tmp_path / "deployments.json")
    registry.add(Deployment(**entry()))
    before = registry.path.read_bytes()

    def full(*arguments: object, **settings: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    lost = Deployment(**entry(address="0x" + "34" * 20))
    with pytest.raises(DeploymentError, match="No space left") as unwritable:
        registry.add(lost)
    assert unwritable.value.code == "registry-unwritable"
    assert lost.address in unwritable.value.remedy
    assert registry.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["deployments.json"]
