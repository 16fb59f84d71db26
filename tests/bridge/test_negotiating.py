"""What may be proposed, countered and offered, and by whom; strangers see nothing of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import DAY
from tests.bridge.market import Market, codes, document, post, terms, words_of
from tests.bridge.wallets import Person, stranger
from tests.library.test_offchain import in_threads

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


def test_an_answer_stays_in_its_job_and_its_thread(market: Market) -> None:
    employer, ann = market.as_(market.employer), market.as_(market.ann)
    job, other = market.job(), market.job()
    bid = market.propose(market.ann, job["id"])
    words, offered = document(1), document(1)
    own = terms(market.stage, market.ann.address, words, (999,))
    counter = post(employer, f"/v1/proposals/{bid['id']}/counter", **words_of(own, words))
    without = terms(market.stage, market.ann.address, offered, (999,))
    offer = post(employer, "/v1/offers", **words_of(without, offered))
    answer = market.signed(market.ann, own, words, in_reply_to=counter["id"])
    for path in (
        f"/v1/jobs/{other['id']}/proposals",  # of another job
        f"/v1/offers/{offer['id']}/proposals",  # of another thread
        f"/v1/offers/{counter['id']}/proposals",  # no offer
        f"/v1/offers/{bid['id']}/proposals",  # no offer, though of this thread
    ):
        assert ann.problem("POST", path, 404, json=answer)["code"] == "no-proposal"
    post(ann, f"/v1/jobs/{job['id']}/proposals", **answer)


def test_what_was_handed_out_is_not_negotiated(market: Market) -> None:
    employer = market.as_(market.employer)
    bid = market.propose(market.ann, market.job()["id"])
    post(employer, f"/v1/proposals/{bid['id']}/award")
    words = document(1)
    own = terms(market.stage, market.ann.address, words, (999,))
    path = f"/v1/proposals/{bid['id']}/counter"
    assert employer.problem("POST", path, 422, json=words_of(own, words))["code"] == "not-open"


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
