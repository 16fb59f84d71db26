"""What is known of an address: credits, what its deals hold, its record."""

from __future__ import annotations

from typing import Final, cast

from frontend_bridge.api import models, models_facts
from frontend_bridge.api.view import View
from milestone_escrow.figures import ROLES, PartyFigures, Share, party_figures, standing

__all__ = ["MOST_DEALS", "account"]

MOST_DEALS: Final = 250
"""Deals of one address that are looked at: anyone can name anyone in an agreement."""


def account(view: View, *, address: str) -> models.Answer[models_facts.Account]:
    """Return an address's account."""
    shapes, pages = view.shapes, view.pages
    kept = pages.page(
        party=address, roles=ROLES, token=None, after=None, newest_first=True, limit=MOST_DEALS
    )
    count = len(kept) if len(kept) < MOST_DEALS else pages.count_of(address)
    bound = [each for each in kept if each.deal.bound]
    records = pages.records_of([each.number for each in bound])
    figures = party_figures(address, [(each.deal, records[each.number]) for each in bound])
    held = standing((each.deal for each in kept), shapes.now, view.head.final)
    return models.Answer(
        data=models_facts.Account(
            address=address,
            deals=count,
            complete=count == len(kept),
            credits=[
                models_facts.Credit(token=shapes.token(token), amount=shapes.amount(raw, token))
                for (token, _), raw in sorted(pages.credits(address).items())
            ],
            standing=[
                models_facts.Standing(
                    token=shapes.token(token),
                    held=shapes.amount(each.held, token),
                    final=shapes.amount(each.final, token),
                    counts=each.counts,
                    amounts={word: shapes.amount(raw, token) for word, raw in each.amounts.items()},
                )
                for token, each in sorted(held.items())
            ],
            figures=[
                _figures(view, role, token, each) for (role, token), each in sorted(figures.items())
            ],
        ),
        block=shapes.block(),
    )


def _figures(view: View, role: str, token: str, record: PartyFigures) -> models_facts.Figures:
    shapes = view.shapes
    return models_facts.Figures(
        role=cast("models.Role", role),
        token=shapes.token(token),
        deals=record.deals,
        milestones=record.milestones,
        amount=shapes.amount(record.amount, token),
        paid=shapes.amount(record.paid, token),
        refunded=shapes.amount(record.refunded, token),
        earned=shapes.amount(record.earned, token),
        completion=_share(record.completion),
        on_time=_share(record.on_time),
        auto_released=_share(record.auto_released),
        disputed=_share(record.dispute_share),
        disputes_opened=record.disputes_opened,
        ruled=_share(record.ruled),
        median_review_seconds=record.median_review_seconds,
    )


def _share(share: Share) -> models_facts.Share:
    return models_facts.Share(part=share.part, whole=share.whole)
