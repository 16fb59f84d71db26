"""What a call of the escrow did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from milestone_escrow.events import Event
from tests.evm import Receipt

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call of the escrow did.

    Attributes:
        events: The escrow's, in order.
        gas: Gas used.
        receipt: All of it.
    """

    events: tuple[Event, ...]
    gas: int
    receipt: Receipt

    def of(self, kind: type[Event]) -> list[Any]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]
