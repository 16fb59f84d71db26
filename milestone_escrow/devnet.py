"""The devnet: a local chain that stays, with an escrow, its notes, test tokens and named accounts.

``up`` starts Anvil apart from this process and prepares the chain once; ``down`` ends it and keeps
the chain, so that the next ``up`` goes on with the same deals at the same addresses. Its accounts
are the node's own: the node signs for them, and no key is written down here.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow.calls import encode_call
from milestone_escrow.chain import DevChain, Node, free_port, start_anvil
from milestone_escrow.chain.detached import end, runs
from milestone_escrow.client import WAIT_SECONDS, EscrowClient, connect
from milestone_escrow.deployments import Deployment, Registry, deploy, genesis_hash
from milestone_escrow.exceptions import DeploymentError, NodeError
from milestone_escrow.rpc_errors import await_receipt, chain_id_of
from milestone_escrow.signers import NodeSigner
from milestone_escrow.tokens import Token, approve
from milestone_escrow.workspace import Workspace

__all__ = ["ROLES", "Devnet", "down", "status", "up"]

ROLES: Final = ("employer", "freelancer", "arbiter", "platform", "payee", "stranger")
"""The named accounts: Anvil's second to seventh. Its first deploys."""

_TOKENS: Final = {"TEST6": 6, "TEST18": 18}  # symbol to decimals
_MINTED: Final = 1_000_000  # whole units of each, for the employer
_UNLIMITED: Final = 2**256 - 1

_PORT: Final = 8545
_SAVE_SECONDS: Final = 10  # a machine that crashes loses no more of the chain than this

_WIPE: Final = "Remove it with escrow devnet down --wipe, then start a new one."


@dataclass(frozen=True, slots=True)
class Devnet:
    """A prepared local chain.

    Attributes:
        rpc_url: Where its node listens, or listened last.
        pid: The node's process id; None while it is down.
        chain_id: The chain's id.
        genesis_hash: 0x-hex hash of the chain's block 0.
        genesis_time: Unix seconds of block 0.
        escrow: The escrow's address.
        notes: The address of the notes beside it.
        from_block: Nothing of the escrow is earlier.
        tokens: By symbol; the employer has a million of each and has approved the escrow.
        roles: Account addresses by the names in ``ROLES``.
    """

    rpc_url: str
    pid: int | None
    chain_id: int
    genesis_hash: str
    genesis_time: int
    escrow: str
    notes: str
    from_block: int
    tokens: Mapping[str, Token]
    roles: Mapping[str, str]


def up(port: int | None = None, *, workspace: Workspace | None = None) -> Devnet:
    """Start the devnet, or go on with the one that was stopped; do nothing if it runs.

    Args:
        port: Where it shall listen; None: where it did last (at first 8545), or any free port
            if that one is taken.
        workspace: Whose devnet; None: that of ``Workspace.here()``.

    Raises:
        NodeError: Anvil is not installed, does not start, or ``port`` is taken (``port-in-use``);
            the devnet runs on another port (``devnet-elsewhere``), or runs and does not answer
            (``node-not-answering``).
        DeploymentError: what was saved is unusable (``devnet-unreadable``, ``devnet-changed``).
    """
    place = workspace or Workspace.here()
    place.create()
    with _alone(place):
        Registry(place.deployments).all()  # it is written to last: find out now whether it can be
        record = _read(place)
        if record is not None and runs(record.pid, place.devnet_state):
            if record.devnet is not None:
                return _running(record.devnet, port)
            end(record.pid, place.devnet_state)
        if record is None and place.devnet_state.exists():
            raise DeploymentError(
                f"{place.devnet_state} is a saved chain, and what is on it is not known.",
                _WIPE,
                code="devnet-unreadable",
            )
        known = None if record is None else record.devnet
        if known is not None and place.devnet_state.exists():
            return _resume(place, known, port)
        return _prepare(place, port)


