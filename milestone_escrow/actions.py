"""Who may do what with a deal now, and why not: every call of both contracts. Pure.

``refusal`` asks a contract's questions in the contract's own order, for the best arguments that the
caller could give: an amount that fits, a signature that the other side would have to give. So a
call that is allowed here is refused by the contract only for its arguments, for want of money or of
that signature, or because something happened in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from milestone_escrow.action_rules import CALLS, CallRule, Case
from milestone_escrow.agreement import ZERO_ADDRESS, ZERO_HASH, Agreement
from milestone_escrow.agreement_rules import problems
from milestone_escrow.clock import lapses_at
from milestone_escrow.deal_state import Deal
from milestone_escrow.revert_sentences import SENTENCES

__all__ = ["CALLS", "Action", "CallRule", "actions", "refusal"]

Credits = Mapping[tuple[str, str], int]
"""By (token, owner), raw units, as ``State.credits``."""


@dataclass(frozen=True, slots=True)
class Action:
    """A call, and whether one address may make it.

    Attributes:
        call: The contract's function.
        contract: Whose.
        index: The milestone; None: the call is about the whole deal, or about a credit.
        owner: Whose credit is paid; None: the call is about no credit.
        allowed: Now.
        error: The contract's error if it is refused now, else None.
        sentence: Why; empty if it is allowed.
        remedy: What to do about it; empty if it is allowed.
        opens_at: Unix seconds from which it is allowed, if nobody acts before; in the past where it
            is allowed now. None: no time allows it; if it is allowed now, no time had to come.
        closes_at: Unix seconds from which it is refused again, if nobody acts before; None: time
            alone does not end it, or never allows it.
        signed_by: Whose signature goes along, beside the transaction's own; None: nobody's.
    """

    call: str
    contract: str
    index: int | None
    owner: str | None
    allowed: bool
    error: str | None
    sentence: str
    remedy: str
    opens_at: int | None
    closes_at: int | None
    signed_by: str | None


# --- All of them


def refusal(deal: Deal, call: str, who: str, now: int, *, index: int = 0) -> str | None:
    """Return the error with which the contract refuses a call on a deal; None: it is allowed.

    Args:
        deal: As the fold has it.
        call: One of ``CALLS`` but those on credits.
        who: The sender, checksummed.
        now: Unix seconds of the block.
        index: The milestone, where the call is about one.

    Raises:
        IndexError: The deal has no such milestone.
        KeyError: There is no such call.
    """
    return CALLS[call].refuses(Case(deal, who, now, index, 0))


def actions(
    deal: Deal | None,
    agreement: Agreement,
    who: str,
    now: int,
    *,
    credits: Credits | None = None,
    escrow: str | None = None,
) -> tuple[Action, ...]:
    """Return every call of both contracts, for one address.

    Args:
        deal: As the fold has it; None: it was never opened.
        agreement: That of the deal.
        who: The address, checksummed.
        now: Unix seconds, the time of the latest block.
        credits: What owners may fetch; None: nothing is said of credits.
        escrow: The contract's address, with which the rules of an opening are complete.

    Returns:
        In the order of ``CALLS``; of a call on milestones one action for each, of a call on
        credits one for each owner that has a part in the deal.
    """
    opened = Deal(ZERO_HASH, agreement, 0, 0, []) if deal is None else deal
    times = [] if deal is None else [sorted(_times(deal, i)) for i in range(len(deal.milestones))]
    return tuple(
        action
        for call, rule in CALLS.items()
        for action in _actions_of(call, rule, deal, opened, who, now, credits, escrow, times)
    )


def _actions_of(
    call: str,
    rule: CallRule,
    deal: Deal | None,
    opened: Deal,
    who: str,
    now: int,
    credits: Credits | None,
    escrow: str | None,
    times: Sequence[Sequence[int]],
) -> Iterator[Action]:
    agreement = opened.agreement
    if "credit" in rule.about:
        owners = [who] if rule.about == "own credit" else _owners(agreement)
        for owner in owners if credits is not None else ():
            credit = (credits or {}).get((agreement.token, owner), 0)
            error = rule.refuses(Case(opened, who, now, 0, credit))
            yield _action(call, rule, None, owner, error, (None, None), None)
        return
    signer = _signer(call, rule, opened, who)
    for index in range(len(agreement.milestones)) if rule.about == "milestone" else (None,):
        if deal is None:
            error = _unopened(call, agreement, who, now, escrow)
            ends = agreement.accept_by if error is None else None
            yield _action(call, rule, index, None, error, (None, ends), signer)
            continue
        at = index or 0
        error = rule.refuses(Case(deal, who, now, at, 0))
        span = _span(rule, deal, who, now, at, times[at])
        yield _action(call, rule, index, None, error, span, signer)


def _unopened(
    call: str, agreement: Agreement, who: str, now: int, escrow: str | None
) -> str | None:
    """Return the error of a call on a deal that was never opened."""
    if call not in ("fund", "fund_with_permit"):
        return "NotOpened"
    if who != agreement.employer:
        return "NotEmployer"
    found = next((problem.error for problem in problems(agreement, now, escrow)), None)
    if found is None and call == "fund_with_permit" and agreement.token == ZERO_ADDRESS:
        return "WrongValue"
    return found


def _span(
    rule: CallRule, deal: Deal, who: str, now: int, index: int, times: Sequence[int]
) -> tuple[int | None, int | None]:
    """Return from when to when the call is allowed: the span that holds now, else the next one.

    Between the times at which some clock ends nothing changes, so those are all that are tried.
    """

    def allowed(time: int) -> bool:
        return rule.refuses(Case(deal, who, time, index, 0)) is None

    ahead = [time for time in times if time > now]
    if allowed(now):
        opens = None
        behind = [0, *(time for time in times if time <= now)]
        for time in reversed(behind):
            if not allowed(time):
                break
            opens = time or None
    else:
        opens = next((time for time in ahead if allowed(time)), None)
        if opens is None:
            return None, None
        ahead = [time for time in ahead if time > opens]
    return opens, next((time for time in ahead if not allowed(time)), None)


def _times(deal: Deal, index: int) -> set[int]:
    """Return all times at which a rule may change its mind."""
    agreement = deal.agreement
    milestone = deal.milestones[index]
    times = {
        agreement.accept_by,
        agreement.final_deadline,
        agreement.milestones[index].deadline,
        lapses_at(deal),
    }
    if milestone.since:
        times |= {
            milestone.since + agreement.review_period,
            milestone.since + agreement.ruling_period,
        }
    return times


def _action(
    call: str,
    rule: CallRule,
    index: int | None,
    owner: str | None,
    error: str | None,
    span: tuple[int | None, int | None],
    signer: str | None,
) -> Action:
    words = None if error is None else SENTENCES[error]
    return Action(
        call=call,
        contract=rule.contract,
        index=index,
        owner=owner,
        allowed=error is None,
        error=error,
        sentence="" if words is None else words.sentence,
        remedy="" if words is None else words.remedy,
        opens_at=span[0],
        closes_at=span[1],
        signed_by=signer,
    )


def _signer(call: str, rule: CallRule, deal: Deal, who: str) -> str | None:
    """Return whose signature the call must bring along, beside the transaction's own."""
    agreement = deal.agreement
    if rule.signed_by == "other":
        return agreement.employer if who == agreement.freelancer else agreement.freelancer
    if call == "amend" and not deal.bound:
        return None
    return getattr(agreement, rule.signed_by) if rule.signed_by else None


def _owners(agreement: Agreement) -> list[str]:
    """Return who may come to have a credit by this deal, each once."""
    receivers = (
        agreement.employer,
        agreement.receiver,
        agreement.platform,
        agreement.arbiter,
    )
    return [owner for owner in dict.fromkeys(receivers) if owner != ZERO_ADDRESS]
