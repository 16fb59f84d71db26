"""Which node, which escrow: what the user said, else what the folder knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from milestone_escrow.cli.options import Target
from milestone_escrow.cli.words import shown_url
from milestone_escrow.exceptions import DeploymentError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from web3 import Web3

    from milestone_escrow.indexer.rpc import Rpc

__all__ = ["DEFAULT_RPC", "Escrow", "NodeUrl", "find_escrow", "node_url", "open_node", "open_rpc"]

DEFAULT_RPC: Final = "http://127.0.0.1:8545"


@dataclass(frozen=True, slots=True)
class NodeUrl:
    """Where a node should be.

    Attributes:
        url: May hold a secret: never shown.
        shown: Its harmless part.
        named: The user named it.
    """

    url: str
    shown: str
    named: bool


@dataclass(frozen=True, slots=True)
class Escrow:
    """The escrow that a command is about.

    Attributes:
        address: Checksummed.
        from_block: The block that deployed it; None: not known here.
    """

    address: str
    from_block: int | None


def node_url(target: Target, workspace: Workspace) -> NodeUrl:
    """Return the node that the user named, else the devnet if it is up, else the usual one."""
    if target.rpc is not None:
        return NodeUrl(target.rpc, shown_url(target.rpc), named=True)
    from milestone_escrow import devnet

    running = devnet.status(workspace=workspace)
    if running is not None and running.pid is not None:
        return NodeUrl(running.rpc_url, running.rpc_url, named=False)
    return NodeUrl(DEFAULT_RPC, DEFAULT_RPC, named=False)


def open_node(target: Target, node: NodeUrl) -> Web3:
    """Return a connection to a node of the right chain.

    Raises:
        NodeError: nothing answers (``node-not-answering``), it serves another chain
            (``wrong-chain``), or is no node.
    """
    from milestone_escrow.client import connect

    return connect(node.url, chain_id=target.chain_id)


def open_rpc(target: Target) -> Rpc:
    """Return a client of the node for many questions at once; it asks nothing yet."""
    from milestone_escrow.indexer.rpc import Rpc

    return Rpc(node_url(target, Workspace.here()).url)


def find_escrow(w3: Web3, target: Target, workspace: Workspace) -> Escrow:
    """Return the escrow that the user named, else the newest one deployed from this folder.

    That there is an escrow at that address is checked.

    Raises:
        DeploymentError: none was named and none deployed (``no-deployment``), or there is none at
            the address (``no-escrow``).
    """
    from milestone_escrow.calls import ESCROW
    from milestone_escrow.client import EscrowClient
    from milestone_escrow.deployments import Registry
    from milestone_escrow.rpc_errors import chain_id_of

    known = [
        deployment
        for deployment in Registry(workspace.deployments).on_chain(w3, ESCROW)
        if target.escrow in (None, deployment.address)
    ]
    if known:
        escrow = Escrow(known[-1].address, known[-1].block_number)
    elif target.escrow is not None:
        escrow = Escrow(target.escrow, None)
    else:
        raise DeploymentError(
            f"No escrow was deployed from this folder on the chain {chain_id_of(w3)} of this node.",
            "Deploy one with escrow deploy, or name one with --escrow.",
            code="no-deployment",
        )
    return Escrow(EscrowClient(w3, escrow.address).address, escrow.from_block)