def down(*, wipe: bool = False, workspace: Workspace | None = None) -> Devnet | None:
    """End the devnet's node and keep its chain; do nothing if it is down.

    Args:
        wipe: Remove the chain and all that was noted of it.
        workspace: Whose devnet; None: that of ``Workspace.here()``.

    Returns:
        The devnet as it was before, None if there was none.

    Raises:
        DeploymentError: what was noted of it cannot be read (``devnet-unreadable``).
    """
    place = workspace or Workspace.here()
    if not place.folder.is_dir():
        return None
    with _alone(place):
        record = _read(place)
        known = None
        if record is not None:
            known = record.devnet
            if runs(record.pid, place.devnet_state):
                end(record.pid, place.devnet_state)
            elif known is not None:
                known = replace(known, pid=None)
            if known is not None:
                _write(place, replace(known, pid=None))
        if wipe or known is None:
            _remove(place)
    return known


def status(*, workspace: Workspace | None = None) -> Devnet | None:
    """Return the devnet as it is, its ``pid`` None if it is down; None if there is none.

    Raises:
        DeploymentError: what was noted of it cannot be read (``devnet-unreadable``).
    """
    place = workspace or Workspace.here()
    record = _read(place)
    if record is None or record.devnet is None:
        return None
    return (
        record.devnet if runs(record.pid, place.devnet_state) else replace(record.devnet, pid=None)
    )


# --- Starting


def _running(devnet: Devnet, port: int | None) -> Devnet:
    if port is not None and not devnet.rpc_url.endswith(f":{port}"):
        raise NodeError(
            f"The devnet runs already, at {devnet.rpc_url}.",
            "Use it there, or stop it first with escrow devnet down.",
            code="devnet-elsewhere",
        )
    try:
        DevChain(devnet.rpc_url).chain_id()
    except NodeError as error:
        raise NodeError(
            f"The devnet's process {devnet.pid} runs but does not answer at {devnet.rpc_url}.",
            "Stop it with escrow devnet down, then start it again.",
            code="node-not-answering",
        ) from error
    return devnet


def _prepare(place: Workspace, port: int | None) -> Devnet:
    """Start a new chain and put everything on it; leave nothing behind if that fails."""
    genesis_time = int(time.time())
    node = _launch(place, port, _PORT, genesis_time)
    try:
        _write(place, node.pid)  # should this process be killed, the next one ends that node
        w3 = connect(node.rpc_url)
        deployer, *others = (NodeSigner(w3, address) for address in node.chain.accounts())
        roles = dict(zip(ROLES, others, strict=False))
        escrow = deploy(w3, deployer, "MilestoneEscrow")
        notes = deploy(w3, deployer, "DealNotes", escrow.address)
        tokens = {
            symbol: _token(w3, deployer, roles["employer"], escrow, symbol, decimals)
            for symbol, decimals in _TOKENS.items()
        }
        devnet = Devnet(
            rpc_url=node.rpc_url,
            pid=node.pid,
            chain_id=chain_id_of(w3),
            genesis_hash=genesis_hash(w3),
            genesis_time=genesis_time,
            escrow=escrow.address,
            notes=notes.address,
            from_block=escrow.block_number,
            tokens=tokens,
            roles={role: signer.address for role, signer in roles.items()},
        )
        _write(place, devnet)
        for deployment in (escrow, notes):
            Registry(place.deployments).add(deployment)
        return devnet
    except BaseException:
        node.stop()
        _remove(place)
        raise


def _token(
    w3: Web3,
    deployer: NodeSigner,
    employer: NodeSigner,
    escrow: Deployment,
    symbol: str,
    decimals: int,
) -> Token:
    name = f"Test token with {decimals} decimals"
    token = deploy(w3, deployer, "TestToken", name, symbol, decimals)
    amount = _MINTED * 10**decimals
    data = HexBytes(encode_call("mint", employer.address, amount, contract="TestToken"))
    minted = deployer.send(w3, {"to": Web3.to_checksum_address(token.address), "data": data})
    await_receipt(w3, minted, WAIT_SECONDS)
    approve(w3, token.address, employer, escrow.address, _UNLIMITED)
    return Token(token.address, symbol, decimals)


