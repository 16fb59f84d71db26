"""``escrow export``: tables of the index as files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from milestone_escrow.cli.options import (
    Moment,
    Target,
    at_option,
    deal_option,
    examples,
    one_of_deal_and_party,
    output_options,
    party_option,
    target_options,
)
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import counted

__all__ = ["command"]

# The names of audit.formats.FORMATS and audit.tables.TABLES, which help must not import; a test
# compares them.
FORMATS: Final = ("csv", "jsonl", "parquet", "xlsx")
TABLES: Final = ("events", "deals", "milestones", "movements")


@click.command(
    "export",
    short_help="Write events, deals, milestones or movements to a file.",
    epilog=examples(
        "escrow export --format csv --what movements --out movements.csv",
        "escrow export --format parquet --party 0x7099...79C8 --at 120 --out events.parquet",
    ),
)
@target_options("rpc", "chain_id", "escrow", "store")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Of the file.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="The file; FILE.manifest.json beside it has its SHA-256, rows and blocks.",
)
@click.option(
    "--what", type=click.Choice(TABLES), default="events", show_default=True, help="Which table."
)
@deal_option("Only of this deal.")
@party_option("Only of the deals of this employer, freelancer or arbiter.")
@at_option("As it was at the end of a block or at a time. Default: the last block.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--offline", is_flag=True, help="Ask no node: decimal amounts are left out.")
@output_options
def command(
    target: Target,
    screen: Screen,
    form: str,
    out: Path,
    what: str,
    deal_id: str | None,
    party: str | None,
    at: Moment | None,
    force: bool,
    offline: bool,
) -> None:
    """Write a table of the index to a file; memory stays the same however long it is.

    Amounts are raw units and, beside them, decimal; times are unix seconds and ISO 8601 in UTC.
    Both files are there whole, or neither. Parquet and XLSX need milestone-escrow[export].
    """
    from milestone_escrow.audit.export import export, manifest_path
    from milestone_escrow.audit.tables import Scope
    from milestone_escrow.cli.at_block import as_of, block_of_moment, hash_at
    from milestone_escrow.cli.reading import reading

    one_of_deal_and_party("export", deal_id, party)
    with reading(target, screen, offline=offline) as book:
        block = block_of_moment(book, at)
        scope = Scope(
            reader=book.reader,
            block=block,
            now=as_of(book, target, at).now,
            deal=None if deal_id is None else book.reader.deal(deal_id).deal_id,
            party=party,
            token=book.token,
        )
        manifest = export(
            scope, out, what=what, form=form, block_hash=hash_at(book, target, block), force=force
        )
    if screen.json:
        screen.emit(asdict(manifest))
        return
    screen.line(f"Written: {out} ({counted(manifest.rows, 'row')}, {manifest.bytes:,} bytes)")
    screen.line(f"SHA-256: {manifest.sha256}")
    screen.line(f"What it is of: {manifest_path(out)}")
