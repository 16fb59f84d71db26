"""The escrow in an EVM and the model of it, side by side: each step is made in both, and compared.

After each call both must agree on whether it went through and, if not, on the error; then on all
that the call could have changed: every word that is stored of its deals, and the balances and
credits of those who take part. What the views say of the words, and all other accounts, are
compared with every so many calls, and at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.events import RawLog, decode_raw
from milestone_escrow.state import Deal as FoldedDeal
from milestone_escrow.state import Fold, State
from tests.compiled import ESCROW, compiled
from tests.contract.cast import CONTRACTS, PEOPLE
from tests.contract.hashes import Encoded, slot, word, words
from tests.contract.world import World
from tests.model_deal import BPS, Deal, Refused, Signature
from tests.model_money import Permit
from tests.roles import STRANGER

__all__ = ["DONE", "PAYABLE", "Step", "Twin"]

DONE: Final = "done"
PAYABLE: Final = frozenset({"fund", "amend"})
# Their last argument is a hash that the escrow only logs.
_HASHED: Final = frozenset({"request_release", "dispute"})
_ALL_EACH: Final = 32  # so many calls


class Step(NamedTuple):
    """Something that happens.

    Attributes:
        now: When, unix seconds.
        name: A call of the escrow, or what the world does.
        sender: Of the call; the world has none.
        arguments: As the model takes them, after the sender; without the coins.
        coins: Wei that come with the call.
    """

    now: int
    name: str
    sender: str
    arguments: tuple[Any, ...]
    coins: int = 0


class _Account(NamedTuple):
    """Someone's money in a token, and where it is stored."""

    key: tuple[str, str]  # token and owner
    balance: int  # slot in the token; of the native coin there is none
    credit: int  # slot in the escrow


@dataclass(frozen=True, slots=True)
class _Paper:
    """What is worked out once for an agreement.

    Attributes:
        slots: Of its words in the escrow's storage, the deal's first.
        views: The calldata of `deal`, and of `milestone` for each.
        accounts: Of everyone who has a part in it.
    """

    slots: tuple[int, ...]
    views: tuple[bytes, ...]
    accounts: tuple[_Account, ...]


