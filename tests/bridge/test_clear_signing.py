"""The ERC-7730 descriptors: of every call and message, as the contracts have them, and readable."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from milestone_escrow import artifacts, calls
from milestone_escrow.agreement import Agreement
from milestone_escrow.arbiter_events import ADAPTER
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.chain import start_anvil
from milestone_escrow.client import connect
from milestone_escrow.deployments import Registry, deploy_noted
from milestone_escrow.messages import Amendment, Domain, Message, Settlement, Voucher
from milestone_escrow.signers import NodeSigner
from milestone_escrow.typed_data import encode_type, typed_data
from scripts._build.erc7730 import FOLDER, descriptors, main
from tests.bridge.clear_signing import NotForThis, Screen, read_call, read_message
from tests.bridge.descriptor_fit import disagreements, message_disagreements
from tests.library.agreements import ARBITER, EMPLOYER, FREELANCER, NOW, PAYEE, TOKEN, sound

CHAIN_ID: Final = 7730
ADDRESSES: Final = {ESCROW: "0x" + "e5" * 20, NOTES: "0x" + "0e" * 20, ADAPTER: "0x" + "ad" * 20}
MADE: Final = descriptors(CHAIN_ID, ADDRESSES)
MESSAGES: Final = MADE["eip712-MilestoneEscrow.json"]
TOKENS: Final = {TOKEN: ("TUSD", 6)}
_FINAL: Final = ("never taken back", "split is final")


def calldata(contract: str) -> dict[str, Any]:
    return MADE[f"calldata-{contract}.json"]


def changed(descriptor: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a copy after a change of its formats."""
    other = copy.deepcopy(descriptor)
    change(other["display"]["formats"])
    return other


def key_of(formats: dict[str, Any], name: str) -> str:
    (key,) = (key for key in formats if key.startswith(f"{name}("))
    return key


# --- They fit


@pytest.mark.parametrize("contract", ADDRESSES)
def test_abuse_bridge_18_descriptors_fit_the_abi(contract: str) -> None:
    assert disagreements(calldata(contract), artifacts.load(contract).abi) == []


def test_abuse_bridge_18_descriptors_fit_the_typed_data() -> None:
    keys = [encode_type(kind) for kind in ("Agreement", "Amendment", "Settlement", "Voucher")]
    assert len(keys) == len(MESSAGE_FACTS.keys() - {"permit"})
    assert message_disagreements(MESSAGES, keys) == []


def _without(name: str) -> Callable[[Any], Any]:
    return lambda formats: formats.pop(key_of(formats, name))


def _rekeyed(name: str, old: str, new: str) -> Callable[[Any], Any]:
    def change(formats: Any) -> None:
        key = key_of(formats, name)
        assert old in key
        formats[key.replace(old, new)] = formats.pop(key)

    return change


def _field(name: str, at: str, **values: Any) -> Callable[[Any], Any]:
    def change(formats: Any) -> None:
        fields = formats[key_of(formats, name)]["fields"]
        (field,) = (each for each in fields if each.get("path") == at)
        if values:
            field.update(values)
        else:
            fields.remove(field)

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without("release"), "release has no format"),
        (_rekeyed("release", "uint256[] indexes", "uint256 indexes"), "release is no function"),
        (_rekeyed("release", "indexes", "milestones"), "release: its arguments have other names"),
        (_rekeyed("rule", "uint256 index", "uint index"), "no canonical type"),
        (_field("release", "indexes.[]", path="indices.[]"), "release: there is no indices.[]"),
        (_field("release", "indexes.[]"), "release: indexes.[] is not shown"),
        (_field("fund", "@.value"), "fund: @.value is not shown"),
        (_field("release", "agreement.payee"), "release: agreement.payee is not shown"),
        (_field("release", "agreement.payee", format="date"), "agreement.payee is no date"),
        (_field("release_part", "amount", format="addressName"), "amount is no addressName"),
        (
            _field("release_part", "amount", params={"tokenPath": "agreement.document"}),
            "amount is in a token at agreement.document, where there is none",
        ),
    ],
)
def test_what_does_not_fit_is_seen(change: Callable[[Any], Any], told: str) -> None:
    wrong = disagreements(changed(calldata(ESCROW), change), artifacts.load(ESCROW).abi)
    assert any(told in each for each in wrong), wrong


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without("Voucher"), "has no format"),
        (_rekeyed("Voucher", "bytes32 deal", "bytes32 id"), "is no message"),
        (_field("Voucher", "paid_total"), "Voucher: paid_total is not shown"),
        (_field("Amendment", "new.token", path="new.coin"), "Amendment: there is no new.coin"),
    ],
)
def test_what_does_not_fit_a_message_is_seen(change: Callable[[Any], Any], told: str) -> None:
    keys = list(MESSAGES["display"]["formats"])
    wrong = message_disagreements(changed(MESSAGES, change), keys)
    assert any(told in each for each in wrong), wrong


