"""Webhooks and their deliveries: who is told what, in which order, until when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.engine import Target
from milestone_escrow.offchain import Offchain, deliveries, webhooks
from milestone_escrow.offchain.deliveries import BACK_OFF, LEASE, Due, Message
from milestone_escrow.offchain.webhooks import MOST, ROTATION, Webhook
from tests.library.batches import IDENTITY
from tests.library.test_offchain import in_threads

NOW = 1_800_000_000
OWNER = "0x" + "aB" * 20
URL = "https://hooks.example.org/escrow"


@pytest.fixture
def store(target: Target) -> Iterator[Offchain]:
    with Offchain(target, lambda: NOW) as store:
        yield store


def added(store: Offchain, url: str = URL) -> Webhook:
    with store.writing() as db:
        return webhooks.add(db, IDENTITY, OWNER, url, ("event",), None, 7, NOW)


def tell(store: Offchain, hook: Webhook, *bodies: str) -> None:
    with store.writing() as db:
        deliveries.queue(db, hook.number, [Message("event", None, body) for body in bodies], NOW)


def claimed(store: Offchain, now: int = NOW, *, failing: bool = False, most: int = 9) -> list[Due]:
    with store.writing() as db:
        return deliveries.claim(db, IDENTITY, now, most, failing=failing)


def answered(store: Offchain, due: Due, status: int, now: int = NOW) -> str | None:
    with store.writing() as db:
        error = None if status == 200 else f"It answered {status}."
        return deliveries.record(db, due, status, error, now)


def test_an_account_has_ten_even_if_it_adds_them_at_once(store: Offchain) -> None:
    found = in_threads(MOST + 5, lambda: added(store))
    refused = [error for error in found if isinstance(error, UsageError)]
    assert [error.code for error in refused] == ["too-many-webhooks"] * 5
    with store.reading() as db:
        own = webhooks.of_account(db, IDENTITY, OWNER)
        assert len(own) == MOST
        assert len({hook.secret for hook in own}) == MOST
        assert webhooks.of_account(db, IDENTITY, "0x" + "01" * 20) == []
        assert webhooks.find(db, IDENTITY, "0x" + "01" * 20, own[0].number) is None


def test_the_secret_before_signs_for_a_day(store: Offchain) -> None:
    hook = added(store)
    assert hook.secrets(NOW) == (hook.secret,)
    with store.writing() as db:
        turned = webhooks.rotate(db, hook.number, NOW)
    assert turned.secret != hook.secret
    both = (turned.secret, hook.secret)
    assert turned.secrets(NOW + ROTATION - 1) == both
    assert turned.secrets(NOW + ROTATION) == turned.secrets(NOW + ROTATION + 1) == both[:1]
    tell(store, hook, "{}")
    assert claimed(store)[0].secrets == both


def test_a_webhook_is_sent_one_message_at_a_time_in_their_order(store: Offchain) -> None:
    hook, other = added(store), added(store, URL + "/other")
    tell(store, hook, "1", "2")
    tell(store, other, "3")
    first = claimed(store)
    assert [(due.webhook, due.body) for due in first] == [(hook.number, "1"), (other.number, "3")]
    assert claimed(store) == []
    tell(store, other, "4")
    answered(store, first[1], 200)
    with store.reading() as db:  # that the first one is busy delays nobody else
        assert deliveries.next_due(db, IDENTITY) == NOW
    (again,) = claimed(store)
    assert again.body == "4"
    with store.reading() as db:
        assert deliveries.next_due(db, IDENTITY) == NOW + LEASE
    answered(store, first[0], 200)
    (second,) = claimed(store)
    assert (second.body, second.attempts) == ("2", 0)
    assert second.message != first[0].message


def test_many_senders_take_each_message_once(store: Offchain) -> None:
    hooks = [added(store, f"{URL}/{i}") for i in range(5)]
    for hook in hooks:
        tell(store, hook, "{}")
    taken = in_threads(4, lambda: claimed(store))
    found = [due.webhook for part in taken for due in part]
    assert sorted(found) == [hook.number for hook in hooks]


def test_what_a_dead_sender_took_is_sent_again_under_the_same_id(store: Offchain) -> None:
    tell(store, added(store), "{}")
    (lost,) = claimed(store)
    assert claimed(store, NOW + LEASE - 1) == []
    (again,) = claimed(store, NOW + LEASE)
    assert (again.message, again.attempts) == (lost.message, 0)


def test_failures_are_tried_again_ever_later_and_then_the_webhook_is_off(store: Offchain) -> None:
    hook = added(store)
    tell(store, hook, "1")
    now, message = NOW, ""
    for number, pause in enumerate(BACK_OFF):
        (due,) = claimed(store, now, failing=number > 0)
        assert due.message == (message or due.message)
        message = due.message
        assert answered(store, due, 500, now) is None
        with store.reading() as db:
            (row,) = deliveries.page(db, hook.number, None, 9)
            assert deliveries.next_due(db, IDENTITY) == row.next_try
        assert row.next_try is not None and (row.attempts, row.status) == (number + 1, 500)
        assert 0.8 * pause - 1 <= row.next_try - now <= 1.2 * pause + 1
        assert claimed(store, row.next_try - 1, failing=True) == []
        now = row.next_try
    assert now - NOW < 1.3 * 86_400
    (due,) = claimed(store, now, failing=True)
    tell(store, hook, "2")
    off = answered(store, due, 500, now)
    assert off is not None and "9 attempts" in off
    assert claimed(store, now, failing=True) == []
    with store.reading() as db:
        found = webhooks.find(db, IDENTITY, OWNER, hook.number)
        assert found is not None and found.off == off
        rows = deliveries.page(db, hook.number, None, 9)
        assert [row.next_try for row in rows] == [None, None]
        assert rows[0].error == "The webhook was switched off."
        assert webhooks.active(db, IDENTITY) == []


def test_gone_switches_a_webhook_off_at_once(store: Offchain) -> None:
    hook = added(store)
    tell(store, hook, "{}")
    off = answered(store, claimed(store)[0], 410)
    assert off is not None and "410" in off
    with store.reading() as db:
        assert deliveries.next_due(db, IDENTITY) is None


def test_those_that_failed_are_claimed_apart(store: Offchain) -> None:
    ill, well = added(store), added(store, URL + "/well")
    tell(store, ill, "1", "2")
    answered(store, claimed(store)[0], 503)
    tell(store, well, "3")
    assert [due.body for due in claimed(store)] == ["3"]
    (due,) = claimed(store, failing=True)
    assert due.body == "2" and due.failing
    answered(store, due, 200)
    assert [each.body for each in claimed(store, NOW + 2 * BACK_OFF[0])] == ["1"]


def test_what_is_over_is_forgotten_after_a_week(store: Offchain) -> None:
    hook = added(store)
    tell(store, hook, "1", "2")
    answered(store, claimed(store)[0], 200)
    week = 7 * 86_400
    for now, left in ((NOW + week - 1, 2), (NOW + week, 1), (NOW + week + 1, 1)):
        with store.writing() as db:
            deliveries.forget(db, now)
            assert len(deliveries.page(db, hook.number, None, 9)) == left


def test_deliveries_go_with_their_webhook(store: Offchain) -> None:
    hook = added(store)
    tell(store, hook, "1")
    with store.writing() as db:
        webhooks.remove(db, hook.number)
        assert deliveries.page(db, hook.number, None, 9) == []
        assert deliveries.waiting(db) == {}
