"""The reads over real HTTP, of deals that the real contracts made."""

from __future__ import annotations

from typing import Any

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from tests.bridge.serving import Served
from tests.bridge.town import Town


def test_a_deal_is_told_as_the_contract_has_it(bridge: Served, town: Town) -> None:
    answer = bridge.json(f"/v1/deals/{town.id_of('native')}")
    deal, block = answer["data"], answer["block"]
    agreement = town.deals["native"]
    assert Agreement.from_json(deal["agreement"]) == agreement
    assert deal["status"] == "active" and deal["bound"]
    assert [part["status"] for part in deal["milestones"]] == ["requested", "funded", "cancelled"]
    first = deal["milestones"][0]
    stored = town.stage.escrow.milestone(town.stage.escrow.deal_id(agreement), 0)
    assert (int(first["paid"]["raw"]), first["since"]["unix"]) == (stored.paid, stored.since)
    assert int(first["remaining"]["raw"]) == 600_000 - 1_003
    assert first["amount"]["value"] == "0.0000000000006" and first["amount"]["decimals"] == 18
    assert first["evidence"] == "0x" + "11" * 32
    mined = town.stage.w3.eth.get_block(block["number"])
    assert block["hash"] == mined["hash"].to_0x_hex()
    assert block["time"]["unix"] == mined["timestamp"]
    assert block["chain_id"] == town.stage.escrow.chain_id
    assert block["finality"] in ("pending", "confirmed", "final")


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("open", ["reserved", "reserved", "agreed"]),
        ("job", ["reserved", "agreed", "agreed"]),
        ("withdrawn", ["agreed", "reserved", "agreed"]),
        ("token", ["released", "funded", "funded"]),
        ("disputed", ["ruled", "disputed", "funded"]),
    ],
)
def test_each_milestone_is_told(bridge: Served, town: Town, name: str, statuses: list[str]) -> None:
    path = f"/v1/deals/{town.id_of(name)}"
    deal = bridge.json(path)["data"]
    assert [part["status"] for part in deal["milestones"]] == statuses
    for index, part in enumerate(deal["milestones"]):
        assert bridge.json(f"{path}/milestones/{index}")["data"] == part


def test_what_may_still_be_replaced_is_pending(bridge: Served, town: Town) -> None:
    fresh = bridge.json(f"/v1/deals/{town.id_of('fresh')}")
    part = fresh["data"]["milestones"][0]
    assert (part["status"], part["state"], part["pending"]) == ("pending", "funded", True)
    assert fresh["data"]["finality"] == "pending" == fresh["block"]["finality"]
    old = bridge.json(f"/v1/deals/{town.id_of('old')}")
    assert old["data"]["finality"] == "final" and not old["data"]["milestones"][1]["pending"]
    assert old["block"]["final_number"] < old["block"]["number"]


def test_a_ruling_is_told_with_its_split(bridge: Served, town: Town) -> None:
    part = bridge.json(f"/v1/deals/{town.id_of('disputed')}/milestones/0")["data"]
    assert part["arbiter_share"]["raw"] == "60000"
    assert part["ruling"]["freelancer"]["raw"] == "300001"
    assert part["ruling"]["employer"]["raw"] == "239999"


def test_a_token_is_told_with_symbol_and_decimals(bridge: Served, town: Town) -> None:
    deal = bridge.json(f"/v1/deals/{town.id_of('token')}")["data"]
    assert deal["token"] == {"address": town.stage.token, "symbol": "TUSD", "decimals": 6}
    assert deal["price"]["value"] == "1" and deal["price"]["raw"] == "1000000"


# --- Lists


def ids(answer: Any) -> list[str]:
    return [deal["id"] for deal in answer["data"]]


def test_deals_come_newest_first_and_in_pages(bridge: Served, town: Town) -> None:
    newest = [town.id_of(name) for name in reversed(town.deals)]
    assert ids(bridge.json("/v1/deals", limit=100)) == newest
    assert ids(bridge.json("/v1/deals", limit=100, order="oldest")) == newest[::-1]
    for order, wanted in (("newest", newest), ("oldest", newest[::-1])):
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = bridge.json("/v1/deals", limit=2, order=order, **cursor)
            assert len(page["data"]) <= 2
            found += ids(page)
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert found == wanted


