"""Calls on deals, drawn at random: who sends, with which arguments, and what is signed for them."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.contract.cast import BURNER, EMPLOYERS, PEOPLE
from tests.contract.chance import Chance
from tests.contract.draw import NO_SIGNATURE, Draw
from tests.contract.twin import Twin
from tests.contract.usual import ROLE
from tests.model_deal import BPS, Deal
from tests.model_money import Permit
from tests.roles import STRANGER

__all__ = ["SENDERS", "Acts"]

SENDERS = tuple(who for who in PEOPLE if who != BURNER)
"""Everyone who can send a call."""


class _Stage(Protocol):
    """Where calls are made."""

    twin: Twin

    def call(self, name: str, sender: str, *arguments: Any, coins: int = 0) -> str: ...

    def happen(self, name: str, *arguments: Any) -> None: ...


class Acts:
    """Draws calls on deals and makes them."""

    def __init__(self, chance: Chance, draw: Draw, stage: _Stage) -> None:
        self._chance = chance
        self._draw = draw
        self._stage = stage
        self._twin = stage.twin
        self._signed: deque[tuple[str, tuple[Any, ...]]] = deque(maxlen=24)

    def call(self, name: str, deal: Deal, index: int) -> None:
        """Make a call on a deal, mostly on one of its milestones and by the right one."""
        chance, draw, terms, call = self._chance, self._draw, deal.agreement, self._stage.call
        count = len(deal.parts)
        if index >= count or chance.comes(0.02):
            index = count
        part = deal.parts[index] if index < count else None
        left = part.left if part else 5
        sender = self._sender(name, deal, asked=part is not None and part.requested_at > 0)
        if name in ("dispute", "apply_fallback"):
            call(name, sender, deal, index)
        elif name == "keep_alive":
            call(name, sender, deal)
        elif name == "release_part":
            call(name, sender, deal, index, draw.amount(left - 1))
        elif name == "rule":
            call(name, sender, deal, index, draw.amount(left - left * terms.arbiter_bps // BPS))
        elif name == "redeem":
            paid = part.paid if part else 0
            self._redeem(sender, deal, index, min(paid + draw.amount(left), 2**256 - 1))
        elif name == "amend":
            self._amend(sender, deal)
        else:
            indexes = draw.indexes(deal, index)
            if name == "fund":
                self._fund(sender, deal, indexes)
            elif name == "fund_with_permit":
                self._fund_with_permit(sender, deal, indexes)
            elif name == "settle":
                self._settle(sender, deal, indexes)
            else:
                call(name, sender, deal, indexes)

    def repeat(self, some: list[Deal]) -> None:
        """Send again what was signed before, as it was or on another deal."""
        if not self._signed:
            return
        chance = self._chance
        name, arguments = chance.pick(self._signed)
        deal: Deal = arguments[0]
        if chance.comes(0.2) and some:
            deal = chance.pick(some)
        coins = 0
        if deal.agreement.token == ZERO_ADDRESS and name == "fund":
            coins = total_of(deal, arguments[1])
        if deal.agreement.token == ZERO_ADDRESS and name == "amend":
            coins = max(total_of(arguments[1], arguments[2]) - deal.left, 0)
        sender = self._sender("settle", deal, asked=False)
        self._stage.call(name, sender, deal, *arguments[1:], coins=coins)

    def _sender(self, name: str, deal: Deal, asked: bool) -> str:
        chance, terms = self._chance, deal.agreement
        sender: str = getattr(terms, ROLE[name]) if ROLE[name] else STRANGER
        if (name == "settle" or (name == "dispute" and asked)) and chance.comes(0.5):
            sender = terms.freelancer
        if sender not in SENDERS or chance.comes(0.05):
            return chance.pick(SENDERS)
        return sender

    def _send_signed(self, name: str, sender: str, *arguments: Any, coins: int = 0) -> None:
        self._signed.append((name, arguments))
        self._stage.call(name, sender, *arguments, coins=coins)

    # --- The calls that need more than a few words

    def _redeem(self, sender: str, deal: Deal, index: int, paid_total: int) -> None:
        expiry = self._draw.expiry()
        message = ("Voucher", deal.id, index, paid_total, expiry)
        signature = self._draw.signature(deal.agreement.employer, message)
        self._send_signed("redeem", sender, deal, index, paid_total, expiry, signature)

    def _fund(self, sender: str, deal: Deal, indexes: list[int]) -> None:
        draw, total = self._draw, total_of(deal, indexes)
        self._allow(deal, total)
        coins = draw.coins(total) if deal.agreement.token == ZERO_ADDRESS else 0
        if self._chance.comes(0.35):
            signature = draw.signature(deal.agreement.freelancer, ("Agreement", deal.id))
            self._send_signed("fund", sender, deal, indexes, signature, coins=coins)
        else:
            self._stage.call("fund", sender, deal, indexes, draw.hardly_any(), coins=coins)

    def _fund_with_permit(self, sender: str, deal: Deal, indexes: list[int]) -> None:
        draw, chance = self._draw, self._chance
        permit = draw.permit(deal, indexes)
        if chance.comes(0.3) and self._counts(permit):
            self._stage.happen("use_permit", permit)
        signature = NO_SIGNATURE
        if chance.comes(0.3):
            signature = draw.signature(deal.agreement.freelancer, ("Agreement", deal.id))
        self._stage.call("fund_with_permit", sender, deal, indexes, signature, permit)

    def _counts(self, permit: Permit) -> bool:
        model = self._twin.model
        used = model.nonces.get((permit.token, permit.owner))
        return permit.by == permit.owner and used == permit.nonce and model.now <= permit.deadline

    def _amend(self, sender: str, deal: Deal) -> None:
        chance, draw = self._chance, self._draw
        new = draw.successor(deal)
        terms = new.agreement
        indexes = [*range(min(len(new.parts), chance.pick((3, 4))))]
        if new.parts and chance.comes(0.1):
            indexes = draw.indexes(new, 0)
        expiry, left = draw.expiry(), deal.left
        more = max(total_of(new, indexes) - left, 0)
        self._allow(new, more)
        coins = draw.coins(more) if terms.token == ZERO_ADDRESS else 0
        signature = draw.hardly_any()
        if deal.bound:
            moved = left + chance.comes(0.05)
            message = ("Amendment", deal.id, new.id, tuple(indexes), moved, expiry)
            signature = draw.signature(terms.freelancer, message)
        elif chance.comes(0.5):
            signature = draw.signature(terms.freelancer, ("Agreement", new.id))
        self._send_signed("amend", sender, deal, new, indexes, expiry, signature, coins=coins)

    def _settle(self, sender: str, deal: Deal, indexes: list[int]) -> None:
        chance, draw, terms = self._chance, self._draw, deal.agreement
        known = [deal.parts[index].left for index in indexes if index < len(deal.parts)]
        amounts = [draw.share(left) for left in known] + [0] * (len(indexes) - len(known))
        if amounts and chance.comes(0.06):
            amounts[-1] += 1
        expiry, remaining = draw.expiry(), sum(known) + chance.comes(0.03)
        other = terms.freelancer if sender == terms.employer else terms.employer
        message = ("Settlement", deal.id, tuple(indexes), tuple(amounts), remaining, expiry)
        signature = draw.signature(other, message)
        if amounts and chance.comes(0.03):
            amounts.pop()
        self._send_signed("settle", sender, deal, indexes, amounts, expiry, signature)

    def _allow(self, deal: Deal, amount: int) -> None:
        """Let the employer allow an amount, mostly, where the token asks for it each time."""
        terms = deal.agreement
        asks = terms.token == self._twin.permits.address and terms.employer in EMPLOYERS
        if asks and self._chance.comes(0.8):
            self._stage.happen("allow", terms.employer, amount)


def total_of(deal: Deal, indexes: list[int]) -> int:
    """Return what milestones take to fund; unknown ones nothing."""
    return sum([deal.parts[index].amount for index in indexes if index < len(deal.parts)])