class Twin(World):
    """Both worlds.

    Attributes:
        logs: Every log of the escrow since the last look at all of them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.logs: list[RawLog] = []
        self._papers: dict[Deal, _Paper] = {}
        self._touched: set[Deal] = set()  # since the last look at everything
        self._held: defaultdict[Deal, int] = defaultdict(int)
        self._owed = dict.fromkeys(self.tokens, 0)
        self._calls = 0
        self._fold = Fold()
        self._escrow: str = self.escrow.address
        self._selectors = self.escrow.contract.selectors
        layout = compiled(ESCROW).layout
        self._deals_slot, self._milestones_slot = layout["deals"], layout["milestones"]
        self._accounts = {
            (token, who): _Account(
                (token, who),
                slot(first, word(who)),
                slot(slot(layout["ledger.credits"], word(token)), word(who)),
            )
            for token, first in self.tokens.items()
            for who in PEOPLE
        }

    def do(self, step: Step) -> str:
        """Make a step in both worlds and compare them; return the error's name or ``DONE``."""
        now, name, sender, arguments, coins = step
        self.model.now = self.chain.now = now
        if not sender:
            getattr(self, name)(*arguments)
            return DONE
        expected = DONE
        try:
            call = getattr(self.model, name)
            if name in PAYABLE:
                call(sender, *arguments, coins)
            else:
                call(sender, *arguments)
        except Refused as refused:
            expected = str(refused)
        found = self._send(step)
        assert found == expected, f"the model says {expected}, the escrow {found}"
        if found == DONE:  # a revert changes nothing: the EVM sees to that
            self._compare(step)
        return found

    # --- The call in the EVM

    def _send(self, step: Step) -> str:
        escrow = self._escrow
        to, sender, coins = escrow, step.sender, step.coins
        data = self._selectors[step.name] + self._calldata(step)
        if sender in CONTRACTS:  # what has code cannot send a transaction
            data = self.selector_of_execute + _abi((to, coins, data))
            to, sender, coins = sender, STRANGER, 0
        answer = self.chain.attempt(to, data, sender=sender, value=coins, of=escrow)
        if isinstance(answer, str):
            return answer
        self.logs += answer
        return DONE

    def _calldata(self, step: Step) -> bytes:
        arguments: list[Any] = []
        for argument in step.arguments:
            if type(argument) is Deal:
                arguments.append(self.encoded[argument.id])
            elif type(argument) is Permit:
                arguments += (argument.deadline, *argument.data)
            else:
                arguments.append(argument)
        if step.name in _HASHED:
            arguments.append(0)
        return _abi(arguments)

    # --- Comparing

    def _compare(self, step: Step) -> None:
        self._calls += 1
        often = self._calls % _ALL_EACH > 0
        subject = step.arguments[0]
        if isinstance(subject, Deal):
            self._touched.add(subject)
            self._compare_deal(subject, often)
            if step.name == "amend":
                self._touched.add(step.arguments[1])
                self._compare_deal(step.arguments[1], often)
            token, accounts = subject.agreement.token, self._paper(subject).accounts
        else:
            token = subject
            pairs = {(token, who): 0 for who in (step.sender, step.arguments[1])}
            accounts = tuple(self._accounts[pair] for pair in pairs)
        self._compare_money(token, accounts if often else self._all_accounts(token))

    def _compare_deal(self, deal: Deal, often: bool) -> None:
        """Compare what is stored of a deal and, not so often, what the views say of it."""
        held = deal.left
        self._owed[deal.agreement.token] += held - self._held[deal]
        self._held[deal] = held
        paper, escrow, chain = self._paper(deal), self._escrow, self.chain
        storage = chain.storage
        stored = [storage(escrow, at) for at in paper.slots]
        assert stored == words_of(deal), f"the words of a deal: {deal}"
        if often:
            return
        view = deal.view()
        answer = (view.opened, view.closed, view.bound, view.funded, view.settled)
        assert chain.read(escrow, paper.views[0]) == words(*answer, view.last_activity)
        for part, data in zip(deal.parts, paper.views[1:], strict=True):
            shown = deal.view_of(part)
            assert chain.read(escrow, data) == words(shown.status, shown.paid, shown.since)

    def _compare_money(self, token: str, accounts: Iterable[_Account]) -> None:
        model, chain, escrow = self.model, self.chain, self._escrow
        balances, credits, storage = model.balances, model.credits, chain.storage
        native = token == ZERO_ADDRESS
        for key, of_balance, of_credit in accounts:
            balance = chain.balance(key[1]) if native else storage(token, of_balance)
            assert balance == balances[key], f"a balance: {key}"
            assert storage(escrow, of_credit) == credits.get(key, 0), f"a credit: {key}"
        there = self.balance(token, escrow)
        assert there == balances[token, escrow], "the balance of the escrow: another"
        owed = self._owed[token] + model.credited[token]
        assert there + model.missing[token] >= owed, "promise 1: more is owed than is there"

    def _all_accounts(self, token: str) -> list[_Account]:
        return [self._accounts[token, who] for who in PEOPLE]

    # --- At the end

    def finish(self) -> None:
        """Compare everything, and both with the fold of all events."""
        for log in self.logs:
            record = decode_raw(log)
            assert record is not None
            self._fold.apply(record)
        self.logs.clear()
        state, model = self._fold.state, self.model
        opened = {found: deal for found, deal in self.deals.items() if deal.opened}
        assert state.deals.keys() == opened.keys()
        for found, deal in opened.items():
            # No call has changed a deal that was not among its arguments.
            self._compare_deal(deal, often=deal not in self._touched)
            if deal in self._touched:
                compare_folded(deal, state.deals[found])
        self._touched.clear()
        assert state.credits == dict(model.credits)
        for token in self.tokens:
            held = sum(deal.left for deal in opened.values() if deal.agreement.token == token)
            assert held == self._owed[token]
            credited = sum(some for (of, _), some in model.credits.items() if of == token)
            assert credited == model.credited[token]
            self._compare_money(token, self._all_accounts(token))
            for who in PEOPLE:
                assert self.escrow.credit(token, who) == model.credits.get((token, who), 0)
        self._check_conservation(state)

    def _check_conservation(self, state: State) -> None:
        """Promise 2: all that was paid in is paid out, or is still there."""
        for deal in state.deals.values():
            for index, part in enumerate(deal.milestones):
                gone = part.paid + part.arbiter_share + part.refunded + part.moved
                assert gone + part.remaining == (part.amount if deal.funded & 1 << index else 0)
        for token, ledger in state.ledgers.items():
            assert ledger.paid_in == ledger.paid_out + ledger.held
            assert ledger.held == state.held(token)

    # --- Papers

    def _paper(self, deal: Deal) -> _Paper:
        known = self._papers.get(deal)
        if known:
            return known
        terms = deal.agreement
        indexes = [word(index) for index in range(len(deal.parts))]
        of_milestones = slot(self._milestones_slot, deal.id)
        slots = [slot(self._deals_slot, deal.id), *(slot(of_milestones, i) for i in indexes)]
        of_deal = self._selectors["deal"] + deal.id
        of_part = self._selectors["milestone"] + deal.id
        people = {terms.employer, terms.freelancer, terms.payee, terms.arbiter, terms.platform}
        accounts = [self._accounts[terms.token, who] for who in PEOPLE if who in people]
        paper = self._papers[deal] = _Paper(
            tuple(slots), (of_deal, *(of_part + i for i in indexes)), tuple(accounts)
        )
        return paper


