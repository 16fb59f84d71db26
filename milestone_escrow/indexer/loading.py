"""The dicts that the fold of the indexer works on: they load from the tables what they lack.

So a run holds the deals that it meets, not all there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from milestone_escrow.deal_state import Deal

__all__ = ["StoredCredits", "StoredDeals"]


class StoredDeals(dict[bytes, Deal]):
    """Deals by id; those that are missing are loaded.

    Attributes:
        keys_of: Key of the row of each deal that is here, by id.
    """

    def __init__(self, load: Callable[[list[bytes]], Iterable[tuple[int, Deal]]]):
        """Load deals, with the keys of their rows, by ``load``; it leaves out those not there."""
        super().__init__()
        self.keys_of: dict[bytes, int] = {}
        self._load = load
        self._absent: set[bytes] = set()  # of those that were wanted last

    def __missing__(self, deal_id: bytes) -> Deal:
        if deal_id not in self._absent:
            self.want([deal_id])
        deal = self.get(deal_id)
        if deal is None:
            raise KeyError(deal_id)
        return deal

    def want(self, deal_ids: Iterable[bytes]) -> None:
        """Load those of these deals that are not here, and are in the tables."""
        missing = [deal_id for deal_id in deal_ids if deal_id not in self]
        for key, deal in self._load(missing) if missing else ():
            self.keys_of[deal.deal_id] = key
            self[deal.deal_id] = deal
        self._absent = {deal_id for deal_id in missing if deal_id not in self}

    def forget_ended(self, deal_ids: Iterable[bytes]) -> None:
        """Forget those of these deals that are closed, or wholly settled: they are rarely named."""
        for deal_id in deal_ids:
            deal = self[deal_id]
            if deal.closed or deal.settled == (1 << len(deal.milestones)) - 1:
                self._forget(deal_id)

    def forget(self, above: int) -> None:
        """Where there are more than ``above``, forget half of them, those that came first."""
        if len(self) > above:
            for deal_id in list(islice(self, (len(self) + 1) // 2)):
                self._forget(deal_id)

    def _forget(self, deal_id: bytes) -> None:
        del self[deal_id]
        del self.keys_of[deal_id]


class StoredCredits(dict[tuple[str, str], int]):
    """Credits by (token, owner); one that is missing is loaded, unless it was just deleted."""

    def __init__(
        self, load: Callable[[list[tuple[str, str]]], Iterable[tuple[tuple[str, str], int]]]
    ):
        """Load credits by ``load``; it leaves out those not there."""
        super().__init__()
        self._load = load
        self._deleted: set[tuple[str, str]] = set()
        self._absent: set[tuple[str, str]] = set()  # of those that were wanted last

    def __missing__(self, key: tuple[str, str]) -> int:
        if key not in self._absent and key not in self._deleted:
            self.want([key])
        amount = self.get(key)
        if amount is None:
            raise KeyError(key)
        return amount

    def want(self, keys: Iterable[tuple[str, str]]) -> None:
        """Load those of these credits that are not here, and are in the tables."""
        missing = [key for key in keys if key not in self and key not in self._deleted]
        self.update(self._load(missing) if missing else ())
        self._absent = {key for key in missing if key not in self}

    def __delitem__(self, key: tuple[str, str]) -> None:
        super().__delitem__(key)
        self._deleted.add(key)

    def forget(self, above: int) -> None:
        """Where there are more than ``above``, load everything anew; it was written."""
        if len(self) + len(self._deleted) > above:
            self.clear()
            self._deleted.clear()
