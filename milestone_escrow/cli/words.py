"""Times, addresses and names as people read them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from milestone_escrow import times

__all__ = ["ago", "at", "counted", "instant", "moment", "short_address", "short_id", "shown_url"]

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

_BEGINS: Final = {
    "accept_by": "acceptance ends",
    "final_deadline": "funding ends",
    "overdue": "overdue",
    "claimable": "claimable",
    "ruling_ends": "ruling ends",
    "disputable": "disputable",
    "dormant": "dormant",
    "notice": "lapse announced",
    "lapsed": "lapses",
}


def instant(time: int) -> str:
    """Return unix seconds as UTC to the minute."""
    return times.instant(time, times.TO_THE_MINUTE)


def ago(time: int, now: int) -> str:
    """Return how long before or after ``now`` a time is, rounded to a fitting unit."""
    distance = abs(now - time)
    unit, name = _DAY, "days"
    for most, smaller, short in (
        (2 * _MINUTE, 1, "s"),
        (2 * _HOUR, _MINUTE, "min"),
        (2 * _DAY, _HOUR, "h"),
    ):
        if distance < most:
            unit, name = smaller, short
            break
    span = f"{(distance + unit // 2) // unit:,} {name}"
    return f"in {span}" if time > now else f"{span} ago"


def at(time: int, now: int) -> str:
    """Return a time in UTC and its distance from ``now``."""
    return f"{instant(time)} ({ago(time, now)})"


def moment(what: str) -> str:
    """Return what begins at a ``clock.Moment``, in words."""
    return _BEGINS[what]


def short_address(address: str) -> str:
    """Return an address's two ends; for display only."""
    return f"{address[:6]}…{address[-4:]}"


def short_id(deal_id: bytes) -> str:
    """Return the beginning of a deal id; commands take it for the whole."""
    return f"0x{deal_id[:4].hex()}"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun, in the plural unless it is one."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def shown_url(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, path and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
