"""The tables that are made of the events, and the fold that makes them.

The fold's dicts load from the tables what they lack, so it begins anywhere and holds what it
meets; what it changed is written with the events that changed it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

from milestone_escrow.deal_state import Changes, Ledger, State
from milestone_escrow.event_types import Credited, CreditPaid, Opened, topic0
from milestone_escrow.events import EventRecord, RawLog, decode_raw
from milestone_escrow.indexer.deals import load_deals
from milestone_escrow.indexer.engine import Engine, Row, chunks, marks
from milestone_escrow.indexer.loading import StoredCredits, StoredDeals
from milestone_escrow.indexer.rollback import take_back
from milestone_escrow.indexer.rows import (
    COLUMNS,
    FIRST_NOTE,
    KIND_OF,
    LOG_COLUMNS,
    WITH_BLOCKS,
    address_bytes,
    address_text,
    deal_row,
    ledger_of,
    ledger_row,
    milestone_row,
    raw_log,
)
from milestone_escrow.indexer.source import DEAL_BITS, POSITION_BITS, place_of, position_of
from milestone_escrow.indexer.tables import DERIVED
from milestone_escrow.state import Fold, fold

__all__ = ["Derived"]

_DEALS_IN_MEMORY: Final = 8_000
_CREDITS_IN_MEMORY: Final = 20_000
_EVENTS_AT_ONCE: Final = 5_000  # while all is made again
_CREDITED: Final = topic0(Credited)
_OF_CREDITS: Final = (_CREDITED, topic0(CreditPaid))


class Derived:
    """Deals, milestones, credits and ledgers of one source, for its writer.

    Every method works within the writer's transaction. When that is undone, make another.

    Attributes:
        deals: How many were opened.
        apply: Applies an event of the escrow that stands at the place of a log; it raises
            ``FoldError`` for one that cannot have happened.
    """

    def __init__(self, db: Engine, source: int, escrow: str, deals: int) -> None:
        """Begin with what the tables say.

        Args:
            db: The database.
            source: Number of the source.
            escrow: Its contract's address, checksummed.
            deals: How many were opened so far.
        """
        self._db = db
        self._source = source
        self._escrow = escrow
        self.deals = deals
        self._last_key = (source << DEAL_BITS) + deals  # of the deals in the tables
        self._first = source << POSITION_BITS
        self._end = source + 1 << POSITION_BITS
        self._deals = StoredDeals(lambda deal_ids: load_deals(db, source, deal_ids))
        self._credits = StoredCredits(self._load_credits)
        self._ledgers = {
            address_text(row[1]): ledger_of(row)
            for row in db.rows(
                f"SELECT {COLUMNS['ledgers']} FROM ledgers WHERE source = ?", (source,)
            )
        }
        self._fold = Fold(State(self._deals, self._credits, self._ledgers, *self._last_place()))
        self.apply = self._fold.apply_event

    def want(self, logs: Iterable[RawLog]) -> None:
        """Load the deals and credits that logs name all at once: until ``write`` no more is."""
        of_credits = [log.topics for log in logs if log.topics.startswith(_OF_CREDITS)]
        named = {log.topics[32:64] for log in logs}
        named.update(topics[96:128] for topics in of_credits if topics.startswith(_CREDITED))
        self._deals.want(named)
        # A malformed one is refused when it is decoded.
        pairs = {topics[32:96] for topics in of_credits if len(topics) == 128}
        self._credits.want((address_text(pair[12:32]), address_text(pair[44:])) for pair in pairs)

    def key_of(self, deal_id: bytes) -> int:
        """Return the key of a deal that an event named: one just opened gets the next."""
        key = self._deals.keys_of.get(deal_id)
        if key is None:
            self.deals += 1
            key = self._deals.keys_of[deal_id] = (self._source << DEAL_BITS) + self.deals
        return key

    def known_key_of(self, deal_id: bytes) -> int | None:
        """Return the key of a deal that a wanted log names; None where there is no such deal."""
        return self._deals.keys_of.get(deal_id)

    def write(self) -> None:
        """Write what changed since the last time."""
        changes = self._fold.take_changes()
        self._write(changes)
        self._credits.forget(_CREDITS_IN_MEMORY)
        self._deals.forget_ended(changes.deals)
        self._deals.forget(_DEALS_IN_MEMORY)

    def rebuild(self) -> None:
        """Make the tables again from all the events, in order; then make another ``Derived``."""
        first = self._source << DEAL_BITS
        for table in DERIVED:
            column, low, high = (
                ("deal", first, first + (1 << DEAL_BITS) - 1)
                if table in ("deals", "milestones")
                else ("source", self._source, self._source)
            )
            self._db.execute(f"DELETE FROM {table} WHERE {column} BETWEEN ? AND ?", (low, high))
        again = Derived(self._db, self._source, self._escrow, 0)
        again._fold.state.block_number = again._fold.state.log_index = -1
        at = self._first - 1
        condition = f"e.position > ? AND e.position < ? ORDER BY e.position LIMIT {_EVENTS_AT_ONCE}"
        while records := self._records(condition, at, self._end):
            for record in records:
                again._fold.apply(record)
                if isinstance(record.event, Opened):
                    again.key_of(record.event.deal_id)
            again.write()
            at = self._first | position_of(records[-1].block_number, records[-1].log_index)
        self.deals = again.deals

    def take_back(self, first: int) -> None:
        """Undo the events from a position on, before they are deleted; then make another.

        Their money is taken back from credits and ledgers; the deals that they name are made again
        of the events before.
        """
        gone = self._records(
            "e.position >= ? AND e.position < ? ORDER BY e.position DESC", first, self._end
        )
        rows = self._db.rows(
            "SELECT deal, deal_id FROM deals WHERE deal IN "
            "(SELECT deal FROM events WHERE position >= ? AND position < ?)",
            (first, self._end),
        )
        keys: dict[int, bytes] = {key: deal_id for key, deal_id in rows}
        self._deals.want(keys.values())
        state = self._fold.state
        tokens = {deal_id: state.deals[deal_id].token for deal_id in keys.values()}
        changes = take_back(gone, tokens, state.credits, state.ledgers)
        for part in chunks(list(keys)):
            some = marks(len(part))
            for table in ("deals", "milestones"):
                self._db.execute(f"DELETE FROM {table} WHERE deal IN ({some})", part)
            # Credits are not the deal's alone, and change nothing of it.
            before = self._records(
                f"e.deal IN ({some}) AND e.position < ? AND e.kind <> {KIND_OF[Credited]} "
                "ORDER BY e.position",
                *part,
                first,
            )
            for deal_id, deal in fold(before).deals.items():
                state.deals[deal_id] = deal
                changes.deals.add(deal_id)
                changes.milestones |= {(deal_id, index) for index in range(len(deal.milestones))}
        self.deals -= len(keys.keys() - {self.key_of(deal_id) for deal_id in changes.deals})
        self._write(changes)

    def _write(self, changes: Changes) -> None:
        state, keys, amount = self._fold.state, self._deals.keys_of, self._db.amount
        source = self._source
        deals = [
            deal_row(keys[deal_id], source, self._first, state.deals[deal_id])
            for deal_id in changes.deals
        ]
        self._put("deals", deals)
        milestones = [
            milestone_row(keys[deal_id], index, state.deals[deal_id].milestones[index], amount)
            for deal_id, index in changes.milestones
        ]
        self._put("milestones", milestones)
        self._last_key = (source << DEAL_BITS) + self.deals
        credits: list[Row] = []
        no_credits: list[Row] = []
        for token, owner in changes.credits:
            row = (source, address_bytes(token), address_bytes(owner))
            if (token, owner) in state.credits:
                credits.append((*row, amount(state.credits[token, owner])))
            else:
                no_credits.append(row)
        self._db.upsert("credits", credits)
        self._db.delete("credits", no_credits)
        ledgers = {token: state.ledgers[token] for token in changes.tokens}
        empty = [token for token, ledger in ledgers.items() if ledger == Ledger()]
        rows = [ledger_row(source, token, ledger, amount) for token, ledger in ledgers.items()]
        self._db.upsert("ledgers", rows)
        self._db.delete("ledgers", [(source, address_bytes(token)) for token in empty])

    def _put(self, table: str, rows: list[Row]) -> None:
        """Write rows that begin with the keys of deals: most are of new deals, and simply added."""
        rows.sort(key=itemgetter(0, 1))
        at = bisect_right(rows, self._last_key, key=itemgetter(0))
        self._db.upsert(table, rows[:at])
        self._db.insert(table, rows[at:])

    def _records(self, condition: str, *values: int) -> list[EventRecord]:
        """Return the escrow's events under a condition."""
        rows = self._db.rows(
            f"SELECT {LOG_COLUMNS} FROM events e {WITH_BLOCKS} "
            f"WHERE e.kind < {FIRST_NOTE} AND {condition}",
            values,
        )
        records = (decode_raw(raw_log(row, self._escrow)) for row in rows)
        return [record for record in records if record is not None]

    def _load_credits(
        self, keys: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[tuple[str, str], int]]:
        for part in chunks(keys):
            pairs = ", ".join(["(?, ?)"] * len(part))
            rows = self._db.rows(
                "SELECT token, owner, amount FROM credits WHERE source = ? "
                f"AND (token, owner) IN (VALUES {pairs})",
                (self._source, *map(address_bytes, chain.from_iterable(part))),
            )
            for token, owner, amount in rows:
                yield (address_text(token), address_text(owner)), int(amount)

    def _last_place(self) -> tuple[int, int]:
        """Return (block number, log index) of the last event, (-1, -1) before the first."""
        rows = self._db.rows(
            f"SELECT position FROM events WHERE position >= ? AND position < ? "
            f"AND kind < {FIRST_NOTE} ORDER BY position DESC LIMIT 1",
            (self._first, self._end),
        )
        return place_of(rows[0][0]) if rows else (-1, -1)
