"""What milestones hold on the chain: what a settlement splits and an amendment moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.client import EscrowClient

__all__ = ["held"]


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
