"""The one table of routes: the application serves it, the OpenAPI document is made of it."""

from __future__ import annotations

from typing import Final

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
from frontend_bridge.api.route import CURSOR, DEAL, Match, Route, Table, limit
from frontend_bridge.api.routes_off_chain import OFF_CHAIN_ROUTES
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.clock import DealStatus
from milestone_escrow.figures import ROLES

__all__ = ["ROUTES", "find"]

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
                "text",
                params.digits,
                "Only those whose id, or the address of employer, freelancer or arbiter, begins "
                "like that. Titles are in documents: /v1/search/deals looks for them.",
            ),
            Param(
                "order",
                params.choice("newest", "oldest"),
                "By their opening; usually the newest first.",
                default="newest",
            ),
            CURSOR,
            limit(20, 100),
        ),
        handler=deals.deals,
    ),
    Route(
        "/v1/deals/{id}",
        "getDeal",
        "A deal: agreement, state, milestones",
        models.Answer[models.Deal],
        params=(DEAL,),
        handler=deals.deal,
        of_deal=True,
    ),
    Route(
        "/v1/deals/{id}/milestones/{index}",
        "getMilestone",
        "A milestone of a deal",
        models.Answer[models.Milestone],
        params=(DEAL, Param("index", params.number(0, 9), "0 is the first.", "path", True)),
        handler=deals.milestone,
        of_deal=True,
    ),
    Route(
        "/v1/deals/{id}/events",
        "listDealEvents",
        "What was logged of a deal, notes too, in the order of the chain",
        models.Page[models.EventItem],
        params=(DEAL, CURSOR, limit(100, 500)),
        handler=deals.events,
        of_deal=True,
    ),
    Route(
        "/v1/deals/{id}/ledger",
        "getDealLedger",
        "All that moved in a deal, entry by entry, and the sums",
        models.Answer[models.Ledger],
        params=(DEAL,),
        handler=ledgers.ledger,
        of_deal=True,
    ),
    Route(
        "/v1/deals/{id}/actions",
        "getDealActions",
        "Every call of both contracts: what an address may do now, and why not the rest",
        models.Answer[models.Actions],
        params=(
            DEAL,
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
    *OFF_CHAIN_ROUTES,
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

_TABLE: Final = Table(ROUTES)


def find(path: str) -> Match | None:
    """Return what is at a path; None: nothing."""
    return _TABLE.find(path)
