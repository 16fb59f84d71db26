"""``ape run index``: the index of an escrow on the network that Ape connects to."""

from __future__ import annotations

import click

from milestone_escrow.cli.index import command
from scripts._ape import on_ape

HELP = """Bring the index of an escrow up to date with the chain, all of its events.

The escrow is the newest that was deployed from this folder on that chain, or --escrow.

\b
Examples:
  anvil                                          # in another terminal
  ape run deploy --network http://127.0.0.1:8545
  ape run index --network http://127.0.0.1:8545
  ape run index --network http://127.0.0.1:8545 --follow
  ape run index --network ethereum:local:foundry
  ape run index --network ethereum:local:hardhat

The last two start a node, which ends with the command: its chain is empty, so the deals of the demo
are played on it first. To use these networks with a node that runs already, add
--provider-settings '{"host": "http://127.0.0.1:8545"}'.
"""


def new_chain(rpc_url: str) -> dict[str, str]:
    """Put something on the chain to index; return where."""
    from milestone_escrow.demo import Books, play

    click.echo("Ape started this chain for the command; the demo's deals come first.", err=True)
    (books,) = (scene for scene in play(rpc_url) if isinstance(scene, Books))
    return {"escrow": books.escrow}


cli = on_ape(command, help=HELP, new_chain=new_chain)
