"""What the gas bench measures: each row a few calls on one deal.

A row counts the gas of its ``counted`` steps and not that of the steps ``before`` them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bench.gas_steps import (
    PAY_CREDIT,
    WITHDRAW_CREDIT,
    Role,
    Step,
    accept,
    amend,
    apply_fallback,
    award,
    cancel,
    claim,
    dispute_late,
    dispute_request,
    fund,
    fund_with_permit,
    keep_alive,
    redeem,
    release,
    release_quarter,
    request,
    rule,
    settle,
    settle_dormant,
    void_request,
    withdraw,
)
from milestone_escrow.agreement import MAX_MILESTONES

__all__ = ["ASSETS", "OPENINGS", "ROWS", "Asset", "Row"]

Asset = Literal["native", "erc20"]

ASSETS: Final[tuple[Asset, ...]] = ("native", "erc20")

_FREELANCER: Final[frozenset[Role]] = frozenset({"freelancer"})
_NOBODY: Final[frozenset[Role]] = frozenset()
_PLATFORM: Final[frozenset[Role]] = frozenset({"freelancer", "platform"})
_ARBITER: Final[frozenset[Role]] = frozenset({"freelancer", "arbiter"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: Stable name, the key in the snapshot.
        title: What the reader sees.
        milestones: How many the agreement has.
        counted: The steps whose gas is counted.
        before: The steps that lead there.
        named: Who is in the agreement beside the employer; a platform earns a fee.
        arbiter_bps: What an arbiter earns.
        permits: Whether it is in the token that takes permits; then only in that.
    """

    name: str
    title: str
    milestones: int
    counted: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    named: frozenset[Role] = _FREELANCER
    arbiter_bps: int = 0
    permits: bool = False

    @property
    def assets(self) -> tuple[Asset, ...]:
        """What it is measured in."""
        return ("erc20",) if self.permits else ASSETS

    @property
    def calls(self) -> frozenset[str]:
        """The contract's functions whose gas the row counts."""
        return frozenset(step.call for step in self.counted)


_ONE: Final = (0,)
_FIVE: Final = tuple(range(5))
_TEN: Final = tuple(range(MAX_MILESTONES))

_BOUND_ONE: Final = (fund(*_ONE), accept(*_ONE))
_BOUND_TEN: Final = (fund(*_TEN), accept(*_TEN))
_REQUESTED_ONE: Final = (*_BOUND_ONE, request(*_ONE))
_REQUESTED_TEN: Final = (*_BOUND_TEN, request(*_TEN))
_DISPUTED_ONE: Final = (*_REQUESTED_ONE, dispute_request(0))
_RELEASED_ONE: Final = (*_BOUND_ONE, release(*_ONE))

_OPEN: Final = Row("open 1", "open and fund a deal of 1", 1, (fund(*_ONE),))
_OPEN_PERMIT: Final = Row(
    "open 1 permit", "fund_with_permit, open 1", 1, (fund_with_permit(*_ONE),), permits=True
)

