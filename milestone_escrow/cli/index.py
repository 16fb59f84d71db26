"""``escrow index``: the deals of an escrow in a file, made of its events."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import Target, examples, output_options, target_options
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import counted
from milestone_escrow.exceptions import UsageError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from milestone_escrow.exceptions import NodeError
    from milestone_escrow.indexer import Indexer, IndexReport

__all__ = ["command"]

_SQLITE: Final = b"SQLite format 3\0"  # what such a file begins with


@click.command(
    "index",
    short_help="Bring the index of an escrow up to date.",
    epilog=examples(
        "escrow index",
        "escrow index --follow",
        "escrow index --rpc https://node.example --escrow 0x5FbD...0aa3 --from-block 7000000",
    ),
)
@target_options("rpc", "chain_id", "escrow", "store")
@click.option(
    "--from-block",
    type=click.IntRange(0),
    metavar="N",
    help="Where a new index begins. Default: the block that deployed the escrow, else 0.",
)
@click.option("--once/--follow", default=True, help="Stop at the chain's head, or go on with it.")
@click.option("--reset", is_flag=True, help="Delete the index first, and make it anew.")
@output_options
def command(
    target: Target, screen: Screen, from_block: int | None, once: bool, reset: bool
) -> None:
    """Bring the index up to date with the chain: all of an escrow's events, and the deals of them.

    deals, deal and events do this by themselves. A chain's reorganisations are followed;
    killed at any moment, the index goes on from its last commit.
    """
    from milestone_escrow.cli.connection import node_url, open_node
    from milestone_escrow.cli.reading import (
        escrow_for,
        first_block,
        own_remedies,
        progress_bar,
        store_path,
    )
    from milestone_escrow.indexer import Indexer, delete_store

    workspace = Workspace.here()
    node = node_url(target, workspace)
    path = store_path(target, workspace)
    escrow = escrow_for(open_node(target, node), target, workspace, path)
    if reset:
        _require_index(path)
        delete_store(path)
    begin = first_block(escrow, path) if from_block is None else from_block
    if target.store is None:
        workspace.create()
    with own_remedies(), Indexer(node.url, path, escrow.address, begin) as indexer:
        with progress_bar(screen) as progress:
            report = indexer.run_once(progress)
        _show(screen, report, path)
        if not once:
            _follow(screen, indexer, path)
    screen.next_step("escrow deals")


def _require_index(path: Path) -> None:
    """Refuse to delete what was named by mistake."""
    with contextlib.suppress(FileNotFoundError):
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
        if start not in (b"", _SQLITE):
            raise UsageError(
                f"{path} is not an index, and is not deleted.",
                "Check --store; if it is to go, remove it yourself.",
                code="not-an-index",
            )


def _follow(screen: Screen, indexer: Indexer, path: Path) -> None:
    """Tell of every run that brought something, until Ctrl-C."""
    from threading import Event

    silent = False

    def report(done: IndexReport) -> None:
        nonlocal silent
        if silent:
            screen.note("The node answers again.")
        silent = False
        if done.events or done.reorgs or done.unknown:
            _show(screen, done, path)

    def trouble(error: NodeError) -> None:
        nonlocal silent
        if not silent:
            screen.note(f"{error.sentence} Waiting for it.")
        silent = True

    screen.note("Following the chain; Ctrl-C stops.")
    indexer.follow(Event(), report=report, trouble=trouble)


def _show(screen: Screen, report: IndexReport, path: Path) -> None:
    if screen.json:
        screen.emit(asdict(report) | {"seconds": round(report.seconds, 3), "store": str(path)})
        return
    line = (
        f"Block {report.head:,}: {counted(report.events, 'new event')} "
        f"in {counted(report.blocks, 'block')}, {report.seconds:.1f} s."
    )
    if report.reorgs:
        line += f" The chain was reorganised {counted(report.reorgs, 'time')}."
    if report.unknown:
        line += f" {counted(report.unknown, 'log')} of no known event."
    screen.line(line)
