from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import Any, get_type_hints

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st
from vyper.ast import parse_to_ast
from vyper.ast.nodes import Call, EventDef

from milestone_escrow import artifacts, events
from milestone_escrow.agreement import Agreement, Milestone
from milestone_escrow.events import (
    EVENTS,
    Event,
    EventRecord,
    Opened,
    Reason,
    Released,
    ReleaseRequested,
    abi_inputs,
    decode_log,
    event_to_json,
    signature,
    topic0,
)
from milestone_escrow.exceptions import NodeError
from tests.library.plausible_escrow import ESCROW, PlausibleEscrow
from tests.library.raw_logs import to_log

CONTRACTS = Path(__file__).parents[2] / "contracts"
WORDS = CONTRACTS / "interfaces" / "IMilestoneEscrow.vyi"

uint256 = st.integers(0, 2**256 - 1)
bytes32 = st.binary(min_size=32, max_size=32)
address = st.binary(min_size=20, max_size=20).map(to_checksum_address)
agreement = st.builds(
    Agreement,
    **{
        name: {"str": address, "int": uint256, "bytes": bytes32}[str(field.type)]
        for field in fields(Agreement)[:-1]
        for name in [field.name]
    },
    milestones=st.lists(st.builds(Milestone, uint256, uint256), max_size=10).map(tuple),
)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: address,
    bytes: bytes32,
    int: uint256,
    Reason: st.sampled_from(Reason),
    Agreement: agreement,
}


