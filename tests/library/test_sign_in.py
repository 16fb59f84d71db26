"""Sign-in: what a message must be, its one use, and sessions, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.constants import SECPK1_N
from siwe import SiweMessage

from milestone_escrow.exceptions import SignatureError
from milestone_escrow.indexer.engine import Target
from milestone_escrow.offchain import Offchain, sessions, sign_in, tables
from milestone_escrow.offchain.sign_in import MESSAGE_LIFE, SKEW, Place, Wanted
from tests.library.test_offchain import in_threads

KEY: Final = Account.from_key(b"\x11" * 32)
PLACE: Final = Place("https://app.example.org")
CHAIN: Final = 31_337
NOW: Final = 1_800_000_000
NONCE: Final = "0123456789abcdef0123456789abcdef"


def iso(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat().replace("+00:00", "Z")


def text() -> str:
    return sign_in.message(PLACE, KEY.address, CHAIN, NONCE, NOW)


def refused(message: str, now: float = NOW) -> str:
    with pytest.raises(SignatureError) as caught:
        sign_in.check(message, [PLACE], CHAIN, now)
    assert caught.value.sentence.endswith(".") and caught.value.remedy
    return caught.value.code


def wanted(message: str, now: float = NOW) -> Wanted:
    return sign_in.check(message, [PLACE], CHAIN, now)


@pytest.fixture
def store(target: Target) -> Iterator[Offchain]:
    with Offchain(target) as store:
        yield store


# --- The message


def test_our_message_is_one_of_the_standard() -> None:
    found = SiweMessage.from_message(text())  # by its grammar
    assert found.prepare_message() == text()
    assert (found.domain, found.uri, found.chain_id) == ("app.example.org", PLACE.origin, CHAIN)
    assert found.nonce == NONCE and found.statement == sign_in.STATEMENT
    assert wanted(text()) == Wanted(KEY.address, NONCE, sign_in.digest_of(text()))


def test_the_digest_is_what_wallets_sign() -> None:
    signed = Account.sign_message(encode_defunct(text=text()), KEY.key)
    assert sign_in.digest_of(text()) == bytes(signed.message_hash)
    assert sign_in.signed_by_key(wanted(text()), bytes(signed.signature))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("app.example.org wants", "evil.example wants", "place"),
        ("app.example.org wants", "app.example.org:8443 wants", "place"),
        ("app.example.org wants", "APP.example.org wants", "place"),
        ("app.example.org wants", "http://app.example.org wants", "place"),
        ("URI: https://app.example.org", "URI: https://evil.example", "place"),
        ("URI: https://app.example.org", "URI: http://app.example.org", "place"),
        ("URI: https://app.example.org", "URI: https://app.example.org/other", "place"),
        ("Version: 1", "Version: 2", "malformed"),
        ("Chain ID: 31337", "Chain ID: 1", "chain"),
        ("Chain ID: 31337", "Chain ID: 031337", "malformed"),
        ("Nonce: 0123456789abcdef0123456789abcdef", "Nonce: 0123", "malformed"),
        ("Nonce: 0123", "Nonce: 01 3", "malformed"),
        (KEY.address, KEY.address.lower(), "malformed"),
        (KEY.address, KEY.address[:-1], "malformed"),
        ("\n\n", "\n", "malformed"),
        ("\n", "\r\n", "malformed"),
        ("Sign in", "\u202eSign in", "malformed"),
        ("Sign in", "Sign\tin", "malformed"),
        ("Sign in", "<b>Sign in", "malformed"),
        ("Sign in", "x" * 2_000, "malformed"),
        ("Issued At: ", "Issued At: x", "malformed"),
        ("00Z\nExp", "00\nExp", "malformed"),
        ("00Z\nExp", "00,5Z\nExp", "malformed"),
        ("00Z\nExp", "60Z\nExp", "malformed"),
        ("Issued At", "Nonce: abcdefgh1\nIssued At", "malformed"),
        ("Expiration Time", "Not Before: 2027-01-01T00:00:00Z\nExpiration Time", "malformed"),
    ],
)
def test_what_is_not_for_here_is_refused(old: str, new: str, code: str) -> None:
    changed = text().replace(old, new)
    assert changed != text()
    assert refused(changed) == f"sign-in-{code}"


@pytest.mark.parametrize("more", ["\n", " ", "\nx", "\nResources:\n- https://a.example"])
def test_nothing_may_follow(more: str) -> None:
    assert refused(text() + more) == "sign-in-malformed"


def test_what_the_grammar_refuses_is_refused() -> None:
    """Characters of the message are others in turn: the library's ABNF is the judge."""
    places = [PLACE, *(Place(f"https://app.example{c}org") for c in "!~")]
    for at in range(0, len(text()), 3):
        for char in ("\n", "|", "9"):
            changed = text()[:at] + char + text()[at + 1 :]
            try:
                sign_in.check(changed, places, CHAIN, NOW)
            except SignatureError:
                continue
            assert SiweMessage.from_message(changed), changed


def test_a_scheme_and_a_slash_name_the_same_place() -> None:
    assert wanted("https://" + text())
    assert wanted(text().replace("URI: https://app.example.org", "URI: https://app.example.org/"))
    assert wanted(text() + "\nRequest ID: a-1")


