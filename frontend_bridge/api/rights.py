"""Who may read and write what is kept beside the chain, by what the index says of deals."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api.asked import Asked
from frontend_bridge.api.pages import Kept
from frontend_bridge.api.problems import Refused
from milestone_escrow.exceptions import UnknownDeal
from milestone_escrow.figures import ROLES
from milestone_escrow.offchain import documents, proposals, quotas

__all__ = ["charge", "deal_of_party", "know_each_other", "may_read", "nothing_here"]

_AUTHORS: Final = 20  # of a document, the first ones first
_SEARCHED: Final = 200  # deals of an author and a reader, the newest first


def deal_of_party(asked: Asked, deal_id: bytes) -> Kept:
    """Return a deal in which who asks is employer, freelancer or arbiter.

    Raises:
        UnknownDeal: There is no such deal.
        Refused: Who asks is none of them (403).
    """
    kept = asked.view.kept(deal_id)
    if asked.who not in {getattr(kept.deal.agreement, role) for role in ROLES}:
        raise Refused(
            403,
            "This is for the deal's parties and its arbiter.",
            "Sign in with the account of one of them.",
            "not-a-party",
        )
    return kept


def may_read(asked: Asked, document_hash: bytes, deal_id: bytes | None) -> bool:
    """Return whether a document is for who asks.

    It is for its authors, for the two sides of a proposal of it, and for whom a deal shows it to.

    Args:
        asked: Who asks.
        document_hash: Which document.
        deal_id: A deal that is said to show it; None: one is looked for.
    """
    authors = documents.authors_of(asked.db, document_hash)
    if asked.who in authors or proposals.shows(asked.db, document_hash, asked.who):
        return True
    pages = asked.view.pages
    if deal_id is not None:
        try:
            found = [pages.kept(deal_id)]
        except UnknownDeal:
            return False
    else:
        # Starting from deals that an author entered: strangers' deals hide none of them.
        found = [
            kept
            for author in authors[:_AUTHORS]
            for kept in pages.entered(author, asked.who, limit=_SEARCHED)
        ]
    return any(documents.shown_by(kept.deal, document_hash, authors, asked.who) for kept in found)


def know_each_other(asked: Asked, other: str) -> bool:
    """Return whether somebody entered a deal with who asks by an act of their own."""
    return bool(asked.view.pages.entered(other, asked.who, limit=1))


def charge(asked: Asked, content: int) -> None:
    """Count what is about to be written.

    Raises:
        UsageError: It would be more than the account may write today (``quota-reached``).
    """
    limits, db, who, now = asked.settings.limits, asked.db, asked.who, asked.now
    if asked.view.pages.entered(who, limit=1):
        quotas.charge(db, who, content, now, limits.account_bytes)
    else:
        most, together = limits.newcomer_bytes, limits.newcomers_bytes
        quotas.charge_newcomer(db, who, content, now, most, together)


def nothing_here(what: str) -> Refused:
    """Return the refusal of what is not here, or not for who asks: which of them is not told."""
    return Refused(
        404,
        f"There is no such {what} here, or it is not for this account.",
        "Check what is asked for, and who is signed in.",
        f"no-{what}",
    )
