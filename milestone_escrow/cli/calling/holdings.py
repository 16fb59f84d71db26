"""The amendment as a call: what the old deal holds is asked of the chain."""

from __future__ import annotations

from typing import Final

from milestone_escrow.calls import Call
from milestone_escrow.calls import amend as amend_call
from milestone_escrow.cli.calling.given import Given
from milestone_escrow.holdings import held

__all__ = ["amend"]

_DAY: Final = 86_400


def amend(given: Given) -> Call:
    """Return the call that replaces the deal by the one on the new agreement.

    Raises:
        UsageError: an option is missing.
    """
    client = given.place.client
    # An award has the freelancer's signature over the new agreement, which has its own end.
    bound = client.deal(client.deal_id(given.agreement)).bound
    expiry = given.expiry if bound or given.values["expiry"] else given.place.now + _DAY
    moved = held(client, given.agreement)
    return amend_call(given.agreement, given.new, given.indexes, moved, expiry, given.signature())
