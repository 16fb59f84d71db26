"""Webhooks over real HTTP: what a receiver gets, and the rows of the list of abuse about them."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from frontend_bridge.api.sending import Outcome, Sender
from frontend_bridge.api.targets import is_public, target_of
from milestone_escrow import calls, notes
from milestone_escrow.exceptions import UsageError
from milestone_escrow.offchain.deliveries import Due
from tests.bridge.quarter import Quarter, living
from tests.bridge.receiving import Receiver
from tests.bridge.serving import await_that, serving
from tests.bridge.wallets import Person
from tests.compiled import ROOT
from tests.http_node import HttpNode

NAME = "hooks.example.org"
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


class Fickle(AbstractResolver):
    """Gives one answer after another for a name, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host, host=answer, port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def other() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("webhooks") / "index.sqlite"


@pytest.fixture(scope="module")
def quarter(path: Path, receiver: Receiver, other: Receiver) -> Iterator[Quarter]:
    with living(path, webhook_allow=(receiver.place, other.place)) as quarter:
        yield quarter


@pytest.fixture(autouse=True)
def _anew(receiver: Receiver, other: Receiver) -> None:
    for each in (receiver, other):
        each.got.clear()
        each.at_once = 0
        each.hold.set()
        each.answer = lambda got: (204, {})


@contextmanager
def hook(person: Person, url: str, **more: Any) -> Iterator[Any]:
    """A webhook, for a block."""
    made = person.data("POST", "/v1/webhooks", json={"url": url} | more)
    try:
        yield made
    finally:
        person.data("DELETE", f"/v1/webhooks/{made['webhook']['number']}")


def happen(quarter: Quarter, path: Path) -> None:
    """Let one event happen in the bound deal."""
    town = quarter.town
    town.stage.run(notes.report(town.deals["bound"], 1, 40, b"\x22" * 32))
    town.index(path)


def ping(person: Person, made: Any) -> None:
    person.data("POST", f"/v1/webhooks/{made['webhook']['number']}/ping")


def deliveries(person: Person, made: Any) -> list[Any]:
    found: list[Any] = person.data("GET", f"/v1/webhooks/{made['webhook']['number']}/deliveries")
    return found


def test_a_party_is_told_of_its_deals_and_nobody_else_is(
    quarter: Quarter, path: Path, receiver: Receiver, other: Receiver
) -> None:
    with (
        hook(quarter.employer, receiver.url + "/employer") as made,
        hook(quarter.nobody, other.url + "/nobody"),
    ):
        happen(quarter, path)
        (got, *_) = receiver.await_got(1)
        told = Webhook(made["secret"]).verify(got.body, got.headers)
        assert told["type"] == "event" and told["data"]["deal_id"] == quarter.id_of("bound")
        assert told["data"]["name"] == "Reported"
        listed = quarter.served.json(f"/v1/deals/{quarter.id_of('bound')}/events", limit=500)
        assert told["data"]["tx_hash"] in {each["tx_hash"] for each in listed["data"]}
        assert got.path == "/employer" and got.headers["content-type"] == "application/json"
        await_that(lambda: deliveries(quarter.employer, made)[0]["status"] == 204)
        (row,) = deliveries(quarter.employer, made)
        assert (row["message"], row["attempts"], row["next_try"]) == (got.id, 1, None)
        assert other.got == []
        number = made["webhook"]["number"]
        for method, end in (("DELETE", ""), ("POST", "/ping"), ("GET", "/deliveries")):
            gone = quarter.nobody.problem(method, f"/v1/webhooks/{number}{end}", 404)
            assert gone["code"] == "no-webhook"


def test_of_one_deal_alone_and_of_a_ping(quarter: Quarter, path: Path, receiver: Receiver) -> None:
    own = {"deal_id": quarter.id_of("open"), "kinds": ["event"]}
    quarter.nobody.problem(
        "POST", "/v1/webhooks", 403, json={"url": receiver.url, "deal_id": own["deal_id"]}
    )
    with hook(quarter.employer, receiver.url, **own) as made:
        happen(quarter, path)
        number = made["webhook"]["number"]
        ping(quarter.employer, made)
        (got,) = receiver.await_got(1)  # the event of the other deal would have come before
        assert got.told["type"] == "ping" and got.told["data"] == {"webhook": number}


