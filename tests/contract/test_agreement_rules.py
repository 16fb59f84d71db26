"""Which agreements can be opened: every bound of every field at its edge, every pair of roles."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS, Agreement, Milestone, problems
from milestone_escrow.exceptions import ContractRevert
from tests.contract.scene import Scene
from tests.evm import reverts
from tests.library.agreements import NOW, TOKEN, doubtful_agreements
from tests.roles import EMPLOYER, ROLES

YEARS_10 = 3_650 * DAY


def refusal(scene: Scene, agreement: Agreement) -> str | None:
    """Return the error of the employer's first funding, None if it opens the deal."""
    scene.chain.set_balance(agreement.employer, 2**256 - 1)  # whatever the amount is
    try:
        scene.escrow.fund(agreement, (0,))
    except ContractRevert as refused:
        assert not scene.escrow.deal(agreement).opened
        return refused.error
    assert scene.escrow.deal(agreement).opened
    return None


def expect(scene: Scene, agreement: Agreement, error: str | None) -> None:
    """The contract's answer is this error, and it is the first that the library finds."""
    assert refusal(scene, agreement) == error
    found = problems(agreement, scene.chain.now, scene.escrow.address)
    assert (found[0].error if found else None) == error


def with_milestones(scene: Scene, *parts: tuple[int, int], **changes: Any) -> Agreement:
    """Return an agreement with (amount, seconds from now), to be accepted by the next second."""
    return scene.agreement(milestones=parts, accept_by=scene.chain.now + 1, **changes)


# --- One field after the other


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("fee_bps", 1, None),
        ("fee_bps", 1_000, None),
        ("fee_bps", 1_001, "BadFee"),
        ("fee_bps", 2**256 - 1, "BadFee"),
        ("fee_bps", 0, "BadPlatform"),
        ("arbiter_bps", 0, None),
        ("arbiter_bps", 1_000, None),
        ("arbiter_bps", 1_001, "BadArbiterFee"),
        ("arbiter_bps", 2**256 - 1, "BadArbiterFee"),
        ("review_period", 0, "BadReviewPeriod"),
        ("review_period", 3 * DAY - 1, "BadReviewPeriod"),
        ("review_period", 3 * DAY, None),
        ("review_period", 180 * DAY, None),
        ("review_period", 180 * DAY + 1, "BadReviewPeriod"),
        ("ruling_period", 0, "BadRulingPeriod"),
        ("ruling_period", 3 * DAY - 1, "BadRulingPeriod"),
        ("ruling_period", 3 * DAY, None),
        ("ruling_period", 365 * DAY, None),
        ("ruling_period", 365 * DAY + 1, "BadRulingPeriod"),
        ("fallback_freelancer_bps", 0, None),
        ("fallback_freelancer_bps", 10_000, None),
        ("fallback_freelancer_bps", 10_001, "BadFallback"),
        ("document", bytes(32), None),
        ("document", b"\xff" * 32, None),
        ("supersedes", b"\0" * 31 + b"\1", "BadSupersedes"),
    ],
)
def test_abuse_51_the_terms_keep_their_bounds(
    native: Scene, field: str, value: Any, error: str | None
) -> None:
    expect(native, native.agreement(**{field: value}), error)


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        ((1,), None),
        ((0,), "BadAmount"),
        ((5, 0), "BadAmount"),
        ((MAX_AMOUNT,), None),
        ((MAX_AMOUNT + 1,), "BadAmount"),
        ((2**256 - 1,), "BadAmount"),
        ((MAX_AMOUNT,) * 10, None),
    ],
)
def test_abuse_20_amounts_fit_128_bits(
    native: Scene, amounts: tuple[int, ...], error: str | None
) -> None:
    expect(native, with_milestones(native, *((amount, 9) for amount in amounts)), error)


