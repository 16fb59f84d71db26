"""``escrow deploy``: a new escrow on a chain."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

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

if TYPE_CHECKING:
    from web3 import Web3

    from milestone_escrow.signers import Signer

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
@click.option(
    "--keyfile",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="An encrypted keyfile to sign with; its password is asked for.",
)
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Read the keyfile's password from the first line of this file.",
)
@output_options
def command(
    target: Target,
    screen: Screen,
    sender: str | None,
    keyfile: Path | None,
    password_file: Path | None,
) -> None:
    """Put a new escrow on a chain, and note it in this folder's list.

    Whoever deploys it pays the gas and has no power over it.
    """
    from milestone_escrow.cli.connection import node_url, open_node
    from milestone_escrow.deployments import Registry, deploy

    if keyfile is None and password_file is not None:
        raise UsageError("--password-file goes with --keyfile.", "Give both, or none.")
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
    signer = _unlocked(w3, sender) if keyfile is None else _keyfile_signer(keyfile, password_file)
    deployment = deploy(w3, signer, "MilestoneEscrow")
    registry.add(deployment)
    if screen.json:
        screen.emit(asdict(deployment) | {"deployer": signer.address})
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
        ]
    )
    if workspace.index.exists():
        screen.next_step("escrow index --reset, as the index here is of another escrow")
    else:
        screen.next_step("escrow deals")


def _unlocked(w3: Web3, sender: str | None) -> Signer:
    from eth_utils.address import to_checksum_address

    from milestone_escrow.rpc_errors import request
    from milestone_escrow.signers import NodeSigner

    accounts = [to_checksum_address(address) for address in request(w3, "eth_accounts")]
    if not accounts:
        raise UsageError(
            "This node signs for no account.",
            "Give an encrypted keyfile with --keyfile.",
            code="no-account",
        )
    if sender is not None and sender not in accounts:
        raise UsageError(
            f"This node does not sign for {sender}.",
            f"It does for {accounts[0]}, for example; or give a keyfile with --keyfile.",
            code="no-account",
        )
    return NodeSigner(w3, sender or accounts[0])


def _keyfile_signer(keyfile: Path, password_file: Path | None) -> Signer:
    from milestone_escrow.signers import load_keyfile

    if not keyfile.exists():
        return load_keyfile(keyfile, "")  # says so before a password is asked for
    if password_file is not None:
        try:
            password = password_file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, ValueError) as error:
            raise UsageError(
                f"The password file {password_file} cannot be read.",
                "Check the path and who may read the file.",
                code="password-file",
            ) from error
    elif click.get_text_stream("stdin").isatty():
        password = click.prompt("Password of the keyfile", hide_input=True, err=True)
    else:
        raise UsageError(
            "A keyfile's password is asked for on a terminal, and this is none.",
            "Run it in a terminal, or give --password-file.",
            code="no-terminal",
        )
    return load_keyfile(keyfile, password)