def _resume(place: Workspace, known: Devnet, port: int | None) -> Devnet:
    """Start the node on the saved chain, and see that it is the one that was noted."""
    last_port = int(known.rpc_url.rpartition(":")[2])
    try:
        node = _launch(place, port, last_port, known.genesis_time)
    except NodeError as error:
        if error.code != "node-did-not-start":
            raise
        raise DeploymentError(
            f"Anvil does not start on the saved chain; {place.devnet_log} has its words.",
            _WIPE,
            code="devnet-unreadable",
        ) from error
    try:
        w3 = connect(node.rpc_url, chain_id=known.chain_id)
        if genesis_hash(w3) != known.genesis_hash:
            raise DeploymentError(
                "The saved chain is not the one that the devnet was prepared on.",
                _WIPE,
                code="devnet-changed",
            )
        # Anvil's clock starts anew: without this, blocks would be older than the last one.
        chain = node.chain
        chain.request("evm_setTime", max(int(time.time()), chain.time() + 1))
        try:
            EscrowClient(w3, known.escrow, known.notes)
        except DeploymentError as error:
            raise DeploymentError(
                "The saved chain has no escrow of this version.", _WIPE, code="devnet-changed"
            ) from error
        devnet = replace(known, rpc_url=node.rpc_url, pid=node.pid)
        _write(place, devnet)
        return devnet
    except BaseException:
        node.stop()
        raise


def _launch(place: Workspace, port: int | None, usual: int, genesis_time: int) -> Node:
    place.devnet_log.unlink(missing_ok=True)

    def start(where: int) -> Node:
        return start_anvil(
            where,
            # Anvil makes block 0 anew from its time, even for a chain that it loads.
            timestamp=genesis_time,
            state_file=place.devnet_state,
            log_file=place.devnet_log,
            detach=True,
            options=["--state-interval", str(_SAVE_SECONDS)],
        )

    try:
        node = start(free_port(usual) if port is None else port)
    except NodeError as error:
        if error.code != "port-in-use":
            raise
        place.devnet_log.unlink(missing_ok=True)
        if port is not None:
            raise NodeError(
                f"Port {port} is taken by another program.",
                "Name another, or none for any that is free; or end what is using it.",
                code="port-in-use",
            ) from error
        node = start(0)  # it was taken just now
    # Anvil greets with the keys of its accounts. It appends, so what follows is not lost.
    os.truncate(place.devnet_log, 0)
    return node


# --- What is noted


@dataclass(frozen=True, slots=True)
class _Record:
    """A node that was started: ``devnet`` is None if it was not made ready."""

    pid: int | None
    devnet: Devnet | None


@contextlib.contextmanager
def _alone(place: Workspace) -> Iterator[None]:
    """Let nobody else start or stop this devnet meanwhile."""
    with place.devnet_lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(place: Workspace) -> _Record | None:
    try:
        stored = json.loads(place.devnet.read_text(encoding="utf-8"))
        pid = stored.pop("pid")
        if pid is not None and not isinstance(pid, int):
            raise ValueError("the process id is not a number")
        if not stored:
            return _Record(pid, None)
        tokens = {entry["symbol"]: Token(**entry) for entry in stored.pop("tokens")}
        return _Record(pid, Devnet(pid=pid, tokens=tokens, **stored))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DeploymentError(
            f"What is noted of the devnet in {place.devnet} cannot be read.",
            f"End its Anvil if it runs, then remove {place.devnet} and {place.devnet_state}.",
            code="devnet-unreadable",
        ) from error


def _write(place: Workspace, what: Devnet | int) -> None:
    """Note a devnet, or the process id of one in the making, in one step."""
    stored: dict[str, Any] = {"pid": what}
    if isinstance(what, Devnet):
        stored = {name: getattr(what, name) for name in Devnet.__dataclass_fields__}
        stored["tokens"] = [
            {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}
            for token in what.tokens.values()
        ]
    handle, name = tempfile.mkstemp(dir=place.folder, prefix=place.devnet.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(stored, file, indent=2)
        file.write("\n")
    Path(name).replace(place.devnet)


def _remove(place: Workspace) -> None:
    for path in (place.devnet, place.devnet_state, place.devnet_log):
        path.unlink(missing_ok=True)
