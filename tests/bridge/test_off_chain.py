"""Documents, files, comments, contacts and reports: who reads and writes them, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import rfc8785
from eth_utils.crypto import keccak
from sqlalchemy import func, select

from frontend_bridge.api.answers import Answers
from frontend_bridge.api.pages import Pages
from frontend_bridge.api.readers import Readers
from frontend_bridge.api.settings import Settings
from frontend_bridge.api.view import View
from milestone_escrow.indexer import delete_store
from milestone_escrow.offchain import tables
from milestone_escrow.offchain.comments import MAX_COMMENT
from milestone_escrow.offchain.files import MAX_FILE
from tests.bridge.quarter import Quarter, document, living
from tests.bridge.serving import await_that
from tests.bridge.wallets import sign_in
from tests.library.test_offchain import in_threads
from tests.postgres import Server

JSON: Final = {"Content-Type": "application/json"}
NOBODYS: Final = "0x" + "77" * 32


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def quarter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Quarter]:
    """A bridge over each of the databases."""
    if request.param == "sqlite":
        with living(tmp_path_factory.mktemp("off-chain") / "index.sqlite") as quarter:
            yield quarter
        return
    server: Server = request.getfixturevalue("postgres")
    with living(server.new_schema()) as quarter:
        yield quarter
    server.drop_schemas()


def hex_of(value: bytes) -> str:
    return "0x" + value.hex()


# --- Documents


def test_a_document_is_kept_under_the_hash_that_the_agreement_has(quarter: Quarter) -> None:
    laid_out = json.dumps(quarter.bound.to_json(), indent=4, ensure_ascii=True)
    stored = quarter.employer.data("PUT", "/v1/documents", data=laid_out, headers=JSON)
    size = len(quarter.bound.canonical_bytes())
    assert stored == {"hash": hex_of(quarter.bound.hash()), "size": size}
    assert quarter.put(quarter.employer, quarter.bound) == stored
    read = quarter.employer.data("GET", f"/v1/documents/{stored['hash']}")
    assert keccak(rfc8785.dumps(read["document"])) == quarter.bound.hash()


def test_a_document_is_for_its_author_and_for_whom_a_deal_shows_it(quarter: Quarter) -> None:
    path = f"/v1/documents/{quarter.put(quarter.employer, quarter.bound)['hash']}"
    for person in (quarter.employer, quarter.freelancer, quarter.arbiter):
        assert person.data("GET", path)["document"]["title"] == "Bound"
        assert person.data("GET", f"{path}?deal={quarter.id_of('bound')}")
    payee = sign_in(quarter.served, quarter.town.stage, quarter.payee)
    assert payee.problem("GET", path, 404)["code"] == "no-document"
    assert payee.data("GET", f"{path}?deal={quarter.id_of('bound')}")
    # A deal that names the freelancer shows its document before it is entered, to be read.
    path = f"/v1/documents/{quarter.put(quarter.employer, quarter.open)['hash']}"
    assert quarter.freelancer.data("GET", path)["document"]["title"] == "Open"
    assert quarter.arbiter.problem("GET", path, 404)["code"] == "no-document"


def test_a_document_that_is_not_there_looks_like_one_for_others(quarter: Quarter) -> None:
    path = f"/v1/documents/{quarter.put(quarter.employer, quarter.bound)['hash']}"
    refused = quarter.nobody.problem("GET", path, 404)
    assert refused == quarter.nobody.problem("GET", f"/v1/documents/{NOBODYS}", 404)
    assert requests.get(quarter.served.url + path, timeout=20).status_code == 401
    for deal in (quarter.id_of("open"), NOBODYS):
        assert quarter.nobody.problem("GET", f"{path}?deal={deal}", 404) == refused


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"more": 1}, "more is not a known key"),
        ({"schema": "milestone-escrow/agreement-document/2"}, "schema is not"),
        ({"title": "turned \u202e"}, "title has the invisible character"),
        ({"milestones": []}, "milestones has 0"),
        ({"nonce": "0x12"}, "nonce is"),
    ],
)
def test_a_document_of_another_form_is_refused_with_its_path(
    quarter: Quarter, change: dict[str, Any], told: str
) -> None:
    shape = quarter.bound.to_json() | change
    problem = quarter.employer.problem("PUT", "/v1/documents", 422, json=shape)
    assert problem["code"] == "document" and told in problem["detail"]
    shape = quarter.bound.to_json()
    shape["milestones"][1]["extra"] = 1
    problem = quarter.employer.problem("PUT", "/v1/documents", 422, json=shape)
    assert "milestones[1].extra" in problem["detail"]


def test_a_deal_tells_whether_its_document_is_here(quarter: Quarter) -> None:
    stage, town, served = quarter.town.stage, quarter.town, quarter.served
    late = document("Late")
    town.deals["late"] = stage.bound(document=late.hash())
    town.index(served.bridge.settings.store)
    served.level_with(stage.w3.eth.block_number)
    path = f"/v1/deals/{town.id_of('late')}"
    assert served.json(path)["data"]["document_here"] is False
    quarter.put(quarter.freelancer, late)
    assert served.json(path)["data"]["document_here"] is True
    # Entering the deal is what the freelancer did: that shows the document to the employer.
    assert quarter.employer.data("GET", f"/v1/documents/{hex_of(late.hash())}")


# --- Files


def attach(quarter: Quarter, content: bytes, media: str = "text/plain", deal: str = "bound") -> Any:
    path = f"/v1/deals/{quarter.id_of(deal)}/files"
    return quarter.employer.data("POST", path, data=content, headers={"Content-Type": media})


def test_a_file_is_for_the_parties_of_its_deal(quarter: Quarter) -> None:
    content = bytes(range(256)) * 16
    file = attach(quarter, content, "application/pdf")
    assert file["hash"] == hex_of(keccak(content)) and file["size"] == len(content)
    path = f"/v1/files/{file['hash']}"
    for person in (quarter.employer, quarter.freelancer, quarter.arbiter):
        answer = person.send("GET", path)
        assert answer.content == content
        assert answer.headers["content-type"] == "application/pdf"
    listing = f"/v1/deals/{quarter.id_of('bound')}/files"
    assert file in quarter.arbiter.data("GET", listing)
    more = attach(quarter, content + b"more")
    page = quarter.arbiter.send("GET", f"{listing}?limit=1").json()
    rest = quarter.arbiter.send("GET", f"{listing}?cursor={page['next']}").json()
    assert [*page["data"], *rest["data"]] == [file, more] and rest["next"] is None
    for person in (quarter.thief, quarter.nobody):
        refused = person.problem("GET", path, 404)
        assert refused == person.problem("GET", f"/v1/files/{NOBODYS}", 404)
    etag = quarter.employer.send("GET", path).headers["etag"]
    again = quarter.employer.send("GET", path, headers={"If-None-Match": etag})
    assert again.status_code == 304 and not again.content


def test_only_parties_attach_and_only_to_deals_that_are_there(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/files"
    text = {"Content-Type": "text/plain"}
    for person in (quarter.thief, quarter.nobody):
        assert person.problem("POST", path, 403, data=b"x", headers=text)["code"] == "not-a-party"
        assert person.problem("GET", path, 403)["code"] == "not-a-party"
    away = f"/v1/deals/{NOBODYS}/files"
    refused = quarter.employer.problem("POST", away, 404, data=b"x", headers=text)
    assert refused["code"] == "unknown-deal"
    empty = quarter.employer.problem("POST", path, 422, data=b"", headers=text)
    assert empty["code"] == "empty-file"


# --- Comments


def test_a_thread_is_for_the_parties_and_each_hash_can_be_computed(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('open')}/comments"
    first = quarter.employer.data("POST", path, json={"text": "The draft, please."})
    second = quarter.freelancer.data("POST", path, json={"text": "Here: über.", "milestone": 0})
    assert second["previous"] == first["hash"] and second["number"] == first["number"] + 1
    hashed = {name: second[name] for name in second if name != "hash"}
    hashed["created"] = second["created"]["unix"]
    assert hex_of(keccak(rfc8785.dumps(hashed))) == second["hash"]
    listed = quarter.employer.send("GET", path).json()
    assert listed["data"] == [first, second] and listed["next"] is None
    assert listed["block"]["chain_id"] == 31_337
    page = quarter.employer.send("GET", f"{path}?limit=1").json()
    assert page["data"] == [first]
    rest = quarter.employer.send("GET", f"{path}?limit=1&cursor={page['next']}").json()
    assert rest["data"] == [second] and rest["next"] is None
    for person in (quarter.arbiter, quarter.thief, quarter.nobody):  # the arbiter of the other deal
        assert person.problem("GET", path, 403)["code"] == "not-a-party"
        assert person.problem("POST", path, 403, json={"text": "x"})["code"] == "not-a-party"


def test_a_comment_is_about_a_milestone_that_is_there(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/comments"
    assert quarter.arbiter.data("POST", path, json={"text": "Seen.", "milestone": 2})
    gone = quarter.arbiter.problem("POST", path, 404, json={"text": "x", "milestone": 3})
    assert gone["code"] == "unknown-milestone"
    for body in ({"text": "x", "milestone": 10}, {"text": "x", "milestone": None}, {"text": 1}, {}):
        assert quarter.arbiter.problem("POST", path, 400, json=body)["code"] == "bad-body"


def test_a_comment_can_be_as_long_as_is_said_however_it_is_written(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/comments"
    longest = '{"text": "' + "\\u0041" * MAX_COMMENT + '"}'
    assert quarter.employer.data("POST", path, data=longest, headers=JSON)["text"] == (
        "A" * MAX_COMMENT
    )
    over = quarter.employer.problem("POST", path, 422, json={"text": "é" * 5_000})
    assert "8192" in over["detail"]


# --- Contacts


def test_a_contact_is_for_those_with_whom_a_deal_was_entered(quarter: Quarter) -> None:
    employer, freelancer, arbiter = quarter.employer, quarter.freelancer, quarter.arbiter
    for person in (employer, freelancer, arbiter, quarter.nobody):
        put = person.data("PUT", "/v1/contact", json={"email": "me@example.org"})
        assert put == person.data("GET", "/v1/contact")
        assert put["address"] == person.address and put["email"] == "me@example.org"
    for person in (employer, freelancer, arbiter):
        for other in (employer, freelancer, arbiter):
            found = person.data("GET", f"/v1/contacts/{other.address}")
            assert found["address"] == other.address
    for reader, other in (
        (quarter.nobody, employer),
        (employer, quarter.nobody),
        # Who only names somebody in a deal learns nothing.
        (quarter.thief, employer),
    ):
        refused = reader.problem("GET", f"/v1/contacts/{other.address}", 404)
        assert refused["code"] == "no-contact"


def test_a_contact_is_taken_back(quarter: Quarter) -> None:
    quarter.thief.data("PUT", "/v1/contact", json={"email": "thief@example.org"})
    # He opened a deal that names the employer: that is an act of his own.
    assert quarter.employer.data("GET", f"/v1/contacts/{quarter.thief.address}")
    assert quarter.thief.data("DELETE", "/v1/contact")["email"] == "thief@example.org"
    for person, path in (
        (quarter.thief, "/v1/contact"),
        (quarter.employer, f"/v1/contacts/{quarter.thief.address}"),
    ):
        assert person.problem("GET", path, 404)["code"] == "no-contact"
    assert quarter.thief.problem("DELETE", "/v1/contact", 404)["code"] == "no-contact"
    bad = quarter.thief.problem("PUT", "/v1/contact", 422, json={"email": "a@b"})
    assert bad["code"] == "bad-email"


# --- Reports


def test_a_report_is_kept_and_nobody_reads_it(quarter: Quarter) -> None:
    def count() -> int:
        with quarter.served.bridge.desk.store.reading() as db:
            return int(db.execute(select(func.count()).select_from(tables.reports)).scalar_one())

    before = count()
    body = {"text": "Wants money outside.", "address": quarter.thief.address}
    assert quarter.freelancer.data("POST", "/v1/reports", json=body).keys() == {"created"}
    body = {"text": "The same.", "deal_id": quarter.id_of("stolen")}
    assert quarter.freelancer.data("POST", "/v1/reports", json=body)
    assert count() == before + 2
    about = quarter.freelancer.problem("POST", "/v1/reports", 422, json={"text": "x"})
    assert "about an account or a deal" in about["detail"]
    assert quarter.freelancer.problem("GET", "/v1/reports", 405)


# --- Once or again


def test_a_write_that_is_sent_again_is_done_once(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/comments"
    key = {"Idempotency-Key": "of-mine-1"}

    def send(text: str = "Once.") -> requests.Response:
        return quarter.employer.send("POST", path, json={"text": text}, headers=key)

    answers = in_threads(8, send)
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer.headers.get("idempotent-replayed") for answer in answers]
    assert sorted(map(str, replayed)) == ["None"] + ["true"] * 7
    other = send("Twice.")
    assert other.status_code == 422 and other.json()["code"] == "key-reused"
    mine = quarter.freelancer.send("POST", path, json={"text": "Once."}, headers=key)
    assert mine.status_code == 200 and mine.json()["data"]["author"] == quarter.freelancer.address
    elsewhere = path.replace("comments", "files")
    assert quarter.employer.send(
        "POST", elsewhere, data=b"x", headers={**key, "Content-Type": "text/plain"}
    ).json()["code"] == ("key-reused")


def test_what_was_refused_may_be_sent_again_under_its_key(quarter: Quarter) -> None:
    path = f"/v1/deals/{quarter.id_of('bound')}/comments"
    key = {"Idempotency-Key": "of-mine-2"}
    assert quarter.employer.send("POST", path, json={"text": " "}, headers=key).status_code == 422
    sent = quarter.employer.send("POST", path, json={"text": "Now."}, headers=key)
    assert sent.status_code == 200 and "idempotent-replayed" not in sent.headers
    for no_key in ("x" * 256, ""):  # an empty one is a mistake, not the wish to have none
        bad = {"Idempotency-Key": no_key}
        refused = quarter.employer.problem("POST", path, 400, json={"text": "x"}, headers=bad)
        assert refused["code"] == "bad-parameter"


def test_what_is_beside_the_chain_outlives_the_index(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with living(path) as quarter:
        quarter.put(quarter.employer, quarter.bound)
        delete_store(path)
        quarter.town.index(path)
        deal = f"/v1/deals/{quarter.id_of('bound')}"
        await_that(lambda: quarter.served.get(deal).status_code == 200)
        assert quarter.served.json(deal)["data"]["document_here"] is True
        path_of = f"/v1/documents/{hex_of(quarter.bound.hash())}"
        await_that(lambda: quarter.freelancer.send("GET", path_of).status_code == 200)


def test_files_are_as_large_as_is_said(quarter: Quarter) -> None:
    assert attach(quarter, b"z" * MAX_FILE)["size"] == MAX_FILE


def test_an_answer_that_was_being_made_while_something_changed_is_not_kept(store: Path) -> None:
    started, gate = threading.Event(), threading.Event()

    def handler(view: View) -> dict[str, int | None]:
        started.set()
        assert gate.wait(20)
        return {"block": view.head.number}

    async def run() -> None:
        answers.turn(head, 31337, None)
        making = asyncio.ensure_future(answers.make(b"key", handler, {}))
        assert await asyncio.to_thread(started.wait, 20)
        answers.forget()
        gate.set()
        await making
        assert answers.known(b"key") is None
        made = await answers.make(b"key", handler, {})
        assert answers.known(b"key") is made

    with Pages(store) as pages:
        head = pages.head()
    readers = Readers(Settings(store), 1, "reader")
    answers = Answers(readers, lambda _: None, lambda: False, [])
    try:
        asyncio.run(run())
    finally:
        readers.close()
