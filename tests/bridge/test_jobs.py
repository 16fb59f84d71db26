"""Jobs, posted and found through the bridge, and deals found by what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from frontend_bridge.api.cursors import LAST_NUMBER, cursor_of, number_in
from frontend_bridge.api.jobs import SCANNED
from frontend_bridge.api.settings import Limits
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import DAY
from milestone_escrow.offchain import Offchain, jobs
from milestone_escrow.offchain.quotas import ROW_BYTES
from tests.bridge.serving import NO_LIMIT, Served, serving
from tests.bridge.town import Town
from tests.bridge.wallets import Person, sign_in, stranger

JOB: Final[dict[str, Any]] = {
    "title": "A shop",
    "description": "Five pages, in French.",
    "tags": ["Web", "shop"],
}


@pytest.fixture(scope="module")
def served(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("jobs") / "index.sqlite"
    town.index(path)
    with serving(path, rpc=town.stage.chain.rpc_url) as served:
        yield served


@pytest.fixture(scope="module")
def employer(served: Served, town: Town) -> Person:
    return sign_in(served, town.stage, town.stage.employer)


def post(person: Person, **body: Any) -> Any:
    return person.data("POST", "/v1/jobs", json=JOB | body)


def found(served: Served, **sought: Any) -> list[int]:
    return [job["id"] for job in served.json("/v1/jobs", limit=100, **sought)["data"]]


def test_a_job_is_read_by_everybody(served: Served, employer: Person, town: Town) -> None:
    closes = str(town.stage.chain.time() + DAY)
    budget = {"token": town.stage.token, "min": "0", "max": "1500000"}
    job = post(employer, budget=budget, closes=closes)
    shown = served.json(f"/v1/jobs/{job['id']}")
    assert shown["data"] == job and shown["block"]["time"]
    assert (job["title"], job["tags"], job["status"]) == ("A shop", ["Web", "shop"], "open")
    assert job["employer"] == employer.address and job["closes"]["unix"] == int(closes)
    assert job["budget"]["max"]["value"] == "1.5" and job["budget"]["min"]["raw"] == "0"
    assert job["reserve"] is None and job["warnings"] == []
    assert served.problem(f"/v1/jobs/{job['id'] + 1_000}", 404)["code"] == "no-job"
    assert served.problem("/v1/jobs/0", 400)["code"] == "bad-parameter"
    answer = requests.post(served.url + "/v1/jobs", json=JOB, timeout=20)
    assert answer.status_code == 401


def test_what_is_reserved_is_that_of_the_index(
    served: Served, employer: Person, town: Town
) -> None:
    job = post(employer, deal_id=town.id_of("job"))
    deal = served.json(f"/v1/deals/{town.id_of('job')}")["data"]
    reserve = job["reserve"]
    assert reserve == {
        "deal_id": town.id_of("job"),
        "held": deal["held"],
        "price": deal["price"],
        "open": True,
    }
    assert (reserve["held"]["raw"], reserve["price"]["raw"]) == ("600000", "1000000")
    # A freelancer may be named, if nobody is bound.
    assert post(employer, deal_id=town.id_of("open"))["reserve"]["open"] is True
    for name, status, code in (("native", 422, "reserve-gone"), ("nowhere", 404, "unknown-deal")):
        deal_id = "0x" + "9" * 64 if name == "nowhere" else town.id_of(name)
        sent = JOB | {"deal_id": deal_id}
        assert employer.problem("POST", "/v1/jobs", status, json=sent)["code"] == code
    body = JOB | {"deal_id": town.id_of("job")}
    assert stranger(served).problem("POST", "/v1/jobs", 403, json=body)["code"] == "not-a-party"
    body |= {"budget": {"token": town.stage.token, "min": "1", "max": "2"}}
    assert employer.problem("POST", "/v1/jobs", 422, json=body)["code"] == "other-token"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"title": " "}, 422),
        ({"title": "two\nlines"}, 422),
        ({"title": "x" * 201}, 400),
        ({"description": ""}, 422),
        ({"tags": ["a", "A"]}, 422),
        ({"tags": [str(i) for i in range(11)]}, 400),
        ({"closes": "1"}, 422),
        ({"closes": 1}, 400),
        ({"closes": str(2**256)}, 422),
        ({"budget": {"token": ZERO_ADDRESS, "min": "2", "max": "1"}}, 422),
        ({"budget": {"token": ZERO_ADDRESS, "min": "1", "max": 2}}, 400),
        ({"budget": {"token": "0x" + "aB" * 20, "min": "1", "max": "2"}}, 422),
        ({"replaces": 2**31}, 400),
        ({"replaces": 2**31 - 1}, 422),
        ({"award": True}, 400),
    ],
)
def test_what_is_no_job_is_refused(employer: Person, changes: dict[str, Any], status: int) -> None:
    employer.problem("POST", "/v1/jobs", status, json=JOB | changes)


def test_an_amount_of_a_budget_is_exact(employer: Person) -> None:
    most = str(2**256 - 1)
    budget = {"token": ZERO_ADDRESS, "min": most, "max": most}
    assert post(employer, budget=budget)["budget"]["max"]["raw"] == most


def test_a_new_version_names_the_old_one(served: Served, employer: Person) -> None:
    old = post(employer, title="Ninety-nine pages")
    new = post(employer, title="A hundred pages", replaces=old["id"])
    shown = served.json(f"/v1/jobs/{old['id']}")["data"]
    assert (shown["status"], shown["replaced_by"]) == ("closed", new["id"])
    assert shown["title"] == "Ninety-nine pages" and new["replaces"] == old["id"]
    refused = employer.problem("POST", "/v1/jobs", 422, json=JOB | {"replaces": old["id"]})
    assert refused["code"] == "replaced"
    body = JOB | {"replaces": new["id"]}
    assert stranger(served).problem("POST", "/v1/jobs", 422, json=body)["code"] == "no-job"


def test_the_employer_closes_a_job(served: Served, employer: Person) -> None:
    path = f"/v1/jobs/{post(employer)['id']}"
    assert stranger(served).problem("POST", path + "/close", 403)["code"] == "not-yours"
    closed = employer.data("POST", path + "/close")
    assert closed["status"] == "closed" and employer.data("POST", path + "/close") == closed
    assert employer.problem("POST", "/v1/jobs/999999/close", 404)["code"] == "no-job"


def test_jobs_are_found(served: Served, employer: Person) -> None:
    other = stranger(served)
    mine = post(employer, title="Straße und Garten", tags=["Gärten", "50%"])["id"]
    theirs = post(other, title="STRASSE", description="a_b", tags=["gÄrten"])["id"]
    assert found(served, text="strasse") == [theirs, mine]
    assert found(served, text="STRASSE garten") == [mine]
    assert found(served, tag="GÄRTEN") == [theirs, mine]
    assert found(served, tag="gärten", employer=other.address) == [theirs]
    assert found(served, text="strasse", status="open") == [theirs, mine]
    assert found(served, text="strasse", status="closed") == []
    assert mine in found(served) and theirs in found(served)
    assert found(served, text="0%") == [mine] and found(served, text="a_b") == [theirs]


@pytest.mark.parametrize(
    "text",
    [
        "' OR '1'='1",
        "%' OR 1=1 --",
        "_____________",
        "%",
        "'; DROP TABLE offchain_jobs; --",
        '" UNION SELECT signature FROM offchain_proposals --',
        "\\",
    ],
)
def test_abuse_bridge_14_words_are_words_and_no_sql(
    served: Served, employer: Person, text: str
) -> None:
    post(employer)
    everything = found(served, employer=employer.address)
    assert found(served, text=text) == _with(served, text)
    assert found(served, tag=text[:40]) == []
    assert found(served, employer=employer.address) == everything


def _with(served: Served, text: str) -> list[int]:
    page = served.json("/v1/jobs", limit=100)["data"]
    whole = [(job["id"], f"{job['title']} {job['description']} {job['tags']}") for job in page]
    return [number for number, words in whole if text in words]


def test_abuse_bridge_16_jobs_hold_text_and_nothing_that_runs(
    served: Served, employer: Person
) -> None:
    script = "<img src=x onerror=alert(1)>"
    job = post(employer, title=script, description=script, tags=[script])
    answer = served.get(f"/v1/jobs/{job['id']}")
    assert answer.json()["data"]["title"] == script
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for hidden in ("\u202egnp.exe", "a\u2069", "\x00", "e\u0301", "\ud800"):
        for field in ("title", "description", "tags"):
            body = JOB | {field: [hidden] if field == "tags" else "a" + hidden}
            employer.problem("POST", "/v1/jobs", 422, json=body)


def test_pages_go_on_where_the_one_before_ended(served: Served, employer: Person) -> None:
    for i in range(5):
        post(employer, tags=["paged"], title=f"Page {i}")
    wanted, seen, cursor = found(served, tag="paged"), [], None
    while True:
        page = served.json(
            "/v1/jobs", tag="paged", limit=2, **({} if cursor is None else {"cursor": cursor})
        )
        seen += [job["id"] for job in page["data"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == wanted and len(seen) == 5
    assert found(served, tag="paged", text="page 3", status="open") == [wanted[1]]
    assert served.problem("/v1/jobs?cursor=MS4y", 422)["code"] == "bad-cursor"  # of two numbers
    far = cursor_of(2**32 - 1)
    assert number_in(far) == LAST_NUMBER  # more is nothing that PostgreSQL compares with
    assert found(served, cursor=far) == found(served)


def test_one_request_looks_at_so_many_and_no_more(town: Town, tmp_path: Any) -> None:
    path = tmp_path / "index.sqlite"
    town.index(path)
    with serving(path) as served:
        domain = town.stage.escrow.domain
        with Offchain(path) as store, store.writing() as db:
            for i in range(SCANNED + 1):
                draft = jobs.Draft("rare" if i == 0 else "common", "work")
                first = jobs.post(db, domain, ZERO_ADDRESS, draft, 1, 1) - i
        page = served.json("/v1/jobs", text="rare")
        assert page["data"] == [] and page["next"] is not None
        rest = served.json("/v1/jobs", text="rare", cursor=page["next"])
        assert [job["id"] for job in rest["data"]] == [first] and rest["next"] is None


def test_a_search_counts_for_ten_requests(store: Path) -> None:
    with serving(store, limits=Limits(rate=0.001, burst=20)) as served:
        statuses = [served.get("/v1/jobs?text=shop").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_an_account_writes_so_much_a_day(town: Town, tmp_path: Any) -> None:
    path = tmp_path / "index.sqlite"
    town.index(path)
    limits = Limits(rate=0, newcomer_bytes=2 * ROW_BYTES)
    assert NO_LIMIT.rate == limits.rate
    with serving(path, limits=limits) as served:
        someone = stranger(served)
        key = {"Idempotency-Key": "job"}
        first = someone.data("POST", "/v1/jobs", json=JOB, headers=key)
        assert someone.data("POST", "/v1/jobs", json=JOB, headers=key) == first
        refused = someone.problem("POST", "/v1/jobs", 429, json=JOB)
        assert refused["code"] == "quota-reached"
        assert first["warnings"][0]["code"] == "first-time"
