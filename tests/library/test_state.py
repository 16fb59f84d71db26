from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.events import (
    EVENTS,
    Accepted,
    Active,
    Credited,
    CreditPaid,
    Disputed,
    Event,
    EventRecord,
    Funded,
    Moved,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
    Ruled,
    Superseded,
)
from milestone_escrow.state import (
    Deal,
    Fold,
    FoldError,
    MilestoneState,
    Outcome,
    State,
    Status,
    fold,
)
from tests.library.plausible_escrow import TOKENS, Contract, PlausibleEscrow


def long_history(seed: int = 1, steps: int = 400) -> PlausibleEscrow:
    escrow = PlausibleEscrow(Random(seed))
    escrow.play(steps)
    return escrow


histories = st.builds(long_history, st.integers(0, 2**32), st.integers(0, 60))


# --- The fold is what happened


def agrees(deal: Deal, contract: Contract) -> bool:
    """Compare a folded deal with the model's."""
    holding = {"funded", "requested", "disputed", "settled", "reserved"}
    view = deal.view()
    return (
        deal.agreement == contract.agreement
        and (view.opened, view.closed, view.bound) == (True, contract.closed, contract.bound)
        and view.funded == sum(1 << i for i in contract.indexes(*holding))
        and view.settled == sum(1 << i for i in contract.indexes("settled"))
        and view.last_activity == contract.last_activity
        and [milestone.view() for milestone in deal.milestones]
        == [
            MilestoneState(5, 0, 0)
            if part.state == "settled"
            else MilestoneState(Status[part.state.upper()], part.paid, part.since)
            for part in contract.parts
        ]
    )


@given(histories)
def test_equals_an_independent_model(escrow: PlausibleEscrow) -> None:
    state = fold(escrow.records)
    assert [deal.deal_id for deal in state.deals.values()] == [d.deal_id for d in escrow.deals]
    for contract in escrow.deals:
        assert agrees(state.deals[contract.deal_id], contract)
    assert state.credits == dict(escrow.credits)


@given(histories)
def test_no_coin_is_lost_or_made(escrow: PlausibleEscrow) -> None:
    state = fold(escrow.records)
    for token in TOKENS:
        if token in state.ledgers:
            ledger = state.ledgers[token]
            assert ledger.paid_in == ledger.paid_out + ledger.held
            assert ledger.held == state.held(token)
            assert ledger.difference(escrow.balances[token]) == 0
            assert ledger.difference(escrow.balances[token] - 3) == -3
    for deal in state.deals.values():
        for index, milestone in enumerate(deal.milestones):
            parts = (
                milestone.paid
                + milestone.arbiter_share
                + milestone.refunded
                + milestone.moved
                + milestone.remaining
            )
            assert parts == (milestone.amount if deal.funded & 1 << index else 0)
            assert 0 <= milestone.fees <= milestone.paid


def test_histories_hold_every_event_and_every_end() -> None:
    escrow = long_history(steps=2_000)
    state = fold(escrow.records)
    kinds = {type(record.event) for record in escrow.records}
    outcomes = {part.outcome for deal in state.deals.values() for part in deal.milestones}
    assert kinds == set(EVENTS)
    assert outcomes == {None, *Outcome}


def test_a_fold_goes_on_where_another_ended() -> None:
    records = long_history().records
    first = Fold()
    for record in records[:500]:
        first.apply(record)
    second = Fold(pickle.loads(pickle.dumps(first.state)))
    for record in records[500:]:
        second.apply(record)
    assert second.state == fold(records)


@settings(max_examples=30, deadline=None)
@given(histories)
def test_changes_are_all_that_changed(escrow: PlausibleEscrow) -> None:
    folding = Fold()
    copied = State()
    for record in escrow.records:
        folding.apply(record)
        changes = folding.take_changes()
        for deal_id in changes.deals:
            deal = folding.state.deals[deal_id]
            known = copied.deals.get(deal_id, deal)
            copied.deals[deal_id] = replace(deal, milestones=list(known.milestones))
        for deal_id, index in changes.milestones:
            milestone = folding.state.deals[deal_id].milestones[index]
            copied.deals[deal_id].milestones[index] = copy.copy(milestone)
        for key in changes.credits:
            copied.credits.pop(key, None)
            if key in folding.state.credits:
                copied.credits[key] = folding.state.credits[key]
        for token in changes.tokens:
            copied.ledgers[token] = copy.copy(folding.state.ledgers[token])
        copied.block_number, copied.log_index = record.block_number, record.log_index
        assert copied == folding.state


