"""The adapter's calls: who may make them, when, and what they do."""

from __future__ import annotations

import re

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from milestone_escrow.agreement import DAY, ZERO_ADDRESS
from milestone_escrow.revert_sentences import selector
from milestone_escrow.state import Status
from tests.compiled import ROOT, compiled
from tests.contract.arbitration import (
    ADAPTER,
    ARBITRATION_PERIOD,
    EXTRA_DATA,
    FEE,
    FEE_PERIOD,
    PATIENCE,
    Case,
    Court,
)
from tests.contract.raw_code import REFUSE
from tests.contract.scene import Scene
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, STRANGER

PARTIES = pytest.mark.parametrize("who", [EMPLOYER, FREELANCER], ids=["employer", "freelancer"])


@pytest.fixture
def court(native: Scene) -> Court:
    return Court(native)


def other(who: str) -> str:
    return EMPLOYER if who == FREELANCER else FREELANCER


# --- The constructor, and confirming


@pytest.mark.parametrize(
    ("fee_period", "arbitration_period", "fits"),
    [
        (DAY, DAY, True),
        (DAY - 1, DAY, False),
        (DAY, DAY - 1, False),
        (DAY, 364 * DAY - 1, True),
        (DAY, 364 * DAY, False),
        (365 * DAY, DAY, False),
        (2**256 - 1, DAY, False),
        (DAY, 2**256 - 1, False),
    ],
)
def test_its_periods_are_at_least_a_day_and_fit_into_a_ruling_period(
    court: Court, fee_period: int, arbitration_period: int, fits: bool
) -> None:
    made = compiled(ADAPTER)
    types = ["address", "address", "bytes", "uint256", "uint256", "string"]
    addresses = [court.notes.address, court.arbitrator.address]
    code = made.bytecode + encode(types, [*addresses, b"", fee_period, arbitration_period, ""])
    if fits:
        assert court.scene.chain.create(code)
    else:
        with pytest.raises(RuntimeError, match=selector("BadPeriods").hex()):
            court.scene.chain.create(code)


def test_it_says_as_it_is_made_where_the_rules_of_its_cases_are(court: Court) -> None:
    said = court.heard(court.scene.chain.latest()).said
    assert said == (("MetaEvidence", {"_metaEvidenceID": 0, "_evidence": "/ipfs/meta.json"}),)


def test_its_constants_can_be_read(court: Court) -> None:
    read = court.adapter.read
    assert read("escrow").lower() == court.scene.escrow.address.lower()
    assert read("notes").lower() == court.notes.address.lower()
    assert read("arbitrator").lower() == court.arbitrator.address.lower()
    assert read("extra_data") == EXTRA_DATA
    assert (read("fee_period"), read("arbitration_period")) == (FEE_PERIOD, ARBITRATION_PERIOD)


def test_it_confirms_on_record_a_deal_that_it_can_serve(court: Court) -> None:
    agreement = court.scene.opened(**court.terms())
    receipt = court.confirm(agreement).receipt
    (log,) = receipt.logs
    assert log.address == court.notes.address
    deal_id, actor = court.scene.escrow.id_of(agreement), bytes.fromhex(court.address[2:])
    confirmed = keccak(text="ArbiterConfirmed(bytes32,address)")
    assert log.topics == confirmed + deal_id + bytes(12) + actor


def test_it_confirms_no_deal_that_it_cannot_serve(court: Court) -> None:
    enough = FEE_PERIOD + ARBITRATION_PERIOD + 1
    court.confirm(court.scene.opened(**court.terms(ruling_period=enough)))
    with reverts("RulingTooShort"):
        court.confirm(court.scene.opened(**court.terms(ruling_period=enough - 1)))
    with reverts("ArbiterShare"):
        court.confirm(court.scene.opened(**court.terms(arbiter_bps=1)))
    with reverts("NotArbiter"):
        court.confirm(court.scene.opened(**court.terms(arbiter=ARBITER)))
    with reverts("NotOpened"):
        court.confirm(court.scene.agreement(**court.terms()))


