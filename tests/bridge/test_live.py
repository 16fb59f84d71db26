"""Live events over real HTTP: from a block on Anvil to each listener."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from frontend_bridge.api.following import Chain
from frontend_bridge.api.hub import ALIVE, STALLED, Hub, Listener, Message
from frontend_bridge.api.pages import Head, Pages
from frontend_bridge.api.pulse import Pulse, replayed
from frontend_bridge.api.settings import Limits, Settings
from milestone_escrow import calls
from milestone_escrow.chain import start_anvil
from tests.bridge.listening import listening
from tests.bridge.serving import Served, await_that, serving
from tests.library.indexing import history, index
from tests.library.scripted_node import ScriptedNode
from tests.nodes.stage import Stage

LIVELY = Limits(rate=0, heartbeat=0.05, streams=6, streams_each=5)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with start_anvil(0) as node:
        yield Stage(node.rpc_url)


def chain_of(stage: Stage) -> Chain:
    return Chain(
        (stage.chain.rpc_url,),
        stage.escrow.address,
        stage.deployment.block_number,
        interval=0.02,
    )


@pytest.fixture(scope="module")
def live(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A bridge that follows the chain by itself."""
    store = tmp_path_factory.mktemp("live") / "index.sqlite"
    with serving(store, chain=chain_of(stage), limits=LIVELY) as served:
        yield served


def test_an_event_is_heard_soon_after_its_block(live: Served, stage: Stage) -> None:
    with listening(live) as heard:
        agreement = stage.bound([0])
        heard.await_count(3)
        assert heard.names[:3] == [("event", "Opened"), ("event", "Accepted"), ("event", "Funded")]
        opened = heard.messages[0]
        assert opened["deal_id"] == "0x" + stage.escrow.deal_id(agreement).hex()
        assert opened["args"]["agreement"] == agreement.to_json()
        log = stage.records()[-3]
        assert (opened["block_number"], opened["log_index"]) == (log.block_number, log.log_index)
        assert opened["tx_hash"] == "0x" + log.tx_hash.hex()
        assert heard.ids == sorted(heard.ids)
        # What was heard can be read.
        live.level_with(log.block_number)
        deal = live.json(f"/v1/deals/{opened['deal_id']}")["data"]
        assert deal["milestones"][0]["state"] == "funded"


def test_one_who_comes_back_hears_what_was_missed_in_the_same_words(
    live: Served, stage: Stage
) -> None:
    with listening(live) as always:
        stage.bound([0])
        always.await_count(3)
        last = always.ids[1]
        agreement = stage.bound([0, 1])
        stage.run(calls.release(agreement, [1]))
        wanted = 3 + 4 + 2  # opened, accepted, two funded; released and the fee credited
        always.await_count(wanted)
        with listening(live, **{"Last-Event-ID": str(last)}) as back:
            back.await_count(wanted - 2)
            stage.run(calls.release(agreement, [0]))
            always.await_count(wanted + 2)
            back.await_count(wanted)
            events = [text for text in always.texts if "event: event" in text]
            assert [t for t in back.texts if "event: event" in t][:wanted] == events[2:]
        with listening(live, "?after=0") as all_of_it:
            all_of_it.await_count(len(stage.records()))
            assert len(all_of_it.names) == len(stage.records())


def test_a_listener_hears_only_of_its_deal_or_party(live: Served, stage: Stage) -> None:
    mine, other = stage.agreement(), stage.agreement(freelancer=stage.stranger.address)
    deal = "0x" + stage.escrow.deal_id(mine).hex()
    with (
        listening(live, f"?deal={deal}") as of_deal,
        listening(live, f"?party={stage.stranger.address}") as of_party,
        listening(live) as everything,
    ):
        for agreement in (mine, other, mine):
            index = 0 if agreement is other or not of_deal.names else 1
            stage.run(calls.fund(agreement, [index]))
            everything.await_count(2)
            of_deal.await_count(2)
        everything.await_count(5)
        of_deal.await_count(3)
        of_party.await_count(2)
        assert {m["deal_id"] for m in of_deal.messages if m["kind"] == "event"} == {deal}
        strange = {m["deal_id"] for m in of_party.messages if m["kind"] == "event"}
        assert strange == {"0x" + stage.escrow.deal_id(other).hex()}
        assert len(of_party.names) == 2 and len(of_deal.names) == 3


