"""What a play draws at random: agreements, the arguments of calls, signatures good and bad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from milestone_escrow.agreement import MAX_AMOUNT, ZERO_ADDRESS, Agreement
from tests.contract.cast import (
    ARBITERS,
    CONTRACTS,
    EMPLOYERS,
    FREELANCERS,
    KEYS,
    PAYEES,
    PLATFORMS,
    sign,
    twin_of,
)
from tests.contract.chance import Chance
from tests.contract.flaws import FLAWS
from tests.contract.twin import Twin
from tests.contract.usual import kind_of
from tests.model_deal import DAY, Deal, Message, Signature
from tests.model_money import Permit
from tests.roles import STRANGER

__all__ = ["NO_SIGNATURE", "Draw"]

NO_SIGNATURE: Final = Signature(b"")
_KEYED: Final = tuple(KEYS)
_LARGEST: Final = (1, 2, 100, 10**6, 10**18, MAX_AMOUNT)
_HUGE: Final = 2**256 - 1


class Draw:
    """Draws by one source of chance, about the deals of one twin."""

    def __init__(self, chance: Chance, twin: Twin, happen: Callable[..., None]) -> None:
        """Let ``happen(name, *arguments)`` make what a signature needs to be good."""
        self._chance = chance
        self._twin = twin
        self._happen = happen
        self._documents = 0

    # --- Agreements

    def agreement(self) -> Agreement:
        """Return an agreement that nobody has seen before; a few may not be opened."""
        chance, now = self._chance, self._twin.model.now
        pick = chance.pick
        deadlines = self._deadlines(10 if chance.comes(0.02) else pick((1, 2, 3, 3, 4, 4)))
        largest, fee_bps, arbiter = pick(_LARGEST), pick((0, 1, 333, 1_000)), pick(ARBITERS)
        last = deadlines[-1]
        agreement = Agreement.build(
            employer=pick(EMPLOYERS),
            freelancer=ZERO_ADDRESS if chance.comes(0.08) else pick(FREELANCERS),
            payee=pick(PAYEES),
            arbiter=arbiter,
            token=pick((*self._twin.tokens, ZERO_ADDRESS)),
            platform=pick(PLATFORMS) if fee_bps else ZERO_ADDRESS,
            fee_bps=fee_bps,
            arbiter_bps=pick((0, 1, 500, 1_000)) if arbiter != ZERO_ADDRESS else 0,
            review_period=pick((3, 10, 30, 30, 180)) * DAY,
            ruling_period=pick((3, 10, 30, 30, 365)) * DAY,
            fallback_freelancer_bps=pick((0, 1, 5_000, 5_000, 10_000)),
            accept_by=last if chance.comes(0.8) else chance.number(now + 1, last),
            document=self._document(),
            milestones=[(chance.number(1, largest), deadline) for deadline in deadlines],
        )
        return self._flawed(agreement) if chance.comes(0.15) else agreement

    def successor(self, deal: Deal) -> Deal:
        """Return a deal that may supersede another, or nearly."""
        chance, old = self._chance, deal.agreement
        pick, left = chance.pick, deal.left
        count = pick((1, 2, 3, 3))
        amounts = [left // count] * (count - 1)
        amounts.append(left - sum(amounts) + pick((0, 0, 1, left // 2, -1)))
        if chance.comes(0.3):
            amounts.append(chance.number(1, 10**6))
        amounts = [min(max(amount, 1), MAX_AMOUNT) for amount in amounts]
        deadlines = self._deadlines(len(amounts))
        changes: dict[str, Any] = {
            "supersedes": old.document if chance.comes(0.04) else deal.id,
            "document": self._document(),
            "accept_by": deadlines[-1],
            "milestones": tuple(zip(amounts, deadlines, strict=True)),
            "price": sum(amounts),
            "review_period": pick((3, 30)) * DAY,
        }
        if not deal.bound or chance.comes(0.05):
            changes["freelancer"] = pick(FREELANCERS)
        if chance.comes(0.03):
            changes["token"] = pick((*self._twin.tokens,))
        if chance.comes(0.03):
            changes |= {"fee_bps": 100, "platform": STRANGER}
        agreement = replace(old, **changes)
        return self._twin.deal(self._flawed(agreement) if chance.comes(0.06) else agreement)

    def _deadlines(self, count: int) -> list[int]:
        chance, now = self._chance, self._twin.model.now
        return sorted([now + chance.pick(range(DAY, 60 * DAY, 3_600)) for _ in range(count)])

    def _flawed(self, agreement: Agreement) -> Agreement:
        return replace(agreement, **self._chance.pick(FLAWS)(agreement, self._twin))

    def _document(self) -> bytes:
        self._documents += 1
        return self._documents.to_bytes(32)

    # --- Arguments

    def indexes(self, deal: Deal, index: int) -> list[int]:
        """Return some milestones; in most cases those that are as one of them is."""
        chance, count = self._chance, len(deal.parts)
        if chance.comes(0.06):
            some = range(count + 1)
            return [chance.pick(some) for _ in range(chance.pick((0, 1, 2, 2, 3)))]
        indexes = [index]
        if index < count > 1 and chance.comes(0.5):
            now = self._twin.model.now
            kind = kind_of(deal, index, now)
            for other in range(count):
                if other != index and chance.comes(0.7) and kind_of(deal, other, now) == kind:
                    indexes.append(other)
        return indexes

    def expiry(self) -> int:
        """Return until when something signed counts; a few are over."""
        now = self._twin.model.now
        return self._chance.pick((now + 1, now + 3_600, *[now + 90 * DAY] * 20, now, 0))

    def amount(self, most: int) -> int:
        """Return an amount of at least one, mostly not more than ``most``."""
        chance, most = self._chance, max(most, 0)
        if chance.comes(0.1):
            return chance.pick((0, 0, most + 1, _HUGE))
        return chance.pick((1, most // 3, most // 2, chance.number(1, max(most, 1)), most))

    def share(self, left: int) -> int:
        """Return what the freelancer shall have of what is left."""
        return min(self.amount(left), left)

    def coins(self, total: int) -> int:
        """Return the coins for a sum; a few are wrong."""
        return total + self._chance.comes(0.03)

    # --- Signatures

    def signature(self, signer: str, message: Message) -> Signature:
        """Return a signature that is good, in most cases."""
        chance = self._chance
        if chance.comes(0.12):
            return self._bad(signer, message)
        if signer in KEYS and (signer not in CONTRACTS or chance.comes(0.4)):
            return self._by_key(signer, message)
        if signer in CONTRACTS:
            if (signer, message) not in self._twin.model.approved:
                self._happen("approve", signer, message, True)
            long = bytes(1_024) if chance.comes(0.05) else b"\x01"
            return Signature(chance.pick((b"\x01", b"\x01", bytes(65), long)))
        return self._bad(signer, message)

    def hardly_any(self) -> Signature:
        """Return no signature, in most cases."""
        return Signature(b"\x01" * 65) if self._chance.comes(0.1) else NO_SIGNATURE

    def _by_key(self, signer: str, message: Message) -> Signature:
        return Signature(sign(KEYS[signer], self._twin.digest(message)), signer, message)

    def _bad(self, signer: str, message: Message) -> Signature:
        chance = self._chance
        other = chance.pick([who for who in _KEYED if who != signer])
        good = self._by_key(signer if signer in KEYS else other, message)
        data = good.data
        if chance.comes(0.4):
            of_another_deal = (message[0], chance.pick([*self._twin.deals]), *message[2:])
            return self._by_key(good.by, of_another_deal)
        return chance.pick(
            (
                self._by_key(other, message),
                Signature(twin_of(data)),
                Signature(data[:64] + bytes([data[64] ^ 7])),
                Signature(data[:64] + bytes([data[64] - 27])),
                Signature(data[:64]),
                Signature(data + b"\0"),
                Signature(bytes(64) + b"\x1b"),
                Signature(b"\x07"),
            )
        )

    def permit(self, deal: Deal, indexes: Sequence[int]) -> Permit:
        """Return the employer's permit for milestones; a few are bad."""
        chance, twin, owner = self._chance, self._twin, deal.agreement.employer
        amount = sum(deal.parts[index].amount for index in indexes if index < len(deal.parts))
        amount = max(amount - chance.comes(0.05), 0)
        token = twin.permits.address
        nonce = twin.model.nonces.get((token, owner), 0) + chance.comes(0.05)
        deadline = twin.model.now + chance.pick((*[90 * DAY] * 8, 0, 1, -1))
        by = owner if owner in KEYS and chance.comes(0.95) else chance.pick(_KEYED)
        data = sign(KEYS[by], twin.permit_digest(owner, amount, nonce, deadline))
        r, s = int.from_bytes(data[:32]), int.from_bytes(data[32:64])
        return Permit(token, owner, by, amount, nonce, deadline, (data[64], r, s))
