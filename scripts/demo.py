"""``ape run demo``: whole deals, played on the network that Ape connects to."""

from __future__ import annotations

from milestone_escrow.cli.demo import command
from scripts._ape import on_ape

HELP = """Play whole deals on a development node, then show that the books balance.

The node's accounts sign and send, and its clock is moved on by a month.

\b
Examples:
  ape run demo --network ethereum:local:foundry
  ape run demo --network ethereum:local:hardhat
  anvil                                          # in another terminal
  ape run demo --network http://127.0.0.1:8545

The first two start a node, which ends with the command.
"""

cli = on_ape(command, help=HELP, new_chain=lambda rpc_url: {})
