"""Balances, credits, and the coins' and tokens' own rules: who can be paid, and what arrives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.model_deal import BPS, refuse

__all__ = ["Money", "Permit"]


@dataclass(frozen=True, slots=True)
class Permit:
    """An ERC-2612 permit for the escrow.

    Attributes:
        token: Where it counts.
        owner: Whose money it is.
        by: The address of the key that signed it.
        amount: Raw units.
        nonce: It counts once, when so many were used before it.
        deadline: Unix seconds; it counts up to this one.
        data: v, r and s.
    """

    token: str
    owner: str
    by: str
    amount: int
    nonce: int
    deadline: int
    data: tuple[int, int, int]


@dataclass(slots=True)
class Money:
    """The money that the escrow moves.

    Attributes:
        escrow: The address of the escrow.
        now: Unix seconds.
        balances: By token and owner, the escrow's own too.
        credits: By token and owner; none is zero.
        credited: By token: the sum of its credits.
        allowances: What the escrow may take, by token and owner; none: all.
        nonces: How many permits an owner has used, by token and owner; only tokens with permits.
        refusing: Pairs of token and owner that cannot be paid; in a token they cannot pay either.
        stopped: Tokens that move nothing at all.
        toll: Basis points of each transfer that do not arrive, by token.
        missing: What was taken from the escrow's balance by the token itself.
    """

    escrow: str
    now: int = 0
    balances: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    credits: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    credited: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    allowances: dict[tuple[str, str], int] = field(default_factory=dict)
    nonces: dict[tuple[str, str], int] = field(default_factory=dict)
    refusing: set[tuple[str, str]] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    toll: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    missing: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    # --- Calls

    def withdraw_credit(self, sender: str, token: str, to: str) -> None:
        """Take one's credit."""
        if to in (ZERO_ADDRESS, self.escrow, token):
            refuse("BadReceiver")
        self._pay_credit(token, sender, to)

    def pay_credit(self, sender: str, token: str, owner: str) -> None:
        """Have a credit paid, whoever the sender is."""
        self._pay_credit(token, owner, owner)

    # --- In

    def use(self, permit: Permit) -> bool:
        """Use a permit; False: the token does not take it."""
        owner = permit.token, permit.owner
        if (
            permit.by != permit.owner
            or self.nonces.get(owner) != permit.nonce
            or self.now > permit.deadline
        ):
            return False
        self.nonces[owner] += 1
        self.allowances[owner] = permit.amount
        return True

    def check_pull(self, token: str, payer: str, amount: int, coins: int) -> None:
        """Refuse a payment into the escrow that would not arrive exactly."""
        if coins != (amount if token == ZERO_ADDRESS else 0):
            refuse("WrongValue")
        if amount == 0:
            return  # nothing moves, so no token is asked
        allowed = self.allowances.get((token, payer), amount)
        if allowed < amount or not self._movable(token, payer, self.escrow, amount):
            refuse("TransferFailed")
        if self._lost(token, amount):
            refuse("WrongTokenAmount")

    def pull(self, token: str, payer: str, amount: int) -> None:
        """Pay into the escrow, after ``check_pull``."""
        if amount == 0:
            return
        if (token, payer) in self.allowances:
            self.allowances[token, payer] -= amount
        self._move(token, payer, self.escrow, amount)

    # --- Out

    def push(self, token: str, receiver: str, amount: int) -> None:
        """Pay, or credit what cannot be paid."""
        if amount == 0:
            return  # the fee took all of a small part: there is nothing to pay or to owe
        if self._movable(token, self.escrow, receiver, amount):
            self._move(token, self.escrow, receiver, amount)
        else:
            self.credit(token, receiver, amount)

    def credit(self, token: str, owner: str, amount: int) -> None:
        """Owe an amount, which may be nothing."""
        if amount:
            self.credits[token, owner] += amount
            self.credited[token] += amount

    def _pay_credit(self, token: str, owner: str, to: str) -> None:
        amount = self.credits.get((token, owner), 0)
        if not amount:
            refuse("NoCredit")
        if not self._movable(token, self.escrow, to, amount):
            refuse("TransferFailed")
        del self.credits[token, owner]
        self.credited[token] -= amount
        self._move(token, self.escrow, to, amount)

    # --- The token's part

    def _movable(self, token: str, giver: str, receiver: str, amount: int) -> bool:
        return (
            token not in self.stopped
            and (token, receiver) not in self.refusing
            and ((token, giver) not in self.refusing or token == ZERO_ADDRESS)
            and self.balances[token, giver] >= amount
        )

    def _move(self, token: str, giver: str, receiver: str, amount: int) -> None:
        self.balances[token, giver] -= amount
        self.balances[token, receiver] += amount - self._lost(token, amount)

    def _lost(self, token: str, amount: int) -> int:
        return amount * self.toll[token] // BPS
