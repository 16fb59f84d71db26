"""Answers about one deal that last from block to block: as long as they are true, and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend_bridge.api import deals, ledgers
from frontend_bridge.api.following import Chain
from frontend_bridge.api.lasting import Lasting, Life
from frontend_bridge.api.pages import Head, Pages
from frontend_bridge.api.view import View
from milestone_escrow import calls
from milestone_escrow.agreement import DAY
from milestone_escrow.chain import start_anvil
from milestone_escrow.offchain import Offchain
from milestone_escrow.tokens import Token
from tests.bridge.market import Market, document
from tests.bridge.serving import NO_LIMIT, Served, await_that, serving
from tests.bridge.town import Town
from tests.nodes.stage import Stage

HEAD: Final = Head(100, b"h" * 32, 1_000, 90, 7)
DEAL: Final = b"d" * 32

Shaped = tuple[bytes, Life]


@pytest.fixture(scope="module")
def pages(store: Path) -> Iterator[Pages]:
    Offchain(store).close()  # makes the tables for documents
    with Pages(store) as found:
        yield found


def shaped(pages: Pages, deal_id: bytes, head: Head) -> Iterator[tuple[str, Shaped]]:
    """Yield what the API says of a deal at a head, as if it were so until then."""
    asked: dict[str, Callable[[View], Any]] = {
        "deal": lambda view: deals.deal(view, deal_id=deal_id),
        "milestone": lambda view: deals.milestone(view, deal_id=deal_id, index=0),
        "events": lambda view: deals.events(view, deal_id=deal_id, cursor=None, limit=3),
        "ledger": lambda view: ledgers.ledger(view, deal_id=deal_id),
    }
    for name, ask in asked.items():
        view = View.of(pages, head, lambda address: Token(address, "T", 6), True)
        answer = ask(view)
        text = msgspec.json.encode(msgspec.structs.replace(answer, block=None))
        yield name, (text, view.shapes.life)


def after(head: Head, times: list[int]) -> st.SearchStrategy[Head]:
    """Return heads from this one on, many of them beside a moment at which something changes."""
    time = st.one_of(
        st.just(head.time or 0),
        st.integers(head.time or 0, (head.time or 0) + 400 * DAY),
        st.builds(int.__add__, st.sampled_from(times), st.integers(-1, 1)),
    )

    def later(number: int, time: int, final: int) -> Head:
        number += head.number
        return replace(
            head,
            number=number,
            time=max(time, head.time or 0),
            final=min(number, max(head.final or 0, final)),
        )

    return st.builds(later, st.integers(0, 10), time, st.integers(head.number - 80, head.number))


@given(data=st.data())
def test_what_still_lasts_is_what_would_be_made_anew(
    pages: Pages, town: Town, data: st.DataObject
) -> None:
    deal_id = bytes.fromhex(town.id_of(data.draw(st.sampled_from(sorted(town.deals))))[2:])
    deal = pages.kept(deal_id).deal
    said = pages.said_of(pages.kept(deal_id).number)
    ends = [deal.agreement.accept_by, *(each.deadline for each in deal.agreement.milestones)]
    ends += [end + days * DAY for end in ends for days in (60, 67, 74)]
    first = replace(pages.head(), number=said[-1].raw.block_number)
    first = replace(first, final=data.draw(st.sampled_from([said[0].raw.block_number - 1, None])))
    begin = data.draw(after(first, ends))
    end = data.draw(after(begin, ends))
    if begin.final is None:
        end = replace(end, final=None)
    anew = dict(shaped(pages, deal_id, end))
    for name, (text, life) in shaped(pages, deal_id, begin):
        assert (life.brief, life.absent) == (False, name == "deal")
        if life.holds(end):
            assert text == anew[name][0], name


def test_each_bound_ends_a_life_at_its_own_place() -> None:
    life = Life()
    assert life.holds(HEAD)
    heads: tuple[tuple[Callable[[int], None], int, Callable[[int], Head]], ...] = (
        (life.until, 2_000, lambda time: replace(HEAD, time=time)),
        (life.until_number, 200, lambda number: replace(HEAD, number=number)),
        (life.until_final, 150, lambda final: replace(HEAD, final=final)),
    )
    for until, at, head in heads:
        until(at)
        until(at + 1)  # the soonest counts
        assert [life.holds(head(at + more)) for more in (-1, 0, 1)] == [True, False, False]


def test_what_is_kept_goes_with_its_deal_and_with_all_doubt() -> None:
    kept = Lasting()

    def again() -> None:
        kept.keep(b"key", DEAL, Life(), b"text")
        assert kept.find(b"key", HEAD) == b"text"

    again()
    kept.turn(HEAD, replace(HEAD, number=101), {b"e" * 32})
    assert kept.find(b"key", HEAD) == b"text"
    kept.turn(HEAD, replace(HEAD, number=101), {DEAL})
    assert kept.find(b"key", HEAD) is None
    for known, head, changed in (
        (None, HEAD, set()),
        (HEAD, HEAD, None),  # the index may be another
        (HEAD, replace(HEAD, number=99), set()),
        (HEAD, replace(HEAD, time=999), set()),
        (HEAD, replace(HEAD, final=89), set()),
        (HEAD, replace(HEAD, final=None), set()),
        (replace(HEAD, final=None), HEAD, set()),
    ):
        again()
        kept.turn(known, head, changed)
        assert kept.find(b"key", HEAD) is None


def test_what_ended_or_is_brief_is_not_found() -> None:
    kept = Lasting()
    kept.keep(b"brief", DEAL, Life(brief=True), b"text")
    assert kept.find(b"brief", HEAD) is None
    kept.keep(b"timed", DEAL, Life(time=1_001), b"text")
    assert kept.find(b"timed", HEAD) == b"text"
    assert kept.find(b"timed", replace(HEAD, time=1_001)) is None
    assert kept.find(b"timed", HEAD) is None  # it is gone for good


def test_what_is_absent_goes_when_something_came() -> None:
    kept = Lasting()
    kept.keep(b"here", DEAL, Life(), b"text")
    kept.keep(b"absent", DEAL, Life(absent=True), b"text")
    kept.came()
    assert kept.find(b"absent", HEAD) is None and kept.find(b"here", HEAD) == b"text"


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept = Lasting(most=100)
    for number in range(6):
        kept.keep(b"%d" % number, bytes([number]) * 32, Life(), b"x" * 30)
        kept.find(b"0", HEAD)  # what is asked for stays
    assert [kept.find(b"%d" % number, HEAD) is not None for number in range(6)] == [
        True,
        False,
        False,
        False,
        True,
        True,
    ]


# --- Over real HTTP


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with start_anvil(0) as node:
        yield Stage(node.rpc_url)


@pytest.fixture(scope="module")
def live(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A bridge that follows the chain by itself."""
    rpc, begin = stage.chain.rpc_url, stage.deployment.block_number
    chain = Chain((rpc,), stage.escrow.address, begin, interval=0.02)
    store = tmp_path_factory.mktemp("lasting") / "index.sqlite"
    with serving(store, chain=chain, rpc=rpc) as served:
        yield served


