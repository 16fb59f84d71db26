"""Deals by the words of their titles, which are for those alone who may read the documents."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api import models, models_off_chain
from frontend_bridge.api.asked import Asked
from frontend_bridge.api.cursors import cursor_of, place_in
from frontend_bridge.api.pages import Kept
from frontend_bridge.api.rights import may_read
from milestone_escrow.figures import ROLES
from milestone_escrow.offchain import documents
from milestone_escrow.text import fold

__all__ = ["SCANNED", "titled"]

SCANNED: Final = 100
"""Deals that one request looks at; a page may be short, or empty."""


def titled(
    asked: Asked, *, text: str, cursor: str | None, limit: int
) -> models.Page[models_off_chain.TitledDeal]:
    """Return a page of the account's deals whose titles have all the words, the newest first."""
    view, words = asked.view, fold(text).split()
    after = None if cursor is None else place_in(cursor, 1)[0]
    batch = view.pages.page(
        party=asked.who,
        roles=ROLES,
        token=None,
        after=after,
        newest_first=True,
        limit=SCANNED,
    )
    more = len(batch) == SCANNED
    found: list[models_off_chain.TitledDeal] = []
    for kept in batch:
        after = kept.number
        title = _title(asked, kept)
        if title is not None and all(word in fold(title) for word in words):
            found.append(models_off_chain.TitledDeal(title=title, deal=view.shapes.summary(kept)))
        if len(found) == limit:
            more = more or kept is not batch[-1]
            break
    return models.Page(
        data=found,
        next=cursor_of(after) if more and after is not None else None,
        block=view.shapes.block(),
    )


def _title(asked: Asked, kept: Kept) -> str | None:
    """Return the title of a deal's document; None: it is not here, or not for who asks."""
    document_hash = kept.deal.agreement.document
    if not may_read(asked, document_hash, kept.deal.deal_id):
        return None
    document = documents.get(asked.db, document_hash)
    return None if document is None else document.title
