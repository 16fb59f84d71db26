"""The index as the API reads it: by pages, each answer of one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from milestone_escrow.deal_state import Deal
from milestone_escrow.events import EventRecord, RawLog, decode_raw
from milestone_escrow.figures import ROLES
from milestone_escrow.indexer import OutboxEntry, Reader
from milestone_escrow.indexer.deals import SELECT_DEALS, deals_of, find_deal, ids_like
from milestone_escrow.indexer.engine import Row, chunks, marks
from milestone_escrow.indexer.rows import (
    FIRST_NOTE,
    LOG_COLUMNS,
    NOTES,
    WITH_BLOCKS,
    address_text,
    log_to_json,
    raw_log,
)
from milestone_escrow.indexer.source import (
    DEAL_BITS,
    POSITION_BITS,
    place_of,
    position_of,
)
from milestone_escrow.notes import Note, decode_note
from milestone_escrow.offchain.tables import documents

__all__ = ["Entry", "Head", "Kept", "Pages", "Said"]

_CONFIRMED: Final = FIRST_NOTE + NOTES.index("ArbiterConfirmed")
_DOCUMENT: Final = f"SELECT 1 FROM {documents.name} WHERE {documents.c.hash.name} = ? LIMIT 1"
_DEALS: Final = f"{SELECT_DEALS} WHERE deal > ? AND deal < ?"


@dataclass(frozen=True, slots=True)
class Head:
    """How far the index goes.

    Attributes:
        number: Of the last block in it; that before the first where there is none.
        hash: 32 bytes; None where there is no block yet.
        time: Unix seconds; None likewise.
        final: Number of the last block that cannot be replaced; None: not known.
        sequence: Of the last entry in the outbox.
    """

    number: int
    hash: bytes | None
    time: int | None
    final: int | None
    sequence: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A deal as it is kept.

    Attributes:
        number: Its place in the order of openings.
        deal: The fold's.
        last_block: Number of the last block with an event of it.
    """

    number: int
    deal: Deal
    last_block: int


