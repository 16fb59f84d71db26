"""Percentages of a price to exact raw units, nothing lost and nothing made up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from milestone_escrow.exceptions import AmountError

__all__ = ["split_by_percent"]

_PERCENT = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,77})?")


def split_by_percent(price: int, percents: Sequence[Decimal | int | str]) -> tuple[int, ...]:
    """Return ``price`` split into exact raw units by percentages: a milestone each.

    Every part is first rounded down; the units left over go to the largest remainders, of equal
    ones to the earlier. The parts add up to ``price``.

    Args:
        price: Raw units, above zero.
        percents: Percentages that add up to exactly 100, as ``Decimal``, int, or text such as
            ``"33.4"``; floats are refused, since most of them are not what they look like.

    Raises:
        AmountError: The price is no positive integer, a percentage is malformed or not above
            zero, they do not add up to 100, or a part would be zero.
    """
    if not isinstance(price, int) or isinstance(price, bool) or price <= 0:
        raise AmountError(
            f"The price {price!r} is not a positive integer.", "Give the price in raw units."
        )
    shares = [_percent(value, f"percents[{i}]") for i, value in enumerate(percents)]
    if sum(shares) != 100:
        side = "less" if sum(shares) < 100 else "more"
        raise AmountError(
            f"The percentages add up to {side} than 100.",
            "Change them so that they add up to exactly 100.",
            field="percents",
        )
    exact = [price * share / 100 for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: price - sum(parts)]:
        parts[i] += 1
    if 0 in parts:
        i = parts.index(0)
        raise AmountError(
            f"Part {i} of the price would be nothing.",
            "Give it a larger percentage, or leave it out.",
            field=f"percents[{i}]",
        )
    return tuple(parts)


def _percent(value: object, path: str) -> Fraction:
    """Return a percentage exactly; the bounds keep hostile exponents from being expanded."""
    exact: Fraction | None = None
    if isinstance(value, str):
        exact = Fraction(value) if _PERCENT.fullmatch(value) else None
    elif isinstance(value, int) and not isinstance(value, bool):
        exact = Fraction(value)
    elif isinstance(value, Decimal) and value.is_finite() and 0 < value <= 100:
        exponent = value.as_tuple().exponent
        exact = Fraction(value) if isinstance(exponent, int) and exponent >= -77 else None
    if exact is None or not 0 < exact <= 100:
        raise AmountError(
            f"{path} is {str(value)[:40]!r}, not a percentage above 0 and at most 100.",
            'Write it as Decimal, int or text such as "33.4".',
            field=path,
        )
    return exact
