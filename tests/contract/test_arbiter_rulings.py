"""What becomes of a case: rulings, defaults, and milestones that are settled otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.events import Reason, Refunded, Released, Ruled
from milestone_escrow.state import Status
from tests.contract.arbitration import FEE, FEE_PERIOD, PATIENCE, Case, Court
from tests.contract.consent import amend, settle, successor
from tests.contract.scene import AMOUNTS, Scene, fee_of
from tests.evm import reverts
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, ROLES, STRANGER

PARTIES = pytest.mark.parametrize("who", [EMPLOYER, FREELANCER], ids=["employer", "freelancer"])
HALVES = (FEE // 2, FEE - FEE // 2)
# To freelancer and employer, by ruling.
FEES = {0: HALVES, 1: (FEE, 0), 2: (0, FEE)}
NO_CASE = Case(0, 0, 0, 0, 0)


@pytest.fixture
def court(native: Scene) -> Court:
    return Court(native)


@pytest.fixture
def any_court(scene: Scene) -> Court:
    """A court for deals in the native coin, and one for deals in a token."""
    return Court(scene)


# --- Evidence and rulings


@PARTIES
def test_evidence_is_shown_from_the_first_fee_to_the_execution(court: Court, who: str) -> None:
    agreement = court.disputed()
    uri = "/ipfs/" + "e" * 506

    def show() -> dict[str, object]:
        said = court.send("submit_evidence", agreement, 0, uri, sender=who)
        return said.of("Evidence")

    with reverts("NoCase"):
        show()
    shown = {
        "_arbitrator": court.arbitrator.address,
        "_evidenceGroupID": court.case_id(agreement),
        "_party": who,
        "_evidence": uri,
    }
    court.pay(agreement, EMPLOYER)
    assert show() == shown
    court.pay(agreement, FREELANCER)
    court.submit(agreement)
    assert show() == shown
    court.rule(1)
    assert show() == shown
    with reverts("NotParty"):
        court.send("submit_evidence", agreement, 0, uri, sender=STRANGER)
    court.execute(agreement)
    with reverts("NoCase"):
        show()


@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_a_ruling_is_put_on_record_and_moves_nothing_yet(court: Court, ruling: int) -> None:
    agreement = court.submitted()
    heard = court.rule(ruling)
    ruled = {"_arbitrator": court.arbitrator.address, "_disputeID": 0, "_ruling": ruling}
    assert (heard.said, heard.escrow) == ((("Ruling", ruled),), ())
    case = court.case(agreement)
    assert (case.status, case.ruling, case.fee) == (5, ruling, FEE)
    assert court.scene.escrow.status(agreement) is Status.DISPUTED


@pytest.mark.parametrize("who", [EMPLOYER, FREELANCER, ARBITER, STRANGER])
def test_only_the_arbitrator_rules(court: Court, who: str) -> None:
    court.submitted()
    with reverts("NotArbitrator"):
        court.send("rule", 0, 1, sender=who)


def test_it_rules_each_dispute_once_within_the_choices(court: Court) -> None:
    court.submitted()
    with reverts("BadRuling"):
        court.rule_at_will(0, 3)
    with reverts("UnknownDispute"):
        court.rule_at_will(1, 1)
    court.rule(2)
    with reverts("UnknownDispute"):
        court.rule_at_will(0, 1)


@pytest.mark.parametrize("after", [-1, 0])
def test_a_ruling_decides_nothing_once_even_the_fees_have_waited_too_long(
    court: Court, after: int
) -> None:
    agreement = court.submitted()
    court.scene.chain.now = court.ruling_ends(agreement) + PATIENCE + after
    assert court.rule(1).of("Ruling")["_ruling"] == 1
    court.scene.chain.now += 1
    court.execute(agreement)
    halves = (FEE // 2, FEE - FEE // 2)
    assert court.credits(agreement) == ((FEE, 0) if after < 0 else halves)


def test_a_ruling_after_the_execution_decides_nothing(court: Court) -> None:
    agreement = court.submitted()
    court.scene.chain.now = court.ruling_ends(agreement) + PATIENCE
    court.execute(agreement)
    assert court.rule(1).of("Ruling")["_ruling"] == 1
    assert court.case(agreement) == NO_CASE
    with reverts("NoCase"):
        court.execute(agreement)


# --- Executing a ruling


def split(court: Court, agreement: Agreement, gross: int, paid: int = 0) -> list[object]:
    """Return the events of a ruling that gives the freelancer ``gross`` of milestone 0."""
    deal_id = court.scene.escrow.id_of(agreement)
    rest = AMOUNTS[0] - paid - gross
    events: list[object] = [Ruled(deal_id, 0, court.address, 0, gross, rest + gross)]
    fee = fee_of(agreement, paid + gross) - fee_of(agreement, paid)
    if gross:
        payee = agreement.receiver
        events.append(Released(deal_id, 0, payee, gross, fee, rest, Reason.RULING))
    if rest:
        events.append(Refunded(deal_id, 0, agreement.employer, rest, 0, Reason.RULING))
    return events


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_whoever_executes_it_the_ruling_splits_the_milestone_and_the_winner_gets_its_fee_back(
    any_court: Court, ruling: int, who: str
) -> None:
    court, scene = any_court, any_court.scene
    agreement = court.ruled(ruling)
    gross = {0: AMOUNTS[0] // 2, 1: AMOUNTS[0], 2: 0}[ruling]
    before = scene.balances()
    heard = court.execute(agreement, sender=who)

    expected = split(court, agreement, gross)
    assert list(heard.escrow) == expected + scene.fee_credited(agreement, heard.escrow)
    net = gross - fee_of(agreement, gross)
    gains = {PAYEE: net, EMPLOYER: AMOUNTS[0] - gross}
    gains[scene.escrow.address] = -sum(gains.values())
    assert scene.gains(before) == {who: gain for who, gain in gains.items() if gain}
    freelancer_fee, employer_fee = FEES[ruling]
    assert heard.of("Executed") == {
        "deal_id": scene.escrow.id_of(agreement),
        "index": 0,
        "case_id": court.case_id(agreement),
        "ruling": ruling,
        "ruled": True,
        "freelancer_fee": freelancer_fee,
        "employer_fee": employer_fee,
    }
    assert court.credits(agreement) == FEES[ruling]
    assert court.balance() == FEE
    assert court.case(agreement) == NO_CASE
    assert scene.escrow.status(agreement) is Status.SETTLED
    assert scene.escrow.credit(agreement.token, court.address) == 0


@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_what_was_paid_before_the_dispute_stays_paid(any_court: Court, ruling: int) -> None:
    court, scene = any_court, any_court.scene
    agreement = scene.requested(**court.terms())
    scene.escrow.release_part(agreement, 0, 400_000)
    scene.dispute(agreement)
    for who in (EMPLOYER, FREELANCER):
        court.pay(agreement, who)
    court.submit(agreement)
    court.rule(ruling)
    gross = {0: 300_001, 1: AMOUNTS[0] - 400_000, 2: 0}[ruling]
    heard = court.execute(agreement)
    expected = split(court, agreement, gross, paid=400_000)
    assert list(heard.escrow) == expected + scene.fee_credited(agreement, heard.escrow)


@pytest.mark.parametrize("amount", [1, 2])
def test_the_odd_unit_of_a_refused_case_goes_to_the_employer(court: Court, amount: int) -> None:
    agreement = court.ruled(0, milestones=[(amount, 20 * DAY)])
    ruled = court.execute(agreement).escrow[0]
    assert isinstance(ruled, Ruled)
    assert ruled.freelancer_amount == amount // 2


def test_a_milestone_is_executed_once(court: Court) -> None:
    agreement = court.ruled(1)
    court.execute(agreement)
    with reverts("NoCase"):
        court.execute(agreement)
    with reverts("NotInDispute"):
        court.pay(agreement, EMPLOYER)


def test_nothing_is_executed_before_it_is_ruled(court: Court) -> None:
    agreement = court.disputed()
    with reverts("NoCase"):
        court.execute(agreement)
    court.pay(agreement, EMPLOYER)
    with reverts("FeeOpen"):
        court.execute(agreement)
    court.pay(agreement, FREELANCER)
    with reverts("NotSubmitted"):
        court.execute(agreement)
    court.submit(agreement)
    with reverts("NotRuled"):
        court.execute(agreement)


# --- Only one side paid


@PARTIES
def test_who_alone_paid_in_time_gets_all_and_its_fee_back(any_court: Court, who: str) -> None:
    court, scene = any_court, any_court.scene
    agreement = court.disputed()
    court.pay(agreement, who)
    scene.chain.now += FEE_PERIOD
    heard = court.execute(agreement)
    expected = split(court, agreement, AMOUNTS[0] if who == FREELANCER else 0)
    assert list(heard.escrow) == expected + scene.fee_credited(agreement, heard.escrow)
    assert court.credit(who) == court.balance() == FEE
    assert court.case(agreement) == NO_CASE


@PARTIES
def test_a_default_that_nobody_executes_ends_in_the_fallback_and_the_fee_goes_back(
    court: Court, who: str
) -> None:
    agreement = court.disputed()
    court.pay(agreement, who)
    court.scene.chain.now = court.ruling_ends(agreement)
    heard = court.execute(agreement)
    assert (heard.escrow, heard.of("Executed")["ruled"]) == ((), False)
    assert court.credit(who) == court.balance() == FEE
    court.scene.escrow.apply_fallback(agreement, 0)


# --- The ruling period's end, and milestones that are settled otherwise


@pytest.mark.parametrize("after", [-1, 0, 1])
@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_a_ruling_is_executed_before_the_ruling_period_ends_and_from_then_on_only_the_fees(
    court: Court, ruling: int, after: int
) -> None:
    agreement = court.ruled(ruling)
    court.scene.chain.now = court.ruling_ends(agreement) + after
    heard = court.execute(agreement)
    assert court.credits(agreement) == FEES[ruling]
    assert heard.of("Executed")["ruled"] is (after < 0)
    if after < 0:
        assert court.scene.escrow.status(agreement) is Status.SETTLED
    else:
        assert heard.escrow == ()
        court.scene.escrow.apply_fallback(agreement, 0)


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_without_a_ruling_the_fee_is_shared_in_the_end(court: Court, after: int) -> None:
    agreement = court.submitted()
    court.scene.chain.now = ends = court.ruling_ends(agreement)
    court.scene.escrow.apply_fallback(agreement, 0)
    court.scene.chain.now = ends + PATIENCE + after
    if after < 0:
        with reverts("NotRuled"):
            court.execute(agreement)
    else:
        court.execute(agreement)
        assert court.credits(agreement) == HALVES


def _settle(court: Court, agreement: Agreement) -> None:
    settle(court.scene, agreement, (0,), (5,))


def _amend(court: Court, agreement: Agreement) -> None:
    new = successor(court.scene, agreement)
    amend(court.scene, agreement, new, (0,))


def _fall_back(court: Court, agreement: Agreement) -> None:
    court.scene.chain.now = court.ruling_ends(agreement)
    court.scene.escrow.apply_fallback(agreement, 0)


Ending = Callable[[Court, Agreement], object]
ENDINGS: dict[str, Ending] = {
    "release": lambda court, agreement: court.scene.escrow.release(agreement, (0,)),
    "cancel": lambda court, agreement: court.scene.escrow.cancel(agreement, (0,)),
    "settle": _settle,
    "amend": _amend,
    "apply_fallback": _fall_back,
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
@PARTIES
def test_a_milestone_settled_otherwise_gives_who_alone_paid_its_fee_back_at_once(
    any_court: Court, end: Ending, who: str
) -> None:
    court = any_court
    agreement = court.disputed()
    court.pay(agreement, who)
    end(court, agreement)
    with reverts("NotInDispute"):
        court.pay(agreement, EMPLOYER if who == FREELANCER else FREELANCER)
    heard = court.execute(agreement)
    assert (heard.escrow, heard.of("Executed")["ruled"]) == ((), False)
    assert court.credit(who) == court.balance() == FEE


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_milestone_settled_otherwise_gives_both_their_fees_back_if_nobody_submitted(
    any_court: Court, end: Ending
) -> None:
    court = any_court
    agreement = court.paid()
    end(court, agreement)
    assert court.execute(agreement).escrow == ()
    assert court.credits(agreement) == (FEE, FEE)


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_a_milestone_settled_otherwise_leaves_the_fee_to_the_ruling(
    any_court: Court, end: Ending, ruling: int
) -> None:
    court = any_court
    agreement = court.submitted()
    end(court, agreement)
    with reverts("NotRuled"):
        court.execute(agreement)
    court.rule(ruling)
    heard = court.execute(agreement)
    assert (heard.escrow, heard.of("Executed")["ruled"]) == ((), False)
    assert court.credits(agreement) == FEES[ruling]


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_a_ruling_that_comes_too_late_for_the_milestone_still_gives_the_fee(
    any_court: Court, end: Ending, ruling: int
) -> None:
    court = any_court
    agreement = court.ruled(ruling)
    end(court, agreement)
    assert court.execute(agreement).escrow == ()
    assert court.credits(agreement) == FEES[ruling]


# --- Cases apart


def test_each_milestone_has_a_case_of_its_own(court: Court) -> None:
    agreement = court.disputed((0, 1, 2))
    for index in (2, 0, 1):
        for who in (FREELANCER, EMPLOYER):
            court.pay(agreement, who, index=index)
    assert len({court.case_id(agreement, index) for index in range(3)}) == 3
    for index in (1, 2, 0):
        court.submit(agreement, index=index)
    court.rule(2, dispute_id=2)  # milestone 0
    court.rule(1, dispute_id=0)  # milestone 1
    with reverts("NotRuled"):
        court.execute(agreement, 2)
    court.execute(agreement, 1)
    assert court.credits(agreement) == (FEE, 0)
    court.execute(agreement, 0)
    assert court.credits(agreement) == (FEE, FEE)
    assert court.scene.escrow.status(agreement, 2) is Status.DISPUTED
    assert court.case(agreement, 2).status == 4
    assert court.balance() == 3 * FEE


def test_a_deal_whose_arbiter_is_another_is_never_touched(court: Court) -> None:
    agreement = court.disputed(arbiter=ARBITER)
    for name in ("execute", "submit"):
        with reverts("NoCase" if name == "execute" else "FeeMissing"):
            court.send(name, agreement, 0, sender=STRANGER)
    court.scene.escrow.rule(agreement, 0, 1)
