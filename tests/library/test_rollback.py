from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_escrow.events import Ruled
from milestone_escrow.indexer.rollback import take_back
from milestone_escrow.state import fold
from tests.library.indexing import history

LONG = history(700).records


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, len(LONG)))
def test_money_taken_back_is_what_it_was(cut: int) -> None:
    after, before = fold(LONG), fold(LONG[:cut])
    tokens = {deal_id: deal.token for deal_id, deal in after.deals.items()}
    was = copy.deepcopy(after)
    changes = take_back(reversed(LONG[cut:]), tokens, after.credits, after.ledgers)
    assert after.credits == before.credits
    held = {token: ledger for token, ledger in after.ledgers.items() if ledger.funded}
    assert held == before.ledgers
    for key in was.credits.keys() | before.credits.keys():
        assert key in changes.credits or was.credits.get(key) == before.credits.get(key)
    for token, ledger in was.ledgers.items():
        assert token in changes.tokens or ledger == before.ledgers[token]


def test_the_history_has_rulings_that_earn_something() -> None:
    assert any(isinstance(record.event, Ruled) and record.event.share for record in LONG)
