"""Who signs: an account of a development node, or a key in an encrypted file.

A signer sends transactions and signs typed data; it neither builds nor judges them. What the node
refuses comes up as the exception that web3 raises, for the client to put into words.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, cast

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import is_address, to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.types import RPCEndpoint, TxParams

from milestone_escrow.exceptions import UsageError

__all__ = ["KeyfileSigner", "NodeSigner", "Signer", "create_keyfile", "load_keyfile"]

_KEYFILE_MODE: Final = 0o600  # the owner reads and writes, nobody else does anything


class Signer(Protocol):
    """One account that can act."""

    @property
    def address(self) -> ChecksumAddress:
        """The account's address, checksummed."""

    def send(self, w3: Web3, tx: TxParams) -> HexBytes:
        """Sign and send a transaction from this account and return its hash, without waiting.

        What ``tx`` leaves out (nonce, gas, EIP-1559 fees, chain id) is filled in from the node.

        Raises:
            UsageError: ``tx`` is from another account (``wrong-sender``).
        """

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """Return the 65-byte signature (r, s, v) of an EIP-712 message, as wallets take it."""


class NodeSigner:
    """An account that a development node holds the key of and signs for.

    Args:
        w3: A connection to that node.
        address: The account.

    Raises:
        UsageError: not an address (``bad-address``).
    """

    __slots__ = ("_w3", "address")

    def __init__(self, w3: Web3, address: str) -> None:
        """Take the account; whether the node holds its key shows when it is used."""
        if not is_address(address):
            raise UsageError(
                f"{address} is not an address.",
                "Give 0x and 40 hexadecimal digits.",
                code="bad-address",
            )
        self._w3 = w3
        self.address: ChecksumAddress = to_checksum_address(address)

    def __repr__(self) -> str:
        return f"NodeSigner({self.address})"

    def send(self, w3: Web3, tx: TxParams) -> HexBytes:
        """Let the node sign and send; see ``Signer.send``."""
        return w3.eth.send_transaction(_from(self.address, tx))

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """Let the node sign; see ``Signer.sign_typed_data``."""
        answer = self._w3.manager.request_blocking(
            RPCEndpoint("eth_signTypedData_v4"), [self.address, typed_data]
        )
        return bytes(HexBytes(answer))


class KeyfileSigner:
    """An account whose key came from an encrypted file, and stays inside.

    Made by ``load_keyfile``.
    """

    __slots__ = ("_account",)

    def __init__(self, account: LocalAccount) -> None:
        """Wrap an account of eth-account."""
        self._account = account

    @property
    def address(self) -> ChecksumAddress:
        """The account's address, checksummed."""
        return self._account.address

    def __repr__(self) -> str:
        return f"KeyfileSigner({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer is not written down: its key would be in the copy.")

    def send(self, w3: Web3, tx: TxParams) -> HexBytes:
        """Sign here, send the signed transaction; see ``Signer.send``.

        Raises:
            UsageError: ``tx`` is from another account (``wrong-sender``), or is malformed
                (``bad-transaction``).
        """
        full = _filled(w3, _from(self.address, tx), self.address)
        try:
            signed = self._account.sign_transaction(cast(dict[str, Any], full))
        except (TypeError, ValueError) as error:
            # From None: the frames below hold the key, and some loggers print frames.
            raise UsageError(
                f"The transaction cannot be signed: {str(error).rstrip('.')}.",
                "Check the types of its fields.",
                code="bad-transaction",
            ) from None
        return w3.eth.send_raw_transaction(signed.raw_transaction)

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """Sign here; see ``Signer.sign_typed_data``."""
        # Encoded before the key comes into play: what is wrong with the message fails here.
        message = encode_typed_data(full_message=dict(typed_data))
        return bytes(self._account.sign_message(message).signature)


def create_keyfile(path: Path, password: str) -> ChecksumAddress:
    """Make a new key, write it encrypted to a new file of mode 0600, and return its address.

    Raises:
        UsageError: the password is empty (``empty-password``), the file exists
            (``keyfile-exists``) or cannot be written (``keyfile-unwritable``).
    """
    if not password:
        raise UsageError(
            "A keyfile needs a password.", "Give one that is not empty.", code="empty-password"
        )
    try:
        # O_EXCL: never follows a link, never opens what exists.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _KEYFILE_MODE)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists already, and a key is never overwritten.",
            "Choose another path.",
            code="keyfile-exists",
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            account: LocalAccount = Account.create()
            json.dump(Account.encrypt(account.key, password), file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with contextlib.suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise
    return account.address


def load_keyfile(path: Path, password: str) -> KeyfileSigner:
    """Decrypt a keyfile (Web3 Secret Storage, as Geth, Ape and eth-account write it).

    Raises:
        UsageError: no such file (``keyfile-missing``), it cannot be read or is not a keyfile
            (``keyfile-invalid``), or the password is not the file's (``wrong-password``).
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no keyfile at {path}.",
            "Check the path, or create a keyfile there first.",
            code="keyfile-missing",
        ) from error
    except OSError as error:
        raise UsageError(
            f"The keyfile {path} cannot be read: {error.strerror}.",
            "Check the path and who may read the file.",
            code="keyfile-invalid",
        ) from error
    except ValueError:
        raise _not_a_keyfile(path) from None
    try:
        # From None below, too: what failed inside had the password at hand.
        return KeyfileSigner(Account.from_key(Account.decrypt(stored, password)))
    except ValueError as error:
        if str(error) == "MAC mismatch":
            raise UsageError(
                f"The password does not open the keyfile {path}.",
                "Try again with the password that it was made with.",
                code="wrong-password",
            ) from None
        raise _not_a_keyfile(path) from None
    except (KeyError, TypeError, AttributeError, NotImplementedError):
        raise _not_a_keyfile(path) from None


def _from(address: ChecksumAddress, tx: TxParams) -> TxParams:
    sender = to_checksum_address(tx.get("from", address))
    if sender != address:
        raise UsageError(
            f"The transaction is from {sender}, and this signer is {address}.",
            "Prepare it for this account, or sign with the other one.",
            code="wrong-sender",
        )
    return {**tx, "from": address}


def _filled(w3: Web3, tx: TxParams, sender: ChecksumAddress) -> TxParams:
    """Return ``tx`` with the chain id, nonce, fees and gas that it lacks, as the node has them."""
    full: TxParams = {"chainId": w3.eth.chain_id, **tx}
    if "nonce" not in full:
        full["nonce"] = w3.eth.get_transaction_count(sender, "pending")
    if "gasPrice" not in full:
        base_fee = w3.eth.get_block("latest").get("baseFeePerGas")
        if base_fee is None:  # a chain from before EIP-1559
            full["gasPrice"] = w3.eth.gas_price
        else:
            tip = full.setdefault("maxPriorityFeePerGas", w3.eth.max_priority_fee)
            # Twice the base fee lasts for six full blocks; what is not needed is not paid.
            full.setdefault("maxFeePerGas", cast(Any, 2 * base_fee + int(tip)))
    if "gas" not in full:
        full["gas"] = w3.eth.estimate_gas(full)
    return full


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The keyfile {path} cannot be written: {error.strerror}.",
        "Choose a folder that exists and that you may write to.",
        code="keyfile-unwritable",
    )


def _not_a_keyfile(path: Path) -> UsageError:
    return UsageError(
        f"{path} is not a keyfile.",
        "Give an encrypted JSON keystore, version 3 or 4.",
        code="keyfile-invalid",
    )
