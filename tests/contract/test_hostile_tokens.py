"""A token harms the deals in that token alone, and its deposits are believed only to the unit."""

from __future__ import annotations

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.raw_code import BURN, NOTHING, REFUSE, answer
from tests.contract.scene import AMOUNTS, Scene, fee_of
from tests.evm import Contract, Halted, deploy, reverts
from tests.roles import EMPLOYER, FREELANCER, PAYEE, PLATFORM, STRANGER

TRUE = (1).to_bytes(32)
FEE = AMOUNTS[0] * 333 // 10_000
NET = AMOUNTS[0] - FEE


@pytest.fixture
def token(hostile: Scene) -> Contract:
    """The token of the hostile scene."""
    assert hostile.token is not None
    return hostile.token


def refused_deposit(scene: Scene) -> str:
    """Return the error of a funding; see that it left no trace."""
    agreement, before = scene.agreement(), scene.balances()
    with pytest.raises(ContractRevert) as refused:
        scene.escrow.fund(agreement, (0,))
    assert not scene.escrow.deal(agreement).opened
    assert scene.gains(before) == {}
    return refused.value.error


# --- Deposits


@pytest.mark.parametrize("fee_bps", [1, 100, 10_000])
def test_abuse_12_a_token_that_takes_a_fee_is_refused(
    hostile: Scene, token: Contract, fee_bps: int
) -> None:
    token.send("set_fee", fee_bps, sender=STRANGER)
    assert refused_deposit(hostile) == "WrongTokenAmount"


def test_a_token_that_only_says_that_it_paid_is_refused(hostile: Scene, token: Contract) -> None:
    token.send("set_lying", True, sender=STRANGER)
    assert refused_deposit(hostile) == "WrongTokenAmount"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (TRUE, True),
        (b"", True),  # no return value, as the first tokens
        (TRUE + b"\xff" * 32, True),
        (bytes(32), False),
        ((2).to_bytes(32), False),
        (b"\xff" * 32, False),
        (b"\1", False),
        (TRUE[:31], False),
    ],
)
def test_abuse_16_17_what_a_token_may_answer(
    hostile: Scene, token: Contract, given: bytes, taken: bool
) -> None:
    token.send("set_answer", given, sender=STRANGER)
    if taken:
        agreement = hostile.bound()
        before = hostile.balances()
        hostile.escrow.release(agreement, (0,))
        hostile.escrow.pay_credit(token.address, PLATFORM)
        assert hostile.gains(before) == {
            PAYEE: NET,
            PLATFORM: FEE,
            hostile.escrow.address: -AMOUNTS[0],
        }
        return
    assert refused_deposit(hostile) == "TransferFailed"


@pytest.mark.parametrize("given", [bytes(32), (2).to_bytes(32), b"\1", TRUE[:31]])
def test_abuse_17_a_payment_that_is_not_confirmed_becomes_a_credit(
    hostile: Scene, token: Contract, given: bytes
) -> None:
    agreement = hostile.bound()
    token.send("set_answer", given, sender=STRANGER)
    hostile.escrow.release(agreement, (0,))
    assert hostile.escrow.credit(token.address, PAYEE) == NET
    for owner in (PAYEE, PLATFORM):
        with reverts("TransferFailed"):
            hostile.escrow.pay_credit(token.address, owner)


@pytest.mark.parametrize("value", [0, 1])
def test_abuse_18_a_token_without_code_is_refused(native: Scene, value: int) -> None:
    agreement = native.agreement(token=STRANGER)
    with pytest.raises(ContractRevert) as refused:
        native.escrow.fund(agreement, (0,), value=value)
    assert refused.value.error == ("WrongValue" if value else "TransferFailed")


@pytest.mark.parametrize(
    "code",
    [REFUSE, BURN, answer(b""), answer(TRUE[:31])],
    ids=["reverts", "burns", "is silent", "is short"],
)
def test_what_tells_no_balance_is_no_token(hostile: Scene, token: Contract, code: bytes) -> None:
    agreement = hostile.agreement()
    hostile.chain.set_code(token.address, code)
    with pytest.raises((ContractRevert, Halted)):
        hostile.escrow.fund(agreement, (0,))
    assert not hostile.escrow.deal(agreement).opened


def test_a_balance_at_the_end_of_the_range_is_refused(hostile: Scene) -> None:
    agreement = hostile.agreement()
    hostile.chain.set_code(hostile.money, answer(b"\xff" * 32))
    with pytest.raises(ContractRevert):
        hostile.escrow.fund(agreement, (0,))
    assert not hostile.escrow.deal(agreement).opened


# --- What a token becomes later


def test_abuse_11_a_paused_token_works_later(hostile: Scene, token: Contract) -> None:
    agreement = hostile.bound((0, 1))
    token.send("set_paused", True, sender=STRANGER)
    assert refused_deposit(hostile) == "TransferFailed"
    hostile.escrow.release(agreement, (0,))
    hostile.escrow.cancel(agreement, (1,))
    credits = {PAYEE: NET, EMPLOYER: AMOUNTS[1], PLATFORM: FEE}
    for owner, amount in credits.items():
        assert hostile.escrow.credit(token.address, owner) == amount
        with reverts("TransferFailed"):
            hostile.escrow.pay_credit(token.address, owner)
    token.send("set_paused", False, sender=STRANGER)
    before = hostile.balances()
    for owner in credits:
        hostile.escrow.pay_credit(token.address, owner)
    assert hostile.gains(before) == credits | {hostile.escrow.address: -sum(credits.values())}


