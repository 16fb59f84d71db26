"""The escrow's storage words, read and written past its calls."""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.compiled import ESCROW, compiled
from tests.evm import Chain

__all__ = ["Words"]


class Words:
    """The words of an escrow's deals.

    Attributes:
        tampered: A word was written, so that events no longer tell what is stored.
    """

    def __init__(self, chain: Chain, escrow: str) -> None:
        self._chain = chain
        self._escrow = escrow
        self.tampered = False

    def deal(self, deal_id: bytes) -> int:
        """Return a deal word."""
        return self._chain.storage(self._escrow, _deal_slot(deal_id))

    def set_deal(self, deal_id: bytes, word: int) -> None:
        """Overwrite a deal word."""
        self.tampered = True
        self._chain.set_storage(self._escrow, _deal_slot(deal_id), word)

    def milestone(self, deal_id: bytes, index: int) -> int:
        """Return a milestone word."""
        return self._chain.storage(self._escrow, _milestone_slot(deal_id, index))

    def set_milestone(self, deal_id: bytes, index: int, word: int) -> None:
        """Overwrite a milestone word."""
        self.tampered = True
        self._chain.set_storage(self._escrow, _milestone_slot(deal_id, index), word)

    def credit(self, token: str, owner: str) -> int:
        """Return a credit as it is stored."""
        return self._chain.storage(self._escrow, _credit_slot(token, owner))


def _deal_slot(deal_id: bytes) -> int:
    return _slot(_first_slot("deals"), deal_id)


def _milestone_slot(deal_id: bytes, index: int) -> int:
    return _slot(_slot(_first_slot("milestones"), deal_id), index.to_bytes(32))


def _credit_slot(token: str, owner: str) -> int:
    of_token = _slot(_first_slot("ledger.credits"), _key(token))
    return _slot(of_token, _key(owner))


def _key(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def _first_slot(variable: str) -> int:
    return compiled(ESCROW).layout[variable]


def _slot(of_map: int, key: bytes) -> int:
    """Return the slot of a value of a Vyper `HashMap`."""
    return int.from_bytes(keccak(of_map.to_bytes(32) + key))
