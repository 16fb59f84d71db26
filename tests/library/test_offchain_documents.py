"""Documents, files, comments, contacts and reports, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
import rfc8785
from eth_utils.crypto import keccak

from milestone_escrow.abi_values import ZERO_HASH
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.engine import Target
from milestone_escrow.offchain import (
    Offchain,
    comments,
    contacts,
    contents,
    documents,
    files,
    reports,
    tables,
)
from milestone_escrow.state import fold
from tests.library.indexing import history
from tests.library.test_offchain import in_threads

ONE: Final = "0x1111111111111111111111111111111111111111"
TWO: Final = "0x2222222222222222222222222222222222222222"
DEAL: Final = b"\x77" * 32
NOW: Final = 1_800_000_000
DOCUMENT: Final = AgreementDocument.create(
    title="A shop",
    scope="Five pages",
    milestones=[DocumentMilestone("All", "A site")],
    currency=Currency("ETH", 18),
    nonce=b"\x09" * 32,
)


@pytest.fixture
def store(target: Target) -> Iterator[Offchain]:
    with Offchain(target) as store:
        yield store


# --- Contents and documents


def test_bytes_are_kept_once_under_their_hash(store: Offchain) -> None:
    with store.writing() as db:
        assert contents.put(db, b"abc") == keccak(b"abc") == contents.put(db, b"abc")
        assert contents.get(db, keccak(b"abc")) == b"abc"
        assert contents.get(db, keccak(b"abd")) is None
        assert len(db.execute(tables.contents.select()).all()) == 1


def test_a_document_is_the_same_whoever_puts_it_here(store: Offchain) -> None:
    with store.writing() as db:
        for author in (ONE, TWO, ONE):
            assert documents.put(db, DOCUMENT, author, NOW) == DOCUMENT.hash()
        assert documents.authors_of(db, DOCUMENT.hash()) == (ONE, TWO)
        assert documents.get(db, DOCUMENT.hash()) == DOCUMENT
        assert contents.get(db, DOCUMENT.hash()) == DOCUMENT.canonical_bytes()


def test_what_is_here_as_a_file_is_no_document(store: Offchain) -> None:
    with store.writing() as db:
        files.attach(db, DEAL, DOCUMENT.canonical_bytes(), "application/json", ONE, NOW)
        assert documents.get(db, DOCUMENT.hash()) is None
        assert not documents.here(db, DOCUMENT.hash())


def deals(**wanted: Any) -> Iterator[Any]:
    for deal in fold(history(400).records).deals.values():
        if all(getattr(deal, name) == value for name, value in wanted.items()):
            yield deal


def test_a_deal_shows_its_document_to_its_roles_if_an_author_entered_it() -> None:
    bound = next(deal for deal in deals(bound=True))
    terms = bound.agreement
    for author in (terms.employer, terms.freelancer):
        for role in documents.READERS:
            reader = getattr(terms, role)
            shown = documents.shown_by(bound, terms.document, {author}, reader)
            assert shown is True, role
        assert not documents.shown_by(bound, terms.document, {author}, ONE)
        assert not documents.shown_by(bound, keccak(b"another"), {author}, terms.employer)


def test_who_only_names_an_author_in_a_deal_is_shown_nothing() -> None:
    """The hash is on the chain: anyone can open a deal with it and name its author."""
    for deal in deals(bound=False):
        terms = deal.agreement
        for named in (terms.freelancer, terms.arbiter, terms.payee):
            if named != terms.employer:
                assert not documents.shown_by(deal, terms.document, {named}, terms.employer)
        assert documents.shown_by(deal, terms.document, {terms.employer}, terms.employer)


# --- Files


def test_a_file_stays_as_it_was_first_attached(store: Offchain) -> None:
    with store.writing() as db:
        first = files.attach(db, DEAL, b"x" * 100, "image/png", ONE, NOW)
        assert first == files.File(DEAL, keccak(b"x" * 100), 1, ONE, "image/png", 100, NOW)
        assert files.attach(db, DEAL, b"x" * 100, "text/plain", TWO, NOW + 1) == first
        other = files.attach(db, b"\x66" * 32, b"x" * 100, "text/plain", TWO, NOW + 1)
        assert set(files.attached(db, first.hash)) == {first, other}
        later = files.attach(db, DEAL, b"y", "text/plain", TWO, NOW + 2)
        assert files.of_deal(db, DEAL, 0, 10) == [first, later]
        assert files.of_deal(db, DEAL, 0, 1) == [first]
        assert files.of_deal(db, DEAL, 1, 10) == [later]


def test_files_that_race_have_one_order(store: Offchain) -> None:
    contents_left = iter(range(12))

    def attach() -> int:
        content = b"%d" % next(contents_left)
        with store.writing() as db:
            return files.attach(db, DEAL, content, "text/plain", ONE, NOW).number

    assert sorted(in_threads(12, attach)) == list(range(1, 13))


def test_no_type_of_file_runs_in_a_browser() -> None:
    for media in files.MEDIA:
        assert not any(word in media for word in ("html", "svg", "xml", "script"))


# --- Comments


def test_each_comment_is_bound_to_all_before_it(store: Offchain) -> None:
    with store.writing() as db:
        first = comments.add(db, DEAL, ONE, None, "Hello.\nHere is the draft.", NOW)
        second = comments.add(db, DEAL, TWO, 3, "Thank you, Jürgen!", NOW + 1)
        other = comments.add(db, b"\x66" * 32, ONE, None, "Elsewhere", NOW)
    assert (first.number, first.previous) == (1, ZERO_HASH) == (other.number, other.previous)
    assert (second.number, second.previous, second.milestone) == (2, first.hash(), 3)
    with store.reading() as db:
        assert comments.of_deal(db, DEAL, 0, 10) == [first, second]
        assert comments.of_deal(db, DEAL, 0, 1) == [first]
        assert comments.of_deal(db, DEAL, 1, 10) == [second]
        assert comments.of_deal(db, DEAL, 2, 10) == []
    # As anyone computes it who has the JSON.
    told = json.loads(json.dumps(second.to_json()))
    assert keccak(rfc8785.dumps(told)) == second.hash()
    assert told["text"] == "Thank you, Jürgen!" and told["schema"] == comments.SCHEMA


def test_equal_comments_have_other_hashes(store: Offchain) -> None:
    with store.writing() as db:
        one = comments.add(db, DEAL, ONE, None, "ok", NOW)
        two = comments.add(db, b"\x66" * 32, ONE, None, "ok", NOW)
    assert one.nonce != two.nonce and one.hash() != two.hash()


def test_comments_that_race_have_one_order(store: Offchain) -> None:
    def write() -> int:
        with store.writing() as db:
            return comments.add(db, DEAL, ONE, None, "all at once", NOW).number

    assert sorted(in_threads(12, write)) == list(range(1, 13))
    with store.reading() as db:
        found = comments.of_deal(db, DEAL, 0, 100)
    hashes = [ZERO_HASH, *(comment.hash() for comment in found)]
    assert [comment.previous for comment in found] == hashes[:-1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "turned \u202e around",
        "isolated \u2066",
        "nul \x00",
        "return\r\n",
        "\ud800",
        "e\u0301",
        "x" * 8_193,
        "é" * 4_097,
    ],
)
def test_a_comment_is_text_as_documents_have_it(store: Offchain, text: str) -> None:
    with store.writing() as db:
        with pytest.raises(UsageError) as caught:
            comments.add(db, DEAL, ONE, None, text, NOW)
        assert caught.value.field == "text" and caught.value.remedy
        assert comments.add(db, DEAL, ONE, None, "x" * 8_192, NOW).number == 1


# --- Contacts and reports


def test_a_contact_is_replaced_and_forgotten(store: Offchain) -> None:
    with store.writing() as db:
        assert contacts.get(db, ONE) is None
        contacts.set_email(db, ONE, "a@example.org", NOW)
        contacts.set_email(db, TWO, "b@example.org", NOW)
        found = contacts.set_email(db, ONE, "x.y+z@mail.example.org", NOW + 1)
        assert contacts.get(db, ONE) == found
        assert found == contacts.Contact(ONE, "x.y+z@mail.example.org", NOW + 1)
        contacts.remove(db, ONE)
        contacts.remove(db, ONE)
        assert contacts.get(db, ONE) is None and contacts.get(db, TWO) is not None


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@b",
        "@example.org",
        "a@example.org,b@example.org",
        "a@example.org\nBcc: b@example.org",
        "A <a@example.org>",
        "a b@example.org",
        "a@-example.org",
        "a..b@example.org",
        "ä@example.org",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.org",
    ],
)
def test_what_is_no_email_address_is_not_kept(store: Offchain, email: str) -> None:
    with store.writing() as db:
        with pytest.raises(UsageError) as caught:
            contacts.set_email(db, ONE, email, NOW)
        assert caught.value.code == "bad-email"
        assert contacts.get(db, ONE) is None


def test_reports_are_read_newest_first_by_author_account_and_deal(store: Offchain) -> None:
    other = bytes.fromhex("78" + "77" * 31)
    with store.writing() as db:
        reports.add(db, ONE, TWO, DEAL, "Asks for money outside.", NOW)
        reports.add(db, TWO, ONE, None, "Tells lies of me.", NOW + 2)
        reports.add(db, ONE, None, other, "The same again.", NOW + 1)
        first, second, third = reports.latest(db, 10)
        assert (first, third) == (
            reports.Report(TWO, ONE, None, "Tells lies of me.", NOW + 2),
            reports.Report(ONE, TWO, DEAL, "Asks for money outside.", NOW),
        )
        assert reports.latest(db, 2) == [first, second]
        assert reports.latest(db, 10, author=ONE) == [second, third]
        assert reports.latest(db, 10, address=TWO) == [third]
        assert reports.latest(db, 10, author=TWO, address=TWO) == []
        for deal_id, found in (
            ("0x" + other.hex(), [second]),
            ("0x777", [third]),
            ("0x7", [second, third]),
            ("0x79", []),
        ):
            assert reports.latest(db, 10, deal_id=deal_id) == found


def test_a_report_of_nobody_or_of_no_text_is_refused(store: Offchain) -> None:
    with store.writing() as db:
        with pytest.raises(UsageError, match="about an account or a deal"):
            reports.add(db, ONE, None, None, "Of nobody.", NOW)
        with pytest.raises(UsageError):
            reports.add(db, ONE, TWO, None, "\u202e", NOW)
        assert reports.latest(db, 1) == []