def compare_folded(deal: Deal, folded: FoldedDeal) -> None:
    """Compare a deal with what the events say of it."""
    assert folded.agreement == deal.agreement
    assert folded.view() == deal.view()
    for ours, theirs in zip(deal.parts, folded.milestones, strict=True):
        assert theirs.view() == deal.view_of(ours)
        assert theirs.remaining == ours.left
        went = theirs.paid, theirs.arbiter_share, theirs.refunded, theirs.moved
        assert went == (ours.paid, ours.shared, ours.refunded, ours.moved)
        assert theirs.fees == ours.paid * deal.agreement.fee_bps // BPS


def words_of(deal: Deal) -> list[int]:
    """Return the words that must be stored of a deal, by the table of ``modules/packing.vy``."""
    state = deal.opened | deal.closed << 1 | deal.bound << 2 | deal.last_activity << 48
    all_words = [state]
    bit = 1
    for part in deal.parts:
        own = 0
        if part.settled:
            state |= bit << 16 | bit << 112
        elif part.held:
            state |= bit << 112
            if part.disputed_at:
                own = part.paid | 2 << 128 | part.disputed_at << 136
            elif part.requested_at:
                own = part.paid | 1 << 128 | part.requested_at << 136
            else:
                own = part.paid
            if own:
                state |= bit << 32
        all_words.append(own)
        bit <<= 1
    all_words[0] = state
    return all_words


def _abi(arguments: Sequence[Any]) -> bytes:
    """Return the encoding of arguments by the ABI."""
    heads, tails, offset = [], [], 32 * len(arguments)
    for argument in arguments:
        kind = type(argument)
        if kind is int:
            heads.append(argument.to_bytes(32))
            continue
        if kind is Encoded:
            tail = argument.abi
        elif kind is list:
            tail = words(len(argument), *argument)
        elif kind is str:
            heads.append(word(argument))
            continue
        else:
            data = argument.data if kind is Signature else argument
            tail = b"".join((len(data).to_bytes(32), data, bytes(-len(data) % 32)))
        heads.append(offset.to_bytes(32))
        tails.append(tail)
        offset += len(tail)
    return b"".join(heads + tails)
