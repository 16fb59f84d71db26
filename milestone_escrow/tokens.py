"""ERC-20 tokens as the escrow's users see them: name, decimals, balances, allowances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow.abi_values import ZERO_ADDRESS, to_address
from milestone_escrow.amounts import MAX_DECIMALS, format_units
from milestone_escrow.exceptions import ContractRevert, NodeError, UsageError
from milestone_escrow.rpc_errors import await_receipt, in_words, request
from milestone_escrow.signers import Signer

__all__ = [
    "NATIVE_COIN",
    "Token",
    "allowance_of",
    "approve",
    "ask_token",
    "balance_of",
    "read_token",
]

# Arguments, and what is answered. `approve` is not asked what it answers: some tokens say nothing.
_FUNCTIONS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "symbol": ((), "string"),
    "decimals": ((), "uint256"),  # a token of more than a byte's worth is told, not misread
    "balanceOf": (("address",), "uint256"),
    "allowance": (("address", "address"), "uint256"),
    "approve": (("address", "uint256"), ""),
    # ERC-2612, and what a token says of its own signatures.
    "name": ((), "string"),
    "version": ((), "string"),
    "DOMAIN_SEPARATOR": ((), "bytes32"),
    "nonces": (("address",), "uint256"),
}

_MOST_SYMBOL: Final = 16  # characters of a stranger's text
_WAIT_SECONDS: Final = 180.0  # for an approval to be mined


@dataclass(frozen=True, slots=True)
class Token:
    """A currency of deals.

    Attributes:
        address: The ERC-20, or the zero address for the chain's native coin.
        symbol: What it calls itself; no proof of what it is.
        decimals: Digits after the point of one unit.
    """

    address: str
    symbol: str
    decimals: int

    def show(self, raw: int) -> str:
        """Return raw units as an exact decimal amount with the symbol."""
        return format_units(raw, self.decimals, self.symbol)


NATIVE_COIN: Final = Token(ZERO_ADDRESS, "ETH", 18)


def read_token(w3: Web3, address: str) -> Token:
    """Return what a token says of itself; without a symbol it is called by its address.

    Raises:
        UsageError: that is no address, or there is no ERC-20 with decimals there
            (``not-a-token``).
        NodeError: no node answers.
    """
    if address == ZERO_ADDRESS:
        return NATIVE_COIN
    address = to_address(address, "token", UsageError)
    decimals = ask_token(w3, address, "decimals")
    if decimals > MAX_DECIMALS:
        raise UsageError(
            f"The token at {address} says that it has {decimals} decimals.",
            f"Use one with at most {MAX_DECIMALS}.",
            code="not-a-token",
        )
    try:
        symbol = str(ask_token(w3, address, "symbol"))
    except UsageError:  # ERC-20 does not ask for one, and some give it as bytes
        symbol = ""
    # A stranger's text: control and direction characters must not reach a terminal.
    shown = "".join(c for c in symbol if c.isprintable())[:_MOST_SYMBOL].strip()
    return Token(address, shown or address[:8], decimals)


def balance_of(w3: Web3, token: str, owner: str) -> int:
    """Return a balance of a token or, for the zero address, of the native coin, in raw units.

    Raises:
        UsageError: there is no ERC-20 at that address (``not-a-token``).
        NodeError: no node answers.
    """
    if token == ZERO_ADDRESS:
        return int(request(w3, "eth_getBalance", owner, "latest"), 16)
    return int(ask_token(w3, token, "balanceOf", owner))


def allowance_of(w3: Web3, token: str, owner: str, spender: str) -> int:
    """Return what ``spender`` may take of ``owner``'s tokens, in raw units.

    Raises:
        UsageError: there is no ERC-20 at that address (``not-a-token``).
        NodeError: no node answers.
    """
    return int(ask_token(w3, token, "allowance", owner, spender))


def approve(w3: Web3, token: str, owner: Signer, spender: str, amount: int) -> None:
    """Allow ``spender`` to take ``amount`` raw units of ``owner``'s tokens, and wait for it.

    Raises:
        ContractRevert: the token refuses. Some do while another allowance is left: approve zero
            first.
        NotEnoughFunds: the owner cannot pay the gas.
        NodeError: it was not mined in time, or no node answers.
    """
    data = _encode("approve", spender, amount)
    call = {"from": owner.address, "to": token, "data": data}
    request(w3, "eth_call", call, "latest")
    with in_words():
        tx_hash = owner.send(w3, {"to": Web3.to_checksum_address(token), "data": HexBytes(data)})
    if int(await_receipt(w3, tx_hash, _WAIT_SECONDS)["status"], 16) == 0:
        raise NodeError(
            f"The approval 0x{tx_hash.hex()} failed, and would not if it were sent now.",
            "Send it again.",
            code="failed",
        )


def ask_token(w3: Web3, token: str, name: str, *arguments: Any) -> Any:
    """Return what a view of a token answers.

    Raises:
        UsageError: it has no such view (``not-a-token``).
        NodeError: no node answers.
    """
    call = {"to": token, "data": _encode(name, *arguments)}
    try:
        answer = HexBytes(request(w3, "eth_call", call, "latest"))
        (value,) = decode([_FUNCTIONS[name][1]], answer)
    except (ContractRevert, DecodingError, UnicodeDecodeError, OverflowError) as error:
        raise UsageError(
            f"There is no ERC-20 token at {token}.",
            "Check the address and the chain.",
            code="not-a-token",
        ) from error
    return value


def _encode(name: str, *arguments: Any) -> str:
    types, _ = _FUNCTIONS[name]
    selector = keccak(text=f"{name}({','.join(types)})")[:4]
    return "0x" + (selector + encode(types, arguments)).hex()
