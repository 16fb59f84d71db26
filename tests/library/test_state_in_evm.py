"""Replaying the real contract's events alone gives exactly its storage."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Deal, Fold, Status
from tests.contract.scene import Scene, signature_of
from tests.roles import EMPLOYER, FREELANCER, PAYEE, PLATFORM, STRANGER

Call = Callable[[], Any]
RECEIVERS = (EMPLOYER, FREELANCER, PAYEE, PLATFORM)


def some_call(random: Random, scene: Scene, deals: list[Agreement]) -> Call:
    """Return a call that may well be refused."""
    escrow = scene.escrow
    indexes = random.sample(range(3), random.choice([1, 1, 1, 2, 3]))
    if not deals or random.random() < 0.1:
        agreement = scene.agreement(
            freelancer=random.choice([FREELANCER, FREELANCER, FREELANCER, ZERO_ADDRESS]),
            payee=random.choice([PAYEE, ZERO_ADDRESS]),
            fee_bps=random.choice([1, 333, 1_000]),
        )
        deals.append(agreement)
        return lambda: escrow.fund(agreement, indexes)
    agreement = random.choice(deals[-4:])
    names = ["accept", "withdraw", "request_release", "request_release", "void_request"]
    names += ["release", "claim", "claim", "cancel"]
    choice = random.random()
    if choice < 0.2:
        sign = random.random() < 0.3 and agreement.freelancer == FREELANCER
        signature = signature_of(agreement, escrow.domain) if sign else b""
        return lambda: escrow.fund(agreement, indexes, signature)
    if choice < 0.35:
        amount = random.randint(1, agreement.milestones[indexes[0]].amount)
        return lambda: escrow.release_part(agreement, indexes[0], amount)
    if choice < 0.42:
        owner = random.choice(RECEIVERS)
        if owner == PAYEE or random.random() < 0.5:
            return lambda: escrow.pay_credit(agreement.token, owner)
        return lambda: escrow.withdraw_credit(agreement.token, STRANGER, sender=owner)
    name = random.choice(names)
    return lambda: getattr(escrow, name)(agreement, indexes)


def words_of(deal: Deal) -> tuple[int, ...]:
    """Return the storage words that the fold says the contract has (`modules/packing.vy`)."""
    phases = {Status.REQUESTED: 1, Status.DISPUTED: 2}
    words = []
    for milestone in deal.milestones:
        view = milestone.view()
        words.append(view.paid | phases.get(milestone.status, 0) << 128 | view.since << 136)
    tracked = sum(1 << index for index, word in enumerate(words) if word)
    deal_word = 1 | deal.closed << 1 | deal.bound << 2
    deal_word |= deal.settled << 16 | tracked << 32 | deal.last_activity << 48 | deal.funded << 112
    return deal_word, *words


@pytest.mark.parametrize("seed", range(4))
def test_the_fold_is_the_storage(seed: int) -> None:
    random = Random(seed)
    scene = Scene.native() if seed % 2 else Scene.hostile()
    # An account with code, which refuses coins, cannot send: the payee never does.
    refusing = RECEIVERS if scene.token else (PAYEE,)
    escrow, deals = scene.escrow, list[Agreement]()
    folding, done, made = Fold(), 0, 0
    for _ in range(600):
        if random.random() < 0.05:
            scene.refuse(random.choice(refusing), random.random() < 0.3)
        scene.chain.now += 31 * DAY if random.random() < 0.05 else random.choice([1, 600, DAY])
        try:
            some_call(random, scene, deals)()
        except ContractRevert:
            continue
        made += 1
        for record in escrow.records[done:]:
            folding.apply(record)
        done = len(escrow.records)

        opened = {escrow.id_of(agreement): agreement for agreement in deals}
        for deal_id in {deal_id for deal_id, _ in folding.take_changes().milestones}:
            deal = folding.state.deals[deal_id]
            assert deal.agreement == opened[deal_id]
            assert words_of(deal) == scene.words(deal.agreement)
            assert deal.view() == escrow.deal(deal_id)
            for index, milestone in enumerate(deal.milestones):
                assert milestone.view() == escrow.milestone(deal_id, index)
        for owner in (*RECEIVERS, STRANGER):
            token = scene.money
            assert folding.state.credits.get((token, owner), 0) == escrow.credit(token, owner)
        ledger = folding.state.ledgers[scene.money]
        assert ledger.difference(scene.balance(escrow.address)) == 0
        assert ledger.held == folding.state.held(scene.money)
    for agreement in deals:
        known = folding.state.deals.get(escrow.id_of(agreement))
        assert scene.words(agreement) == (words_of(known) if known else (0, 0, 0, 0))
    assert made > 30
    statuses = {m.status for deal in folding.state.deals.values() for m in deal.milestones}
    assert {Status.AGREED, Status.SETTLED} < statuses
    assert folding.state.ledgers[scene.money].credit_paid > 0