def test_both_secrets_sign_after_a_rotation(quarter: Quarter, receiver: Receiver) -> None:
    with hook(quarter.freelancer, receiver.url) as made:
        number = made["webhook"]["number"]
        turned = quarter.freelancer.data("POST", f"/v1/webhooks/{number}/secret")
        assert turned["secret"] != made["secret"]
        shown = json.dumps(quarter.freelancer.data("GET", "/v1/webhooks"))
        assert "whsec_" not in shown
        ping(quarter.freelancer, made)
        (got,) = receiver.await_got(1)
        for secret in (made["secret"], turned["secret"]):
            assert Webhook(secret).verify(got.body, got.headers)["type"] == "ping"


def test_what_failed_comes_again_under_the_same_id(
    quarter: Quarter, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([503])
    receiver.answer = lambda got: (next(answers, 204), {})
    store, courier = quarter.served.bridge.desk.store, quarter.served.bridge.courier
    clock = store.clock
    with hook(quarter.employer, receiver.url) as made:
        ping(quarter.employer, made)
        (first,) = receiver.await_got(1)
        await_that(lambda: deliveries(quarter.employer, made)[0]["status"] == 503)
        monkeypatch.setattr(store, "clock", lambda: clock() + 7)  # the pause is over
        courier.wake()
        second = receiver.await_got(2)[1]
        assert (second.id, second.body) == (first.id, first.body)
        assert second.headers["webhook-signature"] != first.headers["webhook-signature"]
        await_that(lambda: deliveries(quarter.employer, made)[0]["status"] == 204)


def test_two_bridges_of_one_store_tell_everything_once(
    quarter: Quarter, path: Path, receiver: Receiver
) -> None:
    with (
        hook(quarter.employer, receiver.url) as made,
        serving(path, webhook_allow=(receiver.place,)) as second,
    ):
        failed = quarter.served.bridge.courier.sent["failed"]
        for _ in range(5):
            happen(quarter, path)
        receiver.await_got(5)
        ping(quarter.employer, made)
        got = receiver.await_got(6)
        assert [each.told["type"] for each in got] == ["event"] * 5 + ["ping"]
        assert len({each.id for each in got}) == 6
        sent = quarter.served.bridge.courier.sent + second.bridge.courier.sent
        assert sent["failed"] == failed


def test_told_of_many_events_in_the_order_of_the_chain(
    quarter: Quarter, path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontend_bridge.api.courier.AT_ONCE", 2)
    with hook(quarter.employer, receiver.url):
        stage = quarter.town.stage
        deal = stage.bound()
        stage.run(calls.request_release(deal, [0, 1]))
        stage.run(calls.release(deal, [0, 1]))
        quarter.town.index(path)
        seen = [got.told["data"] for got in receiver.await_got(7)]
        places = [(each["block_number"], each["log_index"]) for each in seen]
        assert places == sorted(set(places))


def test_the_receiver_of_the_docs_takes_each_message_once() -> None:
    page = (ROOT / "docs" / "bridge.md").read_text(encoding="utf-8")
    example = page.partition("## Webhooks")[2].partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(example, "docs/bridge.md", "exec"), names)
    handled: list[Any] = []

    class Documented(HttpNode):
        def handler(self) -> type[BaseHTTPRequestHandler]:
            made: type[BaseHTTPRequestHandler] = names["receiver"](SECRET, handled.append, set())
            return type("Quiet", (made,), {"log_message": lambda *_: None})

    with Documented() as documented:
        place = documented.url.removeprefix("http://")
        url, body = documented.url + "/", '{"type":"ping"}'
        assert sent(Fickle(), url, place, body=body) == [Outcome(204, None)] * 2
        assert handled == [{"type": "ping"}]


# --- 7


REFUSED = (
    *("http://hooks.example.org/", "https://hooks.example.org:8443/", "ftp://hooks.example.org/"),
    *("https://user@hooks.example.org/", "https://:pw@hooks.example.org/", "https://h.example/#f"),
    *("https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/"),
    *("https://0177.0.0.1/", "https://10.0.0.8/", "https://172.16.0.1/", "https://192.168.1.1/"),
    *("https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://0.0.0.0/"),
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://[fe80::1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[ff02::1]/"),
    *("https://localhost/", "https://db/", "https://metadata.google.internal/", "https://a.local/"),
    *("https://", "https:///x", "hooks", "https://hooks.example.org/\n", "https://höks.example/"),
)


@pytest.mark.parametrize("url", REFUSED)
def test_abuse_bridge_07_a_webhook_goes_to_no_inner_address(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        target_of(url, ())
    assert refused.value.code == "webhook-url"


def test_abuse_bridge_07_public_addresses_alone() -> None:
    assert all(map(is_public, ("8.8.8.8", "2606:4700:4700::1111")))
    inner = (
        *("127.0.0.1", "10.1.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.0", "192.88.99.1", "192.168.0.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::808:808", "2002:808:808::", "2001::1"),
        *("3fff::1", "100::1", "nonsense"),
    )
    assert not any(map(is_public, inner))


def test_abuse_bridge_07_the_api_refuses_what_is_not_allowed(
    quarter: Quarter, receiver: Receiver
) -> None:
    problem = quarter.employer.problem(
        "POST", "/v1/webhooks", 422, json={"url": "http://127.0.0.1:1/"}
    )
    assert problem["code"] == "webhook-url"
    assert quarter.employer.data("GET", "/v1/webhooks") == []


# --- 8


def sent(resolver: Fickle, url: str, *allowed: str, body: str = "{}") -> list[Outcome]:
    """Send twice, as one bridge does."""

    async def twice() -> list[Outcome]:
        sender = Sender(allowed, 4, resolver)
        try:
            due = Due(1, 1, "msg_1", 0, body, url, (SECRET,), False)
            return [await sender.send(due, int(time.time())) for _ in range(2)]
        finally:
            await sender.close()

    return asyncio.run(twice())


def test_abuse_bridge_08_a_name_that_leads_to_an_inner_address_is_refused() -> None:
    resolver = Fickle("127.0.0.1", "10.0.0.1")
    found = sent(resolver, f"https://{NAME}/")
    told = "The name leads to an address that is not public."
    assert found == [Outcome(None, told)] * 2
    assert resolver.asked == 2  # looked at anew each time


def test_abuse_bridge_08_it_connects_to_the_address_that_was_looked_at(receiver: Receiver) -> None:
    # Whatever the name means a moment later: it is asked once for each attempt.
    resolver = Fickle("127.0.0.1", "127.0.0.2")
    port = receiver.place.partition(":")[2]
    found = sent(resolver, f"http://{NAME}:{port}/", f"{NAME}:{port}")
    assert found[0] == Outcome(204, None)
    assert resolver.asked == 2
    # The server listens at the first address alone, and nobody tried it again.
    assert found[1].status is None and len(receiver.got) == 1
    assert receiver.got[0].headers["host"] == f"{NAME}:{port}"


def test_abuse_bridge_08_no_redirect_is_followed(
    quarter: Quarter, receiver: Receiver, other: Receiver
) -> None:
    receiver.answer = lambda got: (307, {"Location": other.url + "/inner"})
    with hook(quarter.freelancer, receiver.url) as made:
        ping(quarter.freelancer, made)
        receiver.await_got(1)
        await_that(lambda: deliveries(quarter.freelancer, made)[0]["status"] == 307)
        assert deliveries(quarter.freelancer, made)[0]["error"].startswith("It answered 307")
        assert other.got == []


# --- 9


def test_abuse_bridge_09_id_time_and_body_are_signed(quarter: Quarter, receiver: Receiver) -> None:
    with hook(quarter.freelancer, receiver.url) as made:
        ping(quarter.freelancer, made)
        (got,) = receiver.await_got(1)
    check = Webhook(made["secret"])
    check.verify(got.body, got.headers)
    old = str(int(got.headers["webhook-timestamp"]) - 301)
    another = Webhook("whsec_" + base64.b64encode(b"x" * 32).decode())
    for body, headers, by in (
        (got.body + b" ", {}, check),
        (got.body, {"webhook-id": "msg_" + "0" * 32}, check),
        (got.body, {"webhook-timestamp": old}, check),
        (got.body, {}, another),
    ):
        with pytest.raises(WebhookVerificationError):
            by.verify(body, got.headers | headers)
    # One that is sent again as it was is told by its time, and before that by its id.
    at = datetime.fromtimestamp(int(old), UTC)
    stale = {
        "webhook-timestamp": old,
        "webhook-signature": check.sign(got.id, at, got.body.decode()),
    }
    with pytest.raises(WebhookVerificationError, match="too old"):
        check.verify(got.body, got.headers | stale)
    assert at < datetime.now(UTC) - timedelta(minutes=5)


# --- 10


def test_abuse_bridge_10_a_slow_target_delays_nobody_else(
    quarter: Quarter, receiver: Receiver, other: Receiver
) -> None:
    other.hold.clear()
    with (
        hook(quarter.freelancer, other.url + "/slow") as slow,
        hook(quarter.employer, receiver.url + "/quick") as quick,
    ):
        for _ in range(3):
            ping(quarter.freelancer, slow)
        other.await_got(1)
        for _ in range(3):
            ping(quarter.employer, quick)
        receiver.await_got(3)  # while the other still holds its answer
        other.hold.set()
        other.await_got(3)
    assert other.at_once == 1
    text = requests.get(quarter.served.url + "/metrics", timeout=10).text
    assert 'escrow_bridge_webhooks_total{result="delivered"}' in text


def test_abuse_bridge_10_a_queue_is_bounded_and_loses_nothing(
    quarter: Quarter, path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milestone_escrow.offchain.deliveries.QUEUE", 2)
    monkeypatch.setattr("frontend_bridge.api.courier.AT_ONCE", 1)
    receiver.hold.clear()
    with hook(quarter.employer, receiver.url) as made:
        for _ in range(5):
            happen(quarter, path)
        receiver.await_got(1)
        assert len(deliveries(quarter.employer, made)) <= 2
        receiver.hold.set()
        receiver.await_got(5)


def test_a_mistake_of_ours_ends_no_later_message(
    quarter: Quarter, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    courier = quarter.served.bridge.courier
    made_mistakes: list[str] = []
    claim = courier._claim

    def mistaken(pages: Any) -> Any:
        if not made_mistakes:
            made_mistakes.append("one")
            raise RuntimeError("a mistake")
        return claim(pages)

    monkeypatch.setattr(courier, "_claim", mistaken)
    with hook(quarter.freelancer, receiver.url) as made:
        ping(quarter.freelancer, made)
        await_that(lambda: bool(made_mistakes))
        ping(quarter.freelancer, made)
        receiver.await_got(2)


def test_abuse_bridge_10_one_that_is_gone_is_left_alone(
    quarter: Quarter, receiver: Receiver
) -> None:
    receiver.answer = lambda got: (410, {})
    with hook(quarter.freelancer, receiver.url) as made:
        ping(quarter.freelancer, made)
        receiver.await_got(1)

        def off() -> Any:
            (shown,) = quarter.freelancer.data("GET", "/v1/webhooks")
            return shown["off"]

        await_that(lambda: off() is not None)
        assert "410" in off()
        number = made["webhook"]["number"]
        refused = quarter.freelancer.problem("POST", f"/v1/webhooks/{number}/ping", 422)
        assert refused["code"] == "webhook-off"
