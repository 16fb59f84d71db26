"""``escrow devnet``: the local chain that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from milestone_escrow.cli.options import examples, output_options
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from milestone_escrow.devnet import Devnet

__all__ = ["command"]


@click.group(
    "devnet",
    short_help="A local chain that stays: up, down, status.",
    epilog=examples("escrow devnet up", "escrow devnet status --json", "escrow devnet down --wipe"),
)
def command() -> None:
    """A local chain that stays: with an escrow, two test tokens and named accounts.

    The node (Anvil) signs for the accounts; no key is written anywhere. What is on the chain
    outlives down and up.
    """


@command.command("up", epilog=examples("escrow devnet up --port 9545"))
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="Where it listens. Default: where it did last, else 8545, else any free port.",
)
@output_options
def up(screen: Screen, port: int | None) -> None:
    """Start it, or go on with the one that was stopped."""
    from milestone_escrow import devnet

    before = devnet.status()
    now = devnet.up(port)
    if before is None:
        how = "started"
    elif before.pid is not None:
        how = "already up"
    elif before.genesis_hash == now.genesis_hash:
        how = "resumed"
    else:
        how = "started anew: the last chain was not saved"
    if screen.json:
        screen.emit({"devnet": _to_json(now), "how": how})
        return
    _show(screen, now, f"up ({how})")
    screen.next_step("escrow deals")


@command.command(
    "down",
    epilog=examples(
        "escrow devnet down", "escrow devnet down --wipe      and begin anew with the next up"
    ),
)
@click.option("--wipe", is_flag=True, help="Remove the chain, too.")
@output_options
def down(screen: Screen, wipe: bool) -> None:
    """Stop it; its chain is kept for the next time."""
    from milestone_escrow import devnet

    before = devnet.down(wipe=wipe)
    wiped_index = wipe and before is not None and _remove_index(before)
    if screen.json:
        screen.emit(
            {
                "devnet": None if wipe or before is None else _to_json(before) | {"pid": None},
                "stopped": before is not None and before.pid is not None,
                "wiped": wipe and before is not None,
            }
        )
        return
    if before is None:
        screen.line("There is no devnet.")
    else:
        done = "The devnet is down" if before.pid is not None else "The devnet was down"
        kept = "its chain is removed" if wipe else "its chain is kept"
        screen.line(f"{done}; {kept}{', and the index of it' if wiped_index else ''}.")
    screen.next_step("escrow devnet up")


@command.command("status", epilog=examples("escrow devnet status"))
@output_options
def status(screen: Screen) -> None:
    """Show whether it is up, and what is on it."""
    from milestone_escrow import devnet

    now = devnet.status()
    if screen.json:
        screen.emit({"devnet": None if now is None else _to_json(now)})
    elif now is None:
        screen.line("There is no devnet.")
        screen.next_step("escrow devnet up")
    else:
        _show(screen, now, "up" if now.pid is not None else "down (its chain is kept)")
        screen.next_step("escrow deals" if now.pid is not None else "escrow devnet up")


def _show(screen: Screen, devnet: Devnet, state: str) -> None:
    screen.facts(
        [
            ("status", state),
            ("node", devnet.rpc_url + (f" (process {devnet.pid})" if devnet.pid else "")),
            ("chain", str(devnet.chain_id)),
            ("escrow", f"{devnet.escrow} (block {devnet.from_block})"),
            ("notes", devnet.notes),
        ]
    )
    screen.heading("Tokens")
    screen.table(
        [Column("SYMBOL"), Column("DECIMALS", right=True), Column("ADDRESS")],
        [[token.symbol, str(token.decimals), token.address] for token in devnet.tokens.values()],
    )
    screen.heading("Accounts, which the node signs for")
    screen.table(
        [Column("ROLE"), Column("ADDRESS")],
        [[role, address] for role, address in devnet.roles.items()],
    )


def _to_json(devnet: Devnet) -> dict[str, Any]:
    return {
        "rpc_url": devnet.rpc_url,
        "pid": devnet.pid,
        "chain_id": devnet.chain_id,
        "genesis_hash": devnet.genesis_hash,
        "escrow": devnet.escrow,
        "notes": devnet.notes,
        "from_block": devnet.from_block,
        "tokens": {
            token.symbol: {"address": token.address, "decimals": token.decimals}
            for token in devnet.tokens.values()
        },
        "roles": dict(devnet.roles),
    }


def _remove_index(wiped: Devnet) -> bool:
    """Remove the folder's index if it is of the chain that is gone."""
    from milestone_escrow.exceptions import StoreError
    from milestone_escrow.indexer import Reader, delete_store

    path = Workspace.here().index
    try:
        with Reader(path) as reader:
            gone = "0x" + reader.identity.genesis_hash.hex() == wiped.genesis_hash
    except StoreError:
        return False
    if gone:
        delete_store(path)
    return gone
