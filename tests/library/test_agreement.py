from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_escrow import artifacts
from milestone_escrow.agreement import (
    AGREEMENT_FIELDS,
    DAY,
    MAX_AMOUNT,
    MILESTONE_FIELDS,
    ZERO_ADDRESS,
    ZERO_HASH,
    Agreement,
    Milestone,
    problems,
)
from milestone_escrow.exceptions import AgreementError
from tests.library.agreements import (
    ARBITER,
    DOCUMENT,
    EMPLOYER,
    FREELANCER,
    NOW,
    PAYEE,
    TOKEN,
    doubtful_agreements,
    sound,
)
from tests.library.escrow_in_evm import EscrowInEvm

INTERFACE = Path(__file__).parents[2] / "contracts" / "interfaces" / "IMilestoneEscrow.vyi"
CHECKSUMMED = "0x52908400098527886E0F7030069857D2E4169EE7"
MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
FINAL = "milestones[1].deadline"


@pytest.fixture(scope="module")
def escrow() -> EscrowInEvm:
    return EscrowInEvm()


# --- The type


@pytest.mark.parametrize(
    ("struct", "fields"), [("Agreement", AGREEMENT_FIELDS), ("Milestone", MILESTONE_FIELDS)]
)
def test_fields_are_the_interfaces(struct: str, fields: tuple[tuple[str, str], ...]) -> None:
    body = re.search(rf"^struct {struct}:\n((?:    .*\n)+)", INTERFACE.read_text(), re.MULTILINE)
    assert body is not None
    declared = re.findall(r"^    (\w+): ([\w\[\], ]+?)\s*(?:#.*)?$", body[1], re.MULTILINE)
    assert [
        (name, abi_type.replace("DynArray[Milestone, 10]", "Milestone[]"))
        for name, abi_type in declared
    ] == list(fields)


def test_fields_are_the_abis() -> None:
    abi = artifacts.load("MilestoneEscrow").abi
    [deal_id] = [entry for entry in abi if entry.get("name") == "deal_id"]
    members = deal_id["inputs"][0]["components"]
    assert [(member["name"], member["type"]) for member in members] == [
        (name, abi_type.replace("Milestone[]", "tuple[]")) for name, abi_type in AGREEMENT_FIELDS
    ]
    assert [(part["name"], part["type"]) for part in members[-1]["components"]] == list(
        MILESTONE_FIELDS
    )


def test_addresses_are_checksummed() -> None:
    agreement = sound(employer=MIXED.lower(), freelancer=CHECKSUMMED)
    assert agreement.employer == MIXED
    assert agreement.freelancer == CHECKSUMMED


def test_agreement_is_frozen_and_comparable() -> None:
    assert sound() == sound()
    assert hash(sound()) == hash(sound())
    assert sound() != sound(fee_bps=251)
    with pytest.raises(FrozenInstanceError):
        sound().price = 1  # type: ignore[misc]


NO_ADDRESSES = [
    None,
    "",
    "0x",
    "0x" + "1" * 39,
    "0x" + "1" * 41,
    "1" * 40,
    "0X" + "1" * 40,
    "0x" + "g" * 40,
    " 0x" + "1" * 40,
    "0x" + "1" * 40 + "\n",
    "0x" + "\N{FULLWIDTH DIGIT ONE}" * 40,
    bytes(20),
    0,
    MIXED.replace("A", "a", 1),
]
NO_INTEGERS = [None, True, 1.0, float("nan"), "1", -1, 2**256, 1j]
NO_HASHES = [None, "0x" + "00" * 32, b"", bytes(31), bytes(33), bytearray(32), 0]
MISFITS: dict[str, list[Any]] = {
    "address": NO_ADDRESSES,
    "uint256": NO_INTEGERS,
    "bytes32": NO_HASHES,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, abi_type in AGREEMENT_FIELDS[:-1] for value in MISFITS[abi_type]],
)
def test_constructor_refuses_what_is_not_of_the_type(name: str, value: Any) -> None:
    with pytest.raises(AgreementError) as caught:
        replace(sound(), **{name: value})
    assert caught.value.field == name
    assert caught.value.sentence.startswith(name)
    assert caught.value.remedy