def test_descriptors_follow_the_schema() -> None:
    schema = json.loads(Path(__file__).with_name("erc7730.schema.json").read_text("utf-8"))
    valid = jsonschema_rs.validator_for(schema)
    for name, descriptor in MADE.items():
        told = [f"{name}: {error.message}" for error in valid.iter_errors(descriptor)]
        assert not told, told
    for change in (
        _field("release", "indexes.[]", format="integer"),
        _field("release", "indexes.[]", label="A label that is cut by a small screen"),
        _field("release", "indexes.[]", path="indexes[0]"),
        _field("release_part", "amount", params={}),
        lambda formats: formats[key_of(formats, "release")].update(intent="x" * 31),
        lambda formats: formats[key_of(formats, "release")].pop("fields"),
    ):
        assert not valid.is_valid(changed(calldata(ESCROW), change))


def test_what_is_final_is_said_in_the_intent_and_in_a_sentence() -> None:
    of_calls = {
        (facts.contract, facts.function): facts
        for facts in CALL_FACTS.values()
        if facts.contract in ADDRESSES
    }
    for (contract, function), facts in of_calls.items():
        formats = calldata(contract)["display"]["formats"]
        shown = formats[key_of(formats, function)]
        assert {"label": "Does", "value": facts.does, "format": "raw"} in shown["fields"]
        assert {"label": "Final", "value": facts.final, "format": "raw"} in shown["fields"]
        assert shown["intent"].endswith(": final") == any(w in facts.final for w in _FINAL)


# --- They are the ones that are published


def test_the_published_descriptors_are_fresh() -> None:
    assert main(["--check"]) == 0
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "calldata-DealNotes.json",
        "calldata-MilestoneEscrow.json",
        "eip712-MilestoneEscrow.json",
    ]


def test_those_of_another_deployment_are_made_by_the_command(tmp_path: Path) -> None:
    where = ["--chain-id", str(CHAIN_ID), "--to", str(tmp_path)]
    for option, address in zip(("escrow", "notes", "adapter"), ADDRESSES.values(), strict=True):
        where += [f"--{option}", address]
    assert main(where) == 0 == main([*where, "--check"])
    one = tmp_path / "calldata-MilestoneEscrow.json"
    context = json.loads(one.read_text("utf-8"))["context"]
    (deployment,) = context["contract"]["deployments"]
    assert deployment["chainId"] == CHAIN_ID
    assert deployment["address"].lower() == ADDRESSES[ESCROW]
    one.write_text(one.read_text("utf-8").replace("Employer", "Payer"), "utf-8")
    assert main([*where, "--check"]) == 1
    with pytest.raises(SystemExit):
        main(["--chain-id", "1", "--to", str(tmp_path)])


def test_the_published_ones_are_of_the_local_chain(tmp_path: Path) -> None:
    with start_anvil(0) as node:
        w3 = connect(node.rpc_url)
        first = NodeSigner(w3, node.chain.accounts()[0])
        for made in deploy_noted(w3, first, Registry(tmp_path / "deployments.json")):
            text = (FOLDER / f"calldata-{made.contract}.json").read_text("utf-8")
            (deployment,) = json.loads(text)["context"]["contract"]["deployments"]
            assert deployment == {"chainId": made.chain_id, "address": made.address}


# --- They are readable


def call_shown(call: calls.Call, **changes: Any) -> Screen:
    sent = {
        "chainId": hex(CHAIN_ID),
        "to": ADDRESSES[call.contract],
        "data": "0x" + call.data.hex(),
        "value": hex(call.value),
    }
    return read_call(calldata(call.contract), sent | changes, TOKENS)


def test_a_funding_is_shown_with_every_term() -> None:
    agreement = sound(token=TOKEN, milestones=[(600_000_000, NOW + 86_400), (1, NOW + 172_800)])
    shown = call_shown(calls.fund(agreement, [0, 1], b"\x01\x02"))
    assert shown.intent == "Fund milestones"
    assert [line.text for line in shown.lines if line.path == "indexes.[]"] == ["0", "1"]
    assert shown.texts("Amount") == ["600 TUSD", "0.000001 TUSD"]
    assert shown.texts("Deadline") == ["2027-01-16T08:00:00Z", "2027-01-17T08:00:00Z"]
    assert shown.texts("Price") == ["600.000001 TUSD"]
    assert shown.texts("Sent along") == ["0 ETH"]
    assert shown.texts("Paid instead") == [agreement.payee]
    assert shown.texts("Review period") == ["720:00:00"]
    assert shown.texts("Fee of payments") == ["2.5%"]
    assert shown.texts("Replaces deal") == []  # nothing
    assert shown.texts("Signature") == ["0x0102"]
    assert [line.label for line in shown.lines if line.optional] == ["Signature"]
    assert shown.lines[-1].text.startswith("With the freelancer's signature the deal is bound")