ROWS: Final[tuple[Row, ...]] = (
    _OPEN,
    Row("open 5", "open and fund a deal of 5", 5, (fund(*_FIVE),)),
    Row("open 1 signed", "open 1 with a signature", 1, (fund(*_ONE, signed=True),)),
    Row("open 5 signed", "open 5 with a signature", 5, (fund(*_FIVE, signed=True),)),
    Row("release 1", "release one in full", 1, (release(*_ONE),), _BOUND_ONE),
    Row("cancel 1", "cancel one (bound)", 1, (cancel(*_ONE),), _BOUND_ONE),
    # Nobody need be bound for a release, so a life is without an acceptance; see accept.
    Row("life 1", "life of a deal of 1", 1, (fund(*_ONE), release(*_ONE))),
    Row(
        "life 5 singly",
        "life of 5, releases singly",
        5,
        (fund(*_FIVE), *(release(index) for index in _FIVE)),
    ),
    Row("life 5 batch", "life of 5, one release", 5, (fund(*_FIVE), release(*_FIVE))),
    Row(
        "dispute requested",
        "dispute of a request",
        1,
        (dispute_request(0),),
        _REQUESTED_ONE,
        _ARBITER,
    ),
    Row("ruling", "ruling, a split", 1, (rule(0),), _DISPUTED_ONE, _ARBITER),
    Row("fund another", "fund another of an open deal", 2, (fund(1),), (fund(0),)),
    _OPEN_PERMIT,
    Row("accept 1", "accept", 1, (accept(*_ONE),), (fund(*_ONE),)),
    Row("withdraw 1", "withdraw", 1, (withdraw(*_ONE),), (fund(*_ONE),)),
    Row("award 1", "amend, award", 1, (award(*_ONE),), (fund(*_ONE),), _NOBODY),
    Row(
        "award 1 signed",
        "amend, award with a signature",
        1,
        (award(*_ONE, signed=True),),
        (fund(*_ONE),),
        _NOBODY,
    ),
    Row("amend 1", "amend (bound)", 1, (amend(*_ONE),), _BOUND_ONE),
    Row("request_release 1", "request_release", 1, (request(*_ONE),), _BOUND_ONE),
    Row("void_request 1", "void_request", 1, (void_request(*_ONE),), _REQUESTED_ONE),
    Row("release requested", "release, requested", 1, (release(*_ONE),), _REQUESTED_ONE),
    Row(
        "release fee",
        "release, the platform's first fee",
        1,
        (release(*_ONE),),
        _BOUND_ONE,
        _PLATFORM,
    ),
    Row("release_part first", "release_part, first", 1, (release_quarter(0),), _BOUND_ONE),
    Row(
        "release_part second",
        "release_part, second",
        1,
        (release_quarter(0),),
        (*_BOUND_ONE, release_quarter(0)),
    ),
    Row("redeem first", "redeem, first", 1, (redeem(0, 1),), _BOUND_ONE),
    Row("redeem second", "redeem, second", 1, (redeem(0, 2),), (*_BOUND_ONE, redeem(0, 1))),
    Row("redeem full", "redeem, in full", 1, (redeem(0, 4),), _BOUND_ONE),
    Row("claim 1", "claim", 1, (claim(*_ONE),), _REQUESTED_ONE),
    # Without a request the milestone has no word yet; and being the last one, its deadline is the
    # deal's, so that the dispute is recorded as activity, too. See README.md for its floor.
    Row("dispute", "dispute, no request", 1, (dispute_late(0),), _BOUND_ONE, _ARBITER),
    Row(
        "ruling share",
        "rule, the arbiter's first share",
        1,
        (rule(0),),
        _DISPUTED_ONE,
        _ARBITER,
        arbiter_bps=250,
    ),
    Row("apply_fallback", "apply_fallback", 1, (apply_fallback(0),), _DISPUTED_ONE, _ARBITER),
    Row("settle 1", "settle", 1, (settle(*_ONE),), _BOUND_ONE),
    Row("settle_dormant 1", "settle_dormant", 1, (settle_dormant(*_ONE),), _BOUND_ONE),
    Row("keep_alive", "keep_alive", 1, (keep_alive(),), _BOUND_ONE),
    Row("withdraw_credit", "withdraw_credit", 1, (WITHDRAW_CREDIT,), _RELEASED_ONE, _PLATFORM),
    Row("pay_credit", "pay_credit", 1, (PAY_CREDIT,), _RELEASED_ONE, _PLATFORM),
    Row("open 10", "open and fund 10", 10, (fund(*_TEN),)),
    Row("accept 10", "accept 10", 10, (accept(*_TEN),), (fund(*_TEN),)),
    Row("withdraw 10", "withdraw 10", 10, (withdraw(*_TEN),), (fund(*_TEN),)),
    Row("amend 10", "amend 10 (bound)", 10, (amend(*_TEN),), _BOUND_TEN),
    Row("request_release 10", "request_release 10", 10, (request(*_TEN),), _BOUND_TEN),
    Row("void_request 10", "void_request 10", 10, (void_request(*_TEN),), _REQUESTED_TEN),
    Row("release 10", "release 10", 10, (release(*_TEN),), _BOUND_TEN),
    Row("cancel 10", "cancel 10", 10, (cancel(*_TEN),), _BOUND_TEN),
    Row("claim 10", "claim 10", 10, (claim(*_TEN),), _REQUESTED_TEN),
    Row("settle 10", "settle 10", 10, (settle(*_TEN),), _BOUND_TEN),
    Row("settle_dormant 10", "settle_dormant 10", 10, (settle_dormant(*_TEN),), _BOUND_TEN),
)

# What opens the earlier deals: in each asset, and in the token that takes permits.
OPENINGS: Final = (_OPEN, _OPEN_PERMIT)
