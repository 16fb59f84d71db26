"""Deals, events and actions as the API sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast

from frontend_bridge.api import models
from frontend_bridge.api.lasting import CONFIRMED_DEPTH, Life
from frontend_bridge.api.pages import Entry, Head, Kept, Said
from milestone_escrow.actions import Action
from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.amounts import format_units
from milestone_escrow.clock import Moment as ClockMoment
from milestone_escrow.clock import deal_status, milestone_status, next_moments
from milestone_escrow.deal_state import Deal
from milestone_escrow.event_types import Opened, Reason
from milestone_escrow.events import EventRecord
from milestone_escrow.notes import Note
from milestone_escrow.tokens import Token

__all__ = ["Shapes", "event_words", "time_of"]

TokenOf = Callable[[str], Token | None]

_LAST_TIME: Final = 253_402_300_799  # of year 9999, the last that ISO 8601 writes plainly


@lru_cache(maxsize=1 << 14)
def time_of(unix: int) -> models.Time:
    """Return a moment."""
    if unix > _LAST_TIME:
        return models.Time(unix=unix, iso=None)
    iso = datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return models.Time(unix=unix, iso=iso)


@lru_cache(maxsize=1 << 15)
def _amount(raw: int, token: str, decimals: int | None) -> models.Amount:
    value = None if decimals is None else format_units(raw, decimals, group=False)
    return models.Amount(raw=str(raw), value=value, token=token, decimals=decimals)


def _maybe(unix: int | None) -> models.Time | None:
    return None if unix is None else time_of(unix)


def _hash(value: bytes) -> str:
    return "0x" + value.hex()


def _known(value: bytes | None) -> str | None:
    """Return a hash; None for the hash of nothing."""
    return None if value is None or not any(value) else _hash(value)


def _somebody(address: str) -> str | None:
    return None if address == ZERO_ADDRESS else address


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes things as they are at the end of one block.

    Attributes:
        head: The block.
        chain_id: Of its chain.
        token_of: What a token says of itself; None: not known.
        life: How long what was shaped stays so.
    """

    head: Head
    chain_id: int
    token_of: TokenOf
    life: Life = field(default_factory=Life)

    @property
    def now(self) -> int:
        """The block's time, unix seconds."""
        return self.head.time or 0

    def block(self) -> models.Block:
        """Return the block."""
        head = self.head
        return models.Block(
            number=head.number,
            hash=None if head.hash is None else _hash(head.hash),
            time=_maybe(head.time),
            finality=self._finality(head.number),
            final_number=head.final,
            chain_id=self.chain_id,
        )

    def finality(self, block_number: int) -> models.Finality:
        """Return how sure it is that a block stays."""
        found = self._finality(block_number)
        if found != "final":
            self.life.until_final(block_number)
        if found == "pending":
            self.life.until_number(block_number + CONFIRMED_DEPTH)
        return found

    def _finality(self, block_number: int) -> models.Finality:
        if self.head.final is not None and block_number <= self.head.final:
            return "final"
        return "confirmed" if self.head.number - block_number >= CONFIRMED_DEPTH else "pending"

    # --- Money

    def token(self, address: str) -> models.Token:
        """Return a currency."""
        known = self._token(address)
        return models.Token(
            address=address,
            symbol=None if known is None else known.symbol,
            decimals=None if known is None else known.decimals,
        )

    def amount(self, raw: int, token: str) -> models.Amount:
        """Return an amount."""
        known = self._token(token)
        return _amount(raw, token, None if known is None else known.decimals)

    def _token(self, address: str) -> Token | None:
        known = self.token_of(address)
        if known is None:  # the next time it may be
            self.life.brief = True
        return known

    # --- Deals

    def summary(self, kept: Kept) -> models.DealSummary:
        """Return a deal as a list shows it."""
        deal, terms, now = kept.deal, kept.deal.agreement, self.now
        final = self.head.final
        coming = self._coming(deal)
        return models.DealSummary(
            id=_hash(deal.deal_id),
            status=deal_status(deal, now).status.value,
            bound=deal.bound,
            employer=terms.employer,
            freelancer=_somebody(terms.freelancer),
            arbiter=_somebody(terms.arbiter),
            token=self.token(terms.token),
            price=self.amount(terms.price, terms.token),
            held=self.amount(deal.remaining, terms.token),
            milestones=[
                milestone_status(deal, index, now, final_block=final).status.value
                for index in range(len(deal.milestones))
            ],
            final_deadline=time_of(terms.final_deadline),
            next=_moment(coming[0]) if coming else None,
            opened=models.NumberedBlock(number=deal.opened_block, log_index=deal.opened_log_index),
            finality=self.finality(kept.last_block),
        )

    def deal(self, kept: Kept, *, document_here: bool | None) -> models.Deal:
        """Return all that is known of a deal."""
        deal, terms, now = kept.deal, kept.deal.agreement, self.now
        clock = deal_status(deal, now)
        if document_here is None:
            self.life.brief = True
        elif not document_here:
            self.life.absent = True
        return models.Deal(
            id=_hash(deal.deal_id),
            status=clock.status.value,
            bound=deal.bound,
            closed=deal.closed,
            successor=_known(deal.successor),
            supersedes=_known(terms.supersedes),
            token=self.token(terms.token),
            price=self.amount(terms.price, terms.token),
            held=self.amount(deal.remaining, terms.token),
            acceptable=clock.acceptable,
            fundable=clock.fundable,
            last_activity=_maybe(deal.last_activity or None),
            accept_by=time_of(terms.accept_by),
            final_deadline=time_of(terms.final_deadline),
            dormant_at=time_of(clock.dormant_at),
            lapsed_at=time_of(clock.lapsed_at),
            milestones=[self._milestone(kept, index) for index in range(len(deal.milestones))],
            next=[_moment(moment) for moment in self._coming(deal)],
            agreement=_agreement(terms),
            document_here=document_here,
            opened=models.NumberedBlock(number=deal.opened_block, log_index=deal.opened_log_index),
            finality=self.finality(kept.last_block),
        )

    def milestone(self, kept: Kept, index: int) -> models.Milestone:
        """Return a milestone."""
        self._coming(kept.deal)
        return self._milestone(kept, index)

    def _milestone(self, kept: Kept, index: int) -> models.Milestone:
        deal, milestone, token = kept.deal, kept.deal.milestones[index], kept.deal.token
        clock = milestone_status(deal, index, self.now, final_block=self.head.final)
        ruling = milestone.ruling
        if clock.pending and milestone.funded_block is not None:
            self.life.until_final(milestone.funded_block)
        return models.Milestone(
            index=index,
            status=clock.status.value,
            state=cast(models.State, milestone.status.name.lower()),
            outcome=None if milestone.outcome is None else milestone.outcome.value,
            pending=clock.pending,
            amount=self.amount(milestone.amount, token),
            remaining=self.amount(milestone.remaining, token),
            paid=self.amount(milestone.paid, token),
            fees=self.amount(milestone.fees, token),
            refunded=self.amount(milestone.refunded, token),
            moved=self.amount(milestone.moved, token),
            arbiter_share=self.amount(milestone.arbiter_share, token),
            ruling=None
            if ruling is None
            else models.Ruling(
                freelancer=self.amount(ruling[0], token), employer=self.amount(ruling[1], token)
            ),
            deadline=time_of(deal.agreement.milestones[index].deadline),
            since=_maybe(milestone.since or None),
            overdue_at=_maybe(clock.overdue_at),
            claimable_at=_maybe(clock.claimable_at),
            ruling_ends_at=_maybe(clock.ruling_ends_at),
            disputable_from=_maybe(clock.disputable_from),
            dormant_at=_maybe(clock.dormant_at),
            lapsed_at=_maybe(clock.lapsed_at),
            evidence=_known(milestone.evidence),
            reason=_known(milestone.reason),
            funded_block=milestone.funded_block,
        )

    def _coming(self, deal: Deal) -> tuple[ClockMoment, ...]:
        """Return what comes by itself; what is said of the deal is so until the first of it."""
        coming = next_moments(deal, self.now)
        if coming:
            self.life.until(coming[0].at)
        return coming

    # --- What happened

    def event(self, said: Said) -> models.EventItem:
        """Return an event."""
        raw, name, contract, args = said.raw, *event_words(said.event)
        deal_id = args.pop("deal_id", None)
        return models.EventItem(
            name=name,
            contract=contract,
            deal_id=deal_id,
            block_number=raw.block_number,
            block_hash=_hash(raw.block_hash),
            log_index=raw.log_index,
            tx_hash=_hash(raw.tx_hash),
            time=_maybe(raw.timestamp),
            finality=self.finality(raw.block_number),
            args=args,
        )

    # --- What may be done

    def action(self, action: Action) -> models.ActionItem:
        """Return a call, and whether it is allowed."""
        return models.ActionItem(
            call=action.call,
            contract=cast(models.ContractName, action.contract),
            milestone=action.index,
            owner=action.owner,
            allowed=action.allowed,
            code=action.error,
            reason=action.sentence or None,
            remedy=action.remedy or None,
            opens_at=_maybe(action.opens_at),
            closes_at=_maybe(action.closes_at),
            signed_by=action.signed_by,
        )


