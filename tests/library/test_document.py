from __future__ import annotations

import copy
import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from milestone_escrow.document import (
    MAX_DOCUMENT_BYTES,
    AgreementDocument,
    Currency,
    DocumentMilestone,
)
from milestone_escrow.exceptions import DocumentError
from tests.library.agreements import NOW, TOKEN, sound

ETHER = Currency("ETH", 18)
NONCE = bytes(range(32))
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"
DECOMPOSED = "cafe\N{COMBINING ACUTE ACCENT}"
COMPOSED = "caf\N{LATIN SMALL LETTER E WITH ACUTE}"


def website(**changes: Any) -> AgreementDocument:
    words: dict[str, Any] = {
        "title": "Website for a bakery",
        "scope": "Five pages.\nIn English and French.",
        "milestones": (
            DocumentMilestone("Design", "A file of drafts", "Two drafts"),
            DocumentMilestone("Build", "The pages, online"),
        ),
        "currency": ETHER,
        "nonce": NONCE,
        "terms": "Two rounds of changes.",
    }
    return AgreementDocument(**words | changes)


def is_plain(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and not text.isspace()


plain = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs"],
        exclude_characters=list(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))),
        include_characters="\n\t",
    ),
    max_size=30,
).filter(is_plain)
texts = plain.filter(bool)
lines = texts.filter(lambda text: "\n" not in text and "\t" not in text)
documents = st.builds(
    AgreementDocument,
    title=lines,
    scope=texts,
    milestones=st.lists(
        st.builds(DocumentMilestone, title=lines, deliverable=texts, scope=plain),
        min_size=1,
        max_size=3,
    ).map(tuple),
    currency=st.builds(Currency, lines, st.integers(0, 77)),
    nonce=st.binary(min_size=32, max_size=32),
    terms=plain,
)


# --- The hash


def test_canonical_form_is_spelled_out() -> None:
    """The bytes themselves, so that no change of ours or of the library's goes unseen."""
    document = website(title='Caf\u00e9 \u20ac "quoted" \\ \U0001f950')
    assert document.canonical_bytes().decode() == (
        '{"currency":{"decimals":18,"symbol":"ETH"},'
        '"milestones":[{"deliverable":"A file of drafts","scope":"Two drafts","title":"Design"},'
        '{"deliverable":"The pages, online","scope":"","title":"Build"}],'
        '"nonce":"0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
        '"schema":"milestone-escrow/agreement-document/1",'
        '"scope":"Five pages.\\nIn English and French.",'
        '"terms":"Two rounds of changes.",'
        '"title":"Caf\u00e9 \u20ac \\"quoted\\" \\\\ \U0001f950"}'
    )
    assert document.hash() == keccak(document.canonical_bytes())


@given(documents)
def test_json_round_trip(document: AgreementDocument) -> None:
    assert AgreementDocument.from_json(document.to_json()) == document
    assert AgreementDocument.from_bytes(document.canonical_bytes()) == document
    assert AgreementDocument.from_bytes(json.dumps(document.to_json(), indent=2)) == document


@given(documents)
def test_the_hash_is_of_what_was_received_not_of_what_was_made_of_it(
    document: AgreementDocument,
) -> None:
    received = json.dumps(document.to_json())
    assert AgreementDocument.from_bytes(received).hash() == keccak(
        rfc8785.dumps(json.loads(received))
    )