@pytest.mark.parametrize(
    ("deadlines", "error"),
    [
        ((1,), None),
        ((0,), "BadDeadlines"),
        ((-1,), "BadDeadlines"),
        ((YEARS_10,), None),
        ((YEARS_10 + 1,), "BadDeadlines"),
        ((5, 5), None),
        ((5, 4), "BadDeadlines"),
        ((5, 9, 8, 20), "BadDeadlines"),
        ((-NOW // 2, -5, 7), None),  # only the last one must be in the future
        ((-NOW, 7), None),  # the first may be of 1970
        ((5, 2**255), "BadDeadlines"),
    ],
)
def test_abuse_51_deadlines_are_in_order_and_the_last_one_ahead(
    native: Scene, deadlines: tuple[int, ...], error: str | None
) -> None:
    expect(native, with_milestones(native, *((7, deadline) for deadline in deadlines)), error)


@pytest.mark.parametrize(
    ("seconds", "error"),
    [(-1, "BadAcceptBy"), (0, "BadAcceptBy"), (1, None), (100, None), (101, "BadAcceptBy")],
)
def test_accept_by_lies_ahead_and_not_after_the_final_deadline(
    native: Scene, seconds: int, error: str | None
) -> None:
    agreement = native.agreement(
        milestones=[(7, 50), (7, 100)], accept_by=native.chain.now + seconds
    )
    expect(native, agreement, error)


@pytest.mark.parametrize(
    ("difference", "error"), [(0, None), (1, "BadPrice"), (-1, "BadPrice"), (2**128, "BadPrice")]
)
def test_the_price_is_the_sum(native: Scene, difference: int, error: str | None) -> None:
    agreement = native.agreement()
    expect(native, replace(agreement, price=agreement.price + difference), error)


def test_the_sum_of_the_amounts_never_wraps_to_the_price(native: Scene) -> None:
    ahead = native.chain.now + 9
    parts = tuple(Milestone(amount, ahead) for amount in (2**255, 2**255, 7))
    agreement = native.agreement(accept_by=ahead)
    expect(native, replace(agreement, milestones=parts, price=7), "BadAmount")


@pytest.mark.parametrize("count", [1, 2, 9, 10])
def test_one_to_ten_milestones(native: Scene, count: int) -> None:
    expect(native, with_milestones(native, *[(7, 9)] * count), None)


def test_an_agreement_has_milestones(native: Scene) -> None:
    agreement = replace(native.agreement(), milestones=(), price=0)
    with reverts("BadMilestones"):
        native.escrow.fund(agreement, (0,))
    assert problems(agreement, native.chain.now)[0].error == "BadMilestones"


def test_an_eleventh_milestone_is_not_even_read(native: Scene) -> None:
    ten = with_milestones(native, *[(7, 9)] * 10)
    *terms, milestones = ten.as_tuple()
    eleven = (*(77 if term == ten.price else term for term in terms), [*milestones, milestones[0]])
    send = native.escrow.contract.send
    with reverts("NoReason"):
        send("fund", eleven, [0], b"", sender=EMPLOYER, value=7)
    send("fund", (*terms, milestones), [0], b"", sender=EMPLOYER, value=7)


# --- Roles

SEATS = ("employer", "freelancer", "payee", "arbiter", "platform")
EXCLUSIVE = {
    ("employer", "freelancer"),
    ("employer", "payee"),
    ("employer", "arbiter"),
    ("freelancer", "arbiter"),
}


@pytest.mark.parametrize(("one", "other"), combinations(SEATS, 2))
def test_abuse_50_which_roles_one_account_may_have(native: Scene, one: str, other: str) -> None:
    error = "BadParties" if (one, other) in EXCLUSIVE else None
    expect(native, native.agreement(**{other: ROLES[one]}), error)


@pytest.mark.parametrize(
    ("nobody", "changes"),
    [
        ("freelancer", {}),
        ("payee", {}),
        ("arbiter", {"arbiter_bps": 0}),
        ("platform", {"fee_bps": 0}),
    ],
)
def test_which_roles_may_be_empty(native: Scene, nobody: str, changes: dict[str, int]) -> None:
    expect(native, native.agreement(**{nobody: ZERO_ADDRESS}, **changes), None)


def test_several_roles_may_be_empty_at_once(native: Scene) -> None:
    nobody = dict.fromkeys(("freelancer", "payee", "arbiter", "platform"), ZERO_ADDRESS)
    expect(native, native.agreement(**nobody, fee_bps=0, arbiter_bps=0), None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"platform": ZERO_ADDRESS}, "BadPlatform"),
        ({"arbiter": ZERO_ADDRESS, "arbiter_bps": 1}, "BadArbiterFee"),
    ],
)
def test_nobody_earns_without_a_role(native: Scene, changes: dict[str, Any], error: str) -> None:
    expect(native, native.agreement(**changes), error)


def test_abuse_50_there_is_an_employer(native: Scene) -> None:
    agreement = native.agreement(employer=ZERO_ADDRESS)
    for who in ROLES.values():
        with reverts("NotEmployer"):
            native.escrow.fund(agreement, (0,), sender=who)


@pytest.mark.parametrize("seat", SEATS[1:])
def test_the_escrow_is_nobody_in_an_agreement(native: Scene, seat: str) -> None:
    expect(native, native.agreement(**{seat: native.escrow.address}), "BadParties")


@pytest.mark.parametrize("seat", SEATS)
def test_the_token_is_nobody_in_an_agreement(native: Scene, seat: str) -> None:
    # Whatever the address is: the rule comes before anything is asked of the token.
    expect(native, native.agreement(token=ROLES[seat]), "BadParties")


def test_the_escrow_is_no_token(native: Scene) -> None:
    with pytest.raises(ContractRevert):
        native.escrow.fund(native.agreement(token=native.escrow.address), (0,))


# --- Any other


@pytest.fixture(scope="module")
def anywhere() -> Scene:
    """A scene for many agreements."""
    return Scene.native()


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_first_problem_is_the_contracts_error(anywhere: Scene, data: st.DataObject) -> None:
    agreement = data.draw(doubtful_agreements(anywhere.escrow.address))
    anywhere.chain.now = NOW
    employer = agreement.employer
    anywhere.chain.set_balance(employer, 2**256 // 4)
    found = problems(agreement, NOW, anywhere.escrow.address)
    error = found[0].error if found else None
    with_coins = agreement.token == ZERO_ADDRESS and agreement.milestones
    value = agreement.milestones[0].amount if with_coins else 0
    if value > 2**256 // 4:
        value = 0  # more than anybody has; the amount is refused first
    try:
        with anywhere.chain.undone():
            anywhere.escrow.fund(agreement, (0,), value=value)
    except ContractRevert as refused:
        # The token of these agreements has no code, which the escrow finds out last.
        assert refused.error == (error or "TransferFailed")
        assert error or agreement.token == TOKEN
    else:
        assert error is None
