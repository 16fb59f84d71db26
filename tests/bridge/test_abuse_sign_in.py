"""The rows of the list of abuse that are about signing in: each meets its safe answer."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N

from frontend_bridge.api.credentials import token_text
from frontend_bridge.api.settings import Limits
from milestone_escrow.calls import encode_call
from milestone_escrow.chain import start_anvil
from milestone_escrow.deployments import deploy
from milestone_escrow.offchain import sessions
from milestone_escrow.offchain.sign_in import MESSAGE_LIFE, digest_of
from tests.bridge.serving import NO_LIMIT, Served, serving
from tests.bridge.town import Town
from tests.bridge.wallets import (
    ContractWallet,
    Person,
    ask,
    begin,
    problem_of,
    sign_in,
    signed,
    stranger,
)
from tests.library.test_offchain import in_threads
from tests.nodes.stage import Stage

PUBLIC: Final = "https://api.example.org"
PAGE: Final = "https://app.example.org"
SOMEBODY: Final[LocalAccount] = Account.from_key(b"\x11" * 32)
COOKIE: Final = "__Host-escrow"


@pytest.fixture(scope="module")
def village() -> Iterator[Town]:
    """A chain of its own with an escrow and no deal yet."""
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        beside = deploy(stage.w3, stage.deployer, "DealNotes", stage.escrow.address).address
        yield Town(stage, beside, {})


@pytest.fixture(scope="module")
def served(village: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A bridge that browsers know by TLS, and a page of another name beside it."""
    path = tmp_path_factory.mktemp("sign-in") / "index.sqlite"
    village.index(path)
    with serving(
        path, rpc=village.stage.chain.rpc_url, public_url=PUBLIC, origins=(PAGE,)
    ) as served:
        yield served


def cookie_of(answer: requests.Response) -> str:
    match = re.match(rf"{COOKIE}=([\w-]{{43}}); ", answer.headers["set-cookie"])
    assert match is not None
    return match[1]


def with_cookie(served: Served, method: str, path: str, token: str, **headers: str) -> Any:
    return requests.request(
        method,
        served.url + path,
        headers={"Cookie": f"other=1; {COOKIE}={token}", **headers},
        timeout=20,
    )


# --- What is right


def test_a_wallet_signs_in_asks_who_it_is_and_signs_out(served: Served, village: Town) -> None:
    employer = sign_in(served, village.stage, village.stage.employer)
    session = employer.data("GET", "/v1/session")
    assert session["address"] == village.stage.employer.address
    assert session["chain_id"] == village.stage.escrow.chain_id
    assert employer.send("HEAD", "/v1/session").status_code == 200
    assert employer.data("DELETE", "/v1/session") == session
    assert employer.problem("GET", "/v1/session", 401)["code"] == "not-signed-in"


def test_the_cookie_is_for_this_host_alone_and_no_script(served: Served) -> None:
    message = ask(served, SOMEBODY.address)
    answer = begin(served, message, signed(SOMEBODY, message))
    header = answer.headers["set-cookie"]
    assert header == (
        f"{COOKIE}={cookie_of(answer)}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict; Secure"
    )
    mine = with_cookie(served, "GET", "/v1/session", cookie_of(answer))
    assert mine.json()["data"]["address"] == SOMEBODY.address
    out = with_cookie(served, "DELETE", "/v1/session", cookie_of(answer), Origin=PUBLIC)
    assert out.status_code == 200 and out.headers["set-cookie"].startswith(f"{COOKIE}=; Max-Age=0;")
    assert with_cookie(served, "GET", "/v1/session", cookie_of(answer)).status_code == 401


def test_without_tls_the_cookie_has_a_plain_name(town: Town, store: Path) -> None:
    with serving(store, public_url="http://127.0.0.1:8780") as served:
        message = ask(served, SOMEBODY.address)
        header = begin(served, message, signed(SOMEBODY, message)).headers["set-cookie"]
    assert header.startswith("escrow=") and "Secure" not in header and "HttpOnly" in header


def test_a_contract_account_signs_in_as_the_escrow_would_see_it(
    served: Served, village: Town
) -> None:
    wallet = ContractWallet(village.stage)
    message = ask(served, wallet.address)
    refused = problem_of(begin(served, message, b"anything"), 401)
    assert refused["code"] == "wrong-signature"
    wallet.call("approve", digest_of(message), True)
    answer = begin(served, message, b"anything")
    assert answer.status_code == 200, answer.text
    me = Person(served, wallet.address, answer.json()["data"]["token"])
    assert me.data("GET", "/v1/session")["address"] == wallet.address
    assert problem_of(begin(served, message, b"anything"), 401)["code"] == "sign-in-nonce"


