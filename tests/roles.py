"""Who takes part in the tests: one account for each role, always the same."""

from __future__ import annotations

from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

__all__ = [
    "ACCOUNTS",
    "ARBITER",
    "EMPLOYER",
    "FREELANCER",
    "PAYEE",
    "PLATFORM",
    "ROLES",
    "STRANGER",
    "account",
]


def account(name: str) -> LocalAccount:
    """Return the account whose key is the hash of a name."""
    made: LocalAccount = Account.from_key(keccak(text=name))
    return made


ACCOUNTS: Final[dict[str, LocalAccount]] = {
    made.address: made
    for made in map(account, ("employer", "freelancer", "payee", "arbiter", "platform", "stranger"))
}
"""The accounts with their keys, by address."""

EMPLOYER, FREELANCER, PAYEE, ARBITER, PLATFORM, STRANGER = ACCOUNTS

ROLES: Final = {
    "employer": EMPLOYER,
    "freelancer": FREELANCER,
    "payee": PAYEE,
    "arbiter": ARBITER,
    "platform": PLATFORM,
    "stranger": STRANGER,
}
