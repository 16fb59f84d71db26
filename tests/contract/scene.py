"""A chain with an escrow, its money and its parties, and deals brought into any state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, Final

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.events import Credited, Event, Reason, Refunded, Released
from milestone_escrow.messages import Domain
from milestone_escrow.state import Status, fold
from milestone_escrow.typed_data import sign_agreement
from tests.contract.raw_code import NOTHING, REFUSE
from tests.escrow import Escrow
from tests.evm import WEALTH, Chain, Contract, deploy
from tests.roles import ACCOUNTS, ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, STRANGER

__all__ = [
    "AMOUNTS",
    "BOUND",
    "DEADLINES",
    "FINAL",
    "HOLDING",
    "LAPSE",
    "Scene",
    "signature_of",
]

# The first milestone's fee of 3.33 % is a fraction, as most are.
AMOUNTS: Final = (1_000_003, 2_000, 500_000)
DEADLINES: Final = (10 * DAY, 20 * DAY, 30 * DAY)  # seconds from the making of an agreement
FINAL: Final = DEADLINES[-1]
LAPSE: Final = 74 * DAY  # from the final deadline or the last activity
FEE_BPS: Final = 333

BOUND: Final = (Status.FUNDED, Status.REQUESTED, Status.DISPUTED)
HOLDING: Final = (Status.RESERVED, *BOUND)


@dataclass
class Scene:
    """All that a test needs; calls go through ``escrow``, time through ``chain.now``."""

    chain: Chain
    escrow: Escrow
    token: Contract | None = None  # of new agreements; None: the native coin
    _documents: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def native(cls) -> Scene:
        """Return a scene whose deals are in the native coin."""
        chain = Chain()
        return cls(chain, Escrow(chain))

    @classmethod
    def erc20(cls) -> Scene:
        """Return a scene whose deals are in a plain token."""
        scene = cls.native()
        scene.use_token(deploy(scene.chain, "mocks/TestToken.vy", "Test", "TST", 6))
        return scene

    @classmethod
    def hostile(cls) -> Scene:
        """Return a scene whose deals are in a token that has every vice, all of them off."""
        scene = cls.native()
        scene.use_token(deploy(scene.chain, "mocks/HostileToken.vy"))
        return scene

    def use_token(self, token: Contract) -> None:
        """Make new agreements in ``token``; every role has plenty and allows the escrow all."""
        self.token = token
        for owner in ACCOUNTS:
            token.send("mint", owner, WEALTH, sender=owner)
            token.send("approve", self.escrow.address, 2**256 - 1, sender=owner)

    def refuse(self, receiver: str, refusing: bool = True) -> None:
        """Let a receiver refuse every payment, or take them again. A token must be hostile."""
        if self.token is None:
            self.chain.set_code(receiver, REFUSE if refusing else NOTHING)
        else:
            self.token.send("set_blocked", receiver, refusing, sender=STRANGER)

    @property
    def money(self) -> str:
        """The token of new agreements; the zero address: the native coin."""
        return self.token.address if self.token else ZERO_ADDRESS

    # --- Agreements

    def agreement(self, **changes: Any) -> Agreement:
        """Return an agreement that nobody has seen before, sound now but for ``changes``.

        It has three milestones, a payee, an arbiter and a platform. ``milestones`` may be given as
        pairs of amount and seconds from now; the price follows them.
        """
        now = self.chain.now
        parts: Sequence[tuple[int, int]] = changes.pop(
            "milestones", tuple(zip(AMOUNTS, DEADLINES, strict=True))
        )
        terms: dict[str, Any] = {
            "employer": EMPLOYER,
            "freelancer": FREELANCER,
            "payee": PAYEE,
            "arbiter": ARBITER,
            "platform": PLATFORM,
            "token": self.money,
            "fee_bps": FEE_BPS,
            "arbiter_bps": 500,
            "accept_by": now + 5 * DAY,
            "document": next(self._documents).to_bytes(32),
            "milestones": [(amount, now + deadline) for amount, deadline in parts],
        }
        return Agreement.build(**terms | changes)

    def opened(self, indexes: Sequence[int] = (0,), **changes: Any) -> Agreement:
        """Return a deal with funded milestones, the freelancer not bound."""
        agreement = self.agreement(**changes)
        self.escrow.fund(agreement, indexes)
        return agreement

    def bound(self, indexes: Sequence[int] = (0,), **changes: Any) -> Agreement:
        """Return a deal with funded milestones and a bound freelancer."""
        agreement = self.opened(indexes, **changes)
        self.escrow.accept(agreement, indexes)
        return agreement

    def requested(self, indexes: Sequence[int] = (0,), **changes: Any) -> Agreement:
        """Return a bound deal whose milestones are requested."""
        agreement = self.bound(indexes, **changes)
        self.escrow.request_release(agreement, indexes)
        return agreement

    def disputed(self, indexes: Sequence[int] = (0,), **changes: Any) -> Agreement:
        """Return a bound deal whose milestones are in dispute."""
        agreement = self.requested(indexes, **changes)
        for index in indexes:
            self.dispute(agreement, index)
        return agreement

    def dispute(self, agreement: Agreement, index: int = 0) -> None:
        """Put a requested milestone in dispute, now."""
        self.escrow.dispute(agreement, index)

    def at(self, status: Status, **changes: Any) -> Agreement:
        """Return a deal whose milestone 0 is in a state. Where that is possible nobody is bound."""
        if status is Status.AGREED:
            return self.opened((1,), **changes)
        if status is Status.RESERVED:
            return self.opened(**changes)
        if status is Status.SETTLED:
            agreement = self.bound((0, 1), **changes)
            self.escrow.cancel(agreement, (0,))
            return agreement
        make = {
            Status.FUNDED: self.bound,
            Status.REQUESTED: self.requested,
            Status.DISPUTED: self.disputed,
        }[status]
        return make(**changes)

    # --- What is there

    def balance(self, owner: str) -> int:
        """Return what an account has of the scene's money, raw units."""
        if self.token is None:
            return self.chain.balance(owner)
        return int(self.token.read("balanceOf", owner))

    def balances(self, *others: str) -> dict[str, int]:
        """Return what each role, the escrow and ``others`` have."""
        return {who: self.balance(who) for who in (*ACCOUNTS, self.escrow.address, *others)}

    def gains(self, before: dict[str, int]) -> dict[str, int]:
        """Return who has more or less than ``before``, and by how much."""
        after = {who: self.balance(who) for who in before}
        return {who: after[who] - before[who] for who in before if after[who] != before[who]}

    def words(self, agreement: Agreement) -> tuple[int, ...]:
        """Return every storage word of a deal."""
        return (
            self.escrow.deal_word(agreement),
            *(
                self.escrow.milestone_word(agreement, index)
                for index in range(len(agreement.milestones))
            ),
        )

    def check_books(self) -> None:
        """See that the events alone tell all that is stored, and that the money for it is there.

        A test that wrote storage words past the calls is not to be measured by its events.
        """
        escrow = self.escrow
        if escrow.words.tampered:
            return
        state = fold(escrow.records)
        for deal_id, deal in state.deals.items():
            assert escrow.deal(deal_id) == deal.view()
            for index, milestone in enumerate(deal.milestones):
                assert escrow.milestone(deal_id, index) == milestone.view()
                there = milestone.paid + milestone.arbiter_share + milestone.refunded
                there += milestone.moved + milestone.remaining
                assert there == (milestone.amount if deal.funded >> index & 1 else 0)
        for (token, owner), amount in state.credits.items():
            assert escrow.credit(token, owner) == amount
        coins = state.ledgers.get(ZERO_ADDRESS)
        assert coins is None or coins.held <= self.chain.balance(escrow.address)

    # --- What is to be expected

    def released(
        self,
        agreement: Agreement,
        index: int,
        reason: Reason,
        *,
        gross: int | None = None,
        paid: int = 0,
    ) -> Released:
        """Return the event that pays ``gross`` (None: the rest) after ``paid`` was paid."""
        amount = agreement.milestones[index].amount
        gross = amount - paid if gross is None else gross
        fee = fee_of(agreement, paid + gross) - fee_of(agreement, paid)
        left = amount - paid - gross
        receiver = agreement.receiver
        return Released(self.escrow.id_of(agreement), index, receiver, gross, fee, left, reason)

    def refunded(
        self, agreement: Agreement, index: int, reason: Reason, *, paid: int = 0
    ) -> Refunded:
        """Return the event that gives the rest back after ``paid`` was paid."""
        rest = agreement.milestones[index].amount - paid
        return Refunded(self.escrow.id_of(agreement), index, agreement.employer, rest, 0, reason)

    def split(
        self,
        agreement: Agreement,
        index: int,
        reason: Reason,
        gross: int,
        *,
        paid: int = 0,
        share: int = 0,
    ) -> list[Released | Refunded]:
        """Return the events that give ``gross`` to the freelancer, the rest to the employer.

        So much was ``paid`` before, and the arbiter has taken its ``share``.
        """
        deal_id = self.escrow.id_of(agreement)
        refund = agreement.milestones[index].amount - paid - share - gross
        events: list[Released | Refunded] = []
        if gross:
            fee = fee_of(agreement, paid + gross) - fee_of(agreement, paid)
            receiver = agreement.receiver
            events.append(Released(deal_id, index, receiver, gross, fee, refund, reason))
        if refund:
            events.append(Refunded(deal_id, index, agreement.employer, refund, 0, reason))
        return events

    def fee_credited(self, agreement: Agreement, events: Iterable[Event]) -> list[Credited]:
        """Return the event that credits the fees of all releases among ``events``."""
        fees = sum(event.fee for event in events if isinstance(event, Released))
        owner = agreement.platform
        deal_id = self.escrow.id_of(agreement)
        credit = self.escrow.credit(agreement.token, owner)
        return [Credited(agreement.token, owner, deal_id, fees, credit)] if fees else []


def fee_of(agreement: Agreement, gross: int) -> int:
    """Return the platform's fee on all that was paid on a milestone."""
    return gross * agreement.fee_bps // 10_000


@cache
def signature_of(agreement: Agreement, domain: Domain) -> bytes:
    """Return the freelancer's signature over an agreement."""
    return sign_agreement(agreement, domain, ACCOUNTS[agreement.freelancer])
