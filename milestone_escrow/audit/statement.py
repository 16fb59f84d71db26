"""A statement: transaction by transaction what came in, what went out, and what is held then. Pure.

Of the whole escrow, the balance is what the contract owes: what milestones hold, and credits. Of
some deals it is what their milestones hold; a credit belongs to its owner, not to a deal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from milestone_escrow.audit.difference import Difference, Found
from milestone_escrow.event_types import (
    Credited,
    CreditPaid,
    Funded,
    Moved,
    Opened,
    Refunded,
    Released,
    Ruled,
)
from milestone_escrow.events import EventRecord

__all__ = ["Closing", "Line", "Move", "Statement"]

_REMEMBERED: Final = 10_000  # deals, where others can be asked for


@dataclass(frozen=True, slots=True)
class Move:
    """One event that moved money.

    Attributes:
        what: ``funded``, ``released``, ``fee``, ``refunded``, ``arbiter share``, ``moved on``,
            ``credited`` or ``credit paid``.
        reason: Why, as the event says it; empty where it does not.
        deal_id: The deal; None for a credit that was paid.
        index: The milestone; None where it is about none.
        amount: Raw units; of ``released`` the gross, of which ``fee`` is a part.
        receiver: Who was to get it; None where it stayed.
        log_index: The log in its block.
    """

    what: str
    reason: str
    deal_id: bytes | None
    index: int | None
    amount: int
    receiver: str | None
    log_index: int


@dataclass(frozen=True, slots=True)
class Line:
    """A transaction's effect in one token.

    Attributes:
        block_number: Its block.
        timestamp: Of the block, unix seconds.
        tx_hash: 32 bytes.
        token: The token; zero: the native coin.
        moves: What happened, in order.
        paid_in: Raw units that came in.
        paid_out: Raw units that went out.
        balance: What is held after it, raw units.
    """

    block_number: int
    timestamp: int | None
    tx_hash: bytes
    token: str
    moves: tuple[Move, ...]
    paid_in: int
    paid_out: int
    balance: int


@dataclass(slots=True)
class Closing:
    """The end of a statement in one token; it began with zero.

    Attributes:
        transactions: How many lines.
        paid_in: Sum of what came in, raw units.
        paid_out: Sum of what went out.
        balance: What is held: the difference of the two.
    """

    transactions: int = 0
    paid_in: int = 0
    paid_out: int = 0
    balance: int = 0


@dataclass(slots=True)
class Statement:
    """Makes the lines, and keeps the sums.

    Attributes:
        deals: The deals that it is of; None: the whole escrow.
        token_of: Gives the token of a deal whose opening was long ago. With it only so many deals
            are in memory; without, all.
        closings: By token, as far as lines were made.
    """

    deals: Collection[bytes] | None = None
    token_of: Callable[[bytes], str] | None = None
    closings: dict[str, Closing] = field(default_factory=dict)
    _tokens: dict[bytes, str] = field(default_factory=dict)

    def lines(self, records: Iterable[EventRecord]) -> Iterator[Line]:
        """Yield a line for each transaction and token, in the order of the chain.

        Args:
            records: All events from the first on; one page at a time is enough.

        Raises:
            Found: A line does not balance: less than nothing comes, goes or is held.
        """
        for (block_number, tx_hash), group in groupby(
            records, lambda record: (record.block_number, record.tx_hash)
        ):
            together = list(group)
            by_token: dict[str, list[tuple[int, int, Move]]] = {}
            for record in together:
                for token, paid_in, paid_out, move in self._moves(record):
                    by_token.setdefault(token, []).append((paid_in, paid_out, move))
            for token, moves in by_token.items():
                line = self._line(token, moves, together[0], block_number, tx_hash)
                if line is not None:
                    yield line

    def _line(
        self,
        token: str,
        moves: list[tuple[int, int, Move]],
        first: EventRecord,
        block_number: int,
        tx_hash: bytes,
    ) -> Line | None:
        closing = self.closings.setdefault(token, Closing())
        paid_in = sum(each[0] for each in moves)
        paid_out = sum(each[1] for each in moves)
        balance = closing.balance + paid_in - paid_out
        for what, amount in (
            ("what a transaction paid in", paid_in),
            ("what a transaction paid out", paid_out),
            ("the balance after a transaction", balance),
        ):
            if amount < 0:
                raise Found(
                    Difference(
                        "statement",
                        what,
                        "0 or more",
                        str(amount),
                        moves[0][2].deal_id,
                        moves[0][2].index,
                        block_number,
                        tx_hash,
                    )
                )
        closing.transactions += 1
        closing.paid_in += paid_in
        closing.paid_out += paid_out
        closing.balance = balance
        return Line(
            block_number,
            first.timestamp,
            tx_hash,
            token,
            tuple(each[2] for each in moves),
            paid_in,
            paid_out,
            balance,
        )

    def _token(self, deal_id: bytes) -> str:
        token = self._tokens.get(deal_id)
        if token is None:
            token = "" if self.token_of is None else self.token_of(deal_id)
            self._remember(deal_id, token)
        return token

    def _remember(self, deal_id: bytes, token: str) -> None:
        if self.token_of is not None and len(self._tokens) >= _REMEMBERED:
            self._tokens.clear()
        self._tokens[deal_id] = token

    def _moves(self, record: EventRecord) -> Iterator[tuple[str, int, int, Move]]:
        """Yield (token, in, out, move) of an event."""
        event, whole = record.event, self.deals is None
        if isinstance(event, CreditPaid):
            if whole:
                what, place = "credit paid", record.log_index
                paid = Move(what, "", None, None, event.amount, event.receiver, place)
                yield event.token, 0, event.amount, paid
            return
        if self.deals is not None and event.deal_id not in self.deals:
            return
        if isinstance(event, Opened):
            self._remember(event.deal_id, event.agreement.token)
            return
        token = self._token(event.deal_id)

        def move(what: str, amount: int, receiver: str | None = None, reason: str = "") -> Move:
            index: int | None = getattr(event, "index", None)
            return Move(what, reason, event.deal_id, index, amount, receiver, record.log_index)

        if isinstance(event, Funded):
            yield token, event.remaining, 0, move("funded", event.remaining)
        elif isinstance(event, Moved):
            # It goes on to the successor, which is funded with it in the same transaction: of the
            # whole escrow, nothing came in but the rest of that.
            change = (-event.amount, 0) if whole else (0, event.amount)
            yield token, *change, move("moved on", event.amount)
        elif isinstance(event, Released):
            reason = event.reason.name.lower()
            yield token, 0, event.gross, move("released", event.gross, event.receiver, reason)
            if event.fee:
                yield token, 0, 0, move("fee", event.fee)
        elif isinstance(event, Refunded):
            reason = event.reason.name.lower()
            yield token, 0, event.amount, move("refunded", event.amount, event.receiver, reason)
        elif isinstance(event, Ruled) and event.share:
            yield token, 0, event.share, move("arbiter share", event.share, event.arbiter)
        elif isinstance(event, Credited):
            # What left a milestone and stayed in the contract.
            stayed = -event.amount if whole else 0
            yield token, 0, stayed, move("credited", event.amount, event.owner)
