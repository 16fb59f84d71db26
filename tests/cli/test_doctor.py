from __future__ import annotations

import shutil
import sys
from importlib import metadata

import pytest

from milestone_escrow.chain import find_anvil
from milestone_escrow.cli import checks
from tests.cli.conftest import Cli, Deals, Ran


def states(ran: Ran) -> dict[str, tuple[str, str, str]]:
    return {
        check["name"]: (check["state"], check["detail"], check["remedy"])
        for check in ran.json["checks"]
    }


def test_all_is_well(on_devnet: Cli, deals: Deals) -> None:
    on_devnet("index")
    ran = on_devnet("doctor", "--json")
    assert (ran.code, ran.err, ran.json["ready"]) == (0, "", True)
    found = states(ran)
    assert {state for state, _, _ in found.values()} == {"ok"}
    details = {name: detail for name, (_, detail, _) in found.items()}
    assert details["python"] == ".".join(map(str, sys.version_info[:3]))
    assert f"web3 {metadata.version('web3')}" in details["packages"]
    assert details["vyper"] == metadata.version("vyper")
    assert str(find_anvil()) in details["anvil"]
    assert "on Node.js 2" in details["hardhat"]
    rpc_url = deals.scene.devnet.rpc_url
    assert details["node"].startswith("chain 31337, block ")
    assert details["node"].endswith(f", anvil/v{details['anvil'].split()[0]}, at {rpc_url}")
    assert details["escrow"] == f"{deals.scene.devnet.escrow}, from block 1"
    assert details["devnet"] == f"up at {rpc_url}, process {deals.scene.devnet.pid}"
    events = len(on_devnet("events", "--json").lines)
    assert details["index"].startswith(f"{events} events to block ")


def test_it_is_shown_a_line_each(on_devnet: Cli) -> None:
    ran = on_devnet("doctor")
    assert ran.code == 0
    told = on_devnet("doctor", "--json").json["checks"]
    for line, check in zip(ran.lines, told, strict=True):
        assert line.split(None, 2) == [check["name"], check["state"], check["detail"]]


def test_a_fresh_machine_is_ready_for_the_demo(cli: Cli, no_node: str) -> None:
    ran = cli("doctor", "--json")
    assert ran.code == 0
    found = states(ran)
    assert found["node"][0] == "warning"
    assert found["node"][1] == f"No node answers at {no_node}."
    assert "escrow devnet up" in found["node"][2]
    assert "escrow" not in found
    assert found["devnet"][:2] == ("ok", "none; escrow devnet up makes one")
    assert found["index"][:2] == ("ok", "none yet; escrow deals makes it")
    assert not cli.home.exists()
    shown = cli("doctor").lines
    at = next(i for i, line in enumerate(shown) if line.startswith("node"))
    assert shown[at + 1].strip() == found["node"][2]


def test_without_anvil_it_fails(cli: Cli) -> None:
    ran = cli("doctor", "--json", ANVIL="/nowhere/anvil")
    assert (ran.code, ran.json["ready"]) == (1, False)
    assert states(ran)["anvil"][0] == "missing"
    assert "Unset it" in states(ran)["anvil"][2]


def test_an_anvil_that_does_not_run_is_missing(cli: Cli) -> None:
    ran = cli("doctor", "--json", ANVIL=shutil.which("false") or "")
    assert ran.code == 1
    assert "does not run" in states(ran)["anvil"][1]


def test_without_a_package_it_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    known = metadata.version

    def version(name: str) -> str:
        if name in ("rich", "vyper"):
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    ran = cli("doctor", "--json")
    assert ran.code == 1
    assert states(ran)["packages"] == (
        "missing",
        "Not installed: rich.",
        "Run make setup in the project.",
    )
    assert states(ran)["vyper"][0] == "warning"


def test_an_old_python_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_SUPPORTED", ((3, 99),))
    ran = cli("doctor", "--json")
    assert ran.code == 1
    assert states(ran)["python"][0] == "missing"


def test_what_only_others_need_is_a_warning(elsewhere: Cli, deals: Deals) -> None:
    found = states(elsewhere("doctor", "--json"))
    assert found["escrow"][0] == "warning"
    assert "No escrow was deployed from this folder" in found["escrow"][1]
    wrong = states(elsewhere("doctor", "--chain-id", "1", "--json"))
    assert "not chain 1" in wrong["node"][1]

    elsewhere.home.mkdir()
    for path in (elsewhere.workspace.deployments, elsewhere.workspace.devnet):
        path.write_text("{", encoding="utf-8")
    elsewhere.workspace.index.write_text("no index at all", encoding="utf-8")
    ran = elsewhere("doctor", "--json")
    assert ran.code == 0
    found = states(ran)
    for name in ("escrow", "devnet", "index"):
        assert found[name][0] == "warning"
        assert "cannot be" in found[name][1]
        assert found[name][2]


def test_the_index_of_another_chain_is_a_warning(elsewhere: Cli, on_devnet: Cli) -> None:
    on_devnet("index")
    text = on_devnet.workspace.index.read_bytes()
    escrow = on_devnet("deals", "--json").json["escrow"]
    assert elsewhere("index", "--escrow", escrow).code == 0
    assert states(elsewhere("doctor", "--json"))["index"][0] == "ok"
    cli = Cli(elsewhere.home)
    cli("devnet", "up")
    found = states(cli("doctor", "--json"))["index"]
    assert found[0] == "warning"
    assert "another chain" in found[1]
    assert on_devnet.workspace.index.read_bytes() == text
