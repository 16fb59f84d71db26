"""The arbiter adapter's calls and events as data; ``tests/cli/test_call.py`` sends them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from eth_abi.abi import decode, encode
from eth_abi.packed import encode_packed
from eth_typing import ABIFunction
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic, function_abi_to_4byte_selector
from eth_utils.crypto import keccak

from milestone_escrow import arbiter, artifacts
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import Agreement
from milestone_escrow.arbiter import RULINGS, case_id
from milestone_escrow.arbiter_events import ADAPTER, CaseEvent, decode_case_log
from milestone_escrow.calls import Call
from milestone_escrow.exceptions import NodeError, UsageError
from milestone_escrow.revert_sentences import SENTENCES
from tests.library.agreements import EMPLOYER, FREELANCER, PAYEE, TOKEN, sound

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
STRUCT = sound().as_tuple()
CALLS: dict[str, tuple[Callable[[Agreement], Call], str, int, tuple[Any, ...]]] = {
    "confirm": (lambda a: arbiter.confirm(a, PAYEE), PAYEE, 0, (STRUCT,)),
    "pay_fee": (lambda a: arbiter.pay_fee(a, 1, EMPLOYER, 7), EMPLOYER, 7, (STRUCT, 1)),
    "submit": (lambda a: arbiter.submit(a, 1, PAYEE, 3), PAYEE, 3, (STRUCT, 1)),
    "submit_evidence": (
        lambda a: arbiter.submit_evidence(a, 1, "/ipfs/é", FREELANCER),
        FREELANCER,
        0,
        (STRUCT, 1, "/ipfs/é"),
    ),
    "rule": (lambda a: arbiter.rule(a.arbiter, TOKEN, 4, 2), TOKEN, 0, (4, 2)),
    "execute": (lambda a: arbiter.execute(a, 1, PAYEE), PAYEE, 0, (STRUCT, 1)),
    "withdraw_credit": (
        lambda a: arbiter.withdraw_credit(a.arbiter, PAYEE, EMPLOYER),
        PAYEE,
        0,
        (EMPLOYER,),
    ),
}


def entries(kind: str) -> list[dict[str, Any]]:
    return [entry for entry in artifacts.load(ADAPTER).abi if entry["type"] == kind]


def lowered(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(lowered(item) for item in value)
    return value.lower() if isinstance(value, str) and value.startswith("0x") else value


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_the_adapter_s_function_with_its_arguments(name: str) -> None:
    build, sender, value, arguments = CALLS[name]
    agreement = sound()
    call = build(agreement)
    assert (call.name, call.sender, call.value) == (name, sender, value)
    assert (call.contract, call.to, call.allowance) == (ADAPTER, agreement.arbiter, None)
    (entry,) = (entry for entry in entries("function") if entry["name"] == name)
    function = cast(ABIFunction, entry)
    assert call.data[:4] == function_abi_to_4byte_selector(function)
    types = [collapse_if_tuple(argument) for argument in function["inputs"]]
    assert lowered(decode(types, call.data[4:])) == lowered(arguments)


def test_every_call_of_the_adapter_is_there() -> None:
    changing = {
        entry["name"]
        for entry in entries("function")
        if entry["stateMutability"] in ("payable", "nonpayable")
    }
    assert set(CALLS) == changing
    assert changing <= set(arbiter.__all__)


def test_without_an_arbiter_there_are_no_cases() -> None:
    with pytest.raises(UsageError, match="has no arbiter") as none:
        arbiter.execute(sound(arbiter=ZERO_ADDRESS, arbiter_bps=0), 0, PAYEE)
    assert none.value.code == "no-adapter"
    with pytest.raises(UsageError, match="sender is '0x12', not an address"):
        arbiter.execute(sound(), 0, "0x12")


def test_the_id_of_a_case_is_the_contract_s() -> None:
    deal_id = bytes(range(32))
    packed = encode_packed(["bytes32", "uint256"], [deal_id, 3])  # the same, both being words
    assert case_id(deal_id, 3) == int.from_bytes(keccak(packed), "big")


# --- Events

VALUES = {"bytes32": b"\xab" * 32, "address": PAYEE, "uint256": 9, "bool": True, "string": "/é"}


def log_of(entry: dict[str, Any], **changes: Any) -> dict[str, Any]:
    event: Any = entry
    types = [(field["type"], field["indexed"]) for field in entry["inputs"]]
    topics = [encode([kind], [VALUES[kind]]) for kind, indexed in types if indexed]
    plain = [kind for kind, indexed in types if not indexed]
    return {
        "topics": ["0x" + topic.hex() for topic in (event_abi_to_log_topic(event), *topics)],
        "data": "0x" + encode(plain, [VALUES[kind] for kind in plain]).hex(),
        "blockNumber": "0x10",
        "logIndex": "0x2",
        **changes,
    }


@pytest.mark.parametrize("entry", entries("event"), ids=lambda entry: str(entry["name"]))
def test_an_event_has_every_field_of_the_contract_s(entry: dict[str, Any]) -> None:
    record = decode_case_log(log_of(entry))
    assert record is not None
    assert (record.block_number, record.log_index) == (16, 2)
    assert type(record.event).__name__ == entry["name"]
    # The indexed fields come first in every event of the adapter.
    indexed = [field["indexed"] for field in entry["inputs"]]
    assert indexed == sorted(indexed, reverse=True)
    values = [getattr(record.event, field.name) for field in fields(record.event)]
    assert values == [VALUES[field["type"]] for field in entry["inputs"]]
    for field, told in zip(fields(record.event), entry["inputs"], strict=True):
        if not told["name"].startswith("_"):  # the standards' have names of their own
            assert field.name == told["name"]


def test_every_event_of_the_adapter_has_its_type() -> None:
    assert {kind.__name__ for kind in get_args(CaseEvent)} == {
        entry["name"] for entry in entries("event")
    }


def test_other_logs_are_passed_over_and_malformed_ones_told() -> None:
    (entry,) = (entry for entry in entries("event") if entry["name"] == "FeePaid")
    assert decode_case_log(log_of(entry, topics=[])) is None
    assert decode_case_log(log_of(entry, topics=["0x" + "11" * 32])) is None
    log = log_of(entry)
    for change in (
        {"topics": log["topics"][:-1]},
        {"data": log["data"][:-64]},
        {"data": "0xzz"},
    ):
        with pytest.raises(NodeError, match="a log that is no FeePaid") as malformed:
            decode_case_log(log | change)
        assert malformed.value.code == "malformed-log"


def test_every_error_of_the_adapter_has_its_sentence() -> None:
    errors = artifacts.load(ADAPTER).errors()
    assert errors
    assert set(errors) <= set(SENTENCES)


def test_rulings_are_numbered_as_the_adapter_s() -> None:
    source = (CONTRACTS / "arbiters" / "ArbiterAdapter.vy").read_text(encoding="utf-8")
    constants = dict(re.findall(r"^(\w+): constant\(uint256\) = (\w+)", source, re.M))
    for number, (ruling, winner) in enumerate(
        (("REFUSED", "refused"), ("FREELANCER_WINS", "freelancer"), ("EMPLOYER_WINS", "employer"))
    ):
        value = constants[ruling]
        assert int(str(constants.get(value, value))) == number
        assert RULINGS[number] == winner
    assert int(constants["CHOICES"]) == len(RULINGS) - 1
