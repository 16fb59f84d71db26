"""The command ``escrow``."""

from __future__ import annotations

from typing import Final

import click

from milestone_escrow import __version__
from milestone_escrow.cli.exits import EXIT_CODES
from milestone_escrow.cli.group import MainCommand

__all__ = ["main"]

# In the order of the help. A command imports what it needs when it runs, so that help is instant.
_COMMANDS: Final = (
    "doctor",
    "demo",
    "devnet",
    "deploy",
    "index",
    "deals",
    "deal",
    "events",
    "account",
    "audit",
    "export",
    "prove",
    "agreement",
    "sign",
    "call",
    "serve",
    "reports",
)

_HELP: Final = """Milestone escrow: the contract's deals on a chain, from the command line.

\b
Start here:
  escrow doctor        what this machine has, and what is missing
  escrow demo          whole deals, played on a local chain
  escrow devnet up     a local chain that stays, with an escrow and test tokens
  escrow deals         the deals on it
  escrow call          what can be done with a deal
"""

_EPILOG: Final = """\b
Exit codes:
{codes}

\b
Files: .escrow/ in the current folder, or the folder in ESCROW_HOME.
Node: --rpc, else ESCROW_RPC, else the devnet if it is up, else http://127.0.0.1:8545.
With --json, results are JSON on stdout, errors {{"error": ...}} on stderr.

\b
Completion: eval "$(_ESCROW_COMPLETE=bash_source escrow)" in ~/.bashrc
(zsh_source in ~/.zshrc; for fish: _ESCROW_COMPLETE=fish_source escrow | source)
"""

main = MainCommand(
    name="escrow",
    modules={name: f"milestone_escrow.cli.{name}" for name in _COMMANDS},
    help=_HELP,
    epilog=_EPILOG.format(
        codes="\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES)
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an error."
        )
    ],
)
click.version_option(__version__, prog_name="escrow")(main)
