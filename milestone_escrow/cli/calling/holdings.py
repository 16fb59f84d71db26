"""What milestones hold on the chain: what a settlement splits and an amendment moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from milestone_escrow.calls import Call
from milestone_escrow.calls import amend as amend_call
from milestone_escrow.cli.calling.given import Given

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.client import EscrowClient

__all__ = ["amend", "held"]

_DAY: Final = 86_400


def held(client: EscrowClient, agreement: Agreement, indexes: Iterable[int] | None = None) -> int:
    """Return the raw units that milestones of a deal hold now, all of them by default.

    Raises:
        NodeError: no node answers.
    """
    from milestone_escrow.deal_state import Status

    deal_id = client.deal_id(agreement)
    total = 0
    for index in range(len(agreement.milestones)) if indexes is None else indexes:
        state = client.milestone(deal_id, index)
        if state.status not in (Status.AGREED, Status.SETTLED):
            total += agreement.milestones[index].amount - state.paid
    return total


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
