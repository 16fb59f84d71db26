"""The chapters of the play: each takes a stage and tells what happens on it, as it happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eth_utils.crypto import keccak

from milestone_escrow import calls, notes
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import DAY
from milestone_escrow.clock import DORMANT_AFTER, LAPSED_AFTER
from milestone_escrow.demo.scenes import Chapter, Scene
from milestone_escrow.demo.stage import Stage
from milestone_escrow.messages import Settlement, Voucher
from milestone_escrow.percentages import split_by_percent
from milestone_escrow.tokens import NATIVE_COIN

__all__ = ["CHAPTERS"]

ETHER: Final = 10**18
FEE_BPS: Final = 250
ARBITER_BPS: Final = 500


def the_contract(stage: Stage) -> Iterator[Scene]:
    yield Chapter("The contract", "No owner, no admin, no upgrade: it belongs to nobody.")
    yield stage.deployed(stage.deployment, "puts the escrow on the chain")
    yield stage.deployed(stage.notes, "puts the notes beside it")


def award(stage: Stage) -> Iterator[Scene]:
    yield Chapter(
        "A job that nobody has yet, and its award",
        "Only the employer releases, only the freelancer cancels, agreed clocks do the rest.",
    )
    price = 4 * ETHER
    job = stage.agreement("A web shop", ["All of it"], [price], [90], freelancer=ZERO_ADDRESS)
    reserved = stage.call(calls.fund(job, [0]))
    yield stage.done(reserved, "reserves money for a web shop", price)
    deal = stage.agreement(
        "A web shop",
        ["Design", "The shop", "Launch"],
        split_by_percent(price, [30, 50, 20]),
        [30, 60, 90],
        supersedes=stage.client.deal_id(job),
    )
    first, second, third = (milestone.amount for milestone in deal.milestones)
    signature = stage.sign("freelancer", deal)
    yield stage.step("freelancer", "signs an agreement of three parts", NATIVE_COIN, price)
    expiry = stage.dev.time() + DAY
    awarded = stage.call(calls.amend(job, deal, [0, 1, 2], price, expiry, signature))
    yield stage.done(awarded, "awards: the reserve funds all three", price)

    requested = stage.call(calls.request_release(deal, [0]))
    since = stage.dev.time()
    yield stage.done(requested, "asks for release of Design", first)
    stage.dev.set_time(since + deal.review_period // 2)
    yield stage.step("time", f"15 days on: Design is {stage.status(deal, 0)}")
    part = stage.call(calls.release_part(deal, 0, first // 4))
    yield stage.done(part, "releases a part of it", first // 4)
    paid = stage.call(calls.release(deal, [1]))
    yield stage.done(paid, "releases The shop", second)
    cancelled = stage.call(calls.cancel(deal, [2]))
    yield stage.done(cancelled, "cancels Launch: the money goes back", third)
    stage.dev.set_time(since + deal.review_period)
    yield stage.step("time", f"30 days on: Design is {stage.status(deal, 0)}")
    claimed = stage.call(calls.claim(deal, [0], stage.address("stranger")))
    yield stage.done(claimed, "claims the rest for the freelancer", first - first // 4)


def by_the_hour(stage: Stage) -> Iterator[Scene]:
    yield Chapter(
        "Work by the hour",
        "Vouchers are signed off the chain. A newer one replaces the older; none works twice.",
    )
    price, rate = 2 * ETHER, ETHER // 20
    deal = stage.agreement("Support", ["Forty hours"], [price], [30])
    deal_id = stage.client.deal_id(deal)
    funded = stage.call(calls.fund(deal, [0], stage.sign("freelancer", deal)))
    yield stage.done(funded, "funds forty hours", price)
    expiry = stage.dev.time() + 30 * DAY
    for hours in (10, 25):
        voucher = Voucher(deal_id, 0, hours * rate, expiry)
        signature = stage.sign("employer", voucher)
        yield stage.step(
            "employer", f"signs a voucher for {hours} hours", NATIVE_COIN, voucher.paid_total
        )
    redeemed = stage.call(
        calls.redeem(deal, 0, voucher.paid_total, expiry, signature, deal.freelancer)
    )
    yield stage.done(redeemed, "redeems the newer one", voucher.paid_total)
    rest = price - voucher.paid_total
    settlement = Settlement(deal_id, (0,), (rest // 3,), rest, expiry)
    signature = stage.sign("freelancer", settlement)
    yield stage.step("freelancer", "signs a settlement: a third of it", NATIVE_COIN, rest // 3)
    settled = stage.call(calls.settle(deal, [0], [rest // 3], expiry, signature, deal.employer))
    yield stage.done(settled, "sends it: both are paid at once", rest)


def dispute(stage: Stage) -> Iterator[Scene]:
    yield Chapter(
        "A dispute, and its ruling",
        f"The arbiter was agreed on, and earns {ARBITER_BPS // 100} % of what is in dispute.",
    )
    deal = stage.agreement(
        "A translation",
        ["The text"],
        [ETHER],
        [30],
        arbiter=stage.address("arbiter"),
        arbiter_bps=ARBITER_BPS,
    )
    funded = stage.call(calls.fund(deal, [0], stage.sign("freelancer", deal)))
    yield stage.done(funded, "funds it, the arbiter being named", ETHER)
    confirmed = stage.say(notes.confirm_arbiter(deal))
    yield stage.done(confirmed, "notes that it knows the deal")
    requested = stage.call(calls.request_release(deal, [0]))
    yield stage.done(requested, "asks for release", ETHER)
    disputed = stage.call(calls.dispute(deal, 0, deal.employer))
    yield stage.done(disputed, "disputes: the milestone is frozen", ETHER)
    evidence = keccak(text="The text, as it was delivered")
    shown = stage.say(notes.submit_evidence(deal, 0, evidence, deal.freelancer))
    yield stage.done(shown, "notes the hash of its evidence")
    share = ETHER * ARBITER_BPS // 10_000
    freelancer_amount = (ETHER - share) * 3 // 5
    ruled = stage.call(calls.rule(deal, 0, freelancer_amount))
    yield stage.done(ruled, "rules: three fifths to the freelancer", freelancer_amount)
    arbiter = stage.address("arbiter")
    taken = stage.call(calls.withdraw_credit(ZERO_ADDRESS, arbiter, arbiter))
    yield stage.done(taken, "takes its share", share)


def in_a_token(stage: Stage) -> Iterator[Scene]:
    yield Chapter(
        "A deal in a token, that falls silent",
        f"Six decimals; a platform earns {FEE_BPS / 100:g} % of what the freelancer is paid.",
    )
    price = 1_500 * 10**6
    token = stage.token("TUSD", 6, "employer", price)
    platform = stage.address("platform")
    deal = stage.agreement(
        "Thirty articles",
        ["The first ten", "Ten more", "The last ten"],
        split_by_percent(price, [40, 40, 20]),
        [30, 60, 90],
        token=token,
        platform=platform,
        fee_bps=FEE_BPS,
    )
    first, second, _ = (milestone.amount for milestone in deal.milestones)
    funded = stage.call(calls.fund(deal, [0, 1]))
    yield stage.done(funded, "funds two of three milestones", first + second, token)
    accepted = stage.call(calls.accept(deal, [0, 1]))
    yield stage.done(accepted, "accepts by a transaction", first + second, token)
    released = stage.call(calls.release(deal, [0]))
    yield stage.done(released, "releases the first ten", first, token)
    fee = stage.client.credit(token.address, platform)
    taken = stage.call(calls.withdraw_credit(token.address, platform, platform))
    yield stage.done(taken, "takes its fee", fee, token)
    stage.dev.set_time(deal.final_deadline + DORMANT_AFTER)
    yield stage.step("time", f"60 days after the end: it is {stage.status(deal, 1)}")
    stage.dev.set_time(deal.final_deadline + DORMANT_AFTER + LAPSED_AFTER)
    yield stage.step("time", f"14 more: it has {stage.status(deal, 1)}")
    returned = stage.call(calls.settle_dormant(deal, [1], stage.address("stranger")))
    yield stage.done(returned, "gives the rest back to the employer", second, token)


def refused_payment(stage: Stage) -> Iterator[Scene]:
    yield Chapter(
        "A receiver that refuses the coin",
        "A payment that fails becomes a credit. It never blocks anyone else.",
    )
    shop = stage.deploy("freelancer", "Shop")
    deal = stage.agreement(
        "Two posters", ["The first", "The second"], [ETHER // 2] * 2, [30, 60], payee=shop.address
    )
    funded = stage.call(calls.fund(deal, [0, 1], stage.sign("freelancer", deal)))
    yield stage.done(funded, "funds a deal paid to a closed shop", deal.price)
    released = stage.call(calls.release(deal, [0]))
    yield stage.done(released, "releases one; refused: a credit", ETHER // 2)
    stage.invoke(shop, "freelancer", "set_open", True)
    paid = stage.call(calls.pay_credit(ZERO_ADDRESS, shop.address, stage.address("stranger")))
    yield stage.done(paid, "has the open shop paid its credit", ETHER // 2)


CHAPTERS: Final = (the_contract, award, by_the_hour, dispute, in_a_token, refused_payment)
"""In the order of the play."""
