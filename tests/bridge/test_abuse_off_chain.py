"""The rows of the list of abuse that are about what is kept beside the chain."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from frontend_bridge.api.route import OFF_CHAIN
from frontend_bridge.api.routes import ROUTES
from frontend_bridge.api.settings import Limits
from milestone_escrow.offchain.files import MAX_FILE
from milestone_escrow.offchain.quotas import ROW_BYTES
from tests.bridge.listening import listening
from tests.bridge.quarter import ORIGIN, Quarter, document, living
from tests.bridge.test_abuse import INJECTIONS, raw
from tests.bridge.wallets import stranger

TEXT: Final = {"Content-Type": "text/plain"}


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarter]:
    with living(tmp_path_factory.mktemp("abuse") / "index.sqlite") as quarter:
        yield quarter


def paths_of(quarter: Quarter, path: str) -> str:
    return (
        path.replace("{id}", quarter.id_of("bound"))
        .replace("{hash}", "0x" + quarter.bound.hash().hex())
        .replace("{address}", quarter.employer.address)
    )


# --- 5


def test_abuse_bridge_05_no_write_is_made_with_a_cookie_from_elsewhere(quarter: Quarter) -> None:
    writes = [route for route in ROUTES if route.kind == "write"]
    assert len(writes) >= 7
    cookie = {"Cookie": f"escrow={quarter.employer.token}"}
    for route in writes:
        for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            answer = requests.request(
                route.method,
                quarter.served.url + paths_of(quarter, route.path),
                headers=cookie | origin,
                timeout=20,
            )
            assert answer.status_code == 403, (route.operation, origin)
            assert answer.json()["code"] == "unknown-origin"
    known = requests.get(quarter.served.url + "/v1/session", headers=cookie, timeout=20)
    assert known.status_code == 200  # all of them failed to sign out, too


# --- 11


def test_abuse_bridge_11_bodies_end_where_each_path_says(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/files"
    over = quarter.employer.problem("POST", path, 413, data=b"x" * (MAX_FILE + 1), headers=TEXT)
    assert over["code"] == "too-large"
    for route in ROUTES:
        if route.kind in OFF_CHAIN and route.takes_body:
            most = route.most or quarter.served.bridge.settings.limits.body
            assert most <= MAX_FILE
            target = paths_of(quarter, route.path)
            head = (
                f"{route.method} {target} HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {quarter.employer.token}\r\n"
                f"Content-Length: {most + 1}\r\n\r\n"
            )
            assert raw(quarter.served, head.encode()).startswith(b"HTTP/1.1 413"), route.operation


def test_abuse_bridge_11_nothing_is_read_of_who_is_not_signed_in(quarter: Quarter) -> None:
    head = (
        f"POST /v1/deals/{quarter.id_of('bound')}/files HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {MAX_FILE}\r\n\r\n"
    )
    # Nothing of the body is sent: the answer does not wait for it.
    assert raw(quarter.served, head.encode()).startswith(b"HTTP/1.1 401")


def test_abuse_bridge_11_a_compressed_body_is_kept_as_it_is(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/files"
    packed = b"\x1f\x8b" + b"\x00" * 1_000
    file = quarter.employer.data(
        "POST", path, data=packed, headers={**TEXT, "Content-Encoding": "gzip"}
    )
    assert file["size"] == len(packed)


# --- 12


def test_abuse_bridge_12_nobody_fills_the_disk(tmp_path: Path) -> None:
    room = 4 * ROW_BYTES
    limits = Limits(
        rate=0,
        account_rate=0,
        account_bytes=room,
        newcomer_bytes=2 * ROW_BYTES,
        newcomers_bytes=3 * ROW_BYTES,
    )
    with living(tmp_path / "index.sqlite", limits=limits) as quarter:
        path = f"/v1/deals/{quarter.id_of('bound')}/files"
        for i in range(3):
            quarter.employer.data("POST", path, data=b"%d" % i, headers=TEXT)
        refused = quarter.employer.problem("POST", path, 429, data=b"x" * ROW_BYTES, headers=TEXT)
        assert refused["code"] == "quota-reached"
        # What was refused was not written, and the same bytes count again.
        assert len(quarter.employer.data("GET", path)) == 3
        quarter.freelancer.data("POST", path, data=b"1", headers=TEXT)
        # Accounts cost nothing: those without a deal share what they may write.
        contact = {"email": "me@example.org"}
        statuses = []
        for person in (quarter.nobody, stranger(quarter.served), stranger(quarter.served)):
            answers = [person.send("PUT", "/v1/contact", json=contact) for _ in range(2)]
            statuses += [answer.status_code for answer in answers]
            assert all(answer.ok or answer.headers["retry-after"] for answer in answers)
        assert statuses == [200, 429, 200, 429, 429, 429]
        quarter.freelancer.data("POST", path, data=b"2", headers=TEXT)


# --- 13


def test_abuse_bridge_13_nothing_private_is_told_to_listeners_or_kept_for_others(
    quarter: Quarter,
) -> None:
    with listening(quarter.served) as heard:
        path = f"/v1/deals/{quarter.id_of('bound')}/comments"
        quarter.employer.data("POST", path, json={"text": "For three alone."})
        mine = quarter.employer.send("GET", path, headers={"Origin": ORIGIN})
    assert not heard.messages
    assert mine.headers["cache-control"] == "private, no-store"
    assert mine.headers["vary"] == "Origin, Cookie, Authorization"
    for headers in ({}, {"Authorization": f"Bearer {quarter.nobody.token}"}):
        answer = requests.get(quarter.served.url + path, headers=headers, timeout=20)
        assert answer.status_code in (401, 403) and "three" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_abuse_bridge_13_a_public_hash_opens_no_document(quarter: Quarter) -> None:
    """The hash is in the agreement on the chain, and anyone can open a deal with it."""
    quarter.put(quarter.employer, quarter.bound)
    path = f"/v1/documents/0x{quarter.bound.hash().hex()}"
    assert quarter.thief.problem("GET", path, 404)["code"] == "no-document"
    named = f"{path}?deal={quarter.id_of('stolen')}"
    assert quarter.thief.problem("GET", named, 404)["code"] == "no-document"


def test_abuse_bridge_13_every_private_path_asks_who_it_is(quarter: Quarter) -> None:
    for route in ROUTES:
        if route.kind in ("private", "write"):
            answer = requests.request(
                route.method, quarter.served.url + paths_of(quarter, route.path), timeout=20
            )
            assert answer.status_code == 401, route.operation
            assert answer.headers["www-authenticate"] == "Bearer"


# --- 14


@pytest.mark.parametrize("text", INJECTIONS)
def test_abuse_bridge_14_sql_in_what_is_written_is_text(quarter: Quarter, text: str) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/comments"
    assert quarter.employer.data("POST", path, json={"text": text})["text"] == text
    for bad in (f"/v1/documents/{text}", f"/v1/files/{text}", f"/v1/contacts/{text}"):
        answer = quarter.employer.send("GET", requests.utils.requote_uri(bad))
        assert answer.status_code in (400, 404, 422)
    answer = quarter.employer.send("GET", path, params={"cursor": text})
    assert answer.status_code in (400, 422)
    key = {"Idempotency-Key": text.replace(" ", "")}
    body = {"text": "x"}
    assert quarter.employer.data("POST", path, json=body, headers=key)
    assert quarter.employer.data("PUT", "/v1/contact", json={"email": "o'neil@example.org"})


# --- 15


def test_abuse_bridge_15_numbers_of_documents_are_no_floats(quarter: Quarter) -> None:
    for number in ("1.5", "1e3", "-1", str(2**256 - 1), "NaN"):
        shape = json.dumps(quarter.bound.to_json()).replace(
            '"decimals": 18', f'"decimals": {number}'
        )
        answer = quarter.employer.send(
            "PUT", "/v1/documents", data=shape, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 422 and answer.json()["code"] == "document", number


# --- 16


HOSTILE: Final = b"<script>alert(document.cookie)</script>"


@pytest.mark.parametrize("media", ["text/html", "image/svg+xml", "application/xhtml+xml", ""])
def test_abuse_bridge_16_nothing_that_runs_is_taken_as_such(quarter: Quarter, media: str) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/files"
    headers = {"Content-Type": media} if media else {}
    refused = quarter.employer.problem("POST", path, 415, data=HOSTILE, headers=headers)
    assert refused["code"] == "bad-media"


def test_abuse_bridge_16_a_file_is_saved_and_never_shown(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/files"
    file = quarter.employer.data("POST", path, data=HOSTILE, headers=TEXT)
    answer = quarter.freelancer.send("GET", f"/v1/files/{file['hash']}")
    assert answer.content == HOSTILE and answer.headers["content-type"] == "text/plain"
    name = f'attachment; filename="{file["hash"][2:]}.txt"'
    assert answer.headers["content-disposition"] == name
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and policy.endswith("; sandbox")
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "text", ["\u202eright to left", "\u2066isolated", "nul\x00", "\x1b[31mred"]
)
def test_abuse_bridge_16_text_that_looks_like_another_is_refused(
    quarter: Quarter, text: str
) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/comments"
    for method, where, body in (
        ("POST", path, {"text": text}),
        ("POST", "/v1/reports", {"text": text, "deal_id": quarter.id_of("bound")}),
        ("PUT", "/v1/documents", document("x").to_json() | {"title": text}),
        ("PUT", "/v1/contact", {"email": text}),
    ):
        problem = quarter.employer.problem(method, where, 422, json=body)
        assert text not in json.dumps(problem, ensure_ascii=False)
    script = quarter.employer.send("POST", path, json={"text": HOSTILE.decode()})
    assert script.headers["content-type"] == "application/json"
    assert script.headers["x-content-type-options"] == "nosniff"


def test_abuse_bridge_16_half_a_character_is_no_mistake_of_ours(quarter: Quarter) -> None:
    lone = json.dumps({"text": "\ud800", "deal_id": quarter.id_of("bound")})
    json_type = {"Content-Type": "application/json"}
    assert quarter.employer.problem("POST", "/v1/reports", 422, data=lone, headers=json_type)
    contact = json.dumps({"email": "\ud800@example.org"})
    assert quarter.employer.problem("PUT", "/v1/contact", 422, data=contact, headers=json_type)


# --- 17


def test_abuse_bridge_17_nothing_beside_the_chain_redirects(quarter: Quarter) -> None:
    for route in ROUTES:
        if route.kind in OFF_CHAIN:
            target = paths_of(quarter, route.path) + "?next=//evil.example&url=https://evil.example"
            answer = quarter.employer.send(route.method, target, allow_redirects=False)
            assert answer.status_code >= 400 and "location" not in answer.headers


# --- 19


def test_abuse_bridge_19_no_log_names_anybody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "index.sqlite"
    with caplog.at_level(logging.DEBUG), living(path) as quarter:
        me = quarter.employer
        me.data("PUT", "/v1/contact", json={"email": "somebody@example.org"})
        thread = f"/v1/deals/{quarter.id_of('bound')}/comments"
        me.data("POST", thread, json={"text": "between us"})
        with sqlite3.connect(path) as db:
            db.execute("ALTER TABLE offchain_contacts RENAME TO gone")
        refused: Any = me.problem("PUT", "/v1/contact", 503, json={"email": "other@example.org"})
        assert refused["code"] == "offchain-unavailable"
        sent = (me.token, me.address, "@example.org", "between us", quarter.id_of("bound"))
    # The node's own client tells of its requests at this level; the bridge's log does not.
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("milestone"))
    assert not [secret for secret in sent if secret in ours]
