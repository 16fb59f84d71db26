"""Evidence and other files of deals, each for the parties of its deal alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain import contents
from milestone_escrow.offchain.statements import upsert
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
        author: Who attached it, checksummed.
        media: What the author says that it is.
        size: Bytes.
        created: Unix seconds.
    """

    deal_id: bytes
    hash: bytes
    author: str
    media: str
    size: int
    created: int


def attach(
    db: Connection, deal_id: bytes, content: bytes, media: str, author: str, now: int
) -> File:
    """Keep a file of a deal; one that is there already stays as it was."""
    content_hash = contents.put(db, content)
    db.execute(
        upsert(db, files)
        .values(
            deal_id=deal_id,
            hash=content_hash,
            author=address_bytes(author),
            media=media,
            size=len(content),
            created=now,
        )
        .on_conflict_do_nothing()
    )
    row = db.execute(
        select(files).where(files.c.deal_id == deal_id, files.c.hash == content_hash)
    ).one()
    return _file(row)


def attached(db: Connection, content_hash: bytes) -> list[File]:
    """Return a file as the deals have it to which it was attached."""
    return [_file(row) for row in db.execute(select(files).where(files.c.hash == content_hash))]


def of_deal(db: Connection, deal_id: bytes) -> list[File]:
    """Return the files of a deal, the first that was attached first."""
    rows = db.execute(
        select(files).where(files.c.deal_id == deal_id).order_by(files.c.created, files.c.hash)
    )
    return [_file(row) for row in rows]


def _file(row: Row[Any]) -> File:
    return File(
        bytes(row.deal_id),
        bytes(row.hash),
        address_text(row.author),
        row.media,
        row.size,
        row.created,
    )
