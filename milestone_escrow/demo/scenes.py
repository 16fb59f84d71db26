"""What a play consists of: chapters, steps, and the books at the end."""

from __future__ import annotations

from dataclasses import dataclass

from milestone_escrow.tokens import Token

__all__ = ["Book", "Books", "Chapter", "Scene", "Step"]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the play begins.

    Attributes:
        title: A few words.
        about: One sentence on what it shows.
    """

    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened.

    Attributes:
        who: The role that acted, or ``time``.
        what: A short clause.
        token: Currency of ``amount``; None without an amount.
        amount: Raw units.
        gas: What the transaction used; None where there was none.
        block_number: The latest block then.
        time: Its timestamp, unix seconds.
    """

    who: str
    what: str
    token: Token | None
    amount: int | None
    gas: int | None
    block_number: int
    time: int


@dataclass(frozen=True, slots=True)
class Book:
    """One token's account in raw units: of events alone, but for ``balance``, which is the chain's.

    Attributes:
        token: Which token.
        paid_in: What employers paid in.
        paid_out: What left the contract: to freelancers, payees, platforms, and back to employers.
        held: What each milestone still holds and each credit still waits for, added up.
        balance: What the token, or the chain, says the contract has.
    """

    token: Token
    paid_in: int
    paid_out: int
    held: int
    balance: int

    @property
    def difference(self) -> int:
        """What in lacks of out and held, and balance of held, added up: zero, or it is wrong."""
        return abs(self.paid_in - self.paid_out - self.held) + abs(self.balance - self.held)


@dataclass(frozen=True, slots=True)
class Books:
    """The end of the play.

    Attributes:
        escrow: The contract's address.
        chain_id: The chain's id.
        deals: How many deals were opened.
        events: How many events the books are made of.
        books: One for each token.
    """

    escrow: str
    chain_id: int
    deals: int
    events: int
    books: tuple[Book, ...]


Scene = Chapter | Step | Books
