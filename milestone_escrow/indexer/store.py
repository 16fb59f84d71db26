"""Writing the index: each step of the sync is one transaction, rows and checkpoint together.

What a deal is at the moment comes from the fold of its events, whose dicts load from the tables
what they lack; what the fold changed is written back before the commit. Killed at any moment, the
database holds the last commit and goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, fields, replace
from operator import attrgetter
from typing import Final

from milestone_escrow.events import decode_event
from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.collecting import rarely_collected
from milestone_escrow.indexer.derived import Derived
from milestone_escrow.indexer.engine import Row, Target, remove_database
from milestone_escrow.indexer.opening import (
    add_source,
    find_source,
    prepare,
    require_same,
)
from milestone_escrow.indexer.outbox import FINAL, REVERTED, WRITTEN
from milestone_escrow.indexer.reader import Reader
from milestone_escrow.indexer.rows import (
    KIND_OF,
    address_bytes,
    note_kind,
)
from milestone_escrow.indexer.source import (
    BLOCK_BITS,
    ENTRY_BITS,
    LOG_INDEX_BITS,
    POSITION_BITS,
    Source,
    position_of,
)
from milestone_escrow.indexer.sync import RECENT, Batch, Finalize, Reorg, Step

__all__ = ["Store", "delete_store", "open_store"]

_LOG_INDEX: Final = attrgetter("log_index")
# By event: its kind, whether it names a deal, whether a milestone.
_SHAPES: Final = {
    event: (kind, hasattr(event, "deal_id"), hasattr(event, "index"))
    for event, kind in KIND_OF.items()
}


@dataclass(slots=True)
class _Place:
    """How far a source is: what its row says beside the identity, by the columns' names."""

    checkpoint: int
    checkpoint_hash: bytes | None
    final_block: int | None
    sequence: int
    deals: int
    known_events: int
    unknown_logs: int
    foreign_logs: int


_PLACE: Final = tuple(each.name for each in fields(_Place))


@dataclass(slots=True)
class _Written:
    """What became of the logs of a batch.

    Attributes:
        foreign: Number of those that are of other contracts.
        events: Number of those that are known events.
        first: Position of the first of them.
        last: Of the last.
        others: Rows of those that are no known event.
    """

    foreign: int
    events: int = 0
    first: int = 0
    last: int = 0
    others: list[Row] = field(default_factory=list)


def open_store(target: Target, source: Source, *, add: bool = False) -> Store:
    """Open an index for its one writer: a path, ``sqlite:///PATH`` or ``postgresql://...``.

    Args:
        target: Where it is; made if it is not there.
        source: What it is, or is to be, the index of.
        add: It may be of other sources as well: this one is added to them if it is not there.

    Raises:
        StoreError: As ``Store``.
    """
    return Store(target, source, add=add)


def delete_store(target: Target) -> None:
    """Delete an index with all its sources: the file, or the tables; nothing if there is none."""
    remove_database(target)


