"""Writing the index: each step of the sync is one transaction, rows and checkpoint together.

What a deal is at the moment comes from the fold of its events, whose dicts load from the tables
what they lack; what the fold changed is written back before the commit. Killed at any moment, the
file holds the last commit and goes on from there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from milestone_escrow.deal_state import Changes, Deal, Ledger, State
from milestone_escrow.events import EventRecord, decode_raw
from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.loading import StoredCredits, StoredDeals
from milestone_escrow.indexer.reader import (
    EVENTS_WITH_BLOCKS,
    LOG_COLUMNS,
    Reader,
    StoreIdentity,
    sql_errors,
)
from milestone_escrow.indexer.rollback import take_back
from milestone_escrow.indexer.rows import (
    DERIVED_TABLES,
    SCHEMA,
    SCHEMA_VERSION,
    Row,
    deal_row,
    event_row,
    ledger_row,
    milestone_row,
    position_of,
)
from milestone_escrow.indexer.sync import RECENT, Batch, Finalize, Reorg, Step
from milestone_escrow.state import Fold, fold

__all__ = ["Store", "delete_store"]

_DEALS_IN_MEMORY: Final = 10_000
_EVENTS_AT_ONCE: Final = 5_000  # while the derived tables are made again
# Credits are not the deal's alone, and change nothing of it.
_OF_DEAL: Final = "e.deal = ? AND e.name <> 'Credited' ORDER BY e.position"


class Store(Reader):
    """An index file, for its one writer."""

    def __init__(self, path: Path | str, identity: StoreIdentity) -> None:
        """Open the file, or make it.

        Args:
            path: The file; its directory is made if needed.
            identity: What it is, or is to be, the index of.

        Raises:
            StoreError: The file is the index of another chain (``other-chain``), of one that was
                restarted (``chain-restarted``), of another escrow or first block
                (``other-escrow``), or it cannot be used.
        """
        path = Path(path)
        _create(path, identity)
        super().__init__(path)
        try:
            self.require(identity)
        except StoreError:
            self.close()
            raise
        with sql_errors(self.path):
            self._db.close()
            self._db = _connect(self.path)
        self._known_checkpoint = self.checkpoint()
        self._load_fold()

    def apply(self, step: Step) -> int:
        """Write a step of the sync, in one transaction.

        Returns:
            The number of logs of it that are no known event.

        Raises:
            FoldError: An event cannot have happened; nothing was written.
            StoreError: Another indexer writes the same file (``store-in-use``), or it cannot be
                written; nothing was.
        """
        with self._writing():
            if isinstance(step, Batch):
                return self._apply_batch(step)
            if isinstance(step, Reorg):
                self._apply_reorg(step)
            elif isinstance(step, Finalize):
                self._db.execute("UPDATE meta SET final_block = ?", (step.block_number,))
        return 0

    def rebuild(self) -> None:
        """Make the derived tables again from the logs, in one transaction.

        Raises:
            FoldError: The logs contradict each other; nothing was written.
            StoreError: The file cannot be written; nothing was.
        """
        with self._writing():
            self._refold()

    # --- Steps

    def _apply_batch(self, batch: Batch) -> int:
        rows: list[Row] = []
        unknown = 0
        for raw in batch.logs:
            record = decode_raw(raw)
            deal: int | None = None
            if record is None:
                unknown += 1
            else:
                self._fold.apply(record)
                deal_id = getattr(record.event, "deal_id", None)
                deal = None if deal_id is None else self._number(deal_id)
            rows.append(event_row(raw, record, deal))
        self._db.executemany(
            "INSERT INTO events (position, tx_hash, name, deal, milestone, topics, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._write_blocks(batch)
        self._write(self._fold.take_changes())
        last = batch.headers[-1]
        self._set_checkpoint(last.number, last.hash)
        return unknown

    def _write_blocks(self, batch: Batch) -> None:
        with_events = {log.block_number: log for log in batch.logs}
        rows: dict[int, Row] = {
            number: (number, log.block_hash, None, log.timestamp, True)
            for number, log in with_events.items()
        }
        for header in batch.headers:
            rows[header.number] = (
                header.number,
                header.hash,
                header.parent_hash,
                header.timestamp,
                header.number in with_events,
            )
        self._db.executemany("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", rows.values())
        self._db.execute(
            "DELETE FROM blocks WHERE has_events = 0 AND number <= ?", (batch.to_block - RECENT,)
        )

    def _apply_reorg(self, reorg: Reorg) -> None:
        """Take the last events back: their money, and the deals that they name."""
        first = position_of(reorg.ancestor + 1, 0)
        gone = self._records("e.position >= ? ORDER BY e.position DESC", first)
        deals = self._rows(
            "SELECT number, deal_id, token FROM deals "
            "WHERE number IN (SELECT deal FROM events WHERE position >= ?)",
            (first,),
        )
        state = self._fold.state
        tokens = {deal_id: token for _, deal_id, token in deals}
        changes = take_back(gone, tokens, state.credits, state.ledgers)
        self._db.execute("DELETE FROM events WHERE position >= ?", (first,))
        self._db.execute("DELETE FROM blocks WHERE number > ?", (reorg.ancestor,))
        for number, deal_id, _ in deals:
            self._db.execute("DELETE FROM deals WHERE number = ?", (number,))
            self._db.execute("DELETE FROM milestones WHERE deal = ?", (number,))
            before = self._records(_OF_DEAL, number)
            if before:
                deal = state.deals[deal_id] = fold(before).deals[deal_id]
                self._numbers[deal_id] = number
                changes.deals.add(deal_id)
                changes.milestones |= {(deal_id, index) for index in range(len(deal.milestones))}
        self._write(changes)
        self._set_checkpoint(reorg.ancestor, reorg.ancestor_hash)
        self._load_fold()

    def _records(self, condition: str, value: int) -> list[EventRecord]:
        rows = self._rows(
            f"SELECT {LOG_COLUMNS} FROM {EVENTS_WITH_BLOCKS} "
            f"WHERE e.name IS NOT NULL AND {condition}",
            (value,),
        )
        return [record for row in rows if (record := decode_raw(self._log_of(row))) is not None]

    def _refold(self) -> None:
        """Make the derived tables again from all the events, in order."""
        for table in DERIVED_TABLES:
            self._db.execute(f"DELETE FROM {table}")
        self._load_fold()
        self._fold.state.block_number = self._fold.state.log_index = -1
        cursor = self._db.execute(
            f"SELECT {LOG_COLUMNS} FROM {EVENTS_WITH_BLOCKS} "
            "WHERE e.name IS NOT NULL ORDER BY e.position"
        )
        while rows := cursor.fetchmany(_EVENTS_AT_ONCE):
            for row in rows:
                record = decode_raw(self._log_of(row))
                if record is not None:
                    self._fold.apply(record)
            self._write(self._fold.take_changes())

    def _write(self, changes: Changes) -> None:
        """Write what changed in the state of the fold."""
        state = self._fold.state
        # In the order of their opening: new deals are numbered here at the latest.
        new = [deal_id for deal_id in state.deals if deal_id in changes.deals]
        self._db.executemany(
            f"INSERT INTO deals VALUES ({_marks(13)}) ON CONFLICT (number) DO UPDATE SET "
            "bound = excluded.bound, closed = excluded.closed, successor = excluded.successor, "
            "funded = excluded.funded, settled = excluded.settled, "
            "last_activity = excluded.last_activity",
            [deal_row(self._number(deal_id), state.deals[deal_id]) for deal_id in new],
        )
        self._db.executemany(
            f"REPLACE INTO milestones VALUES ({_marks(17)})",
            [
                milestone_row(self._number(deal_id), index, state.deals[deal_id].milestones[index])
                for deal_id, index in changes.milestones
            ],
        )
        credits = {key: state.credits[key] for key in changes.credits if key in state.credits}
        self._db.executemany(
            "DELETE FROM credits WHERE token = ? AND owner = ?", changes.credits - credits.keys()
        )
        self._db.executemany(
            "REPLACE INTO credits VALUES (?, ?, ?)",
            [(token, owner, str(amount)) for (token, owner), amount in credits.items()],
        )
        self._db.executemany(
            f"REPLACE INTO ledgers VALUES ({_marks(9)})",
            [ledger_row(token, state.ledgers[token]) for token in changes.tokens],
        )
        empty = [token for token in changes.tokens if state.ledgers[token] == Ledger()]
        self._db.executemany("DELETE FROM ledgers WHERE token = ?", [(token,) for token in empty])
        self._credits.forget()
        if len(state.deals) > _DEALS_IN_MEMORY:
            state.deals.clear()
            self._numbers.clear()

    # --- The fold over the tables

    def _load_fold(self) -> None:
        """Begin with what the tables say."""
        self._numbers: dict[bytes, int] = {}
        self._deals_so_far: int = self._row("SELECT count(*) FROM deals")[0]
        self._credits = StoredCredits(self._load_credit)
        self._fold = Fold(
            State(
                StoredDeals(self._load_deal, self._numbers),
                self._credits,
                self.ledgers(),
                *self._last_place(),
            )
        )

    def _load_deal(self, deal_id: bytes) -> tuple[int, Deal] | None:
        rows = self._rows("SELECT * FROM deals WHERE deal_id = ?", (deal_id,))
        return (rows[0][0], self._deal_of(rows[0])) if rows else None

    def _load_credit(self, key: tuple[str, str]) -> int | None:
        rows = self._rows("SELECT amount FROM credits WHERE token = ? AND owner = ?", key)
        return int(rows[0][0]) if rows else None

    def _number(self, deal_id: bytes) -> int:
        """Return the number of a deal that the fold knows, the next one if it has none."""
        number = self._numbers.get(deal_id)
        if number is None:
            self._deals_so_far += 1
            number = self._numbers[deal_id] = self._deals_so_far
        return number

    # --- Transactions

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with sql_errors(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                if self.checkpoint() != self._known_checkpoint:
                    raise StoreError(
                        f"Another indexer writes {self.path.name} at the same time.",
                        "Let one of them do it, and give the other a file of its own.",
                        code="store-in-use",
                    )
                yield
                known = self.checkpoint()
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                # The fold is ahead of the file, or behind it.
                self._known_checkpoint = self.checkpoint()
                self._load_fold()
                raise
            self._known_checkpoint = known

    def _set_checkpoint(self, number: int, block_hash: bytes | None) -> None:
        self._db.execute(
            "UPDATE meta SET checkpoint = ?, checkpoint_hash = ?", (number, block_hash)
        )

    def require(self, identity: StoreIdentity) -> None:
        """Do nothing if this is the index of that.

        Raises:
            StoreError: It is not; the codes are those of opening it.
        """
        have = self.identity
        if have == identity:
            return
        if have.chain_id != identity.chain_id:
            sentence = (
                f"The index {self.path.name} is of chain {have.chain_id}, the node serves chain "
                f"{identity.chain_id}."
            )
            code = "other-chain"
        elif have.genesis_hash != identity.genesis_hash:
            sentence = (
                f"The chain was restarted: its first block is not the one that {self.path.name} "
                "was made from."
            )
            code = "chain-restarted"
        else:
            sentence = (
                f"The index {self.path.name} is of the escrow {have.escrow} from block "
                f"{have.from_block} on, not of {identity.escrow} from block {identity.from_block}."
            )
            code = "other-escrow"
        raise StoreError(sentence, "Index again with --reset, or give another file.", code=code)


def delete_store(path: Path | str) -> None:
    """Delete an index file and what SQLite keeps beside it; nothing if there is none."""
    path = Path(path)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL, what a kill can take is nothing, and what a power cut can take is the last commits.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _create(path: Path, identity: StoreIdentity) -> None:
    """Make the tables unless there are any."""
    with sql_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
        try:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(
                    "INSERT INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                    (
                        SCHEMA_VERSION,
                        identity.chain_id,
                        identity.genesis_hash,
                        identity.escrow,
                        identity.from_block,
                        identity.from_block - 1,
                    ),
                )
            connection.execute("COMMIT")
        finally:
            connection.close()


def _marks(count: int) -> str:
    return ", ".join("?" * count)
