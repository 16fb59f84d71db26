"""The agreement between employer and freelancer: its type, the ABI's and JSON's form of it.

An ``Agreement`` is exactly the contract's struct: same fields, same order, same words in the
ABI, in the typed data that wallets show and in JSON. Constructing one only makes sure that the
values fit the type; ``problems`` says what the contract would object to when the deal is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from milestone_escrow.abi_values import (
    ZERO_ADDRESS,
    ZERO_HASH,
    to_address,
    to_bytes32,
    to_uint256,
)
from milestone_escrow.agreement_rules import (
    BPS,
    DAY,
    MAX_AMOUNT,
    MAX_FEE_BPS,
    MAX_HORIZON,
    MAX_MILESTONES,
    MAX_REVIEW_PERIOD,
    MAX_RULING_PERIOD,
    MIN_PERIOD,
    USUAL_FALLBACK_BPS,
    USUAL_PERIOD,
    Problem,
    problems,
)
from milestone_escrow.exceptions import AgreementError
from milestone_escrow.percentages import split_by_percent
from milestone_escrow.strict_json import StrictReader, join

__all__ = [
    "AGREEMENT_FIELDS",
    "BPS",
    "DAY",
    "MAX_AMOUNT",
    "MAX_FEE_BPS",
    "MAX_HORIZON",
    "MAX_MILESTONES",
    "MAX_REVIEW_PERIOD",
    "MAX_RULING_PERIOD",
    "MILESTONE_FIELDS",
    "MIN_PERIOD",
    "USUAL_FALLBACK_BPS",
    "USUAL_PERIOD",
    "ZERO_ADDRESS",
    "ZERO_HASH",
    "Agreement",
    "Milestone",
    "Problem",
    "problems",
    "split_by_percent",
]

_READER = StrictReader(AgreementError)


@dataclass(frozen=True, slots=True)
class Milestone:
    """One part of the work.

    Attributes:
        amount: Raw units of the token.
        deadline: Unix seconds.

    Raises:
        AgreementError: A value is not a uint256.
    """

    amount: int
    deadline: int

    def __post_init__(self) -> None:
        """Check the values' types."""
        object.__setattr__(self, "amount", to_uint256(self.amount, "amount"))
        object.__setattr__(self, "deadline", to_uint256(self.deadline, "deadline"))


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the parties agree on; its EIP-712 digest is the deal id.

    Addresses are normalised to their checksummed form; ``ZERO_ADDRESS`` means nobody, or for
    ``token`` the chain's native coin.

    Attributes:
        employer: Funds the deal and releases.
        freelancer: Does the work; zero while the job is not awarded.
        payee: Paid in the freelancer's place; zero: the freelancer.
        arbiter: Rules disputes; zero: none.
        token: The ERC-20 of all amounts; zero: the native coin.
        platform: Earns the fee; zero if and only if ``fee_bps`` is zero.
        fee_bps: Platform's part of what the freelancer is paid, basis points.
        arbiter_bps: Arbiter's part of what it rules on, basis points.
        price: Sum of the milestones, raw units.
        accept_by: Unix seconds; nobody is bound from here on.
        review_period: Seconds from a release request to the automatic release.
        ruling_period: Seconds the arbiter has.
        fallback_freelancer_bps: Freelancer's part of a dispute that nobody rules in time.
        document: keccak256 of the canonical agreement document, 32 bytes.
        supersedes: Id of the deal that this one replaces, 32 bytes; zero: none.
        milestones: In the order of their deadlines, at most ten.

    Raises:
        AgreementError: A value is not of its type; ``field`` names it.
    """

    employer: str
    freelancer: str
    payee: str
    arbiter: str
    token: str
    platform: str
    fee_bps: int
    arbiter_bps: int
    price: int
    accept_by: int
    review_period: int
    ruling_period: int
    fallback_freelancer_bps: int
    document: bytes
    supersedes: bytes
    milestones: tuple[Milestone, ...]

    def __post_init__(self) -> None:
        """Check the values' types and normalise them."""
        for name, abi_type in AGREEMENT_FIELDS[:-1]:
            normal = _NORMALISE[abi_type](getattr(self, name), name)
            object.__setattr__(self, name, normal)
        object.__setattr__(self, "milestones", _milestones(self.milestones))

    @classmethod
    def build(
        cls,
        *,
        employer: str,
        milestones: Sequence[tuple[int, int]],
        accept_by: int,
        document: bytes,
        freelancer: str = ZERO_ADDRESS,
        payee: str = ZERO_ADDRESS,
        arbiter: str = ZERO_ADDRESS,
        token: str = ZERO_ADDRESS,
        platform: str = ZERO_ADDRESS,
        fee_bps: int = 0,
        arbiter_bps: int = 0,
        review_period: int = USUAL_PERIOD,
        ruling_period: int = USUAL_PERIOD,
        fallback_freelancer_bps: int = USUAL_FALLBACK_BPS,
        supersedes: bytes = ZERO_HASH,
    ) -> Self:
        """Return an agreement on the usual terms, its price summed from the milestones.

        By default nobody is hired yet, the freelancer is its own payee, there is no arbiter and
        no platform, amounts are in the native coin, review and ruling take 30 days, and the
        fallback gives each side half.

        Args:
            employer: See the class, as for the others.
            milestones: Pairs of amount (raw units) and deadline (unix seconds).
            accept_by: Unix seconds.
            document: ``AgreementDocument.hash()``.
            freelancer: Zero: a job to be awarded.
            payee: Zero: the freelancer.
            arbiter: Zero: none.
            token: Zero: the native coin.
            platform: Zero: none.
            fee_bps: Basis points.
            arbiter_bps: Basis points.
            review_period: Seconds.
            ruling_period: Seconds.
            fallback_freelancer_bps: Basis points.
            supersedes: Zero: no deal.

        Raises:
            AgreementError: A value is not of its type.
        """
        parts = _milestones(milestones)
        return cls(
            employer=employer,
            freelancer=freelancer,
            payee=payee,
            arbiter=arbiter,
            token=token,
            platform=platform,
            fee_bps=fee_bps,
            arbiter_bps=arbiter_bps,
            price=sum(part.amount for part in parts),
            accept_by=accept_by,
            review_period=review_period,
            ruling_period=ruling_period,
            fallback_freelancer_bps=fallback_freelancer_bps,
            document=document,
            supersedes=supersedes,
            milestones=parts,
        )

    @property
    def final_deadline(self) -> int:
        """The last milestone's deadline, unix seconds.

        Raises:
            AgreementError: There is no milestone.
        """
        if not self.milestones:
            raise AgreementError(
                "An agreement without milestones has no final deadline.",
                "Add a milestone.",
                field="milestones",
            )
        return self.milestones[-1].deadline

    @property
    def receiver(self) -> str:
        """Who is paid what the freelancer earns: the payee if there is one, else the freelancer."""
        return self.freelancer if self.payee == ZERO_ADDRESS else self.payee

    def require_valid(
        self, now: int, escrow: str | None = None, *, supersedes: bytes = ZERO_HASH
    ) -> None:
        """Do nothing if the contract would open this agreement at ``now``; see ``problems``.

        Raises:
            AgreementError: It would not; ``problems`` of the error has every reason.
        """
        found = problems(self, now, escrow, supersedes=supersedes)
        if found:
            raise AgreementError(
                " ".join(problem.sentence for problem in found),
                " ".join(dict.fromkeys(problem.remedy for problem in found)),
                code="agreement-invalid",
                field=found[0].field,
                problems=found,
            )

    def as_tuple(self) -> tuple[Any, ...]:
        """Return the struct as ABI encoders take it: nested tuples, hashes as bytes."""
        plain = [getattr(self, name) for name, _ in AGREEMENT_FIELDS[:-1]]
        return (*plain, tuple((part.amount, part.deadline) for part in self.milestones))

    @classmethod
    def from_tuple(cls, values: Sequence[Any]) -> Self:
        """Return the agreement that an ABI decoder read: the inverse of ``as_tuple``.

        Raises:
            AgreementError: The values are not an agreement's.
        """
        if not isinstance(values, Sequence) or len(values) != len(AGREEMENT_FIELDS):
            raise AgreementError(
                f"This is not the tuple of an agreement, which has {len(AGREEMENT_FIELDS)} fields.",
                "Give all of them in the contract's order.",
            )
        names = [name for name, _ in AGREEMENT_FIELDS[:-1]]
        plain: dict[str, Any] = dict(zip(names, values[:-1], strict=True))
        return cls(**plain, milestones=_milestones(values[-1]))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-able dict under the ABI's keys.

        Integers are decimal strings, hashes 0x-hex, addresses checksummed.
        """
        shape: dict[str, Any] = {
            name: _TO_JSON[abi_type](getattr(self, name))
            for name, abi_type in AGREEMENT_FIELDS[:-1]
        }
        shape["milestones"] = [
            {"amount": str(part.amount), "deadline": str(part.deadline)} for part in self.milestones
        ]
        return shape

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the agreement of a parsed JSON value: the inverse of ``to_json``.

        Raises:
            AgreementError: A key is unknown or missing, or a value is not what ``to_json`` would
                write (integers as decimal strings only); ``field`` has the path.
        """
        shape = _READER.members(value, [name for name, _ in AGREEMENT_FIELDS])
        plain = {
            name: _FROM_JSON[abi_type](shape[name], name)
            for name, abi_type in AGREEMENT_FIELDS[:-1]
        }
        pairs = []
        for i, part in enumerate(_READER.array(shape["milestones"], "milestones")):
            path = f"milestones[{i}]"
            members = _READER.members(part, [name for name, _ in MILESTONE_FIELDS], path)
            pairs.append(
                tuple(
                    _READER.integer(members[name], join(path, name)) for name, _ in MILESTONE_FIELDS
                )
            )
        return cls(**plain, milestones=_milestones(pairs))


