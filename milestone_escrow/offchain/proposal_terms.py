"""What the terms of a proposal must be, and what is worth a warning in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH
from milestone_escrow.agreement import Agreement
from milestone_escrow.document import AgreementDocument
from milestone_escrow.exceptions import DocumentError, UsageError
from milestone_escrow.times import instant

if TYPE_CHECKING:
    from milestone_escrow.tokens import Token

__all__ = ["Caution", "Frame", "cautions_of_job", "cautions_of_terms", "check_terms"]

TokenOf = Callable[[str], "Token | None"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a proposal must keep to, whoever writes it.

    Attributes:
        employer: Checksummed.
        freelancer: Checksummed; None: whomever the agreement names.
        reserve: Id of the deal that holds money for the job, 32 bytes; None: none does.
        token: Of that deal; None likewise.
        escrow: Address of the contract.
        decimals: What the agreement's token says of itself; None: it is not known.
        now: Unix seconds of the chain.
    """

    employer: str
    freelancer: str | None
    reserve: bytes | None
    token: str | None
    escrow: str
    decimals: int | None
    now: int


@dataclass(frozen=True, slots=True)
class Caution:
    """What somebody should look at before they go on; it forbids nothing.

    Attributes:
        code: Stable name.
        sentence: What it is.
    """

    code: str
    sentence: str


# --- What must be


def check_terms(agreement: Agreement, document: AgreementDocument, frame: Frame) -> None:
    """Do nothing if an agreement may be proposed.

    Raises:
        UsageError: It is not between the two, or not for the job (``other-employer``,
            ``other-freelancer``, ``other-reserve``, ``other-token``).
        AgreementError: The contract would not open a deal on it now.
        DocumentError: The document is not its, or gives the token other decimals.
    """
    if agreement.employer != frame.employer:
        _refuse("employer", f"The employer is {frame.employer}.", "employer")
    if agreement.freelancer == ZERO_ADDRESS or frame.freelancer not in (None, agreement.freelancer):
        asked = "an account" if frame.freelancer is None else frame.freelancer
        _refuse("freelancer", f"The freelancer is {asked}.", "freelancer")
    reserve = ZERO_HASH if frame.reserve is None else frame.reserve
    if agreement.supersedes != reserve:
        _refuse(
            "reserve",
            "Money is reserved for the job by another deal than the one that it supersedes."
            if frame.reserve is not None
            else "No money is reserved for the job, and it supersedes a deal.",
            "supersedes",
            f"Set supersedes to 0x{reserve.hex()}.",
        )
    if frame.token not in (None, agreement.token):
        _refuse("token", f"The money that is reserved is in the token {frame.token}.", "token")
    agreement.require_valid(frame.now, frame.escrow, supersedes=reserve)
    document.check_against(agreement)
    stated = document.currency.decimals
    if frame.decimals not in (None, stated):
        raise DocumentError(
            f"The document gives the token {stated} decimals; it has {frame.decimals}.",
            "Write the document anew: its amounts would read as other sums than are paid.",
            code="document-currency",
            field="currency.decimals",
        )


def _refuse(what: str, sentence: str, field: str, remedy: str = "") -> NoReturn:
    remedy = remedy or f"Propose an agreement with this {what}."
    raise UsageError(sentence, remedy, code=f"other-{what}", field=field)


# --- What is worth a warning


def cautions_of_job(token: str | None, token_of: TokenOf, *, known: bool) -> Iterator[Caution]:
    """Yield what bidders should look at.

    Args:
        token: Of the money; None: nobody says.
        token_of: What tokens say of themselves.
        known: Whether the employer has settled something with somebody.
    """
    if not known:
        yield _first_time("employer")
    if token is not None:
        yield from _unknown(token, token_of)


def cautions_of_terms(
    agreement: Agreement, now: int, token_of: TokenOf, *, other: str, known: bool
) -> Iterator[Caution]:
    """Yield what whoever reads a proposal should look at.

    Args:
        agreement: What is proposed.
        now: Unix seconds of the chain.
        token_of: What tokens say of themselves.
        other: Role of the reader's counterparty.
        known: Whether that one has settled something with somebody.
    """
    if not known:
        yield _first_time(other)
    if len(agreement.milestones) == 1:
        yield Caution(
            "one-milestone",
            "All is in one milestone: nothing is paid before everything is done.",
        )
    yield from _unknown(agreement.token, token_of)
    for i, milestone in enumerate(agreement.milestones):
        if milestone.deadline <= now:
            yield Caution(
                "date-past",
                f"The deadline of milestone {i}, {instant(milestone.deadline)}, is past.",
            )


def _first_time(role: str) -> Caution:
    return Caution(
        "first-time", f"No milestone of a deal that this {role} entered was ever settled here."
    )


def _unknown(token: str, token_of: TokenOf) -> Iterator[Caution]:
    if token_of(token) is None:
        yield Caution(
            "unknown-token",
            f"The token {token} does not say its symbol and decimals to this bridge: nobody can "
            "tell what its raw units are worth.",
        )
