"""``escrow deal``: all that is known of one deal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import (
    DealIdType,
    Target,
    TimeType,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import at, instant, moment, short_id

if TYPE_CHECKING:
    from milestone_escrow.cli.reading import Book
    from milestone_escrow.deal_state import Deal

__all__ = ["command"]

_DAY: Final = 86_400


@click.command(
    "deal",
    short_help="Show one deal: agreement, milestones, money, times.",
    epilog=examples("escrow deal 0x1f3a9c2b", "escrow deal 0x1f3a9c2b --json"),
)
@click.argument("deal_id", type=DealIdType(), metavar="ID")
@target_options("rpc", "chain_id", "escrow", "store")
@click.option(
    "--at",
    "time",
    type=TimeType(),
    metavar="TIME",
    help="As it will stand at a time if nobody acts: unix seconds, or 2030-01-31T12:00 in UTC. "
    "Default: the time of the last block.",
)
@click.option("--offline", is_flag=True, help="Ask no node: show what was indexed.")
@output_options
def command(target: Target, screen: Screen, deal_id: str, time: int | None, offline: bool) -> None:
    """Show one deal: the agreement, each milestone, where the money is, and what comes next.

    ID is the deal id, or the beginning of it if no other deal begins like that.
    """
    from milestone_escrow.cli.reading import reading
    from milestone_escrow.cli.shapes import deal_shape

    with reading(target, screen, offline=offline) as book:
        deal = book.reader.deal(deal_id)
        now = book.now if time is None else time
        if screen.json:
            screen.emit(
                {
                    "chain_id": book.reader.identity.chain_id,
                    "escrow": book.reader.identity.escrow,
                    "block": book.block,
                    "online": book.online,
                    "at": now,
                    "deal": deal_shape(deal, book, now, book.reader.final_block()),
                }
            )
            return
        if time is not None:
            screen.note(f"As of {instant(time)}, if nobody acts until then.")
        _show(screen, deal, book, now)
        screen.next_step(f"escrow events --deal {short_id(deal.deal_id)}")


def _show(screen: Screen, deal: Deal, book: Book, now: int) -> None:
    from milestone_escrow.clock import deal_status, next_moments

    status = str(deal_status(deal, now).status)
    facts = [
        ("deal", f"0x{deal.deal_id.hex()}"),
        ("status", f"{status} ({'' if deal.bound else 'not '}bound)"),
    ]
    if deal.successor is not None:
        facts.append(("replaced by", f"0x{deal.successor.hex()}"))
    facts.append(("opened", f"block {deal.opened_block:,}"))
    if deal.last_activity:
        facts.append(("last active", at(deal.last_activity, now)))
    latest = f" (block {book.block:,})" if now == book.now else ""
    facts.append(("as of", instant(now) + latest))
    screen.facts(facts)
    screen.heading("Agreement")
    screen.facts(_terms(deal, book, now))
    screen.heading("Milestones")
    _milestones(screen, deal, book, now)
    screen.heading("Money")
    _money(screen, deal, book)
    if coming := next_moments(deal, now):
        screen.heading("If nobody acts")
        screen.facts(
            [
                (
                    at(each.at, now),
                    moment(each.what) + ("" if each.index < 0 else f": milestone {each.index}"),
                )
                for each in coming
            ]
        )


def _terms(deal: Deal, book: Book, now: int) -> list[tuple[str, str]]:
    from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH
    from milestone_escrow.amounts import format_units

    agreement = deal.agreement

    def share(bps: int, of: str) -> str:
        return f"{format_units(bps, 2)} % of {of}"

    terms = [("employer", agreement.employer)]
    terms.append(
        ("freelancer", "not awarded" if deal.freelancer == ZERO_ADDRESS else deal.freelancer)
    )
    for name, address in (
        ("payee", agreement.payee),
        ("arbiter", agreement.arbiter),
        ("platform", agreement.platform),
        ("token", agreement.token),
    ):
        if address != ZERO_ADDRESS:
            terms.append((name, address))
    terms.append(("price", book.amount(agreement.price, deal.token)))
    if agreement.fee_bps:
        terms.append(("fee", share(agreement.fee_bps, "what the freelancer is paid")))
    if agreement.arbiter_bps:
        terms.append(("ruling fee", share(agreement.arbiter_bps, "what is in dispute")))
    terms += [
        ("accept by", at(agreement.accept_by, now)),
        ("review", f"{_span(agreement.review_period)} from a request"),
        ("ruling", f"{_span(agreement.ruling_period)} from a dispute"),
        ("fallback", share(agreement.fallback_freelancer_bps, "a late dispute to the freelancer")),
        ("document", f"0x{agreement.document.hex()}"),
    ]
    if agreement.supersedes != ZERO_HASH:
        terms.append(("supersedes", f"0x{agreement.supersedes.hex()}"))
    return terms


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, _DAY)
    return f"{days} days" + (f" and {rest:,} s" if rest else "")


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
