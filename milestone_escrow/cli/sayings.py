"""What an event says, in a few words."""

from __future__ import annotations

from collections.abc import Callable

from milestone_escrow.cli.words import counted, instant, short_address, short_id
from milestone_escrow.event_types import (
    Accepted,
    Active,
    Credited,
    CreditPaid,
    Disputed,
    Event,
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

__all__ = ["saying"]

_REASONS = {
    Reason.EMPLOYER: "by the employer",
    Reason.VOUCHER: "by a voucher",
    Reason.OVERDUE: "the review period ended",
    Reason.RULING: "as ruled",
    Reason.FALLBACK: "nobody ruled in time",
    Reason.SETTLEMENT: "as settled by both",
    Reason.CANCEL: "cancelled by the freelancer",
    Reason.WITHDRAW: "withdrawn, nobody being bound",
    Reason.DORMANT: "the deal lapsed",
}


def saying(event: Event, amount: Callable[[int], str]) -> str:
    """Return what an event says; ``amount`` shows raw units of its token."""
    match event:
        case Opened(agreement=agreement):
            parts = counted(len(agreement.milestones), "milestone")
            return f"{amount(agreement.price)} in {parts}, by {short_address(event.employer)}"
        case Accepted(freelancer=freelancer):
            return f"{short_address(freelancer)} is bound"
        case Superseded(successor=successor, moved=moved):
            return f"replaced by {short_id(successor)}; {amount(moved)} moved"
        case Active(actor=actor, last_activity=time):
            return f"{short_address(actor)} acted at {instant(time)}"
        case Funded(remaining=remaining):
            return f"{amount(remaining)} held"
        case ReleaseRequested(remaining=remaining):
            return f"{amount(remaining)} asked for"
        case RequestVoided(remaining=remaining):
            return f"{amount(remaining)} not asked for any more"
        case Disputed(actor=actor, remaining=remaining):
            return f"{amount(remaining)}, by {short_address(actor)}"
        case Ruled(share=share, freelancer_amount=part, remaining=remaining):
            earned = f"; {amount(share)} to the arbiter" if share else ""
            return f"{amount(part)} of {amount(remaining)} to the freelancer{earned}"
        case Released(receiver=receiver, gross=gross, fee=fee, remaining=remaining):
            parts = f", {amount(fee)} of it the fee" if fee else ""
            return f"{amount(gross)} to {short_address(receiver)}{parts}" + _end(
                event.reason, remaining, amount
            )
        case Refunded(receiver=receiver, remaining=remaining):
            return f"{amount(event.amount)} to {short_address(receiver)}" + _end(
                event.reason, remaining, amount
            )
        case Moved(successor=successor):
            return f"{amount(event.amount)} to {short_id(successor)}"
        case Credited(owner=owner, credit=credit):
            return f"{amount(event.amount)} to {short_address(owner)}, who has {amount(credit)}"
        case CreditPaid(owner=owner, receiver=receiver):
            to = "" if owner == receiver else f" to {short_address(receiver)}"
            return f"{amount(event.amount)} of {short_address(owner)}{to}"


def _end(reason: Reason, remaining: int, amount: Callable[[int], str]) -> str:
    held = f"; {amount(remaining)} held" if remaining else ""
    return f" ({_REASONS[reason]}){held}"