def test_deals_are_chosen_by_party_role_direction_and_token(bridge: Served, town: Town) -> None:
    stage = town.stage
    everyone = set(ids(bridge.json("/v1/deals")))
    freelancer = stage.freelancer.address
    own = set(ids(bridge.json("/v1/deals", party=freelancer)))
    assert own == everyone - {town.id_of("job")}
    assert own == set(ids(bridge.json("/v1/deals", party=freelancer, direction="incoming")))
    assert not ids(bridge.json("/v1/deals", party=freelancer, direction="outgoing"))
    assert set(ids(bridge.json("/v1/deals", party=stage.employer.address, role="employer"))) == (
        everyone
    )
    arbiter = ids(bridge.json("/v1/deals", party=stage.stranger.address, role="arbiter"))
    assert set(arbiter) == {town.id_of(name) for name in ("job", "native", "disputed")}
    tokens = ids(bridge.json("/v1/deals", token=stage.token))
    assert set(tokens) == {town.id_of("token"), town.id_of("large")}
    assert set(ids(bridge.json("/v1/deals", token=ZERO_ADDRESS))) == everyone - set(tokens)


def test_deals_are_chosen_by_status(bridge: Served, town: Town) -> None:
    opened = ids(bridge.json("/v1/deals", status="open"))
    assert set(opened) == {town.id_of(name) for name in ("open", "job", "withdrawn")}
    assert not ids(bridge.json("/v1/deals", status="closed"))
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = bridge.json("/v1/deals", status="open", limit=1, **cursor)
        found += ids(page)
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == opened


def test_values_that_do_not_fit_together_are_refused(bridge: Served, town: Town) -> None:
    party = town.stage.employer.address
    assert bridge.problem("/v1/deals?role=employer", 422)["code"] == "party-missing"
    assert bridge.problem("/v1/deals?direction=incoming", 422)["code"] == "party-missing"
    path = f"/v1/deals?party={party}&role=arbiter&direction=incoming"
    assert bridge.problem(path, 422)["code"] == "role-and-direction"
    assert bridge.problem("/v1/deals?cursor=AAAA", 422)["code"] == "bad-cursor"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "bad-parameter"),
        ("limit=101", "bad-parameter"),
        ("limit=1e2", "bad-parameter"),
        ("limit=%D9%A3", "bad-parameter"),  # an Arabic three is no digit here
        ("party=0x12", "bad-parameter"),
        ("status=happy", "bad-parameter"),
        ("cursor=%00", "bad-parameter"),
        ("colour=red", "unknown-parameter"),
        ("limit=1&limit=2", "repeated-parameter"),
        ("%ff=1", "bad-query"),
    ],
)
def test_malformed_parameters_are_refused(bridge: Served, query: str, code: str) -> None:
    assert bridge.problem(f"/v1/deals?{query}", 400)["code"] == code


def test_a_mistyped_address_is_refused(bridge: Served, town: Town) -> None:
    party = town.stage.employer.address
    wrong = party[:-1] + ("0" if party[-1] != "0" else "1")
    assert bridge.problem(f"/v1/deals?party={wrong}", 422)["code"] == "bad-checksum"
    assert bridge.json("/v1/deals", party=party.lower())["data"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/deals/0x" + "00" * 32, "unknown-deal"),
        ("/v1/nothing", "unknown-path"),
        ("/v1/deals/", "unknown-path"),
        ("/", "unknown-path"),
    ],
)
def test_what_is_not_there_is_not_found(bridge: Served, path: str, code: str) -> None:
    assert bridge.problem(path, 404)["code"] == code


def test_a_milestone_that_is_not_there_is_not_found(bridge: Served, town: Town) -> None:
    path = f"/v1/deals/{town.id_of('open')}/milestones/3"
    assert bridge.problem(path, 404)["code"] == "unknown-milestone"


