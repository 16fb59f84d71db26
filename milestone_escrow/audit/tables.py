"""The tables that can be exported: their columns, and their rows one after the other.

An amount has two columns: raw units, and the decimal amount where the token's decimals are known.
So has a time: unix seconds, and UTC as ISO 8601.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Final, Literal

from milestone_escrow.agreement import Agreement
from milestone_escrow.amounts import format_units
from milestone_escrow.audit.history import deal_at, deals_at, records
from milestone_escrow.audit.statement import Statement
from milestone_escrow.clock import deal_status, milestone_status
from milestone_escrow.deal_state import Deal
from milestone_escrow.event_types import Opened
from milestone_escrow.events import EventRecord, event_to_json
from milestone_escrow.indexer.reader import Reader
from milestone_escrow.tokens import Token

__all__ = ["TABLES", "Column", "Kind", "Row", "Scope", "Table", "rows_of"]

Kind = Literal["text", "hex", "integer", "amount", "decimal", "time", "flag"]
Row = list[str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its heading.
        kind: ``text`` may hold a stranger's words; ``hex`` is a hash or an address; ``integer``
            fits 64 bits; ``amount`` is a uint256 in digits; ``decimal`` an exact decimal number in
            digits; ``time`` is ISO 8601 in UTC; ``flag`` is true or false.
    """

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an index is exported.

    Attributes:
        reader: The index.
        block: As it was at the end of this block.
        now: That block's time, unix seconds.
        deal: Only this deal; None: all.
        party: Only the deals of this employer, freelancer or arbiter; checksummed.
        token: Gives what is known of a token, None where nothing is.
    """

    reader: Reader
    block: int
    now: int
    deal: bytes | None
    party: str | None
    token: Callable[[str], Token | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be exported.

    Attributes:
        columns: In their order.
        rows: Yields its rows.
    """

    columns: tuple[Column, ...]
    rows: Callable[[Scope], Iterator[Row]]


def rows_of(what: str, scope: Scope) -> Iterator[Row]:
    """Yield the rows of a table, one of ``TABLES``."""
    return TABLES[what].rows(scope)


# --- Columns


