"""What parties say on record: by the right one, on an open deal, and without any effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.scene import LAPSE, Scene
from tests.escrow import Escrow
from tests.evm import deploy, reverts
from tests.notes import Notes, Said
from tests.roles import ARBITER, EMPLOYER, FREELANCER, ROLES, STRANGER

HASH = b"\7" * 32


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of note.

    Attributes:
        event: Its event.
        roles: Who may say it, fields of the agreement.
        outsiders_error: What the others get.
        arguments: After the agreement.
        values: Of the event.
    """

    event: str
    roles: tuple[str, ...]
    outsiders_error: str
    arguments: tuple[Any, ...]
    values: dict[str, Any]


KINDS = {
    "request_funding": Kind(
        "FundingRequested", ("freelancer",), "NotFreelancer", ([2, 1],), {"indexes": (2, 1)}
    ),
    "report": Kind(
        "Reported",
        ("freelancer",),
        "NotFreelancer",
        (0, 40, HASH),
        {"index": 0, "percent": 40, "evidence": HASH},
    ),
    "request_changes": Kind(
        "ChangesRequested", ("employer",), "NotEmployer", (0, HASH), {"index": 0, "note": HASH}
    ),
    "request_cancel": Kind(
        "CancelRequested", ("employer",), "NotEmployer", (HASH,), {"note": HASH}
    ),
    "confirm_arbiter": Kind("ArbiterConfirmed", ("arbiter",), "NotArbiter", (), {}),
    "submit_evidence": Kind(
        "EvidenceSubmitted",
        ("employer", "freelancer", "arbiter"),
        "NotParty",
        (0, HASH),
        {"index": 0, "evidence": HASH},
    ),
    "rate": Kind(
        "Rated", ("employer", "freelancer"), "NotParty", (5, HASH), {"score": 5, "review": HASH}
    ),
}
EARLY = [name for name in KINDS if name != "rate"]  # what may be said before anyone is bound


@dataclass(frozen=True, slots=True)
class Desk:
    """An escrow with notes beside it."""

    scene: Scene
    notes: Notes

    def say(self, name: str, deal: Agreement, *arguments: Any, sender: str) -> Said:
        """Say something in the words of the table, unless ``arguments`` are given."""
        given = arguments or KINDS[name].arguments
        return self.notes.send(name, deal, *given, sender=sender)

    def rated(self) -> Agreement:
        """Return a deal of which everything may be said: milestone 0 settled, 1 and 2 agreed."""
        deal = self.scene.bound()
        self.scene.escrow.cancel(deal, (0,))
        return deal


@pytest.fixture
def desk(native: Scene) -> Desk:
    return Desk(native, Notes(native.escrow))


# --- Who


@pytest.mark.parametrize("sender", ROLES)
@pytest.mark.parametrize("name", KINDS)
def test_each_says_what_is_its_to_say_and_nothing_comes_of_it(
    desk: Desk, name: str, sender: str
) -> None:
    scene, deal, kind = desk.scene, desk.rated(), KINDS[name]
    words, before, so_far = scene.words(deal), scene.balances(), len(scene.escrow.records)
    if sender in kind.roles:
        said = desk.say(name, deal, sender=ROLES[sender])
        deal_id = scene.escrow.id_of(deal)
        assert said == Said(kind.event, deal_id, ROLES[sender], kind.values)
    else:
        with reverts(kind.outsiders_error):
            desk.say(name, deal, sender=ROLES[sender])
    assert (scene.words(deal), scene.gains(before)) == (words, {})
    assert len(scene.escrow.records) == so_far


@pytest.mark.parametrize("name", KINDS)
def test_without_a_freelancer_and_an_arbiter_nobody_speaks_for_them(desk: Desk, name: str) -> None:
    deal = desk.scene.opened(freelancer=ZERO_ADDRESS, arbiter=ZERO_ADDRESS, arbiter_bps=0)
    for who in (FREELANCER, ARBITER, STRANGER):
        with reverts(KINDS[name].outsiders_error):
            desk.say(name, deal, sender=who)


@pytest.mark.parametrize("name", KINDS)
def test_parties_that_are_contracts_speak_too(desk: Desk, name: str) -> None:
    scene, kind = desk.scene, KINDS[name]
    wallet = deploy(scene.chain, "mocks/Wallet.vy")
    scene.chain.set_balance(wallet.address, 2**100)
    terms: dict[str, Any] = {kind.roles[-1]: wallet.address}
    with scene.chain.impersonated(wallet.address):
        deal = scene.bound(**terms)
        scene.escrow.cancel(deal, (0,))
    data = desk.notes.contract.calldata(name, deal, *kind.arguments)
    address = desk.notes.contract.address
    (log,) = wallet.send("execute", address, 0, data, sender=STRANGER).logs
    assert log.address == address and wallet.address[2:].lower() in log.topics.hex()