def test_a_block_without_events_of_a_deal_makes_no_answer_anew(live: Served, stage: Stage) -> None:
    mine, other = stage.bound([0]), stage.bound([0])
    path = f"/v1/deals/0x{stage.escrow.deal_id(mine).hex()}"
    stage.chain.mine(6)  # confirmed
    live.level_with(stage.w3.eth.block_number)
    # What is kept beside the chain is opened after the first block.
    await_that(lambda: live.json(path)["data"]["document_here"] is False)
    before = live.get(path)
    made = live.bridge._answers.made
    stage.run(calls.release(other, [0]))
    stage.chain.mine(1)
    live.level_with(stage.w3.eth.block_number)
    later = live.get(path)
    assert live.bridge._answers.made == made
    assert later.json()["data"] == before.json()["data"]
    assert later.json()["block"]["number"] == stage.w3.eth.block_number
    assert later.headers["etag"] != before.headers["etag"]
    assert live.get(path, headers={"If-None-Match": later.headers["etag"]}).status_code == 304
    stage.run(calls.release(mine, [0]))
    live.level_with(stage.w3.eth.block_number)
    assert live.json(path)["data"]["milestones"][0]["status"] == "released"


def test_a_moment_and_a_reorganisation_end_what_lasts(live: Served, stage: Stage) -> None:
    agreement = stage.bound([0, 1])
    path = f"/v1/deals/0x{stage.escrow.deal_id(agreement).hex()}"
    stage.run(calls.request_release(agreement, [0]))
    claimable = stage.chain.time() + agreement.review_period
    mark = stage.chain.snapshot()

    def status_at(time: int) -> str:
        stage.chain.set_time(time)
        live.level_with(stage.w3.eth.block_number)
        return str(live.json(path)["data"]["milestones"][0]["status"])

    assert status_at(claimable - 2) == "overdue"
    assert status_at(claimable - 1) == "overdue"
    assert status_at(claimable) == "claimable"
    stage.chain.revert(mark)
    stage.chain.mine(4)
    live.level_with(stage.w3.eth.block_number)
    assert live.json(path)["data"]["milestones"][0]["status"] == "pending"


def test_a_document_that_comes_is_seen_at_once(market: Market) -> None:
    stage, served = market.stage, market.served
    what = document(3, title="Seen at once")
    path = f"/v1/deals/{market.id_of(stage.bound([0], document=what.hash()))}"
    employer = market.as_(market.employer)
    assert served.json(path)["data"]["document_here"] is False
    employer.data("PUT", "/v1/documents", json=what.to_json())
    assert served.json(path)["data"]["document_here"] is True


def test_a_document_that_another_bridge_keeps_is_seen_soon(market: Market) -> None:
    stage, served = market.stage, market.served
    what = document(3, title="Seen soon")
    path = f"/v1/deals/{market.id_of(stage.bound([0], document=what.hash()))}"
    employer = market.as_(market.employer)
    store = served.bridge.settings.store
    with serving(store, limits=replace(NO_LIMIT, heartbeat=0.05)) as other:
        await_that(lambda: other.json(path)["data"]["document_here"] is False)
        employer.data("PUT", "/v1/documents", json=what.to_json())
        await_that(lambda: other.json(path)["data"]["document_here"] is True)