def _columns(*groups: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(column for group in groups for column in group)


def _all(kind: Kind, *names: str) -> list[Column]:
    return [Column(name, kind) for name in names]


def _amounts(*names: str) -> list[Column]:
    return [
        column
        for name in names
        for column in (Column(f"{name}_raw", "amount"), Column(name, "decimal"))
    ]


def _times(*names: str) -> list[Column]:
    return [
        column
        for name in names
        for column in (Column(f"{name}_unix", "integer"), Column(f"{name}_utc", "time"))
    ]


_TOKEN: Final = [Column("token", "hex"), Column("symbol", "text"), Column("decimals", "integer")]


# --- Cells


def _hex(value: bytes | None) -> str | None:
    return None if value is None else "0x" + value.hex()


def _utc(time: int | None) -> list[str | int | None]:
    """Return unix seconds and ISO 8601, both None for no time."""
    if not time:
        return [None, None]
    try:
        return [time, datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
    except (OverflowError, ValueError, OSError):  # a year that calendars do not have
        return [time, None]


def _money(raw: int | None, token: Token | None) -> list[str | None]:
    """Return raw units and the decimal amount."""
    if raw is None:
        return [None, None]
    return [str(raw), None if token is None else format_units(raw, token.decimals, group=False)]


def _token(address: str | None, known: Token | None) -> Row:
    if known is None:
        return [address, None, None]
    return [address, known.symbol, known.decimals]


# --- Events

_EVENT_COLUMNS: Final = _columns(
    _all("integer", "block_number", "log_index"),
    _all("hex", "block_hash", "tx_hash"),
    _times("time"),
    _all("text", "event"),
    _all("hex", "deal_id"),
    _all("integer", "index"),
    _TOKEN,
    _amounts("amount", "remaining"),
    _all("text", "reason"),
    _all("hex", "receiver"),
    _all("text", "args"),
)
# Where an event's main amount stands.
_AMOUNTS: Final = {
    "Superseded": "moved",
    "Ruled": "freelancer_amount",
    "Released": "gross",
    "Refunded": "amount",
    "Moved": "amount",
    "Credited": "amount",
    "CreditPaid": "amount",
    "Funded": "remaining",
}


def _event_rows(scope: Scope) -> Iterator[Row]:
    token_of = lru_cache(maxsize=10_000)(partial(_token_of, scope.reader))
    wanted = _deal_ids(scope)
    for record in records(scope.reader, to_block=scope.block, deal=scope.deal):
        event = record.event
        deal_id: bytes | None = getattr(event, "deal_id", None)
        if wanted is not None and deal_id not in wanted:
            continue
        address: str | None = getattr(event, "token", None)
        if address is None and deal_id is not None:
            address = event.agreement.token if isinstance(event, Opened) else token_of(deal_id)
        yield _event_row(record, address, None if address is None else scope.token(address))


def _event_row(record: EventRecord, address: str | None, token: Token | None) -> Row:
    event = record.event
    name = type(event).__name__
    reason = getattr(event, "reason", None)
    return [
        record.block_number,
        record.log_index,
        _hex(record.block_hash),
        _hex(record.tx_hash),
        *_utc(record.timestamp),
        name,
        _hex(getattr(event, "deal_id", None)),
        getattr(event, "index", None),
        *_token(address, token),
        *_money(getattr(event, _AMOUNTS.get(name, ""), None), token),
        *_money(getattr(event, "remaining", None), token),
        None
        if reason is None
        else _hex(reason)
        if isinstance(reason, bytes)
        else reason.name.lower(),
        getattr(event, "receiver", None),
        json.dumps(event_to_json(record)["args"], separators=(",", ":")),
    ]


# --- Deals

_DEAL_AMOUNTS: Final = ("paid", "fees", "refunded", "moved", "arbiter_share", "remaining")
_DEAL_COLUMNS: Final = _columns(
    _all("hex", "deal_id"),
    _all("text", "status"),
    _all("flag", "bound", "closed"),
    _all("hex", "successor", "supersedes"),
    _all("integer", "opened_block"),
    _all("hex", "employer", "freelancer", "payee", "arbiter", "platform"),
    _TOKEN,
    _amounts("price", *_DEAL_AMOUNTS),
    _all("integer", "milestones", "fee_bps", "arbiter_bps", "fallback_freelancer_bps"),
    _all("integer", "review_period", "ruling_period"),
    _times("accept_by", "final_deadline", "last_activity"),
    _all("hex", "document"),
)


def _deals(scope: Scope) -> Iterator[Deal]:
    if scope.deal is not None:
        yield deal_at(scope.reader, scope.deal, scope.block)
    else:
        yield from deals_at(scope.reader, scope.block, party=scope.party)


def _deal_rows(scope: Scope) -> Iterator[Row]:
    for deal in _deals(scope):
        agreement: Agreement = deal.agreement
        token = scope.token(deal.token)
        sums = [sum(getattr(each, name) for each in deal.milestones) for name in _DEAL_AMOUNTS]
        yield [
            _hex(deal.deal_id),
            deal_status(deal, scope.now).status.value,
            deal.bound,
            deal.closed,
            _hex(deal.successor),
            _hex(agreement.supersedes) if any(agreement.supersedes) else None,
            deal.opened_block,
            agreement.employer,
            agreement.freelancer,
            agreement.payee,
            agreement.arbiter,
            agreement.platform,
            *_token(deal.token, token),
            *(cell for raw in (agreement.price, *sums) for cell in _money(raw, token)),
            len(deal.milestones),
            agreement.fee_bps,
            agreement.arbiter_bps,
            agreement.fallback_freelancer_bps,
            agreement.review_period,
            agreement.ruling_period,
            *_utc(agreement.accept_by),
            *_utc(agreement.final_deadline),
            *_utc(deal.last_activity),
            _hex(agreement.document),
        ]


# --- Milestones

_MILESTONE_COLUMNS: Final = _columns(
    _all("hex", "deal_id"),
    _all("integer", "index"),
    _all("text", "status", "state", "outcome"),
    _all("flag", "pending"),
    _TOKEN,
    _amounts("amount", *_DEAL_AMOUNTS),
    _times("deadline", "since", "overdue", "claimable", "ruling_ends"),
    _all("integer", "funded_block"),
    _all("hex", "evidence", "dispute_reason"),
)


def _milestone_rows(scope: Scope) -> Iterator[Row]:
    final_block = scope.reader.final_block()
    for deal in _deals(scope):
        token = scope.token(deal.token)
        for index, milestone in enumerate(deal.milestones):
            clock = milestone_status(deal, index, scope.now)
            final = milestone_status(deal, index, scope.now, final_block=final_block)
            sums = [getattr(milestone, name) for name in ("amount", *_DEAL_AMOUNTS)]
            yield [
                _hex(deal.deal_id),
                index,
                clock.status.value,
                milestone.status.name.lower(),
                None if milestone.outcome is None else milestone.outcome.value,
                final.pending,
                *_token(deal.token, token),
                *(cell for raw in sums for cell in _money(raw, token)),
                *_utc(deal.agreement.milestones[index].deadline),
                *_utc(milestone.since),
                *_utc(clock.overdue_at),
                *_utc(clock.claimable_at),
                *_utc(clock.ruling_ends_at),
                milestone.funded_block,
                _hex(milestone.evidence) if any(milestone.evidence) else None,
                _hex(milestone.reason) if any(milestone.reason) else None,
            ]


# --- Movements of money

_MOVEMENT_COLUMNS: Final = _columns(
    _all("integer", "block_number", "log_index"),
    _all("hex", "tx_hash"),
    _times("time"),
    _all("hex", "deal_id"),
    _all("integer", "index"),
    _all("text", "movement", "reason"),
    _TOKEN,
    _amounts("amount"),
    _all("hex", "receiver"),
    _amounts("balance_after_tx"),
)


def _movement_rows(scope: Scope) -> Iterator[Row]:
    statement = Statement(_deal_ids(scope), partial(_token_of, scope.reader))
    history = records(scope.reader, to_block=scope.block, deal=scope.deal)
    for line in statement.lines(history):
        token = scope.token(line.token)
        for move in line.moves:
            yield [
                line.block_number,
                move.log_index,
                _hex(line.tx_hash),
                *_utc(line.timestamp),
                _hex(move.deal_id),
                move.index,
                move.what,
                move.reason or None,
                *_token(line.token, token),
                *_money(move.amount, token),
                move.receiver,
                *_money(line.balance, token),
            ]


def _token_of(reader: Reader, deal_id: bytes) -> str:
    return reader.deal(deal_id).token


def _deal_ids(scope: Scope) -> Collection[bytes] | None:
    if scope.deal is not None:
        return (scope.deal,)
    if scope.party is None:
        return None
    return {deal.deal_id for deal in deals_at(scope.reader, scope.block, party=scope.party)}


TABLES: Final = {
    "events": Table(_EVENT_COLUMNS, _event_rows),
    "deals": Table(_DEAL_COLUMNS, _deal_rows),
    "milestones": Table(_MILESTONE_COLUMNS, _milestone_rows),
    "movements": Table(_MOVEMENT_COLUMNS, _movement_rows),
}
"""By the name that ``escrow export --what`` takes."""
