from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from milestone_escrow.audit import CHECKS
from tests.cli.conftest import ETHER, Cli, Deals


def test_an_audit_in_words(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("audit")
    assert ran.code == 0, ran.err
    assert ran.lines[-1] == "Difference: 0."
    for name in CHECKS:
        assert any(line.startswith(f"{name} ") and " ok " in line for line in ran.lines), name
    coins = next(line.split("  ") for line in ran.lines if line.startswith("ETH "))
    assert [cell.strip() for cell in coins if cell.strip()] == [
        "ETH",
        "0 ETH",
        "1.25 ETH",
        "0.25 ETH",
        "1 ETH",
    ]
    assert "Statement, transaction by transaction" not in ran.out
    assert "TEST6" in ran.out


def test_an_audit_as_json(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("audit", "--json")
    assert (ran.code, ran.err) == (0, "")
    shape = ran.json
    assert shape["difference"] is None
    assert [check["name"] for check in shape["checks"]] == list(CHECKS)
    assert {check["result"] for check in shape["checks"]} == {"ok"}
    assert shape["deals"] == 4
    by_symbol = {each["token"]["symbol"]: each for each in shape["money"]}
    assert by_symbol["ETH"]["owed"] == by_symbol["ETH"]["balance"] == str(ETHER)
    assert by_symbol["TEST6"]["credits"] == str(10**9 * 250 // 10_000)
    assert by_symbol["[b]odd"]["in_milestones"] == "12345"
    assert all(each["lines"] == [] for each in shape["statement"])


def test_the_statement_of_a_deal(on_devnet: Cli, deals: Deals) -> None:
    deal_id = deals.scene.id_of(deals.main)
    ran = on_devnet("audit", "--deal", deal_id)
    assert ran.code == 0
    assert f"funded {deal_id[:10]}#0 1,000 TEST6" in ran.out
    assert f"released (employer) {deal_id[:10]}#0 1,000 TEST6" in ran.out
    assert "5,000 TEST6" in ran.out
    (statement,) = on_devnet("audit", "--deal", deal_id, "--json").json["statement"]
    funded, released = statement["lines"]
    assert (funded["in"], funded["out"], funded["balance"]) == (str(6 * 10**9), "0", str(6 * 10**9))
    assert (released["in"], released["out"]) == ("0", str(10**9))
    assert statement["closing"] == released["balance"] == str(5 * 10**9)
    assert [move["what"] for move in released["moves"]] == ["released", "fee", "credited"]
    assert (
        on_devnet("audit", "--deal", deal_id, "--no-statement", "--json").json["statement"][0][
            "lines"
        ]
        == []
    )


def test_the_statement_of_a_party(on_devnet: Cli, deals: Deals) -> None:
    freelancer = deals.scene.devnet.roles["freelancer"]
    shape = on_devnet("audit", "--party", freelancer, "--json").json
    assert shape["deals"] == 3
    closings = {each["token"]["symbol"]: each["closing"] for each in shape["statement"]}
    assert closings == {"TEST6": str(5 * 10**9), "ETH": "0", "[b]odd": "12345"}


def test_at_a_block(on_devnet: Cli, deals: Deals) -> None:
    block = on_devnet("deal", deals.scene.id_of(deals.job), "--json").json["deal"]["opened_block"]
    shape = on_devnet("audit", "--at", str(block), "--json").json
    assert (shape["block"], shape["deals"], shape["difference"]) == (block, 2, None)
    assert {c["name"] for c in shape["checks"] if c["result"] != "ok"} == {"index"}
    ran = on_devnet("audit", "--at", str(block))
    assert ran.lines[-1] == "Difference: 0, as far as it was checked."
    assert "holds the blocks" in on_devnet.refuses(2, "audit", "--at", "999999")


def test_offline(on_devnet: Cli, deals: Deals) -> None:
    on_devnet("deals")  # an index
    shape = on_devnet("audit", "--offline", "--json").json
    done = [check["name"] for check in shape["checks"] if check["result"] == "ok"]
    assert done == ["events", "index", "statement"]
    assert all(each["balance"] is None for each in shape["money"])


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_a_difference_ends_with_1_and_is_named(
    elsewhere: Cli, deals: Deals, tmp_path: Path, as_json: bool
) -> None:
    target = ["--escrow", deals.scene.devnet.escrow, "--store", str(tmp_path / "index.sqlite")]
    assert elsewhere("deals", *target).code == 0
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as db:
        assert (
            db.execute("UPDATE milestones SET paid = '7' WHERE paid = '1000000000'").rowcount == 1
        )
        db.commit()
    ran = elsewhere("audit", *target, *(["--json"] if as_json else []))
    assert ran.code == 1
    deal_id = deals.scene.id_of(deals.main)
    if as_json:
        found = ran.json["difference"]
        assert (found["check"], found["deal_id"], found["index"]) == ("index", deal_id, 0)
        assert (found["expected"], found["found"]) == ("1000000000", "7")
        assert ran.err == ""
    else:
        assert ran.lines[-1] == (
            f"Difference: Paid of the milestone in the index (deal {deal_id}, milestone 0): "
            "expected 1000000000, found 7."
        )


def test_what_makes_no_sense_is_refused(on_devnet: Cli, deals: Deals) -> None:
    roles = deals.scene.devnet.roles
    told = on_devnet.refuses(2, "audit", "--deal", "0x12", "--party", roles["employer"])
    assert told == "Give --deal or --party, not both. See escrow audit --help."
    on_devnet.refuses(1, "audit", "--deal", "0x" + "ab" * 32)
