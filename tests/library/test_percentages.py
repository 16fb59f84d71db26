from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_escrow.agreement import split_by_percent
from milestone_escrow.exceptions import AmountError


@pytest.mark.parametrize(
    ("price", "percents", "parts"),
    [
        (1, [100], (1,)),
        (100, [10, "20", Decimal(70)], (10, 20, 70)),
        # remainders 0.33, 0.33, 0.34: the unit left over goes to the largest, however little
        (10, ["33.3", "33.3", "33.4"], (3, 3, 4)),
        (100, ["33.3", "33.3", "33.4"], (33, 33, 34)),
        (3, [50, 50], (2, 1)),
        (5, [25, 25, 25, 25], (2, 1, 1, 1)),
        (7, [25, 25, 25, 25], (2, 2, 2, 1)),
        # remainders 0.6, 0.6, 0.8: the largest first, then the earlier
        (8, ["32.5", "32.5", "35"], (3, 2, 3)),
        (2**128 - 1, [50, 50], (2**127, 2**127 - 1)),
        (10**18, ["0.000000000000000001", "99.999999999999999999"], None),
    ],
)
def test_split(price: int, percents: list[Any], parts: tuple[int, ...] | None) -> None:
    if parts is None:
        with pytest.raises(AmountError, match="nothing"):
            split_by_percent(price, percents)
    else:
        assert split_by_percent(price, percents) == parts


@st.composite
def splits(draw: st.DrawFn) -> tuple[int, list[Decimal]]:
    weights = draw(st.lists(st.integers(1, 10**6), min_size=1, max_size=10))
    places = draw(st.integers(0, 20))
    whole = 100 * 10**places
    cuts = [whole * weight // sum(weights) for weight in weights]
    cuts[0] += whole - sum(cuts)
    return draw(st.integers(1, 2**128)), [Decimal(cut).scaleb(-places) for cut in cuts if cut]


@given(splits())
def test_nothing_is_lost_and_no_part_is_a_unit_off(case: tuple[int, list[Decimal]]) -> None:
    price, percents = case
    exact = [Fraction(percent) * price / 100 for percent in percents]
    try:
        parts = split_by_percent(price, percents)
    except AmountError as error:
        assert "nothing" in error.sentence
        assert min(exact) < 1
        return
    assert sum(parts) == price
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))
    # Largest remainder: whoever was rounded up had no smaller remainder than who was rounded down.
    up = [share % 1 for part, share in zip(parts, exact, strict=True) if part > share]
    down = [share % 1 for part, share in zip(parts, exact, strict=True) if part < share]
    assert not up or not down or min(up) >= max(down)


@pytest.mark.parametrize(
    "percents",
    [
        [],
        [99],
        ["33.33", "33.33", "33.33"],
        [50, 50, "0.1"],
        ["99." + "9" * 77],
        [100, 100],
    ],
)
def test_percentages_must_add_up_to_exactly_100(percents: list[Any]) -> None:
    with pytest.raises(AmountError, match=r"add up to (less|more) than 100") as caught:
        split_by_percent(1000, percents)
    assert caught.value.field == "percents"


@pytest.mark.parametrize(
    "percent",
    [
        50.0,
        True,
        None,
        0,
        "0",
        -1,
        101,
        "",
        "1e1",
        "+50",
        " 50",
        "50%",
        "1/2",
        "050",
        "5.",
        ".5",
        "\N{ARABIC-INDIC DIGIT FIVE}",
        "0." + "1" * 78,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal(0),
        Decimal(-50),
        Decimal("1E-78"),
        Decimal("1E-999999"),
        Decimal("1E+999999"),
    ],
)
def test_malformed_percentages_are_refused(percent: Any) -> None:
    with pytest.raises(AmountError, match=r"percents\[1\]") as caught:
        split_by_percent(1000, [50, percent])
    assert caught.value.field == "percents[1]"


@pytest.mark.parametrize("price", [0, -1, 1.0, True, None, "100", Decimal(100)])
def test_the_price_is_a_positive_integer(price: Any) -> None:
    with pytest.raises(AmountError, match="price"):
        split_by_percent(price, [100])


def test_a_part_that_would_be_nothing_is_refused() -> None:
    with pytest.raises(AmountError) as caught:
        split_by_percent(3, [98, 1, 1])
    assert caught.value.field == "percents[1]"