# --- pay_fee


@PARTIES
def test_the_first_side_opens_the_case_and_the_second_completes_it(court: Court, who: str) -> None:
    agreement = court.disputed()
    case_id, ends = court.case_id(agreement), court.ruling_ends(agreement)
    court.scene.chain.now += 5
    due = court.scene.chain.now + FEE_PERIOD
    paid = {
        "deal_id": court.scene.escrow.id_of(agreement),
        "index": 0,
        "actor": who,
        "case_id": case_id,
        "fee": FEE,
        "due": due,
    }
    assert court.pay(agreement, who).said == (("FeePaid", paid),)
    assert court.case(agreement) == Case(1 if who == FREELANCER else 2, FEE, due, ends, 0)

    court.scene.chain.now += 7
    second = court.pay(agreement, other(who))
    assert second.said == (("FeePaid", paid | {"actor": other(who)}),)
    assert court.case(agreement) == Case(3, FEE, due, ends, 0)
    assert court.balance() == 2 * FEE
    assert court.credits(agreement) == (0, 0)


def test_what_is_paid_beyond_the_fee_is_credited(court: Court) -> None:
    agreement = court.disputed()
    for who, surplus in ((EMPLOYER, 1), (FREELANCER, 10**30)):
        said = court.pay(agreement, who, FEE + surplus).said
        assert said[1:] == (("Credited", {"owner": who, "amount": surplus, "credit": surplus}),)
        assert court.credit(who) == surplus
    assert court.balance() == 2 * FEE + 1 + 10**30


@PARTIES
def test_less_than_the_fee_is_refused(court: Court, who: str) -> None:
    agreement = court.disputed()
    for payer in (who, other(who)):
        with reverts("FeeTooSmall"):
            court.pay(agreement, payer, FEE - 1)
        court.pay(agreement, payer)


@pytest.mark.parametrize("cost", [0, 1, 10 * FEE])
def test_the_second_side_pays_what_the_first_paid(court: Court, cost: int) -> None:
    agreement = court.disputed()
    court.pay(agreement, FREELANCER)
    court.set_cost(cost)
    with reverts("FeeTooSmall"):
        court.pay(agreement, EMPLOYER, FEE - 1)
    court.pay(agreement, EMPLOYER, FEE + 3)
    assert court.credit(EMPLOYER) == 3


def test_an_arbitrator_may_be_free_of_charge(court: Court) -> None:
    court.set_cost(0)
    agreement = court.disputed()
    court.pay(agreement, FREELANCER, 0)
    court.pay(agreement, EMPLOYER, 0)
    court.submit(agreement)
    court.rule(1)
    assert court.execute(agreement).of("Executed")["freelancer_fee"] == 0
    assert court.scene.escrow.status(agreement) is Status.SETTLED


@pytest.mark.parametrize("who", [PAYEE, PLATFORM, STRANGER, ARBITER])
def test_only_the_parties_pay(court: Court, who: str) -> None:
    with reverts("NotParty"):
        court.pay(court.disputed(), who)


@PARTIES
def test_nobody_pays_twice(court: Court, who: str) -> None:
    agreement = court.disputed()
    court.pay(agreement, who)
    with reverts("AlreadyPaid"):
        court.pay(agreement, who)
    court.pay(agreement, other(who))
    for payer in (EMPLOYER, FREELANCER):
        with reverts("AlreadyPaid"):
            court.pay(agreement, payer)
    court.submit(agreement)
    with reverts("AlreadyPaid"):
        court.pay(agreement, who)
    court.rule(0)
    with reverts("AlreadyPaid"):
        court.pay(agreement, who)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DISPUTED])
