"""The errors of the library: one tree, each error one sentence and its remedy.

    EscrowError
    ├── UsageError         a caller asked for something that makes no sense
    ├── AgreementError     an agreement that cannot exist, or that the contract would refuse
    ├── AmountError        an amount or percentage that is not exact
    ├── DocumentError      an agreement document that is malformed, or not the one agreed on
    ├── SignatureError     a signature that is malformed or by someone else
    ├── NodeError          no node answers, the wrong chain, a time-out
    ├── ContractRevert     the contract refused a call; ``error`` is its custom error
    ├── UnknownDeal        no deal has that id
    ├── NotEnoughFunds     an account cannot pay what a call needs
    ├── StoreError         the index cannot be read, written or trusted
    └── DeploymentError    a contract is not, or not correctly, where it should be

``FoldError`` (in ``fold_rules``) and ``TooMuch`` (in ``indexer.rpc``, a NodeError) stand where they
are raised.

``str(error)`` is the sentence followed by the remedy. ``code`` is a stable name for machines:
kebab-case for the library's own errors, the custom error's name for a revert.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from milestone_escrow.agreement import Problem

__all__ = [
    "AgreementError",
    "AmountError",
    "ContractRevert",
    "DeploymentError",
    "DocumentError",
    "EscrowError",
    "NodeError",
    "NotEnoughFunds",
    "SignatureError",
    "StoreError",
    "UnknownDeal",
    "UsageError",
]


class EscrowError(Exception):
    """The root of the tree: catch this to catch every error the library raises on purpose.

    Attributes:
        sentence: What is wrong, one English sentence.
        remedy: What to do about it, one English sentence; may be empty where nothing can be done.
        code: Stable name for machines.
        field: Path of the input to blame, such as ``milestones[2].amount``, or None.
    """

    default_code: ClassVar[str] = "escrow-error"

    def __init__(
        self,
        sentence: str,
        remedy: str = "",
        *,
        code: str | None = None,
        field: str | None = None,
    ) -> None:
        """Make an error of its class's code unless ``code`` says more."""
        super().__init__(sentence, remedy)
        self.sentence = sentence
        self.remedy = remedy
        self.code = self.default_code if code is None else code
        self.field = field

    def __str__(self) -> str:
        """Return the sentence and the remedy."""
        return f"{self.sentence} {self.remedy}" if self.remedy else self.sentence

    def to_dict(self) -> dict[str, object]:
        """Return ``code``, ``sentence``, ``remedy`` and, where known, ``field``: JSON-able."""
        shape: dict[str, object] = {
            "code": self.code,
            "sentence": self.sentence,
            "remedy": self.remedy,
        }
        if self.field is not None:
            shape["field"] = self.field
        return shape


class UsageError(EscrowError):
    """A caller asked for something that makes no sense, whatever the chain says."""

    default_code = "usage"


class AgreementError(EscrowError):
    """An agreement that is not of the contract's type, or that the contract would refuse to open.

    Attributes:
        problems: Every rule that the agreement breaks, in the contract's order; empty where the
            values do not even fit the type.
    """

    default_code = "agreement"

    def __init__(
        self,
        sentence: str,
        remedy: str = "",
        *,
        code: str | None = None,
        field: str | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        """Make the error; ``problems`` are those that ``agreement.problems`` found."""
        super().__init__(sentence, remedy, code=code, field=field)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def to_dict(self) -> dict[str, object]:
        """Return the base's keys and, where there are any, ``problems``."""
        shape = super().to_dict()
        if self.problems:
            shape["problems"] = [problem.to_dict() for problem in self.problems]
        return shape


class AmountError(EscrowError):
    """An amount or a percentage that is malformed, out of range or not exact."""

    default_code = "amount"


class DocumentError(EscrowError):
    """An agreement document that is malformed, or not the one that the agreement binds."""

    default_code = "document"


class SignatureError(EscrowError):
    """A signature that is malformed, malleable or made by another than the signer expected."""

    default_code = "signature"


class NodeError(EscrowError):
    """No node answers, it answers nonsense or too late, or it serves another chain."""

    default_code = "node"


class ContractRevert(EscrowError):  # noqa: N818 - named after what the chain calls it
    """The contract refused a call.

    Attributes:
        error: Name of the custom error, such as ``NotEmployer``; also the ``code``.
        data: The raw revert data, empty where the node gave none.
    """

    default_code = "contract-revert"

    def __init__(self, error: str, sentence: str, remedy: str = "", *, data: bytes = b"") -> None:
        """Make the error from a revert that was decoded; the sentences have their own table."""
        super().__init__(sentence, remedy, code=error)
        self.error = error
        self.data = data

    def to_dict(self) -> dict[str, object]:
        """Return the base's keys, ``error`` and ``data`` as 0x-hex."""
        return super().to_dict() | {"error": self.error, "data": "0x" + self.data.hex()}


class UnknownDeal(EscrowError):  # noqa: N818 - a fact about the deal, in the domain's words
    """No deal has that id in the place that was asked."""

    default_code = "unknown-deal"


class NotEnoughFunds(EscrowError):  # noqa: N818 - a fact about the account
    """An account holds less, or allows less, than a call needs."""

    default_code = "not-enough-funds"


class StoreError(EscrowError):
    """The index cannot be read, written or trusted."""

    default_code = "store"


class DeploymentError(EscrowError):
    """A contract is not, or not correctly, where it should be."""

    default_code = "deployment"