CHANGES: dict[str, Any] = {
    "title": "Website for a baker",
    "scope": "Six pages.",
    "milestones": website().milestones[::-1],
    "currency": Currency("ETH", 17),
    "nonce": bytes(32),
    "terms": "",
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_part_changes_the_hash(name: str) -> None:
    assert website(**{name: CHANGES[name]}).hash() != website().hash()


# --- Text


def test_create_normalises_what_a_person_typed() -> None:
    document = AgreementDocument.create(
        title=f"  {DECOMPOSED} ",
        scope="one\r\ntwo\rthree\n",
        milestones=[DocumentMilestone(f"{DECOMPOSED}\n", "a\r\nb ", f" {DECOMPOSED}")],
        currency=ETHER,
        terms="\r\n",
        nonce=NONCE,
    )
    assert document == AgreementDocument(
        title=COMPOSED,
        scope="one\ntwo\nthree",
        milestones=(DocumentMilestone(COMPOSED, "a\nb", COMPOSED),),
        currency=ETHER,
        nonce=NONCE,
        terms="",
    )


def test_create_makes_each_document_unlike_any_other() -> None:
    words: dict[str, Any] = {
        "title": "Logo",
        "scope": "A logo",
        "milestones": [DocumentMilestone("Logo", "A file")],
        "currency": ETHER,
    }
    assert AgreementDocument.create(**words).hash() != AgreementDocument.create(**words).hash()


BAD_TEXTS = [
    (DECOMPOSED, "normal form"),
    ("a\r\nb", r"U\+000D"),
    ("a\x00", r"U\+0000"),
    ("a\x1b[2K", r"U\+001B"),
    ("a\x7f", r"U\+007F"),
    ("a\x85", r"U\+0085"),
    ("\ud800", r"U\+D800"),
    ("a\udfff", r"U\+DFFF"),
    (f"a{OVERRIDE}b", r"U\+202E"),
    ("a\N{LEFT-TO-RIGHT ISOLATE}b", r"U\+2066"),
    (None, "null"),
    (5, "a number"),
    (b"a", "a bytes"),
]
PLACES = [
    "title",
    "scope",
    "terms",
    "currency.symbol",
    "milestones[1].title",
    "milestones[1].deliverable",
    "milestones[1].scope",
]


def with_text(path: str, text: Any) -> dict[str, Any]:
    """Return the website's JSON with another text at a path."""
    shape = copy.deepcopy(website().to_json())
    if path.startswith("milestones[1]."):
        shape["milestones"][1][path.removeprefix("milestones[1].")] = text
    elif path == "currency.symbol":
        shape["currency"]["symbol"] = text
    else:
        shape[path] = text
    return shape


@pytest.mark.parametrize(("text", "reason"), BAD_TEXTS)
@pytest.mark.parametrize("path", PLACES)
def test_text_that_is_not_plain_is_refused(path: str, text: Any, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason) as caught:
        AgreementDocument.from_json(with_text(path, text))
    assert caught.value.field == path


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
@pytest.mark.parametrize("path", PLACES)
def test_only_terms_and_a_milestones_scope_may_be_empty(path: str, text: str) -> None:
    if path in ("terms", "milestones[1].scope"):
        AgreementDocument.from_json(with_text(path, text))
        return
    with pytest.raises(DocumentError, match="empty") as caught:
        AgreementDocument.from_json(with_text(path, text))
    assert caught.value.field == path


@pytest.mark.parametrize(
    ("path", "longest"), [("title", 200), ("milestones[1].title", 200), ("currency.symbol", 32)]
)
def test_titles_are_one_short_line(path: str, longest: int) -> None:
    AgreementDocument.from_json(with_text(path, "x" * longest))
    with pytest.raises(DocumentError, match=f"more than {longest}") as caught:
        AgreementDocument.from_json(with_text(path, "x" * (longest + 1)))
    assert caught.value.field == path
    for text in ("a\nb", "a\tb"):
        with pytest.raises(DocumentError, match="more than one line"):
            AgreementDocument.from_json(with_text(path, text))


def test_text_in_any_script_is_kept() -> None:
    text = "日本語 עברית العربية ไทย 👩\N{ZERO WIDTH JOINER}🍳"
    document = website(scope=text)
    assert AgreementDocument.from_bytes(document.canonical_bytes()).scope == text


def test_a_document_has_at_most_256_kib() -> None:
    spare = MAX_DOCUMENT_BYTES - len(website(terms="").canonical_bytes())
    assert len(website(terms="x" * spare).canonical_bytes()) == MAX_DOCUMENT_BYTES
    with pytest.raises(DocumentError, match=f"more than {MAX_DOCUMENT_BYTES}"):
        website(terms="x" * (spare + 1))


# --- Strict JSON


def without(key: str) -> dict[str, Any]:
    shape = website().to_json()
    del shape[key]
    return shape


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "."),
        ([], "."),
        *[(without(key), key) for key in website().to_json()],
        (website().to_json() | {"price": "1"}, "price"),
        (website().to_json() | {"schema": "milestone-escrow/agreement-document/2"}, "schema"),
        (website().to_json() | {"milestones": {}}, "milestones"),
        (website().to_json() | {"milestones": []}, "milestones"),
        (
            website().to_json()
            | {"milestones": [{"title": "a", "deliverable": "b", "scope": ""}] * 11},
            "milestones",
        ),
        (website().to_json() | {"milestones": ["Design"]}, "milestones[0]"),
        (website().to_json() | {"milestones": [{"title": "a"}]}, "milestones[0].scope"),
        (website().to_json() | {"currency": "ETH"}, "currency"),
        (website().to_json() | {"currency": {"symbol": "ETH"}}, "currency.decimals"),
        *[
            (
                website().to_json() | {"currency": {"symbol": "ETH", "decimals": decimals}},
                "currency.decimals",
            )
            for decimals in (-1, 78, 18.0, True, None, "18")
        ],
        (website().to_json() | {"nonce": "0x" + "AB" * 32}, "nonce"),
        (website().to_json() | {"nonce": "ab" * 32}, "nonce"),
        (website().to_json() | {"nonce": "0x" + "ab" * 31}, "nonce"),
        (website().to_json() | {"nonce": 5}, "nonce"),
    ],
)
def test_from_json_refuses_other_shapes(value: object, field: str) -> None:
    with pytest.raises(DocumentError) as caught:
        AgreementDocument.from_json(value)
    assert caught.value.field == field
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"decimals":18', '"decimals":18.0', "18.0"),
        ('"decimals":18', '"decimals":1e1', "1e1"),
        ('"decimals":18', '"decimals":NaN', "NaN"),
        ('"decimals":18', '"decimals":18,"decimals":6', "'decimals' twice"),
        ('"terms"', '"title":"Other","terms"', "'title' twice"),
        ("}", "", "not JSON"),
        ("{", "\ufeff{", "not JSON"),
    ],
)
def test_from_bytes_refuses_what_two_readers_could_read_in_two_ways(
    old: str, new: str, reason: str
) -> None:
    text = website().canonical_bytes().decode()
    assert old in text
    with pytest.raises(DocumentError, match=reason):
        AgreementDocument.from_bytes(text.replace(old, new, 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"[" * 100_000,
        b"{}" * 2,
        "{}".encode("utf-16"),
        "{}".encode("utf-16-be"),
        "{}".encode("utf-8-sig"),
    ],
)
def test_from_bytes_refuses_what_is_no_json(data: bytes) -> None:
    with pytest.raises(DocumentError, match="not JSON"):
        AgreementDocument.from_bytes(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("milestones", (("Design", "A file"),)),
        ("currency", {"symbol": "ETH", "decimals": 18}),
        ("nonce", "0x" + "00" * 32),
        ("nonce", bytes(31)),
    ],
)
def test_the_constructor_refuses_other_types(name: str, value: Any) -> None:
    with pytest.raises(DocumentError) as caught:
        website(**{name: value})
    assert caught.value.field is not None
    assert caught.value.field.startswith(name)


# --- Together with the agreement


def test_a_document_fits_the_agreement_that_binds_it() -> None:
    website().check_against(sound(document=website().hash()))


@pytest.mark.parametrize("name", list(CHANGES))
def test_another_document_does_not_fit(name: str) -> None:
    agreement = sound(document=website().hash())
    with pytest.raises(DocumentError) as caught:
        website(**{name: CHANGES[name]}).check_against(agreement)
    assert caught.value.code == "document-hash"


@pytest.mark.parametrize("count", [1, 3])
def test_the_document_describes_every_milestone(count: int) -> None:
    agreement = sound(document=website().hash(), milestones=[(1, NOW + 9)] * count)
    with pytest.raises(DocumentError) as caught:
        website().check_against(agreement)
    assert caught.value.code == "document-milestones"


def test_the_native_coin_has_18_decimals() -> None:
    document = website(currency=Currency("ETH", 6))
    agreement = sound(document=document.hash())
    with pytest.raises(DocumentError) as caught:
        document.check_against(agreement)
    assert caught.value.code == "document-currency"
    document.check_against(replace(agreement, token=TOKEN))
