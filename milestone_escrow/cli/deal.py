"""``escrow deal``: all that is known of one deal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from milestone_escrow.cli.options import (
    DealIdType,
    Moment,
    Target,
    at_option,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.terms import terms
from milestone_escrow.cli.words import at as when
from milestone_escrow.cli.words import instant, moment, short_id

if TYPE_CHECKING:
    from milestone_escrow.cli.at_block import AsOf
    from milestone_escrow.cli.reading import Book
    from milestone_escrow.deal_state import Deal
    from milestone_escrow.notes import Note

__all__ = ["command"]


@click.command(
    "deal",
    short_help="Show one deal: agreement, milestones, money, times.",
    epilog=examples(
        "escrow deal 0x1f3a9c2b",
        "escrow deal 0x1f3a9c2b --at 120",
        "escrow deal 0x1f3a9c2b --at 2030-01-31T12:00 --json",
    ),
)
@click.argument("deal_id", type=DealIdType(), metavar="ID")
@target_options("rpc", "chain_id", "escrow", "store")
@at_option(
    "As it stood at the end of a block or at a time, or will stand then if nobody acts: a number, "
    "unix seconds, or 2030-01-31T12:00 in UTC. Default: the last block."
)
@click.option("--offline", is_flag=True, help="Ask no node: show what was indexed.")
@output_options
def command(target: Target, screen: Screen, deal_id: str, at: Moment | None, offline: bool) -> None:
    """Show one deal: the agreement, each milestone, where the money is, and what comes next.

    ID is the deal id, or the beginning of it if no other deal begins like that.
    """
    from milestone_escrow.audit.history import deal_at
    from milestone_escrow.cli.at_block import as_of
    from milestone_escrow.cli.reading import reading
    from milestone_escrow.cli.shapes import deal_shape
    from milestone_escrow.notes import note_to_json

    with reading(target, screen, offline=offline) as book:
        then = as_of(book, target, at)
        deal = book.reader.deal(deal_id)
        if then.block != book.block:
            deal = deal_at(book.reader, deal.deal_id, then.block)
        notes = [
            note for note in book.reader.notes(deal=deal.deal_id) if note.block_number <= then.block
        ]
        if screen.json:
            screen.emit(
                {
                    "chain_id": book.reader.identity.chain_id,
                    "escrow": book.reader.identity.escrow,
                    "block": then.block,
                    "online": book.online,
                    "at": then.now,
                    "deal": deal_shape(deal, book, then.now, book.reader.final_block()),
                    "notes": [note_to_json(note) for note in notes],
                }
            )
            return
        if then.ahead:
            screen.note(f"As of {instant(then.now)}, if nobody acts until then.")
        _show(screen, deal, book, then)
        _notes(screen, notes)
        screen.next_step(f"escrow events --deal {short_id(deal.deal_id)}")


def _show(screen: Screen, deal: Deal, book: Book, as_of: AsOf) -> None:
    from milestone_escrow.clock import deal_status, next_moments

    now = as_of.now
    clock = deal_status(deal, now)
    status = str(clock.status)
    if clock.noticed and not clock.lapsed:
        status += f", {moment('notice')}"
    facts = [
        ("deal", f"0x{deal.deal_id.hex()}"),
        ("status", f"{status} ({'' if deal.bound else 'not '}bound)"),
    ]
    if deal.successor is not None:
        facts.append(("replaced by", f"0x{deal.successor.hex()}"))
    facts.append(("opened", f"block {deal.opened_block:,}"))
    if deal.last_activity:
        facts.append(("last active", when(deal.last_activity, now)))
    facts.append(("as of", f"{instant(now)} (block {as_of.block:,})"))
    screen.facts(facts)
    screen.heading("Agreement")
    screen.facts(terms(deal.agreement, lambda raw: book.amount(raw, deal.token), now))
    screen.heading("Milestones")
    _milestones(screen, deal, book, now)
    screen.heading("Money")
    _money(screen, deal, book)
    if coming := next_moments(deal, now):
        screen.heading("If nobody acts")
        screen.facts(
            [
                (
                    when(each.at, now),
                    moment(each.what) + ("" if each.index < 0 else f": milestone {each.index}"),
                )
                for each in coming
            ]
        )


def _notes(screen: Screen, notes: list[Note]) -> None:
    """Write what was said beside the deal, if the index has notes and there are any."""
    from milestone_escrow.cli.calling.telling import note_saying

    if not notes:
        return
    screen.heading("On record")
    screen.table(
        [
            Column("PLACE", keep=1),
            Column("#", right=True),
            Column("NOTE", status=True),
            Column("WHAT", flows=True),
        ],
        [
            [
                f"{note.block_number}:{note.log_index}",
                str(note.values.get("index", "")),
                note.name,
                note_saying(note),
            ]
            for note in notes
        ],
    )


def _milestones(screen: Screen, deal: Deal, book: Book, now: int) -> None:
    from milestone_escrow.clock import milestone_status

    final_block = book.reader.final_block()
    rows: list[list[str]] = []
    pending: list[str] = []
    for index, milestone in enumerate(deal.milestones):
        if milestone_status(deal, index, now, final_block=final_block).pending:
            pending.append(str(index))
        rows.append(
            [
                str(index),
                str(milestone_status(deal, index, now).status),
                book.amount(milestone.amount, deal.token),
                book.amount(milestone.paid, deal.token) if milestone.paid else "",
                book.amount(milestone.remaining, deal.token) if milestone.remaining else "",
                instant(deal.agreement.milestones[index].deadline),
            ]
        )
    screen.table(
        [
            Column("#", right=True),
            Column("STATUS", status=True),
            Column("AMOUNT", right=True),
            Column("PAID", right=True, keep=2),
            Column("HELD", right=True),
            Column("DEADLINE", keep=1),
        ],
        rows,
    )
    if pending:
        screen.line(
            f"Funded by a block that the chain may still replace: milestone {', '.join(pending)}."
        )


def _money(screen: Screen, deal: Deal, book: Book) -> None:
    from milestone_escrow.cli.shapes import deal_totals

    totals = deal_totals(deal)
    lines = [("paid in", totals["funded"]), ("to the freelancer", totals["paid"] - totals["fees"])]
    lines += [
        (name, totals[key])
        for name, key in (
            ("to the platform", "fees"),
            ("to the arbiter", "arbiter_share"),
            ("back to the employer", "refunded"),
            ("moved on", "moved"),
        )
        if totals[key]
    ]
    lines.append(("held", totals["remaining"]))
    amounts = [book.amount(amount, deal.token) for _, amount in lines]
    width = max(len(amount) for amount in amounts)
    screen.facts(
        [(name, amount.rjust(width)) for (name, _), amount in zip(lines, amounts, strict=True)]
    )
