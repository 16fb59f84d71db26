"""The reads of deals."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api import models
from frontend_bridge.api.cursors import cursor_of, place_in
from frontend_bridge.api.pages import Kept
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.view import View
from milestone_escrow.actions import actions
from milestone_escrow.clock import deal_status
from milestone_escrow.figures import ROLES

__all__ = ["SCANNED", "deal", "deals", "events", "may", "milestone"]

SCANNED: Final = 500
"""Deals that one request for a status looks at; a page may be short of its limit, or empty."""

_BATCH: Final = 100
_DIRECTIONS: Final = {"outgoing": "employer", "incoming": "freelancer"}
_PARTS: Final = (*ROLES, "payee", "platform")
_MOST_LOG_INDEX: Final = (1 << 20) - 1


def deals(
    view: View,
    *,
    party: str | None,
    role: str | None,
    direction: str | None,
    status: str | None,
    token: str | None,
    text: str | None,
    order: str,
    cursor: str | None,
    limit: int,
) -> models.Page[models.DealSummary]:
    """Return a page of deals."""
    if party is None and (role or direction):
        raise Refused(
            422,
            "A role or a direction is nobody's without a party.",
            "Give party too.",
            "party-missing",
        )
    roles = [role] if role else list(ROLES)
    if direction:
        roles = [each for each in roles if each == _DIRECTIONS[direction]]
        if not roles:
            raise Refused(
                422,
                f"A deal is not {direction} for the {role}.",
                "Give either role or direction.",
                "role-and-direction",
            )
    after = None if cursor is None else place_in(cursor, 1)[0]
    newest = order == "newest"
    found: list[Kept] = []
    looked = 0
    while True:
        # One more than is wanted tells whether there is another page.
        wanted = limit + 1 - len(found) if status is None else _BATCH
        batch = view.pages.page(
            party=party,
            roles=roles,
            token=token,
            after=after,
            newest_first=newest,
            limit=wanted,
            begins=text,
        )
        for kept in batch:
            looked += 1
            if status in (None, deal_status(kept.deal, view.shapes.now).status.value):
                found.append(kept)
                if len(found) > limit:
                    break
            after = kept.number
        if len(found) > limit or len(batch) < wanted or looked >= SCANNED:
            break
    more = len(found) > limit
    found = found[:limit]
    if more:
        after = found[-1].number
    elif len(batch) < wanted:
        after = None
    return models.Page(
        data=[view.shapes.summary(kept) for kept in found],
        next=None if after is None else cursor_of(after),
        block=view.shapes.block(),
    )


def deal(view: View, *, deal_id: bytes) -> models.Answer[models.Deal]:
    """Return a deal."""
    kept = view.kept(deal_id)
    here = view.has_document(kept.deal.agreement.document)
    return models.Answer(data=view.shapes.deal(kept, document_here=here), block=view.shapes.block())


def milestone(view: View, *, deal_id: bytes, index: int) -> models.Answer[models.Milestone]:
    """Return a milestone of a deal."""
    kept = view.milestone(deal_id, index)
    return models.Answer(data=view.shapes.milestone(kept, index), block=view.shapes.block())


def events(
    view: View, *, deal_id: bytes, cursor: str | None, limit: int
) -> models.Page[models.EventItem]:
    """Return a page of what was logged of a deal."""
    kept = view.kept(deal_id)
    after = None
    if cursor is not None:
        block_number, log_index = place_in(cursor, 2)
        after = block_number, min(log_index, _MOST_LOG_INDEX)
    said = view.pages.said_of(kept.number, after=after, limit=limit + 1)
    last = said[limit - 1].raw if len(said) > limit else None
    return models.Page(
        data=[view.shapes.event(each) for each in said[:limit]],
        next=None if last is None else cursor_of(last.block_number, last.log_index),
        block=view.shapes.block(),
    )


def may(view: View, *, deal_id: bytes, who: str) -> models.Answer[models.Actions]:
    """Return what an address may do with a deal, and why not the rest."""
    kept = view.kept(deal_id)
    agreement = kept.deal.agreement
    owners = {who, agreement.receiver, *(getattr(agreement, part) for part in _PARTS)}
    credits = {key: raw for owner in owners for key, raw in view.pages.credits(owner).items()}
    found = actions(
        kept.deal,
        agreement,
        who,
        view.shapes.now,
        credits=credits,
        escrow=view.source.escrow,
    )
    if view.source.notes is None:
        found = tuple(action for action in found if action.contract != "DealNotes")
    return models.Answer(
        data=models.Actions(
            deal_id="0x" + deal_id.hex(),
            address=who,
            roles=[role for role in _PARTS if getattr(agreement, role) == who],
            actions=[view.shapes.action(action) for action in found],
        ),
        block=view.shapes.block(),
    )