class Store(Reader):
    """One source in an index, for its one writer."""

    def __init__(self, target: Target, source: Source, *, add: bool = False) -> None:
        """Open the index, or make it.

        Args:
            target: Where it is; a file's directory is made if needed.
            source: What it is, or is to be, the index of.
            add: Whether the source may be added to others.

        Raises:
            StoreError: The index is of another chain (``other-chain``), of one that was restarted
                (``chain-restarted``), of another escrow, notes or first block (``other-escrow``),
                or it cannot be used.
        """
        self._open(target, write=True)
        try:
            with self._db.errors():
                prepare(self._db, target)
                self._choose(self._number_of_source(source, add=add), source)
                self._place = self._read_place()
                self._begin_derived(self._place)
            if self._place.deals < 0:  # an earlier version wrote it
                self._rebuild_once()
        except BaseException:
            self.close()
            raise

    def apply(self, step: Step) -> int:
        """Write a step of the sync, in one transaction.

        Returns:
            The number of logs of it that are no known event.

        Raises:
            FoldError: An event cannot have happened; nothing was written.
            StoreError: Another indexer writes the same source (``store-in-use``), or it cannot be
                written; nothing was.
        """
        with self._writing() as place:
            if isinstance(step, Batch):
                with rarely_collected():
                    return self._apply_batch(step, place)
            if isinstance(step, Reorg):
                self._apply_reorg(step, place)
            elif isinstance(step, Finalize):
                place.final_block = step.block_number
                place.sequence += 1
                at = self._position(step.block_number, 0)
                self._tell(place.sequence, FINAL, 1, at, at)
        return 0

    def rebuild(self) -> None:
        """Make the derived tables again from the logs, in one transaction.

        Raises:
            FoldError: The logs contradict each other; nothing was written.
            StoreError: The index cannot be written; nothing was.
        """
        with self._writing() as place:
            self._derived.rebuild()
            place.deals = self._derived.deals
            self._begin_derived(place)

    def _rebuild_once(self) -> None:
        """Make the derived tables again, unless another process has just done it."""
        try:
            self.rebuild()
        except StoreError as error:
            if error.code != "store-in-use" or self._place.deals < 0:
                raise

    def require(self, source: Source) -> None:
        """Do nothing if this is the index of that.

        Raises:
            StoreError: It is not; the codes are those of opening it.
        """
        require_same(self.name, self.identity, source)

    # --- A batch

    def _apply_batch(self, batch: Batch, place: _Place) -> int:
        derived = self._derived
        derived.want(batch.logs)
        written = _Written(batch.foreign)
        # While a server takes in rows, the next ones are made.
        self._db.insert("events", self._event_rows(batch, written))
        events, others = written.events, written.others
        if events:
            self._tell(place.sequence + 1, WRITTEN, events, written.first, written.last)
        self._db.insert("other_logs", others)
        self._write_blocks(batch)
        derived.write()
        place.deals = derived.deals
        last = batch.headers[-1]
        place.checkpoint, place.checkpoint_hash = last.number, last.hash
        place.sequence += events
        place.known_events += events
        place.unknown_logs += len(others)
        place.foreign_logs += written.foreign
        return len(others)

    def _event_rows(self, batch: Batch, written: _Written) -> Iterator[Row]:
        """Apply the events of a batch and yield their rows; it asks nothing of the database."""
        escrow, notes = self._identity.escrow, self._identity.notes
        source = self._source << POSITION_BITS
        # That block numbers and log indexes fit into a position is asked once.
        position_of(batch.to_block, max(map(_LOG_INDEX, batch.logs), default=0))
        derived = self._derived
        apply, key_of = derived.apply, derived.key_of
        position, events = 0, 0
        for raw in batch.logs:
            number, _, tx_hash, log_index, _, address, topics, data = raw
            kind = deal = index = None
            if address == escrow:
                event = decode_event(raw)
                if event is not None:
                    apply(raw, event)
                    kind, of_deal, of_milestone = _SHAPES[type(event)]
                    if of_deal:
                        deal = key_of(event.deal_id)  # type: ignore[union-attr]
                    if of_milestone:
                        index = event.index  # type: ignore[union-attr]
            elif address == notes:
                kind = note_kind(raw)
                deal = None if kind is None else derived.known_key_of(topics[32:64])
            else:
                written.foreign += 1
                continue
            at = source | number << LOG_INDEX_BITS | log_index
            if kind is None:
                written.others.append((at, address_bytes(address), tx_hash, topics, data))
                continue
            position = at
            if not events:
                written.first = position
            events += 1
            yield position, kind, deal, index, tx_hash, topics[32:], data
        written.events, written.last = events, position

    def _write_blocks(self, batch: Batch) -> None:
        base = self._source << BLOCK_BITS
        with_events = {log.block_number: log for log in batch.logs}
        rows: dict[int, Row] = {
            number: (base | number, log.block_hash, None, log.timestamp, True)
            for number, log in with_events.items()
        }
        for header in batch.headers:
            rows[header.number] = (
                base | header.number,
                header.hash,
                header.parent_hash,
                header.timestamp,
                header.number in with_events,
            )
        self._db.insert("blocks", rows.values())
        self._db.execute(
            "DELETE FROM blocks WHERE NOT has_events AND block BETWEEN ? AND ?",
            (base, base + batch.to_block - RECENT),
        )

    # --- A reorganisation

    def _apply_reorg(self, reorg: Reorg, place: _Place) -> None:
        """Take the last events back."""
        first = self._position(reorg.ancestor + 1, 0)
        end = self._source + 1 << POSITION_BITS
        self._tell_reverted(first, end, place)
        self._derived.take_back(first)
        for table in ("events", "other_logs"):
            self._db.execute(
                f"DELETE FROM {table} WHERE position >= ? AND position < ?", (first, end)
            )
        self._db.execute(
            "DELETE FROM blocks WHERE block >= ? AND block < ?", (first >> 20, end >> 20)
        )
        place.deals = self._derived.deals
        place.checkpoint, place.checkpoint_hash = reorg.ancestor, reorg.ancestor_hash
        self._begin_derived(place)

    def _tell_reverted(self, first: int, end: int, place: _Place) -> None:
        """Tell of the events that are taken back, the last first, and count them off."""
        gone = self._rows(
            "SELECT e.position, e.kind, d.deal_id, e.tx_hash FROM events e "
            "LEFT JOIN deals d ON d.deal = e.deal WHERE e.position >= ? AND e.position < ? "
            "ORDER BY e.position DESC",
            (first, end),
        )
        # What was written last is told of last: the rows that reach into it are the latest.
        base = self._source << ENTRY_BITS
        before = self._rows(
            "SELECT entry FROM outbox WHERE happened = ? AND last < ? AND entry BETWEEN ? AND ? "
            "ORDER BY entry DESC LIMIT 1",
            (WRITTEN, first, base, base + place.sequence),
        )
        self._db.execute(
            "UPDATE outbox SET last = ? WHERE happened = ? AND entry > ? AND entry <= ?",
            (first - 1, WRITTEN, before[0][0] if before else base, base + place.sequence),
        )
        for position, kind, deal_id, tx_hash in gone:
            place.sequence += 1
            self._tell(place.sequence, REVERTED, 1, position, position, kind, deal_id, tx_hash)
        place.known_events -= len(gone)
        place.unknown_logs -= self._rows(
            "SELECT count(*) FROM other_logs WHERE position >= ? AND position < ?", (first, end)
        )[0][0]

    def _tell(self, sequence: int, happened: int, count: int, *rest: int | bytes | None) -> None:
        """Write a row of the outbox."""
        row = ((self._source << ENTRY_BITS) + sequence, happened, count, *rest)
        self._db.insert("outbox", [row + (None,) * (8 - len(row))])

    def _begin_derived(self, place: _Place) -> None:
        """Begin with what the tables say."""
        self._derived = Derived(self._db, self._source, self._identity.escrow, place.deals)

    def _position(self, block_number: int, log_index: int) -> int:
        return self._source << POSITION_BITS | position_of(block_number, log_index)

    # --- Transactions

    @contextmanager
    def _writing(self) -> Iterator[_Place]:
        """Hold the source alone; what the body changes of its place is written with the rest."""
        with self._db.errors():
            self._db.begin()
            try:
                if self._read_place(self._db.for_update) != self._place:
                    raise StoreError(
                        f"Another indexer writes the same source in {self.name} at the same time.",
                        "Let one of them do it, and give the other an index of its own.",
                        code="store-in-use",
                    )
                place = replace(self._place)
                yield place
                self._db.execute(
                    f"UPDATE sources SET {', '.join(f'{name} = ?' for name in _PLACE)} "
                    "WHERE source = ?",
                    (*astuple(place), self._source),
                )
                self._db.commit(f"{self._identity.key} {place.sequence} {place.checkpoint}")
            except BaseException:
                self._db.rollback()
                # The fold is ahead of the tables, or behind them.
                self._place = self._read_place()
                self._begin_derived(self._place)
                raise
            self._place = place

    def _read_place(self, for_update: str = "") -> _Place:
        return _Place(*self._meta(", ".join(_PLACE), for_update))

    def _number_of_source(self, source: Source, *, add: bool) -> int:
        number = find_source(self._db, source, add=add)
        if number is not None:
            return number
        self._db.begin()
        try:
            self._db.execute(self._db.alone)
            number = find_source(self._db, source, add=add)
            if number is None:
                number = add_source(self._db, source)
                self._db.commit(f"{source.key} 0 {source.from_block - 1}")
            return number
        finally:
            self._db.rollback()
