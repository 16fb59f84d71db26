"""What users tell whoever runs a bridge of others: written here, and read by the operator alone.

Nothing follows from a report by itself: nobody has power over a deal's money.
"""

from __future__ import annotations

import secrets

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes
from milestone_escrow.offchain.comments import check_text
from milestone_escrow.offchain.tables import reports

__all__ = ["add"]


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
