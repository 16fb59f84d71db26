"""The rows of the list of abuse that are about signing in: each meets its safe answer."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from eth_account import Account
from eth_keys.constants import SECPK1_N

from frontend_bridge.api.credentials import token_text
from frontend_bridge.api.settings import Limits
from milestone_escrow.offchain import sessions
from milestone_escrow.offchain.sign_in import MESSAGE_LIFE
from tests.bridge.serving import NO_LIMIT, Served, serving
from tests.bridge.tls import PAGE, PUBLIC, SOMEBODY, cookie_of, with_cookie
from tests.bridge.town import Town
from tests.bridge.wallets import (
    Person,
    ask,
    begin,
    problem_of,
    signed,
    stranger,
)
from tests.library.test_offchain import in_threads

# --- 1


def test_abuse_bridge_01_a_hundred_replays_in_parallel_begin_one_session(
    tls_bridge: Served,
) -> None:
    message = ask(tls_bridge, SOMEBODY.address)
    signature = signed(SOMEBODY, message)
    answers = in_threads(100, lambda: begin(tls_bridge, message, signature))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 99
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 401]
    assert set(refused) == {"sign-in-nonce"}


def test_abuse_bridge_01_a_nonce_of_ones_own_begins_nothing(tls_bridge: Served) -> None:
    message = re.sub("Nonce: .*", "Nonce: " + "0" * 32, ask(tls_bridge, SOMEBODY.address))
    refused = problem_of(begin(tls_bridge, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-nonce"
    # Nor does one that was given to another.
    theirs = ask(tls_bridge, Account.create().address)
    message = re.sub("0x[0-9a-fA-F]{40}", SOMEBODY.address, theirs)
    refused = problem_of(begin(tls_bridge, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-nonce"


def test_abuse_bridge_01_anothers_or_a_malleable_signature_begins_nothing(
    tls_bridge: Served,
) -> None:
    message = ask(tls_bridge, SOMEBODY.address)
    good = signed(SOMEBODY, message)
    s = SECPK1_N - int.from_bytes(good[32:64])
    twin = good[:32] + s.to_bytes(32) + bytes([55 - good[64]])
    for bad in (signed(Account.create(), message), twin, b"", good[:64]):
        assert problem_of(begin(tls_bridge, message, bad), 401)["code"] == "wrong-signature"
    assert begin(tls_bridge, message, good).status_code == 200


# --- 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("api.example.org wants", "evil.example wants", "place"),
        ("api.example.org wants", "127.0.0.1 wants", "place"),
        ("URI: https://api.example.org", "URI: https://evil.example", "place"),
        ("URI: https://api.example.org", "URI: https://app.example.org", "place"),
        ("Chain ID: 31337", "Chain ID: 1", "chain"),
        ("Version: 1", "Version: 2", "malformed"),
    ],
)
def test_abuse_bridge_02_another_domain_uri_or_chain_is_refused(
    tls_bridge: Served, old: str, new: str, code: str
) -> None:
    message = ask(tls_bridge, SOMEBODY.address)
    assert old in message
    message = message.replace(old, new)
    refused = problem_of(begin(tls_bridge, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == f"sign-in-{code}"


def test_abuse_bridge_02_a_page_that_is_known_signs_in_under_its_own_name(
    tls_bridge: Served,
) -> None:
    message = ask(tls_bridge, SOMEBODY.address, Origin=PAGE)
    assert message.startswith("app.example.org wants you") and f"\nURI: {PAGE}\n" in message
    assert begin(tls_bridge, message, signed(SOMEBODY, message), Origin=PAGE).status_code == 200
    body = {"address": SOMEBODY.address}
    answer = requests.post(
        f"{tls_bridge.url}/v1/sign-in/message",
        json=body,
        headers={"Origin": "https://evil.example"},
    )
    assert problem_of(answer, 403)["code"] == "unknown-origin"


def test_abuse_bridge_02_a_session_of_another_chain_is_none(tls_bridge: Served) -> None:
    desk = tls_bridge.bridge.desk
    with desk.store.writing() as db:
        token = sessions.begin(db, SOMEBODY.address, 1, desk.store.now)
    assert Person(tls_bridge, "", token_text(token)).send("GET", "/v1/session").status_code == 401


# --- 3


@contextmanager
def clock_at(served: Served, unix: float) -> Iterator[None]:
    """Let the bridge's machine have a time meanwhile."""
    store = served.bridge.desk.store
    before = store.clock
    store.clock = lambda: unix
    try:
        yield
    finally:
        store.clock = before