@pytest.mark.parametrize("value", NO_INTEGERS)
@pytest.mark.parametrize("name", ["amount", "deadline"])
def test_milestone_refuses_what_is_not_of_the_type(name: str, value: Any) -> None:
    with pytest.raises(AgreementError) as caught:
        replace(Milestone(1, 1), **{name: value})
    assert caught.value.field == name
    pair = (value, 1) if name == "amount" else (1, value)
    with pytest.raises(AgreementError) as caught:
        sound(milestones=[(1, 1), pair])
    assert caught.value.field == f"milestones[1].{name}"


@pytest.mark.parametrize(
    ("milestones", "field"),
    [
        (None, "milestones"),
        ("ab", "milestones"),
        ({1: 2}, "milestones"),
        ([(1, 2, 3)], "milestones[0]"),
        ([(1, 2), b"ab"], "milestones[1]"),
        ([7], "milestones[0]"),
        ([(1, 2)] * 11, "milestones"),
    ],
)
def test_constructor_refuses_what_are_not_milestones(milestones: Any, field: str) -> None:
    with pytest.raises(AgreementError) as caught:
        replace(sound(), milestones=milestones)
    assert caught.value.field == field


def test_ten_milestones_fit() -> None:
    assert len(sound(milestones=[(1, NOW + 10 * DAY)] * 10).milestones) == 10


def test_build_takes_the_usual_terms() -> None:
    agreement = Agreement.build(
        employer=EMPLOYER,
        milestones=[(5, NOW + 1), (7, NOW + 2)],
        accept_by=NOW + 1,
        document=DOCUMENT,
    )
    assert agreement == Agreement(
        employer=EMPLOYER,
        freelancer=ZERO_ADDRESS,
        payee=ZERO_ADDRESS,
        arbiter=ZERO_ADDRESS,
        token=ZERO_ADDRESS,
        platform=ZERO_ADDRESS,
        fee_bps=0,
        arbiter_bps=0,
        price=12,
        accept_by=NOW + 1,
        review_period=30 * 86_400,
        ruling_period=30 * 86_400,
        fallback_freelancer_bps=5_000,
        document=DOCUMENT,
        supersedes=ZERO_HASH,
        milestones=(Milestone(5, NOW + 1), Milestone(7, NOW + 2)),
    )


def test_receiver_is_the_payee_or_else_the_freelancer() -> None:
    assert sound().receiver == PAYEE
    assert sound(payee=ZERO_ADDRESS).receiver == FREELANCER


def test_final_deadline() -> None:
    assert sound().final_deadline == NOW + 20 * DAY
    with pytest.raises(AgreementError, match="no final deadline"):
        _ = sound(milestones=[]).final_deadline


# --- The contract's rules. Each case is asked of the contract too


def ends(*deadlines: int) -> dict[str, Any]:
    """Return milestones with these deadlines, accepted in time."""
    return {
        "milestones": [(1, deadline) for deadline in deadlines],
        "accept_by": min(NOW + 1, deadlines[-1]),
    }


