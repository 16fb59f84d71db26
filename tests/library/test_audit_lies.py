"""Every lie of a node is found and named."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.audit import Difference
from milestone_escrow.audit.storage import credit_slot, deal_slot, milestone_slot
from milestone_escrow.calls import encode_call
from milestone_escrow.event_types import (
    Accepted,
    Credited,
    Funded,
    Refunded,
)
from milestone_escrow.events import EventRecord
from milestone_escrow.indexer import Reader, Store
from milestone_escrow.state import fold
from tests.library.audited import Audited, Liar, at, difference, played


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with played(tmp_path_factory.mktemp("audited")) as made:
        yield made


Lie = Callable[[list[Any], Any], Any]


def told(chain: Audited, **lies: Lie) -> Difference:
    """Return what an audit finds with a node that lies."""
    with Liar(chain.rpc_url, dict(lies)) as liar:
        found = difference(chain, rpc_url=liar.url)
        assert liar.told
    return found


def word_lie(slot: int, change: int) -> Lie:
    wanted = f"0x{slot:064x}"
    return lambda params, word: f"0x{int(word, 16) ^ change:064x}" if params[1] == wanted else word


def view_lie(data: bytes, place: int) -> Lie:
    """Change the last bit of a word of what a view answers."""

    def lie(params: list[Any], answer: Any) -> Any:
        if params[0].get("data") != "0x" + data.hex():
            return answer
        changed = bytearray.fromhex(answer[2:])
        changed[32 * place + 31] ^= 1
        return "0x" + changed.hex()

    return lie


def some_deal(chain: Audited) -> bytes:
    record = chain.first(Funded, index=2)
    deal_id: bytes = record.event.deal_id  # type: ignore[union-attr]
    return deal_id


def test_finds_a_lie_about_a_deals_word(chain: Audited) -> None:
    deal_id = some_deal(chain)
    found = told(chain, eth_getStorageAt=word_lie(deal_slot(deal_id), 4))
    assert (found.check, found.what, found.deal_id) == ("storage", "the deal's word", deal_id)
    assert int(found.expected, 16) ^ int(found.found, 16) == 4


def test_finds_a_lie_about_a_milestones_word(chain: Audited) -> None:
    deal_id = some_deal(chain)
    found = told(chain, eth_getStorageAt=word_lie(milestone_slot(deal_id, 1), 1))
    assert (found.what, found.deal_id, found.index) == ("the milestone's word", deal_id, 1)


def test_finds_a_lie_about_a_stored_credit(chain: Audited) -> None:
    event = chain.first(Credited).event
    assert isinstance(event, Credited)
    found = told(chain, eth_getStorageAt=word_lie(credit_slot(event.token, event.owner), 1))
    assert found.what == f"the stored credit of {event.owner} in {event.token}"


@pytest.mark.parametrize(
    ("place", "field"),
    enumerate(("opened", "closed", "bound", "funded", "settled", "last_activity")),
)
def test_finds_a_lie_in_the_view_of_a_deal(chain: Audited, place: int, field: str) -> None:
    deal_id = some_deal(chain)
    found = told(chain, eth_call=view_lie(encode_call("deal", deal_id), place))
    assert (found.check, found.what) == ("storage", f"{field} in the view deal")
    assert found.deal_id == deal_id


@pytest.mark.parametrize(("place", "field"), enumerate(("status", "paid", "since")))
def test_finds_a_lie_in_the_view_of_a_milestone(chain: Audited, place: int, field: str) -> None:
    deal_id = some_deal(chain)
    found = told(chain, eth_call=view_lie(encode_call("milestone", deal_id, 1), place))
    assert (found.what, found.index) == (f"{field} in the view milestone", 1)


def test_finds_a_lie_in_the_view_of_a_credit(chain: Audited) -> None:
    event = chain.first(Credited).event
    assert isinstance(event, Credited)
    data = encode_call("credit", event.token, event.owner)
    found = told(chain, eth_call=view_lie(data, 0))
    assert found.what == f"the view credit of {event.owner} in {event.token}"


def test_finds_a_shortfall_of_the_coin(chain: Audited) -> None:
    def one_less(params: list[Any], balance: Any) -> Any:
        return hex(int(balance, 16) - 1) if params[0] == chain.escrow else balance

    found = told(chain, eth_getBalance=one_less)
    assert (found.check, int(found.found.partition(",")[0]) + 1) == (
        "balances",
        int(found.expected.partition(",")[0]),
    )
    with Liar(chain.rpc_url, {"eth_getBalance": one_less}) as liar:
        assert chain.audit(rpc_url=liar.url, allow_surplus=True).difference == found


def test_a_surplus_is_a_difference_unless_it_is_allowed(chain: Audited) -> None:
    def one_more(params: list[Any], balance: Any) -> Any:
        return hex(int(balance, 16) + 1) if params[0] == chain.escrow else balance

    assert told(chain, eth_getBalance=one_more).found.endswith("which is 1 more")
    with Liar(chain.rpc_url, {"eth_getBalance": one_more}) as liar:
        assert chain.audit(rpc_url=liar.url, allow_surplus=True).difference is None


def test_finds_a_shortfall_of_a_token(chain: Audited) -> None:
    token = next(token for token in fold(chain.records).ledgers if token != ZERO_ADDRESS)
    data = "0x70a08231" + "0" * 24 + chain.escrow[2:].lower()

    def another(params: list[Any], answer: Any) -> Any:
        is_it = params[0].get("to") == token and params[0].get("data") == data
        return f"0x{int(answer, 16) + 5:064x}" if is_it else answer

    found = told(chain, eth_call=another)
    assert (found.check, found.what) == ("balances", f"the contract's balance of {token}")


def test_finds_a_log_that_the_node_leaves_out(chain: Audited) -> None:
    record = chain.first(Accepted)
    place = hex(record.block_number), hex(record.log_index)

    def without(_: list[Any], logs: Any) -> Any:
        return [log for log in logs if (log["blockNumber"], log["logIndex"]) != place]

    found = told(chain, eth_getLogs=without)
    assert (found.check, found.expected, found.tx_hash) == ("logs", "none", record.tx_hash)


def test_finds_the_last_log_left_out(chain: Audited) -> None:
    record = chain.records[-1]
    found = told(chain, eth_getLogs=lambda _, logs: logs[:-1])
    assert (found.check, found.expected, found.log_index) == ("logs", "none", record.log_index)


def test_finds_a_log_that_the_node_left_out_of_the_index_too(
    chain: Audited, tmp_path: Path
) -> None:
    """The index agrees with the liar; the receipt shows that a log is missing."""
    record = chain.records[-1]
    place = hex(record.block_number), hex(record.log_index)

    def without(_: list[Any], logs: Any) -> Any:
        return [log for log in logs if (log["blockNumber"], log["logIndex"]) != place]

    path = chain.copy(tmp_path / "index", f"DELETE FROM events WHERE {at(record)}")
    with Reader(path) as reader:
        source = reader.identity
    with Store(path, source) as store:
        store.rebuild()
    with Liar(chain.rpc_url, {"eth_getLogs": without}) as liar:
        found = difference(chain, path=path, rpc_url=liar.url)
        assert (found.check, found.tx_hash) == ("receipts", record.tx_hash)
        # Where it lies about receipts, too, the storage is not what the events give.
        liar.lies["eth_getTransactionReceipt"] = lambda _, receipt: (
            receipt | {"logs": without([], receipt["logs"])}
        )
        found = difference(chain, path=path, rpc_url=liar.url)
        event = record.event
        assert isinstance(event, Credited)
        assert (found.check, found.what) == (
            "storage",
            f"the view credit of {event.owner} in {event.token}",
        )
        assert int(found.found) == int(found.expected) + event.amount


def change_receipt(record: EventRecord, **changes: Any) -> Lie:
    def lie(_: list[Any], receipt: Any) -> Any:
        if receipt["transactionHash"] != "0x" + record.tx_hash.hex():
            return receipt
        changed = copy.deepcopy(receipt)
        for name, value in changes.items():
            changed[name] = value(changed[name]) if callable(value) else value
        return changed

    return lie


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"status": "0x0"}, "the transaction's status"),
        ({"blockHash": "0x" + "ab" * 32}, "the block of the receipt"),
        ({"logs": lambda logs: logs[:-1]}, "the log in the receipt"),
        (
            {"logs": lambda logs: [*logs[:-1], logs[-1] | {"logIndex": "0x63"}]},
            "the log",
        ),
    ],
    ids=["status", "block", "a log less", "another place"],
)
def test_finds_a_lie_in_a_receipt(chain: Audited, changes: dict[str, Any], what: str) -> None:
    record = chain.first(Refunded)
    found = told(chain, eth_getTransactionReceipt=change_receipt(record, **changes))
    assert (found.check, found.what, found.tx_hash) == ("receipts", what, record.tx_hash)


def test_finds_a_receipt_that_is_not_there(chain: Audited) -> None:
    found = told(chain, eth_getTransactionReceipt=lambda *_: None)
    assert (found.check, found.found, found.tx_hash) == (
        "receipts",
        "none",
        chain.records[0].tx_hash,
    )


def test_finds_other_code(chain: Audited) -> None:
    found = told(chain, eth_getCode=lambda _, code: code[:-2])
    assert (found.check, found.what) == ("identity", f"the code at {chain.escrow}")
    found = told(
        chain, eth_getCode=lambda _, code: code[:100] + f"{15 - int(code[100], 16):x}" + code[101:]
    )
    assert found.check == "identity"
