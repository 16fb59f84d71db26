from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path

import pytest

from milestone_escrow.audit.formats import FORMATS
from milestone_escrow.audit.tables import TABLES
from milestone_escrow.cli import export
from tests.cli.conftest import Cli, Deals


def test_the_names_that_help_knows_are_those_there_are() -> None:
    assert tuple(FORMATS) == export.FORMATS
    assert tuple(TABLES) == export.TABLES


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("form", FORMATS)
def test_writes_a_file_and_its_manifest(
    on_devnet: Cli, tmp_path: Path, form: str, what: str
) -> None:
    out = tmp_path / f"{what}.{form}"
    ran = on_devnet("export", "--format", form, "--what", what, "--out", str(out))
    assert ran.code == 0, ran.err
    manifest = json.loads((tmp_path / f"{what}.{form}.manifest.json").read_text())
    digest = sha256(out.read_bytes()).hexdigest()
    assert manifest["sha256"] == digest
    assert f"SHA-256: {digest}" in ran.lines
    assert ran.lines[0].startswith(f"Written: {out} ({manifest['rows']} rows, ")
    assert (manifest["format"], manifest["what"]) == (form, what)


def test_amounts_times_and_the_block(on_devnet: Cli, deals: Deals, tmp_path: Path) -> None:
    out = tmp_path / "milestones.csv"
    ran = on_devnet(
        "export", "--format", "csv", "--what", "milestones", "--out", str(out), "--json",
        "--deal", deals.scene.id_of(deals.main)[:14],
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["amount_raw"], row["amount"], row["symbol"]) for row in rows] == [
        (f"{n}000000000", f"{n}000", "TEST6") for n in (1, 2, 3)
    ]
    assert [row["status"] for row in rows] == ["released", "requested", "funded"]
    assert int(rows[0]["deadline_unix"]) == deals.main.milestones[0].deadline
    assert rows[0]["deadline_utc"].endswith("Z")
    block = hex(ran.json["to_block"])
    assert (
        ran.json["block_hash"]
        == deals.scene.chain.request("eth_getBlockByNumber", block, False)["hash"]
    )
    assert ran.json["deal"] == deals.scene.id_of(deals.main)


def test_at_a_block(on_devnet: Cli, deals: Deals, tmp_path: Path) -> None:
    opened = on_devnet("deal", deals.scene.id_of(deals.job), "--json").json["deal"]["opened_block"]
    words = ["export", "--format", "jsonl", "--what", "deals", "--at", str(opened), "--json"]
    ran = on_devnet(*words, "--out", str(tmp_path / "a"))
    assert (ran.json["rows"], ran.json["to_block"]) == (2, opened)
    assert (
        ran.json["block_hash"]
        == deals.scene.chain.request("eth_getBlockByNumber", hex(opened), False)["hash"]
    )
    before = on_devnet(*words[:-3], "--at", str(opened - 1), "--json", "--out", str(tmp_path / "b"))
    assert before.json["rows"] == 1
    on_devnet.refuses(2, *words[:-3], "--at", "99999", "--out", str(tmp_path / "c"))


def test_offline_there_are_raw_units_only(on_devnet: Cli, deals: Deals, tmp_path: Path) -> None:
    out = tmp_path / "deals.jsonl"
    on_devnet("deals")
    args = ["--format", "jsonl", "--what", "deals", "--out", str(out)]
    assert on_devnet("export", *args, "--offline").code == 0
    main, job, *_ = [json.loads(line) for line in out.read_text().splitlines()]
    assert (main["price_raw"], main["price"], main["symbol"]) == (str(6 * 10**9), None, None)
    assert (job["price"], job["symbol"]) == ("1", "ETH")  # the native coin is known


def test_what_cannot_be_written_is_refused(on_devnet: Cli, deals: Deals, tmp_path: Path) -> None:
    out = tmp_path / "deals.csv"
    args = ["export", "--format", "csv", "--what", "deals", "--out"]
    out.write_text("mine")
    told = on_devnet.refuses(2, *args, str(out))
    assert told.startswith("The file deals.csv is there already.")
    assert out.read_text() == "mine"
    assert on_devnet(*args, str(out), "--force").code == 0
    assert out.read_text().startswith("deal_id,")
    on_devnet.refuses(1, *args, str(tmp_path / "no" / "deals.csv"))
    on_devnet.refuses(
        2, *args, str(tmp_path / "x"), "--deal", "0x1", "--party",
        deals.scene.devnet.roles["employer"],
    )  # fmt: skip
    on_devnet.refuses(2, "export", "--format", "csv")
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "deals.csv",
        "deals.csv.manifest.json",
    ]