def test_a_reorganisation_is_told_and_answers_follow_it(live: Served, stage: Stage) -> None:
    kept = stage.bound([0])
    live.level_with(stage.w3.eth.block_number)
    with listening(live) as heard, listening(live, f"?party={stage.freelancer.address}") as party:
        mark = stage.chain.snapshot()
        gone = stage.bound([0])
        deal_id = "0x" + stage.escrow.deal_id(gone).hex()
        heard.await_count(3)
        live.level_with(stage.w3.eth.block_number)
        assert live.json(f"/v1/deals/{deal_id}")
        stage.chain.revert(mark)
        stage.run(calls.release(kept, [0]))
        stage.chain.mine(3)
        heard.await_count(8)
        assert heard.names[3:8] == [
            ("reverted", "Funded"),
            ("reverted", "Accepted"),
            ("reverted", "Opened"),
            ("event", "Released"),
            ("event", "Credited"),
        ]
        assert heard.ids == sorted(heard.ids)
        party.await_count(8)  # nobody knows the parties of a deal that is gone: all hear of it
        live.level_with(stage.w3.eth.block_number)
        live.problem(f"/v1/deals/{deal_id}", 404)


def test_until_the_last_of_many_entries_no_later_block_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontend_bridge.api.pulse.AT_ONCE", 3)
    escrow, store, heads = history(80), tmp_path / "index.sqlite", list[Head]()
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block // 2)
        index(node, store)
        pulse = Pulse(Settings(store), lambda head, messages, anew: heads.append(head))
        pulse.start()
        try:
            await_that(lambda: len(heads) == 1)
            node.extend(escrow.records, escrow.block)
            index(node, store)
            await_that(lambda: heads[-1].number == escrow.block)
        finally:
            pulse.stop()
            pulse.join(20)
    first, *between, last = heads
    assert len(between) > 3 and last.hash == node.blocks[-1].hash
    for head in between:
        assert replace(head, sequence=first.sequence) == first
    assert [head.sequence for head in heads] == sorted({head.sequence for head in heads})


def test_a_silent_stream_gives_signs_of_life(live: Served) -> None:
    with listening(live) as heard:
        await_that(lambda: heard.comments.count(": alive") >= 3)


def test_a_listener_from_the_future_is_told_to_begin_anew(live: Served) -> None:
    with listening(live, **{"Last-Event-ID": "999999999"}) as heard:
        await_that(lambda: heard.ended)
        (message,) = heard.messages
        assert message["why"] == "reset"


def test_a_bridge_that_stops_says_goodbye(stage: Stage, tmp_path: Path) -> None:
    with serving(tmp_path / "index.sqlite", chain=chain_of(stage)) as served:
        stack = listening(served)
        heard = stack.__enter__()
    await_that(lambda: heard.ended)
    assert heard.messages[-1]["why"] == "closing"
    stack.__exit__(None, None, None)


def test_what_comes_from_the_hub_is_not_read_from_the_index_too(live: Served, stage: Stage) -> None:
    stage.bound([0])
    live.level_with(stage.w3.eth.block_number)
    with Pages(live.bridge.settings.store) as pages:
        last = pages.last_sequence()
        sequences = [message.sequence for message in replayed(pages, 0, last)]
        assert len(sequences) >= 3 and sequences == sorted(sequences)
        told = [message.sequence for message in replayed(pages, 0, sequences[-2])]
        assert told == sequences[:-1]
        assert not replayed(pages, last, last)


# --- One that is too slow


def message(sequence: int) -> Message:
    return Message(sequence, None, None, False, b"%d" % sequence)


def test_a_slow_listener_is_dropped_and_the_others_are_not() -> None:
    async def story() -> None:
        hub = Hub(10, 10)
        slow, quick = (Listener("a", None, None, 3) for _ in range(2))
        hub.join(slow)
        hub.join(quick)
        heard = b""
        head = Head(1, b"", 1, None, 1)
        for sequence in range(5):
            hub.publish(head, [message(sequence)])
            heard += await quick.take()
        assert heard == b"01234" and quick.ended is None
        assert slow.ended == "slow"
        assert await slow.take() == b"012"
        hub.leave(slow)
        assert hub.dropped == 1 and hub.listeners == {quick}

    asyncio.run(story())


def test_a_listener_that_takes_nothing_is_given_up() -> None:
    async def story() -> None:
        hub, given_up = Hub(10, 10), []
        stuck, well = (Listener("a", None, None, 3) for _ in range(2))
        for listener in (stuck, well):
            hub.join(listener)
            listener.give_up = lambda: given_up.append(1)
        stuck.sending_since = 100.0
        hub.beat(100.0 + STALLED)
        assert not given_up and await well.take() == ALIVE
        hub.beat(100.1 + STALLED)
        assert given_up == [1] and stuck.ended == "slow" and well.ended is None

    asyncio.run(story())
