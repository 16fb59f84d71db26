"""Proposals, negotiated and awarded through the bridge, and bound on Anvil."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from eth_keys.constants import SECPK1_N

from frontend_bridge.api.following import Chain
from milestone_escrow import calls
from milestone_escrow.agreement import DAY, ZERO_ADDRESS
from milestone_escrow.chain import start_anvil
from milestone_escrow.document import Currency
from milestone_escrow.offchain.sign_in import digest_of
from milestone_escrow.typed_data import digest
from tests.bridge.market import Market, document, terms, words_of
from tests.bridge.serving import serving
from tests.bridge.wallets import ContractWallet, Person, ask, begin, stranger
from tests.library.test_offchain import in_threads
from tests.nodes.stage import Stage

PAGES: Final = ("/v1/proposals", "/v1/jobs/{job}/proposals")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market on a chain that goes on."""
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        chain = Chain(
            (node.rpc_url,), stage.escrow.address, stage.deployment.block_number, interval=0.02
        )
        store = tmp_path_factory.mktemp("market") / "index.sqlite"
        with serving(store, chain=chain, rpc=node.rpc_url) as served:
            yield Market(stage, served)


def codes(shown: Any) -> list[str]:
    return [each["code"] for each in shown["warnings"]]


def post(person: Person, path: str, **body: Any) -> Any:
    """Return what is answered to a body."""
    return person.data("POST", path, json=body)


# --- The whole way