# --- Events and ledger


def test_events_of_a_deal_are_those_of_the_chain_notes_too(bridge: Served, town: Town) -> None:
    deal_id = town.id_of("native")
    events = bridge.json(f"/v1/deals/{deal_id}/events")["data"]
    wanted = [
        (record.block_number, record.log_index, type(record.event).__name__)
        for record in town.stage.records()
        if "0x" + getattr(record.event, "deal_id", b"").hex() == deal_id
    ]
    escrow = [each for each in events if each["contract"] == "MilestoneEscrow"]
    assert [(e["block_number"], e["log_index"], e["name"]) for e in escrow] == wanted
    said = [each["name"] for each in events if each["contract"] == "DealNotes"]
    assert said == ["Reported", "ArbiterConfirmed"]
    report = next(each for each in events if each["name"] == "Reported")
    assert report["args"] == {
        "actor": town.stage.freelancer.address,
        "index": "1",
        "percent": "40",
        "evidence": "0x" + "22" * 32,
    }
    assert events == sorted(events, key=lambda each: (each["block_number"], each["log_index"]))
    pages: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = bridge.json(f"/v1/deals/{deal_id}/events", limit=3, **cursor)
        pages += page["data"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert pages == events


@pytest.mark.parametrize("name", ["open", "withdrawn", "native", "token", "disputed", "large"])
def test_a_ledger_adds_up(bridge: Served, town: Town, name: str) -> None:
    book = bridge.json(f"/v1/deals/{town.id_of(name)}/ledger")["data"]
    raw = {
        key: int(value["raw"])
        for key, value in book.items()
        if isinstance(value, dict) and "raw" in value
    }
    assert raw["paid_in"] == (
        raw["paid"]
        + raw["refunded"]
        + raw["withdrawn"]
        + raw["arbiter_share"]
        + raw["moved"]
        + raw["held"]
    )
    held = bridge.json(f"/v1/deals/{town.id_of(name)}")["data"]["held"]
    assert book["held"] == held
    assert book["entries"][-1]["held"] == held
    out = [int(e["amount"]["raw"]) for e in book["entries"] if e["what"] == "released"]
    assert sum(out) == raw["paid"]
    fees = [int(e["amount"]["raw"]) for e in book["entries"] if e["what"] == "fee"]
    assert sum(fees) == raw["fees"]


# --- Accounts, the contract, health


def test_an_account_has_credits_holdings_and_figures(bridge: Served, town: Town) -> None:
    stage = town.stage
    account = bridge.json(f"/v1/accounts/{stage.platform.address}")["data"]
    coins = next(c for c in account["credits"] if c["token"]["address"] == ZERO_ADDRESS)
    credit = stage.escrow.credit(ZERO_ADDRESS, stage.platform.address)
    assert int(coins["amount"]["raw"]) == credit > 0
    freelancer = bridge.json(f"/v1/accounts/{stage.freelancer.address}")["data"]
    assert freelancer["complete"] and freelancer["deals"] == len(town.deals) - 1
    (coins,) = [f for f in freelancer["figures"] if f["token"]["address"] == ZERO_ADDRESS]
    assert coins["role"] == "freelancer" and coins["deals"] == 4  # native, disputed, old, fresh
    # milestones 0 of disputed and of old, and 2 of native are settled; one was released
    assert coins["completion"] == {"part": 1, "whole": 3}
    nobody = bridge.json("/v1/accounts/0x" + "ab" * 20)["data"]
    assert nobody["deals"] == 0 and not nobody["credits"] and not nobody["figures"]


def test_the_contract_is_described(bridge: Served, town: Town) -> None:
    facts = bridge.json("/v1/contract")["data"]
    stage = town.stage
    assert (facts["escrow"], facts["notes"]) == (stage.escrow.address, town.notes)
    assert facts["domain"]["verifyingContract"] == stage.escrow.address
    assert facts["types"]["Voucher"][0] == {"name": "deal", "type": "bytes32"}
    assert any(entry.get("name") == "fund" for entry in facts["abi"]["MilestoneEscrow"])
    errors = {(e["contract"], e["name"]): e for e in facts["errors"]}
    assert (
        errors["MilestoneEscrow", "NotEmployer"]["selector"] == "0x" + (97191138).to_bytes(4).hex()
    )
    assert errors["DealNotes", "BadScore"]["sentence"].endswith(".")
    topics = {event["topic"] for event in facts["events"]}
    logs = stage.w3.eth.get_logs(
        {
            "address": [stage.escrow.address, stage.w3.to_checksum_address(town.notes)],
            "fromBlock": 0,
        }
    )
    assert {log["topics"][0].to_0x_hex() for log in logs} <= topics
    timers = {timer["name"]: timer["seconds"] for timer in facts["timers"]}
    assert timers["lapsed_after"] == 14 * 86_400


def test_health_readiness_and_metrics(bridge: Served) -> None:
    assert bridge.json("/healthz") == {"status": "ok"}
    ready = bridge.json("/readyz")
    assert ready["ready"] and ready["block"] == ready["head"]
    text = bridge.get("/metrics").text
    assert "escrow_bridge_ready 1.0" in text
    assert 'escrow_bridge_requests_total{operation="getHealth",status="200"}' in text


def test_what_an_address_may_do_is_told_with_reasons(bridge: Served, town: Town) -> None:
    stage = town.stage
    path = f"/v1/deals/{town.id_of('native')}/actions"
    answer = bridge.json(path, **{"as": stage.employer.address})
    assert answer["data"]["roles"] == ["employer"]
    found = {(each["call"], each["milestone"]): each for each in answer["data"]["actions"]}
    assert found["release", 0]["allowed"] and found["release", 0]["code"] is None
    claim = found["claim", 0]
    assert (claim["allowed"], claim["code"]) == (False, "ReviewOpen")
    part = bridge.json(f"/v1/deals/{town.id_of('native')}")["data"]["milestones"][0]
    assert claim["opens_at"] == part["claimable_at"] and claim["reason"] and claim["remedy"]
    assert found["dispute", 0]["closes_at"] == part["claimable_at"]
    assert found["cancel", 1]["code"] == "NotFreelancer"
    assert found["release", 2]["code"] == "AlreadySettled"
    assert found["rate", None]["allowed"]
    platform = bridge.json(path, **{"as": stage.platform.address})["data"]["actions"]
    credit = next(each for each in platform if each["call"] == "withdraw_credit")
    assert credit["allowed"] and credit["owner"] == stage.platform.address
    assert bridge.problem(path, 400)["code"] == "missing-parameter"
    assert bridge.problem(f"{path}?as=0x{'00' * 20}", 422)["code"] == "zero-address"


# --- HTTP's own manners


def test_an_etag_saves_the_body_until_something_changes(bridge: Served, town: Town) -> None:
    path = f"/v1/deals/{town.id_of('native')}"
    first = bridge.get(path)
    etag = first.headers["etag"]
    same = bridge.get(path, headers={"If-None-Match": f'W/"x", {etag}'})
    assert same.status_code == 304 and not same.content and same.headers["etag"] == etag
    other = bridge.get(path, headers={"If-None-Match": '"x"'})
    assert other.status_code == 200 and other.content == first.content
    deals = bridge.get(f"/v1/deals/{town.id_of('token')}")
    assert deals.headers["etag"] != etag


def test_head_and_options_and_other_methods(bridge: Served) -> None:
    full = bridge.get("/v1/contract")
    head = bridge.session.head(bridge.url + "/v1/contract")
    assert head.status_code == 200 and not head.content
    assert head.headers["content-length"] == full.headers["content-length"]
    options = bridge.session.options(bridge.url + "/v1/contract")
    assert options.status_code == 204 and options.headers["allow"] == "GET, HEAD, OPTIONS"
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        refused = bridge.session.request(method, bridge.url + "/v1/contract")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
        assert refused.json()["code"] == "method-not-allowed"
