"""Who sends or signs: a named account of the devnet, or a key in an encrypted file.

No key is ever an option's value or in the environment.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from web3 import Web3

    from milestone_escrow.signers import Signer

__all__ = ["Sender", "keyfile_options", "keyfile_signer", "sender_options", "unlocked_signer"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the user said it is.

    Attributes:
        name: A role of the devnet, or an address.
        keyfile: An encrypted keyfile.
        passphrase_file: Where its passphrase is; None: it is asked for.
    """

    name: str | None = None
    keyfile: Path | None = None
    passphrase_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse two senders, and a passphrase for nothing.

        Raises:
            UsageError: they do not fit together.
        """
        if self.name is not None and self.keyfile is not None:
            raise UsageError(
                "--as and --keyfile name two senders.",
                "Give --as on a development node, --keyfile anywhere else.",
            )
        _check_pair(self.keyfile, self.passphrase_file)

    @property
    def given(self) -> bool:
        """Somebody was named."""
        return self.name is not None or self.keyfile is not None

    def address(self, roles: Mapping[str, str]) -> str | None:
        """Return the address of the name; None where a keyfile, or nobody, was named.

        Raises:
            UsageError: it is neither a role nor an address (``unknown-role``).
        """
        return None if self.name is None else address_of(self.name, roles, "--as")

    def signer(self, w3: Web3, roles: Mapping[str, str]) -> Signer:
        """Return who signs; a keyfile is opened.

        Raises:
            UsageError: nobody was named (``no-sender``), the name is unknown, the node does not
                sign for it (``no-account``), or the keyfile does not open.
        """
        if self.keyfile is not None:
            return keyfile_signer(self.keyfile, self.passphrase_file)
        address = self.address(roles)
        if address is None:
            raise UsageError(
                "Nobody was named to sign.",
                "Give --as and a role on the devnet, or --keyfile and an encrypted keyfile; "
                "--unsigned and --typed-data are for wallets.",
                code="no-sender",
            )
        return unlocked_signer(w3, address, "--keyfile")


def address_of(name: str, roles: Mapping[str, str], option: str) -> str:
    """Return the address of a role of the devnet, or the address itself.

    Raises:
        UsageError: it is neither (``unknown-role``).
    """
    if name in roles:
        return roles[name]
    if name.startswith("0x"):
        from milestone_escrow.abi_values import to_address

        return to_address(name, option, UsageError)
    known = f"Give one of {', '.join(roles)}, or" if roles else "This node is not the devnet: give"
    raise UsageError(
        f"{option} is {name[:60]!r}, which is no role here.",
        f"{known} an address.",
        code="unknown-role",
        field=option,
    )


def sender_options(function: _Command) -> _Command:
    """Add ``--as``, ``--keyfile`` and ``--passphrase-file``; the function gets a ``sender``."""

    @functools.wraps(function)
    def command(*args: Any, **values: Any) -> Any:
        sender = Sender(
            values.pop("sender_name"), values.pop("keyfile"), values.pop("passphrase_file")
        )
        return function(*args, sender=sender, **values)

    named = click.option(
        "--as",
        "sender_name",
        metavar="ROLE",
        help="Who signs: a role of the devnet, or any account that the node signs for.",
    )
    return named(keyfile_options(command))  # type: ignore[return-value]


def keyfile_options(function: _Command) -> _Command:
    """Add ``--keyfile`` and ``--passphrase-file``."""
    path = click.Path(dir_okay=False, path_type=Path)
    command = click.option(
        "--passphrase-file",
        "--password-file",
        "passphrase_file",
        type=path,
        metavar="PATH",
        help="Read the keyfile's passphrase from the first line of this file.",
    )(function)
    return click.option(
        "--keyfile",
        type=path,
        metavar="PATH",
        help="An encrypted keyfile to sign with; its passphrase is asked for.",
    )(command)


def keyfile_signer(keyfile: Path, passphrase_file: Path | None) -> Signer:
    """Open a keyfile with the passphrase of a file, or one that is typed on the terminal.

    Raises:
        UsageError: it does not open, or there is no terminal to ask on (``no-terminal``).
    """
    from milestone_escrow.signers import load_keyfile

    if not keyfile.exists():
        return load_keyfile(keyfile, "")  # says so before a passphrase is asked for
    if passphrase_file is not None:
        try:
            text = passphrase_file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(
                f"The passphrase file {passphrase_file} cannot be read.",
                "Check the path and who may read the file.",
                code="passphrase-file",
            ) from error
        return load_keyfile(keyfile, text.partition("\n")[0].rstrip("\r"))
    if not click.get_text_stream("stdin").isatty():
        raise UsageError(
            "A keyfile's passphrase is asked for on a terminal, and this is none.",
            "Run it in a terminal, or give --passphrase-file.",
            code="no-terminal",
        )
    typed = click.prompt("Passphrase of the keyfile", hide_input=True, err=True)
    return load_keyfile(keyfile, typed)


def unlocked_signer(w3: Web3, address: str | None, otherwise: str) -> Signer:
    """Return an account that the node signs for, its first if none is named.

    Args:
        w3: A development node.
        address: Which, or None.
        otherwise: The option that the remedy names.

    Raises:
        UsageError: it signs for none, or not for that one (``no-account``).
    """
    from eth_utils.address import to_checksum_address

    from milestone_escrow.rpc_errors import request
    from milestone_escrow.signers import NodeSigner

    accounts = [to_checksum_address(account) for account in request(w3, "eth_accounts")]
    if not accounts:
        raise UsageError(
            "This node signs for no account.",
            f"Give an encrypted keyfile with {otherwise}.",
            code="no-account",
        )
    if address is not None and address not in accounts:
        raise UsageError(
            f"This node does not sign for {address}.",
            f"It does for {accounts[0]}, for example; or give a keyfile with {otherwise}.",
            code="no-account",
        )
    return NodeSigner(w3, address or accounts[0])


def _check_pair(keyfile: Path | None, passphrase_file: Path | None) -> None:
    if keyfile is None and passphrase_file is not None:
        raise UsageError("--passphrase-file goes with --keyfile.", "Give both, or none.")
