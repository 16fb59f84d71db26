from __future__ import annotations

import re
from pathlib import Path

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from milestone_escrow import artifacts
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.revert_sentences import SENTENCES, decode_revert, selector
from scripts._build.artifacts import error_names

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"


def test_every_error_of_the_contract_has_a_sentence_and_no_sentence_lacks_an_error() -> None:
    table = (CONTRACTS / "modules" / "errors.vy").read_text(encoding="utf-8")
    assert tuple(SENTENCES) == error_names(table)
    assert set(SENTENCES) == {
        error for name in artifacts.names() for error in artifacts.load(name).errors()
    }


def test_every_error_of_the_table_can_be_raised() -> None:
    table = CONTRACTS / "modules" / "errors.vy"
    constants = set(re.findall(r"^([A-Z_]+): constant", table.read_text(encoding="utf-8"), re.M))
    used = {
        name
        for source in CONTRACTS.rglob("*.vy")
        for name in re.findall(r"errors\.([A-Z_]+)\b", source.read_text(encoding="utf-8"))
    }
    assert constants == used


@pytest.mark.parametrize("error", SENTENCES)
def test_a_custom_error_is_told_by_its_four_bytes(error: str) -> None:
    revert = decode_revert(selector(error))
    assert (revert.error, revert.code) == (error, error)
    assert (revert.sentence, revert.remedy) == (
        SENTENCES[error].sentence,
        SENTENCES[error].remedy,
    )
    assert revert.data == selector(error)


def test_the_selector_is_solidity_s() -> None:
    assert selector("NotEmployer").hex() == "05cb04e2"


@pytest.mark.parametrize("error", SENTENCES)
def test_sentences_are_one_sentence_each(error: str) -> None:
    for text in (SENTENCES[error].sentence, SENTENCES[error].remedy):
        assert text[0].isupper()
        assert text.endswith(".")
        assert ". " not in text
        assert "  " not in text


def test_no_two_errors_say_the_same() -> None:
    assert len({meaning.sentence for meaning in SENTENCES.values()}) == len(SENTENCES)


def test_limits_are_those_of_the_agreement() -> None:
    assert "3 to 180 days" in SENTENCES["BadReviewPeriod"].sentence
    assert "259200 to 15552000 seconds" in SENTENCES["BadReviewPeriod"].remedy
    assert "3 to 365 days" in SENTENCES["BadRulingPeriod"].sentence
    assert "above 10 %" in SENTENCES["BadFee"].sentence
    assert "fee_bps to 1000" in SENTENCES["BadFee"].remedy
    assert "3650 days" in SENTENCES["BadDeadlines"].sentence
    assert "74 days" in SENTENCES["Lapsed"].sentence


def test_no_data_is_no_reason() -> None:
    assert decode_revert(b"").error == "NoReason"


def test_an_unknown_selector_is_shown_and_not_explained() -> None:
    revert = decode_revert(bytes.fromhex("deadbeef") + bytes(32))
    assert revert.error == "UnknownError"
    assert "0xdeadbeef" in revert.sentence
    assert revert.data == bytes.fromhex("deadbeef") + bytes(32)


def test_our_selector_with_more_behind_it_is_not_ours() -> None:
    # The escrow's errors are four bytes; another contract's may begin alike.
    assert decode_revert(selector("NotEmployer") + bytes(32)).error == "UnknownError"
    assert decode_revert(selector("NotEmployer")[:3]).error == "UnknownError"


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=200))
def test_a_text_is_quoted(text: str) -> None:
    revert = decode_revert(bytes.fromhex("08c379a0") + encode(["string"], [text]))
    assert revert.error == "Error"
    assert f"“{text}”" in revert.sentence


def test_a_text_is_cut_and_cannot_play_with_the_terminal() -> None:
    # ESC [ 2 J clears a screen, U+202E turns the direction of what follows.
    text = "\x1b[2J\u202e\n" + "x" * 1_000
    revert = decode_revert(bytes.fromhex("08c379a0") + encode(["string"], [text]))
    assert revert.error == "Error"
    assert "�[2J��x" in revert.sentence
    assert revert.sentence.isprintable()
    assert len(revert.sentence) < 300


def test_a_text_that_is_not_utf8_is_still_shown() -> None:
    encoded = encode(["bytes"], [b"no \xff"])
    assert "“no �”" in decode_revert(bytes.fromhex("08c379a0") + encoded).sentence


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        bytes(31),
        bytes(32),
        (2**255).to_bytes(32, "big") + bytes(32),  # starts beyond the data
        (32).to_bytes(32, "big") + (2**255).to_bytes(32, "big"),  # longer than the data
        (32).to_bytes(32, "big") + (33).to_bytes(32, "big") + bytes(32),
    ],
)
def test_a_malformed_text_is_an_unknown_error(encoded: bytes) -> None:
    assert decode_revert(bytes.fromhex("08c379a0") + encoded).error == "UnknownError"


@pytest.mark.parametrize(
    ("code", "meaning"), [(0x11, "too large or too small"), (0x77, "without a known meaning")]
)
def test_a_panic_names_its_fault(code: int, meaning: str) -> None:
    revert = decode_revert(bytes.fromhex("4e487b71") + code.to_bytes(32, "big"))
    assert revert.error == "Panic"
    assert meaning in revert.sentence
    assert f"{code:#04x}" in revert.sentence


@given(st.sampled_from([b"", b"\x08\xc3\x79\xa0", b"NH{q"]), st.binary(max_size=200))
def test_any_data_has_a_sentence_and_a_remedy(head: bytes, rest: bytes) -> None:
    revert = decode_revert(head + rest)
    assert isinstance(revert, ContractRevert)
    assert revert.data == head + rest
    assert revert.sentence.endswith(".")
    assert revert.remedy.endswith(".")
    assert revert.sentence.isprintable()
