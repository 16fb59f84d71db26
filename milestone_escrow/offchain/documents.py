"""Agreement documents: who put them here, and whom a deal shows them to."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from milestone_escrow.deal_state import Deal
from milestone_escrow.document import AgreementDocument
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain import contents
from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import documents

__all__ = ["READERS", "authors_of", "count", "get", "here", "put", "shown_by"]

READERS = ("employer", "freelancer", "payee", "arbiter")
"""Roles of a deal whose holders read its document."""


def put(db: Connection, document: AgreementDocument, author: str, now: int) -> bytes:
    """Keep a document of an author and return its hash; the same again changes nothing."""
    document_hash = contents.put(db, document.canonical_bytes())
    db.execute(
        upsert(db, documents)
        .values(hash=document_hash, author=address_bytes(author), created=now)
        .on_conflict_do_nothing()
    )
    return document_hash


def get(db: Connection, document_hash: bytes) -> AgreementDocument | None:
    """Return a document; None: it is not here."""
    content = contents.get(db, document_hash) if here(db, document_hash) else None
    return None if content is None else AgreementDocument.from_bytes(content)


def here(db: Connection, document_hash: bytes) -> bool:
    """Return whether somebody put a document here."""
    return bool(authors_of(db, document_hash))


def authors_of(db: Connection, document_hash: bytes) -> tuple[str, ...]:
    """Return who put a document here, checksummed, the first one first."""
    rows = db.execute(
        select(documents.c.author)
        .where(documents.c.hash == document_hash)
        .order_by(documents.c.created, documents.c.author)
    )
    return tuple(address_text(author) for author in rows.scalars())


def count(db: Connection) -> int:
    """Return how often a document was put here, which only grows."""
    return db.execute(select(func.count()).select_from(documents)).scalar_one()


def shown_by(deal: Deal, document_hash: bytes, authors: Collection[str], reader: str) -> bool:
    """Return whether a deal shows its document to somebody with a role in it.

    The hash is public, and anyone can open a deal that names it and anybody else: so the deal must
    also be one that an author of the document entered by an act of their own.
    """
    terms = deal.agreement
    if terms.document != document_hash or reader not in {getattr(terms, r) for r in READERS}:
        return False
    return terms.employer in authors or (deal.bound and terms.freelancer in authors)
