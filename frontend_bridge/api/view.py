"""What a handler reads from: one commit of the index, and the shapes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from frontend_bridge.api.pages import Head, Kept, Pages
from frontend_bridge.api.problems import Refused, unavailable
from frontend_bridge.api.shapes import Shapes, TokenOf
from milestone_escrow.indexer import Source

__all__ = ["Beside", "View"]

Beside = Callable[[], bool]
"""Whether there are tables for what is kept beside the chain."""


@dataclass(frozen=True, slots=True)
class View:
    """One commit.

    Attributes:
        pages: The index, for as long as the commit is looked at.
        head: How far it goes.
        shapes: At its last block.
        beside: Whether anything can be kept beside the chain.
    """

    pages: Pages
    head: Head
    shapes: Shapes
    beside: bool

    @classmethod
    @contextmanager
    def at_once(cls, pages: Pages, token_of: TokenOf, beside: Beside) -> Iterator[View]:
        """Yield the view of the last commit, for as long as the body takes.

        Raises:
            Refused: There is no block in it yet.
        """
        there = beside()  # before the commit is chosen: tables that come later are not in it
        with pages.at_once() as head:
            yield cls.of(pages, head, token_of, there)

    @classmethod
    def of(cls, pages: Pages, head: Head, token_of: TokenOf, beside: bool) -> View:
        """Return the view of a commit.

        Raises:
            Refused: There is no block in it yet.
        """
        if head.time is None:
            raise unavailable("starting", "The index holds no block yet.")
        return cls(pages, head, Shapes(head, pages.identity.chain_id, token_of), beside)

    @property
    def source(self) -> Source:
        """Which escrow the index is of."""
        return self.pages.identity

    def has_document(self, document_hash: bytes) -> bool | None:
        """Return whether a document is kept beside the chain; None: that is not known."""
        return self.pages.has_document(document_hash) if self.beside else None

    def kept(self, deal_id: bytes) -> Kept:
        """Return a deal.

        Raises:
            UnknownDeal: There is none with that id.
        """
        return self.pages.kept(deal_id)

    def milestone(self, deal_id: bytes, index: int) -> Kept:
        """Return a deal that has a milestone.

        Raises:
            UnknownDeal: There is no such deal.
            Refused: It has no such milestone (404).
        """
        kept = self.kept(deal_id)
        if index >= len(kept.deal.milestones):
            raise Refused(
                404,
                f"The deal has no milestone {index}.",
                f"Give an index from 0 to {len(kept.deal.milestones) - 1}.",
                "unknown-milestone",
            )
        return kept