def test_abuse_10_a_blocked_platform_stops_no_payment(hostile: Scene) -> None:
    agreement = hostile.bound()
    hostile.refuse(PLATFORM)
    before = hostile.balances()
    hostile.escrow.release(agreement, (0,))
    assert hostile.gains(before) == {PAYEE: NET, hostile.escrow.address: -NET}
    assert hostile.escrow.credit(hostile.money, PLATFORM) == FEE


def test_an_escrow_that_is_blocked_itself_owes_credits(hostile: Scene) -> None:
    agreement = hostile.bound()
    hostile.refuse(hostile.escrow.address)
    hostile.escrow.release(agreement, (0,))
    assert hostile.escrow.credit(hostile.money, PAYEE) == NET


def test_abuse_13_a_fee_turned_on_later_is_the_receivers(hostile: Scene, token: Contract) -> None:
    agreement = hostile.bound((0, 1))
    token.send("set_fee", 5_000, sender=STRANGER)
    before = hostile.balances()
    hostile.escrow.release(agreement, (0,))
    gains = hostile.gains(before)
    assert gains[hostile.escrow.address] == -NET
    assert gains[PAYEE] == NET - NET // 2
    assert hostile.escrow.status(agreement, 1) is Status.FUNDED


def test_abuse_14_a_seizure_is_borne_by_the_deals_of_that_token(
    hostile: Scene, token: Contract
) -> None:
    first, last = hostile.bound(), hostile.bound()
    other = hostile.bound(token=ZERO_ADDRESS)
    token.send("seize", hostile.escrow.address, 2 * FEE, sender=STRANGER)
    before = hostile.balances()
    hostile.escrow.release(first, (0,))
    assert hostile.gains(before)[PAYEE] == NET
    hostile.escrow.cancel(last, (0,))
    assert hostile.escrow.credit(token.address, EMPLOYER) == AMOUNTS[0]
    assert EMPLOYER not in hostile.gains(before)
    # The rest comes as soon as the shortfall is made good.
    token.send("mint", hostile.escrow.address, 2 * FEE, sender=STRANGER)
    hostile.escrow.pay_credit(token.address, EMPLOYER)
    assert hostile.gains(before)[EMPLOYER] == AMOUNTS[0]

    coins = hostile.chain.balance(PAYEE)
    hostile.escrow.release(other, (0,))
    assert hostile.chain.balance(PAYEE) - coins == NET


def test_abuse_15_a_gift_changes_no_ledger(hostile: Scene, token: Contract) -> None:
    agreement = hostile.bound((0, 1))
    words = hostile.words(agreement)
    token.send("mint", hostile.escrow.address, 777, sender=STRANGER)
    assert hostile.words(agreement) == words
    hostile.escrow.fund(agreement, (2,))
    hostile.escrow.release(agreement, (0, 1, 2))
    hostile.escrow.pay_credit(token.address, PLATFORM)
    assert hostile.balance(hostile.escrow.address) == 777


def test_abuse_18_a_token_whose_code_is_gone_leaves_credits(
    hostile: Scene, token: Contract
) -> None:
    agreement = hostile.requested((0, 1, 2))
    code = hostile.chain.code(token.address)
    hostile.chain.set_code(token.address, NOTHING)
    with reverts("TransferFailed"):
        hostile.escrow.fund(hostile.agreement(), (0,))
    hostile.chain.now += agreement.review_period
    hostile.escrow.release(agreement, (0,))
    hostile.escrow.claim(agreement, (1,))
    hostile.escrow.cancel(agreement, (2,))
    owed = {
        PAYEE: NET + AMOUNTS[1] - fee_of(agreement, AMOUNTS[1]),
        EMPLOYER: AMOUNTS[2],
    }
    for owner, amount in owed.items():
        assert hostile.escrow.credit(token.address, owner) == amount
        with reverts("TransferFailed"):
            hostile.escrow.pay_credit(token.address, owner)
        with reverts("TransferFailed"):
            hostile.escrow.withdraw_credit(token.address, STRANGER, sender=owner)
    hostile.chain.set_code(token.address, code)
    before = hostile.balances()
    for owner in owed:
        hostile.escrow.pay_credit(token.address, owner)
    assert hostile.gains(before) == owed | {hostile.escrow.address: -sum(owed.values())}


@pytest.mark.parametrize("decimals", [0, 6, 18, 77])
def test_abuse_19_decimals_are_nothing_to_the_escrow(native: Scene, decimals: int) -> None:
    native.use_token(deploy(native.chain, "mocks/TestToken.vy", "Any", "ANY", decimals))
    agreement = native.bound()
    before = native.balances()
    native.escrow.release(agreement, (0,))
    assert native.gains(before)[PAYEE] == NET


def test_promise_06_two_tokens_have_two_ledgers(hostile: Scene, token: Contract) -> None:
    mine = hostile.bound()
    hostile.use_token(deploy(hostile.chain, "mocks/TestToken.vy", "Good", "GOOD", 18))
    good = hostile.bound()
    hostile.chain.set_code(token.address, BURN)
    hostile.escrow.release(mine, (0,))
    before = hostile.balances()
    hostile.escrow.release(good, (0,))
    hostile.escrow.withdraw_credit(good.token, FREELANCER, sender=PLATFORM)
    assert hostile.gains(before) == {
        PAYEE: NET,
        FREELANCER: FEE,
        hostile.escrow.address: -AMOUNTS[0],
    }
    assert hostile.escrow.credit(token.address, PLATFORM) == FEE
