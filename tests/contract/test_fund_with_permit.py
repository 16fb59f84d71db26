"""Funding by an ERC-2612 permit: all else is as in `test_fund`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from eth_account import Account

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement, Milestone
from milestone_escrow.calls import Permit
from milestone_escrow.events import Accepted, Funded, Opened
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.consent import NO_PERMIT
from tests.contract.moves import MOVES, SENDERS, check_sender
from tests.contract.raw_code import BURN, NOTHING, REFUSE, return_bomb
from tests.contract.scene import AMOUNTS, Scene, signature_of
from tests.evm import CHAIN_ID, Contract, deploy, reverts
from tests.roles import ACCOUNTS, EMPLOYER, FREELANCER, ROLES, STRANGER

ALL = sum(AMOUNTS)
ALONE = {"arbiter": ZERO_ADDRESS, "arbiter_bps": 0}  # terms without an arbiter


@pytest.fixture
def permitting() -> Iterator[Scene]:
    """A scene in a token that takes permits; the employer allows the escrow nothing."""
    scene = Scene.native()
    scene.use_token(deploy(scene.chain, "mocks/PermitToken.vy", "Permits", "PMT", 6))
    allow(scene, 0)
    yield scene
    scene.check_books()


def token_of(scene: Scene) -> Contract:
    assert scene.token is not None
    return scene.token


def allow(scene: Scene, amount: int, owner: str = EMPLOYER) -> None:
    token_of(scene).send("approve", scene.escrow.address, amount, sender=owner)


def allowance(scene: Scene, owner: str = EMPLOYER) -> int:
    return int(token_of(scene).read("allowance", owner, scene.escrow.address))


def permit_of(
    scene: Scene,
    amount: int,
    *,
    by: str = EMPLOYER,
    owner: str = EMPLOYER,
    spender: str | None = None,
    wait: int = DAY,
) -> Permit:
    """Return a permit for the escrow to take an amount."""
    token, deadline = token_of(scene), scene.chain.now + wait
    signed = Account.sign_typed_data(
        ACCOUNTS[by].key,
        domain_data={
            "name": "Permits",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": token.address,
        },
        message_types={
            "Permit": [
                {"name": "owner", "type": "address"},
                {"name": "spender", "type": "address"},
                {"name": "value", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ]
        },
        message_data={
            "owner": owner,
            "spender": spender or scene.escrow.address,
            "value": amount,
            "nonce": token.read("nonces", owner),
            "deadline": deadline,
        },
    )
    return Permit(deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32))


def use(scene: Scene, permit: Permit, amount: int, *, owner: str = EMPLOYER) -> None:
    """Let a stranger use a permit before its owner does."""
    parts = (permit.deadline, permit.v, permit.r, permit.s)
    arguments = (owner, scene.escrow.address, amount, *parts)
    token_of(scene).send("permit", *arguments, sender=STRANGER)


def funded(agreement: Agreement, scene: Scene, indexes: Sequence[int]) -> list[Funded]:
    deal_id = scene.escrow.id_of(agreement)
    return [Funded(deal_id, index, AMOUNTS[index]) for index in indexes]


# --- With a good permit


def test_a_permit_takes_the_place_of_an_approval(permitting: Scene) -> None:
    agreement = permitting.agreement()
    before = permitting.balances()
    total = AMOUNTS[2] + AMOUNTS[0]
    outcome = permitting.escrow.fund_with_permit(agreement, (2, 0), permit_of(permitting, total))
    deal_id = permitting.escrow.id_of(agreement)
    assert outcome.events == (
        Opened(deal_id, EMPLOYER, FREELANCER, agreement),
        *funded(agreement, permitting, (2, 0)),
    )
    assert permitting.gains(before) == {EMPLOYER: -total, permitting.escrow.address: total}
    assert permitting.escrow.deal(agreement).funded == 0b101
    assert allowance(permitting) == 0
    assert permitting.escrow.status(agreement) is Status.RESERVED


def test_the_freelancers_signature_binds_as_in_fund(permitting: Scene) -> None:
    agreement = permitting.agreement()
    signature = signature_of(agreement, permitting.escrow.domain)
    outcome = permitting.escrow.fund_with_permit(
        agreement, (0,), permit_of(permitting, AMOUNTS[0]), signature
    )
    assert len(outcome.of(Accepted)) == 1
    assert permitting.escrow.status(agreement) is Status.FUNDED
    later = permitting.escrow.fund_with_permit(
        agreement, (1, 2), permit_of(permitting, AMOUNTS[1] + AMOUNTS[2])
    )
    assert later.events == tuple(funded(agreement, permitting, (1, 2)))
    other = permitting.agreement()
    with reverts("BadSignature"):
        permitting.escrow.fund_with_permit(
            other, (0,), permit_of(permitting, AMOUNTS[0]), signature
        )
    # The permit went with the revert and may be used again.
    assert token_of(permitting).read("nonces", EMPLOYER) == 2


def test_its_rules_are_those_of_fund(permitting: Scene) -> None:
    agreement = permitting.agreement()
    permit = permit_of(permitting, AMOUNTS[0])
    fund = permitting.escrow.fund_with_permit
    for indexes, error in (((), "NoIndexes"), ((0, 3), "BadIndex"), ((1, 1), "AlreadyFunded")):
        with reverts(error):
            fund(agreement, indexes, permit)
    with reverts("BadPrice"):
        fund(replace(agreement, price=1), (0,), permit)
    with reverts("BadSupersedes"):
        fund(permitting.agreement(supersedes=b"\7" * 32), (0,), permit)
    fund(agreement, (0,), permit)
    with reverts("AlreadyFunded"):
        fund(agreement, (0,), permit_of(permitting, AMOUNTS[0]))
    permitting.chain.now = agreement.final_deadline
    with reverts("FinalDeadlinePassed"):
        fund(agreement, (1,), permit_of(permitting, AMOUNTS[1]))


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("sender", SENDERS)
def test_who_can_do_it_in_which_state(erc20: Scene, sender: str, status: Status) -> None:
    move = replace(
        MOVES["fund"],
        act=lambda scene, agreement, indexes, who: scene.escrow.fund_with_permit(
            agreement, indexes, NO_PERMIT, sender=who
        ),
    )
    check_sender(erc20, move, sender, status)


def test_a_sum_that_no_word_holds_reverts(permitting: Scene) -> None:
    agreement = permitting.agreement()
    agreement = replace(agreement, milestones=(Milestone(2**255, agreement.final_deadline),) * 2)
    with reverts("NoReason"):
        permitting.escrow.fund_with_permit(agreement, (0, 1), NO_PERMIT)


# --- With a permit that is none, the allowance decides


def test_abuse_38_a_permit_that_somebody_used_first_does_no_harm(permitting: Scene) -> None:
    agreement = permitting.agreement()
    permit = permit_of(permitting, AMOUNTS[0])
    use(permitting, permit, AMOUNTS[0])
    assert allowance(permitting) == AMOUNTS[0]
    outcome = permitting.escrow.fund_with_permit(agreement, (0,), permit)
    assert outcome.of(Funded) == funded(agreement, permitting, (0,))
    assert allowance(permitting) == 0


@pytest.mark.parametrize("allowed", [0, ALL - 1, ALL, 2**256 - 1])
@pytest.mark.parametrize(
    "fault", ["none", "late", "another key", "another amount", "another spender", "used up"]
)
def test_abuse_38_with_a_bad_permit_the_allowance_decides(
    permitting: Scene, fault: str, allowed: int
) -> None:
    permit = {
        "none": lambda: NO_PERMIT,
        "late": lambda: permit_of(permitting, ALL, wait=-1),
        "another key": lambda: permit_of(permitting, ALL, by=STRANGER),
        "another amount": lambda: permit_of(permitting, ALL - 1),
        "another spender": lambda: permit_of(permitting, ALL, spender=STRANGER),
        "used up": lambda: permit_of(permitting, ALL),
    }[fault]()
    if fault == "used up":
        use(permitting, permit, ALL)
    allow(permitting, allowed)
    agreement, before = permitting.agreement(), permitting.balances()
    if allowed >= ALL:
        permitting.escrow.fund_with_permit(agreement, (0, 1, 2), permit)
        assert permitting.escrow.held(agreement) == ALL
        return
    with reverts("TransferFailed"):
        permitting.escrow.fund_with_permit(agreement, (0, 1, 2), permit)
    assert permitting.gains(before) == {}
    assert not permitting.escrow.deal(agreement).opened


def test_a_permit_counts_until_its_deadline(permitting: Scene) -> None:
    agreement = permitting.agreement()
    permit = permit_of(permitting, AMOUNTS[0])
    permitting.chain.now = permit.deadline
    permitting.escrow.fund_with_permit(agreement, (0,), permit)
    other = permit_of(permitting, AMOUNTS[1])
    permitting.chain.now = other.deadline + 1
    with reverts("TransferFailed"):
        permitting.escrow.fund_with_permit(agreement, (1,), other)


def test_a_token_without_permits_needs_an_allowance(erc20: Scene) -> None:
    agreement = erc20.agreement()
    erc20.escrow.fund_with_permit(agreement, (0,), NO_PERMIT)
    allow(erc20, 0)
    with reverts("TransferFailed"):
        erc20.escrow.fund_with_permit(agreement, (1,), NO_PERMIT)


def test_the_native_coin_takes_no_permit(native: Scene) -> None:
    agreement = native.agreement()
    with reverts("WrongValue"):
        native.escrow.fund_with_permit(agreement, (0,), NO_PERMIT)
    with reverts("NoReason"):  # it takes no coins at all
        native.escrow.fund_with_permit(agreement, (0,), NO_PERMIT, value=AMOUNTS[0])
    assert not native.escrow.deal(agreement).opened


# --- Somebody else's permit


@pytest.mark.parametrize("who", [who for who in ROLES.values() if who != EMPLOYER])
def test_abuse_37_nobody_spends_the_permit_of_another(permitting: Scene, who: str) -> None:
    permit = permit_of(permitting, ALL)
    before = permitting.balances()
    theirs = permitting.agreement()
    # Neither for the employer's own deal, nor for one's own that the employer would pay.
    with reverts("NotEmployer"):
        permitting.escrow.fund_with_permit(theirs, (0, 1, 2), permit, sender=who)
    allow(permitting, 0, who)
    own = permitting.agreement(
        employer=who, freelancer="0x" + "f1" * 20, payee=ZERO_ADDRESS, platform=EMPLOYER, **ALONE
    )
    with reverts("TransferFailed"):
        permitting.escrow.fund_with_permit(own, (0, 1, 2), permit)
    assert permitting.gains(before) == {}
    assert token_of(permitting).read("nonces", EMPLOYER) == 0


def test_abuse_37_a_permit_used_first_is_no_reserve_for_a_stranger(permitting: Scene) -> None:
    use(permitting, permit_of(permitting, ALL), ALL)
    agreement = permitting.agreement(employer=STRANGER)
    allow(permitting, 0, STRANGER)
    with reverts("TransferFailed"):
        permitting.escrow.fund_with_permit(agreement, (0,), NO_PERMIT)
    assert allowance(permitting) == ALL


# --- Tokens that do as they like with the question


@pytest.mark.parametrize("code", [NOTHING, REFUSE, return_bomb(10**6)])
def test_a_token_that_is_none_opens_nothing(permitting: Scene, code: bytes) -> None:
    agreement = permitting.agreement()
    permitting.chain.set_code(permitting.money, code)
    with pytest.raises(ContractRevert):
        permitting.escrow.fund_with_permit(agreement, (0,), NO_PERMIT)
    assert not permitting.escrow.deal(agreement).opened


def test_a_token_that_burns_gas_burns_its_own_employers(permitting: Scene) -> None:
    agreement = permitting.agreement()
    permitting.chain.set_code(permitting.money, BURN)
    with pytest.raises(ContractRevert):
        permitting.escrow.fund_with_permit(agreement, (0,), NO_PERMIT)


def test_the_escrow_asks_no_token_for_anything_but_a_permit(hostile: Scene) -> None:
    # The call before the lock is made to whatever the agreement names, so it must be harmless:
    # it is a permit of the caller's for the escrow, and never moves what another token holds.
    other = deploy(hostile.chain, "mocks/TestToken.vy", "Other", "OTH", 6)
    other.send("mint", hostile.escrow.address, 1_000, sender=STRANGER)
    agreement = hostile.agreement(token=other.address)
    with reverts("TransferFailed"):
        hostile.escrow.fund_with_permit(agreement, (0,), NO_PERMIT)
    assert other.read("balanceOf", hostile.escrow.address) == 1_000
    assert other.read("allowance", hostile.escrow.address, EMPLOYER) == 0
