"""Proposals, awarded through the bridge and bound on Anvil; and who gets a signature when."""

from __future__ import annotations

from typing import Final

import pytest
from eth_keys.constants import SECPK1_N

from milestone_escrow import calls
from milestone_escrow.document import Currency
from milestone_escrow.offchain.sign_in import digest_of
from milestone_escrow.typed_data import digest
from tests.bridge.market import Market, codes, document, post, terms, words_of
from tests.bridge.wallets import ContractWallet, Person, ask, begin

PAGES: Final = ("/v1/proposals", "/v1/jobs/{job}/proposals")


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
