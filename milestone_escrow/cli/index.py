"""``escrow index``: the deals of an escrow in a store, made of its events."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from milestone_escrow.cli.options import (
    AddressType,
    Target,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import counted
from milestone_escrow.exceptions import StoreError, UsageError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from milestone_escrow.indexer import Source

__all__ = ["command"]

_SQLITE: Final = b"SQLite format 3\0"  # what such a file begins with


class _NodeType(click.ParamType):
    """A node's URL, of HTTP or a WebSocket."""

    name = "url"

    def __init__(self, *schemes: str) -> None:
        self._schemes = schemes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it."""
        try:
            parts = urlsplit(str(value))
            fits = parts.scheme in self._schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fits = False
        if not fits:
            # Not repeated: it may hold a secret.
            self.fail(f"it is not a node's URL, such as {self._schemes[0]}://127.0.0.1:8545.")
        return str(value)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is indexed, and from where.

    Attributes:
        urls: HTTP URLs of the nodes.
        ws_url: The WebSocket of one; None: none.
        store: Path or URL.
        escrow: The contract's address.
        notes: That of the notes beside it; None: as in the store.
        from_block: Where the index begins.
    """

    urls: tuple[str, ...]
    ws_url: str | None
    store: Path | str
    escrow: str
    notes: str | None
    from_block: int

    @property
    def shown(self) -> str:
        """The store without its secret."""
        if isinstance(self.store, Path):
            return str(self.store)
        parts = urlsplit(self.store)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@click.command(
    "index",
    short_help="Bring the index of an escrow up to date.",
    epilog=examples(
        "escrow index",
        "escrow index --follow --listen 127.0.0.1:9464",
        "escrow index --rpc https://node.example --escrow 0x5FbD...0aa3 --from-block 7000000",
        "escrow index --rpc wss://one.example --rpc https://two.example --follow",
        "escrow index --store postgresql://localhost/escrow --follow --log-format json",
    ),
)
@click.option(
    "--rpc",
    type=_NodeType("http", "https", "ws", "wss"),
    multiple=True,
    envvar="ESCROW_RPC",
    metavar="URL",
    help="A node; several stand in for each other and are compared. "
    "Default: ESCROW_RPC, else the devnet if it is up, else http://127.0.0.1:8545.",
)
@click.option(
    "--ws",
    "ws_url",
    type=_NodeType("ws", "wss"),
    metavar="URL",
    help="A node's WebSocket, which tells of new blocks. Default: the first ws:// among the nodes.",
)
@target_options("chain_id")
@click.option(
    "--escrow",
    "--address",
    "escrow",
    type=AddressType(),
    metavar="ADDRESS",
    help="The contract. Default: the newest one deployed from this folder on that chain.",
)
@click.option(
    "--notes",
    type=AddressType(),
    metavar="ADDRESS",
    help="The DealNotes beside it. Default: as in the index, else those deployed with it.",
)
@click.option(
    "--store",
    metavar="PATH|URL",
    help="The index: a file, or postgresql://... Default: .escrow/index.sqlite.",
)
@click.option(
    "--from-block",
    type=click.IntRange(0),
    metavar="N",
    help="Where a new index begins. Default: the block that deployed the escrow, else 0.",
)
@click.option("--once/--follow", default=True, help="Stop at the chain's head, or go on with it.")
@click.option("--at", type=click.IntRange(0), metavar="N", help="Stop at this block.")
@click.option("--reset", is_flag=True, help="Delete the index first, and make it anew.")
@click.option(
    "--rebuild",
    is_flag=True,
    help="Make deals, milestones, credits and ledgers again from the events that the index has; "
    "asks no node.",
)
@click.option(
    "--add",
    is_flag=True,
    help="Keep this escrow beside others in the same file; in a database it always is.",
)
@click.option(
    "--finality",
    type=click.Choice(["finalized", "safe"]),
    default="finalized",
    show_default=True,
    help="The nodes' word for blocks that cannot be replaced.",
)
@click.option(
    "--confirmations",
    type=click.IntRange(0),
    metavar="N",
    help="Blocks after one that make it final, where a node has no such word.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0.01, 3600),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two questions for a new block, where no WebSocket tells.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="To wait for a node.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="With --follow: serve /healthz, /readyz and /metrics there.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Write a line on standard error for all that happens.",
)
@click.option(
    "--workers", metavar="URL", help="Read old blocks on the workers of this Dask scheduler."
)
@output_options
def command(
    target: Target,
    screen: Screen,
    rpc: tuple[str, ...] | str,
    ws_url: str | None,
    escrow: str | None,
    notes: str | None,
    store: str | None,
    from_block: int | None,
    reset: bool,
    rebuild: bool,
    once: bool,
    at: int | None,
    listen: str | None,
    **settings: Any,
) -> None:
    """Bring the index up to date with the chain: all of an escrow's events, and the deals of them.

    deals, deal and events do this by themselves. A chain's reorganisations are followed;
    killed at any moment, the index goes on from its last commit. With --follow, Ctrl-C or
    SIGTERM ends it.
    """
    from milestone_escrow.cli.index_running import Settings, run
    from milestone_escrow.cli.reading import own_remedies
    from milestone_escrow.indexer import delete_store

    if not once and at is not None:
        raise UsageError("--at has no end to go on from.", "Leave out --follow.")
    if once and listen is not None:
        raise UsageError("--listen is for an index that follows.", "Add --follow.")
    workspace = Workspace.here()
    place = _store_of(store, workspace)
    if rebuild:
        if reset:
            raise UsageError("--rebuild keeps what --reset deletes.", "Give one of them.")
        _rebuild(screen, place, target.chain_id, escrow)
        return
    urls = (rpc,) if isinstance(rpc, str) else rpc  # Ape gives its one
    target = Target(_http(urls[0]) if urls else None, target.chain_id, escrow)
    told = ws_url or next((url for url in urls if url.startswith("ws")), None)
    wanted = _wanted(target, tuple(map(_http, urls)), told, place, notes, from_block, workspace)
    if reset:
        _require_index(place)
        delete_store(place)
    if store is None:
        workspace.create()
    with own_remedies():
        run(screen, wanted, Settings(once=once, at=at, listen=listen, **settings))
    if once:
        screen.next_step("escrow deals")