RULES: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({}, None, None),
    ({"freelancer": ZERO_ADDRESS}, None, None),
    ({"freelancer": ZERO_ADDRESS, "arbiter": ZERO_ADDRESS, "arbiter_bps": 0}, None, None),
    ({"freelancer": EMPLOYER}, "BadParties", "freelancer"),
    ({"payee": EMPLOYER}, "BadParties", "payee"),
    ({"payee": FREELANCER}, None, None),
    ({"payee": ARBITER}, None, None),
    ({"arbiter": EMPLOYER}, "BadParties", "arbiter"),
    ({"arbiter": FREELANCER}, "BadParties", "arbiter"),
    ({"platform": EMPLOYER}, None, None),
    *[
        ({"token": TOKEN, role: TOKEN}, "BadParties", role)
        for role in ("employer", "freelancer", "payee", "arbiter", "platform")
    ],
    ({"platform": ZERO_ADDRESS}, "BadPlatform", "platform"),
    ({"platform": ZERO_ADDRESS, "fee_bps": 0}, None, None),
    ({"fee_bps": 0}, "BadPlatform", "platform"),
    ({"fee_bps": 1}, None, None),
    ({"fee_bps": 1000}, None, None),
    ({"fee_bps": 1001}, "BadFee", "fee_bps"),
    ({"arbiter_bps": 1000}, None, None),
    ({"arbiter_bps": 1001}, "BadArbiterFee", "arbiter_bps"),
    ({"arbiter": ZERO_ADDRESS}, "BadArbiterFee", "arbiter_bps"),
    ({"arbiter": ZERO_ADDRESS, "arbiter_bps": 1001}, "BadArbiterFee", "arbiter_bps"),
    ({"review_period": 3 * DAY - 1}, "BadReviewPeriod", "review_period"),
    ({"review_period": 3 * DAY}, None, None),
    ({"review_period": 180 * DAY}, None, None),
    ({"review_period": 180 * DAY + 1}, "BadReviewPeriod", "review_period"),
    ({"ruling_period": 3 * DAY - 1}, "BadRulingPeriod", "ruling_period"),
    ({"ruling_period": 3 * DAY}, None, None),
    ({"ruling_period": 365 * DAY}, None, None),
    ({"ruling_period": 365 * DAY + 1}, "BadRulingPeriod", "ruling_period"),
    ({"fallback_freelancer_bps": 0}, None, None),
    ({"fallback_freelancer_bps": 10_000}, None, None),
    ({"fallback_freelancer_bps": 10_001}, "BadFallback", "fallback_freelancer_bps"),
    ({"milestones": []}, "BadMilestones", "milestones"),
    ({"milestones": [(1, NOW + 9 * DAY)] * 10}, None, None),
    ({"milestones": [(0, NOW + 9 * DAY)]}, "BadAmount", "milestones[0].amount"),
    ({"milestones": [(MAX_AMOUNT, NOW + 9 * DAY)] * 10}, None, None),
    ({"milestones": [(MAX_AMOUNT + 1, NOW + 9 * DAY)]}, "BadAmount", "milestones[0].amount"),
    (ends(NOW + 7, NOW + 7), None, None),
    (ends(NOW + 7, NOW + 6), "BadDeadlines", FINAL),
    (ends(0, NOW + 6), None, None),
    (ends(NOW, NOW + 1), None, None),
    (ends(NOW, NOW + 3650 * DAY), None, None),
    (ends(NOW, NOW + 3650 * DAY + 1), "BadDeadlines", FINAL),
    ({"price": 999}, "BadPrice", "price"),
    ({"price": 1001}, "BadPrice", "price"),
    ({"accept_by": NOW - 1}, "BadAcceptBy", "accept_by"),
    ({"accept_by": NOW}, "BadAcceptBy", "accept_by"),
    ({"accept_by": NOW + 1}, None, None),
    ({"accept_by": NOW + 20 * DAY}, None, None),
    ({"accept_by": NOW + 20 * DAY + 1}, "BadAcceptBy", "accept_by"),
    ({"supersedes": DOCUMENT}, "BadSupersedes", "supersedes"),
]


@pytest.mark.parametrize(("changes", "error", "field"), RULES)
def test_rule(
    escrow: EscrowInEvm, changes: dict[str, Any], error: str | None, field: str | None
) -> None:
    agreement = sound(**changes)
    found = problems(agreement, NOW, escrow.address)
    assert [(problem.error, problem.field) for problem in found] == (
        [] if error is None else [(error, field)]
    )
    assert escrow.refusal(agreement, NOW) == error
    for problem in found:
        assert problem.sentence.endswith(".")
        assert problem.remedy.endswith(".")


@pytest.mark.parametrize("role", ["freelancer", "payee", "arbiter", "platform"])
def test_the_escrow_is_nobody_in_an_agreement(escrow: EscrowInEvm, role: str) -> None:
    agreement = sound(**{role: escrow.address})
    [problem] = problems(agreement, NOW, escrow.address)
    assert (problem.error, problem.field) == ("BadParties", role)
    assert escrow.refusal(agreement, NOW) == "BadParties"
    assert problems(agreement, NOW) == ()


