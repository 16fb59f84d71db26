"""``escrow reports``: what users of the bridge told of others, for whoever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from milestone_escrow.cli.options import (
    AddressType,
    Target,
    deal_option,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import counted, instant
from milestone_escrow.exceptions import StoreError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from milestone_escrow.offchain.reports import Report

__all__ = ["command"]


@click.command(
    "reports",
    short_help="Read what users of the bridge report.",
    epilog=examples(
        "escrow reports",
        "escrow reports --about 0x7099...79C8",
        "escrow reports --store postgresql://escrow@db/escrow --limit 20 --json",
    ),
)
@target_options("store")
@click.option(
    "--by", "author", type=AddressType(), metavar="ADDRESS", help="Only those of this account."
)
@click.option(
    "--about", "address", type=AddressType(), metavar="ADDRESS", help="Only those about it."
)
@deal_option("Only those about this deal; the beginning of its id will do.")
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@output_options
def command(
    target: Target,
    screen: Screen,
    author: str | None,
    address: str | None,
    deal_id: str | None,
    limit: int,
) -> None:
    """Read what users of the bridge report of others, the newest first.

    They are kept in the database of the index, where the bridge writes them; its API gives them to
    nobody. Nothing follows from a report by itself, and none has power over a deal's money.
    """
    from milestone_escrow.cli.reading import store_place
    from milestone_escrow.indexer.engine import database_of
    from milestone_escrow.offchain import Offchain, reports

    place = database_of(store_place(target, Workspace.here()))
    if isinstance(place, Path) and not place.exists():
        raise StoreError(
            f"There is no index {place.name}.",
            "Name it with --store; escrow serve makes one.",
            code="no-store",
        )
    with Offchain(place) as store, store.reading() as db:
        found = reports.latest(db, limit + 1, author=author, address=address, deal_id=deal_id)
    shown, more = found[:limit], len(found) > limit
    if screen.json:
        screen.emit({"more": more, "reports": [_shape(report) for report in shown]})
        return
    if not shown:
        asked = author or address or deal_id
        screen.line("No such reports." if asked else "No reports.")
    for report in shown:
        screen.heading(instant(report.created))
        about = [("about", report.address), ("deal", _hex(report.deal_id))]
        screen.facts([("by", report.author), *((name, what) for name, what in about if what)])
        screen.line(report.text)
    if more:
        screen.note(f"There are more than {counted(limit, 'report')}: raise --limit.")


def _hex(deal_id: bytes | None) -> str | None:
    return None if deal_id is None else "0x" + deal_id.hex()


def _shape(report: Report) -> dict[str, Any]:
    return {
        "created": report.created,
        "author": report.author,
        "address": report.address,
        "deal_id": _hex(report.deal_id),
        "text": report.text,
    }