# --- On which deal


def speak(desk: Desk, name: str, deal: Agreement) -> Said:
    """Say something as the first who may."""
    return desk.say(name, deal, sender=getattr(deal, KINDS[name].roles[0]))


@pytest.mark.parametrize("name", KINDS)
def test_of_a_deal_that_was_never_opened_nothing_is_said(desk: Desk, name: str) -> None:
    with reverts("NotOpened"):
        speak(desk, name, desk.scene.agreement())


@pytest.mark.parametrize("name", KINDS)
def test_of_a_deal_that_was_replaced_nothing_is_said(desk: Desk, name: str) -> None:
    deal = desk.rated()
    new = consent.successor(desk.scene, deal)
    consent.amend(desk.scene, deal, new, (0,))
    with reverts("DealClosed"):
        speak(desk, name, deal)


@pytest.mark.parametrize("name", KINDS)
def test_an_agreement_with_anything_swapped_is_another_deal(desk: Desk, name: str) -> None:
    deal = desk.rated()
    for swapped in (
        replace(deal, document=HASH),
        replace(deal, price=deal.price + 1),
        replace(deal, freelancer=STRANGER),
        replace(deal, milestones=deal.milestones[:2]),
    ):
        with reverts("NotOpened"):
            speak(desk, name, swapped)


@pytest.mark.parametrize("name", EARLY)
def test_nobody_need_be_bound(desk: Desk, name: str) -> None:
    speak(desk, name, desk.scene.opened())


@pytest.mark.parametrize("name", EARLY)
def test_they_are_said_for_ever_and_keep_nothing_alive(desk: Desk, name: str) -> None:
    deal = desk.scene.bound()
    desk.scene.chain.now = deal.final_deadline + LAPSE - 1
    speak(desk, name, deal)
    desk.scene.chain.now += 1
    desk.scene.escrow.settle_dormant(deal, (0,))
    speak(desk, name, deal)


def test_notes_of_one_escrow_say_nothing_of_another(native: Scene) -> None:
    notes = Notes(native.escrow)
    assert notes.contract.read("escrow") == native.escrow.address.lower()
    beside = replace(native, escrow=Escrow(native.chain))
    deal = beside.bound()
    with reverts("NotOpened"):
        notes.send("request_cancel", deal, HASH, sender=EMPLOYER)
    Notes(beside.escrow).send("request_cancel", deal, HASH, sender=EMPLOYER)


# --- In which words


@pytest.mark.parametrize("index", [3, 9, 10, 2**255, 2**256 - 1])
@pytest.mark.parametrize("name", ["report", "request_changes", "submit_evidence"])
def test_the_milestone_is_one_of_the_agreements(desk: Desk, name: str, index: int) -> None:
    deal, (_, *rest) = desk.scene.bound(), KINDS[name].arguments
    with reverts("BadIndex"):
        desk.say(name, deal, index, *rest, sender=getattr(deal, KINDS[name].roles[0]))


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("name", ["report", "request_changes", "submit_evidence"])
def test_the_milestone_may_be_in_any_state(desk: Desk, name: str, status: Status) -> None:
    speak(desk, name, desk.scene.at(status))


@pytest.mark.parametrize(
    ("indexes", "error"),
    [
        ((), "NoIndexes"),
        ((1, 3), "BadIndex"),
        ((2**256 - 1,), "BadIndex"),
        ((1, 0), "AlreadyFunded"),
        ((0,), "AlreadyFunded"),
        ((1,), None),
        ((1, 2), None),
    ],
)
def test_funding_is_asked_for_milestones_without_any(
    desk: Desk, indexes: tuple[int, ...], error: str | None
) -> None:
    deal = desk.scene.bound((0,))
    if error:
        with reverts(error):
            desk.say("request_funding", deal, list(indexes), sender=FREELANCER)
        return
    said = desk.say("request_funding", deal, list(indexes), sender=FREELANCER)
    assert said.values == {"indexes": indexes}


@pytest.mark.parametrize("funded", range(3))
def test_of_each_milestone_it_is_known_whether_it_is_funded(desk: Desk, funded: int) -> None:
    deal = desk.scene.bound((funded,))
    with reverts("AlreadyFunded"):
        desk.say("request_funding", deal, [funded], sender=FREELANCER)
    others = [index for index in range(3) if index != funded]
    desk.say("request_funding", deal, others, sender=FREELANCER)


def test_a_settled_milestone_is_not_asked_for_and_a_withdrawn_one_is(desk: Desk) -> None:
    with reverts("AlreadyFunded"):
        desk.say("request_funding", desk.rated(), [0], sender=FREELANCER)
    deal = desk.scene.opened((0,))
    desk.scene.escrow.withdraw(deal, (0,))
    desk.say("request_funding", deal, [0], sender=FREELANCER)


