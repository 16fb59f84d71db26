"""Reading the index: deals, events, credits and ledgers, and how far it goes.

A reader opens the file for reading only and never waits for the indexer that writes it: each method
sees the last commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from eth_utils.address import to_checksum_address

from milestone_escrow.deal_state import Deal, Ledger, State
from milestone_escrow.events import EventRecord, RawLog, decode_raw
from milestone_escrow.exceptions import StoreError, UnknownDeal, UsageError
from milestone_escrow.indexer.rows import (
    SCHEMA_VERSION,
    Row,
    deal_of,
    ledger_of,
    milestone_of,
    place_of,
    position_of,
    raw_log,
)

__all__ = ["EVENTS_WITH_BLOCKS", "LOG_COLUMNS", "Reader", "StoreIdentity", "sql_errors"]

LOG_COLUMNS: Final = "e.position, e.tx_hash, e.topics, e.data, b.hash, b.timestamp"
EVENTS_WITH_BLOCKS: Final = "events e JOIN blocks b ON b.number = e.position >> 20"
_OF_PARTY: Final = (
    "number IN (SELECT number FROM deals WHERE employer = :party UNION SELECT number FROM deals "
    "WHERE freelancer = :party UNION SELECT number FROM deals WHERE arbiter = :party)"
)


@dataclass(frozen=True, slots=True)
class StoreIdentity:
    """What an index is the index of."""

    chain_id: int
    genesis_hash: bytes
    escrow: str
    from_block: int


@contextmanager
def sql_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into one sentence about the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"The index {path.name} cannot be used: {error}.",
            "Check that the disk has room, that the file may be written, and that no other indexer "
            "uses it; if it is damaged, index again with --reset.",
            code="store-failed",
        ) from error


class Reader:
    """An index file, for reading.

    Use it as a context manager, or ``close`` it. Every method raises ``StoreError`` when the file
    cannot be read. A reader belongs to the thread that made it.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the file.

        Raises:
            StoreError: There is no such file (``no-store``), or it is no index of this version.
        """
        self.path = Path(path)
        if not self.path.exists():
            raise StoreError(
                f"There is no index {self.path.name}.",
                "Make one first: escrow index.",
                code="no-store",
            )
        with sql_errors(self.path):
            self._db = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
            )
            self._db.execute("PRAGMA busy_timeout = 5000")
            self._identity = self._read_identity()

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
        """Close the file."""
        self._db.close()

    # --- How far the index goes

    @property
    def identity(self) -> StoreIdentity:
        """Chain, escrow and first block of this index."""
        return self._identity

    def checkpoint(self) -> tuple[int, bytes | None]:
        """Return number and hash of the last block synced.

        Before the first, the number is that of the block before it, and there is no hash.
        """
        number, block_hash = self._row("SELECT checkpoint, checkpoint_hash FROM meta")
        return number, block_hash

    def final_block(self) -> int | None:
        """Return the number of the last block that cannot be replaced; None: not known."""
        number: int | None = self._row("SELECT final_block FROM meta")[0]
        return number

    def block_hashes(self, below: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """Return (number, hash) of stored blocks below a number, the highest first."""
        return self._rows(
            "SELECT number, hash FROM blocks WHERE number < ? ORDER BY number DESC LIMIT ?",
            (below, limit),
        )

    def time(self) -> int | None:
        """Return the time of the last block synced, unix seconds; None before the first."""
        row = self._row("SELECT max(number), timestamp FROM blocks")
        time: int | None = row[1]
        return time

    def count_events(self) -> tuple[int, int]:
        """Return how many events there are, and how many logs that are no known event."""
        known, unknown = self._row("SELECT count(name), count(*) - count(name) FROM events")
        return known, unknown

    # --- Deals

    def deal(self, deal_id: bytes | str) -> Deal:
        """Return a deal by its id, or by the beginning of it if no other begins like that.

        Args:
            deal_id: 32 bytes, or hexadecimal, with or without 0x, of any length from one digit.

        Raises:
            UnknownDeal: No deal has that id.
            UsageError: It is not hexadecimal, or several deals begin like that (``ambiguous``).
        """
        digits = deal_id.hex() if isinstance(deal_id, bytes) else deal_id.lower().removeprefix("0x")
        try:
            low = bytes.fromhex(digits.ljust(64, "0"))
            high = bytes.fromhex(digits.ljust(64, "f"))
        except ValueError:
            low = high = b""
        if not digits or len(low) != 32:
            raise UsageError(
                f"{str(deal_id)[:80]!r} is not the id of a deal, nor the beginning of one.",
                "Give 0x and up to 64 hexadecimal digits.",
            )
        with self._snapshot():
            rows = self._rows(
                "SELECT * FROM deals WHERE deal_id BETWEEN ? AND ? LIMIT 2", (low, high)
            )
            if not rows:
                raise _unknown(digits)
            if len(rows) > 1:
                raise UsageError(
                    f"Several deals begin with 0x{digits}.", "Give more digits.", code="ambiguous"
                )
            return self._deal_of(rows[0])

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
        conditions = ["number > :after"]
        order = "ORDER BY number LIMIT :limit"
        if party is not None:
            conditions.append(_OF_PARTY)  # one index for each role
        if token is not None:
            conditions.append("token = :token")
        with self._snapshot():
            rows = self._rows(
                f"SELECT * FROM deals WHERE {' AND '.join(conditions)} {order}",
                {
                    "after": 0 if after is None else self._number_of(after),
                    "party": None if party is None else _address(party),
                    "token": None if token is None else _address(token),
                    "limit": limit,
                },
            )
            return [self._deal_of(row) for row in rows]

    # --- Events

    def events(
        self,
        *,
        deal: bytes | str | None = None,
        after: tuple[int, int] | None = None,
        limit: int = 1_000,
    ) -> list[EventRecord]:
        """Return events in the order of the chain.

        Args:
            deal: Only those that name this deal; its id or the beginning of it.
            after: Only those after this (block number, log index).
            limit: At most so many.

        Raises:
            UnknownDeal: There is no such deal.
            UsageError: As ``deal``.
        """
        condition = "" if deal is None else "AND e.deal = :deal"
        rows = self._rows(
            f"SELECT {LOG_COLUMNS} FROM {EVENTS_WITH_BLOCKS} WHERE e.position > :after "
            f"AND e.name IS NOT NULL {condition} ORDER BY e.position LIMIT :limit",
            {
                "after": -1 if after is None else position_of(*after),
                "deal": None if deal is None else self._number_of(self.deal(deal).deal_id),
                "limit": limit,
            },
        )
        return [record for row in rows if (record := decode_raw(self._log_of(row))) is not None]

    def unknown_logs(self, *, limit: int = 1_000) -> list[RawLog]:
        """Return the escrow's logs that are no event known to this version, in order."""
        rows = self._rows(
            f"SELECT {LOG_COLUMNS} FROM {EVENTS_WITH_BLOCKS} WHERE e.name IS NULL "
            "ORDER BY e.position LIMIT ?",
            (limit,),
        )
        return [self._log_of(row) for row in rows]

    # --- Money

    def credits(self, owner: str | None = None) -> dict[tuple[str, str], int]:
        """Return what owners may fetch, by (token, owner), raw units; of one owner or of all."""
        condition, values = ("", ()) if owner is None else ("WHERE owner = ?", (_address(owner),))
        rows = self._rows(f"SELECT token, owner, amount FROM credits {condition}", values)
        return {(token, holder): int(amount) for token, holder, amount in rows}

    def ledgers(self) -> dict[str, Ledger]:
        """Return the sums of all that moved, by token."""
        return {row[0]: ledger_of(row) for row in self._rows("SELECT * FROM ledgers")}

    def state(self) -> State:
        """Return all of it, as the fold of all events would: for audits, not for pages."""
        with self._snapshot():
            deals = [
                self._deal_of(row) for row in self._rows("SELECT * FROM deals ORDER BY number")
            ]
            return State(
                {deal.deal_id: deal for deal in deals},
                self.credits(),
                self.ledgers(),
                *self._last_place(),
            )

    # --- Rows

    def _deal_of(self, row: Row) -> Deal:
        number, _, opened = row[:3]
        log = self._row(
            f"SELECT {LOG_COLUMNS} FROM {EVENTS_WITH_BLOCKS} WHERE e.position = ?", (opened,)
        )
        milestones = self._rows(
            "SELECT * FROM milestones WHERE deal = ? ORDER BY milestone", (number,)
        )
        return deal_of(row, self._log_of(log), [milestone_of(each) for each in milestones])

    def _log_of(self, row: Row) -> RawLog:
        return raw_log(row, self._identity.escrow)

    def _number_of(self, deal_id: bytes) -> int:
        rows = self._rows("SELECT number FROM deals WHERE deal_id = ?", (deal_id,))
        if not rows:
            raise _unknown(deal_id.hex())
        number: int = rows[0][0]
        return number

    def _last_place(self) -> tuple[int, int]:
        """Return (block number, log index) of the last known event, (-1, -1) before the first."""
        rows = self._rows(
            "SELECT position FROM events WHERE name IS NOT NULL ORDER BY position DESC LIMIT 1"
        )
        return place_of(rows[0][0]) if rows else (-1, -1)

    def _read_identity(self) -> StoreIdentity:
        tables = self._rows("SELECT name FROM sqlite_master WHERE name = 'meta'")
        version = self._row("SELECT schema_version FROM meta")[0] if tables else None
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{self.path.name} is not an index of this version of the program.",
                "Give another file, or index again with --reset.",
                code="store-version",
            )
        return StoreIdentity(
            *self._row("SELECT chain_id, genesis_hash, escrow, from_block FROM meta")
        )

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Let several queries see the same commit."""
        if self._db.in_transaction:
            yield
            return
        with sql_errors(self.path):
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("ROLLBACK")

    def _rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        with sql_errors(self.path):
            return self._db.execute(sql, values).fetchall()

    def _row(self, sql: str, values: Sequence[Any] = ()) -> Row:
        """Return the one row that is always there."""
        rows = self._rows(sql, values)
        if not rows:
            raise StoreError(
                f"The index {self.path.name} is damaged: a row is missing.",
                "Index again with --reset.",
                code="store-damaged",
            )
        return rows[0]


def _unknown(digits: str) -> UnknownDeal:
    return UnknownDeal(
        f"The index has no deal 0x{digits}.", "Check the id; if the deal is new, index again."
    )


def _address(text: str) -> str:
    try:
        return to_checksum_address(text)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{text[:80]!r} is not an address.", "Give 0x and 40 hexadecimal digits."
        ) from error
