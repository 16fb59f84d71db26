"""An index, brought up to date where a node answers, and the tokens that its deals are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from milestone_escrow.cli.connection import Escrow, NodeUrl, find_escrow, node_url, open_node
from milestone_escrow.cli.index_bar import progress_bar
from milestone_escrow.cli.options import Target
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import at, counted, short_address
from milestone_escrow.exceptions import DeploymentError, NodeError, StoreError, UsageError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from web3 import Web3

    from milestone_escrow.events import EventRecord
    from milestone_escrow.indexer import IndexReport, Reader, Source
    from milestone_escrow.tokens import Token

__all__ = [
    "Book",
    "escrow_for",
    "known_source",
    "open_index",
    "own_remedies",
    "reading",
    "store_place",
]

# What to do about an index that is in order, and of something else than is asked for.
_ANEW: Final = "Make it anew with escrow index --reset, or name another file with --store."
_REMEDIES: Final = {
    "other-chain": _ANEW,
    "chain-restarted": _ANEW,
    "other-escrow": "Make it anew with escrow index --reset, name another file with --store, or "
    "keep both in one with escrow index --add.",
    "which-source": "Name one with --escrow, and where it is on several chains with --chain-id.",
}


@dataclass(slots=True)
class Book:
    """An open index.

    Attributes:
        reader: The index.
        block: The last block in it.
        now: That block's time, unix seconds.
    """

    reader: Reader
    block: int
    now: int
    _w3: Web3 | None = None
    _tokens: dict[str, Token | None] = field(default_factory=dict)

    @property
    def online(self) -> bool:
        """A node answered."""
        return self._w3 is not None

    def token(self, address: str) -> Token | None:
        """Return what a token says of itself; None offline, or where it says nothing."""
        from milestone_escrow.tokens import NATIVE_COIN, read_token

        if address == NATIVE_COIN.address:
            return NATIVE_COIN
        if address not in self._tokens:
            self._tokens[address] = None
            if self._w3 is not None:
                with suppress(UsageError):  # an ERC-20 need not have a symbol
                    self._tokens[address] = read_token(self._w3, address)
        return self._tokens[address]

    def amount(self, raw: int, token: str) -> str:
        """Return an amount with its symbol, or in raw units where decimals are not known."""
        known = self.token(token)
        return f"{raw:,} units of {short_address(token)}" if known is None else known.show(raw)

    def token_json(self, address: str) -> dict[str, Any]:
        """Return address, symbol and decimals; the latter None where they are not known."""
        known = self.token(address)
        return {
            "address": address,
            "symbol": None if known is None else known.symbol,
            "decimals": None if known is None else known.decimals,
        }

    def token_of(self, record: EventRecord) -> str | None:
        """Return the token of an event's amounts, None where it belongs to no deal."""
        token: str | None = getattr(record.event, "token", None)
        deal_id: bytes | None = getattr(record.event, "deal_id", None)
        if token is None and deal_id is not None:
            token = self.reader.deal(deal_id).token
        return token


@contextmanager
def reading(target: Target, screen: Screen, *, offline: bool) -> Iterator[Book]:
    """Open the index, first brought up to date if a node answers.

    Args:
        target: Which chain, escrow and file.
        screen: Where a line is said about it.
        offline: Ask no node.

    Raises:
        NodeError: the named node, or without an index the usual one, does not answer.
        StoreError: there is no index, or not of that chain and escrow.
        DeploymentError: there is no such escrow.
    """
    workspace = Workspace.here()
    place = store_place(target, workspace)
    with own_remedies(), _opened(target, workspace, place, screen, offline) as book:
        yield book


@contextmanager
def _opened(
    target: Target, workspace: Workspace, place: Path | str, screen: Screen, offline: bool
) -> Iterator[Book]:
    w3, chain_id, escrow = None, target.chain_id, target.escrow
    if not offline:
        w3, chain_id, escrow = _brought_up_to_date(target, workspace, place, screen)
    with open_index(place, chain_id, escrow) as reader:
        identity = reader.identity
        if target.chain_id not in (None, identity.chain_id):
            raise StoreError(
                f"The index {reader.name} is of chain {identity.chain_id}, not {target.chain_id}.",
                code="other-chain",
            )
        if target.escrow not in (None, identity.escrow):
            raise StoreError(
                f"The index {reader.name} is of the escrow {identity.escrow}, not {target.escrow}.",
                code="other-escrow",
            )
        block, _ = reader.checkpoint()
        now = reader.time()
        if now is None:
            raise StoreError(
                f"The index {reader.name} holds no block yet.",
                "Run escrow index first.",
                code="store-empty",
            )
        if w3 is None:
            screen.note(f"Offline: as of block {block:,}, {at(now, _wall_clock())}.")
        yield Book(reader, block, now, w3)


