"""What the parties of a deal write to each other."""

from __future__ import annotations

from msgspec import UNSET

from frontend_bridge.api import models, models_off_chain
from frontend_bridge.api.asked import Asked, page_of
from frontend_bridge.api.cursors import number_in
from frontend_bridge.api.rights import charge, deal_of_party
from frontend_bridge.api.shapes import time_of
from milestone_escrow.offchain import comments

__all__ = ["listed", "write"]


def write(
    asked: Asked, *, deal_id: bytes, body: models_off_chain.WriteComment
) -> models.Answer[models_off_chain.Comment]:
    """Add a comment."""
    deal_of_party(asked, deal_id)
    milestone = None if body.milestone is UNSET else body.milestone
    if milestone is not None:
        asked.view.milestone(deal_id, milestone)
    charge(asked, comments.check_text(body.text))
    comment = comments.add(asked.db, deal_id, asked.who, milestone, body.text, asked.now)
    return models.Answer(data=_shown(comment), block=asked.view.shapes.block())


def listed(
    asked: Asked, *, deal_id: bytes, cursor: str | None, limit: int
) -> models.Page[models_off_chain.Comment]:
    """Return a page of a deal's comments, the first one first."""
    deal_of_party(asked, deal_id)
    after = 0 if cursor is None else number_in(cursor)
    found = comments.of_deal(asked.db, deal_id, after, limit + 1)
    return page_of(asked, found, limit, lambda some: [_shown(each) for each in some])


def _shown(comment: comments.Comment) -> models_off_chain.Comment:
    hashed = comment.to_json()
    return models_off_chain.Comment(
        **hashed | {"created": time_of(comment.created)}, hash="0x" + comment.hash().hex()
    )
