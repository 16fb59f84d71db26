"""The one table of routes: the application serves it, the OpenAPI document is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from msgspec import Struct

from frontend_bridge.api import (
    accounts,
    contract_facts,
    deals,
    ledgers,
    models,
    models_facts,
    models_prepare,
    params,
    preparing,
    signing,
)
from frontend_bridge.api.bodies import CALL_BODIES, MESSAGE_BODIES
from frontend_bridge.api.params import Param
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.clock import DealStatus
from milestone_escrow.figures import ROLES

__all__ = ["ROUTES", "Match", "Route", "find"]

Kind = Literal["index", "ask", "stream", "health", "ready", "metrics", "openapi"]


@dataclass(frozen=True)
class Route:
    """One path.

    Attributes:
        path: With names in braces.
        operation: Name of the operation.
        summary: What it answers, in some words.
        answer: Type of the answer; None: it is no JSON, or not of a model.
        kind: Who answers: ``index`` by the handler, from the index; ``ask`` likewise, of a body,
            and where the handler says so from a node; the others by themselves.
        params: In path, query and headers.
        handler: Gets the view of a commit and the parameters' values.
        media: Type of the content.
        also: Statuses beside 200 and those of problems.
        body: What is sent; None: nothing, and things are only read.
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

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that it knows."""
        return ("GET", "HEAD", "OPTIONS") if self.body is None else ("POST", "OPTIONS")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a path must match; each name takes what stands between two slashes."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


_DEAL: Final = Param("id", params.deal_id, "Id of the deal.", "path", True, field="deal_id")
_CURSOR: Final = Param("cursor", params.cursor, "Where the page begins: `next` of the one before.")


def _limit(usual: int, most: int) -> Param:
    return Param(
        "limit", params.number(1, most), f"At most so many; usually {usual}.", default=usual
    )


ROUTES: Final = (
    Route(
        "/v1/deals",
        "listDeals",
        "Deals, by party, role, status and token",
        models.Page[models.DealSummary],
        params=(
            Param("party", params.address, "Only those in which this address has a role."),
            Param("role", params.choice(*ROLES), "Only those in which party has this role."),
            Param(
                "direction",
                params.choice("outgoing", "incoming"),
                "outgoing: party is the employer; incoming: party is the freelancer.",
            ),
            Param(
                "status",
                params.choice(*(status.value for status in DealStatus)),
                "Only those that are so at the time of the answer's block. A page may then be "
                "short, or empty, and still have a next.",
            ),
            Param("token", params.token, "Only those in this token; zero: the native coin."),
            Param(
                "order",
                params.choice("newest", "oldest"),
                "By their opening; usually the newest first.",
                default="newest",
            ),
            _CURSOR,
            _limit(20, 100),
        ),
        handler=deals.deals,
    ),
    Route(
        "/v1/deals/{id}",
        "getDeal",
        "A deal: agreement, state, milestones",
        models.Answer[models.Deal],
        params=(_DEAL,),
        handler=deals.deal,
    ),
    Route(
        "/v1/deals/{id}/milestones/{index}",
        "getMilestone",
        "A milestone of a deal",
        models.Answer[models.Milestone],
        params=(_DEAL, Param("index", params.number(0, 9), "0 is the first.", "path", True)),
        handler=deals.milestone,
    ),
    Route(
        "/v1/deals/{id}/events",
        "listDealEvents",
        "What was logged of a deal, notes too, in the order of the chain",
        models.Page[models.EventItem],
        params=(_DEAL, _CURSOR, _limit(100, 500)),
        handler=deals.events,
    ),
    Route(
        "/v1/deals/{id}/ledger",
        "getDealLedger",
        "All that moved in a deal, entry by entry, and the sums",
        models.Answer[models.Ledger],
        params=(_DEAL,),
        handler=ledgers.ledger,
    ),
    Route(
        "/v1/deals/{id}/actions",
        "getDealActions",
        "Every call of both contracts: what an address may do now, and why not the rest",
        models.Answer[models.Actions],
        params=(
            _DEAL,
            Param("as", params.address, "Who would act.", required=True, field="who"),
        ),
        handler=deals.may,
    ),
    Route(
        "/v1/accounts/{address}",
        "getAccount",
        "An address: credits, what its deals hold, its record",
        models.Answer[models_facts.Account],
        params=(Param("address", params.address, "Whose.", "path", True),),
        handler=accounts.account,
    ),
    Route(
        "/v1/contract",
        "getContract",
        "The contracts: addresses, ABI, typed data, timers, errors, events",
        models.Answer[models_facts.Contract],
        handler=contract_facts.contract,
    ),
    Route(
        "/v1/events",
        "streamEvents",
        "Live events, as server-sent events; each message's data is a LiveEvent",
        models.LiveEvent,
        kind="stream",
        params=(
            Param("deal", params.deal_id, "Only events of this deal, and final blocks."),
            Param("party", params.address, "Only events of deals with this party."),
            Param(
                "after",
                params.number(0, 10**15 - 1),
                "Only what follows this sequence; without it, and without Last-Event-ID, only "
                "what happens from now on.",
            ),
            Param(
                "Last-Event-ID",
                params.number(0, 10**15 - 1),
                "As after, sent by browsers that connect again; it counts before after.",
                "header",
                field="last",
            ),
        ),
        media="text/event-stream",
    ),
    *(
        Route(
            f"/v1/prepare/{name}",
            "prepare" + "".join(part.title() for part in name.split("_")),
            f"Prepare for a wallet: {CALL_FACTS[name].does[:-1]}",
            models.Answer[models_prepare.Prepared],
            kind="ask",
            handler=preparing.handler(name),
            body=body,
        )
        for name, body in CALL_BODIES.items()
    ),
    *(
        Route(
            f"/v1/typed-data/{kind}",
            f"sign{kind.title()}",
            f"What a wallet signs: {MESSAGE_FACTS[kind].does[:-1]}",
            models.Answer[models_prepare.TypedData],
            kind="ask",
            handler=signing.handler(kind),
            body=body,
        )
        for kind, body in MESSAGE_BODIES.items()
    ),
    Route("/healthz", "getHealth", "Whether the process answers", models_facts.Health, "health"),
    Route(
        "/readyz",
        "getReadiness",
        "Whether the answers are level with the chain, and why not",
        models_facts.Readiness,
        "ready",
        also=(503,),
    ),
    Route("/metrics", "getMetrics", "For Prometheus", None, "metrics", media="text/plain"),
    Route("/openapi.json", "getOpenApi", "This document", None, "openapi"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and the values of the names in its path."""

    route: Route
    values: Mapping[str, str]


_PLAIN: Final = {route.path: Match(route, {}) for route in ROUTES if "{" not in route.path}
_NAMED: Final = [route for route in ROUTES if "{" in route.path]


def find(path: str) -> Match | None:
    """Return the route of a path, None if there is none."""
    found = _PLAIN.get(path)
    if found is not None:
        return found
    for route in _NAMED:
        if match := route.pattern.fullmatch(path):
            return Match(route, match.groupdict())
    return None
