"""``ape run deploy``: a new escrow on the network that Ape connects to."""

from __future__ import annotations

import click

from milestone_escrow.cli.deploy import command
from scripts._ape import on_ape

HELP = """Put a new escrow on a chain, and note it in this folder's list.

Whoever deploys it pays the gas and has no power over it. On a development node that is the node's
first account, or --from; anywhere else --keyfile.

\b
Examples:
  anvil                                          # in another terminal
  ape run deploy --network http://127.0.0.1:8545
  ape run deploy --network ethereum:local:foundry
  ape run deploy --network ethereum:local:hardhat
  ape run deploy --network https://node.example --chain-id 11155111 --keyfile key.json

The second and the third start a node, which ends with the command. To use these networks with a
node that runs already, add --provider-settings '{"host": "http://127.0.0.1:8545"}'.
"""


def new_chain(rpc_url: str) -> dict[str, str]:
    """Say what becomes of the chain."""
    click.echo("Ape started this chain for the command, and ends it with it.", err=True)
    return {}


cli = on_ape(command, help=HELP, new_chain=new_chain)
