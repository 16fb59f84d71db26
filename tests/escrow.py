"""The escrow in a test's EVM: its calls under their names, its events, its views, its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH
from milestone_escrow.agreement import Agreement
from milestone_escrow.calls import Permit
from milestone_escrow.events import EventRecord, decode_raw
from milestone_escrow.messages import Domain
from milestone_escrow.state import DealState, MilestoneState, Status
from milestone_escrow.typed_data import deal_id
from tests.compiled import escrow_code
from tests.evm import CHAIN_ID, GAS, Chain, Contract, Receipt
from tests.outcome import Outcome
from tests.roles import STRANGER
from tests.words import Words

__all__ = ["Escrow", "Outcome"]


class Escrow:
    """A newly deployed escrow. Calls come from whoever may make them, unless they say otherwise.

    Attributes:
        chain: Where it is.
        contract: For calls in the ABI's own words.
        address: Its address.
        domain: Of deal ids, and of signatures as long as the chain keeps its id.
        records: Every event so far.
        words: What is stored, as it is stored.
    """

    def __init__(self, chain: Chain, chain_id: int = CHAIN_ID, address: str | None = None) -> None:
        """Deploy, or find the escrow at ``address`` that was deployed under ``chain_id``."""
        abi, bytecode = escrow_code()
        self.chain = chain
        self.contract = Contract(chain, address or chain.create(bytecode), abi)
        self.address = self.contract.address
        self.domain = Domain(chain_id, self.address)
        self.records: list[EventRecord] = []
        self.words = Words(chain, self.address)

    def send(
        self, name: str, *arguments: Any, sender: str, value: int = 0, gas: int = GAS
    ) -> Outcome:
        """Make any call.

        Raises:
            ContractRevert: It reverted.
            Halted: It stopped otherwise.
        """
        return self.outcome(
            self.contract.send(name, *arguments, sender=sender, value=value, gas=gas)
        )

    def outcome(self, receipt: Receipt) -> Outcome:
        """Read the escrow's events of a call that may have gone through another contract."""
        records = [
            record
            for log in receipt.logs
            if log.address == self.address and (record := decode_raw(log)) is not None
        ]
        self.records += records
        return Outcome(tuple(record.event for record in records), receipt.gas, receipt)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo at the end what calls do meanwhile, as if there had been no events either."""
        count = len(self.records)
        with self.chain.undone():
            yield
        del self.records[count:]

    # --- The calls

    def fund(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        signature: bytes = b"",
        *,
        sender: str | None = None,
        value: int | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Fund, with exactly the coins that it takes unless ``value`` says otherwise."""
        return self.send(
            "fund",
            agreement,
            list(indexes),
            signature,
            sender=sender or agreement.employer,
            value=coins_for(agreement, indexes) if value is None else value,
            gas=gas,
        )

    def accept(
        self, agreement: Agreement, indexes: Sequence[int], *, sender: str | None = None
    ) -> Outcome:
        """Accept, as the freelancer."""
        return self._on_indexes("accept", agreement, indexes, sender or agreement.freelancer)

    def withdraw(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        *,
        sender: str | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Withdraw, as the employer."""
        return self._on_indexes("withdraw", agreement, indexes, sender or agreement.employer, gas)

    def request_release(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        evidence: bytes = ZERO_HASH,
        *,
        sender: str | None = None,
    ) -> Outcome:
        """Ask for release, as the freelancer."""
        return self.send(
            "request_release",
            agreement,
            list(indexes),
            evidence,
            sender=sender or agreement.freelancer,
        )

    def void_request(
        self, agreement: Agreement, indexes: Sequence[int], *, sender: str | None = None
    ) -> Outcome:
        """Take requests back, as the freelancer."""
        return self._on_indexes("void_request", agreement, indexes, sender or agreement.freelancer)

    def release(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        *,
        sender: str | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Release, as the employer."""
        return self._on_indexes("release", agreement, indexes, sender or agreement.employer, gas)

    def release_part(
        self,
        agreement: Agreement,
        index: int,
        amount: int,
        *,
        sender: str | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Release a part, as the employer."""
        return self.send(
            "release_part", agreement, index, amount, sender=sender or agreement.employer, gas=gas
        )

    def claim(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        *,
        sender: str = STRANGER,
        gas: int = GAS,
    ) -> Outcome:
        """Claim, as anyone."""
        return self._on_indexes("claim", agreement, indexes, sender, gas)

    def cancel(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        *,
        sender: str | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Cancel, as the freelancer."""
        return self._on_indexes("cancel", agreement, indexes, sender or agreement.freelancer, gas)

    def fund_with_permit(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        permit: Permit,
        signature: bytes = b"",
        *,
        sender: str | None = None,
        value: int = 0,
    ) -> Outcome:
        """Fund by a permit."""
        by_permit = (permit.deadline, permit.v, permit.r, permit.s)
        arguments = (agreement, list(indexes), signature, *by_permit)
        sender = sender or agreement.employer
        return self.send("fund_with_permit", *arguments, sender=sender, value=value)

    def amend(
        self,
        old: Agreement,
        new: Agreement,
        indexes: Sequence[int],
        expiry: int,
        signature: bytes = b"",
        *,
        sender: str | None = None,
        value: int | None = None,
    ) -> Outcome:
        """Amend, with exactly the coins that it takes unless ``value`` says otherwise."""
        if value is None:
            value = max(coins_for(new, indexes) - self.held(old), 0)
        arguments = (old, new, list(indexes), expiry, signature)
        return self.send("amend", *arguments, sender=sender or old.employer, value=value)

    def redeem(
        self,
        agreement: Agreement,
        index: int,
        paid_total: int,
        expiry: int,
        signature: bytes,
        *,
        sender: str = STRANGER,
        gas: int = GAS,
    ) -> Outcome:
        """Have a voucher paid, as anyone."""
        arguments = (agreement, index, paid_total, expiry, signature)
        return self.send("redeem", *arguments, sender=sender, gas=gas)

    def dispute(
        self,
        agreement: Agreement,
        index: int,
        reason: bytes = ZERO_HASH,
        *,
        sender: str | None = None,
    ) -> Outcome:
        """Dispute, as the employer."""
        return self.send("dispute", agreement, index, reason, sender=sender or agreement.employer)

    def rule(
        self,
        agreement: Agreement,
        index: int,
        freelancer_amount: int,
        *,
        sender: str | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Rule, as the arbiter."""
        arguments = (agreement, index, freelancer_amount)
        return self.send("rule", *arguments, sender=sender or agreement.arbiter, gas=gas)

    def apply_fallback(
        self, agreement: Agreement, index: int, *, sender: str = STRANGER, gas: int = GAS
    ) -> Outcome:
        """End a dispute that nobody ruled in time, as anyone."""
        return self.send("apply_fallback", agreement, index, sender=sender, gas=gas)

    def settle(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        freelancer_amounts: Sequence[int],
        expiry: int,
        signature: bytes,
        *,
        sender: str | None = None,
        gas: int = GAS,
    ) -> Outcome:
        """Settle, as the employer."""
        arguments = (agreement, list(indexes), list(freelancer_amounts), expiry, signature)
        return self.send("settle", *arguments, sender=sender or agreement.employer, gas=gas)

    def settle_dormant(
        self,
        agreement: Agreement,
        indexes: Sequence[int],
        *,
        sender: str = STRANGER,
        gas: int = GAS,
    ) -> Outcome:
        """Settle what lapsed, as anyone."""
        return self._on_indexes("settle_dormant", agreement, indexes, sender, gas)

    def keep_alive(self, agreement: Agreement, *, sender: str | None = None) -> Outcome:
        """Record activity, as the employer."""
        return self.send("keep_alive", agreement, sender=sender or agreement.employer)

    def withdraw_credit(self, token: str, to: str, *, sender: str, gas: int = GAS) -> Outcome:
        """Take one's credit."""
        return self.send("withdraw_credit", token, to, sender=sender, gas=gas)

    def pay_credit(
        self, token: str, owner: str, *, sender: str = STRANGER, gas: int = GAS
    ) -> Outcome:
        """Have a credit paid, as anyone."""
        return self.send("pay_credit", token, owner, sender=sender, gas=gas)

    def _on_indexes(
        self,
        name: str,
        agreement: Agreement,
        indexes: Sequence[int],
        sender: str,
        gas: int = GAS,
    ) -> Outcome:
        return self.send(name, agreement, list(indexes), sender=sender, gas=gas)

    # --- The views

    def id_of(self, agreement: Agreement) -> bytes:
        """Return the deal's id as the library computes it."""
        return _deal_id(agreement, self.domain)

    def deal(self, deal: Agreement | bytes) -> DealState:
        """Return what the view ``deal`` answers."""
        opened, closed, bound, *rest = self._words("deal", self._id(deal))
        return DealState(bool(opened), bool(closed), bool(bound), *rest)

    def milestone(self, deal: Agreement | bytes, index: int = 0) -> MilestoneState:
        """Return what the view ``milestone`` answers."""
        return MilestoneState(*self._words("milestone", self._id(deal), index))

    def status(self, deal: Agreement | bytes, index: int = 0) -> Status:
        """Return the state of a milestone."""
        return Status(self.milestone(deal, index).status)

    def remaining(self, agreement: Agreement, index: int = 0) -> int:
        """Return what a milestone holds, raw units."""
        milestone = self.milestone(agreement, index)
        holds = milestone.status not in (Status.AGREED, Status.SETTLED)
        return agreement.milestones[index].amount - milestone.paid if holds else 0

    def held(self, agreement: Agreement) -> int:
        """Return what a deal holds, raw units."""
        return sum(self.remaining(agreement, i) for i in range(len(agreement.milestones)))

    def credit(self, token: str, owner: str) -> int:
        """Return what the view ``credit`` answers."""
        (amount,) = self._words("credit", token, owner)
        return amount

    # --- The storage words

    def deal_word(self, deal: Agreement | bytes) -> int:
        """Return the deal word as it is stored."""
        return self.words.deal(self._id(deal))

    def set_deal_word(self, deal: Agreement | bytes, word: int) -> None:
        """Overwrite the deal word."""
        self.words.set_deal(self._id(deal), word)

    def milestone_word(self, deal: Agreement | bytes, index: int = 0) -> int:
        """Return the milestone word as it is stored."""
        return self.words.milestone(self._id(deal), index)

    def set_milestone_word(self, deal: Agreement | bytes, index: int, word: int) -> None:
        """Overwrite the milestone word."""
        self.words.set_milestone(self._id(deal), index, word)

    def credit_word(self, token: str, owner: str) -> int:
        """Return a credit as it is stored."""
        return self.words.credit(token, owner)

    def _words(self, view: str, *arguments: Any) -> list[int]:
        """Return what a view answers that knows words only, faster than by eth-abi."""
        data = self.contract.calldata(view, *arguments)
        output = self.chain.read(self.address, data)
        return [int.from_bytes(output[at : at + 32]) for at in range(0, len(output), 32)]

    def _id(self, deal: Agreement | bytes) -> bytes:
        return self.id_of(deal) if isinstance(deal, Agreement) else deal


_deal_id = lru_cache(maxsize=1 << 12)(deal_id)


def coins_for(agreement: Agreement, indexes: Sequence[int]) -> int:
    """Return the wei that a funding takes; unknown indexes count nothing."""
    if agreement.token != ZERO_ADDRESS:
        return 0
    parts = agreement.milestones
    return sum(parts[index].amount for index in indexes if index < len(parts))
