"""Deals as JSON: amounts as decimal strings in raw units, times as unix seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from milestone_escrow.clock import deal_status, milestone_status, next_moments
from milestone_escrow.deal_state import Deal

if TYPE_CHECKING:
    from milestone_escrow.cli.reading import Book

__all__ = ["deal_shape", "deal_totals"]

_MONEY = ("paid", "fees", "arbiter_share", "refunded", "moved", "remaining")


def deal_totals(deal: Deal) -> dict[str, int]:
    """Return what became of a deal's money, over all its milestones, in raw units.

    ``funded`` is the sum of the others but ``fees``, which are a part of ``paid``.
    """
    totals = {
        name: sum(getattr(milestone, name) for milestone in deal.milestones) for name in _MONEY
    }
    gone = sum(amount for name, amount in totals.items() if name != "fees")
    return {"funded": gone, **totals}


def deal_shape(deal: Deal, book: Book, now: int, final_block: int | None) -> dict[str, Any]:
    """Return all that is known of a deal at the time ``now``."""
    return {
        "deal_id": "0x" + deal.deal_id.hex(),
        "status": deal_status(deal, now).status,
        "bound": deal.bound,
        "closed": deal.closed,
        "successor": None if deal.successor is None else "0x" + deal.successor.hex(),
        "opened_block": deal.opened_block,
        "last_activity": deal.last_activity or None,
        "token": book.token_json(deal.token),
        "totals": {name: str(amount) for name, amount in deal_totals(deal).items()},
        "milestones": [
            _milestone_shape(deal, index, now, final_block) for index in range(len(deal.milestones))
        ],
        "next": [
            {
                "at": moment.at,
                "what": moment.what,
                "milestone": None if moment.index < 0 else moment.index,
            }
            for moment in next_moments(deal, now)
        ],
        "dormancy": _dormancy(deal, now),
        "agreement": deal.agreement.to_json(),
    }


def _dormancy(deal: Deal, now: int) -> dict[str, Any]:
    """Return how far a silent deal is on the way to its lapse, and when each step is."""
    clock = deal_status(deal, now)
    steps = (("lapsed", clock.lapsed), ("noticed", clock.noticed), ("dormant", clock.dormant))
    return {
        "step": next((name for name, reached in steps if reached), None),
        "dormant_at": clock.dormant_at,
        "notice_at": clock.notice_at,
        "lapsed_at": clock.lapsed_at,
    }


def _milestone_shape(deal: Deal, index: int, now: int, final_block: int | None) -> dict[str, Any]:
    milestone = deal.milestones[index]
    clock = milestone_status(deal, index, now)
    final = milestone_status(deal, index, now, final_block=final_block)
    return {
        "index": index,
        "status": clock.status,
        "state": milestone.status.name.lower(),
        "outcome": milestone.outcome,
        "pending": final.pending,
        "amount": str(milestone.amount),
        "deadline": deal.agreement.milestones[index].deadline,
        **{name: str(getattr(milestone, name)) for name in _MONEY},
        "ruling": None if milestone.ruling is None else [str(part) for part in milestone.ruling],
        "since": milestone.since or None,
        "evidence": _hash(milestone.evidence),
        "reason": _hash(milestone.reason),
        "overdue_at": clock.overdue_at,
        "claimable_at": clock.claimable_at,
        "ruling_ends_at": clock.ruling_ends_at,
        "disputable_from": clock.disputable_from,
        "funded_block": milestone.funded_block,
    }


def _hash(value: bytes) -> str | None:
    return "0x" + value.hex() if any(value) else None