@pytest.mark.parametrize(
    "answer", [b"", b"\x16\x26\xba\x7e", b"\xff" * 32, b"\x16\x26\xba\x7e" + b"\1" * 28]
)
def test_a_contract_that_answers_otherwise_does_not_sign_in(
    served: Served, village: Town, answer: bytes
) -> None:
    wallet = ContractWallet(village.stage)
    message = ask(served, wallet.address)
    wallet.call("approve", digest_of(message), True)
    wallet.call("set_answer", answer)
    assert problem_of(begin(served, message, b"x"), 401)["code"] == "wrong-signature"


def test_a_contract_that_would_write_when_asked_does_not_sign_in(
    served: Served, village: Town
) -> None:
    """The escrow asks by a static call; ``eth_call`` alone would let the account's code write."""
    wallet = ContractWallet(village.stage)
    message = ask(served, wallet.address)
    wallet.call("approve", digest_of(message), True)
    mint = encode_call("mint", wallet.address, 1, contract="TestToken")
    wallet.call("arm", village.stage.token, mint)
    assert problem_of(begin(served, message, b"x"), 401)["code"] == "wrong-signature"


def test_a_bridge_without_a_node_knows_keys_alone(town: Town, store: Path) -> None:
    with serving(store) as served:
        assert stranger(served).data("GET", "/v1/session")
        message = ask(served, SOMEBODY.address)
        assert problem_of(begin(served, message, bytes(65)), 503)["code"] == "no-node"


# --- 1


def test_abuse_bridge_01_a_hundred_replays_in_parallel_begin_one_session(served: Served) -> None:
    message = ask(served, SOMEBODY.address)
    signature = signed(SOMEBODY, message)
    answers = in_threads(100, lambda: begin(served, message, signature))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 99
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 401]
    assert set(refused) == {"sign-in-nonce"}