def test_only_a_disputed_milestone_has_a_case(court: Court, status: Status) -> None:
    agreement = court.scene.at(status, **court.terms())
    with reverts("NotInDispute"):
        court.pay(agreement, EMPLOYER)


def test_a_deal_or_milestone_that_is_not_there_has_no_case(court: Court) -> None:
    agreement = court.disputed()
    with reverts("NotInDispute"):
        court.pay(court.scene.agreement(**court.terms()), EMPLOYER)
    with reverts("NotInDispute"):
        court.pay(agreement, EMPLOYER, index=9)
    with reverts("BadIndex"):
        court.pay(agreement, EMPLOYER, index=10)


def test_it_takes_no_fee_for_a_deal_that_it_cannot_serve(court: Court) -> None:
    with reverts("NotArbiter"):
        court.pay(court.disputed(arbiter=ARBITER), EMPLOYER)
    with reverts("NotArbiter"):
        court.pay(court.disputed(arbiter=ZERO_ADDRESS), EMPLOYER)
    with reverts("ArbiterShare"):
        court.pay(court.disputed(arbiter_bps=1), EMPLOYER)
    with reverts("FeesOver"):
        court.pay(court.disputed(ruling_period=FEE_PERIOD + ARBITRATION_PERIOD), EMPLOYER)


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_a_case_is_opened_while_enough_of_the_ruling_period_is_left(
    court: Court, after: int
) -> None:
    agreement = court.disputed()
    last = court.ruling_ends(agreement) - FEE_PERIOD - ARBITRATION_PERIOD
    court.scene.chain.now = last + after
    if after < 0:
        court.pay(agreement, EMPLOYER)
        assert court.case(agreement).status == 2
    else:
        with reverts("FeesOver"):
            court.pay(agreement, EMPLOYER)


@PARTIES
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_the_second_side_pays_before_it_is_due_or_loses(court: Court, who: str, after: int) -> None:
    agreement = court.disputed()
    court.pay(agreement, who)
    court.scene.chain.now += FEE_PERIOD + after
    if after < 0:
        with reverts("FeeOpen"):
            court.execute(agreement)
        court.pay(agreement, other(who))
        assert court.case(agreement).status == 3
        return
    with reverts("FeesOver"):
        court.pay(agreement, other(who))
    executed = court.execute(agreement).of("Executed")
    assert (executed["ruling"], executed["ruled"]) == (1 if who == FREELANCER else 2, True)
    assert (court.credit(who), court.credit(other(who))) == (FEE, 0)


# --- submit


@pytest.mark.parametrize(
    ("cost", "left", "saved"),
    [
        (FEE, FEE, 0),
        (FEE - 1, FEE - 1, 1),
        (0, 0, FEE),
        (FEE + 1, FEE - 1, 0),
        (2 * FEE, 0, 0),
    ],
)
def test_a_case_is_submitted_at_the_price_of_the_day(
    court: Court, cost: int, left: int, saved: int
) -> None:
    agreement = court.paid()
    court.set_cost(cost)
    heard = court.submit(agreement)
    case_id = court.case_id(agreement)
    credited = [
        ("Credited", {"owner": who, "amount": saved, "credit": saved})
        for who in (FREELANCER, EMPLOYER)
        if saved
    ]
    dispute = {
        "_arbitrator": court.arbitrator.address,
        "_disputeID": 0,
        "_metaEvidenceID": 0,
        "_evidenceGroupID": case_id,
    }
    submitted = {
        "deal_id": court.scene.escrow.id_of(agreement),
        "index": 0,
        "case_id": case_id,
        "dispute_id": 0,
        "cost": cost,
        "fee": left,
    }
    assert heard.said == (*credited, ("Dispute", dispute), ("Submitted", submitted))
    case = court.case(agreement)
    assert (case.status, case.fee) == (4, left)
    assert court.credits(agreement) == (saved, saved)
    assert court.balance() == left + 2 * saved
    assert court.scene.chain.balance(court.arbitrator.address) == cost