def test_the_coin_is_shown_as_the_coin() -> None:
    agreement = sound(milestones=[(3 * 10**18, NOW + 86_400), (10**17, NOW + 86_400)])
    shown = call_shown(calls.fund(agreement, [0, 1]))
    assert shown.texts("Sent along") == ["3.1 ETH"] and shown.texts("Price") == ["3.1 ETH"]
    part = call_shown(calls.release_part(agreement, 1, 5 * 10**16))
    assert part.intent == "Release a part: final"
    assert part.at("amount") == ["0.05 ETH"] and part.at("index") == ["1"]


def test_a_split_is_shown_in_pairs() -> None:
    agreement = sound(token=TOKEN)
    call = calls.settle(agreement, [1, 0], [40_000_000, 7], NOW, b"\x01" * 65, EMPLOYER)
    lines = [(line.label, line.text) for line in call_shown(call).lines]
    split = [each for each in lines if each[0] in ("Milestone (from 0)", "To the freelancer")]
    assert [text for _, text in split] == ["1", "40 TUSD", "0", "0.000007 TUSD"]
    assert ("Valid before", "2027-01-15T08:00:00Z") in lines


def test_an_amendment_is_shown_in_the_new_terms() -> None:
    old = sound(token=TOKEN)
    new = sound(token=TOKEN, supersedes=b"\x07" * 32, milestones=[(5_000_000, NOW + 86_400)])
    shown = call_shown(calls.amend(old, new, [0], 0, NOW, b"\x01" * 65))
    assert shown.at("new.supersedes") == ["0x" + "07" * 32]
    assert shown.at("new.milestones.[].amount") == ["5 TUSD"]
    assert shown.at("new.arbiter") == [new.arbiter]
    assert not [line for line in shown.lines if line.optional and "new." in str(line.path)]


def test_another_place_or_call_is_not_shown() -> None:
    call = calls.release(sound(), [0])
    for change in ({"chainId": "0x1"}, {"to": ADDRESSES[NOTES]}, {"data": "0x12345678"}):
        with pytest.raises(NotForThis):
            call_shown(call, **change)


def test_what_was_swapped_in_a_transaction_is_seen() -> None:
    asked, sent = sound(), sound(payee=ARBITER, arbiter=PAYEE)
    shown = call_shown(calls.release(sent, [0]))
    assert shown.texts("Paid instead") == [sent.payee] != [asked.payee]


@pytest.mark.parametrize(
    ("message", "texts"),
    [
        (sound(token=TOKEN), {"freelancer": [sound().freelancer], "price": ["0.001 TUSD"]}),
        (
            Voucher(b"\x05" * 32, 3, 12_345, NOW),
            {"index": ["3"], "paid_total": ["12345"], "expiry": ["2027-01-15T08:00:00Z"]},
        ),
        (
            Settlement(b"\x05" * 32, (0, 2), (7, 8), 900, NOW),
            {"indexes.[]": ["0", "2"], "freelancer_amounts.[]": ["7", "8"], "remaining": ["900"]},
        ),
        (
            Amendment(b"\x05" * 32, sound(token=TOKEN), (1,), 2_000_000, NOW),
            {"old": ["0x" + "05" * 32], "moved": ["2 TUSD"], "new.employer": [sound().employer]},
        ),
    ],
)
def test_messages_are_shown(message: Message, texts: dict[str, list[str]]) -> None:
    signed = typed_data(message, Domain(CHAIN_ID, ADDRESSES[ESCROW]))
    shown = read_message(MESSAGES, signed, TOKENS)
    facts = MESSAGE_FACTS[type(message).__name__.lower()]
    assert shown.texts("Does") == [facts.does] and shown.texts("Final") == [facts.final]
    for path, wanted in texts.items():
        assert shown.at(path) == wanted
    in_raw_units = isinstance(message, Voucher | Settlement)
    assert shown.texts("Amounts in") == ["raw units of the deal's token"] * in_raw_units
    # Every field of the message is on the screen.
    paths = {str(line.path).partition(".")[0] for line in shown.lines}
    hidden = {"supersedes"} if isinstance(message, Agreement) else set()
    assert set(signed["message"]) - paths == hidden


@pytest.mark.parametrize(
    "change", [{"chainId": 1}, {"verifyingContract": FREELANCER}, {"version": "2"}, {"name": "X"}]
)
def test_a_message_of_another_domain_is_not_shown(change: dict[str, Any]) -> None:
    signed = typed_data(Voucher(b"\x05" * 32, 0, 1, 2), Domain(CHAIN_ID, ADDRESSES[ESCROW]))
    signed["domain"].update(change)
    with pytest.raises(NotForThis):
        read_message(MESSAGES, signed, TOKENS)
