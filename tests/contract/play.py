"""A random play: several deals, tokens and hostile receivers at once, in the EVM and in the model.

One seed is one play. After each call both must agree on whether it went through and, if not, on the
error; then on all that the call could have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from random import Random
from typing import Any

from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from milestone_escrow.agreement import MAX_AMOUNT, ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.messages import Domain
from milestone_escrow.state import State, fold
from milestone_escrow.typed_data import digest
from tests.compiled import compiled
from tests.contract.raw_code import BURN
from tests.escrow import Escrow
from tests.evm import START, WEALTH, Chain, deploy
from tests.model import DAY, LAPSE, Deal, Model, Part, Refused
from tests.roles import ARBITER, EMPLOYER, PAYEE, PLATFORM, STRANGER, account

__all__ = ["Play"]

EMPLOYERS = (EMPLOYER, account("second employer").address)
FREELANCER_KEYS = {
    str(made.address): PrivateKey(bytes(made.key))
    for made in (account("freelancer"), account("second freelancer"))
}
FREELANCERS = tuple(FREELANCER_KEYS)
BURNER = account("receiver that burns all gas").address

# Which milestones a call takes; the others are tried too, but less often.
FIT: dict[str, Callable[[Part], bool]] = {
    "fund": lambda part: not part.held and not part.settled,
    "accept": lambda part: part.held,
    "withdraw": lambda part: part.held,
    "request_release": lambda part: part.held and not part.requested_at,
    "void_request": lambda part: part.requested_at > 0,
    "release": lambda part: part.held,
    "release_part": lambda part: part.left > 1,
    "claim": lambda part: part.requested_at > 0,
    "cancel": lambda part: part.held,
}
# What is tried of it before and after the freelancer is bound, some of it more often.
UNBOUND = ("fund", "accept", "accept", "withdraw", "release")
BOUND = (
    "fund",
    *["request_release"] * 3,
    "void_request",
    "release",
    *["release_part"] * 3,
    *["claim"] * 2,
    "cancel",
)
ROLE = {
    "fund": "employer",
    "accept": "freelancer",
    "withdraw": "employer",
    "request_release": "freelancer",
    "void_request": "freelancer",
    "release": "employer",
    "release_part": "employer",
    "claim": "arbiter",  # or anyone
    "cancel": "freelancer",
}


class Play:
    """A chain and a model of it.

    Attributes:
        seed: Of all that happens.
        history: The last calls, for whoever must find out what went wrong.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.chain = Chain()
        self.escrow = Escrow(self.chain)
        self.model = Model(self.escrow.address, START)
        self.history: list[str] = []
        self.deals: list[Agreement] = []
        self.alive: list[Agreement] = []  # those that hold money
        self.plain = deploy(self.chain, "mocks/TestToken.vy", "Plain", "P", 6)
        self.hostile = deploy(self.chain, "mocks/HostileToken.vy")
        self.wallet = deploy(self.chain, "mocks/Wallet.vy")
        self.tokens = {
            ZERO_ADDRESS: 0,
            self.plain.address: compiled("mocks/TestToken.vy").layout["balanceOf"],
            self.hostile.address: compiled("mocks/HostileToken.vy").layout["balanceOf"],
        }
        self.people = (
            *EMPLOYERS,
            *FREELANCERS,
            PAYEE,
            ARBITER,
            PLATFORM,
            STRANGER,
            BURNER,
            self.wallet.address,
        )
        self._endow()

    def _endow(self) -> None:
        for who in self.people:
            self.chain.set_balance(who, WEALTH)
            for contract in (self.plain, self.hostile):
                contract.send("mint", who, WEALTH, sender=EMPLOYER)
        for employer in EMPLOYERS:
            for contract in (self.plain, self.hostile):
                contract.send("approve", self.escrow.address, 2**256 - 1, sender=employer)
        self.chain.set_code(BURNER, BURN)
        for token in self.tokens:
            for who in self.people:
                self.model.balances[token, who] = WEALTH
        self.model.refusing.add((ZERO_ADDRESS, BURNER))

    # --- Steps

    def step(self) -> None:
        """Do something, in most cases something sensible."""
        self._pass_time()
        kind = self.random.random()
        if len(self.alive) < 2 or kind < 0.05:
            self._call_on(self._new_agreement(), "fund")
        elif kind < 0.08:
            self._turn_something()
        elif kind < 0.13:
            self._call_for_credit()
        else:
            agreement = self._some_deal()
            self._call_on(agreement, self._some_call(agreement))

    def _some_deal(self) -> Agreement:
        """Return a deal, mostly one that holds money."""
        old = self.random.random() < 0.05
        return self.random.choice(self.deals if old else self.alive)

    def _deal(self, agreement: Agreement) -> Deal:
        """Return the deal of an agreement, be it that it was never opened."""
        return self.model.deals.get(agreement) or unopened(agreement)

    def _pass_time(self) -> None:
        self.model.now += self.random.choice([0, 0, 0, 1, 60, 3_600])
        if self.alive and self.random.random() < 0.15:
            times = [time for time in self._moments(self._some_deal()) if time > self.model.now]
            if times:
                soon = min(times) if self.random.random() < 0.8 else self.random.choice(times)
                self.model.now = max(self.model.now, soon + self.random.choice([-1, 0, 1]))
        self.chain.now = self.model.now

    def _moments(self, agreement: Agreement) -> list[int]:
        """Return the times at which something changes by itself."""
        final = agreement.final_deadline
        times = [agreement.accept_by, final, final + LAPSE]
        deal = self._deal(agreement)
        times.append(deal.lapses_at)
        times += [
            part.requested_at + agreement.review_period for part in deal.parts if part.requested_at
        ] * 2
        return times

    def _new_agreement(self) -> Agreement:
        random, now = self.random, self.model.now
        nobody = random.random() < 0.1
        deadlines = sorted(random.randint(1, 60) * DAY for _ in range(random.randint(1, 4)))
        if random.random() < 0.05:
            deadlines[-1:] = [random.randint(0, deadlines[-1])]  # too late, or soon
            deadlines.sort()
        largest = random.choice([1, 100, 10**6, 10**18, MAX_AMOUNT])
        fee_bps = random.choice([0, 1, 250, 1_000])
        agreement = Agreement.build(
            employer=random.choice(EMPLOYERS),
            freelancer=ZERO_ADDRESS if nobody else random.choice(FREELANCERS),
            payee=random.choice((ZERO_ADDRESS, PAYEE, BURNER, self.wallet.address)),
            arbiter=random.choice((ZERO_ADDRESS, ARBITER)),
            token=random.choice(list(self.tokens)),
            platform=random.choice((PLATFORM, self.wallet.address)) if fee_bps else ZERO_ADDRESS,
            fee_bps=fee_bps,
            review_period=random.choice([3, 10, 30, 180]) * DAY,
            accept_by=now + random.choice([deadlines[-1], random.randint(0, deadlines[-1])]),
            document=len(self.deals).to_bytes(32),
            milestones=[(random.randint(1, largest), now + deadline) for deadline in deadlines],
        )
        self.deals.append(agreement)
        return agreement

    def _some_call(self, agreement: Agreement) -> str:
        deal = self._deal(agreement)
        usual = BOUND if deal.bound else UNBOUND
        fitting = [name for name in usual if any(map(FIT[name], deal.parts))]
        if self.model.now >= deal.final:
            fitting = [name for name in fitting if name not in ("fund", "accept")]
        if self.random.random() < 0.1 or not fitting:
            return self.random.choice(list(FIT))
        return self.random.choice(fitting)

    def _some_indexes(self, agreement: Agreement, name: str) -> list[int]:
        deal = self._deal(agreement)
        fitting = [index for index, part in enumerate(deal.parts) if FIT[name](part)]
        if fitting and self.random.random() < 0.85:
            return self.random.sample(fitting, self.random.randint(1, len(fitting)))
        some = range(len(deal.parts) + 1)
        return self.random.choices(some, k=self.random.choice([0, 1, 1, 2, 3]))

    # --- Calls

    def _call_on(self, agreement: Agreement, name: str) -> None:
        random = self.random
        sender = getattr(agreement, ROLE[name])
        if random.random() < 0.08 or sender == ZERO_ADDRESS:
            sender = random.choice([*EMPLOYERS, *FREELANCERS, PAYEE, ARBITER, STRANGER])
        indexes = self._some_indexes(agreement, name)
        if name == "fund":
            self._fund(sender, agreement, indexes)
        elif name == "release_part":
            index = indexes[0] if indexes else 0
            deal = self._deal(agreement)
            left = deal.parts[index].left if index < len(deal.parts) else 5
            amount = random.choice([0, 1, left // 2, max(left - 1, 0), left, left + 1, 2**256 - 1])
            self._both(name, sender, (agreement, index, amount), (agreement, index, amount))
        else:
            more = (bytes(32),) if name == "request_release" else ()
            self._both(name, sender, (agreement, indexes), (agreement, indexes, *more))
        if agreement in self.alive:
            self.alive.remove(agreement)
        if any(part.held for part in self._deal(agreement).parts):
            self.alive.append(agreement)

    def _fund(self, sender: str, agreement: Agreement, indexes: Sequence[int]) -> None:
        parts = agreement.milestones
        coins = 0
        if agreement.token == ZERO_ADDRESS:
            coins = sum(parts[index].amount for index in indexes if index < len(parts))
        if self.random.random() < 0.03:
            coins += 1
        signed = self.random.choice([None] * 7 + [True] * 2 + [False])
        signature = b""
        if signed and agreement.freelancer != ZERO_ADDRESS:
            signature = signature_of(agreement, self.escrow.domain)
        elif signed is not None:
            signed, signature = False, bytes([self.random.getrandbits(8)]) * 65
        self._both(
            "fund",
            sender,
            (agreement, indexes, signed, coins),
            (agreement, indexes, signature),
            coins,
        )

    def _call_for_credit(self) -> None:
        random = self.random
        owners = [*self.model.credits] or [(ZERO_ADDRESS, PLATFORM)]
        token, owner = random.choice(owners)
        if random.random() < 0.1:
            token, owner = random.choice(list(self.tokens)), random.choice(self.people[:-2])
        # What has code cannot send a transaction.
        if random.random() < 0.5 or owner in (BURNER, self.wallet.address):
            arguments = (token, owner)
            self._both("pay_credit", STRANGER, arguments, arguments)
        else:
            to = random.choice((*self.people, ZERO_ADDRESS, self.escrow.address, token))
            self._both("withdraw_credit", owner, (token, to), (token, to))

    def _turn_something(self) -> None:
        """Change who can be paid, or give the escrow something."""
        model, random = self.model, self.random
        token = self.hostile.address
        what = 1 if token in model.stopped else random.randrange(4)
        if what == 0:
            key = (ZERO_ADDRESS, str(self.wallet.address))
            model.refusing ^= {key}
            self.wallet.send("set_unwilling", key in model.refusing, sender=STRANGER)
        elif what == 1:
            model.stopped ^= {token}
            self.hostile.send("set_paused", token in model.stopped, sender=STRANGER)
        elif what == 2:
            key = (token, random.choice((*EMPLOYERS, *FREELANCERS, PAYEE, PLATFORM)))
            blocked = [pair for pair in sorted(model.refusing) if pair[0] == token]
            if len(blocked) > 1:
                key = random.choice(blocked)
            model.refusing ^= {key}
            self.hostile.send("set_blocked", key[1], key in model.refusing, sender=STRANGER)
        else:
            gift = random.choice([self.plain, self.hostile])
            gift.send("mint", self.escrow.address, 7, sender=STRANGER)
            model.balances[gift.address, self.escrow.address] += 7

    def _both(
        self, name: str, sender: str, modelled: Sequence[Any], real: Sequence[Any], coins: int = 0
    ) -> None:
        """Make a call in both worlds; both must take or refuse it alike, and come to the same."""
        expected = None
        try:
            getattr(self.model, name)(sender, *modelled)
        except Refused as refused:
            expected = str(refused)
        found = None
        try:
            self.escrow.send(name, *real, sender=sender, value=coins)
        except ContractRevert as reverted:
            found = reverted.error
        shown = [part for part in modelled if not isinstance(part, Agreement)]
        self.history.append(f"{self.model.now} {name} {shown} by {sender}: {found or 'done'}")
        del self.history[:-20]
        assert found == expected, f"the model says {expected or 'done'}"
        if found is None:  # a revert changes nothing: the EVM sees to that
            self._compare_what(real[0])

    def _compare_what(self, subject: Agreement | str) -> None:
        """Compare a deal, or the money in a token."""
        if isinstance(subject, Agreement):
            self._compare(subject)
        else:
            self._compare_money(subject)

    # --- Comparing

    def _compare(self, agreement: Agreement) -> None:
        """Compare a deal and the money that it is in."""
        deal = self._deal(agreement)
        assert self.escrow.deal(agreement) == deal.view(agreement in self.model.deals)
        for index, part in enumerate(deal.parts):
            assert self.escrow.milestone(agreement, index) == deal.view_of(part)
        self._compare_money(agreement.token)

    def _compare_money(self, token: str) -> None:
        for who in self.people:
            assert self._balance(token, who) == self.model.balances[token, who]
            credit = self.model.credits.get((token, who), 0)
            assert self.escrow.credit_word(token, who) == credit
        balance = self._balance(token, self.escrow.address)
        assert balance == self.model.balances[token, self.escrow.address]
        assert balance >= self.model.owed(token)  # promise 1

    def _balance(self, token: str, owner: str) -> int:
        if token == ZERO_ADDRESS:
            return self.chain.balance(owner)
        return self.chain.storage(token, slot_of(self.tokens[token], owner))

    def finish(self) -> None:
        """Compare everything, with the fold of the events too."""
        state = fold(self.escrow.records)
        assert {deal.agreement for deal in state.deals.values()} == self.model.deals.keys()
        for agreement, deal in self.model.deals.items():
            self._compare(agreement)
            folded = state.deals[self.escrow.id_of(agreement)]
            assert folded.view() == deal.view()
            assert [part.view() for part in folded.milestones] == [
                deal.view_of(part) for part in deal.parts
            ]
            assert [part.remaining for part in folded.milestones] == [
                part.left for part in deal.parts
            ]
        assert state.credits == dict(self.model.credits)
        for token in self.tokens:
            for who in self.people:
                credit = self.model.credits.get((token, who), 0)
                assert self.escrow.credit(token, who) == credit
        self._check_conservation(state)

    def _check_conservation(self, state: State) -> None:
        """Promise 2: all that was paid in is paid out, or is still there."""
        for deal in state.deals.values():
            for index, part in enumerate(deal.milestones):
                gone = part.paid + part.refunded + part.remaining
                assert gone == (part.amount if deal.funded & 1 << index else 0)
        for ledger in state.ledgers.values():
            assert ledger.paid_in == ledger.paid_out + ledger.held


@lru_cache(maxsize=1 << 10)
def unopened(agreement: Agreement) -> Deal:
    return Deal(agreement, [Part(milestone.amount) for milestone in agreement.milestones])


@cache
def slot_of(balances: int, owner: str) -> int:
    """Return the slot of a balance."""
    return int.from_bytes(keccak(balances.to_bytes(32) + bytes(12) + bytes.fromhex(owner[2:])))


@lru_cache(maxsize=1 << 10)
def signature_of(agreement: Agreement, domain: Domain) -> bytes:
    """Return the freelancer's signature over an agreement; by eth-keys, which is faster."""
    signed = FREELANCER_KEYS[agreement.freelancer].sign_msg_hash(digest(agreement, domain))
    return signed.to_bytes()[:64] + bytes([27 + signed.v])
