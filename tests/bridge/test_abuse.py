"""The rows of the list of abuse that are about reading: each meets its safe answer."""

from __future__ import annotations

import http.client
import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import pytest
import requests

from frontend_bridge.api import models
from frontend_bridge.api.limits import Rates, group_of
from frontend_bridge.api.routes import ROUTES
from frontend_bridge.api.settings import Limits
from milestone_escrow import calls, tokens
from milestone_escrow.amounts import MAX_UINT256
from milestone_escrow.chain import start_anvil
from milestone_escrow.deployments import deploy
from tests.bridge.listening import listening
from tests.bridge.serving import NO_LIMIT, Served, await_that, serving
from tests.bridge.town import LARGE, Town

ORIGIN = "https://app.example.org"  # the one that the town's bridge knows


def raw(served: Served, request: bytes) -> bytes:
    """Send bytes and return what comes back until the end, or a silence."""
    parts = urlsplit(served.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as sock:
        sock.sendall(request)
        answer = b""
        try:
            while part := sock.recv(65_536):
                answer += part
                if b"\r\n\r\n" in answer and b'"code"' in answer:
                    break
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


# --- 4


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "", "[::1", "127.0.0.1@evil"]
)
def test_abuse_bridge_04_another_host_is_refused(bridge: Served, host: str) -> None:
    problem = bridge.problem("/v1/deals", 421, headers={"Host": host})
    assert problem["code"] == "unknown-host"
    assert host not in problem["detail"] or not host


def test_abuse_bridge_04_only_the_configured_domain_is_answered(store: Path) -> None:
    with serving(store, hosts=("api.example.org",)) as served:
        assert served.get("/healthz").status_code == 421
        named = served.get("/healthz", headers={"Host": "API.example.org:443"})
        assert named.status_code == 200


def test_abuse_bridge_04_no_answer_repeats_the_host(bridge: Served) -> None:
    for route in ROUTES:
        if route.kind != "stream":
            answer = bridge.get(route.path, headers={"Host": "localhost:99"})
            assert "localhost" not in answer.text.replace("localhost,", "")
            assert "location" not in answer.headers


# --- 6


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://app.example.org.evil.example",
        "https://app.example.org:8443",
        "http://app.example.org",
        "https://APP.example.org",
        "null",
        "",
    ],
)
def test_abuse_bridge_06_other_origins_may_read_nothing(bridge: Served, origin: str) -> None:
    for response in (
        bridge.get("/v1/deals", headers={"Origin": origin}),
        bridge.get("/v1/deals/0x00", headers={"Origin": origin}),
        bridge.session.options(bridge.url + "/v1/deals", headers={"Origin": origin}),
    ):
        assert not [name for name in response.headers if name.startswith("access-control")]
        assert response.headers["vary"] == "Origin"


def test_abuse_bridge_06_the_known_origin_reads(bridge: Served) -> None:
    for path in ("/v1/deals", "/v1/deals/0x00", "/v1/deals"):
        response = bridge.get(path, headers={"Origin": ORIGIN})
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert response.headers["access-control-allow-credentials"] == "true"
    with listening(bridge, Origin=ORIGIN):
        pass


# --- 11


def test_abuse_bridge_11_a_huge_body_is_refused_before_it_is_read(bridge: Served) -> None:
    head = b"GET /v1/deals HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n"
    answer = raw(bridge, head)
    assert answer.startswith(b"HTTP/1.1 413") and b'"too-large"' in answer


def test_abuse_bridge_11_a_body_without_end_is_refused(bridge: Served) -> None:
    head = b"GET /v1/deals HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = raw(bridge, head + b"1000\r\n" + b"x" * 4096 + b"\r\n" + b"8000\r\n" + b"x" * 32_768)
    assert answer.startswith(b"HTTP/1.1 413")


def test_abuse_bridge_11_a_compressed_body_is_not_unpacked(bridge: Served) -> None:
    response = bridge.session.request(
        "GET",
        bridge.url + "/healthz",
        data=b"\x1f\x8b" + b"\x00" * 1_000,
        headers={"Content-Encoding": "gzip"},
    )
    assert response.status_code == 200


def test_abuse_bridge_11_a_long_path_or_query_is_refused(bridge: Served) -> None:
    assert bridge.problem("/v1/deals?party=" + "a" * 3_000, 414)["code"] == "too-long"
    assert bridge.problem("/" + "a" * 3_000, 414)["code"] == "too-long"


def test_abuse_bridge_11_a_request_that_never_ends_holds_nothing_up(bridge: Served) -> None:
    parts = urlsplit(bridge.url)
    stuck = [socket.create_connection((parts.hostname, parts.port)) for _ in range(50)]
    try:
        for sock in stuck:
            sock.sendall(b"GET /v1/deals HTTP/1.1\r\nHost: local")
        assert bridge.json("/healthz") == {"status": "ok"}
    finally:
        for sock in stuck:
            sock.close()


