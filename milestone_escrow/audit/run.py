"""An audit: every check in its order, up to the first difference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from milestone_escrow.audit.chain_checks import (
    check_balances,
    check_blocks,
    check_identity,
    check_logs,
    check_receipts,
    check_storage,
)
from milestone_escrow.audit.difference import Difference, Found
from milestone_escrow.audit.history import block_of, records
from milestone_escrow.audit.index_checks import Folded, compare_states, fold_events
from milestone_escrow.audit.node import NodeAt
from milestone_escrow.audit.statement import Closing, Line, Statement
from milestone_escrow.events import EventRecord
from milestone_escrow.exceptions import NodeError, UnknownDeal
from milestone_escrow.indexer.reader import Reader
from milestone_escrow.indexer.rpc import Rpc

__all__ = ["CHECKS", "Audit", "Check", "audit"]

CHECKS: Final[dict[str, str]] = {
    "identity": "chain, genesis and the contract's code",
    "logs": "every log of the node against the index",
    "blocks": "hash and time of each block with events",
    "receipts": "each transaction's receipt, its logs in their places",
    "events": "each event follows from those before it",
    "index": "the index's tables against the fold of its events",
    "statement": "each transaction balances, the closing is what is held",
    "storage": "views and raw storage against the fold",
    "balances": "balances against what is owed",
}
"""The checks in their order; all but ``events``, ``index`` and ``statement`` ask a node."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was made.

    Attributes:
        name: A key of ``CHECKS``.
        result: ``ok``, ``difference`` or ``not done``.
        detail: What was compared, or why it was not.
    """

    name: str
    result: str
    detail: str


@dataclass(slots=True)
class Audit:
    """What an audit found.

    Attributes:
        block_number: The block at whose end everything was compared.
        block_hash: Its hash; None where no node was asked.
        checks: In their order, up to the first difference.
        difference: The first difference; None: there is none.
        closings: The statement's end, by token.
        owed: What the whole contract owes, by token, raw units: milestones and credits.
        balances: What it has; empty where no node was asked.
        deals: How many deals were compared.
        lines: The statement, where it was asked for.
    """

    block_number: int
    block_hash: bytes | None = None
    checks: list[Check] = field(default_factory=list)
    difference: Difference | None = None
    closings: dict[str, Closing] = field(default_factory=dict)
    owed: dict[str, tuple[int, int]] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    deals: int = 0
    lines: list[Line] = field(default_factory=list)


def audit(
    reader: Reader,
    rpc: Rpc | None,
    *,
    at: int | None = None,
    deal: bytes | str | None = None,
    party: str | None = None,
    allow_surplus: bool = False,
    on_line: Callable[[Line], object] | None = None,
    on_check: Callable[[Check], object] | None = None,
) -> Audit:
    """Audit an index, and the contract against it.

    The chain of events and the balances are those of the whole escrow whatever is asked for, since
    they are no deal's alone; receipts, tables, storage and statement are those of the deals asked
    for. All deals are in memory, the events a page at a time.

    Args:
        reader: The index.
        rpc: A node; None: only what needs none is checked.
        at: The block at whose end to look; None: the last one indexed. The node must still have
            the state of that time.
        deal: Only this deal, by its id or the beginning of it.
        party: Only deals of this employer, freelancer or arbiter.
        allow_surplus: A balance above what is owed is no difference: anyone can send coins.
        on_line: Called with each line of the statement; None: the lines are kept in the report.
        on_check: Called with each check that was made.

    Raises:
        UsageError: The block is not indexed.
        UnknownDeal: There is no such deal.
        NodeError: The node does not answer, lacks the state of that block (``no-state``), or
            replaced the block meanwhile (``moved``).
        StoreError: The index cannot be read.
    """
    return _Run(reader, rpc, at, deal, party, allow_surplus, on_line, on_check).run()


class _Run:
    def __init__(
        self,
        reader: Reader,
        rpc: Rpc | None,
        at: int | None,
        deal: bytes | str | None,
        party: str | None,
        allow_surplus: bool,
        on_line: Callable[[Line], object] | None,
        on_check: Callable[[Check], object] | None,
    ) -> None:
        self.reader = reader
        self.block = block_of(reader, at)
        self.deals = _scope(reader, self.block, deal, party)
        self.node = None if rpc is None else NodeAt(rpc, self.block)
        self.escrow = reader.identity.escrow
        self.allow_surplus = allow_surplus
        self.on_check = on_check
        self.report = Audit(self.block, None if self.node is None else self.node.header.hash)
        self.on_line = on_line or self.report.lines.append
        self.folded: Folded | None = None

    def run(self) -> Audit:
        steps: dict[str, Callable[[], str]] = {name: getattr(self, name) for name in CHECKS}
        for name, step in steps.items():
            try:
                detail = step()
            except Found as found:
                self.report.difference = found.difference
                self._made(Check(name, "difference", found.difference.sentence))
                break
            except _NotDoneError as why:
                self._made(Check(name, "not done", str(why)))
            else:
                self._made(Check(name, "ok", detail))
        if self.node is not None and not self.node.still_there():
            raise NodeError(
                f"Block {self.block} was replaced during the audit.",
                "Index again, then repeat it; --at with a final block avoids this.",
                code="moved",
            )
        return self.report

    # --- The checks, by their names

    def identity(self) -> str:
        check_identity(self.reader, self._asked())
        return f"chain {self.reader.identity.chain_id}, escrow {self.escrow}"

    def blocks(self) -> str:
        return _count(check_blocks(self._records(), self.reader, self._asked()), "block")

    def logs(self) -> str:
        return _count(check_logs(self._records(), self.reader, self._asked()), "log")

    def receipts(self) -> str:
        count = check_receipts(self._records(), self.escrow, self._asked(), self.deals)
        return _count(count, "receipt")

    def events(self) -> str:
        self.folded = fold_events(self._records())
        state = self.folded.state
        for token in state.ledgers:
            held = sum(deal.remaining for deal in state.deals.values() if deal.token == token)
            self.report.owed[token] = held, state.held(token) - held
        self.report.deals = len(state.deals) if self.deals is None else len(self.deals)
        return _count(self.folded.events, "event")

    def index(self) -> str:
        last, _ = self.reader.checkpoint()
        if self.block != last:
            raise _NotDoneError(f"the tables are those of block {last}, the last one indexed")
        folded = self._folded()
        compare_states(folded.state, self.reader.state(), self.deals)
        for deal_id in folded.state.deals if self.deals is None else self.deals:
            expected = folded.of_deal[deal_id]
            found = sum(1 for _ in records(self.reader, to_block=self.block, deal=deal_id))
            if expected != found:
                what = "the number of events that the index lists for the deal"
                raise Found(Difference("index", what, str(expected), str(found), deal_id))
        return _count(self.report.deals, "deal")

    def statement(self) -> str:
        statement = Statement(self.deals)
        lines = 0
        for line in statement.lines(self._records()):
            self.on_line(line)
            lines += 1
        self.report.closings = statement.closings
        state = self._folded().state
        for token, closing in statement.closings.items():
            if self.deals is None:
                held = state.held(token)
            else:
                deals = (state.deals[deal_id] for deal_id in self.deals)
                held = sum(deal.remaining for deal in deals if deal.token == token)
            if closing.balance != held:
                what = f"the closing balance of {token}"
                raise Found(Difference("statement", what, str(held), str(closing.balance)))
        return f"{_count(lines, 'line')}, {_count(len(statement.closings), 'token')}"

    def storage(self) -> str:
        node = self._asked()
        try:
            words = check_storage(self._folded(), self.escrow, node, self.deals)
        except NodeError as error:
            if error.code != "node-refused":
                raise
            raise NodeError(
                f"The node does not give the state at the end of block {self.block}. "
                f"{error.sentence}",
                "Use an archive node, or audit a later block.",
                code="no-state",
            ) from error
        return f"{_count(words, 'word')}, {_count(self.report.deals, 'deal')}"

    def balances(self) -> str:
        node = self._asked()
        self.report.balances = check_balances(
            self._folded(), self.escrow, node, allow_surplus=self.allow_surplus
        )
        return _count(len(self.report.balances), "token")

    # --- Inside

    def _records(self) -> Iterator[EventRecord]:
        return records(self.reader, to_block=self.block)

    def _asked(self) -> NodeAt:
        if self.node is None:
            raise _NotDoneError("no node was asked")
        return self.node

    def _folded(self) -> Folded:
        if self.folded is None:  # the checks before were made, or the audit has ended
            raise _NotDoneError("the events were not folded")
        return self.folded

    def _made(self, check: Check) -> None:
        self.report.checks.append(check)
        if self.on_check is not None:
            self.on_check(check)


class _NotDoneError(Exception):
    """A check cannot be made; the message says why."""


def _scope(
    reader: Reader, block: int, deal: bytes | str | None, party: str | None
) -> Collection[bytes] | None:
    if deal is not None:
        found = reader.deal(deal)
        if found.opened_block > block:
            raise UnknownDeal(
                f"The deal 0x{found.deal_id.hex()} was not open at block {block} yet.",
                "Give a later block.",
            )
        return (found.deal_id,)
    if party is None:
        return None
    wanted: dict[bytes, None] = {}  # in the order of their opening
    after: bytes | None = None
    while page := reader.deals(party=party, after=after, limit=1_000):
        wanted.update((each.deal_id, None) for each in page if each.opened_block <= block)
        after = page[-1].deal_id
    return wanted.keys()


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
