"""What a refused call says, whoever refuses it: the same on Anvil and on Hardhat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3 import Web3

from milestone_escrow import calls, tokens
from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.calls import Call
from milestone_escrow.deployments import deploy
from milestone_escrow.exceptions import ContractRevert, NotEnoughFunds
from milestone_escrow.revert_sentences import SENTENCES, selector
from tests.nodes.raw_contracts import put, refusing_with
from tests.nodes.stage import Stage

ETHER = 10**18


def refusal(stage: Stage, call: Call) -> ContractRevert:
    with pytest.raises(ContractRevert) as refused:
        stage.escrow.simulate(call)
    return refused.value


# --- The escrow's own errors

Wrong = Callable[[Stage], Call]


def by(role: str, call: Call, stage: Stage) -> Call:
    return replace(call, sender=getattr(stage, role).address)


WRONG: dict[str, Wrong] = {
    "NotEmployer": lambda s: by("freelancer", calls.release(s.bound(), [0]), s),
    "NotFreelancer": lambda s: by("employer", calls.cancel(s.bound(), [0]), s),
    "NotOpened": lambda s: calls.release(s.agreement(), [0]),
    "AlreadyBound": lambda s: calls.withdraw(s.bound(), [0]),
    "BadPrice": lambda s: calls.fund(replace(s.agreement(), price=1), [0]),
    "NoIndexes": lambda s: calls.release(s.bound(), []),
    "BadIndex": lambda s: calls.release(s.bound(), [3]),
    "NotFunded": lambda s: calls.release(s.bound([0]), [1]),
    "AlreadySettled": lambda s: calls.release(s.bound(), [0, 0]),
    "NoRequest": lambda s: calls.claim(s.bound(), [0], s.stranger.address),
    "WrongValue": lambda s: replace(calls.fund(s.agreement(), [0]), value=1),
    "AmountTooLarge": lambda s: calls.release_part(s.bound(), 0, 600_000),
    "BadSignature": lambda s: calls.fund(s.agreement(), [0], s.signed(s.agreement())),
    "NoCredit": lambda s: calls.withdraw_credit(
        ZERO_ADDRESS, s.stranger.address, s.stranger.address
    ),
}


@pytest.mark.parametrize("error", WRONG)
def test_the_escrow_s_refusal_is_its_sentence(stage: Stage, error: str) -> None:
    call = WRONG[error](stage)
    revert = refusal(stage, call)
    assert revert.error == error
    assert (revert.sentence, revert.remedy) == (SENTENCES[error].sentence, SENTENCES[error].remedy)
    assert revert.data == selector(error)


def test_what_is_refused_is_not_sent(stage: Stage) -> None:
    agreement = stage.bound([0])
    call = calls.release(agreement, [1])
    sent = stage.w3.eth.get_transaction_count(stage.employer.address)
    with pytest.raises(ContractRevert, match="not funded"):
        stage.escrow.execute(call, stage.employer)
    assert stage.w3.eth.get_transaction_count(stage.employer.address) == sent
    stage.check(agreement)


def test_calldata_that_is_no_call_is_refused_without_a_reason(stage: Stage) -> None:
    unknown = Call("unknown", stage.stranger.address, b"\x12\x34\x56\x78")
    assert refusal(stage, unknown).error == "NoReason"


# --- What another contract's error becomes


FOREIGN = {
    "Error": (
        keccak(text="Error(string)")[:4] + encode(["string"], ["closed on Sundays"]),
        "closed on Sundays",
    ),
    "Panic": (keccak(text="Panic(uint256)")[:4] + encode(["uint256"], [0x11]), "0x11"),
    "UnknownError": (keccak(text="Frozen(address)")[:4] + bytes(32), "not the escrow's, 0x"),
    "NoReason": (b"", ""),
}


@pytest.mark.parametrize("error", FOREIGN)
def test_a_token_s_refusal_comes_through(stage: Stage, error: str) -> None:
    data, shown = FOREIGN[error]
    agreement = stage.agreement(token=put(stage, refusing_with(data)))
    # As a wallet sends it that does not look at the token first.
    fund = replace(calls.fund(agreement, [0]), allowance=None)
    revert = refusal(stage, fund)
    assert revert.error == error
    assert shown in revert.sentence
    assert revert.data == data


# --- Who has too little


def poor(stage: Stage, number: int, wei: int) -> str:
    """Return an account of exactly so much, which the node does not sign for."""
    address = Web3.to_checksum_address(f"0x{number:040x}")
    stage.chain.set_balance(address, wei)
    return address


def test_too_few_coins_are_told_to_the_wei(stage: Stage) -> None:
    employer = poor(stage, 0xE1, ETHER)
    agreement = stage.agreement(
        employer=employer, milestones=[(2 * ETHER, stage.chain.time() + 10**7)]
    )
    with pytest.raises(NotEnoughFunds, match=f"{employer} has 1 ETH; 2 ETH are needed") as poorly:
        stage.escrow.simulate(calls.fund(agreement, [0]))
    assert poorly.value.code == "not-enough-funds"


def test_too_little_for_the_gas_is_told(stage: Stage) -> None:
    rich = stage.signers[stage.chain.accounts()[9]]
    before = stage.chain.snapshot()
    agreement = stage.agreement(employer=rich.address)
    stage.chain.set_balance(rich.address, 600_000)  # the milestone, and nothing for the gas
    with pytest.raises(NotEnoughFunds, match="too little of the native coin"):
        stage.escrow.execute(calls.fund(agreement, [0]), rich)
    assert stage.escrow.deal(stage.escrow.deal_id(agreement)).opened is False
    stage.chain.revert(before)


def test_too_few_tokens_are_told_in_the_token(stage: Stage) -> None:
    token = deploy(stage.w3, stage.deployer, "TestToken", "Other", "OTH", 2).address
    agreement = stage.agreement(token=token)
    with pytest.raises(NotEnoughFunds, match="has 0 OTH; 6,000 OTH are needed") as poorly:
        stage.escrow.simulate(calls.fund(agreement, [0]))
    assert poorly.value.code == "not-enough-funds"


def test_a_missing_allowance_is_told_with_what_to_approve(stage: Stage) -> None:
    token = deploy(stage.w3, stage.deployer, "TestToken", "Other", "OTH", 2).address
    stage.invoke("TestToken", token, stage.stranger, "mint", stage.employer.address, 600_000)
    tokens.approve(stage.w3, token, stage.employer, stage.escrow.address, 599_999)
    agreement = stage.agreement(token=token)
    with pytest.raises(NotEnoughFunds, match=r"allow the escrow to take 6,000 OTH") as without:
        stage.escrow.simulate(calls.fund(agreement, [0]))
    assert without.value.code == "allowance"
    assert stage.escrow.address in without.value.remedy

    tokens.approve(stage.w3, token, stage.employer, stage.escrow.address, 600_000)
    stage.run(calls.fund(agreement, [0]))
    stage.check(agreement)


def test_the_escrow_itself_refuses_what_the_allowance_does_not_cover(stage: Stage) -> None:
    token = deploy(stage.w3, stage.deployer, "TestToken", "Other", "OTH", 2).address
    fund = replace(calls.fund(stage.agreement(token=token), [0]), allowance=None)
    assert refusal(stage, fund).error == "TransferFailed"
