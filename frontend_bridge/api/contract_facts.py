"""What a client needs to know of the contracts, each fact from its one home."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from frontend_bridge.api import models, models_facts
from frontend_bridge.api.lasting import CONFIRMED_DEPTH
from frontend_bridge.api.view import View
from milestone_escrow import artifacts
from milestone_escrow.agreement_rules import (
    MAX_HORIZON,
    MAX_REVIEW_PERIOD,
    MAX_RULING_PERIOD,
    MIN_PERIOD,
    USUAL_PERIOD,
)
from milestone_escrow.calls import ESCROW, NOTES
from milestone_escrow.clock import DORMANT_AFTER, LAPSED_AFTER, NOTICE_AFTER
from milestone_escrow.messages import DOMAIN_NAME, DOMAIN_VERSION, TYPES
from milestone_escrow.revert_sentences import SENTENCES, selector

__all__ = ["contract"]

_CONTRACTS: Final[tuple[models.ContractName, ...]] = ("MilestoneEscrow", "DealNotes")
assert _CONTRACTS == (ESCROW, NOTES)

_TIMERS: Final = (
    ("min_period", MIN_PERIOD, "the shortest review or ruling period"),
    ("max_review_period", MAX_REVIEW_PERIOD, "the longest review period"),
    ("max_ruling_period", MAX_RULING_PERIOD, "the longest ruling period"),
    ("usual_period", USUAL_PERIOD, "what both periods usually are"),
    ("max_horizon", MAX_HORIZON, "from the opening to the final deadline at most"),
    (
        "dormant_after",
        DORMANT_AFTER,
        "from the later of the final deadline and the last activity: the deal is dormant",
    ),
    ("notice_after", NOTICE_AFTER, "from the dormant date: the freelancer is told"),
    (
        "lapsed_after",
        LAPSED_AFTER,
        "from the dormant date: what nobody asked for goes back to the employer",
    ),
)


def contract(view: View) -> models.Answer[models_facts.Contract]:
    """Return the facts of the contracts that the index is of."""
    source = view.source
    return models.Answer(
        data=models_facts.Contract(
            chain_id=source.chain_id,
            escrow=source.escrow,
            notes=source.notes,
            from_block=source.from_block,
            confirmed_depth=CONFIRMED_DEPTH,
            domain={
                "name": DOMAIN_NAME,
                "version": DOMAIN_VERSION,
                "chainId": source.chain_id,
                "verifyingContract": source.escrow,
            },
            types={
                name: [{"name": field, "type": kind} for field, kind in fields]
                for name, fields in TYPES.items()
            },
            abi={name: list(artifacts.load(name).abi) for name in _CONTRACTS},
            timers=[models_facts.Timer(name=n, seconds=s, meaning=m) for n, s, m in _TIMERS],
            errors=_errors(),
            events=_events(),
        ),
        block=view.shapes.block(),
    )


@cache
def _errors() -> list[models_facts.ErrorItem]:
    return [
        models_facts.ErrorItem(
            name=name,
            selector="0x" + selector(name).hex(),
            contract=each,
            sentence=SENTENCES[name].sentence,
            remedy=SENTENCES[name].remedy,
        )
        for each in _CONTRACTS
        for name in artifacts.load(each).errors()
    ]


@cache
def _events() -> list[models_facts.EventType]:
    found = []
    for each in _CONTRACTS:
        for entry in artifacts.load(each).abi:
            if entry["type"] == "event":
                event: Any = entry
                types = ",".join(collapse_if_tuple(field) for field in entry["inputs"])
                found.append(
                    models_facts.EventType(
                        name=entry["name"],
                        contract=each,
                        signature=f"{entry['name']}({types})",
                        topic="0x" + event_abi_to_log_topic(event).hex(),
                    )
                )
    return found