def test_abuse_bridge_11_a_body_that_does_not_come_is_not_waited_for(store: Path) -> None:
    head = b"POST /v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for rest in (b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"):
        with serving(store, limits=replace(NO_LIMIT, body_seconds=0.1)) as served:
            answer = raw(served, head + rest)
            assert answer.startswith(b"HTTP/1.1 408") and b'"too-slow"' in answer
            assert b"0.1 seconds" in answer


# --- 12


def test_abuse_bridge_12_too_many_requests_wait(store: Path) -> None:
    with serving(store, limits=Limits(rate=0.5, burst=20)) as served:
        answers = [served.get("/healthz") for _ in range(25)]
        assert {a.status_code for a in answers[:20]} == {200}
        refused = answers[-1]
        assert refused.status_code == 429 and refused.json()["code"] == "too-many-requests"
        assert 1 <= int(refused.headers["retry-after"]) <= 3


def test_abuse_bridge_12_each_address_has_its_own_count() -> None:
    now = [0.0]
    rates = Rates(2.0, 3, lambda: now[0])
    assert [rates.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rates.wait("b") == 0
    now[0] = 0.5
    assert rates.wait("a") == 0 and rates.wait("a") > 0
    assert Rates(0, 1).wait("a") == 0


def test_abuse_bridge_12_an_ipv6_network_counts_as_one() -> None:
    assert group_of("2001:db8::1") == group_of("2001:db8::ffff:1") != group_of("2001:db8:1::1")
    assert group_of("::ffff:10.0.0.1") == "10.0.0.1" == group_of("10.0.0.1")


def test_abuse_bridge_12_only_a_known_proxy_speaks_for_others(store: Path) -> None:
    strict = Limits(rate=0.01, burst=2)
    named = [{"X-Forwarded-For": f"10.0.0.{i}"} for i in range(4)]
    with serving(store, limits=strict) as served:
        found = [served.get("/healthz", headers=each).status_code for each in named]
        assert found == [200, 200, 429, 429]
    with serving(store, limits=strict, proxies=("127.0.0.1",)) as served:
        assert {served.get("/healthz", headers=each).status_code for each in named} == {200}
        # The last one counts: what stands before it anyone can make up.
        found = [
            served.get("/healthz", headers={"X-Forwarded-For": f"1.2.3.{i}, 10.9.9.9"}).status_code
            for i in range(3)
        ]
        assert found == [200, 200, 429]


# --- 13


def test_abuse_bridge_13_streams_are_few_in_all_and_for_each_address(store: Path) -> None:
    with serving(store, limits=Limits(rate=0, streams=3, streams_each=2)) as served:
        with listening(served), listening(served):
            assert served.problem("/v1/events", 429)["code"] == "too-many-streams"
            assert served.json("/healthz")
        await_that(lambda: not served.bridge.hub.listeners)
        with listening(served):
            pass
    few = Limits(rate=0, streams=3, streams_each=2)
    with serving(store, limits=few, proxies=("127.0.0.1",)) as served:
        one, two = {"X-Forwarded-For": "10.0.0.1"}, {"X-Forwarded-For": "10.0.0.2"}
        with listening(served, **one), listening(served, **one), listening(served, **two):
            refused = served.problem("/v1/events", 429, headers=two)
            assert refused["code"] == "too-many-streams"


def test_abuse_bridge_13_a_listener_that_goes_is_forgotten(bridge: Served) -> None:
    for _ in range(5):
        with listening(bridge):
            pass
    await_that(lambda: not bridge.bridge.hub.listeners)


# --- 14


INJECTIONS = [
    "0x' OR 1=1 --",
    "1; DROP TABLE deals",
    "' UNION SELECT escrow FROM sources --",
    '"; SELECT pg_sleep(10); --',
    "%00",
    "\\",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_abuse_bridge_14_sql_in_a_parameter_is_no_sql(
    bridge: Served, town: Town, text: str
) -> None:
    deal = town.id_of("native")
    before = bridge.json("/v1/deals", limit=100)["data"]
    for route in ROUTES:
        if route.kind != "index":
            continue
        for param in route.params:
            path = route.path.replace("{id}", deal).replace("{index}", "0")
            path = path.replace("{address}", town.stage.employer.address)
            if param.place == "path":
                path = route.path.replace("{" + param.name + "}", quote(text, safe=""))
                path = path.replace("{id}", deal).replace("{index}", "0")
                status = bridge.get(path).status_code
            else:
                status = bridge.get(path, params={param.name: text}).status_code
            assert status in (400, 404, 422), (path, param.name)
    assert bridge.json("/v1/deals", limit=100)["data"] == before


# --- 15


def numbers(value: Any) -> Iterator[int | float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def test_abuse_bridge_15_no_amount_is_a_json_number(bridge: Served, town: Town) -> None:
    deal_id = town.id_of("large")
    employer = town.stage.employer.address
    for path in (
        "/v1/deals",
        f"/v1/deals/{deal_id}",
        f"/v1/deals/{deal_id}/milestones/0",
        f"/v1/deals/{deal_id}/events",
        f"/v1/deals/{deal_id}/ledger",
        f"/v1/deals/{deal_id}/actions?as={employer}",
        f"/v1/accounts/{employer}",
        "/v1/contract",
    ):
        answer = bridge.get(path).json()
        assert all(isinstance(n, int) and n <= 2**53 - 1 for n in numbers(answer["data"])), path
    first = bridge.json(f"/v1/deals/{deal_id}")["data"]["milestones"][0]
    assert first["amount"]["raw"] == str(LARGE) and int(first["paid"]["raw"]) == LARGE
    assert first["amount"]["value"].replace(".", "") == str(LARGE)


def test_abuse_bridge_15_the_largest_amount_is_exact() -> None:
    amount = models.Amount(raw=str(MAX_UINT256), value=None, token="0x" + "00" * 20, decimals=0)
    assert json.loads(msgspec.json.encode(amount))["raw"] == str(2**256 - 1)


def test_abuse_bridge_15_a_parameter_of_any_size_is_no_number(bridge: Served) -> None:
    for text in (str(2**256 - 1), "1e9", "-1", "0x10", "9" * 1_000, "1.0", " 1"):
        assert bridge.get("/v1/deals", params={"limit": text}).status_code == 400


# --- 16


def test_abuse_bridge_16_hostile_text_is_escaped_and_runs_nowhere(tmp_path: Path) -> None:
    with start_anvil(0) as node:
        town = Town.built(node.rpc_url)
        stage = town.stage
        symbol = "\u202e<b>x"
        token = deploy(stage.w3, stage.deployer, "TestToken", "<script>", symbol, 6).address
        stage.invoke("TestToken", token, stage.employer, "mint", stage.employer.address, 10**12)
        tokens.approve(stage.w3, token, stage.employer, stage.escrow.address, 10**12)
        agreement = stage.agreement(token=token)
        stage.run(calls.fund(agreement, [0]))
        town.index(tmp_path / "index.sqlite")
        with serving(tmp_path / "index.sqlite", rpc=node.rpc_url) as served:
            response = served.get(f"/v1/deals/0x{stage.escrow.deal_id(agreement).hex()}")
    shown = response.json()["data"]["token"]["symbol"]
    assert shown == "<b>x"  # a symbol is shown as text; what turns text around is gone
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_abuse_bridge_16_problems_repeat_nothing_that_runs(bridge: Served) -> None:
    for path in ("/%3Cscript%3E", "/v1/deals?%3Cscript%3E=1", "/v1/deals?limit=%3Cscript%3E"):
        response = bridge.get(path)
        assert response.status_code in (400, 404)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-type"] == "application/problem+json"
    bidi = bridge.get("/v1/deals?%E2%80%AE=1").text
    assert "\u202e" not in bidi and "\\\\u202e" in bidi


# --- 17


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/v1/deals",
        "/v1/deals/",
        "/v1/deals//evil.example",
        "/%2F%2Fevil.example",
        "/\\evil.example",
        "/v1/../v1/deals",
        "/v1/deals?next=//evil.example",
    ],
)
def test_abuse_bridge_17_nothing_redirects(bridge: Served, path: str) -> None:
    parts = urlsplit(bridge.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=5)
    connection.putrequest("GET", path)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status in (400, 404) and response.getheader("location") is None
    connection.close()


# --- What else is everybody's


def test_every_answer_has_the_security_headers(bridge: Served, town: Town) -> None:
    for path in ("/v1/deals", "/v1/deals/0x00", "/nothing", "/metrics", "/openapi.json", "/readyz"):
        headers = bridge.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers or "/" not in headers["server"]


def test_a_mistake_is_no_traceback_and_the_log_names_nobody(
    store: Path, town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    party = town.stage.employer.address
    with serving(store) as served, caplog.at_level(logging.DEBUG):
        store_before = served.bridge._answers.token_of
        served.bridge._answers.token_of = None  # type: ignore[assignment] # a mistake of ours
        problem = served.problem(f"/v1/deals?party={party}", 500)
        served.bridge._answers.token_of = store_before
    assert problem["code"] == "mistake" and "Traceback" not in json.dumps(problem)
    assert "listDeals failed" in caplog.text
    assert party not in caplog.text.partition("Traceback")[0]


def test_an_index_that_is_gone_is_told_without_its_place(tmp_path: Path, town: Town) -> None:
    path = tmp_path / "index.sqlite"
    town.index(path)
    with serving(path) as served:
        path.write_bytes(b"nothing of the kind" * 1_000)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        response = requests.get(f"{served.url}/v1/accounts/0x{'ab' * 20}", timeout=10)
        assert response.status_code == 503 and response.headers["retry-after"]
        assert "index.sqlite" not in response.text
        await_that(lambda: served.get("/readyz").status_code == 503)
        assert served.get("/readyz").json()["ready"] is False
        assert served.get("/healthz").status_code == 200
