"""Several bridges on one PostgreSQL: what one delivers every other does, whichever restarts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import pytest

from frontend_bridge.api.following import Chain
from milestone_escrow import calls
from milestone_escrow.chain import start_anvil
from tests.bridge.listening import Heard, listening
from tests.bridge.serving import await_that, serving
from tests.nodes.stage import Stage
from tests.postgres import Server

NO_LOOKS: Final = 60.0  # seconds between looks: whoever hears in time was told by NOTIFY


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with start_anvil(0) as node:
        yield Stage(node.rpc_url)


def follows(stage: Stage) -> Chain:
    rpc, escrow = stage.chain.rpc_url, stage.escrow.address
    return Chain((rpc,), escrow, stage.deployment.block_number, interval=0.02)


@contextmanager
def heard_until_it_ends(url: str, chain: Chain | None = None) -> Iterator[Heard]:
    """Serve, and listen until the bridge has said goodbye."""
    with ExitStack() as afterwards:
        with serving(url, chain=chain, interval=NO_LOOKS) as served:
            heard = afterwards.enter_context(listening(served))
            yield heard
        await_that(lambda: heard.ended)
        assert heard.messages[-1]["why"] == "closing"


def messages(heard: Heard) -> list[tuple[str, Any]]:
    """Return what was heard, word for word and read, but of final blocks: a clock tells them."""
    both = zip(heard.texts, heard.messages, strict=True)
    return [(text, said) for text, said in both if said.get("kind") in ("event", "reverted")]


def told(heard: Heard) -> list[str]:
    return [text for text, _ in messages(heard)]


def last_of(heard: Heard) -> dict[str, str]:
    """Return what a browser sends to hear what came after."""
    return {"Last-Event-ID": str(heard.ids[-1])}


def replace_a_release(stage: Stage, agreement: Any, index: int, heard: Heard, count: int) -> None:
    """Release a milestone, await that somebody heard it, and let a cancel take its place."""
    mark = stage.chain.snapshot()
    stage.run(calls.release(agreement, [index]))
    heard.await_count(count + 2)
    stage.chain.revert(mark)
    stage.run(calls.cancel(agreement, [index]))
    stage.chain.mine(2)
    heard.await_count(count + 5)


def test_all_listeners_hear_the_same_in_the_same_order_through_a_reorganisation(
    stage: Stage, postgres: Server
) -> None:
    url = postgres.new_schema()
    who = f"?party={stage.freelancer.address}"
    with (
        serving(url, chain=follows(stage)) as first,
        serving(url, interval=NO_LOOKS) as second,
        listening(first) as one,
        listening(first) as one_more,
        listening(second) as two,
        listening(second) as two_more,
        listening(first, who) as one_of_party,
        listening(second, who) as two_of_party,
    ):
        agreement = stage.bound([0, 1])
        two.await_count(4)
        replace_a_release(stage, agreement, 0, two, 4)
        everybody = (one, one_more, two, two_more, one_of_party, two_of_party)
        for heard in everybody:
            heard.await_count(9)
            kinds = [kind for kind, _ in heard.names]
            assert kinds == ["event"] * 6 + ["reverted"] * 2 + ["event"]
            assert heard.ids == sorted(set(heard.ids))
        assert len({tuple(told(heard)) for heard in everybody}) == 1
        path = f"/v1/deals/0x{stage.escrow.deal_id(agreement).hex()}/events"
        for served in (first, second):
            served.level_with(stage.w3.eth.block_number)
        assert first.json(path)["data"] == second.json(path)["data"]


def test_who_comes_back_to_a_bridge_that_restarted_misses_nothing_and_hears_nothing_twice(
    stage: Stage, postgres: Server
) -> None:
    url = postgres.new_schema()
    with serving(url, chain=follows(stage)) as first, listening(first) as always:
        with heard_until_it_ends(url) as before:
            agreement = stage.bound([0, 1, 2])
            before.await_count(5)
        stage.run(calls.release(agreement, [0]))
        always.await_count(7)
        with (
            serving(url, interval=NO_LOOKS) as again,
            listening(again, **last_of(before)) as after,
            listening(first, **last_of(before)) as elsewhere,
        ):
            after.await_count(2)
            replace_a_release(stage, agreement, 1, after, 2)
            always.await_count(12)
            elsewhere.await_count(7)
            assert told(before) + told(after) == told(always)
            assert told(elsewhere) == told(after)


def test_what_was_taken_back_while_it_was_away_is_heard_as_that_alone(
    stage: Stage, postgres: Server
) -> None:
    url = postgres.new_schema()
    with serving(url, chain=follows(stage)) as first, listening(first) as always:
        with heard_until_it_ends(url) as before:
            agreement = stage.bound([0, 1])
            before.await_count(4)
        replace_a_release(stage, agreement, 0, always, 4)
        with serving(url, interval=NO_LOOKS) as again, listening(again, **last_of(before)) as after:
            after.await_count(3)
            assert [kind for kind, _ in after.names] == ["reverted", "reverted", "event"]
            gone = {place(said) for _, said in messages(after) if said["kind"] == "reverted"}
            missed = messages(always)[len(told(before)) :]
            assert told(after) == [
                text
                for text, said in missed
                if said["kind"] == "reverted" or place(said) not in gone
            ]


def place(message: Any) -> tuple[str, int]:
    return message["tx_hash"], message["log_index"]


def test_a_restart_of_the_bridge_that_indexes_is_not_heard_at_another(
    stage: Stage, postgres: Server
) -> None:
    url = postgres.new_schema()
    with ExitStack() as stack:
        with heard_until_it_ends(url, follows(stage)) as before:
            reading = stack.enter_context(serving(url, interval=NO_LOOKS))
            always = stack.enter_context(listening(reading))
            agreement = stage.bound([0, 1, 2])
            mark = stage.chain.snapshot()
            stage.run(calls.release(agreement, [0]))
            for heard in (before, always):
                heard.await_count(7)
        # Nobody indexes while blocks are replaced.
        stage.chain.revert(mark)
        stage.run(calls.cancel(agreement, [0]))
        stage.chain.mine(2)
        again = stack.enter_context(serving(url, chain=follows(stage)))
        after = stack.enter_context(listening(again, **last_of(before)))
        stage.run(calls.release(agreement, [1]))
        after.await_count(5)
        always.await_count(12)
        assert always.names[5:] == [
            ("event", "Released"),
            ("event", "Credited"),
            ("reverted", "Credited"),
            ("reverted", "Released"),
            ("event", "Refunded"),
            ("event", "Released"),
            ("event", "Credited"),
        ]
        assert told(before) + told(after) == told(always)
