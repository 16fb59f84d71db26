"""The messages that parties sign: the contract's EIP-712 types, and the domain they count in.

Constructing one makes sure that its values fit the types; their meaning is the contract's to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from milestone_escrow.abi_values import to_address, to_bytes32, to_uint256
from milestone_escrow.agreement import (
    AGREEMENT_FIELDS,
    MAX_MILESTONES,
    MILESTONE_FIELDS,
    Agreement,
)
from milestone_escrow.exceptions import UsageError

__all__ = [
    "DOMAIN_NAME",
    "DOMAIN_VERSION",
    "TYPES",
    "Amendment",
    "Domain",
    "Message",
    "Settlement",
    "Voucher",
]

DOMAIN_NAME: Final = "MilestoneEscrow"
DOMAIN_VERSION: Final = "1"

Fields = tuple[tuple[str, str], ...]

TYPES: Final[Mapping[str, Fields]] = {
    "EIP712Domain": (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    ),
    "Agreement": AGREEMENT_FIELDS,
    "Milestone": MILESTONE_FIELDS,
    "Voucher": (
        ("deal", "bytes32"),
        ("index", "uint256"),
        ("paid_total", "uint256"),
        ("expiry", "uint256"),
    ),
    "Settlement": (
        ("deal", "bytes32"),
        ("indexes", "uint256[]"),
        ("freelancer_amounts", "uint256[]"),
        ("remaining", "uint256"),
        ("expiry", "uint256"),
    ),
    "Amendment": (
        ("old", "bytes32"),
        ("new", "Agreement"),
        ("indexes", "uint256[]"),
        ("moved", "uint256"),
        ("expiry", "uint256"),
    ),
}
"""Names and types of every struct's fields, in the order in which they are hashed."""

# Wallets take a chain id as a JSON number, and this is the last that one holds exactly.
_MAX_CHAIN_ID: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature counts: one escrow on one chain.

    The deal id takes the chain id of the deployment, signatures the live one: the same until a
    chain changes its id.

    Attributes:
        chain_id: 1..2**53 - 1.
        escrow: Address of the contract.

    Raises:
        UsageError: A value is not of its type.
    """

    chain_id: int
    escrow: str

    def __post_init__(self) -> None:
        """Check the values' types and normalise them."""
        object.__setattr__(self, "chain_id", to_uint256(self.chain_id, "chain_id", UsageError))
        object.__setattr__(self, "escrow", to_address(self.escrow, "escrow", UsageError))
        if not 1 <= self.chain_id <= _MAX_CHAIN_ID:
            raise UsageError(
                f"chain_id is {self.chain_id}, which no chain has.",
                f"Give an integer from 1 to {_MAX_CHAIN_ID}.",
                field="chain_id",
            )


@dataclass(frozen=True, slots=True)
class Voucher:
    """The employer's promise of ``paid_total`` on a milestone, less what was paid before.

    Attributes:
        deal: Deal id.
        index: The milestone.
        paid_total: Gross raw units, paid so far and now together.
        expiry: Unix seconds.
    """

    deal: bytes
    index: int
    paid_total: int
    expiry: int

    def __post_init__(self) -> None:
        """Check the values' types."""
        _normalise(self)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A split of milestones that both parties want.

    Attributes:
        deal: Deal id.
        indexes: The milestones.
        freelancer_amounts: Gross raw units to the freelancer, one for each index.
        remaining: Raw units that the milestones hold together before the split.
        expiry: Unix seconds.
    """

    deal: bytes
    indexes: tuple[int, ...]
    freelancer_amounts: tuple[int, ...]
    remaining: int
    expiry: int

    def __post_init__(self) -> None:
        """Check the values' types, and that each index has its amount."""
        _normalise(self)
        if len(self.indexes) != len(self.freelancer_amounts):
            raise UsageError(
                f"There are {len(self.indexes)} indexes and "
                f"{len(self.freelancer_amounts)} amounts.",
                "Give one amount for each index.",
                field="freelancer_amounts",
            )


@dataclass(frozen=True, slots=True)
class Amendment:
    """The freelancer's consent to a new agreement in the place of a bound one.

    Attributes:
        old: Deal id of the agreement that ends.
        new: The agreement that follows it.
        indexes: Milestones of ``new`` that are funded with it.
        moved: Raw units that move from old to new.
        expiry: Unix seconds.
    """

    old: bytes
    new: Agreement
    indexes: tuple[int, ...]
    moved: int
    expiry: int

    def __post_init__(self) -> None:
        """Check the values' types."""
        _normalise(self)


Message = Agreement | Voucher | Settlement | Amendment


def _normalise(message: Voucher | Settlement | Amendment) -> None:
    for name, abi_type in TYPES[type(message).__name__]:
        value: Any = getattr(message, name)
        if abi_type == "bytes32":
            value = to_bytes32(value, name, UsageError)
        elif abi_type == "uint256":
            value = to_uint256(value, name, UsageError)
        elif abi_type == "uint256[]":
            if not isinstance(value, list | tuple) or len(value) > MAX_MILESTONES:
                raise UsageError(
                    f"{name} is not a list of at most {MAX_MILESTONES} integers.",
                    "Give one for each milestone.",
                    field=name,
                )
            value = tuple(
                to_uint256(item, f"{name}[{i}]", UsageError) for i, item in enumerate(value)
            )
        elif not isinstance(value, Agreement):
            raise UsageError(f"{name} is not an agreement.", "Give an Agreement.", field=name)
        object.__setattr__(message, name, value)
