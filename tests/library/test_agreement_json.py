"""The agreement as a tuple of the ABI and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from milestone_escrow.agreement import AGREEMENT_FIELDS, DAY, ZERO_HASH, Agreement
from milestone_escrow.exceptions import AgreementError
from tests.library.agreements import DOCUMENT, NOW, any_agreements, sound

MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@given(any_agreements)
def test_tuple_round_trip(agreement: Agreement) -> None:
    assert Agreement.from_tuple(agreement.as_tuple()) == agreement


def test_tuple_is_the_abis() -> None:
    assert sound().as_tuple() == (
        *("0x" + pair * 20 for pair in ("11", "22", "33", "44", "00", "55")),
        *(250, 100, 1000, NOW + 5 * DAY, 30 * DAY, 30 * DAY, 5000),
        DOCUMENT,
        ZERO_HASH,
        ((600, NOW + 10 * DAY), (400, NOW + 20 * DAY)),
    )


@pytest.mark.parametrize("values", [None, (), sound().as_tuple()[:-1], (*sound().as_tuple(), 1)])
def test_from_tuple_refuses_other_shapes(values: Any) -> None:
    with pytest.raises(AgreementError, match="16 fields"):
        Agreement.from_tuple(values)


@given(any_agreements)
def test_json_round_trip(agreement: Agreement) -> None:
    assert Agreement.from_json(json.loads(json.dumps(agreement.to_json()))) == agreement


def test_json_is_spelled_out() -> None:
    shape = sound(employer=MIXED.lower()).to_json()
    assert list(shape) == [name for name, _ in AGREEMENT_FIELDS]
    assert shape["employer"] == MIXED
    assert shape["fee_bps"] == "250"
    assert shape["document"] == "0x" + DOCUMENT.hex()
    assert shape["milestones"] == [
        {"amount": "600", "deadline": str(NOW + 10 * DAY)},
        {"amount": "400", "deadline": str(NOW + 20 * DAY)},
    ]


NO_JSON_INTEGERS = [1, 1.0, True, None, "", "01", "+1", "-1", " 1", "1_0", "1e3", "0x1", "1.0"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in ("fee_bps", "price") for value in NO_JSON_INTEGERS],
        ("price", str(2**256)),
        ("price", "9" * 5000),
        ("price", "\N{ARABIC-INDIC DIGIT ONE}"),
        ("price", ["1"]),
        ("employer", None),
        ("employer", "0x12"),
        ("document", "00" * 32),
        ("document", "0x" + "00" * 31),
        ("document", "0x" + "0" * 63),
        ("document", 0),
        ("milestones", {}),
        ("milestones", None),
    ],
)
def test_from_json_refuses_wrong_values(name: str, value: object) -> None:
    with pytest.raises(AgreementError) as caught:
        Agreement.from_json(sound().to_json() | {name: value})
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"amount": 1, "deadline": "1"}, "milestones[1].amount"),
        ({"amount": "1", "deadline": "1.5"}, "milestones[1].deadline"),
        ({"amount": str(2**256), "deadline": "1"}, "milestones[1].amount"),
        ({"amount": "1"}, "milestones[1].deadline"),
        ({"amount": "1", "deadline": "1", "title": "x"}, "milestones[1].title"),
        (["1", "1"], "milestones[1]"),
    ],
)
def test_from_json_refuses_wrong_milestones(part: object, field: str) -> None:
    shape = sound().to_json()
    shape["milestones"][1] = part
    with pytest.raises(AgreementError) as caught:
        Agreement.from_json(shape)
    assert caught.value.field == field


@pytest.mark.parametrize("name", [name for name, _ in AGREEMENT_FIELDS])
def test_from_json_refuses_missing_keys(name: str) -> None:
    shape = sound().to_json()
    del shape[name]
    with pytest.raises(AgreementError, match="missing") as caught:
        Agreement.from_json(shape)
    assert caught.value.field == name


def test_from_json_refuses_unknown_keys() -> None:
    with pytest.raises(AgreementError, match="not a known key") as caught:
        Agreement.from_json(sound().to_json() | {"tip": "1"})
    assert caught.value.field == "tip"


@pytest.mark.parametrize("value", [None, [], "{}", 1])
def test_from_json_refuses_other_values(value: object) -> None:
    with pytest.raises(AgreementError, match="not an object"):
        Agreement.from_json(value)