def test_from_a_reserve_to_a_deal_that_is_bound(market: Market) -> None:
    employer, reserve = market.as_(market.employer), market.reserve((600, 400), (0,))
    job = market.job(deal_id=market.id_of(reserve), title="A shop with a reserve")
    assert job["reserve"]["held"]["raw"] == "600" and job["reserve"]["price"]["raw"] == "1000"
    assert job["reserve"]["open"] is True and job["status"] == "open"
    path = f"/v1/jobs/{job['id']}"

    # Three bid, with the reserve's id in what they sign.
    supersedes = bytes.fromhex(job["reserve"]["deal_id"][2:])
    bids = {
        signer.address: market.propose(
            signer, job["id"], amounts=(price // 2, price // 2), supersedes=supersedes
        )
        for signer, price in ((market.ann, 1_000), (market.bea, 900), (market.cem, 1_400))
    }
    table = employer.data("GET", path + "/proposals")
    assert [(each["total"]["raw"], each["milestone_count"], each["days"]) for each in table] == [
        ("1400", 2, 11),
        ("900", 2, 11),
        ("1000", 2, 11),
    ]
    assert {each["freelancer"] for each in table} == set(bids)

    # The employer likes one, and wants other terms of it.
    liked = bids[market.bea.address]
    shortlisted = employer.data("PUT", f"/v1/proposals/{liked['id']}/shortlist")
    assert shortlisted["shortlisted"] is True
    only = employer.data("GET", path + "/proposals?shortlisted=true")
    assert [each["id"] for each in only] == [liked["id"]]
    words = document(3, title="A larger shop")
    other = terms(market.stage, market.bea.address, words, (500, 300, 150), supersedes=supersedes)
    counter = post(employer, f"/v1/proposals/{liked['id']}/counter", **words_of(other, words))
    assert (counter["author"], counter["in_reply_to"]) == ("employer", liked["id"])

    # She sees them, and signs exactly those.
    bea = market.as_(market.bea)
    seen = bea.data("GET", f"/v1/proposals/{liked['id']}")
    assert seen["status"] == "countered" and seen["shortlisted"] is None
    assert bea.data("GET", f"/v1/documents/{counter['document']}")["document"]["title"] == (
        "A larger shop"
    )
    signed = post(
        bea,
        path + "/proposals",
        **market.signed(market.bea, other, words, in_reply_to=counter["id"]),
    )
    for person in (bea, employer):
        thread = person.data("GET", f"/v1/proposals/{signed['id']}/thread")
        assert [each["id"] for each in thread] == [liked["id"], counter["id"], signed["id"]]
        assert [each["status"] for each in thread] == ["countered", "accepted", "open"]

    # The award: until now nobody was sent a signature, now the employer is.
    award = post(employer, f"/v1/proposals/{signed['id']}/award")
    assert award["signature"] == market.signature(market.bea, other)
    assert (award["call"], award["proposal"]["status"]) == ("amend", "handed_out")
    main = award["prepared"]["prepared"]
    # Of the new milestones the first two take the 600 that were reserved.
    assert main["arguments"]["indexes"] == [0, 1] and main["pays"]["raw"] == "200"
    assert award["prepared"]["deal_id"] == market.id_of(reserve)
    assert market.served.json(path)["data"]["status"] == "open"
    market.send(main)

    deal = market.served.json(f"/v1/deals/{signed['deal_id']}")["data"]
    assert (deal["bound"], deal["supersedes"]) == (True, market.id_of(reserve))
    assert deal["held"]["raw"] == "800" and deal["document_here"] is True
    job = market.served.json(path)["data"]
    assert (job["status"], job["reserve"]["open"]) == ("awarded", False)
    assert job["reserve"]["held"]["raw"] == "0"
    assert [each["id"] for each in market.served.json("/v1/jobs?status=awarded")["data"]] == [
        job["id"]
    ]
    assert bea.data("GET", f"/v1/proposals/{signed['id']}")["status"] == "awarded"
    # What is over is over.
    again = employer.problem("POST", f"/v1/proposals/{signed['id']}/award", 422, json={})
    assert again["code"] == "already-awarded"
    late = market.as_(market.dan).problem(
        "POST", path + "/proposals", 422, json=market.body(market.dan, supersedes=supersedes)
    )
    assert late["code"] == "job-not-open"
    gone = employer.problem(
        "POST", f"/v1/proposals/{bids[market.ann.address]['id']}/award", 409, json={}
    )
    assert gone["code"] == "DealClosed"


def test_a_job_without_a_reserve_is_awarded_by_fund(market: Market) -> None:
    job, employer = market.job(), market.as_(market.employer)
    words = document(2, Currency("TUSD", 6))
    agreement = terms(market.stage, market.ann.address, words, (600, 400), token=market.stage.token)
    bid = post(
        market.as_(market.ann),
        f"/v1/jobs/{job['id']}/proposals",
        **market.signed(market.ann, agreement, words),
    )
    assert bid["total"] == {
        "raw": "1000",
        "value": "0.001",
        "token": market.stage.token,
        "decimals": 6,
    }
    award = post(employer, f"/v1/proposals/{bid['id']}/award", indexes=[1])
    main = award["prepared"]["prepared"]
    assert (award["call"], main["arguments"]["indexes"]) == ("fund", [1])
    assert main["pays"]["raw"] == "400"
    market.send(main)
    deal = market.served.json(f"/v1/deals/{bid['deal_id']}")["data"]
    assert deal["bound"] and deal["held"]["raw"] == "400"
    # One who has settled something is no stranger any more.
    assert codes(market.as_(market.ann).data("GET", f"/v1/proposals/{bid['id']}")) == ["first-time"]
    market.stage.run(calls.release(agreement, [1]))
    for person in (market.as_(market.ann), market.as_(market.employer)):
        assert codes(person.data("GET", f"/v1/proposals/{bid['id']}")) == []
    assert codes(market.served.json(f"/v1/jobs/{job['id']}")["data"]) == []


def test_what_cannot_be_paid_hands_nothing_out(market: Market) -> None:
    job = market.job()
    bid = market.propose(market.ann, job["id"], amounts=(10**30, 1))
    path = f"/v1/proposals/{bid['id']}"
    refused = market.as_(market.employer).problem("POST", path + "/award", 409, json={})
    assert refused["code"] == "not-enough-funds"
    assert market.as_(market.ann).data("GET", path)["handed_out"] is None
    assert market.as_(market.ann).data("POST", path + "/withdraw")["proposal"]["status"] == (
        "withdrawn"
    )


# --- The signature


def test_nobody_reads_a_signature_before_the_award(market: Market) -> None:
    job = market.job()
    body = market.body(market.ann)
    answer = market.as_(market.ann).send("POST", f"/v1/jobs/{job['id']}/proposals", json=body)
    number = answer.json()["data"]["id"]
    hidden = body["signature"][2:40]
    assert answer.status_code == 200 and hidden not in answer.text
    for signer in (market.ann, market.employer):
        person = market.as_(signer)
        for path in (
            f"/v1/proposals/{number}",
            f"/v1/proposals/{number}/thread",
            *(path.format(job=job["id"]) for path in PAGES),
        ):
            text = person.send("GET", path).text
            assert str(body["agreement"]["document"]) in text and hidden not in text


def test_what_was_withdrawn_cannot_be_awarded(market: Market) -> None:
    job = market.job()
    bid = market.propose(market.ann, job["id"])
    path = f"/v1/proposals/{bid['id']}"
    withdrawn = market.as_(market.ann).data("POST", path + "/withdraw")
    assert withdrawn["proposal"]["status"] == "withdrawn" and "nobody" in withdrawn["sentence"]
    refused = market.as_(market.employer).problem("POST", path + "/award", 422, json={})
    assert refused["code"] == "withdrawn"


def test_what_was_handed_out_binds_until_it_expires(market: Market) -> None:
    job, employer = market.job(), market.as_(market.employer)
    bid = market.propose(market.ann, job["id"])
    path = f"/v1/proposals/{bid['id']}"
    award = post(employer, path + "/award")
    assert post(employer, path + "/award")["signature"] == award["signature"]
    refused = market.as_(market.ann).problem("POST", path + "/withdraw", 422)
    assert refused["code"] == "handed-out" and "binds until" in refused["detail"]


def test_one_that_expired_cannot_be_awarded_from_that_second_on(market: Market) -> None:
    stage, employer = market.stage, market.as_(market.employer)
    job, until = market.job(), stage.chain.time() + 1_000
    bid = market.propose(market.ann, job["id"], accept_by=until)
    path = f"/v1/proposals/{bid['id']}"
    stage.chain.set_time(until - 1)
    market.level()
    assert employer.data("GET", path)["status"] == "open"
    for second in (0, 1):
        stage.chain.set_time(until + second)
        market.level()
        assert employer.data("GET", path)["status"] == "expired"
        refused = employer.problem("POST", path + "/award", 422, json={})
        assert refused["code"] == "expired"


@pytest.mark.parametrize("wrong", ["other key", "other agreement", "high s", "short"])
def test_a_signature_that_would_not_bind_is_refused(market: Market, wrong: str) -> None:
    job = market.job()
    body = market.body(market.ann)
    good = bytes.fromhex(body["signature"][2:])
    s = SECPK1_N - int.from_bytes(good[32:64])
    body["signature"] = {
        "other key": market.body(market.bea)["signature"],
        "other agreement": market.body(market.ann)["signature"],
        "high s": "0x" + (good[:32] + s.to_bytes(32) + bytes([55 - good[64]])).hex(),
        "short": "0x" + good[:64].hex(),
    }[wrong]
    path = f"/v1/jobs/{job['id']}/proposals"
    refused = market.as_(market.ann).problem("POST", path, 422, json=body)
    assert refused["code"] == "wrong-signature"
    assert market.as_(market.ann).data("GET", path) == []


def test_an_account_that_is_a_contract_signs_as_the_escrow_asks(market: Market) -> None:
    wallet, job = ContractWallet(market.stage), market.job()
    message = ask(market.served, wallet.address)
    wallet.call("approve", digest_of(message), True)
    answer = begin(market.served, message, b"anything")
    me = Person(market.served, wallet.address, answer.json()["data"]["token"])
    words = document(1)
    agreement = terms(market.stage, wallet.address, words, (700,))
    path = f"/v1/jobs/{job['id']}/proposals"
    body = words_of(agreement, words) | {"signature": "0x1234"}
    assert me.problem("POST", path, 422, json=body)["code"] == "wrong-signature"
    wallet.call("approve", digest(agreement, market.stage.escrow.domain), True)
    key = {"Idempotency-Key": "one"}
    bid = me.data("POST", path, json=body, headers=key)
    assert codes(bid)[-1] == "one-milestone"
    # What was answered is answered again, whatever the code says now.
    wallet.call("approve", digest(agreement, market.stage.escrow.domain), False)
    assert me.data("POST", path, json=body, headers=key) == bid
    refused = market.as_(market.employer).problem(
        "POST", f"/v1/proposals/{bid['id']}/award", 409, json={}
    )
    assert refused["code"] == "BadSignature"
    wallet.call("approve", digest(agreement, market.stage.escrow.domain), True)
    award = post(market.as_(market.employer), f"/v1/proposals/{bid['id']}/award")
    market.send(award["prepared"]["prepared"])
    assert me.data("GET", f"/v1/proposals/{bid['id']}")["status"] == "awarded"


def test_an_award_sent_twice_with_one_key_is_answered_once(market: Market) -> None:
    employer = market.as_(market.employer)
    bid = market.propose(market.ann, market.job()["id"])
    path, key = f"/v1/proposals/{bid['id']}/award", {"Idempotency-Key": "award"}
    first = employer.data("POST", path, json={}, headers=key)
    market.send(first["prepared"]["prepared"])
    # By itself it would be refused now.
    assert employer.data("POST", path, json={}, headers=key) == first
    assert employer.problem("POST", path, 422, json={})["code"] == "already-awarded"


# --- Terms


def test_terms_that_are_not_for_the_job_are_refused(market: Market) -> None:
    reserve = market.reserve()
    plain, kept = market.job(), market.job(deal_id=market.id_of(reserve))
    ann = market.as_(market.ann)
    now, escrow = market.stage.chain.time(), market.stage.escrow
    own = escrow.deal_id(reserve)

    def refused(job: Any, **changes: Any) -> str:
        body = market.body(market.ann, **changes)
        path = f"/v1/jobs/{job['id']}/proposals"
        return str(ann.problem("POST", path, 422, json=body)["code"])

    assert refused(plain, employer=market.dan.address) == "other-employer"
    assert refused(plain, freelancer=market.bea.address) == "other-freelancer"
    assert refused(plain, supersedes=own) == "other-reserve"
    assert refused(kept) == "other-reserve"
    assert refused(kept, supersedes=own, token=market.stage.token) == "other-token"
    assert refused(plain, accept_by=now) == "agreement-invalid"
    assert refused(plain, accept_by=now + 50 * DAY) == "agreement-invalid"
    assert refused(plain, review_period=1) == "agreement-invalid"
    # The document says 18 decimals, the token 6.
    assert refused(plain, token=market.stage.token) == "document-currency"
    body = market.body(market.ann)
    path = f"/v1/jobs/{plain['id']}/proposals"
    price = body | {"agreement": body["agreement"] | {"price": "1"}}
    assert ann.problem("POST", path, 422, json=price)["code"] == "agreement-invalid"
    words = body | {"document": document(2).to_json()}
    assert ann.problem("POST", path, 422, json=words)["code"] == "document-hash"
    for name in ("agreement", "document", "signature", "cover"):
        less = {each: value for each, value in body.items() if each != name}
        assert ann.problem("POST", path, 400, json=less)["code"] == "bad-body"
    assert ann.problem("POST", path, 422, json=body | {"cover": ""})["code"]
    assert ann.data("GET", path) == []
    # One's own job is nobody else's work.
    words_of_own = document(1)
    own_terms = terms(market.stage, market.employer.address, words_of_own, (5,))
    mine = market.signed(market.employer, own_terms, words_of_own)
    refused_own = market.as_(market.employer).problem("POST", path, 422, json=mine)
    assert refused_own["code"] == "agreement-invalid" and "employer too" in refused_own["detail"]


def test_what_is_worth_a_look_is_said(market: Market) -> None:
    unknown = "0x" + "5" * 40
    job, now = market.job(), market.stage.chain.time()
    words = document(2)
    agreement = terms(
        market.stage,
        market.dan.address,
        words,
        (),
        token=unknown,
        milestones=[(5, now - 1), (6, now + 9 * DAY)],
    )
    body = market.signed(market.dan, agreement, words)
    bid = post(market.as_(market.dan), f"/v1/jobs/{job['id']}/proposals", **body)
    assert set(codes(bid)) - {"first-time"} == {"unknown-token", "date-past"}
    assert codes(market.as_(market.employer).data("GET", f"/v1/proposals/{bid['id']}")) == [
        "first-time",
        "unknown-token",
        "date-past",
    ]
    assert bid["total"] == {"raw": "11", "value": None, "token": unknown, "decimals": None}


# --- To and fro


def test_a_counter_is_the_employers_and_no_award(market: Market) -> None:
    employer, job = market.as_(market.employer), market.job()
    body = market.body(market.ann)
    bid = post(market.as_(market.ann), f"/v1/jobs/{job['id']}/proposals", **body)
    path = f"/v1/proposals/{bid['id']}/counter"
    same = {each: body[each] for each in ("agreement", "document", "cover")}
    assert employer.problem("POST", path, 422, json=same)["code"] == "same-terms"
    words = document(1)
    own = terms(market.stage, market.ann.address, words, (999,))
    theirs = terms(market.stage, market.bea.address, words, (999,))
    for_another = employer.problem("POST", path, 422, json=words_of(theirs, words))
    assert for_another["code"] == "other-freelancer"
    mine = market.as_(market.ann).problem("POST", path, 403, json=words_of(own, words))
    assert mine["code"] == "not-yours"
    counter = post(employer, path, **words_of(own, words))
    refused = employer.problem("POST", f"/v1/proposals/{counter['id']}/award", 422, json={})
    assert refused["code"] == "not-signed"
    # Once it was taken back there is nothing to answer.
    employer.data("POST", f"/v1/proposals/{counter['id']}/withdraw")
    answer = market.signed(market.ann, own, words, in_reply_to=counter["id"])
    late = market.as_(market.ann).problem(
        "POST", f"/v1/jobs/{job['id']}/proposals", 422, json=answer
    )
    assert late["code"] == "not-open"
    assert market.as_(market.ann).data("GET", f"/v1/proposals/{bid['id']}")["status"] == "open"


def test_a_thread_goes_on_where_its_job_is_closed(market: Market) -> None:
    employer, job = market.as_(market.employer), market.job()
    path = f"/v1/jobs/{job['id']}"
    bid = market.propose(market.ann, job["id"])
    words = document(1)
    own = terms(market.stage, market.ann.address, words, (999,))
    counter = post(employer, f"/v1/proposals/{bid['id']}/counter", **words_of(own, words))
    employer.data("POST", path + "/close")
    late = market.as_(market.bea).problem(
        "POST", path + "/proposals", 422, json=market.body(market.bea)
    )
    assert late["code"] == "job-not-open"
    # He counters in turn.
    body = market.body(market.ann) | {"in_reply_to": counter["id"]}
    again = post(market.as_(market.ann), path + "/proposals", **body)
    assert (again["thread"], again["in_reply_to"]) == (bid["id"], counter["id"])
    assert post(employer, f"/v1/proposals/{again['id']}/award")["call"] == "fund"


def test_an_offer_without_a_job_is_signed_or_countered(market: Market) -> None:
    employer, cem, words = market.as_(market.employer), market.as_(market.cem), document(1)
    agreement = terms(market.stage, market.cem.address, words, (700,))
    offer = post(employer, "/v1/offers", **words_of(agreement, words))
    assert (offer["job"], offer["author"], offer["status"]) == (None, "employer", "open")
    assert cem.data("GET", "/v1/proposals")[0]["id"] == offer["id"]
    assert cem.data("GET", f"/v1/documents/{offer['document']}")
    path = f"/v1/offers/{offer['id']}/proposals"
    countered = post(cem, path, **market.body(market.cem, (800,)))
    assert countered["in_reply_to"] == offer["id"] == countered["thread"]
    accepted = post(cem, path, **market.signed(market.cem, agreement, words))
    assert cem.data("GET", f"/v1/proposals/{offer['id']}")["status"] == "accepted"
    award = post(employer, f"/v1/proposals/{accepted['id']}/award")
    market.send(award["prepared"]["prepared"])
    assert market.served.json(f"/v1/deals/{accepted['deal_id']}")["data"]["bound"]
    nobody = words_of(replace(agreement, freelancer=ZERO_ADDRESS), words)
    assert employer.problem("POST", "/v1/offers", 422, json=nobody)["code"] == "other-freelancer"
    others = words_of(replace(agreement, employer=market.dan.address), words)
    assert employer.problem("POST", "/v1/offers", 422, json=others)["code"] == "other-employer"


# --- Strangers


def test_strangers_read_and_write_nothing(market: Market) -> None:
    employer, job = market.as_(market.employer), market.job()
    bid = market.propose(market.ann, job["id"])
    words = document(1)
    own = terms(market.stage, market.ann.address, words, (999,))
    counter = post(employer, f"/v1/proposals/{bid['id']}/counter", **words_of(own, words))
    for person in (stranger(market.served), market.as_(market.bea)):
        assert person.data("GET", f"/v1/jobs/{job['id']}/proposals") == []
        assert not {bid["id"], counter["id"]} & {
            each["id"] for each in person.data("GET", "/v1/proposals?limit=100")
        }
        for hidden in (bid["document"], counter["document"]):
            assert person.problem("GET", f"/v1/documents/{hidden}", 404)["code"] == "no-document"
        path = f"/v1/proposals/{bid['id']}"
        for method, more, body in (
            ("GET", "", None),
            ("GET", "/thread", None),
            ("POST", "/withdraw", None),
            ("PUT", "/shortlist", None),
            ("DELETE", "/shortlist", None),
            ("POST", "/award", {}),
            ("POST", "/counter", words_of(own, words)),
        ):
            refused = person.problem(method, path + more, 404, json=body)
            assert refused["code"] == "no-proposal"
        assert person.problem("POST", f"/v1/jobs/{job['id']}/close", 403)["code"] == "not-yours"
        reply = market.body(market.bea) | {"in_reply_to": counter["id"]}
        refused = person.problem("POST", f"/v1/jobs/{job['id']}/proposals", 404, json=reply)
        assert refused["code"] == "no-proposal"
    for method, path in (("GET", f"/v1/proposals/{bid['id']}"), ("GET", "/v1/proposals")):
        answer = market.served.session.request(method, market.served.url + path, timeout=20)
        assert answer.status_code == 401


def test_each_side_does_only_its_own(market: Market) -> None:
    employer, ann = market.as_(market.employer), market.as_(market.ann)
    bid = market.propose(market.ann, market.job()["id"])
    path = f"/v1/proposals/{bid['id']}"
    for method, more, body in (
        ("PUT", "/shortlist", None),
        ("DELETE", "/shortlist", None),
        ("POST", "/award", {}),
    ):
        assert ann.problem(method, path + more, 403, json=body)["code"] == "not-yours"
    assert employer.problem("POST", path + "/withdraw", 403)["code"] == "not-yours"
    assert employer.data("PUT", path + "/shortlist")["shortlisted"] is True
    assert ann.data("GET", path)["shortlisted"] is None
    assert employer.data("DELETE", path + "/shortlist")["shortlisted"] is False


def test_of_a_withdrawal_and_an_award_at_once_exactly_one_is_done(market: Market) -> None:
    bid = market.propose(market.ann, market.job()["id"])
    path = f"/v1/proposals/{bid['id']}"
    ann, employer = market.as_(market.ann), market.as_(market.employer)
    turns: list[tuple[Person, str, Any]] = [(ann, "/withdraw", None), (employer, "/award", {})]

    def race() -> Any:
        person, more, body = turns.pop()
        return person.send("POST", path + more, json=body)

    statuses = sorted(answer.status_code for answer in in_threads(2, race))
    assert statuses == [200, 422]
    shown = ann.data("GET", path)
    assert (shown["withdrawn"] is None) is (shown["handed_out"] is not None)


def test_abuse_bridge_16_proposals_hold_text_and_nothing_that_runs(market: Market) -> None:
    script = "<script>alert(1)</script> \u05d0"
    job, ann = market.job(), market.as_(market.ann)
    path = f"/v1/jobs/{job['id']}/proposals"
    body = market.body(market.ann) | {"cover": script}
    answer = ann.send("POST", path, json=body)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["data"]["cover"] == script
    for hidden in ("exe.\u202efdp", "a\u2066b", "a\x00b", "a\x1b[2J", "\ud800"):
        other = market.body(market.ann) | {"cover": hidden}
        raw = json.dumps(other)  # a lone surrogate only as an escape
        refused = ann.problem(
            "POST", path, 422, data=raw, headers={"Content-Type": "application/json"}
        )
        assert refused["code"]
