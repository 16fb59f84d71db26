"""``escrow events``: what happened, in the order of the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import (
    PlaceType,
    Target,
    deal_option,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import instant, short_id

if TYPE_CHECKING:
    from milestone_escrow.cli.reading import Book
    from milestone_escrow.events import EventRecord
    from milestone_escrow.notes import Note

__all__ = ["command"]

_COLUMNS: Final = (
    Column("TIME", keep=1),
    Column("PLACE"),
    Column("DEAL", keep=3),
    Column("#", right=True),
    Column("EVENT", status=True),
    Column("WHAT", flows=True),
)


@click.command(
    "events",
    short_help="List what happened: events, oldest first.",
    epilog=examples(
        "escrow events --deal 0x1f3a9c2b", "escrow events --after 120:3 --limit 1000 --json"
    ),
)
@target_options("rpc", "chain_id", "escrow", "store")
@deal_option("Only those of this deal.")
@click.option(
    "--after", type=PlaceType(), metavar="BLOCK:LOGINDEX", help="Only those after this place."
)
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@click.option("--offline", is_flag=True, help="Ask no node: show what was indexed.")
@output_options
def command(
    target: Target,
    screen: Screen,
    deal_id: str | None,
    after: tuple[int, int] | None,
    limit: int,
    offline: bool,
) -> None:
    """List an escrow's events and the notes beside it, the oldest first.

    The index is brought up to date before.

    PLACE is block and log index. With --json, each event is a line.
    """
    from milestone_escrow.cli.reading import reading
    from milestone_escrow.events import event_to_json
    from milestone_escrow.notes import Note, note_to_json

    with reading(target, screen, offline=offline) as book:
        # So many of each are enough for so many of both.
        events = book.reader.events(deal=deal_id, after=after, limit=limit + 1)
        notes = book.reader.notes(deal=deal_id, after=after, limit=limit + 1)
        found: list[EventRecord | Note] = [*events, *notes]
        found.sort(key=lambda each: (each.block_number, each.log_index))
        more, shown = len(found) > limit, found[:limit]
        if screen.json:
            for record in shown:
                if isinstance(record, Note):
                    screen.emit(note_to_json(record) | {"token": None})
                    continue
                token = book.token_of(record)
                screen.emit(
                    event_to_json(record)
                    | {"token": None if token is None else book.token_json(token)}
                )
            return
        if not shown:
            screen.line("No events after that." if after else "No events yet.")
            return
        screen.table(_COLUMNS, [_row(record, book) for record in shown])
        if more:
            last = shown[-1]
            of_deal = f" --deal {deal_id}" if deal_id else ""
            screen.next_step(f"escrow events{of_deal} --after {last.block_number}:{last.log_index}")


def _row(record: EventRecord | Note, book: Book) -> list[str]:
    from milestone_escrow.cli.calling.telling import note_saying
    from milestone_escrow.cli.sayings import saying
    from milestone_escrow.notes import Note

    if isinstance(record, Note):
        return [
            "" if record.timestamp is None else instant(record.timestamp).removesuffix(" UTC"),
            f"{record.block_number}:{record.log_index}",
            short_id(record.deal_id),
            str(record.values.get("index", "")),
            record.name,
            note_saying(record),
        ]
    event = record.event
    index: int | None = getattr(event, "index", None)
    deal_id: bytes | None = getattr(event, "deal_id", None)
    return [
        "" if record.timestamp is None else instant(record.timestamp).removesuffix(" UTC"),
        f"{record.block_number}:{record.log_index}",
        "" if deal_id is None else short_id(deal_id),
        "" if index is None else str(index),
        type(event).__name__,
        saying(event, lambda raw: book.amount(raw, book.token_of(record) or "")),
    ]
