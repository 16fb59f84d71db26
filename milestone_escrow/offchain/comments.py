"""What the parties of a deal write to each other: append-only, each bound to all before it.

A comment's hash is keccak256 over the RFC 8785 (JCS) form of this object, so that whoever has it
can prove it, and one hash on record fixes the whole thread up to there::

    {
      "schema": "milestone-escrow/comment/1",
      "deal_id": "0x...",
      "number": 2,
      "previous": "0x<hash of number 1, or 64 zeros>",
      "author": "0x<checksummed>",
      "milestone": 0,
      "text": "The draft is here.",
      "created": 1800000000,
      "nonce": "0x<32 random bytes>"
    }

``milestone`` is null where a comment is about the whole deal. The nonce keeps short texts from
being guessed from their hash.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

import rfc8785
from eth_utils.crypto import keccak
from sqlalchemy import insert, select
from sqlalchemy.engine import Connection, Row

from milestone_escrow.abi_values import ZERO_HASH
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain.statements import lock
from milestone_escrow.offchain.tables import comments
from milestone_escrow.strict_json import StrictReader
from milestone_escrow.text import TextRules

__all__ = ["MAX_COMMENT", "SCHEMA", "Comment", "add", "check_text", "of_deal"]

SCHEMA: Final = "milestone-escrow/comment/1"
MAX_COMMENT: Final = 8_192
"""Bytes of a text in UTF-8."""

_READER: Final = StrictReader(UsageError)
_TEXT: Final = TextRules(_READER)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment.

    Attributes:
        deal_id: 32 bytes.
        number: In the thread of the deal, from 1.
        previous: Hash of the comment before; zeros: there is none.
        author: Checksummed.
        milestone: Index; None: it is about the deal.
        text: Normal text.
        created: Unix seconds.
        nonce: 32 random bytes.
    """

    deal_id: bytes
    number: int
    previous: bytes
    author: str
    milestone: int | None
    text: str
    created: int
    nonce: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-able dict that is hashed."""
        return {
            "schema": SCHEMA,
            "deal_id": "0x" + self.deal_id.hex(),
            "number": self.number,
            "previous": "0x" + self.previous.hex(),
            "author": self.author,
            "milestone": self.milestone,
            "text": self.text,
            "created": self.created,
            "nonce": "0x" + self.nonce.hex(),
        }

    def hash(self) -> bytes:
        """Return what can go on record, 32 bytes."""
        return keccak(rfc8785.dumps(self.to_json()))


def check_text(text: str, path: str = "text") -> int:
    """Return how many bytes a text has.

    Raises:
        UsageError: It is too long, empty, or has characters that it must not have.
    """
    _TEXT.check(text, path)
    size = len(text.encode())
    if size > MAX_COMMENT:
        _READER.refuse(
            path, f"has {size} bytes, more than {MAX_COMMENT}.", "Say it in several, or attach it."
        )
    return size


def add(
    db: Connection, deal_id: bytes, author: str, milestone: int | None, text: str, now: int
) -> Comment:
    """Add a comment to a deal's thread.

    Raises:
        UsageError: As ``check_text``.
    """
    check_text(text)
    lock(db, b"comments" + deal_id)  # one at a time, so that numbers and hashes have no gap
    last = db.execute(
        select(comments.c.number, comments.c.hash)
        .where(comments.c.deal_id == deal_id)
        .order_by(comments.c.number.desc())
        .limit(1)
    ).first()
    number, previous = (0, ZERO_HASH) if last is None else (last.number, bytes(last.hash))
    nonce = secrets.token_bytes(32)
    comment = Comment(deal_id, number + 1, previous, author, milestone, text, now, nonce)
    db.execute(
        insert(comments).values(
            deal_id=deal_id,
            number=comment.number,
            author=address_bytes(author),
            milestone=milestone,
            text=text,
            nonce=nonce,
            hash=comment.hash(),
            created=now,
        )
    )
    return comment


def of_deal(db: Connection, deal_id: bytes, after: int, limit: int) -> list[Comment]:
    """Return comments of a deal in their order.

    Args:
        db: The transaction.
        deal_id: 32 bytes.
        after: Only those with a greater number.
        limit: At most so many.
    """
    # The one before the first tells its hash.
    rows = db.execute(
        select(comments)
        .where(comments.c.deal_id == deal_id, comments.c.number >= after)
        .order_by(comments.c.number)
        .limit(limit + 1)
    ).all()
    found, previous = [], ZERO_HASH
    for row in rows:
        if row.number > after:
            found.append(_comment(row, previous))
        previous = bytes(row.hash)
    return found[:limit]


def _comment(row: Row[Any], previous: bytes) -> Comment:
    return Comment(
        bytes(row.deal_id),
        row.number,
        previous,
        address_text(row.author),
        row.milestone,
        row.text,
        row.created,
        bytes(row.nonce),
    )