@pytest.mark.parametrize(("late", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_abuse_bridge_03_a_message_lasts_five_minutes(
    tls_bridge: Served, late: int, status: int
) -> None:
    asked = tls_bridge.bridge.desk.store.now
    with clock_at(tls_bridge, asked):
        message = ask(tls_bridge, SOMEBODY.address)
    with clock_at(tls_bridge, asked + MESSAGE_LIFE + late):
        assert begin(tls_bridge, message, signed(SOMEBODY, message)).status_code == status


@pytest.mark.parametrize(("late", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_abuse_bridge_03_a_session_lasts_an_hour(
    tls_bridge: Served, late: int, status: int
) -> None:
    me = stranger(tls_bridge)
    expires = me.data("GET", "/v1/session")["expires"]["unix"]
    with clock_at(tls_bridge, expires + late):
        assert me.send("GET", "/v1/session").status_code == status


def test_abuse_bridge_03_a_message_from_the_future_is_refused(tls_bridge: Served) -> None:
    with clock_at(tls_bridge, tls_bridge.bridge.desk.store.now + 60):
        message = ask(tls_bridge, SOMEBODY.address)
    refused = problem_of(begin(tls_bridge, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-time"


# --- 4


def test_abuse_bridge_04_the_host_decides_nothing_of_a_sign_in(tls_bridge: Served) -> None:
    message = ask(tls_bridge, SOMEBODY.address, Host="localhost:4444")
    assert message.startswith("api.example.org wants you") and "localhost" not in message
    message = ask(tls_bridge, SOMEBODY.address, **{"X-Forwarded-Host": "evil.example"})
    assert "evil" not in message


# --- 5


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "null", "http://api.example.org", PUBLIC + ".evil"]
)
def test_abuse_bridge_05_a_cookie_writes_nothing_for_another_page(
    tls_bridge: Served, origin: str | None
) -> None:
    message = ask(tls_bridge, SOMEBODY.address)
    token = cookie_of(begin(tls_bridge, message, signed(SOMEBODY, message)))
    headers = {} if origin is None else {"Origin": origin}
    answer = with_cookie(tls_bridge, "DELETE", "/v1/session", token, **headers)
    assert problem_of(answer, 403)["code"] == "unknown-origin"
    assert with_cookie(tls_bridge, "GET", "/v1/session", token).status_code == 200
    assert with_cookie(tls_bridge, "DELETE", "/v1/session", token, Origin=PAGE).status_code == 200


def test_abuse_bridge_05_nobody_is_signed_in_by_another_page(tls_bridge: Served) -> None:
    message = ask(tls_bridge, SOMEBODY.address)
    answer = begin(tls_bridge, message, signed(SOMEBODY, message), Origin="https://evil.example")
    assert problem_of(answer, 403)["code"] == "unknown-origin"
    form = requests.post(f"{tls_bridge.url}/v1/sign-in", data={"message": message}, timeout=20)
    assert problem_of(form, 415)["code"] == "not-json"


def test_abuse_bridge_05_a_bearer_needs_no_origin(tls_bridge: Served) -> None:
    me = stranger(tls_bridge)
    assert me.send("DELETE", "/v1/session", headers={"Origin": "https://x.example"}).ok


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer " + "A" * 43, "Bearer " + "!" * 43],
)
def test_abuse_bridge_05_what_is_no_token_is_nobody(tls_bridge: Served, authorization: str) -> None:
    answer = tls_bridge.get("/v1/session", headers={"Authorization": authorization})
    assert problem_of(answer, 401)["code"] == "not-signed-in"
    assert answer.headers["www-authenticate"] == "Bearer"


# --- 6


def test_abuse_bridge_06_credentials_are_for_known_pages_alone(tls_bridge: Served) -> None:
    asked = {"Access-Control-Request-Method": "DELETE"}
    known = tls_bridge.session.options(
        tls_bridge.url + "/v1/session", headers={"Origin": PAGE, **asked}
    )
    assert known.status_code == 204
    assert known.headers["access-control-allow-credentials"] == "true"
    assert known.headers["access-control-allow-origin"] == PAGE
    assert "DELETE" in known.headers["access-control-allow-methods"]
    assert "Authorization" in known.headers["access-control-allow-headers"]
    assert known.headers["allow"] == "GET, HEAD, DELETE, OPTIONS"
    for origin in ("https://evil.example", PAGE + ".evil", "null", "*"):
        other = tls_bridge.session.options(
            tls_bridge.url + "/v1/session", headers={"Origin": origin}
        )
        assert not [name for name in other.headers if name.startswith("access-control")]


# --- 12


def test_abuse_bridge_12_an_account_may_ask_so_often(store: Path) -> None:
    few = Limits(rate=0, account_rate=0.01, account_burst=3)
    with serving(store, limits=few) as served:
        one, two = stranger(served), stranger(served)
        assert [one.send("GET", "/v1/session").status_code for _ in range(4)] == [200] * 3 + [429]
        assert one.send("GET", "/v1/session").headers["retry-after"]
        assert two.send("GET", "/v1/session").status_code == 200


def test_abuse_bridge_12_signing_in_counts_for_many_requests(store: Path) -> None:
    with serving(store, limits=Limits(rate=0.01, burst=60)) as served:
        ask(served, SOMEBODY.address)
        ask(served, SOMEBODY.address)
        body = {"address": SOMEBODY.address}
        answer = requests.post(f"{served.url}/v1/sign-in/message", json=body, timeout=20)
        assert problem_of(answer, 429)["code"] == "too-many-requests"


# --- 14


@pytest.mark.parametrize("text", ["0x' OR 1=1 --", "'; DROP TABLE offchain_sessions; --"])
def test_abuse_bridge_14_sql_in_a_sign_in_is_no_sql(tls_bridge: Served, text: str) -> None:
    url = tls_bridge.url
    answer = requests.post(f"{url}/v1/sign-in/message", json={"address": text}, timeout=20)
    assert problem_of(answer, 400)["code"] == "bad-body"
    message = re.sub("Nonce: .*", f"Nonce: {text}", ask(tls_bridge, SOMEBODY.address))
    refused = problem_of(begin(tls_bridge, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-malformed"
    assert stranger(tls_bridge).data("GET", "/v1/session")


# --- 19


def test_abuse_bridge_19_no_log_and_no_table_holds_a_token(
    town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "index.sqlite"
    town.index(path)
    with serving(path, limits=NO_LIMIT) as served, caplog.at_level(logging.DEBUG):
        me = stranger(served)
        assert me.data("GET", "/v1/session")
        told = served.bridge.desk
        before, told._node = told._node, None  # type: ignore[assignment] # a mistake of ours
        message = ask(served, SOMEBODY.address)
        assert problem_of(begin(served, message, bytes(65)), 500)["code"] == "mistake"
        told._node = before
    assert "signIn failed" in caplog.text
    for secret in (me.token, me.address, SOMEBODY.address):
        assert secret not in caplog.text
    with sqlite3.connect(path) as db:
        assert me.token not in "\n".join(db.iterdump())


def test_without_the_tables_reading_the_chain_goes_on(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    town.index(path)
    with serving(path) as served:
        me = stranger(served)
        with sqlite3.connect(path) as db:
            db.execute("ALTER TABLE offchain_sessions RENAME TO gone")
        refused = me.problem("GET", "/v1/session", 503)
        assert refused["code"] == "offchain-unavailable" and "offchain_" not in refused["detail"]
        assert served.json("/v1/deals")["data"]
