"""Where a call goes and what it is about: the escrow, its chain's time, the deal's agreement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from milestone_escrow.cli.calling.files import read_agreement
from milestone_escrow.cli.calling.senders import address_of
from milestone_escrow.cli.options import AddressType, DealIdType, Target
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.words import short_address
from milestone_escrow.exceptions import UsageError
from milestone_escrow.workspace import Workspace

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.client import EscrowClient
    from milestone_escrow.tokens import Token

__all__ = ["Place", "Subject", "agreement_of", "open_place", "subject_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_NATIVE: Final = ("ETH", "native")


@dataclass(frozen=True, slots=True)
class Place:
    """An escrow on a chain.

    Attributes:
        client: The escrow, with its notes where they are known.
        now: The time of the latest block, unix seconds.
        roles: Addresses by role; empty where the chain is not the devnet's.
        symbols: The devnet's tokens by symbol.
    """

    client: EscrowClient
    now: int
    roles: Mapping[str, str]
    symbols: Mapping[str, str]

    def party(self, name: str, option: str) -> str:
        """Return the address of a role or an address.

        Raises:
            UsageError: it is neither.
        """
        return address_of(name, self.roles, option)

    def token(self, name: str) -> Token:
        """Return the token of an address, of a symbol of the devnet, or of ``ETH``.

        Raises:
            UsageError: there is none.
            NodeError: no node answers.
        """
        from milestone_escrow.tokens import NATIVE_COIN, read_token

        if name in _NATIVE:
            return NATIVE_COIN
        address = self.symbols.get(name, name)
        if not address.startswith("0x"):
            known = ", ".join((*_NATIVE[:1], *self.symbols))
            raise UsageError(
                f"There is no token {name[:60]!r} here.",
                f"Give its address, or one of {known}.",
                code="not-a-token",
            )
        return read_token(self.client.w3, address)

    def who(self, address: str) -> str:
        """Return an account as a person reads it: its role, where it has one, and its ends."""
        for role, known in self.roles.items():
            if known == address:
                return f"{role} {short_address(address)}"
        return short_address(address)


@dataclass(frozen=True, slots=True)
class Subject:
    """How the user named an agreement: by a deal's id, or by a file."""

    deal_id: str | None = None
    file: Path | None = None


def subject_options(function: _Command) -> _Command:
    """Add ``--deal`` and ``--agreement``; the function gets a ``subject``."""

    @wraps(function)
    def command(*args: Any, **values: Any) -> Any:
        subject = Subject(values.pop("deal_id"), values.pop("agreement_file"))
        return function(*args, subject=subject, **values)

    deal = click.option(
        "--deal",
        "deal_id",
        type=DealIdType(),
        metavar="ID",
        help="The deal, or the beginning of its id: its agreement is in the index.",
    )
    file = click.option(
        "--agreement",
        "agreement_file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The agreement, as escrow agreement new wrote it.",
    )
    return deal(file(command))  # type: ignore[return-value]


NOTES_OPTION: Final = click.option(
    "--notes",
    type=AddressType(),
    metavar="ADDRESS",
    help="The deal notes. Default: those deployed from this folder beside the escrow.",
)


def open_place(target: Target, *, notes: str | None = None) -> Place:
    """Connect to the escrow that is meant.

    Args:
        target: Which node, chain and escrow.
        notes: The address of the notes; None: those that the folder knows.

    Raises:
        NodeError: no node answers.
        DeploymentError: there is no escrow, or the notes are another's.
    """
    from milestone_escrow import devnet
    from milestone_escrow.cli.connection import node_url, open_node
    from milestone_escrow.cli.reading import escrow_for, store_place
    from milestone_escrow.client import EscrowClient
    from milestone_escrow.deployments import Registry, genesis_hash, notes_of

    workspace = Workspace.here()
    w3 = open_node(target, node_url(target, workspace))
    escrow = escrow_for(w3, target, workspace, store_place(target, workspace))
    if notes is None:
        notes = notes_of(w3, escrow.address, Registry(workspace.deployments))
    known = devnet.status(workspace=workspace)
    here = known is not None and known.genesis_hash == genesis_hash(w3)
    return Place(
        client=EscrowClient(w3, escrow.address, notes),
        now=int(w3.eth.get_block("latest")["timestamp"]),
        roles=known.roles if here and known is not None else {},
        symbols={name: token.address for name, token in known.tokens.items()}
        if here and known is not None
        else {},
    )


def agreement_of(subject: Subject, target: Target, screen: Screen) -> Agreement:
    """Return the agreement that the user named; for a deal's id the index is brought up to date.

    Raises:
        UsageError: none was named, or two (``no-agreement``).
        UnknownDeal: no deal has that id.
        EscrowError: as ``reading`` and ``read_agreement``.
    """
    if (subject.deal_id is None) == (subject.file is None):
        raise UsageError(
            "It must be said which deal this is about, once.",
            "Give --deal and its id, or --agreement and its file.",
            code="no-agreement",
        )
    if subject.file is not None:
        return read_agreement(subject.file)
    from milestone_escrow.cli.reading import reading

    with reading(target, Screen(json=True), offline=False) as book:
        agreement: Agreement = book.reader.deal(str(subject.deal_id)).agreement
        return agreement
