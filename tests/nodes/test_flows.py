"""The life of deals through the library's client: the same on Anvil and on Hardhat."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import calls
from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.client import Receipt
from milestone_escrow.deal_state import DealState, MilestoneState, Status
from milestone_escrow.deployments import deploy
from milestone_escrow.events import (
    Accepted,
    Credited,
    CreditPaid,
    Funded,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
)
from tests.nodes.stage import FEE_BPS, Stage

FEE = 600_000 * FEE_BPS // 10_000


def kinds(receipt: Receipt) -> list[type]:
    return [type(event) for event in receipt.events]


def gained(stage: Stage, token: str, owner: str, act: Callable[[], object]) -> int:
    """Return what somebody who pays no gas has more after ``act``."""
    before = stage.balance(token, owner)
    act()
    return stage.balance(token, owner) - before


def test_a_signature_opens_and_binds(stage: Stage, token: str) -> None:
    agreement = stage.agreement(token=token)
    deal_id = stage.escrow.deal_id(agreement)
    before = stage.balance(token, stage.escrow.address)
    assert stage.escrow.deal(deal_id) == DealState(False, False, False, 0, 0, 0)

    receipt = stage.run(calls.fund(agreement, [0, 2], stage.signed(agreement)))

    assert receipt.events == (
        Opened(deal_id, agreement.employer, agreement.freelancer, agreement),
        Accepted(deal_id, agreement.freelancer),
        Funded(deal_id, 0, 600_000),
        Funded(deal_id, 2, 100_000),
    )
    assert stage.escrow.deal(deal_id) == DealState(True, False, True, 0b101, 0, 0)
    assert stage.escrow.milestone(deal_id, 0) == MilestoneState(Status.FUNDED, 0, 0)
    assert stage.escrow.milestone(deal_id, 1) == MilestoneState(Status.AGREED, 0, 0)
    assert stage.balance(token, stage.escrow.address) - before == 700_000
    stage.check(agreement)


def test_a_transaction_binds(stage: Stage, token: str) -> None:
    agreement = stage.agreement(token=token)
    deal_id = stage.escrow.deal_id(agreement)
    stage.run(calls.fund(agreement, [0]))
    assert stage.escrow.milestone(deal_id, 0).status == Status.RESERVED
    receipt = stage.run(calls.accept(agreement, [0]))
    assert receipt.events == (Accepted(deal_id, agreement.freelancer),)
    assert stage.escrow.milestone(deal_id, 0).status == Status.FUNDED
    stage.check(agreement)


def test_reserved_money_comes_back_and_goes_in_again(stage: Stage, token: str) -> None:
    agreement = stage.agreement(token=token)
    deal_id = stage.escrow.deal_id(agreement)
    stage.run(calls.fund(agreement, [0, 1]))
    receipt = stage.run(calls.withdraw(agreement, [1]))
    assert receipt.events == (
        Refunded(deal_id, 1, agreement.employer, 300_000, 0, Reason.WITHDRAW),
    )
    assert stage.escrow.milestone(deal_id, 1).status == Status.AGREED
    stage.check(agreement)
    assert kinds(stage.run(calls.fund(agreement, [1]))) == [Funded]
    stage.check(agreement)


def test_a_milestone_is_released_in_parts(stage: Stage, token: str) -> None:
    agreement = stage.bound(token=token)
    deal_id, freelancer = stage.escrow.deal_id(agreement), agreement.freelancer
    owed = stage.escrow.credit(token, stage.platform.address)

    def release() -> None:
        part = stage.run(calls.release_part(agreement, 0, 250_001))
        fee = 250_001 * FEE_BPS // 10_000
        assert part.events[0] == Released(
            deal_id, 0, freelancer, 250_001, fee, 349_999, Reason.EMPLOYER
        )
        assert stage.escrow.milestone(deal_id, 0) == MilestoneState(Status.FUNDED, 250_001, 0)
        stage.check(agreement)
        rest = stage.run(calls.release(agreement, [0]))
        assert rest.events[0] == Released(
            deal_id, 0, freelancer, 349_999, FEE - fee, 0, Reason.EMPLOYER
        )

    # Both parts together cost the fee of the whole, and the freelancer pays no gas.
    assert gained(stage, token, freelancer, release) == 600_000 - FEE
    assert stage.escrow.credit(token, stage.platform.address) - owed == FEE
    assert stage.escrow.milestone(deal_id, 0) == MilestoneState(Status.SETTLED, 0, 0)
    stage.check(agreement)


def test_a_request_is_claimed_by_a_stranger_after_the_review_period(
    stage: Stage, token: str
) -> None:
    agreement = stage.bound(token=token)
    deal_id = stage.escrow.deal_id(agreement)
    evidence = b"\xee" * 32
    requested = stage.run(calls.request_release(agreement, [0, 1], evidence))
    since = stage.chain.time()
    assert requested.events[0] == ReleaseRequested(
        deal_id, 0, agreement.freelancer, evidence, since, 600_000
    )
    assert stage.escrow.milestone(deal_id, 0) == MilestoneState(Status.REQUESTED, 0, since)
    voided = stage.run(calls.void_request(agreement, [1]))
    assert voided.events == (RequestVoided(deal_id, 1, agreement.freelancer, 300_000),)
    stage.check(agreement)

    stage.chain.set_time(since + agreement.review_period)
    claim = calls.claim(agreement, [0], stage.stranger.address)
    assert gained(stage, token, agreement.freelancer, lambda: stage.run(claim)) == 600_000 - FEE
    state = stage.folded().deals[deal_id]
    assert (state.milestones[0].outcome, state.milestones[1].status) == ("released", Status.FUNDED)
    stage.check(agreement)


def test_a_cancelled_milestone_goes_back_whole(stage: Stage, token: str) -> None:
    agreement = stage.bound(token=token)
    deal_id = stage.escrow.deal_id(agreement)
    cancel = calls.cancel(agreement, [1, 2])
    assert gained(stage, token, agreement.employer, lambda: stage.run(cancel)) == 400_000
    assert stage.escrow.deal(deal_id).settled == 0b110
    stage.check(agreement)


def test_a_platform_withdraws_its_fee_to_where_it_likes(stage: Stage, token: str) -> None:
    agreement = stage.bound(token=token)
    stage.run(calls.release(agreement, [0]))
    platform, vault = stage.platform.address, Web3.to_checksum_address("0x" + "ab" * 20)
    credit = stage.escrow.credit(token, platform)
    withdraw = calls.withdraw_credit(token, platform, vault)
    before = stage.balance(token, vault)
    receipt = stage.run(withdraw)
    assert receipt.events == (CreditPaid(token, platform, vault, credit),)
    assert stage.balance(token, vault) - before == credit >= FEE
    assert stage.escrow.credit(token, platform) == 0
    stage.check(agreement)


def test_a_refused_coin_becomes_a_credit_that_a_stranger_can_pay(stage: Stage) -> None:
    shop = deploy(stage.w3, stage.freelancer, "Shop").address
    agreement = stage.bound([0], payee=shop, platform=ZERO_ADDRESS, fee_bps=0)
    deal_id = stage.escrow.deal_id(agreement)
    released = stage.run(calls.release(agreement, [0]))
    assert released.events == (
        Released(deal_id, 0, shop, 600_000, 0, 0, Reason.EMPLOYER),
        Credited(ZERO_ADDRESS, shop, deal_id, 600_000, 600_000),
    )
    assert stage.balance(ZERO_ADDRESS, shop) == 0
    stage.check(agreement)

    stage.invoke("Shop", shop, stage.stranger, "set_open", True)
    paid = stage.run(calls.pay_credit(ZERO_ADDRESS, shop, stage.stranger.address))
    assert paid.events == (CreditPaid(ZERO_ADDRESS, shop, shop, 600_000),)
    assert stage.balance(ZERO_ADDRESS, shop) == 600_000
    stage.check(agreement)


@pytest.mark.parametrize("act", [calls.release, calls.cancel], ids=["release", "cancel"])
def test_a_receipt_has_the_events_that_the_chain_has(
    stage: Stage, token: str, act: Callable[..., calls.Call]
) -> None:
    agreement = stage.bound(token=token)
    call = act(agreement, [0, 1, 2])
    receipt = stage.run(call)
    assert receipt.call is call
    listed = [record for record in stage.records() if record.tx_hash == receipt.tx_hash]
    assert [record.event for record in listed] == list(receipt.events)
    for mine, theirs in zip(receipt.records, listed, strict=True):
        assert (mine.block_number, mine.log_index) == (theirs.block_number, theirs.log_index)
        assert mine.block_hash == theirs.block_hash
        assert mine.block_number == receipt.block_number
        assert mine.address == stage.escrow.address
    gas_used = stage.w3.eth.get_transaction_receipt(HexBytes(receipt.tx_hash))["gasUsed"]
    assert receipt.gas_used == gas_used
