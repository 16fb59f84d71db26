"""Deals found by what is typed: ids and addresses by anyone, titles by who may read them."""

from __future__ import annotations

from typing import Any

import pytest

from milestone_escrow import calls
from milestone_escrow.agreement import Agreement
from milestone_escrow.signers import NodeSigner
from tests.bridge.market import Market, document, terms
from tests.bridge.serving import Served
from tests.bridge.town import Town
from tests.bridge.wallets import stranger


def ids(page: Any) -> list[str]:
    return [deal["id"] for deal in page["data"]]


def test_anyone_finds_deals_by_the_beginning_of_ids_and_addresses(
    bridge: Served, town: Town
) -> None:
    everything = ids(bridge.json("/v1/deals", limit=100))
    one = town.id_of("native")
    for digits in (6, 41, 66):
        assert ids(bridge.json("/v1/deals", text=one[:digits])) == [one]
        assert ids(bridge.json("/v1/deals", text="0x" + one[2:digits].upper())) == [one]
    stage = town.stage
    arbiter = bridge.json("/v1/deals", party=stage.stranger.address, limit=100)
    for digits in (6, 42):
        text = stage.employer.address[:digits]
        assert ids(bridge.json("/v1/deals", text=text, limit=100)) == everything
        text = stage.stranger.address[:digits].lower()
        assert ids(bridge.json("/v1/deals", text=text, limit=100)) == ids(arbiter)
    assert ids(bridge.json("/v1/deals", text=one[:10], token=stage.token)) == []
    assert ids(bridge.json("/v1/deals", text="0x" + "77" * 20)) == []
    first = bridge.json("/v1/deals", text=stage.employer.address, limit=2)
    rest = bridge.json("/v1/deals", text=stage.employer.address, limit=100, cursor=first["next"])
    assert ids(first) + ids(rest) == everything


@pytest.mark.parametrize("text", ["shop", "0x12", "0x", "0x" + "1" * 65, "0x123g", "' OR 1=1 --"])
def test_titles_are_nothing_for_everybody(bridge: Served, text: str) -> None:
    assert bridge.problem("/v1/deals", 400, params={"text": text})["code"] == "bad-parameter"


def test_a_title_is_found_by_who_may_read_the_document(market: Market) -> None:
    stage, words = market.stage, document(1, title="Straße nach Süden")
    agreement = terms(stage, market.ann.address, words, (50,))
    signature = bytes.fromhex(market.signature(market.ann, agreement)[2:])
    stage.run(calls.fund(agreement, [0], signature))

    def found(signer: NodeSigner, text: str) -> list[tuple[str, str]]:
        page = market.as_(signer).data("GET", "/v1/search/deals", params={"text": text})
        return [(each["deal"]["id"], each["title"]) for each in page]

    assert found(market.ann, "strasse") == []  # nobody put the document here
    market.as_(market.ann).data("PUT", "/v1/documents", json=words.to_json())
    hit = [(market.id_of(agreement), "Straße nach Süden")]
    for signer in (market.ann, market.employer):
        assert found(signer, "SÜDEN strasse") == hit
        assert found(signer, "süden norden") == []
    # Who names the document in a deal of their own learns nothing by it.
    lure = Agreement.from_json(
        agreement.to_json() | {"employer": market.dan.address, "freelancer": market.ann.address}
    )
    stage.run(calls.fund(lure, [0]))
    assert found(market.dan, "süden") == []
    assert found(market.bea, "süden") == []
    someone = stranger(market.served)
    assert someone.data("GET", "/v1/search/deals", params={"text": "süden"}) == []
    assert someone.problem("GET", "/v1/search/deals", 400)["code"] == "missing-parameter"
    answer = market.served.get("/v1/search/deals?text=a")
    assert answer.status_code == 401


def test_a_page_of_titles_goes_on(market: Market) -> None:
    stage, made = market.stage, []
    for i in range(3):
        words = document(1, title=f"Paged {i}")
        agreement = terms(stage, market.cem.address, words, (50,))
        stage.run(calls.fund(agreement, [0]))
        market.as_(market.employer).data("PUT", "/v1/documents", json=words.to_json())
        made.append(market.id_of(agreement))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = (
            market.as_(market.cem)
            .send("GET", "/v1/search/deals", params={"text": "paged", "limit": "2"} | cursor)
            .json()
        )
        seen += [each["deal"]["id"] for each in answer["data"]]
        if answer["next"] is None:
            break
        cursor = {"cursor": answer["next"]}
    assert seen == made[::-1]
