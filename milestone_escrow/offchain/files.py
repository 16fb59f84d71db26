"""Evidence and other files of deals, each for the parties of its deal alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection, Row

from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain import contents
from milestone_escrow.offchain.statements import lock
from milestone_escrow.offchain.tables import files

__all__ = ["MAX_FILE", "MEDIA", "File", "attach", "attached", "of_deal"]

MAX_FILE: Final = 1 << 20
"""Bytes."""

MEDIA: Final[Mapping[str, str]] = MappingProxyType(
    {
        "application/pdf": "pdf",
        "application/zip": "zip",
        "application/json": "json",
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/webp": "webp",
        "text/plain": "txt",
        "text/markdown": "md",
        "text/csv": "csv",
        "application/octet-stream": "bin",
    }
)
"""Types of files that are taken, none of which a browser runs, and how their names end."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a deal.

    Attributes:
        deal_id: 32 bytes.
        hash: keccak256 of the content.
        number: In the deal, from 1.
        author: Who attached it, checksummed.
        media: What the author says that it is.
        size: Bytes.
        created: Unix seconds.
    """

    deal_id: bytes
    hash: bytes
    number: int
    author: str
    media: str
    size: int
    created: int


def attach(
    db: Connection, deal_id: bytes, content: bytes, media: str, author: str, now: int
) -> File:
    """Keep a file of a deal; one that is there already stays as it was."""
    content_hash = contents.put(db, content)
    own = files.c.deal_id == deal_id
    lock(db, b"files" + deal_id)  # one at a time, so that numbers are in the order of commits
    if there := db.execute(select(files).where(own, files.c.hash == content_hash)).first():
        return _file(there)
    last = db.execute(select(func.max(files.c.number)).where(own)).scalar()
    file = File(deal_id, content_hash, (last or 0) + 1, author, media, len(content), now)
    values = {field.name: getattr(file, field.name) for field in fields(file)}
    db.execute(insert(files).values(values | {"author": address_bytes(author)}))
    return file


def attached(db: Connection, content_hash: bytes) -> list[File]:
    """Return a file as the deals have it to which it was attached."""
    return [_file(row) for row in db.execute(select(files).where(files.c.hash == content_hash))]


def of_deal(db: Connection, deal_id: bytes, after: int, limit: int) -> list[File]:
    """Return files of a deal in the order in which they were attached.

    Args:
        db: The transaction.
        deal_id: 32 bytes.
        after: Only those with a greater number.
        limit: At most so many.
    """
    rows = db.execute(
        select(files)
        .where(files.c.deal_id == deal_id, files.c.number > after)
        .order_by(files.c.number)
        .limit(limit)
    )
    return [_file(row) for row in rows]


def _file(row: Row[Any]) -> File:
    return File(
        bytes(row.deal_id),
        bytes(row.hash),
        row.number,
        address_text(row.author),
        row.media,
        row.size,
        row.created,
    )
