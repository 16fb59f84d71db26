"""``escrow serve``: the bridge, an HTTP API over the index for wallet-connected clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import Target, examples, output_options, target_options
from milestone_escrow.cli.output import Screen
from milestone_escrow.exceptions import EscrowError, StoreError, UsageError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from frontend_bridge.api.following import Chain
    from frontend_bridge.api.settings import Settings

__all__ = ["command"]

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


@click.command(
    "serve",
    short_help="Serve deals and live events over HTTP.",
    epilog=examples(
        "escrow serve",
        "escrow serve --port 8080 --cors http://localhost:5173",
        "escrow serve --no-index --store postgresql://reader@db/escrow --domain api.example.org",
    ),
)
@target_options("rpc", "chain_id", "escrow")
@click.option(
    "--store",
    metavar="PATH_OR_URL",
    help="The index: a file, or postgresql://... Default: .escrow/index.sqlite.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_780,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="NAME",
    help="A name under which it may be asked, beside those of this machine. Repeatable.",
)
@click.option(
    "--cors",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Pages of this origin may read the answers, such as https://app.example.org. Repeatable.",
)
@click.option(
    "--public-url",
    metavar="ORIGIN",
    help="Under which browsers know it, where wallets sign in. Default: https:// and the first "
    "--domain, else the address where it listens.",
)
@click.option(
    "--behind",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy whose X-Forwarded-For is believed. Repeatable.",
)
@click.option(
    "--webhook-allow",
    "webhook_allow",
    multiple=True,
    metavar="HOST:PORT",
    help="Webhooks may go there by plain HTTP, public or not. Repeatable.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=100.0,
    show_default=True,
    help="Requests a second that one address may make in the long run; 0: any number.",
)
@click.option(
    "--ws", metavar="URL", help="The node's WebSocket, which tells of new blocks at once."
)
@click.option(
    "--index/--no-index",
    "follows",
    default=True,
    help="Follow the chain by itself, or only read what another process indexes.",
)
@output_options
def command(
    target: Target,
    screen: Screen,
    store: str | None,
    host: str,
    port: int,
    domains: tuple[str, ...],
    origins: tuple[str, ...],
    public_url: str | None,
    proxies: tuple[str, ...],
    webhook_allow: tuple[str, ...],
    rate: float,
    ws: str | None,
    follows: bool,
) -> None:
    """Serve the bridge until Ctrl-C: deals, what may be done with them, and live events.

    It follows the chain by itself, or with --no-index reads an index that another process
    keeps; of one in PostgreSQL there may be any number. Reading needs no login, and no key is
    ever here.
    """
    _require_bridge()
    from frontend_bridge.api.server import free_port
    from frontend_bridge.api.settings import Limits, Settings
    from milestone_escrow.cli.connection import node_url
    from milestone_escrow.indexer.engine import database_of

    for origin in (*origins, *([] if public_url is None else [public_url])):
        _check_origin(origin)
    workspace = Workspace.here()
    where = workspace.index if store is None else database_of(store)
    node = node_url(target, workspace)
    port = free_port(host, port)
    settings = Settings(
        store=where,
        source=target.escrow,
        hosts=(*_LOCAL, host, *domains),
        origins=origins,
        proxies=proxies,
        webhook_allow=tuple(place.lower() for place in webhook_allow),
        public_url=public_url or (f"https://{domains[0]}" if domains else _url(host, port)),
        rpc=node.url,
        limits=Limits(rate=rate, burst=max(1, round(4 * rate))),
    )
    chain = None
    if follows:
        if store is None:
            workspace.create()
        chain = _chain(target, workspace, where, ws)
    _run(screen, settings, chain, host, port)


def _run(screen: Screen, settings: Settings, chain: Chain | None, host: str, port: int) -> None:
    import asyncio
    import gc
    import logging

    from frontend_bridge.api.app import Bridge
    from frontend_bridge.api.following import Following
    from frontend_bridge.api.server import serve

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    following = None
    bridge: Bridge | None = None

    def told() -> None:
        if bridge is not None:
            bridge.pulse.wake()

    if chain is not None:
        following = Following(settings.store, chain, told)
    bridge = Bridge(settings, None if following is None else following.health)
    url = _url(host, port)

    def ready() -> None:
        if screen.json:
            screen.emit({"url": url, "openapi": f"{url}/openapi.json"})
        else:
            screen.line(f"The bridge answers at {url}; {url}/openapi.json says what. Ctrl-C stops.")

    # All that was imported stays: looking through it for cycles would hold up every request for
    # some 50 ms, now and then.
    gc.freeze()
    serving = serve(bridge, host, port, following=following, ready=ready)
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        asyncio.run(serving)
    else:
        uvloop.run(serving)


def _url(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _chain(target: Target, workspace: Workspace, where: Path | str, ws: str | None) -> Chain:
    """Return what is to be followed, the contract being looked at first."""
    from frontend_bridge.api.following import Chain
    from milestone_escrow.cli.connection import find_escrow, node_url, open_node
    from milestone_escrow.deployments import Registry, notes_of
    from milestone_escrow.indexer import Reader

    node = node_url(target, workspace)
    w3 = open_node(target, node)
    try:
        with Reader(where, target.escrow) as reader:
            known = reader.identity
    except StoreError:
        known = None
    if known is not None and target.escrow in (None, known.escrow):
        return Chain((node.url,), known.escrow, known.from_block, known.notes, ws)
    escrow = find_escrow(w3, target, workspace)
    try:
        notes = notes_of(w3, escrow.address, Registry(workspace.deployments))
    except EscrowError:  # whoever named the escrow need not have deployed it from here
        notes = None
    return Chain((node.url,), escrow.address, escrow.from_block or 0, notes, ws)


def _check_origin(origin: str) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin:
        raise UsageError(
            f"{origin[:80]!r} is not an origin.",
            "Give scheme, host and port alone, such as https://app.example.org.",
            code="bad-origin",
        )


def _require_bridge() -> None:
    import importlib.util

    for package in ("frontend_bridge", "granian", "msgspec"):
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"The bridge is not installed: there is no package {package}.",
                "Run make setup in the project's folder.",
                code="no-bridge",
            )
