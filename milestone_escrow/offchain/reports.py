"""What users tell whoever runs a bridge of others: written here, and read by the operator alone.

Nothing follows from a report by itself: nobody has power over a deal's money.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.deals import ids_like
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.offchain.comments import check_text
from milestone_escrow.offchain.tables import reports

__all__ = ["Report", "add", "latest"]


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody told.

    Attributes:
        author: Who, checksummed.
        address: Of whom, checksummed; None: of nobody in particular.
        deal_id: Of which deal, 32 bytes; None: of none.
        text: In their own words.
        created: Unix seconds.
    """

    author: str
    address: str | None
    deal_id: bytes | None
    text: str
    created: int


def add(
    db: Connection, author: str, address: str | None, deal_id: bytes | None, text: str, now: int
) -> None:
    """Keep a report.

    Args:
        db: The transaction.
        author: Who tells it.
        address: Of whom; None: of nobody in particular.
        deal_id: Of which deal; None: of none.
        text: As that of a comment.
        now: Unix seconds.

    Raises:
        UsageError: It is of nobody and of no deal, or its text is none.
    """
    if address is None and deal_id is None:
        raise UsageError(
            "A report is about an account or a deal.", "Give address, deal_id, or both."
        )
    check_text(text)
    db.execute(
        insert(reports).values(
            report=secrets.token_bytes(16),
            author=address_bytes(author),
            address=None if address is None else address_bytes(address),
            deal_id=deal_id,
            text=text,
            created=now,
        )
    )


def latest(
    db: Connection,
    limit: int,
    *,
    author: str | None = None,
    address: str | None = None,
    deal_id: str | None = None,
) -> list[Report]:
    """Return reports, the newest first.

    Args:
        db: The transaction.
        limit: How many at most.
        author: Only those by this account.
        address: Only those about this account.
        deal_id: Only those about deals whose id begins so, 0x and hexadecimal digits.
    """
    chosen = select(reports).order_by(reports.c.created.desc(), reports.c.report).limit(limit)
    if author is not None:
        chosen = chosen.where(reports.c.author == address_bytes(author))
    if address is not None:
        chosen = chosen.where(reports.c.address == address_bytes(address))
    if deal_id is not None:
        chosen = chosen.where(reports.c.deal_id.between(*ids_like(deal_id[2:])))
    return [
        Report(
            address_text(bytes(row.author)),
            None if row.address is None else address_text(bytes(row.address)),
            None if row.deal_id is None else bytes(row.deal_id),
            row.text,
            row.created,
        )
        for row in db.execute(chosen)
    ]