@pytest.mark.parametrize(
    ("percent", "error"),
    [(0, None), (1, None), (100, None), (101, "BadPercent"), (2**256 - 1, "BadPercent")],
)
def test_a_report_is_of_0_to_100_percent(desk: Desk, percent: int, error: str | None) -> None:
    deal = desk.scene.bound()
    if error:
        with reverts(error):
            desk.say("report", deal, 0, percent, HASH, sender=FREELANCER)
        return
    said = desk.say("report", deal, 0, percent, HASH, sender=FREELANCER)
    assert said.values["percent"] == percent
    assert desk.scene.escrow.status(deal) is Status.FUNDED  # a full report is no request


@pytest.mark.parametrize(
    ("score", "error"),
    [(0, "BadScore"), (1, None), (5, None), (6, "BadScore"), (2**256 - 1, "BadScore")],
)
def test_a_score_is_1_to_5(desk: Desk, score: int, error: str | None) -> None:
    deal = desk.rated()
    if error:
        with reverts(error):
            desk.say("rate", deal, score, HASH, sender=EMPLOYER)
        return
    assert desk.say("rate", deal, score, HASH, sender=EMPLOYER).values["score"] == score


# --- When somebody may be rated

SETTLING: dict[str, Callable[[Scene, Agreement], object]] = {
    "release": lambda scene, deal: scene.escrow.release(deal, (0,)),
    "cancel": lambda scene, deal: scene.escrow.cancel(deal, (0,)),
    "settle": lambda scene, deal: consent.settle(scene, deal, (0,), (1,)),
}


@pytest.mark.parametrize("how", SETTLING)
@pytest.mark.parametrize("who", [EMPLOYER, FREELANCER], ids=["employer", "freelancer"])
def test_a_party_rates_once_a_milestone_is_settled(desk: Desk, who: str, how: str) -> None:
    deal = desk.scene.bound((0, 1))
    with reverts("NothingSettled"):
        desk.say("rate", deal, sender=who)
    desk.scene.escrow.release_part(deal, 0, 1)
    with reverts("NothingSettled"):
        desk.say("rate", deal, sender=who)
    SETTLING[how](desk.scene, deal)
    for _ in range(2):  # the last word counts
        desk.say("rate", deal, sender=who)


@pytest.mark.parametrize("who", [EMPLOYER, FREELANCER], ids=["employer", "freelancer"])
def test_abuse_64_who_never_agreed_is_not_rated(desk: Desk, who: str) -> None:
    deal = desk.scene.opened((0, 1))
    desk.scene.escrow.release(deal, (0,))  # an employer may pay whom it named
    with reverts("NotBound"):
        desk.say("rate", deal, sender=who)
    desk.scene.escrow.accept(deal, (1,))
    desk.say("rate", deal, sender=who)


def test_abuse_64_a_withdrawal_settles_nothing(desk: Desk) -> None:
    deal = desk.scene.opened((0, 1))
    desk.scene.escrow.withdraw(deal, (0,))
    desk.scene.escrow.accept(deal, (1,))
    with reverts("NothingSettled"):
        desk.say("rate", deal, sender=EMPLOYER)


# --- Nothing is held


@pytest.mark.parametrize("name", KINDS)
def test_no_note_takes_coins(desk: Desk, name: str) -> None:
    deal, kind = desk.rated(), KINDS[name]
    sender = getattr(deal, kind.roles[0])
    with reverts("NoReason"):
        desk.notes.send(name, deal, *kind.arguments, sender=sender, value=1)


def test_no_clock_stops(desk: Desk) -> None:
    scene = desk.scene
    deal = scene.requested()
    desk.say("request_changes", deal, 0, HASH, sender=EMPLOYER)
    desk.say("request_cancel", deal, HASH, sender=EMPLOYER)
    scene.chain.now += deal.review_period
    scene.escrow.claim(deal, (0,))


def test_abuse_02_nothing_is_said_while_the_escrow_pays(desk: Desk) -> None:
    scene, notes = desk.scene, desk.notes.contract
    wallet = deploy(scene.chain, "mocks/Wallet.vy")
    deal = scene.bound((0, 1), arbiter=wallet.address, payee=wallet.address)
    data = notes.calldata("confirm_arbiter", deal)
    wallet.send("arm", notes.address, data, sender=STRANGER)
    outcome = scene.escrow.release(deal, (0,))
    assert notes.address not in {log.address for log in outcome.receipt.logs}
    # At any other time the same call goes through.
    receipt = scene.chain.send(wallet.address, sender=STRANGER)
    assert notes.address in {log.address for log in receipt.logs}
