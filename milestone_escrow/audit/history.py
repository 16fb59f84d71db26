"""The events of an index up to a block, page by page, and what they add up to there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from milestone_escrow.deal_state import Deal, State
from milestone_escrow.event_types import Credited, CreditPaid
from milestone_escrow.events import EventRecord
from milestone_escrow.exceptions import NodeError, StoreError, UnknownDeal, UsageError
from milestone_escrow.indexer.reader import Reader
from milestone_escrow.state import Fold
from milestone_escrow.times import instant

__all__ = [
    "block_at_time",
    "block_of",
    "credits_at",
    "deal_at",
    "deals_at",
    "records",
    "state_at",
    "time_at",
]

_PAGE: Final = 1_000


def block_of(reader: Reader, at: int | None) -> int:
    """Return the block that ``at`` means: None is the last one that is indexed.

    Raises:
        UsageError: It is not indexed yet, or before the index begins (``not-indexed``).
    """
    last, _ = reader.checkpoint()
    first = reader.identity.from_block
    if at is None:
        return last
    if not first <= at <= last:
        raise UsageError(
            f"The index holds the blocks {first} to {last}, not block {at}.",
            "Give one of those, or index again.",
            code="not-indexed",
        )
    return at


def block_at_time(reader: Reader, time: int) -> int:
    """Return the block at whose end everything stood as it did at a time.

    It is the last one with events up to then, or a later one up to then without any.

    Args:
        reader: The index.
        time: Unix seconds, up to the time of the last block that is indexed.

    Raises:
        UsageError: It is after that, or before the first block that the index knows
            (``not-indexed``).
    """
    last = reader.time()
    if last is not None and time > last:
        raise UsageError(
            f"The last block that is indexed is of {instant(last)}, before {instant(time)}.",
            "Give an earlier time, or index again.",
            code="not-indexed",
        )
    low, (high, _) = reader.identity.from_block, reader.checkpoint()
    found: int | None = None
    while low <= high:  # a block's time is never before that of the block below it
        middle = (low + high) // 2
        block = reader.block_up_to(middle)
        if block is None:
            low = middle + 1
        elif block[1] <= time:
            low, found = middle + 1, block[0]
        else:
            high = block[0] - 1
    if found is None:
        raise UsageError(
            f"The index knows of no block at or before {instant(time)}.",
            "Give a later time.",
            code="not-indexed",
        )
    return found


def records(
    reader: Reader, *, to_block: int, deal: bytes | str | None = None
) -> Iterator[EventRecord]:
    """Yield the events up to and with a block, in order; only a page of them is in memory.

    Args:
        reader: The index.
        to_block: The last block.
        deal: Only those that name this deal.

    Raises:
        StoreError: A stored log cannot be read any more (``store-damaged``).
        UnknownDeal: There is no such deal.
    """
    after: tuple[int, int] | None = None
    limit = _PAGE
    while True:
        try:
            page = reader.events(deal=deal, after=after, limit=limit)
        except NodeError as error:  # the decoder's; here nobody but the file can be at fault
            if limit > 1:
                limit = 1  # up to the very one that cannot be read
                continue
            raise StoreError(
                error.sentence.replace("The node gave a malformed log", "The index is damaged"),
                "Index again with --reset.",
                code="store-damaged",
            ) from error
        for record in page:
            if record.block_number > to_block:
                return
            yield record
        if len(page) < limit:
            return
        after = (page[-1].block_number, page[-1].log_index)


def state_at(reader: Reader, block: int) -> State:
    """Return all deals, credits and ledgers at the end of a block. All of it is in memory.

    Raises:
        FoldError: The events contradict each other.
    """
    folding = Fold()
    for record in records(reader, to_block=block):
        folding.apply(record)
    return folding.state


def deal_at(reader: Reader, deal_id: bytes | str, block: int) -> Deal:
    """Return a deal at the end of a block, from its own events alone.

    Raises:
        UnknownDeal: It was not opened by then.
        FoldError: Its events contradict each other.
    """
    known = reader.deal(deal_id).deal_id
    folding = Fold()
    for record in records(reader, to_block=block, deal=known):
        # A credit adds up over all deals, and changes nothing of this one.
        if not isinstance(record.event, Credited):
            folding.apply(record)
    if known not in folding.state.deals:
        raise UnknownDeal(
            f"The deal 0x{known.hex()} was not open at block {block} yet.", "Give a later block."
        )
    return folding.state.deals[known]


def deals_at(
    reader: Reader, block: int, *, party: str | None = None, token: str | None = None
) -> Iterator[Deal]:
    """Yield the deals as they were at the end of a block, in the order of their opening.

    Where ``block`` is the last one indexed, they are read as they are stored; before that, each is
    made again from its events. Only a page of deals is in memory.
    """
    last, _ = reader.checkpoint()
    after: bytes | None = None
    while page := reader.deals(party=party, token=token, after=after, limit=100):
        for deal in page:
            if deal.opened_block > block:
                return
            yield deal if block == last else deal_at(reader, deal.deal_id, block)
        after = page[-1].deal_id


def credits_at(reader: Reader, block: int, owner: str) -> dict[str, int]:
    """Return what an owner could fetch at the end of a block, by token, raw units."""
    last, _ = reader.checkpoint()
    if block == last:
        return {token: amount for (token, _), amount in reader.credits(owner).items()}
    credits: dict[str, int] = {}
    for record in records(reader, to_block=block):
        event = record.event
        if isinstance(event, Credited) and event.owner == owner:
            credits[event.token] = event.credit
        elif isinstance(event, CreditPaid) and event.owner == owner:
            credits.pop(event.token, None)
    return credits


def time_at(reader: Reader, block: int) -> int:
    """Return the time of the last block stored up to a block, unix seconds; zero: none is."""
    found = reader.block_up_to(block)
    return 0 if found is None else found[1]
