"""Taking events back: what credits and ledgers were before them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Final

from milestone_escrow.deal_state import Changes, Ledger
from milestone_escrow.events import (
    Credited,
    CreditPaid,
    EventRecord,
    Funded,
    Moved,
    Refunded,
    Released,
    Ruled,
)

__all__ = ["take_back"]

# By event: which sum of the ledger grew by which of its fields.
_SUMS: Final[dict[type, dict[str, str]]] = {
    Funded: {"funded": "remaining"},
    Moved: {"moved": "amount"},
    Released: {"gross": "gross", "fees": "fee"},
    Refunded: {"refunded": "amount"},
    Ruled: {"shares": "share"},
    Credited: {"credited": "amount"},
    CreditPaid: {"credit_paid": "amount"},
}


def take_back(
    records: Iterable[EventRecord],
    tokens: Mapping[bytes, str],
    credits: MutableMapping[tuple[str, str], int],
    ledgers: Mapping[str, Ledger],
) -> Changes:
    """Undo the money of events.

    Args:
        records: The last events of all, the very last first.
        tokens: The token of every deal that they name.
        credits: By (token, owner), as after the events; changed to what they were before.
        ledgers: By token, likewise.

    Returns:
        The credits and tokens that changed.
    """
    changes = Changes()
    for record in records:
        event = record.event
        sums = _SUMS.get(type(event))
        if sums is None:
            continue
        if isinstance(event, Credited | CreditPaid):
            token, key = event.token, (event.token, event.owner)
            before = event.amount if isinstance(event, CreditPaid) else event.credit - event.amount
            credits[key] = before
            if before == 0:
                del credits[key]
            changes.credits.add(key)
        else:
            token = tokens[event.deal_id]
        ledger = ledgers[token]
        for total, amount in sums.items():
            setattr(ledger, total, getattr(ledger, total) - getattr(event, amount))
        changes.tokens.add(token)
    return changes