@pytest.mark.parametrize("surplus", [-1, 0, 5])
def test_who_submits_sends_what_both_fees_lack(court: Court, surplus: int) -> None:
    agreement = court.paid()
    court.set_cost(2 * FEE + 100)
    if surplus < 0:
        with reverts("FeeTooSmall"):
            court.submit(agreement, 100 + surplus)
        return
    court.submit(agreement, 100 + surplus)
    assert court.case(agreement).fee == 0
    assert court.credit(STRANGER) == court.balance() == surplus


def test_what_is_sent_needlessly_is_credited(court: Court) -> None:
    court.submit(court.paid(), 9)
    assert court.credit(STRANGER) == 9


def test_a_second_case_is_the_arbitrators_second_dispute(court: Court) -> None:
    court.submitted()
    agreement = court.paid()
    heard = court.submit(agreement)
    assert heard.of("Dispute") == {
        "_arbitrator": court.arbitrator.address,
        "_disputeID": 1,
        "_metaEvidenceID": 0,
        "_evidenceGroupID": court.case_id(agreement),
    }
    assert heard.of("Submitted")["dispute_id"] == 1
    court.rule(2, dispute_id=1)
    assert court.case(agreement).ruling == 2


def test_it_is_submitted_once_and_only_when_both_have_paid(court: Court) -> None:
    agreement = court.disputed()
    with reverts("FeeMissing"):
        court.submit(agreement)
    court.pay(agreement, EMPLOYER)
    with reverts("FeeMissing"):
        court.submit(agreement)
    court.pay(agreement, FREELANCER)
    court.submit(agreement)
    with reverts("AlreadySubmitted"):
        court.submit(agreement)
    court.rule(1)
    with reverts("AlreadySubmitted"):
        court.submit(agreement)


def test_a_case_that_is_settled_meanwhile_is_not_submitted(court: Court) -> None:
    agreement = court.paid()
    court.scene.escrow.release(agreement, (0,))
    with reverts("NotInDispute"):
        court.submit(agreement)


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_nothing_is_submitted_once_the_ruling_period_is_over(court: Court, after: int) -> None:
    agreement = court.paid()
    court.scene.chain.now = court.ruling_ends(agreement) + after
    if after < 0:
        court.submit(agreement)
        with reverts("NotRuled"):
            court.execute(agreement)
        return
    with reverts("RulingOver"):
        court.submit(agreement)
    court.execute(agreement)
    assert court.credits(agreement) == (FEE, FEE)


def test_an_arbitrator_that_fails_keeps_nobody_from_paying_in_time(court: Court) -> None:
    agreement = court.disputed()
    court.pay(agreement, FREELANCER)
    court.scene.chain.set_code(court.arbitrator.address, REFUSE)
    court.pay(agreement, EMPLOYER)
    with reverts("NoReason"):
        court.submit(agreement)
    with reverts("NotSubmitted"):
        court.execute(agreement)
    court.scene.chain.now = court.ruling_ends(agreement)
    court.execute(agreement)
    assert court.credits(agreement) == (FEE, FEE)
    court.scene.escrow.apply_fallback(agreement, 0)


# --- The page about it


def test_the_page_tells_every_call_and_constant() -> None:
    page = (ROOT / "docs" / "arbiter.md").read_text(encoding="utf-8")
    abi = compiled(ADAPTER).abi
    told = {re.split(r"\W", word)[0] for word in re.findall(r"`([a-z_]+(?:\([a-z_, ]*\))?)`", page)}
    names = {entry["name"] for entry in abi if entry["type"] == "function"} - {"escrow"}
    assert names <= told
    for entry in abi:
        arguments = ", ".join(argument["name"] for argument in entry["inputs"])
        if entry["type"] == "function" and entry["stateMutability"] != "view":
            assert f"`{entry['name']}({arguments})`" in page
    assert f"{PATIENCE // DAY} days" in page
