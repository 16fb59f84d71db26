"""The dicts that the fold of the indexer works on: they load from the tables what they lack.

So a run holds the deals that it meets, not all there are.
"""

from __future__ import annotations

from collections.abc import Callable

from milestone_escrow.deal_state import Deal

__all__ = ["StoredCredits", "StoredDeals"]


class StoredDeals(dict[bytes, Deal]):
    """Deals by id; one that is missing is loaded, and its row's number noted."""

    def __init__(self, load: Callable[[bytes], tuple[int, Deal] | None], numbers: dict[bytes, int]):
        super().__init__()
        self._load = load
        self._numbers = numbers

    def __missing__(self, deal_id: bytes) -> Deal:
        loaded = self._load(deal_id)
        if loaded is None:
            raise KeyError(deal_id)
        self._numbers[deal_id], self[deal_id] = loaded
        return self[deal_id]


class StoredCredits(dict[tuple[str, str], int]):
    """Credits by (token, owner); one that is missing is loaded, unless it was just deleted."""

    def __init__(self, load: Callable[[tuple[str, str]], int | None]):
        super().__init__()
        self._load = load
        self._deleted: set[tuple[str, str]] = set()

    def __missing__(self, key: tuple[str, str]) -> int:
        amount = None if key in self._deleted else self._load(key)
        if amount is None:
            raise KeyError(key)
        self[key] = amount
        return amount

    def __delitem__(self, key: tuple[str, str]) -> None:
        super().__delitem__(key)
        self._deleted.add(key)

    def forget(self) -> None:
        """Load everything anew, since it was written."""
        self.clear()
        self._deleted.clear()
