"""What ``actions`` says is held against the contracts: each call by each role, in many states."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from milestone_escrow import artifacts
from milestone_escrow.actions import CALLS, Action, actions
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.deal_state import Deal, State
from milestone_escrow.state import Status, fold
from tests.bridge.best_calls import DONE, BestCalls
from tests.contract.scene import Scene
from tests.notes import Notes
from tests.roles import ACCOUNTS, EMPLOYER, FREELANCER, STRANGER

# What ends a deal soon, or changes nothing: taken less often.
_RARE = ("amend", "settle", "cancel", "release", "settle_dormant", "redeem", "claim")


class Walk:
    """One deal's random life, every call being tried at every step."""

    def __init__(self, seed: int, *, native: bool) -> None:
        self.random = Random(seed)
        self.scene = Scene.native() if native else Scene.erc20()
        self.calls = BestCalls(self.scene, Notes(self.scene.escrow))
        changes: dict[str, Any] = {}
        if self.random.random() < 0.2:
            changes["milestones"] = ((1, 10 * DAY), (2, 20 * DAY))  # no part of a single unit
        if self.random.random() < 0.2:
            changes |= {"arbiter": ZERO_ADDRESS, "arbiter_bps": 0}
        if self.random.random() < 0.15:
            changes |= {"freelancer": ZERO_ADDRESS}
        self.agreement = self.scene.opened((0,), **changes)
        self.seen: Counter[tuple[str, str]] = Counter()

    @property
    def state(self) -> State:
        return fold(self.scene.escrow.records)

    def deal(self, state: State) -> Deal:
        return state.deals[self.scene.escrow.id_of(self.agreement)]

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            self.check()
            self.act()
            self.wait()

    def check(self) -> None:
        """Compare some actions of each role with what the contract does, the allowed ones more."""
        state = self.state
        deal, now = self.deal(state), self.scene.chain.now
        for who in self.random.sample(list(ACCOUNTS), 4):
            found = actions(deal, deal.agreement, who, now, credits=state.credits)
            for action in found:
                new = (action.call, action.error or DONE) not in self.seen
                if new or self.random.random() < (0.4 if action.allowed else 0.04):
                    result = self.attempt(action, deal, who)
                    assert result == (action.error or DONE), (action, who, now)
                    self.seen[action.call, result] += 1
            if self.random.random() < 0.3:
                self.check_times(self.random.choice(found), deal, who)

    def attempt(self, action: Action, deal: Deal, who: str) -> str:
        return self.calls.attempt(action.call, deal, who, action.index or 0, action.owner or "")

    def check_times(self, action: Action, deal: Deal, who: str) -> None:
        """See that the call opens and closes at the second that is told, if nobody acts."""
        chain = self.scene.chain
        before = chain.now
        if not action.allowed and action.opens_at is not None:
            assert action.opens_at > before
            chain.now = action.opens_at - 1
            assert self.attempt(action, deal, who) != DONE, action
            chain.now = action.opens_at
            assert self.attempt(action, deal, who) == DONE, action
        if action.closes_at is not None:
            assert action.closes_at > before
            chain.now = action.closes_at - 1
            assert self.attempt(action, deal, who) == DONE, action
            chain.now = action.closes_at
            assert self.attempt(action, deal, who) != DONE, action
        if action.opens_at is None and not action.allowed:
            chain.now = before + self.random.choice((DAY, 40 * DAY, 400 * DAY, 4_000 * DAY))
            assert self.attempt(action, deal, who) != DONE, action
        chain.now = before

    def act(self) -> None:
        """Make one of the calls that are allowed."""
        state = self.state
        deal, now = self.deal(state), self.scene.chain.now
        allowed = [
            (action, who)
            for who in self.random.sample(list(ACCOUNTS), 4)
            for action in actions(deal, deal.agreement, who, now, credits=state.credits)
            if action.allowed and action.contract == ESCROW
        ]
        usual = [each for each in allowed if each[0].call not in _RARE]
        choice = usual if usual and self.random.random() < 0.85 else allowed
        if not choice:
            return
        action, who = self.random.choice(choice)
        new = self.calls.successor(deal) if action.call == "amend" else None
        done = self.calls.make(action.call, deal, who, action.index or 0, action.owner or "")
        assert done == DONE
        if new is not None and self.random.random() < 0.6:
            self.agreement = new

    def wait(self) -> None:
        """Let time pass, mostly to where some clock ends, or to a second before or after."""
        chain = self.scene.chain
        terms = self.agreement
        deal = self.deal(self.state)
        times = {terms.accept_by, *(part.deadline for part in terms.milestones)}
        times.add(max(terms.final_deadline, deal.last_activity) + 74 * DAY)
        for milestone in deal.milestones:
            if milestone.since:
                times.add(milestone.since + terms.review_period)
                times.add(milestone.since + terms.ruling_period)
        ahead = sorted(time for time in times if time > chain.now + 1)
        roll = self.random.random()
        if ahead and roll < 0.45:
            chain.now = self.random.choice(ahead[:3]) + self.random.choice((-1, 0, 1))
        elif roll < 0.8:
            chain.now += self.random.choice((0, 1, DAY))


