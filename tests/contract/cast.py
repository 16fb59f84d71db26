"""Who takes part in a play, with what kind of account, and how they sign.

Keys sign with the same nonce always, which gives them away and costs a few microseconds: whoever
plays here has nothing to lose, and thousands of signatures are made.
"""

from __future__ import annotations

from typing import Final

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.roles import ARBITER, EMPLOYER, FREELANCER, PAYEE, PLATFORM, ROLES, STRANGER, account

__all__ = [
    "ARBITERS",
    "BURNER",
    "CONTRACTS",
    "EMPLOYERS",
    "FREELANCERS",
    "KEYS",
    "NAMES_OF_PEOPLE",
    "PAYEES",
    "PEOPLE",
    "PLATFORMS",
    "sign",
    "twin_of",
]

_KEYED: Final = {
    str(made.address): int.from_bytes(bytes(made.key))
    for made in map(
        account,
        ("employer", "second employer", "freelancer", "second freelancer", "delegating freelancer"),
    )
}
_, _SECOND_EMPLOYER, _, _SECOND_FREELANCER, _DELEGATING = _KEYED
_CONTRACT_EMPLOYER = account("employer with a contract account").address
_CONTRACT_FREELANCER = account("freelancer with a contract account").address
_CONTRACT_ARBITER = account("arbiter with a contract account").address
_SHOP = account("contract that takes payments").address

BURNER: Final = account("receiver that burns all gas").address

KEYS: Final = _KEYED
"""The secret keys of those who can sign with one."""

# The delegating freelancer has both, a key and code, by EIP-7702.
CONTRACTS: Final = (_CONTRACT_EMPLOYER, _CONTRACT_FREELANCER, _CONTRACT_ARBITER, _DELEGATING, _SHOP)
"""Accounts with the code of ``mocks/Wallet.vy``: they send through it and approve hashes."""

EMPLOYERS: Final = (EMPLOYER, EMPLOYER, _SECOND_EMPLOYER, _CONTRACT_EMPLOYER)
FREELANCERS: Final = (
    FREELANCER,
    FREELANCER,
    _SECOND_FREELANCER,
    _CONTRACT_FREELANCER,
    _DELEGATING,
)
ARBITERS: Final = (ARBITER, ARBITER, _CONTRACT_ARBITER, ZERO_ADDRESS)
PAYEES: Final = (ZERO_ADDRESS, ZERO_ADDRESS, PAYEE, BURNER, _SHOP)
PLATFORMS: Final = (PLATFORM, PLATFORM, ARBITER, _SHOP)
PEOPLE: Final = tuple(
    dict.fromkeys(
        (*EMPLOYERS, *FREELANCERS, *ARBITERS[:3], *PAYEES[2:], *PLATFORMS, STRANGER),
    )
)
"""Everyone, once."""

NAMES_OF_PEOPLE: Final = {
    **{ROLES[role]: f"the {role}" for role in ROLES},
    _SECOND_EMPLOYER: "the second employer",
    _CONTRACT_EMPLOYER: "the contract employer",
    _SECOND_FREELANCER: "the second freelancer",
    _CONTRACT_FREELANCER: "the contract freelancer",
    _DELEGATING: "the delegating freelancer",
    _CONTRACT_ARBITER: "the contract arbiter",
    _SHOP: "the shop",
    BURNER: "the burner",
}

_ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_GENERATOR_X: Final = 0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798


def sign(key: int, digest: bytes) -> bytes:
    """Return an ECDSA signature: with the nonce one, r is the generator's x, and its y is even."""
    s = (int.from_bytes(digest) + _GENERATOR_X * key) % _ORDER
    v = 27
    if s > _ORDER // 2:
        s, v = _ORDER - s, 28
    return _GENERATOR_X.to_bytes(32) + s.to_bytes(32) + bytes([v])


def twin_of(signature: bytes) -> bytes:
    """Return the other signature of the same key over the same: the one with the high s."""
    s = _ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])