def test_abuse_bridge_01_a_nonce_of_ones_own_begins_nothing(served: Served) -> None:
    message = re.sub("Nonce: .*", "Nonce: " + "0" * 32, ask(served, SOMEBODY.address))
    refused = problem_of(begin(served, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-nonce"
    # Nor does one that was given to another.
    theirs = ask(served, Account.create().address)
    message = re.sub("0x[0-9a-fA-F]{40}", SOMEBODY.address, theirs)
    refused = problem_of(begin(served, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-nonce"


def test_abuse_bridge_01_anothers_or_a_malleable_signature_begins_nothing(served: Served) -> None:
    message = ask(served, SOMEBODY.address)
    good = signed(SOMEBODY, message)
    s = SECPK1_N - int.from_bytes(good[32:64])
    twin = good[:32] + s.to_bytes(32) + bytes([55 - good[64]])
    for bad in (signed(Account.create(), message), twin, b"", good[:64]):
        assert problem_of(begin(served, message, bad), 401)["code"] == "wrong-signature"
    assert begin(served, message, good).status_code == 200


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
    served: Served, old: str, new: str, code: str
) -> None:
    message = ask(served, SOMEBODY.address)
    assert old in message
    message = message.replace(old, new)
    refused = problem_of(begin(served, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == f"sign-in-{code}"


def test_abuse_bridge_02_a_page_that_is_known_signs_in_under_its_own_name(served: Served) -> None:
    message = ask(served, SOMEBODY.address, Origin=PAGE)
    assert message.startswith("app.example.org wants you") and f"\nURI: {PAGE}\n" in message
    assert begin(served, message, signed(SOMEBODY, message), Origin=PAGE).status_code == 200
    body = {"address": SOMEBODY.address}
    answer = requests.post(
        f"{served.url}/v1/sign-in/message", json=body, headers={"Origin": "https://evil.example"}
    )
    assert problem_of(answer, 403)["code"] == "unknown-origin"


def test_abuse_bridge_02_a_session_of_another_chain_is_none(served: Served) -> None:
    desk = served.bridge.desk
    with desk.store.writing() as db:
        token = sessions.begin(db, SOMEBODY.address, 1, desk.store.now)
    assert Person(served, "", token_text(token)).send("GET", "/v1/session").status_code == 401


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
    served: Served, late: int, status: int
) -> None:
    asked = served.bridge.desk.store.now
    with clock_at(served, asked):
        message = ask(served, SOMEBODY.address)
    with clock_at(served, asked + MESSAGE_LIFE + late):
        assert begin(served, message, signed(SOMEBODY, message)).status_code == status


@pytest.mark.parametrize(("late", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_abuse_bridge_03_a_session_lasts_an_hour(served: Served, late: int, status: int) -> None:
    me = stranger(served)
    expires = me.data("GET", "/v1/session")["expires"]["unix"]
    with clock_at(served, expires + late):
        assert me.send("GET", "/v1/session").status_code == status


def test_abuse_bridge_03_a_message_from_the_future_is_refused(served: Served) -> None:
    with clock_at(served, served.bridge.desk.store.now + 60):
        message = ask(served, SOMEBODY.address)
    refused = problem_of(begin(served, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-time"


# --- 4


def test_abuse_bridge_04_the_host_decides_nothing_of_a_sign_in(served: Served) -> None:
    message = ask(served, SOMEBODY.address, Host="localhost:4444")
    assert message.startswith("api.example.org wants you") and "localhost" not in message
    message = ask(served, SOMEBODY.address, **{"X-Forwarded-Host": "evil.example"})
    assert "evil" not in message


# --- 5


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "null", "http://api.example.org", PUBLIC + ".evil"]
)
def test_abuse_bridge_05_a_cookie_writes_nothing_for_another_page(
    served: Served, origin: str | None
) -> None:
    message = ask(served, SOMEBODY.address)
    token = cookie_of(begin(served, message, signed(SOMEBODY, message)))
    headers = {} if origin is None else {"Origin": origin}
    answer = with_cookie(served, "DELETE", "/v1/session", token, **headers)
    assert problem_of(answer, 403)["code"] == "unknown-origin"
    assert with_cookie(served, "GET", "/v1/session", token).status_code == 200
    assert with_cookie(served, "DELETE", "/v1/session", token, Origin=PAGE).status_code == 200


def test_abuse_bridge_05_nobody_is_signed_in_by_another_page(served: Served) -> None:
    message = ask(served, SOMEBODY.address)
    answer = begin(served, message, signed(SOMEBODY, message), Origin="https://evil.example")
    assert problem_of(answer, 403)["code"] == "unknown-origin"
    form = requests.post(f"{served.url}/v1/sign-in", data={"message": message}, timeout=20)
    assert problem_of(form, 415)["code"] == "not-json"


def test_abuse_bridge_05_a_bearer_needs_no_origin(served: Served) -> None:
    me = stranger(served)
    assert me.send("DELETE", "/v1/session", headers={"Origin": "https://x.example"}).ok


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer " + "A" * 43, "Bearer " + "!" * 43],
)
def test_abuse_bridge_05_what_is_no_token_is_nobody(served: Served, authorization: str) -> None:
    answer = served.get("/v1/session", headers={"Authorization": authorization})
    assert problem_of(answer, 401)["code"] == "not-signed-in"
    assert answer.headers["www-authenticate"] == "Bearer"


# --- 6


def test_abuse_bridge_06_credentials_are_for_known_pages_alone(served: Served) -> None:
    asked = {"Access-Control-Request-Method": "DELETE"}
    known = served.session.options(served.url + "/v1/session", headers={"Origin": PAGE, **asked})
    assert known.status_code == 204
    assert known.headers["access-control-allow-credentials"] == "true"
    assert known.headers["access-control-allow-origin"] == PAGE
    assert "DELETE" in known.headers["access-control-allow-methods"]
    assert "Authorization" in known.headers["access-control-allow-headers"]
    assert known.headers["allow"] == "GET, HEAD, DELETE, OPTIONS"
    for origin in ("https://evil.example", PAGE + ".evil", "null", "*"):
        other = served.session.options(served.url + "/v1/session", headers={"Origin": origin})
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
def test_abuse_bridge_14_sql_in_a_sign_in_is_no_sql(served: Served, text: str) -> None:
    url = served.url
    answer = requests.post(f"{url}/v1/sign-in/message", json={"address": text}, timeout=20)
    assert problem_of(answer, 400)["code"] == "bad-body"
    message = re.sub("Nonce: .*", f"Nonce: {text}", ask(served, SOMEBODY.address))
    refused = problem_of(begin(served, message, signed(SOMEBODY, message)), 401)
    assert refused["code"] == "sign-in-malformed"
    assert stranger(served).data("GET", "/v1/session")


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
