"""Reading the index: deals, events, credits and ledgers, and how far it goes.

A reader never waits for the indexer that writes: each method sees the last commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from milestone_escrow.checksums import checksummed_text
from milestone_escrow.deal_state import Deal, Ledger, State
from milestone_escrow.events import EventRecord, RawLog, decode_raw
from milestone_escrow.exceptions import StoreError, UsageError
from milestone_escrow.indexer.deals import SELECT_DEALS, deals_of, find_deal, key_of_deal
from milestone_escrow.indexer.engine import Row, Target, open_engine
from milestone_escrow.indexer.opening import (
    choose_source,
    incomplete,
    known_sources,
    require_revision,
)
from milestone_escrow.indexer.outbox import OutboxEntry, read_outbox
from milestone_escrow.indexer.rows import (
    COLUMNS,
    FIRST_NOTE,
    LOG_COLUMNS,
    WITH_BLOCKS,
    address_bytes,
    address_text,
    ledger_of,
    log_to_json,
    raw_log,
)
from milestone_escrow.indexer.source import (
    BLOCK_BITS,
    DEAL_BITS,
    POSITION_BITS,
    Source,
    place_of,
    position_of,
)

if TYPE_CHECKING:
    from milestone_escrow.notes import Note

__all__ = ["Reader", "StoreIdentity", "open_reader"]

StoreIdentity = Source

_OF_PARTY: Final = (
    "deal IN (SELECT deal FROM deals WHERE employer = ? UNION SELECT deal FROM deals "
    "WHERE freelancer = ? UNION SELECT deal FROM deals WHERE arbiter = ?)"
)


def open_reader(target: Target, source: str | None = None) -> Reader:
    """Open an index for reading; as ``Reader``."""
    return Reader(target, source)


class Reader:
    """One source in an index, for reading.

    Use it as a context manager, or ``close`` it. Every method raises ``StoreError`` when the index
    cannot be read. A reader belongs to the thread that made it.

    Attributes:
        name: Of the index, for messages.
        path: The file; None where the index is in a server.
    """

    def __init__(self, target: Target, source: str | None = None) -> None:
        """Open the index.

        Args:
            target: Where it is: a path, ``sqlite:///PATH`` or ``postgresql://...``.
            source: Key of the source, ``chain_id:escrow``, or the escrow alone; needed where there
                are several.

        Raises:
            StoreError: There is no index (``no-store``), it is none of this version
                (``store-version``), or it has no such source, or several and none was named
                (``which-source``).
        """
        self._open(target, write=False)
        try:
            with self._db.errors():
                require_revision(self._db)
                self._choose(*choose_source(self._db, source))
                if self._meta("deals")[0] < 0:
                    raise incomplete(self.name)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._db.close()

    # --- How far the index goes

    @property
    def identity(self) -> Source:
        """Chain, escrow and first block of this source."""
        return self._identity

    def sources(self) -> list[Source]:
        """Return all sources of the index, in the order in which they were added."""
        with self._db.errors():
            return [source for _, source in known_sources(self._db)]

    def checkpoint(self) -> tuple[int, bytes | None]:
        """Return number and hash of the last block synced.

        Before the first, the number is that of the block before it, and there is no hash.
        """
        number, block_hash = self._meta("checkpoint, checkpoint_hash")
        return number, block_hash

    def final_block(self) -> int | None:
        """Return the number of the last block that cannot be replaced; None: not known."""
        number: int | None = self._meta("final_block")[0]
        return number

    def block_hashes(self, below: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Return (number, hash) of stored blocks below a number, the highest first."""
        base = self._source << BLOCK_BITS
        rows = self._rows(
            "SELECT block, hash FROM blocks WHERE block >= ? AND block < ? "
            "ORDER BY block DESC LIMIT ?",
            (base, base + below, limit),
        )
        return [(block - base, block_hash) for block, block_hash in rows]

    def time(self) -> int | None:
        """Return the time of the last block synced, unix seconds; None before the first."""
        found = self.block_up_to((1 << BLOCK_BITS) - 1)
        return None if found is None else found[1]

    def block_up_to(self, number: int) -> tuple[int, int] | None:
        """Return number and time of the last block stored up to one; None: there is none.

        Stored are the blocks with events, and the latest.
        """
        base = self._source << BLOCK_BITS
        rows = self._rows(
            "SELECT block, timestamp FROM blocks WHERE block BETWEEN ? AND ? "
            "ORDER BY block DESC LIMIT 1",
            (base, base + number),
        )
        return (rows[0][0] - base, rows[0][1]) if rows else None

    def count_events(self) -> tuple[int, int]:
        """Return how many events there are, and how many logs that are no known event."""
        known, unknown = self._meta("known_events, unknown_logs")
        return known, unknown

    def count_foreign(self) -> int:
        """Return how many logs of other contracts a node gave; none is kept."""
        count: int = self._meta("foreign_logs")[0]
        return count

    # --- Deals

    def deal(self, deal_id: bytes | str) -> Deal:
        """Return a deal by its id, or by the beginning of it if no other begins like that.

        Args:
            deal_id: 32 bytes, or hexadecimal, with or without 0x, of any length from one digit.

        Raises:
            UnknownDeal: No deal has that id.
            UsageError: It is not hexadecimal, or several deals begin like that (``ambiguous``).
        """
        with self._snapshot():
            return next(deals_of(self._db, [find_deal(self._db, self._source, deal_id)]))

    def deals(
        self,
        *,
        party: str | None = None,
        token: str | None = None,
        after: bytes | None = None,
        limit: int = 100,
    ) -> list[Deal]:
        """Return deals in the order of their opening.

        Args:
            party: Only those of which this address is employer, freelancer or arbiter.
            token: Only those in this token; zero: the native coin.
            after: Only those opened after the deal with this id.
            limit: At most so many.

        Raises:
            UnknownDeal: There is no deal ``after``.
            UsageError: An address is none.
        """
        conditions: list[str] = ["deal > ?", "deal < ?"]
        values: list[Any] = []
        if party is not None:
            conditions.append(_OF_PARTY)  # one index for each role
            values += [_address(party)] * 3
        if token is not None:
            conditions.append("token = ?")
            values.append(_address(token))
        with self._snapshot():
            first = (
                self._source << DEAL_BITS
                if after is None
                else key_of_deal(self._db, self._source, after)
            )
            rows = self._rows(
                f"{SELECT_DEALS} WHERE {' AND '.join(conditions)} ORDER BY deal LIMIT ?",
                (first, self._source + 1 << DEAL_BITS, *values, limit),
            )
            return list(deals_of(self._db, rows))

    # --- Events

    def events(
        self,
        *,
        deal: bytes | str | None = None,
        after: tuple[int, int] | None = None,
        limit: int = 1_000,
    ) -> list[EventRecord]:
        """Return the escrow's events in the order of the chain.

        Args:
            deal: Only those that name this deal; its id or the beginning of it.
            after: Only those after this (block number, log index).
            limit: At most so many.

        Raises:
            UnknownDeal: There is no such deal.
            UsageError: As ``deal``.
        """
        rows = self._logs(f"e.kind < {FIRST_NOTE}", deal, after, limit)
        records = (decode_raw(raw_log(row, self._identity.escrow)) for row in rows)
        return [record for record in records if record is not None]

    def notes(
        self,
        *,
        deal: bytes | str | None = None,
        after: tuple[int, int] | None = None,
        limit: int = 1_000,
    ) -> list[Note]:
        """Return what the parties said on record, in the order of the chain; else as ``events``."""
        if self._identity.notes is None:
            return []
        from milestone_escrow.notes import decode_note

        rows = self._logs(f"e.kind >= {FIRST_NOTE}", deal, after, limit)
        notes = (decode_note(log_to_json(raw_log(row, ""))) for row in rows)
        return [note for note in notes if note is not None]

    def unknown_logs(self, *, limit: int = 1_000) -> list[RawLog]:
        """Return the logs of escrow and notes that are no known event, in order."""
        base = self._source << POSITION_BITS
        rows = self._rows(
            "SELECT e.contract, e.position, 0, e.tx_hash, e.topics, e.data, b.hash, b.timestamp "
            f"FROM other_logs e {WITH_BLOCKS} "
            "WHERE e.position BETWEEN ? AND ? ORDER BY e.position LIMIT ?",
            (base, base + (1 << POSITION_BITS) - 1, limit),
        )
        return [raw_log(row[1:], address_text(row[0])) for row in rows]

    def outbox(self, after_sequence: int = 0, limit: int = 1_000) -> list[OutboxEntry]:
        """Return what happened to the index, in the order in which it was written.

        Every event has a sequence. One that was taken back by a reorganisation no longer has, and
        an entry ``reverted`` with a later sequence tells of it; so sequences grow, with gaps.

        Args:
            after_sequence: Only entries after this one; 0: from the first.
            limit: At most so many.
        """
        with self._snapshot():
            return read_outbox(self._db, self._source, after_sequence, limit)

    def last_sequence(self) -> int:
        """Return the sequence of the last entry in the outbox; 0 before the first."""
        sequence: int = self._meta("sequence")[0]
        return sequence

    # --- Money

    def credits(self, owner: str | None = None) -> dict[tuple[str, str], int]:
        """Return what owners may fetch, by (token, owner), raw units; of one owner or of all."""
        condition, values = ("", ()) if owner is None else (" AND owner = ?", (_address(owner),))
        rows = self._rows(
            f"SELECT token, owner, amount FROM credits WHERE source = ?{condition}",
            (self._source, *values),
        )
        return {
            (address_text(token), address_text(holder)): int(amount)
            for token, holder, amount in rows
        }

    def ledgers(self) -> dict[str, Ledger]:
        """Return the sums of all that moved, by token."""
        rows = self._rows(
            f"SELECT {COLUMNS['ledgers']} FROM ledgers WHERE source = ?", (self._source,)
        )
        return {address_text(row[1]): ledger_of(row) for row in rows}

    def state(self) -> State:
        """Return all of it, as the fold of all events would: for audits, not for pages."""
        with self._snapshot():
            first = self._source << DEAL_BITS
            rows = self._rows(
                f"{SELECT_DEALS} WHERE deal BETWEEN ? AND ? ORDER BY deal",
                (first, first + (1 << DEAL_BITS) - 1),
            )
            return State(
                {deal.deal_id: deal for deal in deals_of(self._db, rows)},
                self.credits(),
                self.ledgers(),
                *self._last_place(),
            )

    # --- Rows

    def _open(self, target: Target, *, write: bool) -> None:
        self._db = open_engine(target, write=write)
        self.name: str = self._db.name
        self.path: Path | None = self._db.path

    def _choose(self, number: int, identity: Source) -> None:
        self._source = number
        self._identity = identity

    def _logs(
        self, kinds: str, deal: bytes | str | None, after: tuple[int, int] | None, limit: int
    ) -> list[Row]:
        base = self._source << POSITION_BITS
        conditions = ["e.position > ?", "e.position < ?", kinds]
        values: list[Any] = [
            base - 1 if after is None else base + position_of(*after),
            base + (1 << POSITION_BITS),
        ]
        with self._snapshot():
            if deal is not None:
                conditions.append("e.deal = ?")
                values.append(find_deal(self._db, self._source, deal)[0])
            return self._rows(
                f"SELECT {LOG_COLUMNS} FROM events e {WITH_BLOCKS} "
                f"WHERE {' AND '.join(conditions)} ORDER BY e.position LIMIT ?",
                (*values, limit),
            )

    def _last_place(self) -> tuple[int, int]:
        """Return (block number, log index) of the last event, (-1, -1) before the first."""
        base = self._source << POSITION_BITS
        rows = self._rows(
            f"SELECT position FROM events WHERE position BETWEEN ? AND ? AND kind < {FIRST_NOTE} "
            "ORDER BY position DESC LIMIT 1",
            (base, base + (1 << POSITION_BITS) - 1),
        )
        return place_of(rows[0][0]) if rows else (-1, -1)

    def _meta(self, columns: str, for_update: str = "") -> Row:
        rows = self._rows(
            f"SELECT {columns} FROM sources WHERE source = ?{for_update}", (self._source,)
        )
        if not rows:
            raise StoreError(
                f"The index {self.name} is damaged, or its source was removed.",
                "Index again with --reset.",
                code="store-damaged",
            )
        return rows[0]

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        with self._db.errors(), self._db.snapshot():
            yield

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._db.errors():
            return self._db.rows(sql, values)


def _address(text: str) -> bytes:
    try:
        return address_bytes(checksummed_text(text))
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{text[:80]!r} is not an address.", "Give 0x and 40 hexadecimal digits."
        ) from error
