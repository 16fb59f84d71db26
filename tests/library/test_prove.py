"""Proofs: what they show is so, and a changed one shows nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from milestone_escrow import calls
from milestone_escrow.agreement import Agreement
from milestone_escrow.audit.proof_check import check
from milestone_escrow.audit.proof_file import ProofError, read_proof
from milestone_escrow.audit.proof_words import words_of
from milestone_escrow.audit.prove import prove_deal, prove_transaction
from milestone_escrow.audit.storage import milestone_slot
from milestone_escrow.deal_state import Status
from milestone_escrow.event_types import Credited, Opened
from milestone_escrow.events import event_to_json
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rpc import Rpc
from milestone_escrow.state import fold
from tests.library.audited import Audited, played
from tests.library.proving import (
    CHAIN_ID,
    hash_of,
    proof_of_deal,
    proof_of_transaction,
    unknown,
    with_everything,
)
from tests.nodes.stage import Stage


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with played(tmp_path_factory.mktemp("proved")) as made:
        yield made


@pytest.fixture(scope="module")
def rpc(chain: Audited) -> Iterator[Rpc]:
    with Rpc(chain.rpc_url) as connected:
        yield connected


# --- State


def test_proves_what_is_stored(rpc: Rpc, chain: Audited) -> None:
    last = chain.records[-1].block_number
    state = fold(chain.records)
    for deal in state.deals.values():
        proven = check(proof_of_deal(rpc, chain, deal, block=last), hash_of(rpc, last))
        assert proven.is_this_version is True
        (shown,) = proven.claims["deals"]
        assert shown["deal_id"] == "0x" + deal.deal_id.hex()
        assert (shown["opened"], shown["closed"], shown["bound"]) == (True, deal.closed, deal.bound)
        assert int(shown["last_activity"]) == deal.last_activity
        assert [
            (each["state"], int(each["remaining"]), int(each["since"]))
            for each in shown["milestones"]
        ] == [(m.status.name.lower(), m.remaining, m.since) for m in deal.milestones]
        assert int(proven.claims["balance"]) == state.held("0x" + "0" * 40)


def test_proves_that_nothing_was_there_yet(rpc: Rpc, chain: Audited) -> None:
    deal = with_everything(chain)
    before = deal.opened_block - 1
    content = proof_of_deal(rpc, chain, deal, block=before)
    (shown,) = check(content, hash_of(rpc, before)).claims["deals"]
    assert (shown["opened"], shown["bound"]) == (False, False)
    assert {each["state"] for each in shown["milestones"]} == {"agreed"}


def test_proves_chosen_milestones_and_credits(rpc: Rpc, chain: Audited) -> None:
    deal = with_everything(chain)
    credited = chain.first(Credited, deal_id=deal.deal_id).event
    assert isinstance(credited, Credited)
    last = chain.records[-1].block_number
    owners = [credited.owner, deal.employer]
    content = proof_of_deal(rpc, chain, deal, block=last, indexes=[1], credit_owners=owners)
    proven = check(content, hash_of(rpc, last))
    assert [each["index"] for each in proven.claims["deals"][0]["milestones"]] == ["1"]
    credits = fold(chain.records).credits
    assert [(each["owner"], int(each["amount"])) for each in proven.claims["credits"]] == [
        (owner, credits.get((deal.token, owner), 0)) for owner in owners
    ]
    assert credits[deal.token, credited.owner] > 0
    words = " ".join(words_of(proven))
    assert "Milestone 1 of 300000 raw units was disputed, held 300000, since 20" in words
    assert "the proof does not show that" in words
    assert "has the code of the milestone escrow of this version" in words
    with pytest.raises(UsageError, match="has the milestones 0 to 2"):
        proof_of_deal(rpc, chain, deal, indexes=[3])


# --- Transactions


def test_proves_each_transaction(rpc: Rpc, chain: Audited) -> None:
    for tx_hash in dict.fromkeys(record.tx_hash for record in chain.records):
        together = [record for record in chain.records if record.tx_hash == tx_hash]
        proven = check(proof_of_transaction(rpc, chain, tx_hash), together[0].block_hash)
        assert proven.claims["transaction"]["hash"] == "0x" + tx_hash.hex()
        assert proven.claims["transaction"]["succeeded"] is True
        assert [(each["event"], each["args"]) for each in proven.claims["events"]] == [
            (type(record.event).__name__, event_to_json(record)["args"]) for record in together
        ]
        assert proven.is_this_version is None
        assert f"logged {type(together[0].event).__name__}: " in " ".join(words_of(proven))


def test_proves_one_of_many_in_a_block(rpc: Rpc, chain: Audited) -> None:
    stage = Stage(chain.rpc_url)
    deal = stage.bound()
    stage.chain.request("evm_setAutomine", False)
    try:
        other = [
            stage.chain.request(
                "eth_sendTransaction",
                {"from": stage.stranger.address, "to": stage.employer.address, "value": "0x1"},
            )
            for _ in range(140)  # numbers of one byte and of two
        ]
        refused = stage.send(calls.accept(deal, [0]))
        wanted = stage.send(calls.release(deal, [0]))
        stage.chain.request("evm_mine")
    finally:
        stage.chain.request("evm_setAutomine", True)
    block_hash = bytes.fromhex(
        rpc.call("eth_getTransactionReceipt", "0x" + wanted.hex())["blockHash"][2:]
    )
    assert len(rpc.call("eth_getBlockByHash", "0x" + block_hash.hex(), False)["transactions"]) > 128
    for tx_hash, events in (
        (wanted, ["Released", "Credited"]),
        (refused, []),
        (bytes.fromhex(other[3][2:]), []),
        (bytes.fromhex(other[139][2:]), []),
    ):
        proven = check(
            prove_transaction(
                rpc,
                stage.escrow.address,
                CHAIN_ID,
                tx_hash,
                unknown,
            ),
            block_hash,
        )
        assert proven.claims["transaction"]["hash"] == "0x" + tx_hash.hex()
        assert [each["event"] for each in proven.claims["events"]] == events
        assert proven.claims["transaction"]["succeeded"] is (tx_hash != refused)
        assert proven.claims["deals"] == []


def test_what_another_contract_logged_is_not_the_escrows(rpc: Rpc, chain: Audited) -> None:
    record = chain.first(Opened)
    content = prove_transaction(rpc, "0x" + "12" * 20, CHAIN_ID, record.tx_hash, unknown)
    proven = check(content, record.block_hash)
    assert proven.claims["events"] == []
    logged = [each for each in chain.records if each.tx_hash == record.tx_hash]
    assert int(proven.claims["other_logs"]) == len(logged)
    assert "logged nothing" in " ".join(words_of(proven))


def test_a_transaction_that_is_none(rpc: Rpc, chain: Audited) -> None:
    with pytest.raises(UsageError) as caught:
        proof_of_transaction(rpc, chain, b"\1" * 32)
    assert caught.value.code == "no-transaction"


# --- A proof that was changed


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values in a JSON value."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, (*path, number))
    else:
        yield path


def changed(value: Any, random: Random) -> Any:
    if isinstance(value, bool):
        return not value
    at = random.randrange(2 if value.startswith("0x") and len(value) > 2 else 0, len(value) or 1)
    other = random.choice([c for c in "0123456789abcdef" if c != value[at : at + 1].lower()])
    return value[:at] + other + value[at + 1 :]


@pytest.fixture(scope="module", params=["deal", "transaction"])
def proof(request: pytest.FixtureRequest, rpc: Rpc, chain: Audited) -> tuple[bytes, bytes]:
    """A proof's file and its block's hash."""
    if request.param == "deal":
        last = chain.records[-1].block_number
        deal = with_everything(chain)
        owners = [deal.agreement.platform]
        content = proof_of_deal(rpc, chain, deal, block=last, credit_owners=owners)
        return content, hash_of(rpc, last)
    record = chain.first(Opened)
    return proof_of_transaction(rpc, chain, record.tx_hash), record.block_hash


def test_a_change_in_any_field_is_found(proof: tuple[bytes, bytes]) -> None:
    content, block_hash = proof
    random = Random(1)
    check(content, block_hash)
    whole = json.loads(content)
    paths = list(leaves(whole))
    assert len(paths) > 40
    for path in paths:
        other = json.loads(content)
        inside = other
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = changed(inside[path[-1]], random)
        text = json.dumps(other, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        with pytest.raises(ProofError):
            check(text, block_hash)


def test_a_change_of_any_byte_is_found(proof: tuple[bytes, bytes]) -> None:
    content, block_hash = proof
    random = Random(2)
    for _ in range(400):
        at, bit = random.randrange(len(content)), 1 << random.randrange(8)
        other = bytearray(content)
        other[at] ^= bit
        with pytest.raises(ProofError):
            check(bytes(other), block_hash)
    for other_content in (
        content + b"\n",
        content[:-1],
        b" " + content,
        content[: len(content) // 2],
        content.replace(b",", b", ", 1),
    ):
        with pytest.raises(ProofError):
            check(other_content, block_hash)


def test_something_added_or_left_out_is_found(proof: tuple[bytes, bytes]) -> None:
    content, block_hash = proof
    for place in ((), ("claims",), ("agreements", 0)):
        whole = json.loads(content)
        inside = whole
        for key in place:
            inside = inside[key]
        inside["more"] = "0x12"
        with pytest.raises(ProofError):
            check(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode(), block_hash)
        for key in [key for key in inside if key != "more"]:
            whole = json.loads(content)
            inside = whole
            for step in place:
                inside = inside[step]
            del inside[key]
            text = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode() + b"\n"
            with pytest.raises(ProofError):
                check(text, block_hash)


def test_a_node_that_proves_nothing_is_found(proof: tuple[bytes, bytes]) -> None:
    content, block_hash = proof
    lists = ("nodes", "receipt_nodes", "account")
    paths = leaves(json.loads(content))
    nodes = [path[:-1] for path in paths if len(path) > 1 and path[-2] in lists]
    assert len(nodes) >= 2
    for place in dict.fromkeys(nodes):
        whole = json.loads(content)
        inside = whole
        for key in place:
            inside = inside[key]
        inside.append("0xc0")
        text = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        with pytest.raises(ProofError, match="nodes that are not needed"):
            check(text, block_hash)


def test_a_proof_of_another_block_is_refused(proof: tuple[bytes, bytes]) -> None:
    content, block_hash = proof
    with pytest.raises(ProofError) as caught:
        check(content, block_hash[::-1])
    assert caught.value.code == "proof-block"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"format": 1}'])
def test_what_is_no_proof_is_refused(content: bytes) -> None:
    with pytest.raises(ProofError):
        check(content, b"\1" * 32)


def test_an_agreement_of_another_deal_is_refused(rpc: Rpc, chain: Audited) -> None:
    one, other, *_ = fold(chain.records).deals.values()
    with pytest.raises(ProofError, match="the agreements are not those of the deals"):
        prove_deal(rpc, chain.escrow, CHAIN_ID, one.deal_id, other.agreement)
    with pytest.raises(ProofError, match="the agreements are not those of the deals"):
        prove_deal(rpc, chain.escrow, CHAIN_ID + 1, one.deal_id, one.agreement)
    record = chain.first(Opened)

    def another(_: bytes) -> Agreement:
        return with_everything(chain).agreement

    with pytest.raises(ProofError, match="an agreement of a deal that the events do not name"):
        prove_transaction(rpc, chain.escrow, CHAIN_ID, record.tx_hash, another)


def test_a_file_keeps_what_it_holds(proof: tuple[bytes, bytes]) -> None:
    content, _ = proof
    assert read_proof(content) == read_proof(content)
    assert read_proof(content).escrow == json.loads(content)["escrow"]


def test_words_that_contradict_each_other_are_refused(chain: Audited) -> None:
    """No call writes them; the node does, past the contract."""
    stage, deal = Stage(chain.rpc_url), with_everything(chain)
    settled = next(i for i, each in enumerate(deal.milestones) if each.status is Status.SETTLED)
    before = stage.chain.snapshot()
    try:
        slot = f"0x{milestone_slot(deal.deal_id, settled):064x}"
        stage.chain.request("anvil_setStorageAt", chain.escrow, slot, f"0x{7:064x}")
        stage.chain.request("evm_mine")
        with Rpc(chain.rpc_url) as rpc, pytest.raises(ProofError, match="contradict each other"):
            proof_of_deal(rpc, chain, deal)
    finally:
        stage.chain.revert(before)