def live_event(entry: Entry) -> models.LiveEvent:
    """Return what a listener hears of an entry; the same whoever asks, and whenever."""
    told, said = entry.entry, entry.said
    args: dict[str, Any] | None = None
    if said is not None:
        args = event_words(said.event)[2]
        args.pop("deal_id", None)
    return models.LiveEvent(
        sequence=told.sequence,
        kind=told.kind,
        name=told.name,
        deal_id=_known(told.deal_id),
        block_number=told.block_number,
        log_index=told.log_index,
        tx_hash=_known(told.tx_hash),
        block_hash=None if said is None else _hash(said.raw.block_hash),
        time=None if said is None else _maybe(said.raw.timestamp),
        args=args,
    )


def event_words(
    event: EventRecord | Note | None,
) -> tuple[str, models.ContractName, dict[str, Any]]:
    """Return an event's name, its contract and its fields."""
    if isinstance(event, EventRecord):
        inner = event.event
        args = {field.name: _plain(getattr(inner, field.name)) for field in fields(inner)}
        if isinstance(inner, Opened):
            args["agreement"] = inner.agreement.to_json()
        return type(inner).__name__, "MilestoneEscrow", args
    if isinstance(event, Note):
        args = {"deal_id": _hash(event.deal_id), "actor": event.actor}
        return event.name, "DealNotes", args | {k: _plain(v) for k, v in event.values.items()}
    return "Unknown", "MilestoneEscrow", {}


def _plain(value: object) -> Any:
    if isinstance(value, Reason):
        return value.name.lower()
    if isinstance(value, bytes):
        return _hash(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value


def _moment(moment: ClockMoment) -> models.Moment:
    index = None if moment.index < 0 else moment.index
    return models.Moment(what=moment.what, milestone=index, at=time_of(moment.at))


def _agreement(terms: Agreement) -> models.Agreement:
    shape = terms.to_json()
    parts = [models.AgreementMilestone(**part) for part in shape.pop("milestones")]
    return models.Agreement(**shape, milestones=parts)
