"""``escrow deploy``: a new escrow on a chain."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from milestone_escrow.cli.calling.senders import (
    Sender,
    keyfile_options,
    keyfile_signer,
    unlocked_signer,
)
from milestone_escrow.cli.options import (
    AddressType,
    Target,
    examples,
    output_options,
    target_options,
)
from milestone_escrow.cli.output import Screen
from milestone_escrow.exceptions import UsageError
from milestone_escrow.workspace import Workspace

__all__ = ["command"]


@click.command(
    "deploy",
    short_help="Put a new escrow on a chain.",
    epilog=examples(
        "escrow deploy",
        "escrow deploy --rpc https://node.example --chain-id 11155111 --keyfile key.json",
    ),
)
@target_options("rpc", "chain_id")
@click.option(
    "--from",
    "sender",
    type=AddressType(),
    metavar="ADDRESS",
    help="An account that a development node signs for. Default: its first.",
)
@keyfile_options
@output_options
def command(
    target: Target,
    screen: Screen,
    sender: str | None,
    keyfile: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Put a new escrow and its deal notes on a chain, and note them in this folder's list.

    Whoever deploys it pays the gas and has no power over it.
    """
    from milestone_escrow.cli.connection import node_url, open_node
    from milestone_escrow.deployments import Registry, deploy_noted

    Sender(None, keyfile, passphrase_file)
    if keyfile is not None and sender is not None:
        raise UsageError(
            "--from and --keyfile name two senders.",
            "Give --from on a development node, --keyfile anywhere else.",
        )
    workspace = Workspace.here()
    registry = Registry(workspace.deployments)
    w3 = open_node(target, node_url(target, workspace))
    workspace.create()
    registry.all()  # what cannot be noted shall not be deployed
    signer = (
        unlocked_signer(w3, sender, "--keyfile")
        if keyfile is None
        else keyfile_signer(keyfile, passphrase_file)
    )
    deployment, notes = deploy_noted(w3, signer, registry)
    if screen.json:
        screen.emit(asdict(deployment) | {"deployer": signer.address, "notes": asdict(notes)})
        return
    screen.facts(
        [
            ("escrow", deployment.address),
            ("chain", str(deployment.chain_id)),
            ("block", f"{deployment.block_number:,}"),
            ("transaction", deployment.tx_hash),
            ("gas", f"{deployment.gas_used:,}"),
            ("deployer", signer.address),
            ("compiler", deployment.compiler),
            ("notes", f"{notes.address} (gas {notes.gas_used:,})"),
        ]
    )
    if workspace.index.exists():
        screen.next_step("escrow index --reset, as the index here is of another escrow")
    else:
        screen.next_step("escrow deals")
