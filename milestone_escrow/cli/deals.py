"""``escrow deals``: the deals of an escrow, a line each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import (
    AddressType,
    Moment,
    Target,
    at_option,
    examples,
    output_options,
    party_option,
    target_options,
)
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import ago, instant, moment, short_address, short_id

if TYPE_CHECKING:
    from milestone_escrow.cli.reading import Book
    from milestone_escrow.deal_state import Deal

__all__ = ["command"]

# The words of clock.DealStatus, which help must not import; a test compares them.
STATUSES: Final = ("open", "active", "dormant", "lapsed", "ended", "settled", "closed")

_COLUMNS: Final = (
    Column("DEAL"),
    Column("STATUS", status=True),
    Column("PRICE", right=True, keep=3),
    Column("HELD", right=True),
    Column("MILESTONES", flows=True),
    Column("NEXT", keep=4),
    Column("EMPLOYER", keep=2),
    Column("FREELANCER", keep=1),
)


@click.command(
    "deals",
    short_help="List deals: status, money, what comes next.",
    epilog=examples(
        "escrow deals",
        "escrow deals --party 0x7099...79C8 --status active",
        "escrow deals --at 120",
        "escrow deals --at 2030-01-31 --json",
    ),
)
@target_options("rpc", "chain_id", "escrow", "store")
@party_option("Only those of this employer, freelancer or arbiter.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those that stand there.")
@click.option(
    "--token",
    type=AddressType(),
    metavar="ADDRESS",
    help="Only those in this token; the zero address is the native coin.",
)
@at_option(
    "As they stood at the end of a block or at a time, or will stand then if nobody acts: a "
    "number, unix seconds, or 2030-01-31T12:00 in UTC. Default: the last block."
)
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@click.option("--offline", is_flag=True, help="Ask no node: show what was indexed.")
@output_options
def command(
    target: Target,
    screen: Screen,
    party: str | None,
    status: str | None,
    token: str | None,
    at: Moment | None,
    limit: int,
    offline: bool,
) -> None:
    """List the deals of an escrow, the oldest first; the index is brought up to date before."""
    from milestone_escrow.audit.history import deals_at
    from milestone_escrow.cli.at_block import as_of
    from milestone_escrow.cli.reading import reading
    from milestone_escrow.cli.shapes import deal_shape
    from milestone_escrow.clock import deal_status

    with reading(target, screen, offline=offline) as book:
        then = as_of(book, target, at)
        now = then.now
        found: list[Deal] = []
        more = False
        for deal in deals_at(book.reader, then.block, party=party, token=token):
            if status is None or deal_status(deal, now).status == status:
                more = len(found) == limit
                if more:
                    break
                found.append(deal)
        if screen.json:
            final_block = book.reader.final_block()
            screen.emit(
                {
                    "chain_id": book.reader.identity.chain_id,
                    "escrow": book.reader.identity.escrow,
                    "block": then.block,
                    "online": book.online,
                    "at": now,
                    "more": more,
                    "deals": [deal_shape(deal, book, now, final_block) for deal in found],
                }
            )
            return
        if then.ahead:
            screen.note(f"As of {instant(now)}, if nobody acts until then.")
        elif at is not None:
            screen.note(f"As of {instant(now)}, block {then.block:,}.")
        if not found:
            asked = party or status or token or at
            screen.line("No such deals." if asked else "No deals yet.")
            screen.next_step("escrow demo, to see whole deals played")
            return
        screen.table(_COLUMNS, [_row(deal, book, now) for deal in found])
        if more:
            screen.note(f"There are more than {limit:,}: raise --limit, or ask for fewer.")
        screen.next_step(f"escrow deal {short_id(found[-1].deal_id)}")


def _row(deal: Deal, book: Book, now: int) -> list[str]:
    from milestone_escrow.abi_values import ZERO_ADDRESS
    from milestone_escrow.clock import deal_status, milestone_status, next_moments

    count = Counter(
        milestone_status(deal, index, now).status for index in range(len(deal.milestones))
    )
    coming = next_moments(deal, now)
    return [
        short_id(deal.deal_id),
        deal_status(deal, now).status,
        book.amount(deal.agreement.price, deal.token),
        book.amount(deal.remaining, deal.token),
        ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in count.items()),
        f"{moment(coming[0].what)} {ago(coming[0].at, now)}" if coming else "",
        short_address(deal.employer),
        "not awarded" if deal.freelancer == ZERO_ADDRESS else short_address(deal.freelancer),
    ]
