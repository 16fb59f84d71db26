"""The collector of cycles is put back to what it was, whoever leaves last."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from milestone_escrow.indexer import collecting
from milestone_escrow.indexer.collecting import rarely_collected


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin as if nobody were inside, whatever other tests of this process have left."""
    gc.collect()
    thresholds = gc.get_threshold()
    monkeypatch.setattr(collecting, "_before", [])
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*thresholds)


def test_it_is_as_it_was_after_the_last_of_several() -> None:
    before = gc.get_threshold()
    one, other = rarely_collected(), rarely_collected()
    one.__enter__()
    other.__enter__()
    assert gc.get_threshold()[0] >= 100 * before[0]
    one.__exit__(None, None, None)
    assert gc.get_threshold()[0] >= 100 * before[0]
    other.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_a_failure_puts_it_back() -> None:
    before = gc.get_threshold()
    with pytest.raises(OSError), rarely_collected():
        raise OSError
    assert gc.get_threshold() == before
