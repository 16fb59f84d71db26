"""``escrow account``: what an address holds, is owed, and has done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from milestone_escrow.cli.options import (
    AddressType,
    Moment,
    Target,
    at_option,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import instant

if TYPE_CHECKING:
    from milestone_escrow.cli.reading import Book
    from milestone_escrow.deal_state import Deal
    from milestone_escrow.events import EventRecord
    from milestone_escrow.figures import PartyFigures, Share, Standing

__all__ = ["command"]

_DAY: Final = 86_400

_CAUTION: Final = (
    "Counts, not scores, and easy to game: whoever deals with itself has any record it likes."
)


@click.command(
    "account",
    short_help="Show an address: credits, what is held, its record.",
    epilog=examples("escrow account 0x7099...79C8", "escrow account 0x7099...79C8 --at 120 --json"),
)
@click.argument("address", type=AddressType(), metavar="ADDRESS")
@target_options("rpc", "chain_id", "escrow", "store")
@at_option(
    "As it was at the end of a block or at a time, or will be then if nobody acts. "
    "Default: the last block."
)
@click.option("--offline", is_flag=True, help="Ask no node: show what was indexed.")
@output_options
def command(target: Target, screen: Screen, address: str, at: Moment | None, offline: bool) -> None:
    """Show an address: its credits, what its deals hold, and its record by role and token.

    The record counts deals to which the freelancer agreed, by signature or transaction: completion
    is the share of settled milestones that were released in full, on time the share of those that
    were asked for before their deadline, median days is the time from a request to the release,
    auto the share that nobody released in time. It is easy to game: anyone can deal with itself.
    """
    from milestone_escrow.audit.history import credits_at, deals_at, records
    from milestone_escrow.cli.at_block import as_of
    from milestone_escrow.cli.reading import reading
    from milestone_escrow.figures import ROLES, party_figures, standing

    with reading(target, screen, offline=offline) as book:
        then = as_of(book, target, at)
        block, now = then.block, then.now
        deals = list(deals_at(book.reader, block, party=address))

        def with_events() -> Iterator[tuple[Deal, Sequence[EventRecord]]]:
            for deal in deals:
                yield deal, list(records(book.reader, to_block=block, deal=deal.deal_id))

        record = party_figures(address, with_events())
        credits = credits_at(book.reader, block, address)
        final = book.reader.final_block()
        held = {
            (role, token): each
            for role in ROLES
            for token, each in standing(
                (deal for deal in deals if getattr(deal.agreement, role) == address), now, final
            ).items()
        }
        if screen.json:
            screen.emit(_shape(book, address, block, now, credits, held, record))
            return
        if then.ahead:
            screen.note(f"As of {instant(now)}, if nobody acts until then.")
        screen.facts(
            [
                ("address", address),
                ("as of", f"{instant(now)} (block {block:,})"),
                ("deals", f"{len(deals):,}"),
                *(("credit", book.amount(amount, token)) for token, amount in credits.items()),
            ]
        )
        if held:
            screen.heading("Held now")
            screen.table(_HELD, [_held_row(book, *key, each) for key, each in held.items()])
        if record:
            screen.heading("Record")
            screen.table(_RECORD, [_record_row(book, *key, each) for key, each in record.items()])
            screen.note(_CAUTION)


_HELD: Final = (
    Column("AS"),
    Column("HELD", right=True),
    Column("FINAL", right=True, keep=3),
    Column("MILESTONES", flows=True),
)
_RECORD: Final = (
    Column("AS"),
    Column("TOKEN"),
    Column("DEALS", right=True, keep=1),
    Column("MILESTONES", right=True, keep=2),
    Column("PAID", right=True, keep=4),
    Column("COMPLETED", right=True),
    Column("ON TIME", right=True),
    Column("MEDIAN DAYS", right=True, keep=5),
    Column("AUTO", right=True, keep=6),
    Column("DISPUTED", right=True),
)


def _held_row(book: Book, role: str, token: str, each: Standing) -> list[str]:
    words = [f"{count} {word.replace('_', ' ')}" for word, count in each.counts.items() if count]
    return [role, book.amount(each.held, token), book.amount(each.final, token), ", ".join(words)]


def _record_row(book: Book, role: str, token: str, each: PartyFigures) -> list[str]:
    known = book.token(token)
    return [
        role,
        token if known is None else known.symbol,
        f"{each.deals:,}",
        f"{each.milestones:,}",
        book.amount(each.paid, token),
        _percent(each.completion),
        _percent(each.on_time),
        _days(each.median_review_seconds),
        _percent(each.auto_released),
        f"{each.disputed:,}",
    ]


def _percent(share: Share) -> str:
    if not share.whole:
        return "-"
    tenths = (share.part * 2_000 // share.whole + 1) // 2
    return f"{tenths // 10}.{tenths % 10} % of {share.whole:,}"


def _days(seconds: int | None) -> str:
    if seconds is None:
        return "-"
    tenths = (seconds * 20 // _DAY + 1) // 2
    return f"{tenths // 10}.{tenths % 10}"


def _shape(
    book: Book,
    address: str,
    block: int,
    now: int,
    credits: dict[str, int],
    held: dict[tuple[str, str], Standing],
    record: dict[tuple[str, str], PartyFigures],
) -> dict[str, Any]:
    return {
        "chain_id": book.reader.identity.chain_id,
        "escrow": book.reader.identity.escrow,
        "address": address,
        "block": block,
        "at": now,
        "credits": [
            {"token": book.token_json(token), "amount": str(amount)}
            for token, amount in credits.items()
        ],
        "held": [
            {
                "role": role,
                "token": book.token_json(token),
                "held": str(each.held),
                "final": str(each.final),
                "counts": each.counts,
                "amounts": {word: str(amount) for word, amount in each.amounts.items()},
            }
            for (role, token), each in held.items()
        ],
        "record": [
            {
                "role": role,
                "token": book.token_json(token),
                "deals": each.deals,
                "milestones": each.milestones,
                "amount": str(each.amount),
                "paid": str(each.paid),
                "refunded": str(each.refunded),
                "earned": str(each.earned),
                "settled": each.settled,
                "completion": each.completion.to_json(),
                "on_time": each.on_time.to_json(),
                "auto_released": each.auto_released.to_json(),
                "disputed": each.dispute_share.to_json(),
                "disputes_opened": each.disputes_opened,
                "ruled": each.ruled.to_json(),
                "median_review_seconds": each.median_review_seconds,
            }
            for (role, token), each in record.items()
        ],
        "caution": _CAUTION,
    }
