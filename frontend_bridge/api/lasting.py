"""How long what was said of a deal stays true, so that a new block need not make it anew.

Of a deal that nobody touches, an answer changes only at moments that are known when it is made: a
time of the deal's clocks, or the block with which something becomes confirmed or final. Until then
the same bytes go out with the new block beside them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from math import inf
from typing import Final

from frontend_bridge.api.pages import Head

__all__ = ["CONFIRMED_DEPTH", "Lasting", "Life"]

CONFIRMED_DEPTH: Final = 6
"""Blocks on top of one that make it ``confirmed`` where it is not final yet."""

_MOST_BYTES: Final = 64 << 20  # kept at a time


@dataclass(slots=True)
class Life:
    """How long what is shaped stays as it is, if its deal hears of no event.

    Attributes:
        time: From this time of the chain on it may be another; infinite: no time changes it.
        number: From this block on; likewise.
        final: From when this block is final; likewise.
        absent: It says that something is not kept beside the chain, which may come.
        brief: It is true at its own head alone.
    """

    time: float = inf
    number: float = inf
    final: float = inf
    absent: bool = False
    brief: bool = False

    def until(self, time: int) -> None:
        """It may be another from a time on."""
        self.time = min(self.time, time)

    def until_number(self, number: int) -> None:
        """It may be another from a block on."""
        self.number = min(self.number, number)

    def until_final(self, number: int) -> None:
        """It may be another once a block is final."""
        self.final = min(self.final, number)

    def holds(self, head: Head) -> bool:
        """Return whether it is still so at a head after that at which it was shaped."""
        return (
            (head.time is None or head.time < self.time)
            and head.number < self.number
            and (head.final is None or head.final < self.final)
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was answered, without the block, for as long as it lives."""

    deal_id: bytes
    life: Life
    text: bytes


def _follows(head: Head, known: Head) -> bool:
    """Return whether time went on plainly from one head to another, with no block replaced."""
    return (
        head.number >= known.number
        and (head.time or 0) >= (known.time or 0)
        and (head.final is None) == (known.final is None)
        and (head.final or 0) >= (known.final or 0)
    )


@dataclass
class Lasting:
    """Answers about single deals, kept from block to block. It belongs to the event loop's thread.

    Attributes:
        most: Bytes that are kept.
    """

    most: int = _MOST_BYTES
    _kept: OrderedDict[bytes, _Kept] = field(default_factory=OrderedDict)
    _of_deal: dict[bytes, set[bytes]] = field(default_factory=dict)
    _bytes: int = 0

    def keep(self, key: bytes, deal_id: bytes, life: Life, text: bytes) -> None:
        """Keep an answer made at the present head.

        Args:
            key: What was asked.
            deal_id: Of which deal it tells: 32 bytes.
            life: How long it is so.
            text: All before the block.
        """
        if life.brief:
            return
        self._drop(key)
        self._kept[key] = _Kept(deal_id, life, text)
        self._of_deal.setdefault(deal_id, set()).add(key)
        self._bytes += len(text)
        while self._bytes > self.most:
            self._drop(next(iter(self._kept)))

    def find(self, key: bytes, head: Head) -> bytes | None:
        """Return what is still so at the present head: all before the block; None: nothing is."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept.life.holds(head):
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.text

    def turn(self, known: Head | None, head: Head, changed: Collection[bytes] | None) -> None:
        """Forget what a commit may have changed.

        Args:
            known: The head before it; None: there was none.
            head: The head after it.
            changed: Deals with events, written or taken back; None: any may have.
        """
        if known is None or changed is None or not _follows(head, known):
            self._kept.clear()
            self._of_deal.clear()
            self._bytes = 0
            return
        for deal_id in changed:
            for key in tuple(self._of_deal.get(deal_id, ())):
                self._drop(key)

    def came(self) -> None:
        """Forget what says that something is not kept beside the chain."""
        for key in [key for key, kept in self._kept.items() if kept.life.absent]:
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self._bytes -= len(kept.text)
        own = self._of_deal[kept.deal_id]
        own.discard(key)
        if not own:
            del self._of_deal[kept.deal_id]
