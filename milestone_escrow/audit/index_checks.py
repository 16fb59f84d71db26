"""The checks that ask no node: the chain of events, and the index's tables against their fold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from enum import Enum

from milestone_escrow.audit.difference import Difference, Found
from milestone_escrow.deal_state import Deal, DealMilestone, Ledger, State
from milestone_escrow.event_types import Credited
from milestone_escrow.events import EventRecord
from milestone_escrow.fold_rules import FoldError
from milestone_escrow.state import Fold

__all__ = ["Folded", "compare_deal", "compare_states", "fold_events"]


@dataclass(slots=True)
class Folded:
    """What all events up to the block add up to.

    Attributes:
        state: Deals, credits, ledgers.
        owners: Every (token, owner) that ever had a credit, also one that was paid.
        events: How many events there were.
        of_deal: How many of them name a deal.
    """

    state: State
    owners: set[tuple[str, str]] = field(default_factory=set)
    events: int = 0
    of_deal: dict[bytes, int] = field(default_factory=dict)


def fold_events(records: Iterable[EventRecord]) -> Folded:
    """Fold the events: each must be possible after those before it.

    What remains of a milestone, what is credited, each fee, share and split follows from the event
    before and from the agreement, so an event that is missing or changed does not fit.

    Raises:
        Found: An event does not fit.
    """
    folding = Fold()
    folded = Folded(folding.state)
    for record in records:
        try:
            folding.apply(record)
        except FoldError as error:
            raise Found(
                Difference(
                    "events",
                    f"the event {type(record.event).__name__}",
                    "one that fits what went before",
                    f"this: {error.args[0]}",
                    error.deal_id,
                    error.index,
                    record.block_number,
                    record.tx_hash,
                    record.log_index,
                )
            ) from error
        folded.events += 1
        deal_id = getattr(record.event, "deal_id", None)
        if deal_id is not None:
            folded.of_deal[deal_id] = folded.of_deal.get(deal_id, 0) + 1
        if isinstance(record.event, Credited):
            folded.owners.add((record.event.token, record.event.owner))
    return folded


def compare_states(expected: State, found: State, deals: Collection[bytes] | None) -> None:
    """Compare the state that the index keeps with the fold of its events.

    Args:
        expected: The fold.
        found: What the index keeps.
        deals: Only these; None: all.

    Raises:
        Found: They differ.
    """
    for deal_id, deal in expected.deals.items():
        if deals is not None and deal_id not in deals:
            continue
        stored = found.deals.get(deal_id)
        if stored is None:
            raise _found("the deal in the index", "a deal", "none", deal_id, None)
        compare_deal(deal, stored)
    for deal_id in found.deals:
        if deal_id not in expected.deals:
            raise _found("the deal in the index", "none", "a deal", deal_id, None)
    for key in expected.credits.keys() | found.credits.keys():
        amounts = expected.credits.get(key, 0), found.credits.get(key, 0)
        if amounts[0] != amounts[1]:
            token, owner = key
            what = f"the credit of {owner} in {token} in the index"
            raise _found(what, str(amounts[0]), str(amounts[1]), None, None)
    for token in expected.ledgers.keys() | found.ledgers.keys():
        one = expected.ledgers.get(token, Ledger())
        other = found.ledgers.get(token, Ledger())
        for each in fields(Ledger):
            _same(f"{each.name} in the ledger of {token} in the index", one, other, each.name)


def compare_deal(expected: Deal, found: Deal) -> None:
    """Compare a deal that the index keeps with the fold of its events.

    Raises:
        Found: They differ.
    """
    deal_id = expected.deal_id
    if len(expected.milestones) != len(found.milestones):
        counts = str(len(expected.milestones)), str(len(found.milestones))
        raise _found("the number of milestones in the index", *counts, deal_id, None)
    for index, pair in enumerate(zip(expected.milestones, found.milestones, strict=True)):
        for each in fields(DealMilestone):
            _same(f"{each.name} of the milestone in the index", *pair, each.name, deal_id, index)
    for each in fields(Deal):
        if each.name != "milestones":
            _same(f"{each.name} of the deal in the index", expected, found, each.name, deal_id)


def _same(
    what: str,
    expected: object,
    found: object,
    name: str,
    deal_id: bytes | None = None,
    index: int | None = None,
) -> None:
    one, other = getattr(expected, name), getattr(found, name)
    if one != other:
        raise _found(what, _shown(one), _shown(other), deal_id, index)


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Enum):
        return value.name.lower()
    return "none" if value is None else str(value)


def _found(what: str, expected: str, found: str, deal_id: bytes | None, index: int | None) -> Found:
    return Found(Difference("index", what, expected, found, deal_id, index))