@contextmanager
def own_remedies() -> Iterator[None]:
    """Where an index is of something else, name the command that makes it anew."""
    try:
        yield
    except StoreError as error:
        if error.code not in _REMEDIES:
            raise
        raise StoreError(error.sentence, _REMEDIES[error.code], code=error.code) from error


def store_place(target: Target, workspace: Workspace) -> Path | str:
    """Return where the index is: a file, or the URL of a database."""
    return workspace.index if target.store is None else target.store


def open_index(place: Path | str, chain_id: int | None, escrow: str | None) -> Reader:
    """Open an index: the only one that is there, else that of an escrow.

    Raises:
        StoreError: There is none, or there are several and none is named, or no such one
            (``which-source``).
    """
    from milestone_escrow.indexer import Reader

    try:
        return Reader(place)
    except StoreError as error:
        if error.code != "which-source" or escrow is None:
            raise
    return Reader(place, escrow if chain_id is None else f"{chain_id}:{escrow}")


def known_source(
    place: Path | str, escrow: str | None = None, chain_id: int | None = None
) -> Source | None:
    """Return what an index is of, of an escrow and a chain; None: there is none, or several are.

    Raises:
        StoreError: The index cannot be read.
    """
    from milestone_escrow.indexer import sources_of

    found = [
        source
        for source in sources_of(place)
        if escrow in (None, source.escrow) and chain_id in (None, source.chain_id)
    ]
    return found[0] if len(found) == 1 else None


def _brought_up_to_date(
    target: Target, workspace: Workspace, place: Path | str, screen: Screen
) -> tuple[Web3 | None, int | None, str | None]:
    """Index what is new; return the node, the chain and the escrow.

    There is no node if none answers, nobody named one, and there is an index.
    """
    from milestone_escrow.rpc_errors import chain_id_of

    node = node_url(target, workspace)
    try:
        w3 = open_node(target, node)
    except NodeError as error:
        there = error.code == "node-not-answering" and not node.named and _is_there(place)
        if not there:
            raise
        screen.note(f"No node answers at {node.shown}.")
        return None, target.chain_id, target.escrow
    escrow = escrow_for(w3, target, workspace, place)
    report = _index(w3, escrow, node, workspace, place, screen)
    news = counted(report.events, "new event") if report.events else "nothing new"
    screen.note(f"Indexed to block {report.head:,}: {news}.")
    return w3, chain_id_of(w3), escrow.address


def _is_there(place: Path | str) -> bool:
    # Whether one in a server is, its reader will say.
    return not isinstance(place, Path) or place.exists()


def escrow_for(w3: Web3, target: Target, workspace: Workspace, place: Path | str) -> Escrow:
    """Return the escrow; where none is named or known, the one that the index is of.

    Raises:
        DeploymentError: as ``find_escrow``, and there is no index.
        StoreError: the index cannot be read, or is of several.
    """
    from milestone_escrow.indexer import sources_of

    try:
        return find_escrow(w3, target, workspace)
    except DeploymentError as error:
        if error.code != "no-deployment":
            raise
        if not sources_of(place):
            raise
        with open_index(place, target.chain_id, None) as reader:
            return Escrow(reader.identity.escrow, reader.identity.from_block)


def _notes_of(w3: Web3, escrow: Escrow, workspace: Workspace) -> str | None:
    from milestone_escrow.deployments import Registry, notes_of

    return notes_of(w3, escrow.address, Registry(workspace.deployments))


def _index(
    w3: Web3,
    escrow: Escrow,
    node: NodeUrl,
    workspace: Workspace,
    place: Path | str,
    screen: Screen,
) -> IndexReport:
    from milestone_escrow.indexer import Indexer
    from milestone_escrow.rpc_errors import chain_id_of

    known = known_source(place, escrow.address, chain_id_of(w3))
    begin = escrow.from_block or 0 if known is None else known.from_block
    # Whether an index has notes is settled when it is made.
    notes = _notes_of(w3, escrow, workspace) if known is None else None
    add = not isinstance(place, Path)
    with (
        progress_bar(screen) as progress,
        Indexer(node.url, place, escrow.address, begin, notes=notes, add=add) as indexer,
    ):
        return indexer.run_once(progress)


def _wall_clock() -> int:
    import time

    return int(time.time())