@dataclass(frozen=True, slots=True)
class Said:
    """One log of escrow or notes, decoded.

    Attributes:
        raw: Where it stands.
        event: What it says; None where this version cannot tell.
    """

    raw: RawLog
    event: EventRecord | Note | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the outbox with what belongs to it.

    Attributes:
        entry: The outbox's.
        said: The event; None where it was taken back, or is none.
        parties: Addresses with a role in its deal; None: not known, the deal being gone.
    """

    entry: OutboxEntry
    said: Said | None
    parties: frozenset[str] | None


class Pages(Reader):
    """A reader with the queries of the API."""

    @contextmanager
    def at_once(self) -> Iterator[Head]:
        """Let several queries see the same commit, and say which."""
        with self._snapshot():
            yield self.head()

    def head(self) -> Head:
        """Return how far the index goes."""
        number, block_hash, final, sequence = self._meta(
            "checkpoint, checkpoint_hash, final_block, sequence"
        )
        time = None if block_hash is None else self.time()
        return Head(number, block_hash, time, final, sequence)

    def kept(self, deal_id: bytes) -> Kept:
        """Return a deal.

        Raises:
            UnknownDeal: There is none with this id.
        """
        row = find_deal(self._db, self._source, deal_id)
        return self._kept([row])[0]

    def page(
        self,
        *,
        party: str | None,
        roles: Sequence[str],
        token: str | None,
        after: int | None,
        newest_first: bool,
        limit: int,
        begins: str | None = None,
    ) -> list[Kept]:
        """Return deals in the order of their opening, or in the opposite one.

        Args:
            party: Only those in which this address has one of the roles.
            roles: Of ``ROLES``.
            token: Only those in this token.
            after: Only those that follow this number in that order.
            newest_first: The opposite order.
            limit: At most so many.
            begins: Only those whose id, or the address of one of ``ROLES``, begins with these
                hexadecimal digits.
        """
        base = self._source << DEAL_BITS
        low, high = base, base + (1 << DEAL_BITS)
        if after is not None and newest_first:
            high = min(high, base + after)
        elif after is not None:
            low = max(low, base + after)
        sql = _DEALS
        values: list[Any] = [low, high]
        if party is not None:
            address = bytes.fromhex(party[2:])
            # One index for each role.
            own = " UNION ".join(f"SELECT deal FROM deals WHERE {role} = ?" for role in roles)
            sql += f" AND deal IN ({own})"
            values += [address] * len(roles)
        if begins is not None:
            alike, between = self._alike(begins)
            sql += f" AND deal IN ({alike})"
            values += between
        if token is not None:
            sql += " AND token = ?"
            values.append(bytes.fromhex(token[2:]))
        order = "DESC" if newest_first else "ASC"
        return self._kept(self._rows(f"{sql} ORDER BY deal {order} LIMIT ?", (*values, limit)))

    def _alike(self, digits: str) -> tuple[str, list[Any]]:
        """Return the query for deals whose id or party begins so, by one index for each."""
        ends = ids_like(digits)
        sql = "SELECT deal FROM deals WHERE source = ? AND deal_id BETWEEN ? AND ?"
        values: list[Any] = [self._source, *ends]
        if len(digits) <= 40:
            for role in ROLES:
                sql += f" UNION SELECT deal FROM deals WHERE {role} BETWEEN ? AND ?"
                values += [end[:20] for end in ends]
        return sql, values

    def count_of(self, party: str) -> int:
        """Return in how many deals an address has a role."""
        address = bytes.fromhex(party[2:])
        own = " UNION ".join(f"SELECT deal FROM deals WHERE {role} = ?" for role in ROLES)
        base = self._source << DEAL_BITS
        rows = self._rows(
            f"SELECT count(*) FROM ({own}) AS own WHERE deal > ? AND deal < ?",
            (*[address] * len(ROLES), base, base + (1 << DEAL_BITS)),
        )
        return int(rows[0][0])

    def entered(self, party: str, other: str | None = None, *, limit: int) -> list[Kept]:
        """Return deals that somebody entered by an act of their own, the newest first.

        An employer funds, a freelancer signs or accepts, an arbiter confirms; anybody can be named.

        Args:
            party: Who did.
            other: Only those in which this address has a role, too.
            limit: At most so many.
        """
        address = bytes.fromhex(party[2:])
        own = (
            "SELECT deal FROM deals WHERE employer = ? "
            "UNION SELECT deal FROM deals WHERE freelancer = ? AND bound "
            "UNION SELECT deal FROM deals d WHERE arbiter = ? AND EXISTS "
            f"(SELECT 1 FROM events e WHERE e.deal = d.deal AND e.kind = {_CONFIRMED})"
        )
        base = self._source << DEAL_BITS
        sql = f"{_DEALS} AND deal IN ({own})"
        values: list[Any] = [base, base + (1 << DEAL_BITS), address, address, address]
        if other is not None:
            theirs = " UNION ".join(f"SELECT deal FROM deals WHERE {role} = ?" for role in ROLES)
            sql += f" AND deal IN ({theirs})"
            values += [bytes.fromhex(other[2:])] * len(ROLES)
        return self._kept(self._rows(f"{sql} ORDER BY deal DESC LIMIT ?", (*values, limit)))

    def has_document(self, document_hash: bytes) -> bool:
        """Return whether somebody put a document beside the chain, into the same database.

        As ``milestone_escrow.offchain.documents.here``, in a tenth of its time.
        """
        return bool(self._rows(_DOCUMENT, (document_hash,)))

    def bound(self, deal_ids: Iterable[bytes]) -> frozenset[bytes]:
        """Return which of these deals are bound, of those that the index knows."""
        found: list[bytes] = []
        for part in chunks(list(deal_ids)):
            rows = self._rows(
                f"SELECT deal_id FROM deals WHERE source = ? AND bound "
                f"AND deal_id IN ({marks(len(part))})",
                (self._source, *part),
            )
            found += [row[0] for row in rows]
        return frozenset(found)

    def settled(self, party: str) -> bool:
        """Return whether a milestone was settled in a bound deal of an employer or freelancer."""
        address = bytes.fromhex(party[2:])
        base = self._source << DEAL_BITS
        rows = self._rows(
            "SELECT 1 FROM (SELECT deal, bound, settled FROM deals WHERE employer = ? "
            "UNION ALL SELECT deal, bound, settled FROM deals WHERE freelancer = ?) AS own "
            "WHERE bound AND settled <> 0 AND deal > ? AND deal < ? LIMIT 1",
            (address, address, base, base + (1 << DEAL_BITS)),
        )
        return bool(rows)

    def said_of(
        self, number: int, *, after: tuple[int, int] | None = None, limit: int = 100_000
    ) -> list[Said]:
        """Return what was logged of a deal, notes too, in the order of the chain.

        Args:
            number: The deal's.
            after: Only what follows this (block number, log index).
            limit: At most so many.
        """
        base = self._source << POSITION_BITS
        low = base - 1 if after is None else base + position_of(*after)
        rows = self._rows(
            f"SELECT {LOG_COLUMNS} FROM events e {WITH_BLOCKS} "
            "WHERE e.deal = ? AND e.position > ? ORDER BY e.position LIMIT ?",
            (number + (self._source << DEAL_BITS), low, limit),
        )
        return [self._said(row) for row in rows]

    def records_of(self, numbers: Sequence[int]) -> dict[int, list[EventRecord]]:
        """Return the escrow's events of deals, by the deals' numbers, each in order."""
        base = self._source << DEAL_BITS
        found: dict[int, list[EventRecord]] = {number: [] for number in numbers}
        for part in chunks(numbers):
            rows = self._rows(
                f"SELECT e.deal, {LOG_COLUMNS} FROM events e {WITH_BLOCKS} "
                f"WHERE e.deal IN ({marks(len(part))}) AND e.kind < {FIRST_NOTE} "
                "ORDER BY e.deal, e.position",
                [base + number for number in part],
            )
            for deal, group in groupby(rows, key=lambda row: row[0]):
                records = (decode_raw(raw_log(row[1:], self._identity.escrow)) for row in group)
                found[deal - base] = [record for record in records if record is not None]
        return found

    def news(self, after: int, limit: int) -> list[Entry]:
        """Return entries of the outbox after a sequence, with what belongs to them."""
        with self._snapshot():
            entries = self.outbox(after, limit)
            said = self._said_at(entry for entry in entries if entry.kind == "event")
            parties = self._parties({entry.deal_id for entry in entries if entry.deal_id})
        return [
            Entry(
                entry,
                said.get((entry.block_number, entry.log_index)) if entry.kind == "event" else None,
                None if entry.deal_id is None else parties.get(entry.deal_id),
            )
            for entry in entries
        ]

    def _said_at(self, entries: Iterable[OutboxEntry]) -> dict[tuple[int, int], Said]:
        base = self._source << POSITION_BITS
        places = [base + position_of(entry.block_number, entry.log_index) for entry in entries]
        found = {}
        for part in chunks(places):
            for row in self._rows(
                f"SELECT {LOG_COLUMNS} FROM events e {WITH_BLOCKS} "
                f"WHERE e.position IN ({marks(len(part))})",
                part,
            ):
                found[place_of(row[0])] = self._said(row)
        return found

    def _parties(self, deal_ids: Iterable[bytes]) -> dict[bytes, frozenset[str]]:
        found = {}
        for part in chunks(list(deal_ids)):
            for deal_id, *parties in self._rows(
                "SELECT deal_id, employer, freelancer, arbiter FROM deals "
                f"WHERE source = ? AND deal_id IN ({marks(len(part))})",
                (self._source, *part),
            ):
                found[deal_id] = frozenset(address_text(party) for party in parties)
        return found

    def _said(self, row: Row) -> Said:
        note = row[1] >= FIRST_NOTE
        address = (self._identity.notes or "") if note else self._identity.escrow
        raw = raw_log(row, address)
        return Said(raw, decode_note(log_to_json(raw)) if note else decode_raw(raw))

    def _kept(self, rows: Sequence[Row]) -> list[Kept]:
        last: dict[int, int] = {}
        for part in chunks(rows):
            last.update(
                self._rows(
                    "SELECT deal, max(position) FROM events "
                    f"WHERE deal IN ({marks(len(part))}) GROUP BY deal",
                    [row[0] for row in part],
                )
            )
        base = self._source << DEAL_BITS
        return [
            Kept(row[0] - base, deal, place_of(last[row[0]])[0])
            for row, deal in zip(rows, deals_of(self._db, rows), strict=True)
        ]
