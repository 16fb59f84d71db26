"""What the gas bench measures: each row a few calls on one deal, in the contract's own words.

A row counts the gas of its ``counted`` steps and not that of the steps ``before`` them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from milestone_escrow.agreement import DAY, MAX_MILESTONES, Agreement

__all__ = ["REVIEW_PERIOD", "ROWS", "Deal", "Role", "Row", "Step"]

Role = Literal["employer", "freelancer", "platform", "stranger"]

REVIEW_PERIOD: Final = 30 * DAY  # seconds, of every agreement measured


@dataclass(frozen=True, slots=True)
class Deal:
    """What the arguments of a call are made from.

    Attributes:
        agreement: The agreement.
        signature: The freelancer's over it, 65 bytes.
    """

    agreement: Agreement
    signature: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction.

    Attributes:
        sender: Who sends it.
        call: The contract's function.
        arguments: Its arguments.
        paid_in: How many milestones it pays for.
        after: Seconds that pass before it.
    """

    sender: Role
    call: str
    arguments: Callable[[Deal], tuple[Any, ...]]
    paid_in: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: Stable name, the key in the snapshot.
        title: What the reader sees.
        milestones: How many the agreement has.
        counted: The steps whose gas is counted.
        before: The steps that lead there.
        platform: Whether the agreement has a platform that earns a fee.
    """

    name: str
    title: str
    milestones: int
    counted: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    platform: bool = False

    @property
    def calls(self) -> frozenset[str]:
        """The contract's functions whose gas the row counts."""
        return frozenset(step.call for step in self.counted)


def _fund(*indexes: int, signed: bool = False) -> Step:
    return Step(
        "employer",
        "fund",
        lambda deal: (deal.agreement.as_tuple(), indexes, deal.signature if signed else b""),
        paid_in=len(indexes),
    )


def _on(sender: Role, call: str, *indexes: int, after: int = 0) -> Step:
    """Return a call that takes the agreement and indexes only."""
    return Step(sender, call, lambda deal: (deal.agreement.as_tuple(), indexes), after=after)


def _accept(*indexes: int) -> Step:
    return _on("freelancer", "accept", *indexes)


def _release(*indexes: int) -> Step:
    return _on("employer", "release", *indexes)


def _claim(*indexes: int) -> Step:
    return _on("stranger", "claim", *indexes, after=REVIEW_PERIOD)


def _request(*indexes: int) -> Step:
    evidence = b"\xee" * 32
    return Step(
        "freelancer",
        "request_release",
        lambda deal: (deal.agreement.as_tuple(), indexes, evidence),
    )


def _release_quarter(index: int) -> Step:
    return Step(
        "employer",
        "release_part",
        lambda deal: (
            deal.agreement.as_tuple(),
            index,
            deal.agreement.milestones[index].amount // 4,
        ),
    )


_WITHDRAW_CREDIT: Final = Step(
    "platform", "withdraw_credit", lambda deal: (deal.agreement.token, deal.agreement.platform)
)
_PAY_CREDIT: Final = Step(
    "stranger", "pay_credit", lambda deal: (deal.agreement.token, deal.agreement.platform)
)

_ONE: Final = (0,)
_FIVE: Final = tuple(range(5))
_TEN: Final = tuple(range(MAX_MILESTONES))

_BOUND_ONE: Final = (_fund(*_ONE), _accept(*_ONE))
_BOUND_TEN: Final = (_fund(*_TEN), _accept(*_TEN))
_REQUESTED_ONE: Final = (*_BOUND_ONE, _request(*_ONE))
_REQUESTED_TEN: Final = (*_BOUND_TEN, _request(*_TEN))

ROWS: Final[tuple[Row, ...]] = (
    Row("open 1", "open and fund a deal of 1", 1, (_fund(*_ONE),)),
    Row("open 5", "open and fund a deal of 5", 5, (_fund(*_FIVE),)),
    Row("open 1 signed", "open 1 with a signature", 1, (_fund(*_ONE, signed=True),)),
    Row("open 5 signed", "open 5 with a signature", 5, (_fund(*_FIVE, signed=True),)),
    Row("release 1", "release one in full", 1, (_release(*_ONE),), _BOUND_ONE),
    Row("cancel 1", "cancel one (bound)", 1, (_on("freelancer", "cancel", *_ONE),), _BOUND_ONE),
    # Nobody need be bound for a release, so a life is without an acceptance; see accept.
    Row("life 1", "life of a deal of 1", 1, (_fund(*_ONE), _release(*_ONE))),
    Row(
        "life 5 singly",
        "life of 5, releases singly",
        5,
        (_fund(*_FIVE), *(_release(index) for index in _FIVE)),
    ),
    Row(
        "life 5 batch",
        "life of 5, one release",
        5,
        (_fund(*_FIVE), _release(*_FIVE)),
    ),
    Row("fund another", "fund another of an open deal", 2, (_fund(1),), (_fund(0),)),
    Row("accept 1", "accept", 1, (_accept(*_ONE),), (_fund(*_ONE),)),
    Row("withdraw 1", "withdraw", 1, (_on("employer", "withdraw", *_ONE),), (_fund(*_ONE),)),
    Row("request_release 1", "request_release", 1, (_request(*_ONE),), _BOUND_ONE),
    Row(
        "void_request 1",
        "void_request",
        1,
        (_on("freelancer", "void_request", *_ONE),),
        _REQUESTED_ONE,
    ),
    Row("release requested", "release, requested", 1, (_release(*_ONE),), _REQUESTED_ONE),
    Row(
        "release fee",
        "release, the platform's first fee",
        1,
        (_release(*_ONE),),
        _BOUND_ONE,
        platform=True,
    ),
    Row("release_part first", "release_part, first", 1, (_release_quarter(0),), _BOUND_ONE),
    Row(
        "release_part second",
        "release_part, second",
        1,
        (_release_quarter(0),),
        (*_BOUND_ONE, _release_quarter(0)),
    ),
    Row("claim 1", "claim", 1, (_claim(*_ONE),), _REQUESTED_ONE),
    Row(
        "withdraw_credit",
        "withdraw_credit",
        1,
        (_WITHDRAW_CREDIT,),
        (*_BOUND_ONE, _release(*_ONE)),
        platform=True,
    ),
    Row(
        "pay_credit",
        "pay_credit",
        1,
        (_PAY_CREDIT,),
        (*_BOUND_ONE, _release(*_ONE)),
        platform=True,
    ),
    Row("open 10", "open and fund 10", 10, (_fund(*_TEN),)),
    Row("accept 10", "accept 10", 10, (_accept(*_TEN),), (_fund(*_TEN),)),
    Row("withdraw 10", "withdraw 10", 10, (_on("employer", "withdraw", *_TEN),), (_fund(*_TEN),)),
    Row("request_release 10", "request_release 10", 10, (_request(*_TEN),), _BOUND_TEN),
    Row(
        "void_request 10",
        "void_request 10",
        10,
        (_on("freelancer", "void_request", *_TEN),),
        _REQUESTED_TEN,
    ),
    Row("release 10", "release 10", 10, (_release(*_TEN),), _BOUND_TEN),
    Row("cancel 10", "cancel 10", 10, (_on("freelancer", "cancel", *_TEN),), _BOUND_TEN),
    Row("claim 10", "claim 10", 10, (_claim(*_TEN),), _REQUESTED_TEN),
)