def _wanted(
    target: Target,
    urls: tuple[str, ...],
    ws_url: str | None,
    store: Path | str,
    notes: str | None,
    from_block: int | None,
    workspace: Workspace,
) -> Wanted:
    """Return what is meant: what was said, else what the store or the folder knows."""
    known = _known(store, target)
    # Whoever names all of it waits for no more: a restart shall be ready within a second.
    if target.rpc and target.escrow and known and target.chain_id in (None, known.chain_id):
        begin = known.from_block if from_block is None else from_block
        return Wanted(urls, ws_url, store, target.escrow, notes, begin)
    from milestone_escrow.cli.connection import Escrow, find_escrow, node_url, open_node
    from milestone_escrow.deployments import Registry, notes_of
    from milestone_escrow.exceptions import DeploymentError
    from milestone_escrow.rpc_errors import chain_id_of

    node = node_url(target, workspace)
    w3 = open_node(target, node)
    try:
        escrow = find_escrow(w3, target, workspace)
    except DeploymentError as error:
        if error.code != "no-deployment" or known is None:
            raise
        escrow = Escrow(known.escrow, known.from_block)
    chain_id = chain_id_of(w3)  # one address may be an escrow's on several
    known = _known(store, replace(target, escrow=escrow.address, chain_id=chain_id))
    if notes is None and known is None:
        notes = notes_of(w3, escrow.address, Registry(workspace.deployments))
    begin = escrow.from_block or 0 if known is None else known.from_block
    begin = begin if from_block is None else from_block
    return Wanted(urls or (node.url,), ws_url, store, escrow.address, notes, begin)


def _known(store: Path | str, target: Target) -> Source | None:
    """Return what the store is of; None: nothing or several such, or it cannot be used."""
    from milestone_escrow.cli.reading import known_source

    with contextlib.suppress(StoreError):
        return known_source(store, target.escrow, target.chain_id)
    return None


def _rebuild(screen: Screen, store: Path | str, chain_id: int | None, escrow: str | None) -> None:
    from milestone_escrow.cli.reading import open_index, own_remedies
    from milestone_escrow.indexer import open_store

    with own_remedies():
        with open_index(store, chain_id, escrow) as reader:
            source = reader.identity
        began = time.monotonic()
        with open_store(store, source) as writer:
            writer.rebuild()
            events, _ = writer.count_events()
    seconds = time.monotonic() - began
    if screen.json:
        screen.emit({"source": source.key, "events": events, "seconds": round(seconds, 3)})
        return
    screen.line(f"Made again from {counted(events, 'event')} in {seconds:.1f} s.")
    screen.next_step("escrow audit")


def _store_of(store: str | None, workspace: Workspace) -> Path | str:
    from milestone_escrow.indexer.engine import database_of

    return workspace.index if store is None else database_of(store)


def _http(url: str) -> str:
    return re.sub(r"^ws", "http", url)


def _require_index(store: Path | str) -> None:
    """Refuse to delete what was named by mistake, or what holds more than is to be made anew."""
    from milestone_escrow.indexer import sources_of

    if isinstance(store, Path):
        with contextlib.suppress(FileNotFoundError):
            with store.open("rb") as file:
                start = file.read(len(_SQLITE))
            if start not in (b"", _SQLITE):
                raise UsageError(
                    f"{store} is not an index, and is not deleted.",
                    "Check --store; if it is to go, remove it yourself.",
                    code="not-an-index",
                )
    several = False
    with contextlib.suppress(StoreError):
        several = len(sources_of(store)) > 1
    if several:
        raise UsageError(
            "That store holds the indexes of several escrows, and is not emptied.",
            "Use another one for this escrow, or remove it yourself.",
            code="several-sources",
        )
