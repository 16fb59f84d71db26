"""Calls that the bridge prepares are signed elsewhere, sent to Anvil, and seen through the API."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import decode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from frontend_bridge.api.bodies import PREPARED
from frontend_bridge.api.following import Chain
from frontend_bridge.api.settings import Limits
from milestone_escrow import artifacts, calls
from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.amounts import MAX_UINT256
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.calls import ERC20
from milestone_escrow.chain import start_anvil
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.messages import Amendment, Settlement, Voucher
from milestone_escrow.rpc_errors import await_receipt, request
from milestone_escrow.typed_data import digest, recover, sign, typed_data
from tests.bridge.asked import assert_shown
from tests.bridge.errands import ERRANDS, Errand, Place, allowance
from tests.bridge.serving import serving
from tests.bridge.town import Town
from tests.roles import account

_DEALS = ("agreement", "old", "new")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A town that goes on, followed by a bridge."""
    with start_anvil(0) as node:
        town = Town.built(node.rpc_url)
        stage = town.stage
        chain = Chain(
            (node.rpc_url,),
            stage.escrow.address,
            stage.deployment.block_number,
            town.notes,
            interval=0.02,
        )
        store = tmp_path_factory.mktemp("prepare") / "index.sqlite"
        with serving(store, chain=chain, rpc=node.rpc_url) as served:
            yield Place(town, served)


def prepare(place: Place, name: str, errand: Errand, status: int = 200, **changes: Any) -> Any:
    body = {"from": errand.sender.address} | errand.body | changes
    return place.ask(f"/v1/prepare/{name}", body, status)


def decoded(name: str, data: str) -> dict[str, Any]:
    """Return the arguments in calldata by the ABI, the selector being checked."""
    facts = CALL_FACTS[name]
    contract = "TestToken" if name == "approve" else facts.contract
    entry: Any = next(
        entry
        for entry in artifacts.load(contract).abi
        if entry["type"] == "function" and entry["name"] == facts.function
    )
    raw = bytes.fromhex(data[2:])
    assert raw[:4] == function_abi_to_4byte_selector(entry)
    kinds = [collapse_if_tuple(each) for each in entry["inputs"]]
    names = [each["name"] for each in entry["inputs"]]
    return dict(zip(names, decode(kinds, raw[4:]), strict=True))


