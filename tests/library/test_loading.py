"""The dicts that load from the tables what they lack."""

from __future__ import annotations

import pytest

from milestone_escrow.deal_state import Deal
from milestone_escrow.indexer.loading import StoredCredits, StoredDeals
from milestone_escrow.state import fold
from tests.library.indexing import history

Key = tuple[str, str]
ONE: Key = ("token", "one")
OTHER: Key = ("token", "other")
ABSENT: Key = ("token", "absent")


class Table:
    """Credits in a database, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[list[Key]] = []
        self._rows = {ONE: 1, OTHER: 2}

    def load(self, keys: list[Key]) -> list[tuple[Key, int]]:
        self.asked.append(keys)
        return [(key, self._rows[key]) for key in keys if key in self._rows]


def test_credits_that_are_wanted_are_asked_for_at_once_and_never_again() -> None:
    table = Table()
    credits = StoredCredits(table.load)
    credits.want([ONE, OTHER, ABSENT])
    assert credits[ONE] == 1 and credits[OTHER] == 2
    with pytest.raises(KeyError):
        credits[ABSENT]
    assert table.asked == [[ONE, OTHER, ABSENT]]


def test_a_credit_that_is_not_wanted_is_asked_for_when_it_is_needed() -> None:
    table = Table()
    assert StoredCredits(table.load)[OTHER] == 2
    assert table.asked == [[OTHER]]


def test_a_credit_that_was_deleted_is_not_taken_from_the_table() -> None:
    table = Table()
    credits = StoredCredits(table.load)
    credits.want([ONE, ABSENT])
    del credits[ONE]
    with pytest.raises(KeyError):
        credits[ONE]
    with pytest.raises(KeyError):  # and what is absent is still known to be
        credits[ABSENT]
    credits.want([ONE])
    assert ONE not in credits
    assert table.asked == [[ONE, ABSENT]]


def test_deals_that_ended_are_forgotten_and_loaded_when_they_are_named() -> None:
    rows = {key: deal for key, deal in enumerate(fold(history(300).records).deals.values(), 1)}
    asked: list[list[bytes]] = []

    def load(deal_ids: list[bytes]) -> list[tuple[int, Deal]]:
        asked.append(deal_ids)
        return [(key, deal) for key, deal in rows.items() if deal.deal_id in deal_ids]

    every = [deal.deal_id for deal in rows.values()]
    settled, closed, live = (
        [deal for deal in rows.values() if deal.closed is is_closed and whole(deal) is is_settled]
        for is_closed, is_settled in ((False, True), (True, False), (False, False))
    )
    assert settled and closed and any(deal.settled for deal in live)
    deals = StoredDeals(load)
    deals.want(every)
    deals.forget_ended(every)
    assert list(deals) == list(deals.keys_of) == [deal.deal_id for deal in live]
    assert deals[settled[0].deal_id] == settled[0]
    assert rows[deals.keys_of[settled[0].deal_id]] is settled[0]
    assert asked == [every, [settled[0].deal_id]]


def whole(deal: Deal) -> bool:
    return all(milestone.outcome is not None for milestone in deal.milestones)
