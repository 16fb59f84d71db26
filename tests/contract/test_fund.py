from __future__ import annotations

import pytest

from milestone_escrow.agreement import MAX_AMOUNT, ZERO_ADDRESS
from milestone_escrow.events import Accepted, Funded, Opened
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import DealState, Status
from tests.contract.reentry import CALLS, LATER, possible
from tests.contract.scene import AMOUNTS, Scene, signature_of
from tests.evm import reverts
from tests.roles import EMPLOYER, FREELANCER, STRANGER


def test_the_first_funding_opens_the_deal(scene: Scene) -> None:
    agreement = scene.agreement()
    deal_id = scene.escrow.id_of(agreement)
    before = scene.balances()
    outcome = scene.escrow.fund(agreement, (2, 0))
    assert outcome.events == (
        Opened(deal_id, EMPLOYER, FREELANCER, agreement),
        Funded(deal_id, 2, AMOUNTS[2]),
        Funded(deal_id, 0, AMOUNTS[0]),
    )
    total = AMOUNTS[0] + AMOUNTS[2]
    assert scene.gains(before) == {EMPLOYER: -total, scene.escrow.address: total}
    assert scene.escrow.deal(agreement) == DealState(True, False, False, 0b101, 0, 0)
    assert [scene.escrow.status(agreement, index) for index in range(3)] == [
        Status.RESERVED,
        Status.AGREED,
        Status.RESERVED,
    ]


def test_an_opened_deal_takes_one_storage_word(scene: Scene) -> None:
    agreement = scene.opened((0, 1, 2))
    word, *others = scene.words(agreement)
    assert word and others == [0, 0, 0]


def test_a_signature_binds_at_once(scene: Scene) -> None:
    agreement = scene.agreement()
    deal_id = scene.escrow.id_of(agreement)
    signature = signature_of(agreement, scene.escrow.domain)
    outcome = scene.escrow.fund(agreement, (1,), signature)
    assert outcome.events == (
        Opened(deal_id, EMPLOYER, FREELANCER, agreement),
        Accepted(deal_id, FREELANCER),
        Funded(deal_id, 1, AMOUNTS[1]),
    )
    assert scene.escrow.status(agreement, 1) is Status.FUNDED


def test_later_fundings_open_nothing_and_need_no_signature(scene: Scene) -> None:
    agreement = scene.bound((0,))
    deal_id = scene.escrow.id_of(agreement)
    before = scene.balances()
    assert scene.escrow.fund(agreement, (1,)).events == (Funded(deal_id, 1, AMOUNTS[1]),)
    assert scene.gains(before) == {EMPLOYER: -AMOUNTS[1], scene.escrow.address: AMOUNTS[1]}
    assert scene.escrow.status(agreement, 1) is Status.FUNDED


def test_a_later_funding_may_bring_the_signature(native: Scene) -> None:
    agreement = native.opened((0,))
    signature = signature_of(agreement, native.escrow.domain)
    outcome = native.escrow.fund(agreement, (1,), signature)
    assert len(outcome.of(Accepted)) == 1
    assert native.escrow.status(agreement, 0) is Status.FUNDED
    with reverts("AlreadyBound"):
        native.escrow.fund(agreement, (2,), signature)


@pytest.mark.parametrize(
    ("after", "error"), [(-1, None), (0, "AcceptByPassed"), (1, "AcceptByPassed")]
)
def test_abuse_59_a_signature_binds_only_before_accept_by(
    native: Scene, after: int, error: str | None
) -> None:
    agreement = native.opened((0,))
    signature = signature_of(agreement, native.escrow.domain)
    native.chain.now = agreement.accept_by + after
    if error is None:
        native.escrow.fund(agreement, (1,), signature)
        return
    with reverts(error):
        native.escrow.fund(agreement, (1,), signature)
    assert not native.escrow.deal(agreement).bound


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_abuse_59_nothing_is_funded_from_the_final_deadline_on(
    scene: Scene, after: int, bound: bool
) -> None:
    agreement = scene.bound((0,)) if bound else scene.opened((0,))
    scene.chain.now = agreement.final_deadline + after
    if after < 0:
        scene.escrow.fund(agreement, (1,))
        return
    with reverts("FinalDeadlinePassed"):
        scene.escrow.fund(agreement, (1,))


