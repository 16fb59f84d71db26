"""The rules that the contract holds an agreement to when a deal is opened.

They are checked in the contract's order, so the first problem names the error that the contract
would revert with. Every rule of time is half-open: "in the future" means after ``now``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH, to_address, to_bytes32, to_uint256
from milestone_escrow.times import instant

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement

__all__ = [
    "BPS",
    "DAY",
    "MAX_AMOUNT",
    "MAX_FEE_BPS",
    "MAX_HORIZON",
    "MAX_MILESTONES",
    "MAX_REVIEW_PERIOD",
    "MAX_RULING_PERIOD",
    "MIN_PERIOD",
    "USUAL_FALLBACK_BPS",
    "USUAL_PERIOD",
    "Problem",
    "problems",
]

DAY: Final = 86_400  # seconds
BPS: Final = 10_000  # basis points in the whole
MAX_MILESTONES: Final = 10
MAX_AMOUNT: Final = 2**128 - 1  # raw units of one milestone
MAX_FEE_BPS: Final = 1_000  # of the platform, and of the arbiter
MIN_PERIOD: Final = 3 * DAY  # of review and of ruling
MAX_REVIEW_PERIOD: Final = 180 * DAY
MAX_RULING_PERIOD: Final = 365 * DAY
MAX_HORIZON: Final = 3_650 * DAY  # from the opening to the final deadline
USUAL_PERIOD: Final = 30 * DAY  # of review and of ruling
USUAL_FALLBACK_BPS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that an agreement breaks.

    Attributes:
        error: The contract's custom error, such as ``BadFee``.
        field: Path of the field to change, such as ``milestones[2].amount``.
        sentence: What is wrong.
        remedy: What to change.
    """

    error: str
    field: str
    sentence: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """Return the four attributes: JSON-able."""
        return asdict(self)


def problems(
    agreement: Agreement,
    now: int,
    escrow: str | None = None,
    *,
    supersedes: bytes = ZERO_HASH,
) -> tuple[Problem, ...]:
    """Return every rule that ``agreement`` breaks if its deal is opened at ``now``.

    Args:
        agreement: The agreement.
        now: Unix seconds of the block that opens it.
        escrow: The contract's address; None skips the one rule that needs it.
        supersedes: Id of the deal that ``amend`` replaces; zero where ``fund`` opens it.

    Raises:
        AgreementError: ``now``, ``escrow`` or ``supersedes`` is not of its type.
    """
    to_uint256(now, "now")
    to_bytes32(supersedes, "supersedes")
    contract = None if escrow is None else to_address(escrow, "escrow")
    return (
        *_opener(agreement, supersedes),
        *_parties(agreement, contract),
        *_terms(agreement),
        *_milestones(agreement, now),
    )


def _opener(agreement: Agreement, supersedes: bytes) -> Iterator[Problem]:
    """Check what the call that opens the deal looks at before it reads the agreement's terms."""
    if agreement.employer == ZERO_ADDRESS:
        # Nobody can call as the zero address, so the contract refuses the caller instead.
        yield Problem(
            "NotEmployer", "employer", "There is no employer.", "Name the account that will fund."
        )
    if agreement.supersedes == supersedes:
        return
    if supersedes == ZERO_HASH:
        yield Problem(
            "BadSupersedes",
            "supersedes",
            "An agreement that replaces another cannot be opened by fund.",
            "Open it by amend, or set supersedes to zero.",
        )
    else:
        yield Problem(
            "BadSupersedes",
            "supersedes",
            "The agreement does not name the deal that it is to replace.",
            f"Set supersedes to 0x{supersedes.hex()}.",
        )


def _parties(agreement: Agreement, escrow: str | None) -> Iterator[Problem]:
    roles = {
        name: address
        for name in ("employer", "freelancer", "payee", "arbiter", "platform")
        if (address := getattr(agreement, name)) != ZERO_ADDRESS
    }
    for one, other in (
        ("employer", "freelancer"),
        ("employer", "payee"),
        ("employer", "arbiter"),
        ("freelancer", "arbiter"),
    ):
        if one in roles and roles[one] == roles.get(other):
            yield Problem(
                "BadParties",
                other,
                f"The {other} is the {one} too.",
                f"Name another account as {other}.",
            )
    for name, address in roles.items():
        for what, contract in (("escrow", escrow), ("token", agreement.token)):
            if address == contract:
                yield Problem(
                    "BadParties",
                    name,
                    f"The {name} is the {what} contract, which cannot act.",
                    f"Name another account as {name}.",
                )


