"""What an account may write in a day, and answers that are kept, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.engine import Target
from milestone_escrow.offchain import Offchain
from milestone_escrow.offchain.kept_answers import KEPT, once
from milestone_escrow.offchain.quotas import DAY, ROW_BYTES, charge
from tests.library.test_offchain import in_threads

WHO: Final = "0x" + "ab" * 20
OTHER: Final = "0x" + "cd" * 20
NOW: Final = 20_000 * DAY + 100


@pytest.fixture
def store(target: Target) -> Iterator[Offchain]:
    with Offchain(target) as store:
        yield store


def test_a_day_holds_so_much_and_the_next_as_much_again(store: Offchain) -> None:
    most = 10 * ROW_BYTES
    with store.writing() as db:
        charge(db, WHO, 9 * ROW_BYTES, NOW, most)
    with pytest.raises(UsageError) as caught, store.writing() as db:
        charge(db, WHO, 0, NOW, most)
    assert caught.value.code == "quota-reached"
    with store.writing() as db:
        charge(db, OTHER, 9 * ROW_BYTES, NOW, most)
    midnight = 20_001 * DAY
    with pytest.raises(UsageError), store.writing() as db:
        charge(db, WHO, 0, midnight - 1, most)
    with store.writing() as db:
        charge(db, WHO, 9 * ROW_BYTES, midnight, most)


def test_those_who_race_do_not_write_more_together(store: Offchain) -> None:
    def write() -> None:
        with store.writing() as db:
            charge(db, WHO, 0, NOW, 10 * ROW_BYTES)

    found = in_threads(16, write)
    assert sum(each is None for each in found) == 10
    assert all(each is None or isinstance(each, UsageError) for each in found), found


def test_the_same_request_is_answered_once_though_many_race(store: Offchain) -> None:
    done = []

    def work() -> bytes:
        done.append(1)
        return b"made %d" % len(done)

    def send() -> tuple[bytes, bool]:
        with store.writing() as db:
            return once(db, WHO, "key", b"request", NOW, work)

    found = in_threads(16, send)
    assert len(done) == 1
    assert sorted(found) == [(b"made 1", False)] + [(b"made 1", True)] * 15


def test_a_key_is_one_accounts_for_one_request_and_a_day(store: Offchain) -> None:
    with store.writing() as db:
        assert once(db, WHO, "key", b"a", NOW, lambda: b"1") == (b"1", False)
    with pytest.raises(UsageError) as caught, store.writing() as db:
        once(db, WHO, "key", b"b", NOW, lambda: b"2")
    assert caught.value.code == "key-reused"
    with store.writing() as db:
        assert once(db, OTHER, "key", b"b", NOW, lambda: b"3") == (b"3", False)
        assert once(db, WHO, "key", b"a", NOW + KEPT - 1, lambda: b"4") == (b"1", True)
        assert once(db, WHO, "key", b"b", NOW + KEPT, lambda: b"5") == (b"5", False)


def test_what_is_refused_takes_no_key(store: Offchain) -> None:
    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing() as db:
        once(db, WHO, "key", b"a", NOW, fail)
    with store.writing() as db:
        assert once(db, WHO, "key", b"b", NOW, lambda: b"1") == (b"1", False)
