"""How an indexer is doing: written by its loop, read by whoever watches, in any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from milestone_escrow.exceptions import EscrowError

__all__ = ["Health", "Vitals"]

_MOST_LAG: Final = 5  # blocks


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is known at one moment.

    Attributes:
        ready: The index may be believed to be level with the chain.
        why: Why it is not; None if it is.
        remedy: What to do about it; may be empty.
        code: Of the error behind it; None where there is none.
        block: Number of the last block in the index; None before the first.
        head: Number of the highest head that a node told.
        final: Number of the last final block; None: not known.
        silent_for: Seconds since a node last answered all that was asked; None: it never did.
        websocket: Whether a WebSocket tells of new blocks; None: none is used.
        events: Events written since the start.
        unknown: Logs of no known event, or of another contract, since the start.
        reorgs: Times that blocks were replaced since the start.
        reorged_blocks: Blocks that were taken back since the start.
        troubles: Times that a node failed since the start.
    """

    ready: bool = False
    why: str | None = "The first run has not ended."
    remedy: str = ""
    code: str | None = None
    block: int | None = None
    head: int | None = None
    final: int | None = None
    silent_for: float | None = None
    websocket: bool | None = None
    events: int = 0
    unknown: int = 0
    reorgs: int = 0
    reorged_blocks: int = 0
    troubles: int = 0

    def to_json(self) -> dict[str, object]:
        """Return the fields, JSON-able."""
        return asdict(self)


@dataclass(slots=True)
class Health:
    """The state of one indexer.

    It is ready when the index is level with the highest head known, the node has answered within
    ``silence`` seconds, and nothing has stopped it: time alone makes it unready, so a hung node is
    seen although the loop hangs with it.

    Attributes:
        silence: Seconds without a whole answer that are borne.
        most_lag: Blocks behind the head that are borne.
        clock: Seconds that never go back.
    """

    silence: float
    most_lag: int = _MOST_LAG
    clock: Callable[[], float] = time.monotonic
    _vitals: Vitals = field(default_factory=Vitals)
    _answered: float | None = None
    _trouble: EscrowError | None = None
    _fatal: Exception | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def vitals(self) -> Vitals:
        """Return what is known now."""
        with self._lock:
            now = self._vitals
            age = None if self._answered is None else self.clock() - self._answered
            why, remedy, code = self._why(now, age)
        return replace(now, ready=why is None, why=why, remedy=remedy, code=code, silent_for=age)

    @property
    def ended(self) -> bool:
        """Whether it failed for good."""
        with self._lock:
            return self._fatal is not None

    def _why(self, now: Vitals, age: float | None) -> tuple[str | None, str, str | None]:
        error = self._fatal or self._trouble
        if isinstance(error, EscrowError):
            return error.sentence, error.remedy, error.code
        if error is not None:
            return f"The indexer stopped ({type(error).__name__}).", "See its log.", "mistake"
        if age is None or now.block is None or now.head is None:
            return "The first run has not ended.", "Wait.", "starting"
        if age > self.silence:
            return (
                f"No node has answered for {age:.0f} seconds.",
                "Check the node, or give another one.",
                "node-silent",
            )
        if now.head - now.block > self.most_lag:
            return (
                f"The index is {now.head - now.block} blocks behind the head.",
                "Wait until it has caught up.",
                "behind",
            )
        return None, "", None

    # --- What the loop tells

    def wrote(self, block: int, head: int, events: int, unknown: int) -> None:
        """A batch was written."""
        with self._lock:
            now = self._vitals
            self._vitals = replace(
                now,
                block=block,
                head=head,
                events=now.events + events,
                unknown=now.unknown + unknown,
            )

    def answered(self, block: int, head: int) -> None:
        """A run ended well."""
        with self._lock:
            self._vitals = replace(self._vitals, block=block, head=head)
            self._answered = self.clock()
            self._trouble = None

    def finalized(self, block: int) -> None:
        """Blocks up to this one are final."""
        with self._lock:
            self._vitals = replace(self._vitals, final=block)

    def reorganised(self, ancestor: int) -> None:
        """Blocks after this one were taken back."""
        with self._lock:
            now = self._vitals
            gone = 0 if now.block is None else max(now.block - ancestor, 0)
            self._vitals = replace(
                now,
                block=ancestor,
                reorgs=now.reorgs + 1,
                reorged_blocks=now.reorged_blocks + gone,
            )

    def connected(self, there: bool) -> None:
        """A WebSocket came or went."""
        with self._lock:
            self._vitals = replace(self._vitals, websocket=there)

    def troubled(self, error: EscrowError) -> None:
        """A run failed; another may not."""
        with self._lock:
            self._vitals = replace(self._vitals, troubles=self._vitals.troubles + 1)
            self._trouble = error

    def stopped(self, error: Exception) -> None:
        """A run failed for good."""
        with self._lock:
            self._fatal = error
