from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient
from milestone_escrow.deployments import Registry, notes_of
from tests.cli.conftest import ETHER, Cli, Deals

PASSWORD = "canary-of-a-password"


@pytest.fixture(scope="module")
def keyfile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A keyfile and its address, made in such a way that opening it takes no time."""
    account = Account.create()
    stored = Account.encrypt(account.key, PASSWORD, kdf="pbkdf2", iterations=2)
    path = tmp_path_factory.mktemp("keys") / "key.json"
    path.write_text(json.dumps(stored), encoding="utf-8")
    return path, account.address


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return str(path)


def blocks(deals: Deals) -> int:
    return int(DevChain(deals.scene.devnet.rpc_url).request("eth_blockNumber"), 16)


def test_it_deploys_and_notes_it(elsewhere: Cli, deals: Deals) -> None:
    ran = elsewhere("deploy")
    assert (ran.code, ran.err) == (0, "")
    shown = dict(line.split(None, 1) for line in ran.lines)
    noted = Registry(elsewhere.workspace.deployments).latest(deals.scene.w3, "MilestoneEscrow")
    assert noted is not None
    assert shown["escrow"] == noted.address
    assert shown["transaction"] == noted.tx_hash
    assert shown["block"] == f"{noted.block_number:,}"
    assert shown["gas"] == f"{noted.gas_used:,}"
    assert shown["deployer"] == deals.scene.chain.accounts()[0]
    notes = Registry(elsewhere.workspace.deployments).latest(deals.scene.w3, "DealNotes")
    assert notes is not None
    assert shown["notes"] == f"{notes.address} (gas {notes.gas_used:,})"
    assert EscrowClient(deals.scene.w3, noted.address, notes.address).notes == notes.address

    sender = deals.scene.devnet.roles["stranger"]
    told = elsewhere("deploy", "--from", sender.lower(), "--chain-id", "31337", "--json").json
    assert told["deployer"] == sender
    assert told["address"] != noted.address
    registry = Registry(elsewhere.workspace.deployments)
    assert notes_of(deals.scene.w3, noted.address, registry) == notes.address
    assert notes_of(deals.scene.w3, told["address"], registry) == told["notes"]["address"]
    assert notes_of(deals.scene.w3, deals.scene.devnet.escrow, registry) is None
    latest = Registry(elsewhere.workspace.deployments).latest(deals.scene.w3, "MilestoneEscrow")
    assert latest is not None
    assert latest.address == told["address"]
    assert elsewhere("deals", "--json").json["escrow"] == told["address"]


def test_a_keyfile_signs(
    elsewhere: Cli, deals: Deals, keyfile: tuple[Path, str], password_file: str
) -> None:
    path, address = keyfile
    options = ("deploy", "--keyfile", str(path), "--password-file", password_file)
    before = blocks(deals)
    deals.scene.chain.set_balance(address, 0)
    elsewhere.refuses(1, *options)
    assert blocks(deals) == before
    assert not elsewhere.workspace.deployments.exists()
    deals.scene.chain.set_balance(address, ETHER)
    ran = elsewhere(*options, "--debug")
    assert ran.code == 0, ran.err
    assert f"deployer     {address}" in ran.lines
    assert PASSWORD not in ran.out + ran.err


def test_a_wrong_password_is_refused(
    elsewhere: Cli, deals: Deals, keyfile: tuple[Path, str], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("canary-of-another", encoding="utf-8")
    ran = elsewhere("deploy", "--keyfile", str(keyfile[0]), "--password-file", str(wrong))
    assert ran.code == 2
    assert ran.err.startswith(f"Error: The password does not open the keyfile {keyfile[0]}.\n")
    assert "canary" not in ran.err


def test_a_sender_that_cannot_be_is_refused(
    elsewhere: Cli, deals: Deals, keyfile: tuple[Path, str], password_file: str, tmp_path: Path
) -> None:
    before = blocks(deals)
    path, address = keyfile
    for options, words in (
        (("--from", address), f"This node does not sign for {address}."),
        (("--from", address, "--keyfile", str(path)), "two senders"),
        (("--password-file", password_file), "goes with --keyfile"),
        (("--keyfile", str(path)), "asked for on a terminal"),
        (("--keyfile", str(tmp_path / "none.json")), "There is no keyfile at"),
        (("--keyfile", password_file, "--password-file", password_file), "is not a keyfile"),
        (("--keyfile", str(path), "--password-file", str(tmp_path / "none")), "cannot be read"),
    ):
        assert words in elsewhere.refuses(2, "deploy", *options)
    assert blocks(deals) == before
    assert not elsewhere.workspace.deployments.exists()


def test_no_node_and_the_wrong_chain_are_refused(elsewhere: Cli, no_node: str) -> None:
    assert f"No node answers at {no_node}." in elsewhere.refuses(3, "deploy", "--rpc", no_node)
    told = elsewhere.refuses(3, "deploy", "--chain-id", "1")
    assert "chain 31337, not chain 1." in told
    assert not elsewhere.home.exists()


@pytest.mark.parametrize("text", ["{", "[7]", '[{"contract": "MilestoneEscrow"}]'])
def test_with_a_corrupt_registry_nothing_is_deployed(
    elsewhere: Cli, deals: Deals, text: str
) -> None:
    elsewhere.home.mkdir()
    elsewhere.workspace.deployments.write_text(text, encoding="utf-8")
    before = blocks(deals)
    assert "cannot be read" in elsewhere.refuses(1, "deploy")
    assert blocks(deals) == before
    assert elsewhere.workspace.deployments.read_text(encoding="utf-8") == text


def test_where_nothing_can_be_noted_nothing_is_deployed(
    elsewhere: Cli, deals: Deals, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    before = blocks(deals)
    for home in (tmp_path / "file" / ".escrow", Path("/proc/.escrow")):
        elsewhere.refuses(2, "deploy", ESCROW_HOME=str(home))
    assert blocks(deals) == before
