"""Putting contracts on a chain, and remembering which is where.

A chain is known by its id and the hash of its first block, so that a development chain that was
restarted is not taken for the old one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_type_hints

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from eth_typing import ABIComponent
from eth_utils.abi import collapse_if_tuple
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import artifacts
from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.client import WAIT_SECONDS, EscrowClient
from milestone_escrow.exceptions import DeploymentError, UsageError
from milestone_escrow.rpc_errors import await_receipt, chain_id_of, in_words, request
from milestone_escrow.signers import Signer

__all__ = ["Deployment", "Registry", "deploy", "deploy_noted", "genesis_hash", "notes_of"]


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
    """Return the 0x-hex hash of a chain's first block.

    Raises:
        NodeError: no node answers.
    """
    block = request(w3, "eth_getBlockByNumber", "0x0", False)
    return str(block["hash"])


def deploy(w3: Web3, signer: Signer, contract: str, *arguments: Any) -> Deployment:
    """Deploy a compiled contract and wait until it is mined.

    Args:
        w3: From ``client.connect``.
        signer: Who pays the gas; gets no power over the contract by it.
        contract: Name of an artifact.
        arguments: Of its constructor.

    Raises:
        UsageError: there is no such contract (``unknown-contract``), or its constructor takes
            other arguments (``bad-arguments``).
        NotEnoughFunds: the signer cannot pay the gas.
        ContractRevert: the constructor refuses.
        DeploymentError: the chain refused it (``not-deployed``).
        NodeError: it was not mined in time, or no node answers.
    """
    artifact = artifacts.load(contract)
    data = artifact.bytecode + _constructor(contract, artifact.abi, arguments)
    with in_words():
        tx_hash = signer.send(w3, {"data": HexBytes(data)})
    receipt = await_receipt(w3, tx_hash, WAIT_SECONDS)
    address = receipt.get("contractAddress")
    if int(receipt["status"], 16) != 1 or address is None:
        raise DeploymentError(
            f"The chain refused to deploy {contract}.",
            "Check that the chain runs the Cancun rules or later, and the gas limit.",
            code="not-deployed",
        )
    return Deployment(
        contract=contract,
        address=Web3.to_checksum_address(address),
        chain_id=chain_id_of(w3),
        genesis_hash=genesis_hash(w3),
        block_number=int(receipt["blockNumber"], 16),
        tx_hash=tx_hash.to_0x_hex(),
        gas_used=int(receipt["gasUsed"], 16),
        compiler=artifact.compiler,
    )


def deploy_noted(w3: Web3, signer: Signer, registry: Registry) -> tuple[Deployment, Deployment]:
    """Deploy an escrow and the notes beside it, each noted in the registry as soon as it is there.

    Returns:
        The escrow's deployment and that of its ``DealNotes``.

    Raises:
        EscrowError: as ``deploy`` and ``Registry.add``.
    """
    escrow = deploy(w3, signer, ESCROW)
    registry.add(escrow)
    notes = deploy(w3, signer, NOTES, escrow.address)
    registry.add(notes)
    return escrow, notes


def notes_of(w3: Web3, escrow: str, registry: Registry) -> str | None:
    """Return the newest notes in a registry that are of an escrow on the chain, if any.

    Raises:
        DeploymentError: the registry cannot be read (``registry-unreadable``), or there is no
            escrow at that address (``no-escrow``).
        NodeError: no node answers.
    """
    for notes in reversed(registry.on_chain(w3, NOTES)):
        try:
            EscrowClient(w3, escrow, notes.address)
        except DeploymentError as error:
            if error.code != "no-notes":
                raise
        else:
            return notes.address
    return None


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
            return tuple(_entries(json.loads(self.path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise DeploymentError(
                f"The list of deployments at {self.path} cannot be read.",
                "Mend or remove the file; the contracts themselves are on their chains.",
                code="registry-unreadable",
            ) from error

    def add(self, deployment: Deployment) -> None:
        """Append a deployment; the file is replaced in one step.

        Raises:
            DeploymentError: the file cannot be read (``registry-unreadable``) or written
                (``registry-unwritable``); it is then as it was.
        """
        entries = [asdict(known) for known in (*self.all(), deployment)]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self.path.parent, prefix=self.path.name, delete=False
            ) as file:
                try:
                    json.dump(entries, file, indent=2)
                    file.write("\n")
                    file.flush()
                    Path(file.name).replace(self.path)
                except BaseException:
                    Path(file.name).unlink()
                    raise
        except OSError as error:
            raise DeploymentError(
                f"The list of deployments at {self.path} cannot be written: {error.strerror}.",
                f"{deployment.contract} is at {deployment.address} all the same: "
                "note that address, then mend the folder.",
                code="registry-unwritable",
            ) from error

    def latest(self, w3: Web3, contract: str) -> Deployment | None:
        """Return the newest deployment of a contract on the chain that ``w3`` serves, if any.

        Raises:
            DeploymentError: the file cannot be read (``registry-unreadable``).
            NodeError: no node answers.
        """
        found = self.on_chain(w3, contract)
        return found[-1] if found else None

    def on_chain(self, w3: Web3, contract: str) -> tuple[Deployment, ...]:
        """Return a contract's deployments on the chain that ``w3`` serves, the oldest first.

        Raises:
            DeploymentError: the file cannot be read (``registry-unreadable``).
            NodeError: no node answers.
        """
        chain = (chain_id_of(w3), genesis_hash(w3))
        return tuple(
            entry
            for entry in self.all()
            if entry.contract == contract and (entry.chain_id, entry.genesis_hash) == chain
        )


def _entries(stored: object) -> Iterator[Deployment]:
    """Yield the deployments of a parsed file, which anybody may have edited.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(stored, list):
        raise TypeError("not a list")
    for entry in stored:
        deployment = Deployment(**entry)
        for name, kind in get_type_hints(Deployment).items():
            if type(getattr(deployment, name)) is not kind:
                raise TypeError(name)
        yield deployment


def _constructor(
    contract: str, abi: tuple[dict[str, Any], ...], arguments: tuple[Any, ...]
) -> bytes:
    inputs: list[dict[str, Any]] = next(
        (entry["inputs"] for entry in abi if entry["type"] == "constructor"), []
    )
    types = [collapse_if_tuple(cast(ABIComponent, argument)) for argument in inputs]
    try:
        return encode(types, arguments)
    except (EncodingError, ValueError, TypeError) as error:
        raise UsageError(
            f"The constructor of {contract} takes other arguments.",
            f"Give values of these types: {', '.join(types) or 'none'}.",
            code="bad-arguments",
        ) from error
