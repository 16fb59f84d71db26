"""What the handlers of off-chain routes get, and what they may answer beside a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy.engine import Connection

from frontend_bridge.api import models
from frontend_bridge.api.cursors import cursor_of
from frontend_bridge.api.settings import Settings
from frontend_bridge.api.view import View
from milestone_escrow.offchain import Offchain
from milestone_escrow.offchain.sessions import Session

__all__ = ["Asked", "Download", "Reply", "Visit", "page_of"]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request of anyone.

    Attributes:
        view: One commit of the index.
        store: Where the off-chain tables are; the handler opens its own transactions.
        settings: Of the bridge.
        headers: Of the request.
        token: Of the session that it names; None: none.
    """

    view: View
    store: Offchain
    settings: Settings
    headers: Mapping[bytes, bytes]
    token: bytes | None

    @property
    def now(self) -> int:
        """The machine's time, unix seconds."""
        return self.store.now


@dataclass(frozen=True, kw_only=True)
class Asked(Visit):
    """A request of someone who is signed in.

    Attributes:
        db: The open transaction; of a ``write`` it writes, and ends with the answer.
        session: Whose.
    """

    db: Connection
    session: Session

    @property
    def who(self) -> str:
        """Address of who asks, checksummed."""
        return self.session.address


class _Numbered(Protocol):
    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=_Numbered)
T = TypeVar("T")


def page_of(
    asked: Asked, found: Sequence[N], limit: int, shown: Callable[[Sequence[N]], list[T]]
) -> models.Page[T]:
    """Return a page of what has numbers.

    Args:
        asked: Who asks.
        found: What is on the page, and one more if there is more.
        limit: How many are on the page at most.
        shown: What is sent of them.
    """
    return models.Page(
        data=shown(found[:limit]),
        next=cursor_of(found[limit - 1].number) if len(found) > limit else None,
        block=asked.view.shapes.block(),
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with headers of its own.

    Attributes:
        data: What is sent as JSON.
        headers: Sent along.
    """

    data: Any
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Download:
    """Bytes that somebody else made: saved as a file, never shown as a page of ours.

    Attributes:
        content: All of it.
        media: What its author says that it is.
        name: Of the file, of letters, digits, dots and dashes.
    """

    content: bytes
    media: str
    name: str
