from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_escrow.amounts import format_units, parse_units
from milestone_escrow.exceptions import AmountError

LARGEST = 2**256 - 1


@pytest.mark.parametrize(
    ("text", "decimals", "raw"),
    [
        ("0", 18, 0),
        ("1", 0, 1),
        ("1.5", 6, 1_500_000),
        ("0.000001", 6, 1),
        ("0.10", 2, 10),
        ("1500.25", 18, 1_500_250_000_000_000_000_000),
        ("1", 77, 10**77),
        ("0." + "0" * 76 + "1", 77, 1),
        (str(LARGEST), 0, LARGEST),
        # More digits than a float or the usual decimal context holds.
        (
            "123456789012345678901234567890.123456789012345678",
            18,
            123_456_789_012_345_678_901_234_567_890_123_456_789_012_345_678,
        ),
    ],
)
def test_parse(text: str, decimals: int, raw: int) -> None:
    assert parse_units(text, decimals) == raw


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "01",
        "00",
        "1e3",
        "1E3",
        "1,000",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "1.5.5",
        "1.-5",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "\N{SUPERSCRIPT TWO}",
        "9" * 1_000_000,
        1,
        1.5,
        Decimal("1.5"),
        None,
        b"1",
    ],
)
def test_parse_refuses_what_is_no_plain_amount(text: Any) -> None:
    with pytest.raises(AmountError) as caught:
        parse_units(text, 18)
    assert caught.value.code == "amount-malformed"
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("text", "decimals"), [("1.5", 0), ("0.0000001", 6), ("1.000", 2)])
def test_parse_never_rounds(text: str, decimals: int) -> None:
    with pytest.raises(AmountError) as caught:
        parse_units(text, decimals)
    assert caught.value.code == "amount-too-precise"
    assert str(decimals) in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "decimals"), [(str(LARGEST + 1), 0), ("2", 77), ("1" + "0" * 60, 18)]
)
def test_parse_refuses_more_than_a_token_holds(text: str, decimals: int) -> None:
    with pytest.raises(AmountError) as caught:
        parse_units(text, decimals)
    assert caught.value.code == "amount-too-large"


@pytest.mark.parametrize(
    ("raw", "decimals", "text"),
    [
        (0, 18, "0"),
        (1, 18, "0.000000000000000001"),
        (10**18, 18, "1"),
        (1_500_000, 6, "1.5"),
        (1_500_001, 6, "1.500001"),
        (1_234_567_890, 6, "1,234.56789"),
        (1_234_567_890, 0, "1,234,567,890"),
        (100, 0, "100"),
        (100, 1, "10"),
        (-1_500, 3, "-1.5"),
        (-1, 3, "-0.001"),
        (LARGEST, 77, "1." + str(LARGEST)[1:]),
    ],
)
def test_format(raw: int, decimals: int, text: str) -> None:
    assert format_units(raw, decimals) == text
    assert format_units(raw, decimals, "DAI") == text + " DAI"
    assert format_units(raw, decimals, group=False) == text.replace(",", "")


@given(st.integers(0, LARGEST), st.integers(0, 77))
def test_formatting_loses_nothing(raw: int, decimals: int) -> None:
    assert parse_units(format_units(raw, decimals, group=False), decimals) == raw


@given(st.integers(-LARGEST, LARGEST), st.integers(0, 77))
def test_formatting_says_the_exact_value(raw: int, decimals: int) -> None:
    text = format_units(raw, decimals).replace(",", "")
    numerator, denominator = Decimal(text).as_integer_ratio()
    assert numerator * 10**decimals == raw * denominator
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize("decimals", [-1, 78, 1.0, True, None, "18"])
def test_decimals_are_0_to_77(decimals: Any) -> None:
    with pytest.raises(AmountError) as caught:
        parse_units("1", decimals)
    assert caught.value.code == "amount-decimals"
    with pytest.raises(AmountError, match="decimals"):
        format_units(1, decimals)


@pytest.mark.parametrize("raw", [1.0, True, None, "1", Decimal(1)])
def test_format_refuses_what_is_no_integer(raw: Any) -> None:
    with pytest.raises(AmountError, match="raw units"):
        format_units(raw, 18)