def as_sent(value: Any) -> Any:
    """Return an ABI value as a body has it, but that all integers are text."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return [as_sent(each) for each in value]
    return str(value)


def seen(place: Place, deal_id: str, tx_hash: str) -> list[str]:
    """Return the events of a transaction, as the API tells them of a deal."""
    page = place.served.json(f"/v1/deals/{deal_id}/events", limit=500)["data"]
    return [event["name"] for event in page if event["tx_hash"] == tx_hash]


def test_there_is_an_errand_for_every_call_of_both_contracts() -> None:
    changing = {
        entry["name"]
        for contract in ("MilestoneEscrow", "DealNotes")
        for entry in artifacts.load(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] in ("payable", "nonpayable")
    }
    assert set(ERRANDS) == set(PREPARED) == changing | {"approve"}


@pytest.mark.parametrize("name", PREPARED)
def test_abuse_bridge_18_what_is_prepared_is_what_was_asked_and_does_it(
    place: Place, name: str
) -> None:
    errand = ERRANDS[name](place)
    told = prepare(place, name, errand)
    main = told["prepared"]
    sent, facts, escrow = main["transaction"], CALL_FACTS[name], place.stage.escrow
    assert (main["sentence"], main["who"], main["final"]) == (facts.does, facts.who, facts.final)
    assert (main["call"], main["contract"]) == (name, facts.contract)
    assert sent["from"] == errand.sender.address
    assert int(sent["chainId"], 16) == escrow.chain_id
    home = {"DealNotes": place.town.notes, "ERC20": errand.body.get("token")}
    assert sent["to"] == home.get(facts.contract, escrow.address)
    # What is in the data is what was asked, and what the answer says.
    for field, value in decoded(name, sent["data"]).items():
        if field in _DEALS:
            asked = Agreement.from_tuple(value).to_json()
            if field in errand.body:
                assert asked == errand.body[field]
            elif field == "agreement":
                assert errand.agreement is not None and asked == errand.agreement.to_json()
            assert main["arguments"][field] == asked
            continue
        shown = main["arguments"][field]
        assert as_sent(value) == (
            as_sent(shown) if isinstance(shown, int | list) else shown.lower()
        )
        if field in errand.body and errand.body.get("units") != "decimal":
            assert shown == errand.body[field]
    # So does a wallet that reads it by the descriptors.
    if facts.contract != ERC20:
        assert_shown(place, name, errand, sent)
    # The batch is the same.
    last = told["batch"]["calls"][-1]
    assert last == {each: sent[each] for each in ("to", "data", "value")}
    assert len(told["batch"]["calls"]) == 1 + len(told["approvals"])
    assert told["batch"]["chainId"] == sent["chainId"] and told["batch"]["from"] == sent["from"]
    # Signed by who has the key, sent as it is, and seen through the API.
    tx_hash = request(place.stage.w3, "eth_sendTransaction", sent)
    assert int(await_receipt(place.stage.w3, bytes.fromhex(tx_hash[2:]), 20)["status"], 16) == 1
    place.level()
    foreseen = [each["name"] for each in told["simulation"]["events"]]
    assert set(errand.events) <= set(foreseen)
    if errand.agreement is not None:
        deal_id = place.id_of(errand.agreement)
        found = seen(place, deal_id, tx_hash)
        assert set(errand.events) <= set(found), found
        assert set(found) <= set(foreseen)
        assert told["deal_id"] == (
            "0x" + escrow.deal_id(Agreement.from_json(main["arguments"]["old"])).hex()
            if name == "amend"
            else deal_id
        )


# --- Approvals


def test_the_approval_that_is_needed_goes_first_by_a_key_made_here(place: Place) -> None:
    stage, key = place.stage, account("a wallet elsewhere")
    stage.chain.set_balance(key.address, 10**20)
    stage.invoke("TestToken", stage.token, stage.employer, "mint", key.address, 10**9)
    terms = stage.agreement(token=stage.token, employer=key.address)
    body = {"from": key.address, "agreement": terms.to_json(), "indexes": [0, 1]}
    told = place.ask("/v1/prepare/fund", body)
    (approval,) = told["approvals"]
    arguments = decoded("approve", approval["transaction"]["data"])
    assert list(arguments.values()) == [stage.escrow.address.lower(), 900_000]
    assert approval["pays"]["raw"] == "900000" == told["prepared"]["pays"]["raw"]
    assert approval["pays"]["value"] == "0.9"
    assert [each["to"] for each in told["batch"]["calls"]] == [stage.token, stage.escrow.address]
    assert told["batch"]["calls"][0]["data"] == approval["transaction"]["data"]
    assert "Funded" in [each["name"] for each in told["simulation"]["events"]]
    for sent in (approval["transaction"], told["prepared"]["transaction"]):
        nonce = stage.w3.eth.get_transaction_count(key.address)
        plain = {name: value for name, value in sent.items() if name != "from"}
        signed = Account.sign_transaction(
            plain | {"nonce": nonce, "gasPrice": stage.w3.eth.gas_price}, key.key
        )
        tx_hash = stage.w3.eth.send_raw_transaction(signed.raw_transaction)
        assert stage.w3.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)["status"] == 1
    place.level()
    deal = place.served.json(f"/v1/deals/{place.id_of(terms)}")["data"]
    states = [each["state"] for each in deal["milestones"]]
    assert states == ["reserved", "reserved", "agreed"]


def test_an_approval_in_whole_tokens_is_exact(place: Place) -> None:
    owner = place.stage.freelancer.address
    body = {"from": owner, "token": place.stage.token, "amount": "0.000001", "units": "decimal"}
    told = place.ask("/v1/prepare/approve", body)
    assert list(told["prepared"]["arguments"].values())[1] == "1"
    too_fine = body | {"amount": "0.0000001"}
    assert place.ask("/v1/prepare/approve", too_fine, 422)["code"] == "amount-too-precise"
    raw = body | {"units": "raw"}
    assert place.ask("/v1/prepare/approve", raw, 422)["code"] == "amount-malformed"
    assert allowance(place, owner) != 1, "the bridge sent it"


# --- Refusals


def test_who_may_not_send_it_hears_the_contract(place: Place) -> None:
    errand = ERRANDS["release"](place)
    for sender in (place.stage.freelancer.address, place.stage.stranger.address):
        refused = prepare(place, "release", errand, 409, **{"from": sender})
        assert refused["code"] == "NotEmployer"
    note = ERRANDS["report"](place)
    other = {"from": place.stage.employer.address}
    assert prepare(place, "report", note, 409, **other)["code"] == "NotFreelancer"


def test_what_the_contract_would_refuse_is_refused_with_its_words(place: Place) -> None:
    stage, terms = place.stage, place.bound()
    stage.run(calls.release(terms, [0]))
    again = place.by("employer", terms, [], indexes=[0])
    refused = prepare(place, "release", again, 409)
    with pytest.raises(ContractRevert) as caught:
        stage.escrow.simulate(calls.release(terms, [0]))
    error = caught.value
    assert (refused["code"], refused["detail"]) == (error.code, error.sentence)
    assert refused["remedy"] == error.remedy


def test_who_has_too_little_is_told(place: Place) -> None:
    stage = place.stage
    terms = stage.agreement(token=stage.token, employer=stage.stranger.address)
    body = {"from": stage.stranger.address, "agreement": terms.to_json(), "indexes": [0]}
    assert place.ask("/v1/prepare/fund", body, 409)["code"] == "not-enough-funds"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"deal_id": "0x" + "00" * 32}, 404, "unknown-deal"),
        ({"deal_id": "0x00"}, 400, "bad-body"),
        ({"deal_id": None}, 400, "bad-body"),
        ({"from": "0x00"}, 400, "bad-body"),
        ({"from": "0x" + "1" * 40 + "\n"}, 400, "bad-body"),
        ({"from": ZERO_ADDRESS}, 422, "zero-address"),
        ({"from": "0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266"}, 422, "bad-checksum"),
        ({"index": 10}, 400, "bad-body"),
        ({"index": "0"}, 400, "bad-body"),
        ({"index": 1.5}, 400, "bad-json"),
        ({"index": 9}, 409, "BadIndex"),
        ({"amount": 1234}, 400, "bad-body"),
        ({"amount": "01"}, 400, "bad-body"),
        ({"amount": "-1"}, 400, "bad-body"),
        ({"amount": "1e3"}, 400, "bad-body"),
        ({"units": "wei"}, 400, "bad-body"),
        ({"gas": "0x1"}, 400, "bad-body"),
        ({"amount": "0." + "1" * 20, "units": "decimal"}, 422, "amount-too-precise"),
    ],
)
def test_malformed_arguments_are_told(
    place: Place, change: dict[str, Any], status: int, code: str
) -> None:
    errand = place.by("employer", place.bound(), [], index=1, amount="5")
    assert prepare(place, "release_part", errand, 200)["prepared"]["arguments"]["amount"] == "5"
    assert prepare(place, "release_part", errand, status, **change)["code"] == code


def test_a_deal_is_named_once(place: Place) -> None:
    terms = place.town.deals["native"]
    errand = place.by("employer", terms, [], index=1, amount="5")
    twice = prepare(place, "release_part", errand, 422, agreement=terms.to_json())
    assert twice["code"] == "no-agreement"
    body = {"from": place.stage.employer.address, "indexes": [0]}
    assert place.ask("/v1/prepare/release", body, 422)["code"] == "no-agreement"
    odd = terms.to_json() | {"fee_bps": "9" * 78}
    assert place.ask("/v1/prepare/release", body | {"agreement": odd}, 422)["code"] == "agreement"


def test_a_body_that_is_not_said_to_be_json_is_refused(place: Place) -> None:
    url = place.served.url + "/v1/prepare/release"
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = place.served.session.post(url, data=b"{}", headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "not-json")
    twice = place.served.session.post(
        url, data=b'{"from": "0x", "from": "0x"}', headers={"Content-Type": "application/json"}
    )
    assert (twice.status_code, twice.json()["code"]) == (400, "bad-json")
    read = place.served.get("/v1/prepare/release")
    assert (read.status_code, read.headers["allow"]) == (405, "POST, OPTIONS")


def test_without_a_node_nothing_is_prepared(store: Path, town: Town) -> None:
    with serving(store) as served:
        body = {
            "from": town.stage.employer.address,
            "deal_id": town.id_of("native"),
            "indexes": [1],
        }
        answer = served.session.post(served.url + "/v1/prepare/release", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "no-node")
        assert "--rpc" in answer.json()["remedy"]
        voucher = {"deal_id": body["deal_id"], "index": 1, "paid_total": "1", "expiry": "9"}
        signed = served.session.post(served.url + "/v1/typed-data/voucher", json=voucher)
        assert signed.status_code == 200


def test_a_silent_node_is_not_waited_for_long(store: Path, town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        rpc = f"http://127.0.0.1:{silent.getsockname()[1]}"
        limits = Limits(rate=0, node_seconds=0.2, node_pending=1)
        with serving(store, rpc=rpc, limits=limits) as served:
            body = {
                "from": town.stage.employer.address,
                "deal_id": town.id_of("native"),
                "indexes": [1],
            }
            url = served.url + "/v1/prepare/release"
            answers = [served.session.post(url, json=body) for _ in range(2)]
            assert [each.status_code for each in answers] == [503, 503]
            assert [each.json()["code"] for each in answers] == ["node-slow", "busy"]


# --- Numbers


def test_abuse_bridge_15_the_largest_amounts_go_through_as_text(place: Place) -> None:
    body = {
        "from": place.stage.employer.address,
        "token": place.stage.token,
        "amount": str(MAX_UINT256),
    }
    told = place.ask("/v1/prepare/approve", body)
    assert decoded("approve", told["prepared"]["transaction"]["data"]).popitem()[1] == MAX_UINT256
    assert told["prepared"]["pays"]["raw"] == str(MAX_UINT256)
    more = body | {"amount": str(MAX_UINT256 + 1)}
    assert place.ask("/v1/prepare/approve", more, 422)["code"] == "usage"
    voucher = {
        "deal_id": place.id_of(place.town.deals["native"]),
        "index": 1,
        "paid_total": str(MAX_UINT256),
        "expiry": str(MAX_UINT256),
    }
    message = place.ask("/v1/typed-data/voucher", voucher)["typed_data"]["message"]
    assert message["paid_total"] == message["expiry"] == str(MAX_UINT256)


# --- Typed data


def test_typed_data_is_the_librarys_and_wallets_sign_its_digest(place: Place) -> None:
    stage, key = place.stage, account("a signer")
    domain, deals = stage.escrow.domain, place.town.deals
    old = deals["native"]
    old_id = stage.escrow.deal_id(old)
    named = {"deal_id": "0x" + old_id.hex()}
    fresh = stage.agreement()
    new = stage.agreement(supersedes=old_id)
    held = stage.escrow.milestone(old_id, 0)
    remaining = 600_000 - held.paid
    moved = remaining + 300_000
    asked: dict[str, tuple[dict[str, Any], Any]] = {
        "agreement": ({"agreement": fresh.to_json()}, fresh),
        "amendment": (
            named | {"new": new.to_json(), "indexes": [0, 2], "expiry": "99"},
            Amendment(old_id, new, (0, 2), moved, 99),
        ),
        "settlement": (
            named | {"indexes": [0, 1], "freelancer_amounts": ["7", "8"], "expiry": "99"},
            Settlement(old_id, (0, 1), (7, 8), moved, 99),
        ),
        "voucher": (
            named
            | {"index": 1, "paid_total": "0.000000000000000007", "units": "decimal", "expiry": "9"},
            Voucher(old_id, 1, 7, 9),
        ),
    }
    assert asked.keys() | {"permit"} == MESSAGE_FACTS.keys()
    for kind, (body, message) in asked.items():
        told = place.ask(f"/v1/typed-data/{kind}", body)
        assert told["typed_data"] == typed_data(message, domain)
        assert told["digest"] == "0x" + digest(message, domain).hex()
        signed = key.sign_message(encode_typed_data(full_message=told["typed_data"]))
        assert signed.message_hash.to_0x_hex() == told["digest"]
        assert bytes(signed.signature) == sign(message, domain, key)
        assert recover(bytes.fromhex(told["digest"][2:]), bytes(signed.signature)) == key.address
        facts = MESSAGE_FACTS[kind]
        assert (told["sentence"], told["final"], told["call"]) == (
            facts.does,
            facts.final,
            facts.call,
        )
        assert [each["role"] for each in told["signers"]] == list(facts.signers)
        assert told["call"] in PREPARED


def test_what_nobody_should_sign_is_refused(place: Place) -> None:
    stage, deals = place.stage, place.town.deals
    named = {"deal_id": place.id_of(deals["native"])}
    stale = deals["open"].to_json() | {"accept_by": "1"}
    assert place.ask("/v1/typed-data/agreement", {"agreement": stale}, 422)["code"] == (
        "agreement-invalid"
    )
    job = {"agreement": stage.agreement(freelancer=ZERO_ADDRESS).to_json()}
    assert place.ask("/v1/typed-data/agreement", job, 422)["code"] == "no-signer"
    split = {"indexes": [0], "freelancer_amounts": ["7", "8"], "expiry": "99"}
    assert place.ask("/v1/typed-data/settlement", named | split, 422)["code"] == "usage"
    never = {"agreement": stage.agreement().to_json()} | split | {"freelancer_amounts": ["7"]}
    assert place.ask("/v1/typed-data/settlement", never, 404)["code"] == "unknown-deal"
    beyond = named | {"index": 9, "paid_total": "1", "expiry": "9"}
    assert place.ask("/v1/typed-data/voucher", beyond, 422)["code"] == "bad-index"
    permit = {"indexes": [0], "deadline": "9"}
    assert place.ask("/v1/typed-data/permit", named | permit, 422)["code"] == "no-permit"
    token = {"deal_id": place.id_of(deals["token"])}
    assert place.ask("/v1/typed-data/permit", token | permit, 422)["code"] == "no-permit"