# --- What cannot have happened is refused

FIGURES = {"remaining", "gross", "fee", "amount", "credit", "share", "freelancer_amount"}
PARTIES = {"employer", "freelancer", "receiver", "arbiter", "actor", "token"}
STRANGER = "0x" + "12" * 20


@settings(max_examples=200, deadline=None)
@given(histories, st.data())
def test_a_changed_figure_or_party_is_refused(escrow: PlausibleEscrow, data: st.DataObject) -> None:
    places = [i for i, record in enumerate(escrow.records) if _checked(record.event)]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    record = escrow.records[place]
    name = data.draw(st.sampled_from(_checked(record.event)))
    other = STRANGER if name in PARTIES else getattr(record.event, name) + 1
    change: dict[str, Any] = {name: other}
    records = [*escrow.records]
    records[place] = replace(record, event=replace(record.event, **change))
    with pytest.raises(FoldError):
        fold(records)


def _checked(event: Event) -> list[str]:
    names = {field.name for field in fields(event)} & (FIGURES | PARTIES)
    if isinstance(event, CreditPaid):
        names.discard("receiver")  # where a credit is sent is its owner's affair
    return sorted(names)


@settings(max_examples=50, deadline=None)
@given(histories, st.data())
def test_a_repeated_or_late_record_is_refused(escrow: PlausibleEscrow, data: st.DataObject) -> None:
    if not escrow.records:
        return
    place = data.draw(st.integers(0, len(escrow.records) - 1))
    folding = Fold(fold(escrow.records))
    before = copy.deepcopy(folding.state)
    with pytest.raises(FoldError, match="was applied before"):
        folding.apply(escrow.records[place])
    assert folding.state == before


AGREEMENT = Agreement.build(
    employer="0x" + "aa" * 20,
    freelancer="0x" + "bb" * 20,
    arbiter="0x" + "cc" * 20,
    platform="0x" + "dd" * 20,
    fee_bps=250,
    arbiter_bps=500,
    accept_by=1_000,
    document=bytes(32),
    milestones=[(1_000, 5_000), (2_000, 9_000)],
)
EMPLOYER, FREELANCER, ARBITER = AGREEMENT.employer, AGREEMENT.freelancer, AGREEMENT.arbiter
DEAL, OTHER, HASH = b"\1" * 32, b"\2" * 32, b"\3" * 32


def record_of(event: Event, block: int) -> EventRecord:
    return EventRecord(block, bytes(32), bytes(32), 0, None, ZERO_ADDRESS, event)


def after(*events: Event) -> Fold:
    folding = Fold()
    for block, event in enumerate(events):
        folding.apply(record_of(event, block))
    return folding


OPENED = Opened(DEAL, EMPLOYER, FREELANCER, AGREEMENT)
ACCEPTED = Accepted(DEAL, FREELANCER)
FUNDED = Funded(DEAL, 0, 1_000)
REQUESTED = ReleaseRequested(DEAL, 0, FREELANCER, HASH, 2_000, 1_000)
DISPUTED = Disputed(DEAL, 0, EMPLOYER, HASH, 3_000, 1_000)
RULED = Ruled(DEAL, 0, ARBITER, 50, 300, 950)
SUPERSEDED = Superseded(DEAL, OTHER, EMPLOYER, 1_000)
HISTORIES: dict[str, tuple[Event, ...]] = {
    "unknown": (),
    "agreed": (OPENED,),
    "agreed, bound": (OPENED, ACCEPTED),
    "reserved": (OPENED, FUNDED),
    "funded": (OPENED, FUNDED, ACCEPTED),
    "requested": (OPENED, ACCEPTED, FUNDED, REQUESTED),
    "disputed": (OPENED, ACCEPTED, FUNDED, DISPUTED),
    "ruled": (OPENED, ACCEPTED, FUNDED, DISPUTED, RULED),
    "closed": (OPENED, ACCEPTED, FUNDED, SUPERSEDED),
    "settled": (OPENED, ACCEPTED, FUNDED, Refunded(DEAL, 0, EMPLOYER, 1_000, 0, Reason.CANCEL)),
}


