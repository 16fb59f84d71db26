"""The escrow in plain Python: what each call must do, or the error with which it is refused.

Written from the rules, not from the contract: a deal is its agreement, a milestone is an object
with a state in words, money is moved by addition and subtraction. Of several reasons to refuse a
call the first in this order counts: no such deal, no indexes, who calls, the state of the deal, the
time, then each index in turn, then the signature, then the money. A call that names one milestone
looks at it directly after the deal. `fund` and `amend`, which open deals, look at the signature
before the indexes.
"""

from __future__ import annotations

from collections.abc import Sequence

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.model_deal import (
    BPS,
    Deal,
    Message,
    Part,
    Signature,
    check_held,
    check_quiet,
    check_requested,
    chosen,
    part_of,
    refuse,
)
from tests.model_money import Permit
from tests.model_rules import Rules, check_bound, check_open

__all__ = ["Model"]


class Model(Rules):
    """The escrow: its calls under their own names. The first argument is always who sends."""

    __slots__ = ()

    # --- Opening and binding

    def fund(
        self, sender: str, deal: Deal, indexes: Sequence[int], signature: Signature, coins: int
    ) -> None:
        """Fund; the first time the deal is opened."""
        if sender != deal.agreement.employer:
            refuse("NotEmployer")
        if not deal.opened:
            if deal.agreement.supersedes != bytes(32):
                refuse("BadSupersedes")
            self._check_terms(deal)
        elif deal.closed:
            refuse("DealClosed")
        elif self.now >= deal.final:
            refuse("FinalDeadlinePassed")
        if signature.data:
            self._check_binding(deal)
            self._check_signature(deal.agreement.freelancer, signature, ("Agreement", deal.id))
        parts = self._to_fund(deal, indexes)
        total = sum([part.amount for part in parts])
        self.check_pull(deal.agreement.token, sender, total, coins)

        self._fund(deal, parts, bound=bool(signature.data))
        self.pull(deal.agreement.token, sender, total)

    def fund_with_permit(
        self, sender: str, deal: Deal, indexes: Sequence[int], signature: Signature, permit: Permit
    ) -> None:
        """Fund after a permit for the sum, which may fail: then the allowance must do."""
        parts = deal.parts
        if any(index >= len(parts) for index in indexes):
            refuse("BadIndex")
        total = sum([parts[index].amount for index in indexes])
        owner = deal.agreement.token, sender
        before = self.nonces.get(owner), self.allowances.get(owner)
        if (permit.token, permit.owner, permit.amount) == (*owner, total):
            self.use(permit)
        try:
            self.fund(sender, deal, indexes, signature, 0)
        except Exception:
            if before[0] is not None and before[1] is not None:
                self.nonces[owner], self.allowances[owner] = before[0], before[1]
            raise

    def accept(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Bind by a transaction."""
        check_open(deal, indexes)
        if sender != deal.agreement.freelancer:
            refuse("NotFreelancer")
        self._check_binding(deal)
        chosen(deal, indexes, check_held, "RepeatedIndex")
        deal.bound = True

    def withdraw(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Take reserved money back."""
        check_open(deal, indexes)
        if sender != deal.agreement.employer:
            refuse("NotEmployer")
        if deal.bound:
            refuse("AlreadyBound")
        parts = chosen(deal, indexes, check_held, "NotFunded")
        for part in parts:
            part.held = False
        self._acted(deal)
        total = sum([part.amount for part in parts])
        self.push(deal.agreement.token, deal.agreement.employer, total)

    def amend(
        self,
        sender: str,
        deal: Deal,
        new: Deal,
        indexes: Sequence[int],
        expiry: int,
        signature: Signature,
        coins: int,
    ) -> None:
        """Replace a deal by another that takes over all its money."""
        check_open(deal)
        old, terms = deal.agreement, new.agreement
        if sender != old.employer:
            refuse("NotEmployer")
        if (terms.employer, terms.token) != (old.employer, old.token):
            refuse("TermsDiffer")
        if terms.supersedes != deal.id:
            refuse("BadSupersedes")
        if new.opened:
            refuse("AlreadyOpened")
        self._check_expiry(expiry)
        self._check_terms(new)
        moved = deal.left
        if deal.bound and (terms.freelancer, terms.platform, terms.fee_bps) != (
            old.freelancer,
            old.platform,
            old.fee_bps,
        ):
            refuse("TermsDiffer")
        binds = deal.bound or bool(signature.data)
        if binds:
            self._check_binding(new)
            message: Message = ("Agreement", new.id)
            if deal.bound:
                message = ("Amendment", deal.id, new.id, tuple(indexes), moved, expiry)
            self._check_signature(terms.freelancer, signature, message)
        parts = self._to_fund(new, indexes)
        total = sum([part.amount for part in parts])
        if total < moved:
            refuse("FundsShrink")
        self.check_pull(terms.token, sender, total - moved, coins)

        for part in deal.parts:
            if part.held:
                part.moved = part.left
                part.settle()
        deal.closed = True
        self._fund(new, parts, bound=binds)
        self.pull(terms.token, sender, total - moved)

    # --- Asking for release

    def request_release(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Start the review."""
        check_open(deal, indexes)
        if sender != deal.agreement.freelancer:
            refuse("NotFreelancer")
        check_bound(deal)
        self._check_not_lapsed(deal)
        for part in chosen(deal, indexes, check_quiet, "RequestOpen"):
            part.requested_at = self.now
        self._acted(deal)

    def void_request(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Take requests back."""
        check_open(deal, indexes)
        if sender != deal.agreement.freelancer:
            refuse("NotFreelancer")
        for part in chosen(deal, indexes, check_requested, "NoRequest"):
            part.requested_at = 0
        self._acted(deal)

    # --- Paying

    def release(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Pay all that remains."""
        check_open(deal, indexes)
        if sender != deal.agreement.employer:
            refuse("NotEmployer")
        if deal.agreement.freelancer == ZERO_ADDRESS:
            refuse("NoFreelancer")
        parts = chosen(deal, indexes, check_held, "AlreadySettled")
        self._acted(deal)
        self._pay(deal.agreement, [(part, part.left) for part in parts])

    def release_part(self, sender: str, deal: Deal, index: int, amount: int) -> None:
        """Pay a part."""
        check_open(deal)
        part = part_of(deal, index)
        if sender != deal.agreement.employer:
            refuse("NotEmployer")
        check_bound(deal)
        if part.disputed_at:
            refuse("InDispute")
        if part.quiet:
            self._check_not_lapsed(deal)
        if amount == 0:
            refuse("ZeroAmount")
        if amount >= part.left:
            refuse("AmountTooLarge")
        self._acted(deal)
        self._pay(deal.agreement, [(part, amount)])

    def redeem(
        self,
        sender: str,
        deal: Deal,
        index: int,
        paid_total: int,
        expiry: int,
        signature: Signature,
    ) -> None:
        """Pay what the employer's voucher promises beyond what was paid, whoever the sender is."""
        check_open(deal)
        part = part_of(deal, index)
        check_bound(deal)
        self._check_expiry(expiry)
        if paid_total <= part.paid:
            refuse("NothingToPay")
        if paid_total > part.amount:
            refuse("AmountTooLarge")
        if part.disputed_at and paid_total < part.amount:
            refuse("InDispute")
        if part.quiet:
            self._check_not_lapsed(deal)
        message = ("Voucher", deal.id, index, paid_total, expiry)
        self._check_signature(deal.agreement.employer, signature, message)
        self._pay(deal.agreement, [(part, paid_total - part.paid)])

    def claim(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Pay what nobody reviewed in time, whoever the sender is."""
        check_open(deal, indexes)

        def check(part: Part) -> None:
            check_requested(part)
            if self.now < part.requested_at + deal.agreement.review_period:
                refuse("ReviewOpen")

        parts = chosen(deal, indexes, check, "AlreadySettled")
        self._pay(deal.agreement, [(part, part.left) for part in parts])

    # --- Giving back

    def cancel(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Give all that remains back."""
        check_open(deal, indexes)
        if sender != deal.agreement.freelancer:
            refuse("NotFreelancer")
        check_bound(deal)
        parts = chosen(deal, indexes, check_held, "AlreadySettled")
        self._acted(deal)
        self._pay(deal.agreement, [], parts)

    def settle_dormant(self, sender: str, deal: Deal, indexes: Sequence[int]) -> None:
        """Give back what a lapsed deal holds, whoever the sender is."""
        check_open(deal, indexes)
        check_bound(deal)
        if self.now < deal.lapses_at:
            refuse("NotLapsed")
        self._pay(deal.agreement, [], chosen(deal, indexes, check_quiet, "AlreadySettled"))

    def keep_alive(self, sender: str, deal: Deal) -> None:
        """Record activity."""
        check_open(deal)
        if sender != deal.agreement.employer:
            refuse("NotEmployer")
        if self.now < deal.final:
            refuse("NothingToKeepAlive")
        self._check_not_lapsed(deal)
        self._acted(deal)

    # --- Disputes

    def dispute(self, sender: str, deal: Deal, index: int) -> None:
        """Freeze a milestone."""
        check_open(deal)
        part = part_of(deal, index)
        check_bound(deal)
        if sender not in (deal.agreement.employer, deal.agreement.freelancer):
            refuse("NotParty")
        if part.disputed_at:
            refuse("InDispute")
        if part.requested_at:
            if self.now >= part.requested_at + deal.agreement.review_period:
                refuse("ReviewOver")
        else:
            if sender != deal.agreement.employer:
                refuse("NoRequest")
            if self.now < deal.agreement.milestones[index].deadline:
                refuse("DeadlineAhead")
            self._check_not_lapsed(deal)
        part.requested_at, part.disputed_at = 0, self.now
        self._acted(deal)

    def rule(self, sender: str, deal: Deal, index: int, freelancer_amount: int) -> None:
        """Split what remains, after the arbiter's share."""
        check_open(deal)
        part = part_of(deal, index)
        terms = deal.agreement
        if sender != terms.arbiter:
            refuse("NotArbiter")
        if not part.disputed_at:
            refuse("NotInDispute")
        if self.now >= part.disputed_at + terms.ruling_period:
            refuse("RulingOver")
        share = part.left * terms.arbiter_bps // BPS
        if freelancer_amount > part.left - share:
            refuse("AmountTooLarge")
        self._acted(deal)
        part.shared = share
        self.credit(terms.token, terms.arbiter, share)
        self._pay(terms, [(part, freelancer_amount)], [part])

    def apply_fallback(self, sender: str, deal: Deal, index: int) -> None:
        """Split what nobody ruled on in time, whoever the sender is."""
        check_open(deal)
        part = part_of(deal, index)
        terms = deal.agreement
        if not part.disputed_at:
            refuse("NotInDispute")
        if self.now < part.disputed_at + terms.ruling_period:
            refuse("RulingOpen")
        self._pay(terms, [(part, part.left * terms.fallback_freelancer_bps // BPS)], [part])

    def settle(
        self,
        sender: str,
        deal: Deal,
        indexes: Sequence[int],
        freelancer_amounts: Sequence[int],
        expiry: int,
        signature: Signature,
    ) -> None:
        """Split milestones as both parties want."""
        check_open(deal, indexes)
        check_bound(deal)
        parties = [deal.agreement.employer, deal.agreement.freelancer]
        if sender not in parties:
            refuse("NotParty")
        parties.remove(sender)
        self._check_expiry(expiry)
        if len(freelancer_amounts) != len(indexes):
            refuse("BadLengths")
        parts: list[Part] = []
        for index, amount in zip(indexes, freelancer_amounts, strict=True):
            part = part_of(deal, index)
            if part in parts:
                refuse("AlreadySettled")
            if amount > part.left:
                refuse("AmountTooLarge")
            parts.append(part)
        remaining = sum([part.left for part in parts])
        split = tuple(indexes), tuple(freelancer_amounts)
        message = ("Settlement", deal.id, *split, remaining, expiry)
        self._check_signature(parties[0], signature, message)
        self._acted(deal)
        self._pay(deal.agreement, list(zip(parts, freelancer_amounts, strict=True)), parts)
