"""What several calls of the model have in common: their checks, and what they do with money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from tests.model_deal import BPS, Deal, Message, Part, Signature, chosen, refuse
from tests.model_money import Money
from tests.model_terms import flaw

__all__ = ["Rules", "check_bound", "check_open"]


@dataclass(slots=True)
class Rules(Money):
    """The money, and the rules for moving it.

    Attributes:
        approved: Pairs of a contract and a message: it approves any signature over it.
    """

    approved: set[tuple[str, Message]] = field(default_factory=set)

    # --- Checks

    def _check_terms(self, deal: Deal) -> None:
        wrong = flaw(deal.agreement, self.escrow, self.now)
        if wrong:
            refuse(wrong)

    def _check_binding(self, deal: Deal) -> None:
        if deal.bound:
            refuse("AlreadyBound")
        if deal.agreement.freelancer == ZERO_ADDRESS:
            refuse("NoFreelancer")
        if self.now >= deal.agreement.accept_by:
            refuse("AcceptByPassed")

    def _check_signature(self, signer: str, signature: Signature, message: Message) -> None:
        signed = signature.by == signer and signature.over == message
        if not signed and (signer, message) not in self.approved:
            refuse("BadSignature")

    def _check_expiry(self, expiry: int) -> None:
        if self.now >= expiry:
            refuse("SignatureExpired")

    def _check_not_lapsed(self, deal: Deal) -> None:
        if self.now >= deal.lapses_at:
            refuse("Lapsed")

    def _to_fund(self, deal: Deal, indexes: Sequence[int]) -> list[Part]:
        if not indexes:
            refuse("NoIndexes")

        def check(part: Part) -> None:
            if part.held or part.settled:
                refuse("AlreadyFunded")

        return chosen(deal, indexes, check, "AlreadyFunded")

    # --- Effects

    def _fund(self, deal: Deal, parts: Sequence[Part], bound: bool) -> None:
        deal.opened = True
        deal.bound = deal.bound or bound
        for part in parts:
            part.held = True

    def _acted(self, deal: Deal) -> None:
        if deal.final <= self.now < deal.lapses_at:
            deal.last_activity = self.now

    def _pay(
        self,
        terms: Agreement,
        payments: Sequence[tuple[Part, int]],
        refunds: Sequence[Part] = (),
    ) -> None:
        """Pay the freelancer gross amounts, then give back all that is left of some milestones."""
        gross = fees = back = 0
        for part, amount in payments:
            before = part.paid * terms.fee_bps // BPS
            part.paid += amount
            fees += part.paid * terms.fee_bps // BPS - before
            gross += amount
            if part.paid + part.shared == part.amount:
                part.settle()
        for part in refunds:
            if part.held:
                part.refunded = part.left - part.shared
                back += part.refunded
                part.settle()
        self.credit(terms.token, terms.platform, fees)
        nobody = terms.payee == ZERO_ADDRESS
        self.push(terms.token, terms.freelancer if nobody else terms.payee, gross - fees)
        self.push(terms.token, terms.employer, back)


def check_open(deal: Deal, indexes: Sequence[int] | None = None) -> None:
    """Refuse a deal that is not open, or a batch of nothing."""
    if deal.closed:
        refuse("DealClosed")
    if not deal.opened:
        refuse("NotOpened")
    if indexes is not None and not indexes:
        refuse("NoIndexes")


def check_bound(deal: Deal) -> None:
    """Refuse a deal that the freelancer has not agreed to."""
    if not deal.bound:
        refuse("NotBound")