def released(gross: int, remaining: int, reason: Reason) -> Event:
    return Released(DEAL, 0, FREELANCER, gross, gross * 250 // 10_000, remaining, reason)


def refunded(amount: int, reason: Reason) -> Event:
    return Refunded(DEAL, 0, EMPLOYER, amount, 0, reason)


BOUND = {"funded", "requested", "disputed"}
EXPECTED: dict[str, tuple[Event, set[str]]] = {
    "open": (OPENED, {"unknown"}),
    "fund": (FUNDED, {"agreed", "agreed, bound"}),
    "accept": (ACCEPTED, {"agreed", "reserved"}),
    "request": (REQUESTED, {"funded"}),
    "void": (RequestVoided(DEAL, 0, FREELANCER, 1_000), {"requested"}),
    "dispute": (DISPUTED, {"funded", "requested"}),
    "dispute by the freelancer": (replace(DISPUTED, actor=FREELANCER), {"requested"}),
    "rule": (RULED, {"disputed"}),
    "amend": (SUPERSEDED, {*HISTORIES} - {"unknown", "closed"}),
    "move": (Moved(DEAL, 0, OTHER, 1_000), BOUND | {"reserved", "closed"}),
    "move elsewhere": (Moved(DEAL, 0, HASH, 1_000), BOUND | {"reserved"}),
    "release": (released(1_000, 0, Reason.EMPLOYER), BOUND | {"reserved"}),
    "release a part": (released(400, 600, Reason.EMPLOYER), {"funded", "requested"}),
    "redeem": (released(1_000, 0, Reason.VOUCHER), BOUND),
    "redeem a part": (released(400, 600, Reason.VOUCHER), {"funded", "requested"}),
    "claim": (released(1_000, 0, Reason.OVERDUE), {"requested"}),
    "claim a part": (released(400, 600, Reason.OVERDUE), set()),
    "pay by a ruling": (released(300, 650, Reason.RULING), {"ruled"}),
    "pay otherwise than ruled": (released(950, 0, Reason.RULING), set()),
    "pay despite the ruling": (released(950, 0, Reason.EMPLOYER), set()),
    "pay by the fallback": (released(500, 500, Reason.FALLBACK), {"disputed"}),
    "pay by a settlement": (released(500, 500, Reason.SETTLEMENT), BOUND),
    "pay by a cancellation": (released(1_000, 0, Reason.CANCEL), set()),
    "refund by a ruling, before its payment": (refunded(650, Reason.RULING), set()),
    "refund despite the ruling": (refunded(950, Reason.SETTLEMENT), set()),
    "refund by the fallback": (refunded(1_000, Reason.FALLBACK), {"disputed"}),
    "refund by a settlement": (refunded(1_000, Reason.SETTLEMENT), BOUND),
    "cancel": (refunded(1_000, Reason.CANCEL), BOUND),
    "withdraw": (refunded(1_000, Reason.WITHDRAW), {"reserved"}),
    "settle as dormant": (refunded(1_000, Reason.DORMANT), {"funded"}),
    "refund by the employer": (refunded(1_000, Reason.EMPLOYER), set()),
    "credit": (
        Credited(ZERO_ADDRESS, FREELANCER, DEAL, 5, 5),
        {*HISTORIES} - {"unknown"},
    ),
    "act after the final deadline": (Active(DEAL, ARBITER, 9_000), {*HISTORIES} - {"unknown"}),
    "act before the final deadline": (Active(DEAL, ARBITER, 8_999), set()),
    "fund less": (Funded(DEAL, 0, 999), set()),
    "fund what is not agreed": (Funded(DEAL, 2, 1_000), set()),
    "pay a credit that is none": (CreditPaid(ZERO_ADDRESS, FREELANCER, FREELANCER, 5), set()),
    "pay a credit of nothing": (CreditPaid(ZERO_ADDRESS, FREELANCER, FREELANCER, 0), set()),
    "credit nothing": (Credited(ZERO_ADDRESS, FREELANCER, DEAL, 0, 0), set()),
}


@pytest.mark.parametrize("what", EXPECTED)
def test_only_the_contracts_transitions_pass(what: str) -> None:
    event, allowed = EXPECTED[what]
    passed = set()
    for name, history in HISTORIES.items():
        folding = after(*history)
        before = copy.deepcopy(folding.state)
        try:
            folding.apply(record_of(event, 50))
        except FoldError:
            assert folding.state == before
        else:
            passed.add(name)
    assert passed == allowed


def test_a_job_that_is_not_awarded_cannot_be_accepted() -> None:
    agreement = replace(AGREEMENT, freelancer=ZERO_ADDRESS)
    folding = after(Opened(DEAL, EMPLOYER, ZERO_ADDRESS, agreement))
    with pytest.raises(FoldError, match="another freelancer"):
        folding.apply(record_of(Accepted(DEAL, ZERO_ADDRESS), 9))


def test_the_parties_of_an_opening_are_those_of_its_agreement() -> None:
    with pytest.raises(FoldError, match="parties"):
        after(replace(OPENED, freelancer=EMPLOYER))
    with pytest.raises(FoldError, match="no milestones"):
        after(replace(OPENED, agreement=replace(AGREEMENT, milestones=())))


def test_the_last_activity_never_goes_back() -> None:
    folding = after(OPENED, Active(DEAL, EMPLOYER, 9_500))
    with pytest.raises(FoldError, match="last activity"):
        folding.apply(record_of(Active(DEAL, EMPLOYER, 9_499), 9))


def test_the_fee_is_on_all_that_was_paid() -> None:
    # 2.5 % of 1,000 is 25; of 30 thirty-three times and a rest it would be nothing but the rest's.
    parts = [(30, 1_000 - 30 * i) for i in range(1, 34)] + [(10, 0)]
    folding = after(OPENED, FUNDED, ACCEPTED)
    paid = fees = 0
    for block, (gross, remaining) in enumerate(parts, start=10):
        paid += gross
        fee = paid * 250 // 10_000 - fees
        fees += fee
        event = Released(DEAL, 0, FREELANCER, gross, fee, remaining, Reason.EMPLOYER)
        with pytest.raises(FoldError, match="the agreement gives"):
            folding.apply(record_of(replace(event, fee=fee + 1), block))
        folding.apply(record_of(event, block))
    milestone = folding.state.deals[DEAL].milestones[0]
    assert (milestone.paid, milestone.fees, milestone.outcome) == (1_000, 25, Outcome.RELEASED)


def test_a_part_leaves_the_request_as_it_was() -> None:
    folding = after(OPENED, ACCEPTED, FUNDED, REQUESTED, released(400, 600, Reason.EMPLOYER))
    assert folding.state.deals[DEAL].milestones[0].view() == MilestoneState(3, 400, 2_000)
    folding.apply(record_of(RequestVoided(DEAL, 0, FREELANCER, 600), 9))
    assert folding.state.deals[DEAL].milestones[0].view() == MilestoneState(2, 400, 0)


def test_a_withdrawn_milestone_may_be_funded_anew() -> None:
    folding = after(OPENED, FUNDED, refunded(1_000, Reason.WITHDRAW))
    milestone = folding.state.deals[DEAL].milestones[0]
    assert (milestone.status, milestone.funded_block) == (Status.AGREED, None)
    assert folding.state.deals[DEAL].funded == 0
    folding.apply(record_of(FUNDED, 9))
    assert (milestone.status, milestone.funded_block) == (Status.RESERVED, 9)
    ledger = folding.state.ledgers[ZERO_ADDRESS]
    assert (ledger.paid_in, ledger.refunded, ledger.held) == (2_000, 1_000, 1_000)


def test_the_arbiters_share_and_the_split_are_kept() -> None:
    folding = after(
        *HISTORIES["ruled"], released(300, 650, Reason.RULING), refunded(650, Reason.RULING)
    )
    milestone = folding.state.deals[DEAL].milestones[0]
    assert (milestone.arbiter_share, milestone.ruling) == (50, (300, 650))
    assert (milestone.paid, milestone.refunded, milestone.outcome) == (300, 650, Outcome.RULED)
    assert milestone.since == 0  # no clock runs any more
    assert folding.state.ledgers[ZERO_ADDRESS].shares == 50


def test_the_error_names_the_place() -> None:
    with pytest.raises(FoldError) as caught:
        after(OPENED, FUNDED, FUNDED)
    error = caught.value
    assert (error.deal_id, error.index, error.block_number, error.log_index) == (DEAL, 0, 2, 0)
    assert f"Funded of deal 0x{DEAL.hex()}, milestone 0 (block 2, log 0)" in error.sentence
    assert "the milestone is reserved" in error.sentence
    assert error.remedy
    assert pickle.loads(pickle.dumps(error)).sentence == error.sentence