def walk(seeds: range, steps: int) -> Counter[tuple[str, str]]:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        life = Walk(seed, native=seed % 2 == 0)
        try:
            life.walk(steps)
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise
        seen += life.seen
    return seen


def test_what_is_said_to_be_allowed_is_and_what_is_refused_is_with_that_error() -> None:
    """In one life of each kind: every status of a milestone, and the time at which it changes."""
    scene = Scene.erc20()
    calls = BestCalls(scene, Notes(scene.escrow))
    cases = [(scene.at(status), 0) for status in Status]
    cases.append((scene.requested(), 30 * DAY))  # to be claimed
    cases.append((scene.disputed(), 30 * DAY))  # the arbiter is late
    cases.append((scene.bound(), 30 * DAY + 74 * DAY))  # lapsed
    paid = scene.bound((0, 1))
    scene.escrow.release(paid, (0,))
    cases.append((paid, 10 * DAY))  # the platform has a credit, and a deadline has come
    start = scene.chain.now
    state = fold(scene.escrow.records)
    seen: Counter[tuple[str, str]] = Counter()
    for agreement, wait in cases:
        deal = state.deals[scene.escrow.id_of(agreement)]
        scene.chain.now = start + wait
        for who in ACCOUNTS:
            for action in actions(deal, agreement, who, scene.chain.now, credits=state.credits):
                if action.index in (None, 0, 1):
                    found = calls.attempt(
                        action.call, deal, who, action.index or 0, action.owner or ""
                    )
                    assert found == (action.error or DONE), (action, who)
                    seen[action.call, found] += 1
    assert {call for call, result in seen if result == DONE} == set(CALLS)
    assert len({result for _, result in seen}) >= 20


def test_the_same_in_the_course_of_random_lives() -> None:
    assert len({result for _, result in walk(range(5), 14)}) > 12


@pytest.mark.deep
def test_the_same_in_many_more_states() -> None:
    assert walk(range(1_000, 2_000), 25).total() > 200_000


def test_every_call_of_both_contracts_is_there() -> None:
    for contract in (ESCROW, NOTES):
        changing = {
            entry["name"]
            for entry in artifacts.load(contract).abi
            if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
        }
        assert changing == {call for call, rule in CALLS.items() if rule.contract == contract}


def test_a_deal_that_was_never_opened_can_only_be_funded() -> None:
    scene = Scene.native()
    calls = BestCalls(scene, Notes(scene.escrow))
    for agreement in (
        scene.agreement(),
        scene.agreement(accept_by=scene.chain.now),
        scene.agreement(fee_bps=2_000),
        scene.agreement(supersedes=b"\x01" * 32),
    ):
        check_unopened(scene, calls, agreement)


def check_unopened(scene: Scene, calls: BestCalls, agreement: Agreement) -> None:
    unopened = Deal(scene.escrow.id_of(agreement), agreement, 0, 0, [])
    for who in (EMPLOYER, FREELANCER, STRANGER):
        for action in actions(None, agreement, who, scene.chain.now, escrow=scene.escrow.address):
            if action.call in ("redeem", "settle", "amend"):
                assert action.error == "NotOpened"
                continue
            found = calls.attempt(action.call, unopened, who, action.index or 0)
            assert found == (action.error or DONE), action


def test_a_refusal_has_its_sentence_and_who_must_sign_is_named() -> None:
    scene = Scene.native()
    agreement = scene.bound()
    deal = fold(scene.escrow.records).deals[scene.escrow.id_of(agreement)]
    found = {
        action.call: action
        for action in actions(deal, agreement, FREELANCER, scene.chain.now)
        if action.index in (0, None)
    }
    assert found["release"].error == "NotEmployer"
    assert found["release"].sentence == "Only the employer of this agreement may do that."
    assert found["release"].remedy and not found["cancel"].sentence
    assert found["settle"].signed_by == EMPLOYER
    assert found["redeem"].signed_by == EMPLOYER
    assert found["cancel"].signed_by is None
    assert "withdraw_credit" not in found  # nothing was said of credits
