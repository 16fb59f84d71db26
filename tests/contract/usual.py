"""What is usual: who makes a call, and which calls are tried with a milestone as it is."""

from __future__ import annotations

from typing import Final, NamedTuple

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.model_deal import Deal

__all__ = ["CALLS", "NAMES", "ROLE", "USUAL", "Usual", "kind_of", "moments"]

ROLE: Final[dict[str, str]] = {
    "fund": "employer",
    "fund_with_permit": "employer",
    "accept": "freelancer",
    "withdraw": "employer",
    "amend": "employer",
    "request_release": "freelancer",
    "void_request": "freelancer",
    "release": "employer",
    "release_part": "employer",
    "redeem": "",
    "claim": "",
    "cancel": "freelancer",
    "dispute": "employer",
    "rule": "arbiter",
    "apply_fallback": "",
    "settle": "employer",
    "settle_dormant": "",
    "keep_alive": "employer",
}
"""The field of the agreement that names who makes a call on a deal; empty: anyone may."""

NAMES: Final = tuple(ROLE)
"""The calls on deals."""

CALLS: Final = (*NAMES, "withdraw_credit", "pay_credit")
"""All calls of the escrow that change something."""


class Usual(NamedTuple):
    """What is tried with a milestone, more often than the rest.

    Attributes:
        going: What leaves it in the play, or should be refused.
        ending: What empties it.
        often: How often it is the latter.
    """

    going: tuple[str, ...]
    ending: tuple[str, ...]
    often: float


_ENDS: Final = ("release", "cancel", "settle", "amend")

USUAL: Final = {
    "agreed": Usual((*["fund"] * 6, *["fund_with_permit"] * 2), ("amend",), 0.05),
    "reserved": Usual(
        (*["accept"] * 8, "fund", "request_release", "release_part", "rule"),
        ("withdraw", "withdraw", "release", "amend"),
        0.1,
    ),
    "unaccepted": Usual(("accept", "fund"), ("withdraw", "withdraw", "release", "amend"), 0.5),
    "funded": Usual(
        (
            *["request_release"] * 6,
            *["release_part"] * 5,
            *["redeem"] * 5,
            *("fund", "dispute", "keep_alive", "rule", "claim", "void_request"),
        ),
        _ENDS,
        0.05,
    ),
    "due": Usual(
        (*["dispute"] * 4, *["request_release"] * 3, *["release_part"] * 3, *["redeem"] * 3),
        _ENDS,
        0.06,
    ),
    "late": Usual(
        (
            *["keep_alive"] * 4,
            *["request_release"] * 3,
            *["release_part"] * 3,
            *("redeem", "redeem", "dispute", "dispute", "settle_dormant", "fund"),
        ),
        _ENDS,
        0.06,
    ),
    "lapsed": Usual(
        ("release_part", "redeem", "dispute", "request_release", "keep_alive"),
        (*["settle_dormant"] * 4, *_ENDS),
        0.4,
    ),
    "requested": Usual(
        (
            *["void_request"] * 6,
            *["dispute"] * 5,
            *["release_part"] * 4,
            *["redeem"] * 4,
            *("request_release", "claim", "apply_fallback", "settle_dormant"),
        ),
        _ENDS,
        0.06,
    ),
    "unreviewed": Usual(
        ("release_part", "redeem", "redeem", "dispute", "dispute", "void_request"),
        (*["claim"] * 6, *_ENDS),
        0.3,
    ),
    "disputed": Usual(
        ("claim", "dispute", "release_part", "redeem", "apply_fallback", "void_request"),
        (*["rule"] * 6, *["redeem"] * 2, "settle", *_ENDS),
        0.4,
    ),
    "unruled": Usual(
        ("rule", "rule", "claim", "dispute", "redeem"),
        (*["apply_fallback"] * 6, "redeem", *_ENDS),
        0.4,
    ),
}
"""By the kind of the milestone."""


def kind_of(deal: Deal, index: int, now: int) -> str:
    """Return what can be done about a milestone, in a word; empty: nothing."""
    part, terms = deal.parts[index], deal.agreement
    if deal.closed or part.settled:
        return ""
    if not part.held:
        return "agreed" if now < deal.final else ""
    if not deal.bound:
        hired = terms.freelancer != ZERO_ADDRESS
        return "reserved" if hired and now < terms.accept_by else "unaccepted"
    if part.disputed_at:
        return "disputed" if now < part.disputed_at + terms.ruling_period else "unruled"
    if part.requested_at:
        return "requested" if now < part.requested_at + terms.review_period else "unreviewed"
    if now >= deal.lapses_at:
        return "lapsed"
    if now >= deal.final:
        return "late"
    return "due" if now >= terms.milestones[index].deadline else "funded"


def moments(deal: Deal) -> list[int]:
    """Return the times at which something about a deal changes by itself."""
    terms = deal.agreement
    times = [terms.accept_by, deal.final, deal.lapses_at]
    for part, milestone in zip(deal.parts, terms.milestones, strict=True):
        if part.disputed_at:
            times.append(part.disputed_at + terms.ruling_period)
        elif part.requested_at:
            times.append(part.requested_at + terms.review_period)
        elif part.held:
            times.append(milestone.deadline)
    return times
