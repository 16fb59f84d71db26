"""ERC-20 tokens as the escrow's users see them: name, decimals, balances, allowances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from web3 import Web3
from web3.exceptions import Web3Exception

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.amounts import format_units
from milestone_escrow.exceptions import UsageError
from milestone_escrow.signers import Signer

__all__ = ["NATIVE_COIN", "Token", "allowance_of", "approve", "balance_of", "read_token"]

_ABI: Final[list[dict[str, Any]]] = [
    {
        "type": "function",
        "name": name,
        "stateMutability": mutability,
        "inputs": [{"name": f"argument{i}", "type": kind} for i, kind in enumerate(inputs)],
        "outputs": [{"name": "", "type": output}],
    }
    for name, mutability, inputs, output in (
        ("symbol", "view", (), "string"),
        ("decimals", "view", (), "uint8"),
        ("balanceOf", "view", ("address",), "uint256"),
        ("allowance", "view", ("address", "address"), "uint256"),
        ("approve", "nonpayable", ("address", "uint256"), "bool"),
    )
]

_MOST_SYMBOL: Final = 16  # characters of a stranger's text


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
    """Return what a token says of itself.

    Raises:
        UsageError: there is no ERC-20 with a symbol and decimals at that address (``not-a-token``).
    """
    if address == ZERO_ADDRESS:
        return NATIVE_COIN
    contract = _contract(w3, address)
    try:
        symbol = str(contract.functions.symbol().call())
        decimals = int(contract.functions.decimals().call())
    except (Web3Exception, ValueError) as error:
        raise UsageError(
            f"There is no ERC-20 token at {address}.",
            "Check the address and the chain.",
            code="not-a-token",
        ) from error
    # A stranger's text: control and direction characters must not reach a terminal.
    shown = "".join(c for c in symbol if c.isprintable())[:_MOST_SYMBOL]
    return Token(address, shown or address[:8], decimals)


def balance_of(w3: Web3, token: str, owner: str) -> int:
    """Return a balance of a token or, for the zero address, of the native coin, in raw units."""
    if token == ZERO_ADDRESS:
        return int(w3.eth.get_balance(Web3.to_checksum_address(owner)))
    return int(_contract(w3, token).functions.balanceOf(owner).call())


def allowance_of(w3: Web3, token: str, owner: str, spender: str) -> int:
    """Return what ``spender`` may take of ``owner``'s tokens, in raw units."""
    return int(_contract(w3, token).functions.allowance(owner, spender).call())


def approve(w3: Web3, token: str, owner: Signer, spender: str, amount: int) -> None:
    """Allow ``spender`` to take ``amount`` raw units of ``owner``'s tokens, and wait for it."""
    data = _contract(w3, token).encode_abi("approve", [spender, amount])
    tx_hash = owner.send(w3, {"to": Web3.to_checksum_address(token), "data": data})
    w3.eth.wait_for_transaction_receipt(tx_hash)


def _contract(w3: Web3, address: str) -> Any:
    return w3.eth.contract(address=Web3.to_checksum_address(address), abi=_ABI)
