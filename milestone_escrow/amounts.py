"""Amounts as people write them, exactly: text with a decimal point to raw units and back.

A token's raw unit is its smallest part; ``decimals`` says how many digits stand behind the point
(18 for the native coin, 6 for most dollar tokens, 0..77 here). Nothing is ever rounded.
"""

from __future__ import annotations

import re

from milestone_escrow.exceptions import AmountError

__all__ = ["MAX_DECIMALS", "MAX_UINT256", "format_units", "parse_units"]

MAX_DECIMALS = 77  # the most with which a uint256 still holds one whole unit
MAX_UINT256 = 2**256 - 1

# One way to write a number: no sign, exponent, grouping, leading zero or bare point.
_NUMBER = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_LONGEST = 78 + 1 + MAX_DECIMALS


def parse_units(text: str, decimals: int) -> int:
    """Return the raw units that ``text`` names, such as 1500000 for ``"1.5"`` with 6 decimals.

    Raises:
        AmountError: ``text`` is not a plain number (``1500`` or ``1500.25``: no sign, exponent,
            grouping, space, leading zero or bare point), has more digits behind the point than
            the token has decimals, or does not fit a uint256; or ``decimals`` is not 0..77.
    """
    _check_decimals(decimals)
    match = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    if match is None or len(text) > _LONGEST:
        shown = repr(text) if len(repr(text)) <= 80 else "This"
        raise AmountError(
            f"{shown} is not a plain amount.",
            'Write digits and at most one point, such as "1500" or "1500.25".',
            code="amount-malformed",
        )
    whole, fraction = match[1], match[2] or ""
    if len(fraction) > decimals:
        raise AmountError(
            f"{text} has {len(fraction)} digits behind the point; the token has {decimals}.",
            f"Give at most {decimals}, rounding it yourself if you must.",
            code="amount-too-precise",
        )
    raw = int(whole + fraction.ljust(decimals, "0"))
    if raw > MAX_UINT256:
        raise AmountError(
            f"{text} is more than a token with {decimals} decimals can hold.",
            "Give a smaller amount.",
            code="amount-too-large",
        )
    return raw


def format_units(raw: int, decimals: int, symbol: str | None = None, *, group: bool = True) -> str:
    """Return raw units as text without loss, such as ``1,234.5 DAI``.

    Zeros at the end of the fraction go, and with them a point that nothing follows. Without
    ``symbol`` and with ``group=False``, ``parse_units`` takes the text of any uint256 back to
    ``raw``. Negative numbers are shown too, since differences can be negative.

    Args:
        raw: The amount in raw units.
        decimals: The token's decimals, 0..77.
        symbol: What follows the number, after a space.
        group: Whether commas part the thousands of the whole units.

    Raises:
        AmountError: ``raw`` is not an integer or ``decimals`` is not 0..77.
    """
    _check_decimals(decimals)
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise AmountError(
            f"{raw!r} is not an amount in raw units.", "Give an integer.", code="amount-malformed"
        )
    whole, fraction = divmod(abs(raw), 10**decimals)
    text = f"{whole:,}" if group else str(whole)
    if fraction:
        text += "." + str(fraction).rjust(decimals, "0").rstrip("0")
    if raw < 0:
        text = "-" + text
    return f"{text} {symbol}" if symbol else text


def _check_decimals(decimals: int) -> None:
    if (
        not isinstance(decimals, int)
        or isinstance(decimals, bool)
        or not 0 <= decimals <= MAX_DECIMALS
    ):
        raise AmountError(
            f"{decimals!r} is not a token's number of decimals.",
            f"Give an integer from 0 to {MAX_DECIMALS}.",
            code="amount-decimals",
        )
