"""Signing in with keys and with contract accounts, and what the session is good for."""

from __future__ import annotations

from pathlib import Path

import pytest

from milestone_escrow.calls import encode_call
from milestone_escrow.offchain.sign_in import digest_of
from tests.bridge.serving import Served, serving
from tests.bridge.tls import COOKIE, PUBLIC, SOMEBODY, cookie_of, with_cookie
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


def test_a_wallet_signs_in_asks_who_it_is_and_signs_out(tls_bridge: Served, village: Town) -> None:
    employer = sign_in(tls_bridge, village.stage, village.stage.employer)
    session = employer.data("GET", "/v1/session")
    assert session["address"] == village.stage.employer.address
    assert session["chain_id"] == village.stage.escrow.chain_id
    assert employer.send("HEAD", "/v1/session").status_code == 200
    assert employer.data("DELETE", "/v1/session") == session
    assert employer.problem("GET", "/v1/session", 401)["code"] == "not-signed-in"


def test_the_cookie_is_for_this_host_alone_and_no_script(tls_bridge: Served) -> None:
    message = ask(tls_bridge, SOMEBODY.address)
    answer = begin(tls_bridge, message, signed(SOMEBODY, message))
    header = answer.headers["set-cookie"]
    assert header == (
        f"{COOKIE}={cookie_of(answer)}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict; Secure"
    )
    mine = with_cookie(tls_bridge, "GET", "/v1/session", cookie_of(answer))
    assert mine.json()["data"]["address"] == SOMEBODY.address
    out = with_cookie(tls_bridge, "DELETE", "/v1/session", cookie_of(answer), Origin=PUBLIC)
    assert out.status_code == 200 and out.headers["set-cookie"].startswith(f"{COOKIE}=; Max-Age=0;")
    assert with_cookie(tls_bridge, "GET", "/v1/session", cookie_of(answer)).status_code == 401


def test_without_tls_the_cookie_has_a_plain_name(town: Town, store: Path) -> None:
    with serving(store, public_url="http://127.0.0.1:8780") as served:
        message = ask(served, SOMEBODY.address)
        header = begin(served, message, signed(SOMEBODY, message)).headers["set-cookie"]
    assert header.startswith("escrow=") and "Secure" not in header and "HttpOnly" in header


def test_a_contract_account_signs_in_as_the_escrow_would_see_it(
    tls_bridge: Served, village: Town
) -> None:
    wallet = ContractWallet(village.stage)
    message = ask(tls_bridge, wallet.address)
    refused = problem_of(begin(tls_bridge, message, b"anything"), 401)
    assert refused["code"] == "wrong-signature"
    wallet.call("approve", digest_of(message), True)
    answer = begin(tls_bridge, message, b"anything")
    assert answer.status_code == 200, answer.text
    me = Person(tls_bridge, wallet.address, answer.json()["data"]["token"])
    assert me.data("GET", "/v1/session")["address"] == wallet.address
    assert problem_of(begin(tls_bridge, message, b"anything"), 401)["code"] == "sign-in-nonce"


@pytest.mark.parametrize(
    "answer", [b"", b"\x16\x26\xba\x7e", b"\xff" * 32, b"\x16\x26\xba\x7e" + b"\1" * 28]
)
def test_a_contract_that_answers_otherwise_does_not_sign_in(
    tls_bridge: Served, village: Town, answer: bytes
) -> None:
    wallet = ContractWallet(village.stage)
    message = ask(tls_bridge, wallet.address)
    wallet.call("approve", digest_of(message), True)
    wallet.call("set_answer", answer)
    assert problem_of(begin(tls_bridge, message, b"x"), 401)["code"] == "wrong-signature"


def test_a_contract_that_would_write_when_asked_does_not_sign_in(
    tls_bridge: Served, village: Town
) -> None:
    """The escrow asks by a static call; ``eth_call`` alone would let the account's code write."""
    wallet = ContractWallet(village.stage)
    message = ask(tls_bridge, wallet.address)
    wallet.call("approve", digest_of(message), True)
    mint = encode_call("mint", wallet.address, 1, contract="TestToken")
    wallet.call("arm", village.stage.token, mint)
    assert problem_of(begin(tls_bridge, message, b"x"), 401)["code"] == "wrong-signature"


def test_a_bridge_without_a_node_knows_keys_alone(town: Town, store: Path) -> None:
    with serving(store) as served:
        assert stranger(served).data("GET", "/v1/session")
        message = ask(served, SOMEBODY.address)
        assert problem_of(begin(served, message, bytes(65)), 503)["code"] == "no-node"
