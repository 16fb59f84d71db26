from __future__ import annotations

from tests.cli.conftest import ETHER, Cli, Deals


def test_a_freelancer_in_words(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("account", deals.scene.devnet.roles["freelancer"])
    assert ran.code == 0, ran.err
    record = ran.out.partition("Record\n")[2].splitlines()
    assert [line.split()[:2] for line in record[1:3]] == [
        ["freelancer", "TEST6"],
        ["freelancer", "ETH"],
    ]
    assert "100.0 % of 1" in record[1]  # completed
    assert "0.0 % of 1" in record[2]  # cancelled
    assert "odd" not in "".join(record)  # never agreed to
    assert "1 requested" in ran.out
    assert "easy to game" in ran.err


def test_an_employer_as_json(on_devnet: Cli, deals: Deals) -> None:
    employer = deals.scene.devnet.roles["employer"]
    shape = on_devnet("account", employer.lower(), "--json").json
    assert shape["address"] == employer
    held = {each["token"]["symbol"]: each for each in shape["held"]}
    assert held["TEST6"]["held"] == str(5 * 10**9)
    assert held["TEST6"]["counts"]["requested"] == 1
    assert held["ETH"]["counts"]["reserved"] == 1
    assert held["ETH"]["amounts"]["reserved"] == str(ETHER)
    record = {each["token"]["symbol"]: each for each in shape["record"]}
    assert set(record) == {"TEST6", "ETH"}
    assert record["TEST6"]["milestones"] == 3
    assert record["TEST6"]["completion"] == {"part": 1, "whole": 1}
    assert record["ETH"]["completion"] == {"part": 0, "whole": 1}
    assert "easy to game" in shape["caution"]


def test_a_platforms_credit(on_devnet: Cli, deals: Deals) -> None:
    platform = deals.scene.devnet.roles["platform"]
    ran = on_devnet("account", platform)
    assert "credit   25 TEST6" in ran.out
    assert "Record" not in ran.out
    (credit,) = on_devnet("account", platform, "--json").json["credits"]
    assert credit["amount"] == "25000000"


def test_at_a_block(on_devnet: Cli, deals: Deals) -> None:
    opened = on_devnet("deal", deals.scene.id_of(deals.main), "--json").json["deal"]["opened_block"]
    roles = deals.scene.devnet.roles
    before = on_devnet("account", roles["freelancer"], "--at", str(opened), "--json").json
    # Funded, and not accepted yet: nobody's record.
    assert (before["record"], before["held"][0]["counts"]["reserved"]) == ([], 3)
    platform = on_devnet("account", roles["platform"], "--at", str(opened), "--json").json
    assert platform["credits"] == []
    last = on_devnet("account", roles["platform"], "--json").json["block"]
    past = on_devnet("account", roles["platform"], "--at", str(last - 1), "--json").json
    assert [each["amount"] for each in past["credits"]] == ["25000000"]
    assert past["at"] <= on_devnet("account", roles["platform"], "--json").json["at"]
    offline = on_devnet("account", roles["platform"], "--at", str(opened), "--offline", "--json")
    assert (offline.code, offline.json["at"]) == (0, before["at"])
    on_devnet.refuses(2, "account", roles["platform"], "--at", "999999")


def test_nobody(on_devnet: Cli) -> None:
    ran = on_devnet("account", "0x000000000000000000000000000000000000dEaD")
    assert ran.code == 0
    assert "deals    0" in ran.out
    on_devnet.refuses(2, "account", "0x12")
