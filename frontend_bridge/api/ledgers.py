"""The money of one deal, entry by entry."""

from __future__ import annotations

from typing import Literal, NamedTuple

from frontend_bridge.api import models
from frontend_bridge.api.pages import Said
from frontend_bridge.api.shapes import time_of
from frontend_bridge.api.view import View
from milestone_escrow.event_types import Credited, Funded, Moved, Reason, Refunded, Released, Ruled
from milestone_escrow.events import EventRecord

__all__ = ["ledger"]

What = Literal["funded", "released", "fee", "refunded", "arbiter share", "moved on", "credited"]


class _Line(NamedTuple):
    what: What
    reason: str | None
    milestone: int | None
    amount: int
    receiver: str | None
    change: int  # of what the deal holds, raw units


def ledger(view: View, *, deal_id: bytes) -> models.Answer[models.Ledger]:
    """Return the ledger of a deal."""
    kept = view.kept(deal_id)
    deal, token, shapes = kept.deal, kept.deal.token, view.shapes
    held = paid_in = withdrawn = 0
    entries: list[models.LedgerEntry] = []
    for said in view.pages.said_of(kept.number):
        for line in _lines(said, deal.agreement.platform):
            held += line.change
            paid_in += max(line.change, 0)
            if line.reason == Reason.WITHDRAW.name.lower():
                withdrawn += line.amount
            entries.append(
                models.LedgerEntry(
                    what=line.what,
                    reason=line.reason,
                    milestone=line.milestone,
                    amount=shapes.amount(line.amount, token),
                    receiver=line.receiver,
                    held=shapes.amount(held, token),
                    block_number=said.raw.block_number,
                    log_index=said.raw.log_index,
                    tx_hash="0x" + said.raw.tx_hash.hex(),
                    time=None if said.raw.timestamp is None else time_of(said.raw.timestamp),
                    finality=shapes.finality(said.raw.block_number),
                )
            )

    def total(name: str) -> models.Amount:
        return shapes.amount(sum(getattr(each, name) for each in deal.milestones), token)

    return models.Answer(
        data=models.Ledger(
            deal_id="0x" + deal_id.hex(),
            token=shapes.token(token),
            paid_in=shapes.amount(paid_in, token),
            paid=total("paid"),
            fees=total("fees"),
            refunded=total("refunded"),
            withdrawn=shapes.amount(withdrawn, token),
            arbiter_share=total("arbiter_share"),
            moved=total("moved"),
            held=shapes.amount(held, token),
            entries=entries,
        ),
        block=shapes.block(),
    )


def _lines(said: Said, platform: str) -> list[_Line]:
    """Return what an event did to the money of its deal."""
    record = said.event
    if not isinstance(record, EventRecord):
        return []
    event = record.event
    if isinstance(event, Funded):
        return [_Line("funded", None, event.index, event.remaining, None, event.remaining)]
    if isinstance(event, Released):
        reason = event.reason.name.lower()
        out = _Line("released", reason, event.index, event.gross, event.receiver, -event.gross)
        fee = _Line("fee", reason, event.index, event.fee, platform, 0)
        return [out, fee] if event.fee else [out]
    if isinstance(event, Refunded):
        reason = event.reason.name.lower()
        return [_Line("refunded", reason, event.index, event.amount, event.receiver, -event.amount)]
    if isinstance(event, Ruled) and event.share:
        share = event.share
        return [_Line("arbiter share", "ruling", event.index, share, event.arbiter, -share)]
    if isinstance(event, Moved):
        return [_Line("moved on", None, event.index, event.amount, None, -event.amount)]
    if isinstance(event, Credited):
        return [_Line("credited", None, None, event.amount, event.owner, 0)]
    return []
