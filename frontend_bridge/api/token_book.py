"""What tokens say of themselves, asked of a node once and remembered."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.exceptions import EscrowError, UsageError
from milestone_escrow.tokens import NATIVE_COIN, Token, read_token

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["TokenBook"]

_AGAIN: Final = 30.0  # seconds until a node that did not answer is asked again
_MOST: Final = 10_000  # tokens; anyone may open a deal in any


class TokenBook:
    """Knows tokens; may be asked by several threads."""

    def __init__(self, rpc: str | None) -> None:
        """Remember whom to ask.

        Args:
            rpc: A node's URL; None: nobody, so only the native coin is known.
        """
        self._rpc = rpc
        self._w3: Web3 | None = None
        self._known: dict[str, Token | None] = {NATIVE_COIN.address: NATIVE_COIN}
        self._silent_until = 0.0
        self._lock = threading.Lock()

    def __call__(self, address: str) -> Token | None:
        """Return a token; None where it says nothing, or nobody answers at the moment."""
        try:
            return self._known[address]
        except KeyError:
            pass
        if self._rpc is None or address == ZERO_ADDRESS:
            return None
        with self._lock:
            if address in self._known or time.monotonic() < self._silent_until:
                return self._known.get(address)
            return self._ask(self._rpc, address)

    def _ask(self, rpc: str, address: str) -> Token | None:
        from milestone_escrow.client import connect

        try:
            if self._w3 is None:
                self._w3 = connect(rpc)
            found: Token | None = read_token(self._w3, address)
        except UsageError:  # it is there, and is no ERC-20 with decimals
            found = None
        except EscrowError:
            self._silent_until = time.monotonic() + _AGAIN
            return None
        if len(self._known) < _MOST:
            self._known[address] = found
        return found
