from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Deals


def block_hash(deals: Deals, number: int | str) -> str:
    block = deals.scene.chain.request("eth_getBlockByNumber", hex(int(number)), False)
    return str(block["hash"])


def test_proves_a_deal_and_checks_it_offline(
    on_devnet: Cli, cli: Cli, deals: Deals, tmp_path: Path, no_node: str
) -> None:
    out = tmp_path / "deal.json"
    ran = on_devnet(
        "prove", "--deal", deals.scene.id_of(deals.main), "--out", str(out),
        "--credit", deals.scene.devnet.roles["platform"],
    )  # fmt: skip
    assert ran.code == 0, ran.err
    claims = json.loads(out.read_text())["claims"]
    assert ran.lines[1] == f"Block {claims['block']['number']}: {claims['block']['hash']}"
    trusted = block_hash(deals, claims["block"]["number"])
    checked = cli("prove", "--check", str(out), "--block-hash", trusted)
    assert checked.code == 0, checked.err
    assert checked.lines[0] == "The proof holds."
    assert "Milestone 0 of 1000000000 raw units was settled, held 0." in checked.lines
    assert any(
        line.startswith(
            "Milestone 1 of 2000000000 raw units was requested, held 2000000000, since 2"
        )
        for line in checked.lines
    )
    assert "could fetch 25000000 raw units of the token" in checked.out
    shape = cli("prove", "--check", str(out), "--block-hash", trusted, "--json").json
    assert (shape["proven"], shape["is_this_version"]) == (True, True)
    assert shape["claims"] == claims


def test_proves_a_transaction(on_devnet: Cli, cli: Cli, deals: Deals, tmp_path: Path) -> None:
    records = [json.loads(line) for line in on_devnet("events", "--json").lines]
    released = next(record for record in records if record["event"] == "Released")
    out = tmp_path / "tx.json"
    ran = on_devnet("prove", "--tx", released["tx_hash"], "--out", str(out), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["claims"]["transaction"]["hash"] == released["tx_hash"]
    assert ran.json["claims"]["deals"][0]["deal_id"] == deals.scene.id_of(deals.main)
    checked = cli("prove", "--check", str(out), "--block-hash", released["block_hash"])
    assert checked.code == 0
    assert "gross 1000000000, fee 25000000, remaining 0, reason employer." in checked.out


def test_chosen_milestones_at_a_block_on_standard_output(on_devnet: Cli, deals: Deals) -> None:
    deal_id = deals.scene.id_of(deals.main)
    opened = on_devnet("deal", deal_id, "--json").json["deal"]["opened_block"]
    ran = on_devnet("prove", "--deal", deal_id, "--index", "2", "--at", str(opened))
    (shown,) = ran.json["claims"]["deals"]
    assert [(each["index"], each["state"]) for each in shown["milestones"]] == [("2", "reserved")]


def test_a_changed_proof_is_refused(on_devnet: Cli, cli: Cli, deals: Deals, tmp_path: Path) -> None:
    out = tmp_path / "deal.json"
    on_devnet("prove", "--deal", deals.scene.id_of(deals.main), "--out", str(out))
    trusted = json.loads(out.read_text())["claims"]["block"]["hash"]
    out.write_text(out.read_text().replace('"remaining":"2000000000"', '"remaining":"2000000001"'))
    told = cli.refuses(1, "prove", "--check", str(out), "--block-hash", trusted)
    assert told.startswith("The file is not, to the byte, what its proofs show: it was changed.")
    told = cli.refuses(1, "prove", "--check", str(out), "--block-hash", "0x" + "12" * 32)
    assert told.startswith("The header in the file is not that of the block 0x1212")
    out.write_text("{}")
    cli.refuses(1, "prove", "--check", str(out), "--block-hash", trusted)
    cli.refuses(1, "prove", "--check", str(tmp_path / "none"), "--block-hash", trusted)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--deal", "0x12", "--tx", "0x" + "12" * 32],
        ["--tx", "0x12"],
        ["--tx", "0x" + "12" * 32, "--index", "1"],
        ["--check", "x"],
        ["--deal", "0x12", "--block-hash", "0x" + "12" * 32],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(on_devnet: Cli, words: list[str]) -> None:
    on_devnet.refuses(2, "prove", *words)


def test_what_is_not_there_is_refused(on_devnet: Cli, deals: Deals) -> None:
    on_devnet.refuses(1, "prove", "--deal", "0x" + "ab" * 32)
    on_devnet.refuses(2, "prove", "--tx", "0x" + "ab" * 32)
    on_devnet.refuses(2, "prove", "--deal", deals.scene.id_of(deals.main), "--index", "7")
