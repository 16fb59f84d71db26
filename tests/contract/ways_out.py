"""Promise 4: whatever happened, one side alone can empty every milestone, in a bounded time.

At the end of a play one side is chosen for each deal that holds money. It, or anyone, makes the
calls that empty it; the other side, the arbiter and the platform do nothing. Then all credits are
paid, and nothing is left but what belongs to those who refuse every payment.
"""

from __future__ import annotations

from tests.contract.acts import SENDERS
from tests.contract.cast import PEOPLE
from tests.contract.play import Play
from tests.contract.twin import DONE
from tests.model_deal import LAPSE, Deal
from tests.roles import STRANGER

__all__ = ["leave"]


def leave(play: Play) -> None:
    """Empty all deals of a play, then the escrow."""
    calm_down(play)
    for deal in [deal for deal in play.twin.deals.values() if deal.left]:
        started = play.now
        if deal.bound:
            play.chance.pick((by_anyone, by_the_employer, by_the_freelancer))(play, deal)
        else:
            held = [index for index, part in enumerate(deal.parts) if part.held]
            must(play, "withdraw", deal.agreement.employer, deal, held)
        assert not any(part.held for part in deal.parts)
        terms = deal.agreement
        waiting = max(terms.review_period, terms.ruling_period, LAPSE)
        assert play.now <= max(started, deal.final) + waiting, "it took too long"
    pay_credits(play)
    for token in play.twin.tokens:
        balance = play.twin.balance(token, play.twin.escrow.address)
        assert balance == play.twin.model.credited[token] + play.twin.given[token]


def calm_down(play: Play) -> None:
    """Let tokens work again. Those who refuse payments go on to refuse them."""
    twin = play.twin
    token = twin.hostile.address
    if token in twin.model.stopped:
        play.happen("set_paused", False)
    if twin.model.toll[token]:
        play.happen("set_toll", 0)
    if twin.model.missing[token]:
        play.happen("seize", -twin.model.missing[token])


def must(play: Play, name: str, sender: str, *arguments: object) -> None:
    """Make a call that must go through."""
    result = play.call(name, sender, *arguments)
    assert result == DONE, f"{name} is no way out: {result}"


# --- The sides: what each does about milestones without a request or a dispute


def by_anyone(play: Play, deal: Deal) -> None:
    """Empty a deal as a stranger: all that is needed is time."""
    wait_for_clocks(play, deal, STRANGER)


def by_the_employer(play: Play, deal: Deal) -> None:
    """Empty a deal as the employer, who does not want to pay all of it."""
    employer = deal.agreement.employer
    for index, milestone in enumerate(deal.agreement.milestones):
        if quiet(deal, index) and play.now < deal.lapses_at:
            play.wait_until(milestone.deadline)
            must(play, "dispute", employer, deal, index)
    wait_for_clocks(play, deal, employer)


def by_the_freelancer(play: Play, deal: Deal) -> None:
    """Empty a deal as the freelancer, who wants to be paid."""
    freelancer = deal.agreement.freelancer
    indexes = [index for index in range(len(deal.parts)) if quiet(deal, index)]
    if indexes:
        lapsed = play.now >= deal.lapses_at
        must(play, "cancel" if lapsed else "request_release", freelancer, deal, indexes)
    wait_for_clocks(play, deal, freelancer)


def wait_for_clocks(play: Play, deal: Deal, sender: str) -> None:
    """Empty a deal by waiting: for rulings and reviews to end, and for the deal to lapse."""
    terms = deal.agreement
    for index, part in enumerate(deal.parts):
        if part.disputed_at:
            play.wait_until(part.disputed_at + terms.ruling_period)
            must(play, "apply_fallback", sender, deal, index)
        elif part.requested_at:
            play.wait_until(part.requested_at + terms.review_period)
            must(play, "claim", sender, deal, [index])
        elif part.held:
            play.wait_until(deal.lapses_at)
            must(play, "settle_dormant", sender, deal, [index])


def quiet(deal: Deal, index: int) -> bool:
    """Return whether a milestone holds money and no clock of its own runs."""
    return deal.parts[index].held and deal.parts[index].quiet


# --- Credits


def pay_credits(play: Play) -> None:
    """Pay all credits; owners who refuse payments have theirs sent elsewhere, if they can call."""
    model = play.twin.model
    for token, owner in [*model.credits]:
        if (token, owner) not in model.refusing:
            must(play, "pay_credit", STRANGER, token, owner)
        elif owner in SENDERS:
            to = next(who for who in PEOPLE if (token, who) not in model.refusing)
            must(play, "withdraw_credit", owner, token, to)
    assert all(owner not in SENDERS for _, owner in model.credits)