def of_kind(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    return st.builds(kind, *[VALUES[hints[field.name]] for field in fields(kind)])


records = st.builds(
    EventRecord,
    block_number=st.integers(0, 2**63),
    block_hash=bytes32,
    tx_hash=bytes32,
    log_index=st.integers(0, 2**20),
    timestamp=st.none() | st.integers(0, 2**63),
    address=address,
    event=st.one_of([of_kind(kind) for kind in EVENTS]),
)


def some_record(kind: type[Event]) -> EventRecord:
    """Return a record of this kind out of a plausible history."""
    for seed in range(100):
        for record in PlausibleEscrow(Random(seed)).play(100):
            if isinstance(record.event, kind):
                return record
    raise AssertionError(f"no {kind.__name__} in any history")


@given(records)
def test_decodes_what_eth_abi_encodes(record: EventRecord) -> None:
    assert decode_log(to_log(record)) == record


def test_equals_the_words_of_the_contract() -> None:
    declared = {
        node.name: tuple(_declared(field) for field in node.body)
        for node in parse_to_ast(WORDS.read_text(), is_interface=True).body
        if isinstance(node, EventDef)
    }
    written = {
        kind.__name__: tuple(
            (name, "Agreement" if abi_type.startswith("(") else abi_type, indexed)
            for name, abi_type, indexed in abi_inputs(kind)
        )
        for kind in EVENTS
    }
    assert written == declared
    assert list(written) == list(declared)


def _declared(field: Any) -> tuple[str, str, bool]:
    indexed = isinstance(field.annotation, Call)
    kind = field.annotation.args[0] if indexed else field.annotation
    return field.target.id, kind.id, indexed


def test_equals_the_abi() -> None:
    ours = {kind.__name__: abi_inputs(kind) for kind in EVENTS}
    logged = [entry for entry in artifacts.load("MilestoneEscrow").abi if entry["type"] == "event"]
    assert logged
    for entry in logged:
        assert not entry["anonymous"]
        assert ours[entry["name"]] == tuple(
            (each["name"], _abi_type(each), each["indexed"]) for each in entry["inputs"]
        )


def _abi_type(entry: dict[str, Any]) -> str:
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    inner = ",".join(_abi_type(each) for each in entry["components"])
    return f"({inner}){entry['type'].removeprefix('tuple')}"


def test_reasons_are_those_of_the_contract() -> None:
    text = (CONTRACTS / "modules" / "reasons.vy").read_text()
    declared = re.findall(r"^([A-Z]+): constant\(uint256\) = (\d+)", text, re.MULTILINE)
    assert {reason.name: reason.value for reason in Reason} == {
        name: int(number) for name, number in declared
    }


def test_signature_and_topic() -> None:
    assert signature(events.Accepted) == "Accepted(bytes32,address)"
    assert len({topic0(kind) for kind in EVENTS}) == len(EVENTS) == 14


def test_an_unknown_topic_is_no_event() -> None:
    log = to_log(some_record(Released))
    assert decode_log(log | {"topics": ["0x" + "ab" * 32]}) is None
    assert decode_log(log | {"topics": []}) is None


@pytest.mark.parametrize("kind", EVENTS)
def test_refuses_a_wrong_length(kind: type[Event]) -> None:
    log = to_log(some_record(kind))
    topics, data = log["topics"], log["data"]
    broken = [
        {"topics": topics[:-1]},
        {"topics": [*topics, "0x" + "00" * 32]},
        {"topics": [topics[0], topics[1][:-2], *topics[2:]]},
        {"data": data + "00" * 32},
        {"data": data + "00"},
        {"data": data + "0"},
        {"data": data[:-64] if len(data) > 2 else "0x00"},
        {"blockHash": log["blockHash"][:-2]},
        {"transactionHash": log["transactionHash"] + "00"},
    ]
    for change in broken:
        with pytest.raises(NodeError, match=r"malformed log \(log") as caught:
            decode_log(log | change)
        assert caught.value.code == "malformed-log"


def test_refuses_what_is_no_log() -> None:
    log = to_log(some_record(Released))
    for change in (
        {"blockNumber": None},
        {"logIndex": "first"},
        {"data": None},
        {"data": "0x" + "zz" * 96},
        {"data": "0x" + "  " * 96},
        {"topics": None},
        {"address": "0x12"},
    ):
        with pytest.raises(NodeError, match="malformed"):
            decode_log(log | change)
    with pytest.raises(NodeError, match="malformed"):
        decode_log({key: value for key, value in log.items() if key != "blockHash"})


def test_refuses_a_dirty_address() -> None:
    in_topics = to_log(some_record(ReleaseRequested))
    topics = in_topics["topics"]
    in_data = to_log(some_record(Released))
    for log, change in (
        (in_topics, {"topics": [*topics[:3], "0x01" + topics[3][4:]]}),
        (in_data, {"data": "0x01" + in_data["data"][4:]}),
    ):
        with pytest.raises(NodeError, match="padded"):
            decode_log(log | change)


def test_refuses_an_unknown_reason() -> None:
    log = to_log(some_record(Released))
    for reason in (0, 10, 2**255):
        data = log["data"][:-64] + f"{reason:064x}"
        with pytest.raises(NodeError, match=f"no reason has the number {reason}"):
            decode_log(log | {"data": data})


def test_refuses_an_agreement_that_is_not_canonical() -> None:
    log = to_log(some_record(Opened))
    data = bytes.fromhex(log["data"][2:])
    for position, value in ((0, 64), (16 * 32, 15 * 32)):
        moved = data[:position] + value.to_bytes(32) + data[position + 32 :]
        with pytest.raises(NodeError, match="offset"):
            decode_log(log | {"data": "0x" + moved.hex()})
    eleven = data[: 17 * 32] + (11).to_bytes(32) + bytes(22 * 32)
    with pytest.raises(NodeError, match="11 milestones"):
        decode_log(log | {"data": "0x" + eleven.hex()})
    endless = data[: 17 * 32] + (2**256 - 1).to_bytes(32)
    with pytest.raises(NodeError, match="bytes of data"):
        decode_log(log | {"data": "0x" + endless.hex()})


def test_json_has_no_number_that_javascript_would_round() -> None:
    record = some_record(Released)
    assert isinstance(record.event, Released)
    event = replace(record.event, gross=2**256 - 1, reason=Reason.OVERDUE)
    shape = event_to_json(replace(record, event=event))
    assert shape["event"] == "Released"
    assert shape["address"] == ESCROW
    assert shape["tx_hash"] == "0x" + record.tx_hash.hex()
    assert shape["args"] == {
        "deal_id": "0x" + event.deal_id.hex(),
        "index": str(event.index),
        "receiver": event.receiver,
        "gross": str(2**256 - 1),
        "fee": str(event.fee),
        "remaining": str(event.remaining),
        "reason": "overdue",
    }


def test_json_of_an_opening_holds_the_agreement() -> None:
    record = some_record(Opened)
    assert isinstance(record.event, Opened)
    args = event_to_json(record)["args"]
    assert isinstance(args, dict)
    assert Agreement.from_json(args["agreement"]) == record.event.agreement
