"""Every call of the table, sent by ``escrow call`` on a real chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from web3 import Web3

from milestone_escrow import artifacts, calls
from milestone_escrow.agreement import DAY
from milestone_escrow.arbiter_events import ADAPTER
from milestone_escrow.calls import ERC20, ESCROW, NOTES
from milestone_escrow.cli.calling.table import CALLS
from milestone_escrow.clock import DORMANT_AFTER, LAPSED_AFTER
from milestone_escrow.deployments import deploy
from milestone_escrow.messages import Amendment
from milestone_escrow.tokens import allowance_of
from tests.cli.conftest import ETHER
from tests.cli.play import COST, Play, events_of

HASH = "0x" + "ee" * 32


# --- One play for each row of the table: what is sent, and the events that it must have

Told = tuple[Any, list[str]]
Act = Callable[[Play], Told]


def fund(play: Play) -> Told:
    agreement = play.scene.agreement(ETHER, ETHER)
    signature = play.sign("freelancer", agreement)
    args = (*play.named(agreement), "--indexes", "0,1", "--signature", signature)
    return play.call("fund", *args, role="employer"), ["Opened", "Accepted", "Funded", "Funded"]


def fund_with_permit(play: Play) -> Told:
    employer = play.scene.roles["employer"]
    token = deploy(play.scene.w3, employer, "PermitToken", "Permit", "PRM", 6)
    data = calls.encode_call("mint", employer.address, 500, contract="PermitToken")
    play.send_unsigned({"from": employer.address, "to": token.address, "data": "0x" + data.hex()})
    named = play.named(play.scene.agreement(300, 200, token=token.address))
    permit = play.signed("permit", *named, "--indexes", "all", "--expiry", "1h", role="employer")
    args = (*named, "--indexes", "all", "--permit", permit)
    return play.call("fund-with-permit", *args, role="employer"), ["Opened", "Funded", "Funded"]


def accept(play: Play) -> Told:
    named = play.named(play.funded())
    return play.call("accept", *named, "--indexes", "0,1", role="freelancer"), ["Accepted"]


def withdraw(play: Play) -> Told:
    named = play.named(play.funded())
    return play.call("withdraw", *named, "--index", "1", role="employer"), ["Refunded"]


def amend(play: Play) -> Told:
    old = play.bound()
    new = play.scene.agreement(
        2 * ETHER, 2 * ETHER, supersedes=play.scene.client.deal_id(old), document=bytes(31) + b"\1"
    )
    path = play.file("new.json", new.to_json())
    expiry = play.scene.chain.time() + DAY
    amendment = Amendment(play.scene.client.deal_id(old), new, (0, 1), old.price, expiry)
    signature = play.sign("freelancer", amendment)
    args = (*play.named(old), "--new", path, "--indexes", "all", "--signature", signature)
    told = play.call(
        "amend", *args, "--expiry", str(play.scene.chain.time() + DAY), role="employer"
    )
    assert told["value"] == str(ETHER)
    names = events_of(told)
    assert names.count("Moved") == 2
    return told, names


def request_release(play: Play) -> Told:
    named = play.named(play.bound())
    evidence = play.file("report.txt", "It is done.")
    args = (*named, "--index", "0", "--index", "1", "--evidence-file", evidence)
    told = play.call("request-release", *args, role="freelancer")
    hashes = {event["args"]["evidence"] for event in told["events"]}
    assert hashes == {"0x" + Web3.keccak(text="It is done.").hex().removeprefix("0x")}
    return told, ["ReleaseRequested"] * 2


def void_request(play: Play) -> Told:
    named = play.named(play.requested())
    return play.call("void_request", *named, "--index", "0", role="freelancer"), ["RequestVoided"]


def release(play: Play) -> Told:
    deal_id = play.scene.id_of(play.bound())[:14]
    told = play.call("release", "--deal", deal_id, "--indexes", "all", role="employer")
    return told, ["Released", "Released"]


def release_part(play: Play) -> Told:
    named = play.named(play.bound(1_500_000, token=play.token()))
    args = (*named, "--index", "0", "--amount", "0.25")
    told = play.call("release-part", *args, role="employer")
    assert told["events"][0]["args"]["gross"] == "250000"
    return told, ["Released"]


def redeem(play: Play) -> Told:
    named = play.named(play.bound())
    args = ("--index", "0", "--paid-total", "0.5", "--expiry", "30d")
    voucher = play.signed("voucher", *named, *args, role="employer")
    told = play.call("redeem", *named, "--signature", voucher, role="stranger")
    assert told["events"][0]["args"]["gross"] == str(ETHER // 2)
    return told, ["Released"]


def cancel(play: Play) -> Told:
    named = play.named(play.bound())
    return play.call("cancel", *named, "--index", "1", role="freelancer"), ["Refunded"]


def claim(play: Play) -> Told:
    named = play.named(play.requested())
    play.pass_time(30 * DAY)
    return play.call("claim", *named, "--index", "0", role="stranger"), ["Released"]


def dispute(play: Play) -> Told:
    named = play.named(play.requested())
    args = (*named, "--index", "0", "--reason", HASH)
    told = play.call("dispute", *args, role="freelancer")
    assert told["events"][0]["args"]["reason"] == HASH
    return told, ["Disputed"]


def rule(play: Play) -> Told:
    named = play.named(play.disputed(arbiter=play.address("arbiter"), arbiter_bps=500))
    args = (*named, "--index", "0", "--freelancer-amount", "0.5")
    told = play.call("rule", *args, role="arbiter")
    return told, ["Ruled", "Credited", "Released", "Refunded"]


def apply_fallback(play: Play) -> Told:
    named = play.named(play.disputed())
    play.pass_time(30 * DAY)
    told = play.call("apply-fallback", *named, "--index", "0", role="stranger")
    return told, ["Released", "Refunded"]


def settle(play: Play) -> Told:
    named = play.named(play.bound())
    args = ("--indexes", "1,0", "--amount", "1", "--amount", "0.25", "--expiry", "2d")
    file = play.signed("settlement", *named, *args, role="freelancer")
    told = play.call("settle", *named, "--signature", file, role="employer")
    assert told["events"][0]["args"]["gross"] == str(ETHER)
    return told, ["Released", "Refunded"] * 2


def settle_dormant(play: Play) -> Told:
    named = play.named(play.bound())
    play.pass_time(60 * DAY + DORMANT_AFTER + LAPSED_AFTER)
    return play.call("settle-dormant", *named, "--index", "0", role="stranger"), ["Refunded"]


def keep_alive(play: Play) -> Told:
    named = play.named(play.bound())
    play.pass_time(61 * DAY)
    return play.call("keep-alive", *named, role="employer"), ["Active"]


def withdraw_credit(play: Play) -> Told:
    rule(play)
    args = ("--token", "ETH", "--to", "payee")
    told = play.call("withdraw-credit", *args, role="arbiter")
    assert told["events"][0]["args"]["receiver"] == play.address("payee")
    return told, ["CreditPaid"]


def pay_credit(play: Play) -> Told:
    rule(play)
    told = play.call("pay-credit", "--token", "ETH", "--owner", "arbiter", role="stranger")
    assert told["events"][0]["args"]["owner"] == play.address("arbiter")
    return told, ["CreditPaid"]


def request_funding(play: Play) -> Told:
    agreement = play.scene.agreement(ETHER, ETHER)
    play.scene.do("employer", calls.fund(agreement, [0]))
    named = play.named(agreement)
    told = play.call("request-funding", *named, "--index", "1", role="freelancer")
    return told, ["FundingRequested"]


def report(play: Play) -> Told:
    named = play.named(play.bound())
    args = (*named, "--index", "1", "--percent", "40", "--evidence", HASH)
    told = play.call("report", *args, role="freelancer")
    assert told["notes"][0]["args"]["percent"] == "40"
    return told, ["Reported"]


def request_changes(play: Play) -> Told:
    named = play.named(play.bound())
    told = play.call("request-changes", *named, "--index", "1", "--note", HASH, role="employer")
    assert told["notes"][0]["args"]["note"] == HASH
    return told, ["ChangesRequested"]


def request_cancel(play: Play) -> Told:
    named = play.named(play.bound())
    return play.call("request-cancel", *named, role="employer"), ["CancelRequested"]


def submit_evidence(play: Play) -> Told:
    named = play.named(play.bound())
    first = play.file("mails.json", '{"b": 1, "a": ["x"]}')
    second = play.file("same.json", '{ "a":["x"], "b":1 }')
    seen = set()
    for path in (first, second):
        args = (*named, "--index", "0", "--evidence-file", path)
        told = play.call("submit-evidence", *args, role="employer")
        seen.add(told["notes"][0]["args"]["evidence"])
    assert len(seen) == 1, "the layout of JSON does not matter"
    return told, ["EvidenceSubmitted"]


def confirm_arbiter(play: Play) -> Told:
    named = play.named(play.bound(arbiter=play.address("arbiter")))
    return play.call("confirm-arbiter", *named, role="arbiter"), ["ArbiterConfirmed"]


def rate(play: Play) -> Told:
    agreement = play.bound()
    play.scene.do("employer", calls.release(agreement, [0]))
    told = play.call("rate", *play.named(agreement), "--score", "4", role="freelancer")
    assert told["notes"][0]["args"]["score"] == "4"
    return told, ["Rated"]


def case_confirm(play: Play) -> Told:
    named = play.named(play.bound(arbiter=play.adapter.address))
    return play.call("case-confirm", *named, role="stranger"), ["ArbiterConfirmed"]


def case_pay_fee(play: Play) -> Told:
    named = (*play.named(play.case()), "--index", "0")
    first = play.call("case-pay-fee", *named, "--fee", "0.1", role="freelancer")
    assert events_of(first) == ["FeePaid", "Credited"], "what is too much is credited"
    told = play.call("case-pay-fee", *named, role="employer")
    assert (told["value"], told["cases"][0]["args"]["fee"]) == (str(COST), str(COST))
    return told, ["FeePaid"]


def case_submit(play: Play) -> Told:
    named = (*play.named(play.case()), "--index", "0")
    for role in ("employer", "freelancer"):
        play.call("case-pay-fee", *named, role=role)
    set_cost(play, 2 * COST + 7)
    told = play.call("case-submit", *named, role="stranger")
    set_cost(play, COST)
    assert told["value"] == "7", "what both fees lack"
    return told, ["Dispute", "Submitted"]


def set_cost(play: Play, wei: int) -> None:
    data = calls.encode_call("set_cost", wei, contract="CentralizedArbitrator")
    sender, to = play.address("stranger"), play.arbitrator.address
    play.send_unsigned({"from": sender, "to": to, "data": "0x" + data.hex()})


def case_submit_evidence(play: Play) -> Told:
    named = (*play.named(play.submitted()), "--index", "0")
    told = play.call("case-submit-evidence", *named, "--uri", "/ipfs/e", role="employer")
    assert told["cases"][0]["args"]["evidence"] == "/ipfs/e"
    return told, ["Evidence"]


def rule_case(play: Play, ruling: str) -> Any:
    """Rule the newest dispute as the arbitrator, a contract: by an unsigned transaction."""
    wanted = {"address": play.adapter.address, "fromBlock": "0x0", "toBlock": "latest"}
    logs = play.scene.chain.request("eth_getLogs", wanted)
    topic = Web3.keccak(text="Dispute(address,uint256,uint256,uint256)").to_0x_hex()
    number = str(int([log for log in logs if log["topics"][0] == topic][-1]["topics"][2], 16))
    args = ("--adapter", play.adapter.address, "--dispute-id", number, "--ruling", ruling)
    tx = play.ran(play.cli("call", "case-rule", *args, "--unsigned")).json
    assert tx["from"] == play.arbitrator.address
    chain = play.scene.chain
    chain.request("anvil_setBalance", tx["from"], hex(ETHER))
    chain.request("anvil_impersonateAccount", tx["from"])
    try:
        return play.send_unsigned(tx)
    finally:
        chain.request("anvil_stopImpersonatingAccount", tx["from"])


def case_rule(play: Play) -> Told:
    play.submitted()
    receipt = rule_case(play, "freelancer")
    topic = Web3.keccak(text="Ruling(address,uint256,uint256)")
    (log,) = receipt["logs"]
    assert log["topics"][0] == topic
    assert int(log["data"].hex().removeprefix("0x"), 16) == 1
    return None, []


def case_execute(play: Play) -> Told:
    named = (*play.named(play.submitted()), "--index", "0")
    rule_case(play, "refused")
    told = play.call("case-execute", *named, role="stranger")
    halves = [event["args"] for event in told["events"] if event["event"] != "Ruled"]
    assert halves[0]["gross"] == str(ETHER // 2)
    assert told["cases"][-1]["args"]["ruling"] == "0"
    return told, ["Ruled", "Released", "Refunded", "Credited", "Credited", "Executed"]


def case_withdraw_credit(play: Play) -> Told:
    case_pay_fee(play)  # which pays too much
    args = ("--adapter", play.adapter.address)
    told = play.call("case-withdraw-credit", *args, role="freelancer")
    assert told["cases"][0]["args"]["receiver"] == play.address("freelancer")
    return told, ["CreditPaid"]


def approve(play: Play) -> Told:
    told = play.call("approve", "--token", "TEST6", "--amount", "1.5", role="freelancer")
    scene = play.scene
    owner, escrow = play.address("freelancer"), scene.client.address
    assert allowance_of(scene.w3, play.token(), owner, escrow) == 1_500_000
    return told, []


PLAYS: dict[str, Act] = {
    act.__name__.replace("_", "-"): act
    for act in (
        *(fund, fund_with_permit, accept, withdraw, amend, request_release, void_request),
        *(release, release_part, redeem, cancel, claim, dispute, rule, apply_fallback),
        *(settle, settle_dormant, keep_alive, withdraw_credit, pay_credit),
        *(request_funding, report, request_changes, request_cancel, submit_evidence),
        *(confirm_arbiter, rate),
        *(case_confirm, case_pay_fee, case_submit, case_submit_evidence, case_rule),
        *(case_execute, case_withdraw_credit, approve),
    )
}


@pytest.mark.parametrize("name", [row.name for row in CALLS])
def test_a_call_is_sent_and_told_by_its_events(play: Play, name: str) -> None:
    told, events = PLAYS[name](play)
    if told is None:  # sent by another means
        return
    assert events_of(told) == events
    assert told["call"] == name
    assert told["gas_used"] > 21_000
    receipt = play.scene.w3.eth.get_transaction_receipt(told["tx_hash"])
    assert (receipt["status"], receipt["blockNumber"]) == (1, told["block_number"])


def test_the_table_has_every_call_of_the_contracts() -> None:
    found: dict[str, set[str]] = {}
    for row in CALLS:
        found.setdefault(row.contract, set()).add(row.function or row.name.replace("-", "_"))
    for contract in (ESCROW, NOTES, ADAPTER):
        changing = {
            entry["name"]
            for entry in artifacts.load(contract).abi
            if entry["type"] == "function" and entry["stateMutability"] in ("payable", "nonpayable")
        }
        assert found[contract] == changing
    assert found[ERC20] == {"approve"}


def test_notes_stand_in_the_deal_and_among_its_events(play: Play) -> None:
    agreement = play.bound()
    named = play.named(agreement)
    play.call("report", *named, "--index", "1", "--percent", "40", role="freelancer")
    play.call("release", *named, "--index", "1", role="employer")
    deal_id = play.scene.id_of(agreement)
    told = play.ran(play.cli("deal", deal_id, "--json")).json
    (note,) = told["notes"]
    assert (note["event"], note["args"]["percent"]) == ("Reported", "40")
    shown = play.ran(play.cli("deal", deal_id)).out
    line = next(line for line in shown.splitlines() if "Reported" in line)
    assert line.split()[1:] == ["1", "Reported", "40", "%", "done,", "by", "0x3C44…93BC"]
    lines = play.ran(play.cli("events", "--deal", deal_id, "--json")).lines
    names = [json.loads(line)["event"] for line in lines]
    assert names[-3:] == ["Accepted", "Reported", "Released"]
    place = f"{note['block_number']}:{note['log_index']}"
    after = play.ran(play.cli("events", "--deal", deal_id, "--after", place)).out
    assert "Reported" not in after
    assert "Released" in after
    page = play.ran(play.cli("events", "--deal", deal_id, "--limit", str(len(names) - 1)))
    assert "Reported" in page.out
    assert "Released" not in page.out
