"""A plain model of the escrow that logs what the contract would: the source of test histories.

It shares no code with the fold: states are strings, money is kept by plain subtraction, and the
balance is counted where coins enter and leave. ``random`` decides everything: one seed is one
history.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any

from eth_utils.address import to_checksum_address

from milestone_escrow.agreement import ZERO_ADDRESS, ZERO_HASH, Agreement
from milestone_escrow.events import (
    Accepted,
    Active,
    Credited,
    CreditPaid,
    Disputed,
    Event,
    EventRecord,
    Funded,
    Moved,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
    Ruled,
    Superseded,
)

DAY = 86_400
ESCROW = to_checksum_address("0x" + "e5" * 20)
START = 1_800_000_000
TOKENS = (ZERO_ADDRESS, to_checksum_address("0x" + "7e" * 20))
HOLDING = ("reserved", "funded", "requested", "disputed")


def person(number: int) -> str:
    """Return the address of somebody."""
    return to_checksum_address(f"0x{0xB0B0 << 128 | number:040x}")


@dataclass
class Part:
    """A milestone of the model."""

    amount: int
    state: str = "agreed"
    paid: int = 0
    since: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.paid


@dataclass
class Contract:
    """A deal of the model."""

    deal_id: bytes
    agreement: Agreement
    parts: list[Part]
    bound: bool = False
    closed: bool = False
    last_activity: int = 0

    def indexes(self, *states: str) -> list[int]:
        return [i for i, part in enumerate(self.parts) if part.state in states]


@dataclass
class PlausibleEscrow:
    """The model; each step is one call in a block of its own, some seconds to weeks later.

    Attributes:
        records: The events so far.
        ends: The block after each step.
    """

    random: Random
    escrow: str = ESCROW
    deals: list[Contract] = field(default_factory=list)
    credits: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    balances: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    records: list[EventRecord] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    block: int = 0
    now: int = START
    people: int = 0

    def play(self, steps: int) -> list[EventRecord]:
        """Play some steps; return the events of all steps so far."""
        for _ in range(steps):
            self.step()
        return self.records

    def step(self) -> None:
        """Do one thing that is possible now."""
        self.block += self.random.randint(1, 3)
        self.now += self.random.choice([1, 60, 3_600, DAY, 20 * DAY])
        moves: list[Any] = [self.open]
        lately = self.deals[-50:]
        for deal in self.random.sample(lately, min(3, len(lately))):
            if not deal.closed:
                moves += self._moves_of(deal)
        if self.credits:
            moves.append(self.pay_credit)
        if moves:
            self.random.choice(moves)()
        self.ends.append(self.block)

    def _moves_of(self, deal: Contract) -> list[Any]:
        moves: list[Any] = []
        if deal.indexes("agreed"):
            moves.append(lambda: self.fund(deal, self._some(deal.indexes("agreed"))))
        if not deal.bound and deal.agreement.freelancer != ZERO_ADDRESS and deal.indexes(*HOLDING):
            moves += [lambda: self.accept(deal), lambda: self.accept(deal)]
        if deal.indexes("reserved"):
            moves.append(lambda: self.withdraw(deal))
            if deal.agreement.freelancer != ZERO_ADDRESS:
                moves.append(lambda: self.release(deal, Reason.EMPLOYER, "reserved"))
        if deal.indexes("funded"):
            moves += [
                lambda: self.request(deal),
                lambda: self.dispute(deal, "funded"),
                lambda: self.dormant(deal),
                lambda: self.release_part(deal),
            ]
        if deal.indexes("requested"):
            moves += [
                lambda: self.void(deal),
                lambda: self.dispute(deal, "requested"),
                lambda: self.release(deal, Reason.OVERDUE, "requested"),
                lambda: self.release_part(deal),
            ]
        if deal.indexes("disputed"):
            moves += [lambda: self.rule(deal), lambda: self.split(deal, Reason.FALLBACK)]
        if deal.bound and deal.indexes(*HOLDING):
            moves += [
                lambda: self.release(deal, Reason.EMPLOYER, *HOLDING),
                lambda: self.release(deal, Reason.VOUCHER, *HOLDING),
                lambda: self.cancel(deal),
                lambda: self.split(deal, Reason.SETTLEMENT),
            ]
        if deal.indexes(*HOLDING) and self.random.random() < 0.3:
            moves.append(lambda: self.amend(deal))
        return moves

    def open(self, supersedes: Contract | None = None, at_least: int = 0) -> Contract:
        roll = self.random
        old = supersedes.agreement if supersedes else None
        arbiter = person(self._somebody()) if roll.random() < 0.8 else ZERO_ADDRESS
        platform = person(roll.randint(1, 3)) if roll.random() < 0.7 else ZERO_ADDRESS
        freelancer = person(self._somebody()) if old or roll.random() < 0.8 else ZERO_ADDRESS
        bound_before = supersedes is not None and supersedes.bound
        final = self.now + roll.randint(10, 200) * DAY
        amounts = [
            roll.choice([1, 7, 10_000, 2**100, 2**128 - 1]) for _ in range(roll.randint(1, 10))
        ]
        if supersedes:
            amounts[0] = max(1, at_least)
        agreement = Agreement.build(
            employer=old.employer if old else person(self._somebody()),
            freelancer=old.freelancer if old and bound_before else freelancer,
            payee=person(self._somebody()) if roll.random() < 0.2 else ZERO_ADDRESS,
            arbiter=arbiter,
            token=old.token if old else roll.choice(TOKENS),
            platform=platform,
            fee_bps=roll.randint(1, 1_000) if platform != ZERO_ADDRESS else 0,
            arbiter_bps=roll.randint(0, 1_000) if arbiter != ZERO_ADDRESS else 0,
            fallback_freelancer_bps=roll.randint(0, 10_000),
            accept_by=final - DAY,
            document=roll.randbytes(32),
            supersedes=supersedes.deal_id if supersedes else ZERO_HASH,
            milestones=[(amount, final) for amount in amounts],
        )
        deal = Contract(
            sha256(b"deal %d" % len(self.deals)).digest(),
            agreement,
            [Part(part.amount) for part in agreement.milestones],
        )
        self.deals.append(deal)
        self._log(Opened(deal.deal_id, agreement.employer, agreement.freelancer, agreement))
        if supersedes is None:
            self.fund(deal, self._some(deal.indexes("agreed")))
        return deal

    def fund(self, deal: Contract, indexes: list[int]) -> None:
        for index in indexes:
            part = deal.parts[index]
            part.state = "funded" if deal.bound else "reserved"
            self.balances[deal.agreement.token] += part.amount
            self._log(Funded(deal.deal_id, index, part.amount))

    def accept(self, deal: Contract) -> None:
        self._log(Accepted(deal.deal_id, deal.agreement.freelancer))
        deal.bound = True
        for index in deal.indexes("reserved"):
            deal.parts[index].state = "funded"

    def withdraw(self, deal: Contract) -> None:
        total = 0
        for index in self._some(deal.indexes("reserved")):
            part = deal.parts[index]
            part.state = "agreed"
            total += part.amount
            self._refunded(deal, index, part.amount, Reason.WITHDRAW)
        self._active(deal, deal.agreement.employer)
        self._push(deal, deal.agreement.employer, total)

    def request(self, deal: Contract) -> None:
        freelancer = deal.agreement.freelancer
        for index in self._some(deal.indexes("funded")):
            part = deal.parts[index]
            part.state, part.since = "requested", self.now
            evidence = self.random.randbytes(32)
            self._log(
                ReleaseRequested(deal.deal_id, index, freelancer, evidence, self.now, part.left)
            )
        self._active(deal, freelancer)

    def void(self, deal: Contract) -> None:
        for index in self._some(deal.indexes("requested")):
            part = deal.parts[index]
            part.state, part.since = "funded", 0
            self._log(RequestVoided(deal.deal_id, index, deal.agreement.freelancer, part.left))
        self._active(deal, deal.agreement.freelancer)

    def dispute(self, deal: Contract, state: str) -> None:
        index = self.random.choice(deal.indexes(state))
        part = deal.parts[index]
        actors = [deal.agreement.employer] + [deal.agreement.freelancer] * (state == "requested")
        actor = self.random.choice(actors)
        part.state, part.since = "disputed", self.now
        reason = self.random.randbytes(32)
        self._log(Disputed(deal.deal_id, index, actor, reason, self.now, part.left))
        self._active(deal, actor)

    def release(self, deal: Contract, reason: Reason, *states: str) -> None:
        gross = fees = 0
        for index in self._some(deal.indexes(*states)):
            part = deal.parts[index]
            gross += part.left
            fees += self._released(deal, index, part.left, reason)
        self._pay_freelancer(deal, gross, fees)

    def release_part(self, deal: Contract) -> None:
        index = self.random.choice(deal.indexes("funded", "requested"))
        left = deal.parts[index].left
        if left > 1:
            gross = self.random.randint(1, left - 1)
            reason = self.random.choice([Reason.EMPLOYER, Reason.VOUCHER])
            self._pay_freelancer(deal, gross, self._released(deal, index, gross, reason))

    def cancel(self, deal: Contract) -> None:
        total = 0
        for index in self._some(deal.indexes("funded", "requested", "disputed")):
            total += self._give_back(deal, index, Reason.CANCEL)
        self._active(deal, deal.agreement.freelancer)
        self._push(deal, deal.agreement.employer, total)

    def dormant(self, deal: Contract) -> None:
        indexes = self._some(deal.indexes("funded"))
        total = sum(self._give_back(deal, index, Reason.DORMANT) for index in indexes)
        self._push(deal, deal.agreement.employer, total)

    def rule(self, deal: Contract) -> None:
        if deal.agreement.arbiter == ZERO_ADDRESS:
            return
        index = self.random.choice(deal.indexes("disputed"))
        part, agreement = deal.parts[index], deal.agreement
        share = part.left * agreement.arbiter_bps // 10_000
        rest = part.left - share
        to_freelancer = self.random.choice([0, rest, self.random.randint(0, rest)])
        self._log(Ruled(deal.deal_id, index, agreement.arbiter, share, to_freelancer, rest))
        part.amount -= share  # what the shares are of no longer belongs to the two
        self._split(deal, index, to_freelancer, Reason.RULING)
        self._credit(deal, agreement.arbiter, share)
        self._active(deal, agreement.arbiter)

    def split(self, deal: Contract, reason: Reason) -> None:
        states = ("disputed",) if reason is Reason.FALLBACK else HOLDING
        index = self.random.choice(deal.indexes(*states))
        left = deal.parts[index].left
        if reason is Reason.FALLBACK:
            to_freelancer = left * deal.agreement.fallback_freelancer_bps // 10_000
        else:
            to_freelancer = self.random.choice([0, left, self.random.randint(0, left)])
            self._active(deal, deal.agreement.employer)
        self._split(deal, index, to_freelancer, reason)

    def amend(self, old: Contract) -> None:
        moving = old.indexes(*HOLDING)
        moved = sum(old.parts[index].left for index in moving)
        if moved >= 2**128:
            return
        new = self.open(supersedes=old, at_least=moved)
        old.closed = True
        self._log(Superseded(old.deal_id, new.deal_id, old.agreement.employer, moved))
        for index in moving:
            part = old.parts[index]
            self._log(Moved(old.deal_id, index, new.deal_id, part.left))
            self.balances[old.agreement.token] -= part.left
            part.state, part.paid, part.since = "settled", part.amount, 0
        if old.bound:
            self.accept(new)
        self.fund(new, [0])

    def pay_credit(self) -> None:
        token, owner = self.random.choice(sorted(self.credits))
        amount = self.credits.pop((token, owner))
        self.balances[token] -= amount
        self._log(CreditPaid(token, owner, person(self._somebody()), amount))

    def _released(self, deal: Contract, index: int, gross: int, reason: Reason) -> int:
        part, agreement = deal.parts[index], deal.agreement
        before = part.paid * agreement.fee_bps // 10_000
        part.paid += gross
        fee = part.paid * agreement.fee_bps // 10_000 - before
        if part.left == 0:
            part.state, part.since = "settled", 0
        receiver = agreement.freelancer if agreement.payee == ZERO_ADDRESS else agreement.payee
        self._log(Released(deal.deal_id, index, receiver, gross, fee, part.left, reason))
        return fee

    def _give_back(self, deal: Contract, index: int, reason: Reason) -> int:
        part = deal.parts[index]
        amount = part.left
        part.state, part.amount, part.since = "settled", part.paid, 0
        self._refunded(deal, index, amount, reason)
        return amount

    def _split(self, deal: Contract, index: int, to_freelancer: int, reason: Reason) -> None:
        back = deal.parts[index].left - to_freelancer
        fee = 0
        if to_freelancer:
            fee = self._released(deal, index, to_freelancer, reason)
        if back:
            self._give_back(deal, index, reason)
        self._pay_freelancer(deal, to_freelancer, fee)
        self._push(deal, deal.agreement.employer, back)

    def _refunded(self, deal: Contract, index: int, amount: int, reason: Reason) -> None:
        self._log(Refunded(deal.deal_id, index, deal.agreement.employer, amount, 0, reason))

    def _pay_freelancer(self, deal: Contract, gross: int, fee: int) -> None:
        agreement = deal.agreement
        receiver = agreement.freelancer if agreement.payee == ZERO_ADDRESS else agreement.payee
        self._credit(deal, agreement.platform, fee)
        self._push(deal, receiver, gross - fee)

    def _push(self, deal: Contract, receiver: str, amount: int) -> None:
        if self.random.random() < 0.1:
            self._credit(deal, receiver, amount)
        else:
            self.balances[deal.agreement.token] -= amount

    def _credit(self, deal: Contract, owner: str, amount: int) -> None:
        if amount:
            token = deal.agreement.token
            self.credits[token, owner] += amount
            credit = self.credits[token, owner]
            self._log(Credited(token, owner, deal.deal_id, amount, credit))

    def _active(self, deal: Contract, actor: str) -> None:
        if self.now >= deal.agreement.final_deadline:
            deal.last_activity = self.now
            self._log(Active(deal.deal_id, actor, self.now))

    def _some(self, indexes: list[int]) -> list[int]:
        return self.random.sample(indexes, self.random.randint(1, len(indexes)))

    def _somebody(self) -> int:
        self.people += 1
        return 1_000 + self.people

    def _log(self, event: Event) -> None:
        last = self.records[-1] if self.records else None
        index = last.log_index + 1 if last and last.block_number == self.block else 0
        self.records.append(
            EventRecord(
                block_number=self.block,
                block_hash=self.block.to_bytes(32),
                tx_hash=(self.block << 128).to_bytes(32),
                log_index=index,
                timestamp=self.now,
                address=self.escrow,
                event=event,
            )
        )