def _milestones(values: object) -> tuple[Milestone, ...]:
    """Return the milestones of a sequence of them, or of pairs of amount and deadline."""
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        raise AgreementError(
            "milestones is not a sequence.", "Give a sequence of milestones.", field="milestones"
        )
    if len(values) > MAX_MILESTONES:
        raise AgreementError(
            f"There are {len(values)} milestones, more than {MAX_MILESTONES}.",
            "Let a longer job go on in a further agreement that supersedes this one.",
            field="milestones",
        )
    return tuple(_milestone(value, f"milestones[{i}]") for i, value in enumerate(values))


def _milestone(value: object, path: str) -> Milestone:
    if isinstance(value, Milestone):
        return value
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) != 2:
        raise AgreementError(
            f"{path} is not a pair of amount and deadline.", "Give both.", field=path
        )
    amount, deadline = value
    return Milestone(
        to_uint256(amount, join(path, "amount")), to_uint256(deadline, join(path, "deadline"))
    )


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


# How each ABI type is checked, written and read. Dataclass annotations say what
# Python holds; the fields' ABI types follow from them, so no name is written twice.
_ABI_TYPES: Final = {"str": "address", "int": "uint256", "bytes": "bytes32"}
_NORMALISE: Final[dict[str, Callable[[Any, str], Any]]] = {
    "address": to_address,
    "uint256": to_uint256,
    "bytes32": to_bytes32,
}
_TO_JSON: Final[dict[str, Callable[[Any], str]]] = {"address": str, "uint256": str, "bytes32": _hex}
_FROM_JSON: Final[dict[str, Callable[[object, str], Any]]] = {
    "address": _READER.text,
    "uint256": _READER.integer,
    "bytes32": _READER.hex_bytes,
}

MILESTONE_FIELDS: Final = tuple(
    (field.name, _ABI_TYPES[str(field.type)]) for field in fields(Milestone)
)
"""Names and ABI types of the struct ``Milestone``, in order."""

AGREEMENT_FIELDS: Final = tuple(
    (field.name, _ABI_TYPES.get(str(field.type), "Milestone[]")) for field in fields(Agreement)
)
"""Names and ABI types of the struct ``Agreement``, in order."""