def test_the_zero_address_cannot_fund() -> None:
    [problem] = problems(sound(employer=ZERO_ADDRESS), NOW)
    assert (problem.error, problem.field) == ("NotEmployer", "employer")


@pytest.mark.parametrize(
    ("now", "error"),
    [(NOW + 5 * DAY - 1, None), (NOW + 5 * DAY, "BadAcceptBy"), (NOW + 5 * DAY + 1, "BadAcceptBy")],
)
def test_time_passes_accept_by(escrow: EscrowInEvm, now: int, error: str | None) -> None:
    assert [problem.error for problem in problems(sound(), now)] == ([error] if error else [])
    assert escrow.refusal(sound(), now) == error


@pytest.mark.parametrize("final", [NOW - 1, NOW])
def test_a_final_deadline_that_passed_leaves_no_time_to_accept(
    escrow: EscrowInEvm, final: int
) -> None:
    agreement = sound(**ends(final))
    found = problems(agreement, NOW)
    assert [problem.error for problem in found] == ["BadDeadlines", "BadAcceptBy"]
    assert found[0].field == "milestones[0].deadline"
    assert escrow.refusal(agreement, NOW) == "BadDeadlines"


def test_several_rules_can_be_broken_at_once() -> None:
    agreement = sound(
        freelancer=EMPLOYER,
        fee_bps=2000,
        milestones=[(0, NOW + 9), (MAX_AMOUNT + 1, NOW + 8)],
        price=1,
        accept_by=NOW,
    )
    found = problems(agreement, NOW)
    assert [problem.error for problem in found] == [
        "BadParties",
        "BadFee",
        "BadAmount",
        "BadAmount",
        "BadDeadlines",
        "BadPrice",
        "BadAcceptBy",
    ]
    with pytest.raises(AgreementError) as caught:
        agreement.require_valid(NOW)
    assert caught.value.problems == found
    assert all(problem.sentence in str(caught.value) for problem in found)
    assert caught.value.to_dict()["problems"] == [
        {
            "error": problem.error,
            "field": problem.field,
            "sentence": problem.sentence,
            "remedy": problem.remedy,
        }
        for problem in found
    ]


def test_require_valid_lets_sound_agreements_pass(escrow: EscrowInEvm) -> None:
    sound().require_valid(NOW, escrow.address)
    with pytest.raises(AgreementError, match="escrow"):
        sound(payee=escrow.address).require_valid(NOW, escrow.address)


def test_an_amendment_names_the_deal_that_it_replaces() -> None:
    sound(supersedes=DOCUMENT).require_valid(NOW, supersedes=DOCUMENT)
    for agreement in (sound(), sound(supersedes=b"x" * 32)):
        [problem] = problems(agreement, NOW, supersedes=DOCUMENT)
        assert (problem.error, problem.field) == ("BadSupersedes", "supersedes")
        assert DOCUMENT.hex() in problem.remedy


@pytest.mark.parametrize("final", [2**64, 2**256 - 1])
def test_dates_beyond_the_calendar_are_still_told(final: int) -> None:
    [problem] = problems(sound(milestones=[(1, final)]), NOW)
    assert str(final) in problem.sentence


@pytest.mark.parametrize(
    ("now", "escrow", "supersedes"),
    [(1.5, None, ZERO_HASH), (True, None, ZERO_HASH), (NOW, "0x12", ZERO_HASH), (NOW, None, b"")],
)
def test_problems_refuses_arguments_of_other_types(now: Any, escrow: Any, supersedes: Any) -> None:
    with pytest.raises(AgreementError):
        problems(sound(), now, escrow, supersedes=supersedes)


@settings(max_examples=300)
@given(data=st.data())
def test_the_first_problem_is_the_contracts_error(escrow: EscrowInEvm, data: st.DataObject) -> None:
    agreement = data.draw(doubtful_agreements(escrow.address))
    found = problems(agreement, NOW, escrow.address)
    # No token is deployed here, so an ERC-20 deal that nothing is wrong with fails at the payment.
    sound_end = None if agreement.token == ZERO_ADDRESS else "TransferFailed"
    assert escrow.refusal(agreement, NOW) == (found[0].error if found else sound_end)
