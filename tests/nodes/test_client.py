"""What the client does when things are not as they should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from eth_abi.abi import encode
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import calls
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.chain import free_port
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.events import Accepted, Released, topic0
from milestone_escrow.exceptions import (
    ContractRevert,
    DeploymentError,
    NodeError,
    UsageError,
)
from milestone_escrow.signers import NodeSigner
from tests.nodes.meddler import Meddler
from tests.nodes.raw_contracts import answering_with, logging, put, refusing_with
from tests.nodes.stage import Stage

# --- Connecting


def test_no_node_is_told_without_the_secrets_of_the_url() -> None:
    where = f"127.0.0.1:{free_port(0)}"
    with pytest.raises(NodeError, match=f"No node answers at http://{where}.") as silent:
        connect(f"http://user:secret@{where}/secret?key=secret")
    assert silent.value.code == "node-not-answering"
    assert "secret" not in str(silent.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8545", "http://", "ws://127.0.0.1:8545"])
def test_what_is_no_url_of_http_is_told(url: str) -> None:
    with pytest.raises(NodeError, match="not a URL of HTTP") as wrong:
        connect(url)
    assert wrong.value.code == "node-url"


def test_another_chain_is_refused(anvil: Stage) -> None:
    url = anvil.chain.rpc_url
    with pytest.raises(NodeError, match="serves chain 31337, not chain 1") as other:
        connect(url, chain_id=1)
    assert other.value.code == "wrong-chain"
    assert connect(url, chain_id=31_337).eth.chain_id == 31_337


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b"\xff", b'{"result": null}', b'{"result": "many"}']
)
def test_what_is_no_node_is_told(meddler: Meddler, body: bytes) -> None:
    meddler.whole = (200, body)
    with pytest.raises(NodeError, match="not an Ethereum node") as other:
        connect(meddler.url)
    assert other.value.code == "not-a-node"


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_server_that_refuses_is_told_with_its_status(meddler: Meddler, status: int) -> None:
    meddler.whole = (status, b"no")
    with pytest.raises(NodeError, match=f"HTTP status {status}") as refused:
        connect(meddler.url)
    assert refused.value.code == "not-a-node"


def test_what_only_reads_is_asked_once_more(meddler: Meddler) -> None:
    meddler.dropped["eth_chainId"] = 1
    assert connect(meddler.url).eth.chain_id == 31_337
    meddler.dropped["eth_chainId"] = 2
    with pytest.raises(NodeError, match="No node answers"):
        connect(meddler.url)


# --- What is at the address


def domain(name: str, version: str) -> str:
    """Return the answer of an ERC-5267 contract."""
    types = ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"]
    values = [b"\x0f", name, version, 31_337, ZERO_ADDRESS, bytes(32), []]
    return "0x" + encode(types, values).hex()


def test_only_an_escrow_is_taken_for_one(anvil: Stage) -> None:
    others = [
        anvil.employer.address,
        anvil.token,
        put(anvil, answering_with(bytes(32))),
        put(anvil, refusing_with(b"\x12\x34\x56\x78")),
    ]
    for address in others:
        with pytest.raises(DeploymentError, match=f"no milestone escrow at {address}") as none:
            EscrowClient(anvil.w3, address)
        assert none.value.code == "no-escrow"
    assert EscrowClient(anvil.w3, anvil.escrow.address.lower()).address == anvil.escrow.address


@pytest.mark.parametrize(("name", "version"), [("MilestoneEscrow", "2"), ("Other", "1")])
def test_an_escrow_of_another_version_is_refused(
    anvil: Stage, meddler: Meddler, name: str, version: str
) -> None:
    meddler.results["eth_call"] = domain("MilestoneEscrow", "1")
    EscrowClient(connect(meddler.url), anvil.token)
    meddler.results["eth_call"] = domain(name, version)
    with pytest.raises(DeploymentError):
        EscrowClient(connect(meddler.url), anvil.token)


def test_what_is_no_address_is_told(anvil: Stage) -> None:
    with pytest.raises(UsageError, match="escrow is '0x12', not an address"):
        EscrowClient(anvil.w3, "0x12")


# --- Views


def test_views_of_a_past_block(stage: Stage) -> None:
    agreement = stage.agreement()
    deal_id = stage.escrow.deal_id(agreement)
    funded = stage.run(calls.fund(agreement, [0]))
    block = funded.block_number
    assert stage.escrow.deal(deal_id, block=block).opened
    assert not stage.escrow.deal(deal_id, block=block - 1).opened
    assert stage.escrow.milestone(deal_id, 0, block=block).status == 1
    assert stage.escrow.milestone(deal_id, 0, block=block - 1).status == 0


def test_before_the_deployment_there_is_no_escrow(stage: Stage) -> None:
    before = stage.deployment.block_number - 1
    with pytest.raises(DeploymentError, match=f"at block {before} is not a milestone escrow"):
        stage.escrow.credit(ZERO_ADDRESS, stage.employer.address, block=before)


def test_a_block_that_is_not_there_yet_is_refused(stage: Stage) -> None:
    with pytest.raises(NodeError) as refused:
        stage.escrow.deal(bytes(32), block=10**9)
    assert refused.value.code == "node-refused"


def test_there_is_no_eleventh_milestone(stage: Stage) -> None:
    with pytest.raises(ContractRevert) as refused:
        stage.escrow.milestone(bytes(32), 10)
    assert refused.value.error == "BadIndex"


# --- Sending


def test_somebody_else_cannot_send_a_call(stage: Stage) -> None:
    agreement = stage.bound()
    with pytest.raises(UsageError, match=f"{stage.employer.address}.*{stage.stranger.address}"):
        stage.escrow.send(calls.release(agreement, [0]), stage.stranger)
    stage.check(agreement)


def test_an_account_that_the_node_does_not_sign_for_is_told(stage: Stage) -> None:
    agreement = stage.bound()
    stage.run(calls.request_release(agreement, [0]))
    stage.chain.advance(agreement.review_period)
    keyless = NodeSigner(stage.w3, "0x" + "c1" * 20)
    stage.chain.set_balance(keyless.address, 10**18)
    with pytest.raises(NodeError) as refused:
        stage.escrow.send(calls.claim(agreement, [0], keyless.address), keyless)
    assert refused.value.code == "node-refused"


def test_a_call_gets_a_quarter_more_gas_than_it_needs(stage: Stage) -> None:
    call = calls.fund(stage.agreement(), [0])
    gas = stage.escrow.simulate(call)
    tx_hash = stage.escrow.send(call, stage.employer)
    assert stage.w3.eth.get_transaction(Web3.to_hex(tx_hash))["gas"] == gas + gas // 4


def test_what_sends_is_never_sent_twice(anvil: Stage, meddler: Meddler) -> None:
    w3 = connect(meddler.url)
    escrow = EscrowClient(w3, anvil.escrow.address)
    agreement = anvil.bound()
    meddler.dropped["eth_sendTransaction"] = 1
    with pytest.raises(NodeError, match="does not answer") as silent:
        escrow.send(calls.release(agreement, [0]), NodeSigner(w3, agreement.employer))
    assert silent.value.code == "node-not-answering"
    assert "look whether it was mined" in silent.value.remedy
    assert meddler.seen["eth_sendTransaction"] == 1


# --- Waiting


@contextmanager
def unmined(stage: Stage) -> Iterator[None]:
    """Let nothing be mined but by ``mine``."""
    stage.chain.request("evm_setAutomine", False)
    try:
        yield
    finally:
        stage.chain.mine()
        stage.chain.request("evm_setAutomine", True)


def test_what_is_not_mined_in_time_is_told_and_can_be_awaited_again(stage: Stage) -> None:
    agreement = stage.agreement()
    call = calls.fund(agreement, [0])
    with unmined(stage):
        tx_hash = stage.escrow.send(call, stage.employer)
        shown = f"0x{tx_hash.hex()} was not mined in 0.05 seconds"
        with pytest.raises(NodeError, match=shown) as late:
            stage.escrow.wait(call, tx_hash, seconds=0.05)
        assert late.value.code == "not-mined"
        stage.chain.mine()
        assert len(stage.escrow.wait(call, tx_hash).events) == 2


def test_a_call_that_came_too_late_is_refused_in_words(stage: Stage) -> None:
    agreement = stage.bound()
    first, second = calls.release(agreement, [0, 1]), calls.release(agreement, [1, 2])
    with unmined(stage):
        # In the block, the second finds what the first has left; before it, both would pass.
        sent = [stage.send(call) for call in (first, second)]
        stage.chain.mine()
        assert stage.escrow.wait(first, sent[0]).events
        with pytest.raises(ContractRevert) as refused:
            stage.escrow.wait(second, sent[1])
    assert refused.value.error == "AlreadySettled"
    stage.check(agreement)


def test_a_failure_that_nothing_explains_is_told(anvil: Stage) -> None:
    agreement = anvil.bound()
    call = calls.release(agreement, [0])
    gas = anvil.escrow.simulate(call)
    tx_hash = anvil.send(call, gas=gas * 9 // 10)
    with pytest.raises(NodeError, match=f"0x{tx_hash.hex()} failed") as failed:
        anvil.escrow.wait(call, tx_hash)
    assert failed.value.code == "failed"
    anvil.check(agreement)


def test_a_node_that_answers_nothing_is_not_waited_for(anvil: Stage, meddler: Meddler) -> None:
    escrow = EscrowClient(connect(meddler.url), anvil.escrow.address)
    call = calls.fund(anvil.agreement(), [0])
    meddler.whole = (200, b"{}")
    with pytest.raises(NodeError) as nonsense:
        escrow.wait(call, bytes(32))
    assert nonsense.value.code == "not-a-node"


def test_an_event_that_another_contract_forges_is_not_the_escrow_s(anvil: Stage) -> None:
    stranger = HexBytes(anvil.stranger.address).rjust(32, b"\x00")
    forger = put(anvil, logging([topic0(Accepted), bytes(32), stranger]))
    agreement = anvil.bound([0], payee=forger, platform=ZERO_ADDRESS, fee_bps=0)
    released = anvil.run(calls.release(agreement, [0]))
    logs = anvil.w3.eth.get_transaction_receipt(HexBytes(released.tx_hash))["logs"]
    assert [log["address"] for log in logs] == [anvil.escrow.address, forger]
    assert [type(event) for event in released.events] == [Released]


def test_a_node_that_goes_away_meanwhile_is_told(anvil: Stage, meddler: Meddler) -> None:
    escrow = EscrowClient(connect(meddler.url), anvil.escrow.address)
    call = calls.fund(anvil.agreement(), [0])
    tx_hash = anvil.escrow.send(call, anvil.employer)
    meddler.dropped["eth_getTransactionReceipt"] = 2
    with pytest.raises(NodeError) as gone:
        escrow.wait(call, tx_hash)
    assert gone.value.code == "node-not-answering"
    assert len(escrow.wait(call, tx_hash).events) == 2
