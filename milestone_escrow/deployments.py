"""Putting contracts on a chain, and remembering which is where.

A chain is known by its id and the hash of its first block, so that a development chain that was
restarted is not taken for the old one.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from eth_abi.abi import encode
from eth_typing import ABIComponent
from eth_utils.abi import collapse_if_tuple
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import artifacts
from milestone_escrow.client import WAIT_SECONDS
from milestone_escrow.exceptions import DeploymentError
from milestone_escrow.signers import Signer

__all__ = ["Deployment", "Registry", "deploy", "genesis_hash"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A contract on a chain.

    Attributes:
        contract: Its name.
        address: Checksummed.
        chain_id: The chain's id when it was deployed.
        genesis_hash: 0x-hex hash of the chain's block 0.
        block_number: Where it was deployed: nothing of it is earlier.
        tx_hash: 0x-hex.
        gas_used: What the deployment cost.
        compiler: Of the bytecode.
    """

    contract: str
    address: str
    chain_id: int
    genesis_hash: str
    block_number: int
    tx_hash: str
    gas_used: int
    compiler: str


def genesis_hash(w3: Web3) -> str:
    """Return the 0x-hex hash of a chain's first block."""
    return w3.eth.get_block(0)["hash"].to_0x_hex()


def deploy(w3: Web3, signer: Signer, contract: str, *arguments: Any) -> Deployment:
    """Deploy a compiled contract and wait until it is mined.

    Args:
        w3: From ``client.connect``.
        signer: Who pays the gas; gets no power over the contract by it.
        contract: Name of an artifact.
        arguments: Of its constructor.

    Raises:
        UsageError: there is no such contract (``unknown-contract``).
        DeploymentError: the chain refused it (``not-deployed``).
    """
    artifact = artifacts.load(contract)
    tx_hash = signer.send(
        w3, {"data": HexBytes(artifact.bytecode + _constructor(artifact.abi, arguments))}
    )
    receipt = w3.eth.wait_for_transaction_receipt(tx_hash, timeout=WAIT_SECONDS)
    address = receipt["contractAddress"]
    if receipt["status"] != 1 or address is None:
        raise DeploymentError(
            f"The chain refused to deploy {contract}.",
            "Check that the chain runs the Cancun rules or later, and the gas limit.",
            code="not-deployed",
        )
    return Deployment(
        contract=contract,
        address=address,
        chain_id=w3.eth.chain_id,
        genesis_hash=genesis_hash(w3),
        block_number=receipt["blockNumber"],
        tx_hash=tx_hash.to_0x_hex(),
        gas_used=receipt["gasUsed"],
        compiler=artifact.compiler,
    )


class Registry:
    """The deployments made from one folder, in a JSON file.

    Args:
        path: The file; it and its folder need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        """Remember where the file is."""
        self.path = path

    def all(self) -> tuple[Deployment, ...]:
        """Return every deployment, the oldest first.

        Raises:
            DeploymentError: the file cannot be read (``registry-unreadable``).
        """
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(Deployment(**entry) for entry in stored)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise DeploymentError(
                f"The list of deployments at {self.path} cannot be read.",
                "Mend or remove the file; the contracts themselves are on their chains.",
                code="registry-unreadable",
            ) from error

    def add(self, deployment: Deployment) -> None:
        """Append a deployment; the file is replaced in one step."""
        entries = [asdict(known) for known in (*self.all(), deployment)]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=2)
            file.write("\n")
        Path(name).replace(self.path)

    def latest(self, w3: Web3, contract: str) -> Deployment | None:
        """Return the newest deployment of a contract on the chain that ``w3`` serves, if any."""
        chain = (w3.eth.chain_id, genesis_hash(w3))
        for entry in reversed(self.all()):
            if entry.contract == contract and (entry.chain_id, entry.genesis_hash) == chain:
                return entry
        return None


def _constructor(abi: tuple[dict[str, Any], ...], arguments: tuple[Any, ...]) -> bytes:
    inputs: list[dict[str, Any]] = next(
        (entry["inputs"] for entry in abi if entry["type"] == "constructor"), []
    )
    return encode(
        [collapse_if_tuple(cast(ABIComponent, argument)) for argument in inputs], arguments
    )