def _terms(agreement: Agreement) -> Iterator[Problem]:
    if agreement.platform == ZERO_ADDRESS and agreement.fee_bps:
        yield Problem(
            "BadPlatform",
            "platform",
            "There is a fee but no platform to earn it.",
            "Name the platform or set fee_bps to 0.",
        )
    if agreement.platform != ZERO_ADDRESS and not agreement.fee_bps:
        yield Problem(
            "BadPlatform",
            "platform",
            "There is a platform but no fee.",
            "Leave the platform zero or set fee_bps above 0.",
        )
    if agreement.fee_bps > MAX_FEE_BPS:
        yield _above("BadFee", "fee_bps", "The fee", agreement.fee_bps, MAX_FEE_BPS)
    if agreement.arbiter_bps > MAX_FEE_BPS:
        yield _above(
            "BadArbiterFee",
            "arbiter_bps",
            "The arbiter's share",
            agreement.arbiter_bps,
            MAX_FEE_BPS,
        )
    elif agreement.arbiter_bps and agreement.arbiter == ZERO_ADDRESS:
        yield Problem(
            "BadArbiterFee",
            "arbiter_bps",
            "There is an arbiter's share but no arbiter.",
            "Name the arbiter or set arbiter_bps to 0.",
        )
    for error, name, period, longest in (
        ("BadReviewPeriod", "review_period", agreement.review_period, MAX_REVIEW_PERIOD),
        ("BadRulingPeriod", "ruling_period", agreement.ruling_period, MAX_RULING_PERIOD),
    ):
        if not MIN_PERIOD <= period <= longest:
            yield Problem(
                error,
                name,
                f"The {name.replace('_', ' ')} is {period} seconds, "
                f"not {MIN_PERIOD // DAY} to {longest // DAY} days.",
                f"Set {name} between {MIN_PERIOD} and {longest} seconds.",
            )
    if agreement.fallback_freelancer_bps > BPS:
        yield _above(
            "BadFallback",
            "fallback_freelancer_bps",
            "The freelancer's part of the fallback",
            agreement.fallback_freelancer_bps,
            BPS,
        )


def _milestones(agreement: Agreement, now: int) -> Iterator[Problem]:
    if not agreement.milestones:
        yield Problem(
            "BadMilestones",
            "milestones",
            "There is no milestone.",
            f"Add 1 to {MAX_MILESTONES} milestones.",
        )
        return  # the rules below all speak of milestones

    before = 0
    for i, milestone in enumerate(agreement.milestones):
        if not 0 < milestone.amount <= MAX_AMOUNT:
            size = "more than 2**128 - 1 raw units" if milestone.amount else "zero"
            yield Problem(
                "BadAmount",
                f"milestones[{i}].amount",
                f"The amount of milestone {i} is {size}.",
                "Give every milestone an amount from 1 to 2**128 - 1 raw units.",
            )
        if milestone.deadline < before:
            yield Problem(
                "BadDeadlines",
                f"milestones[{i}].deadline",
                f"The deadline of milestone {i}, {instant(milestone.deadline)}, "
                f"is before the one of milestone {i - 1}.",
                "Put the milestones in the order of their deadlines.",
            )
        before = milestone.deadline

    final, last = agreement.final_deadline, f"milestones[{len(agreement.milestones) - 1}].deadline"
    if final <= now:
        yield Problem(
            "BadDeadlines",
            last,
            f"The final deadline, {instant(final)}, is not in the future.",
            f"Set it after {instant(now)}.",
        )
    if final > now + MAX_HORIZON:
        yield Problem(
            "BadDeadlines",
            last,
            f"The final deadline, {instant(final)}, is more than {MAX_HORIZON // DAY} days away.",
            f"Set it at {instant(now + MAX_HORIZON)} or before.",
        )
    total = sum(milestone.amount for milestone in agreement.milestones)
    if agreement.price != total:
        yield Problem(
            "BadPrice",
            "price",
            f"The price is {agreement.price} raw units, the milestones add up to {total}.",
            "Make the price the sum of the milestones.",
        )
    if agreement.accept_by <= now:
        yield Problem(
            "BadAcceptBy",
            "accept_by",
            f"The time to accept by, {instant(agreement.accept_by)}, is not in the future.",
            f"Set accept_by after {instant(now)}.",
        )
    if agreement.accept_by > final:
        yield Problem(
            "BadAcceptBy",
            "accept_by",
            f"The time to accept by, {instant(agreement.accept_by)}, is after the final deadline.",
            f"Set accept_by at {instant(final)} or before.",
        )


def _above(error: str, field: str, what: str, bps: int, most: int) -> Problem:
    return Problem(
        error,
        field,
        f"{what} is {bps} basis points, more than {most}.",
        f"Set {field} between 0 and {most}.",
    )