def test_a_job_that_is_not_awarded_is_funded_but_bound_by_nobody(native: Scene) -> None:
    agreement = native.agreement(freelancer=ZERO_ADDRESS)
    with reverts("NoFreelancer"):
        native.escrow.fund(agreement, (0,), bytes(65))
    native.escrow.fund(agreement, (0,))
    assert native.escrow.status(agreement) is Status.RESERVED


@pytest.mark.parametrize("difference", [-1, 1])
def test_abuse_23_the_coins_sent_are_exactly_the_sum(native: Scene, difference: int) -> None:
    agreement = native.agreement()
    with reverts("WrongValue"):
        native.escrow.fund(agreement, (0, 1), value=AMOUNTS[0] + AMOUNTS[1] + difference)
    with reverts("WrongValue"):
        native.escrow.fund(agreement, (0,), value=0)
    assert not native.escrow.deal(agreement).opened


@pytest.mark.parametrize("value", [1, AMOUNTS[0]])
def test_abuse_23_no_coins_are_sent_to_a_deal_in_a_token(erc20: Scene, value: int) -> None:
    agreement = erc20.agreement()
    with reverts("WrongValue"):
        erc20.escrow.fund(agreement, (0,), value=value)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("fund", "amend")])
def test_abuse_23_no_other_call_takes_coins(native: Scene, name: str) -> None:
    prepared = possible(native, name, STRANGER)
    native.chain.now += LATER
    arguments = prepared().arguments
    with reverts("NoReason"):
        native.escrow.send(name, *arguments, sender=STRANGER, value=1)
    native.escrow.send(name, *arguments, sender=STRANGER)


def test_the_escrow_takes_no_coins_but_by_fund(native: Scene) -> None:
    with pytest.raises(ContractRevert):
        native.chain.send(native.escrow.address, sender=EMPLOYER, value=1)


def test_an_allowance_is_used_to_the_unit(erc20: Scene) -> None:
    agreement, token = erc20.agreement(), erc20.token
    assert token is not None
    token.send("approve", erc20.escrow.address, AMOUNTS[0] - 1, sender=EMPLOYER)
    with reverts("TransferFailed"):
        erc20.escrow.fund(agreement, (0,))
    token.send("approve", erc20.escrow.address, AMOUNTS[0], sender=EMPLOYER)
    erc20.escrow.fund(agreement, (0,))
    assert token.read("allowance", EMPLOYER, erc20.escrow.address) == 0


def test_an_employer_without_the_tokens_opens_nothing(erc20: Scene) -> None:
    agreement, token = erc20.agreement(), erc20.token
    assert token is not None
    token.send("transfer", STRANGER, erc20.balance(EMPLOYER) - AMOUNTS[0] + 1, sender=EMPLOYER)
    with reverts("TransferFailed"):
        erc20.escrow.fund(agreement, (0,))
    assert not erc20.escrow.deal(agreement).opened


def test_abuse_37_nobody_spends_the_allowance_of_another(erc20: Scene) -> None:
    agreement = erc20.agreement()
    before = erc20.balances()
    for who in (STRANGER, FREELANCER):
        with reverts("NotEmployer"):
            erc20.escrow.fund(agreement, (0,), sender=who)
    assert erc20.gains(before) == {}


def test_abuse_20_the_largest_amounts_add_up(scene: Scene) -> None:
    agreement = scene.agreement(milestones=[(MAX_AMOUNT, 1_000_000)] * 10)
    before = scene.balances()
    scene.escrow.fund(agreement, range(10))
    assert scene.gains(before)[scene.escrow.address] == 10 * MAX_AMOUNT == agreement.price
    scene.escrow.accept(agreement, range(10))
    scene.escrow.release_part(agreement, 9, MAX_AMOUNT - 1)
    assert scene.escrow.milestone(agreement, 9).paid == MAX_AMOUNT - 1
    scene.escrow.release(agreement, range(10))
    fees = 10 * (MAX_AMOUNT * agreement.fee_bps // 10_000)
    assert scene.escrow.credit(agreement.token, agreement.platform) == fees
    assert scene.gains(before)[scene.escrow.address] == fees


def test_deals_on_the_same_terms_are_apart_by_their_document(scene: Scene) -> None:
    one, other = scene.opened((0,)), scene.opened((1,))
    assert scene.escrow.deal(one).funded == 0b01
    assert scene.escrow.deal(other).funded == 0b10