def test_the_time_of_issue_is_tried_a_second_around_its_bounds() -> None:
    lasting = text().partition("\nExpiration")[0]
    issued = lasting.replace(iso(NOW), "{}")
    for ago in (-SKEW, MESSAGE_LIFE - 1):
        assert wanted(issued.format(iso(NOW - ago)))
    for ago in (-SKEW - 1, MESSAGE_LIFE, MESSAGE_LIFE + 1):
        assert refused(issued.format(iso(NOW - ago))) == "sign-in-time"
    assert wanted(issued.format(iso(NOW + SKEW - 0.5).replace("00Z", "Z")))
    assert wanted(issued.format("2027-01-15T09:00:00+01:00"))  # the same moment


def test_expiration_and_beginning_are_tried_a_second_around() -> None:
    lasting = text().partition("\nExpiration")[0]
    for moment, fits in ((NOW - 1, False), (NOW, False), (NOW + 1, True)):
        message = f"{lasting}\nExpiration Time: {iso(moment)}"
        assert wanted(message) if fits else refused(message) == "sign-in-time"
    for moment, fits in ((NOW - 1, True), (NOW, True), (NOW + 1, False)):
        message = f"{lasting}\nNot Before: {iso(moment)}"
        assert wanted(message) if fits else refused(message) == "sign-in-time"


def test_another_and_a_malleable_signature_do_not_count() -> None:
    good = bytes(Account.sign_message(encode_defunct(text=text()), KEY.key).signature)
    other = Account.sign_message(encode_defunct(text=text()), b"\x22" * 32).signature
    s = SECPK1_N - int.from_bytes(good[32:64])
    twin = good[:32] + s.to_bytes(32) + bytes([55 - good[64]])
    for bad in (bytes(other), twin, good[:64], good + b"\0", b"", bytes(65)):
        assert not sign_in.signed_by_key(wanted(text()), bad)


# --- The nonce


def test_a_nonce_is_used_once_though_a_hundred_race(store: Offchain) -> None:
    with store.writing() as db:
        nonce = sign_in.issue(db, KEY.address, CHAIN, NOW)
    assert len(bytes.fromhex(nonce)) * 8 >= 96
    message = Wanted(KEY.address, nonce, b"")

    def replay() -> bool:
        with store.writing() as db:
            return sign_in.consume(db, message, CHAIN, NOW)

    found = in_threads(100, replay)
    assert sorted(found) == [False] * 99 + [True]


@pytest.mark.parametrize(("after", "fits"), [(-1, True), (0, False), (1, False)])
def test_a_nonce_lasts_five_minutes(store: Offchain, after: int, fits: bool) -> None:
    with store.writing() as db:
        message = Wanted(KEY.address, sign_in.issue(db, KEY.address, CHAIN, NOW), b"")
        assert sign_in.consume(db, message, CHAIN, NOW + MESSAGE_LIFE + after) is fits


def test_a_nonce_is_for_one_address_and_one_chain(store: Offchain) -> None:
    with store.writing() as db:
        nonce = sign_in.issue(db, KEY.address, CHAIN, NOW)
        assert not sign_in.consume(db, Wanted("0x" + "22" * 20, nonce, b""), CHAIN, NOW)
        assert not sign_in.consume(db, Wanted(KEY.address, nonce, b""), 1, NOW)
        assert not sign_in.consume(db, Wanted(KEY.address, "0" * 32, b""), CHAIN, NOW)
        assert sign_in.consume(db, Wanted(KEY.address, nonce, b""), CHAIN, NOW)


def test_nonces_that_are_over_are_forgotten(store: Offchain) -> None:
    with store.writing() as db:
        for _ in range(3):
            sign_in.issue(db, KEY.address, CHAIN, NOW)
        sign_in.issue(db, KEY.address, CHAIN, NOW + MESSAGE_LIFE)
        assert len(db.execute(tables.nonces.select()).all()) == 1


# --- Sessions


@pytest.mark.parametrize(("after", "fits"), [(-1, True), (0, False), (1, False)])
def test_a_session_lasts_an_hour(store: Offchain, after: int, fits: bool) -> None:
    with store.writing() as db:
        token = sessions.begin(db, KEY.address, CHAIN, NOW)
        found = sessions.find(db, token, CHAIN, NOW + sessions.LIFE + after)
    assert (found is not None) is fits
    if found is not None:
        assert found == sessions.Session(KEY.address, CHAIN, NOW + sessions.LIFE)


def test_a_session_is_of_one_chain_and_ends(store: Offchain) -> None:
    with store.writing() as db:
        token = sessions.begin(db, KEY.address, CHAIN, NOW)
        assert sessions.find(db, token, 1, NOW) is None
        assert sessions.find(db, bytes(32), CHAIN, NOW) is None
        assert sessions.find(db, token, CHAIN, NOW) is not None
        sessions.end(db, token)
        assert sessions.find(db, token, CHAIN, NOW) is None


def test_no_token_is_kept(store: Offchain) -> None:
    with store.writing() as db:
        token = sessions.begin(db, KEY.address, CHAIN, NOW)
        (row,) = db.execute(tables.sessions.select()).all()
    assert len(token) == 32 and token not in [bytes(v) for v in row if isinstance(v, bytes)]
