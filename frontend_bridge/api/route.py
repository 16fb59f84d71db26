"""What a route is: one method of one path, what is given and what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from msgspec import Struct

from frontend_bridge.api import params
from frontend_bridge.api.params import Param

__all__ = ["CURSOR", "DEAL", "IDEMPOTENCY", "OFF_CHAIN", "Match", "Route", "Table", "limit"]

Kind = Literal[
    "index",
    "ask",
    "visit",
    "private",
    "write",
    "stream",
    "health",
    "ready",
    "metrics",
    "openapi",
]
Method = Literal["GET", "POST", "PUT", "DELETE"]

OFF_CHAIN: Final = ("visit", "private", "write")
"""Kinds that the desk answers, from what is kept beside the chain."""


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Attributes:
        path: With names in braces.
        operation: Name of the operation.
        summary: What it answers, in some words.
        answer: Type of the answer; None: it is no JSON, or not of a model.
        kind: Who answers: ``index`` by the handler, from the index; ``ask`` likewise, of a body,
            and where the handler says so from a node; ``visit`` from what is off the chain, for
            anyone; ``private`` likewise, for who is signed in; ``write`` likewise, and in one
            transaction that writes; the others by themselves.
        params: In path, query and headers.
        handler: Gets the view of a commit, a ``Visit`` or an ``Asked``, and the values.
        media: Type of the content.
        also: Statuses beside 200 and those of problems.
        body: What is sent; None: no JSON.
        raw: Types of content of which one is sent as it is.
        verb: The method; None: POST where a body is sent, else GET.
        most: Bytes of the body; None: as of all.
        form: Shape of what is sent as it is, where it has one.
        shows: Whether what it writes changes answers of the index.
        of_deal: Whether it is made of one deal, what was logged of it and the time, and so lasts
            from block to block.
        weight: Requests that it counts for with those who limit their number.
        first: Of a ``write``, what must be known before anything is written: gets an ``Asked`` that
            reads, and the values. What it returns, or what a node is to answer, is the handler's
            ``told``; None where the write was answered before.
    """

    path: str
    operation: str
    summary: str
    answer: Any
    kind: Kind = "index"
    params: Sequence[Param] = ()
    handler: Callable[..., Any] | None = None
    media: str = "application/json"
    also: Sequence[int] = ()
    body: type[Struct] | None = None
    raw: Sequence[str] = ()
    verb: Method | None = None
    most: int | None = None
    form: type[Struct] | None = None
    shows: bool = False
    of_deal: bool = False
    weight: int = 1
    first: Callable[..., Any] | None = None

    @property
    def method(self) -> Method:
        """The method."""
        return self.verb or ("POST" if self.takes_body else "GET")

    @property
    def takes_body(self) -> bool:
        """Whether something is sent."""
        return self.body is not None or bool(self.raw)

    @property
    def answers_file(self) -> bool:
        """Whether a file is answered, as it was sent."""
        return self.kind == "private" and self.answer is None

    @property
    def parameters(self) -> tuple[Param, ...]:
        """All parameters: those of its own, and the key of a write that adds something."""
        once = self.kind == "write" and self.method == "POST"
        return (*self.params, *((IDEMPOTENCY,) if once else ()))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a path must match; each name takes what stands between two slashes."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


DEAL: Final = Param("id", params.deal_id, "Id of the deal.", "path", True, field="deal_id")
CURSOR: Final = Param("cursor", params.cursor, "Where the page begins: `next` of the one before.")
IDEMPOTENCY: Final = Param(
    "Idempotency-Key",
    params.idempotency_key,
    "Of the sender's making: for a day the same request with the same key is answered again, and "
    "done once.",
    "header",
)


def limit(usual: int, most: int) -> Param:
    """Return the parameter that says how long a page is."""
    return Param(
        "limit", params.number(1, most), f"At most so many; usually {usual}.", default=usual
    )


@dataclass(frozen=True, slots=True)
class Match:
    """The routes of a path by their methods, and the values of the names in it."""

    routes: Mapping[str, Route]
    values: Mapping[str, str]

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that the path knows."""
        own = sorted(self.routes, key=("GET", "POST", "PUT", "DELETE").index)
        return (*(("GET", "HEAD") if own[0] == "GET" else own[:1]), *own[1:], "OPTIONS")

    def route(self, method: str) -> Route | None:
        """Return the route of a method; None: the path does not know it."""
        return self.routes.get("GET" if method == "HEAD" else method)


class Table:
    """Routes by their paths."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Sort them."""
        paths: dict[str, dict[str, Route]] = {}
        for route in routes:
            own = paths.setdefault(route.path, {})
            assert route.method not in own, (route.method, route.path)
            own[route.method] = route
        self._plain = {path: Match(own, {}) for path, own in paths.items() if "{" not in path}
        self._named = [
            (next(iter(own.values())).pattern, own) for path, own in paths.items() if "{" in path
        ]

    def find(self, path: str) -> Match | None:
        """Return what is at a path; None: nothing."""
        found = self._plain.get(path)
        if found is not None:
            return found
        for pattern, own in self._named:
            if match := pattern.fullmatch(path):
                return Match(own, match.groupdict())
        return None
