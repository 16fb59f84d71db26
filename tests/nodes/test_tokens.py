from __future__ import annotations

import pytest
from eth_abi.abi import encode

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.client import connect
from milestone_escrow.deployments import deploy
from milestone_escrow.exceptions import ContractRevert, NodeError, NotEnoughFunds, UsageError
from milestone_escrow.signers import NodeSigner
from milestone_escrow.tokens import (
    NATIVE_COIN,
    Token,
    allowance_of,
    approve,
    balance_of,
    read_token,
)
from tests.nodes.meddler import Meddler
from tests.nodes.raw_contracts import answering_with, put, refusing_with
from tests.nodes.stage import Stage


def test_a_token_is_what_it_says(stage: Stage) -> None:
    assert read_token(stage.w3, ZERO_ADDRESS) is NATIVE_COIN
    token = read_token(stage.w3, stage.token)
    assert token == Token(stage.token, "TUSD", 6)
    assert token.show(1_234_500_000) == "1,234.5 TUSD"
    assert read_token(stage.w3, stage.token.lower()) == token


def test_a_symbol_cannot_write_on_a_terminal(anvil: Stage) -> None:
    hostile = "\x1b[2J\u202eT"
    token = deploy(anvil.w3, anvil.deployer, "TestToken", "Hostile", hostile, 6)
    assert read_token(anvil.w3, token.address).symbol == "[2JT"
    silent = deploy(anvil.w3, anvil.deployer, "TestToken", "Silent", "\x00 \x07", 6)
    assert read_token(anvil.w3, silent.address).symbol == silent.address[:8]


def test_a_long_symbol_is_cut(anvil: Stage) -> None:
    # Taken as a number, it begins with the offset of the text: 32 decimals.
    address = put(anvil, answering_with(encode(["string"], ["EIGHTEEN LETTERS!!"])))
    assert read_token(anvil.w3, address) == Token(address, "EIGHTEEN LETTERS", 32)


def test_a_token_without_a_symbol_goes_by_its_address(anvil: Stage) -> None:
    address = put(anvil, answering_with(encode(["uint8"], [6])))
    assert read_token(anvil.w3, address) == Token(address, address[:8], 6)


def test_what_is_no_token_is_told(stage: Stage) -> None:
    refusing = put(stage, refusing_with(b""))
    for address in (stage.employer.address, stage.deployment.address, refusing):
        with pytest.raises(UsageError, match=f"no ERC-20 token at {address}") as none:
            read_token(stage.w3, address)
        assert none.value.code == "not-a-token"
        with pytest.raises(UsageError):
            balance_of(stage.w3, address, stage.employer.address)
        with pytest.raises(UsageError):
            allowance_of(stage.w3, address, stage.employer.address, stage.escrow.address)
    with pytest.raises(UsageError, match="token is '0x12', not an address"):
        read_token(stage.w3, "0x12")


def test_more_decimals_than_a_number_holds_are_told(anvil: Stage) -> None:
    with pytest.raises(UsageError, match="says that it has 90 decimals") as unfit:
        read_token(anvil.w3, put(anvil, answering_with(encode(["uint8"], [90]))))
    assert unfit.value.code == "not-a-token"


def test_balances_and_allowances_to_the_unit(stage: Stage) -> None:
    token = deploy(stage.w3, stage.deployer, "TestToken", "Other", "OTH", 2).address
    owner, spender = stage.employer, stage.escrow.address
    stage.invoke("TestToken", token, owner, "mint", owner.address, 2**256 - 1)
    assert balance_of(stage.w3, token, owner.address) == 2**256 - 1
    assert allowance_of(stage.w3, token, owner.address, spender) == 0
    approve(stage.w3, token, owner, spender, 2**128)
    assert allowance_of(stage.w3, token, owner.address, spender) == 2**128
    somebody = "0x" + "5a" * 20
    stage.chain.set_balance(somebody, 10**20 + 1)
    assert balance_of(stage.w3, ZERO_ADDRESS, somebody) == 10**20 + 1


def test_an_approval_that_the_token_refuses_is_told(stage: Stage) -> None:
    refusing = put(stage, refusing_with(b"\x12\x34\x56\x78"))
    with pytest.raises(ContractRevert, match="not the escrow's, 0x12345678"):
        approve(stage.w3, refusing, stage.employer, stage.escrow.address, 1)


def test_an_approval_that_cannot_be_paid_for_is_told(stage: Stage) -> None:
    owner = stage.signers[stage.chain.accounts()[8]]
    before = stage.chain.snapshot()
    stage.chain.set_balance(owner.address, 1_000)
    with pytest.raises(NotEnoughFunds):
        approve(stage.w3, stage.token, owner, stage.escrow.address, 1)
    stage.chain.revert(before)


def test_an_approval_that_fails_in_its_block_is_told(anvil: Stage, meddler: Meddler) -> None:
    w3 = connect(meddler.url)
    meddler.results["eth_getTransactionReceipt"] = {"status": "0x0"}
    owner = NodeSigner(w3, anvil.employer.address)
    with pytest.raises(NodeError, match=r"The approval 0x[0-9a-f]{64} failed") as failed:
        approve(w3, anvil.token, owner, anvil.stranger.address, 1)
    assert failed.value.code == "failed"


def test_a_node_that_goes_away_is_told(anvil: Stage, meddler: Meddler) -> None:
    w3 = connect(meddler.url)
    meddler.dropped["eth_call"] = 2
    with pytest.raises(NodeError) as gone:
        balance_of(w3, anvil.token, anvil.employer.address)
    assert gone.value.code == "node-not-answering"
