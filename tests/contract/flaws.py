"""A flaw for each rule of an agreement: the fields to change so that it may not be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from tests.contract.twin import Twin
from tests.model_deal import DAY
from tests.roles import STRANGER

__all__ = ["FLAWS"]

FLAWS: Final[tuple[Callable[[Agreement, Twin], dict[str, Any]], ...]] = (
    lambda terms, _: {"payee": terms.employer},
    lambda terms, _: {"freelancer": terms.employer},
    lambda terms, _: {"arbiter": terms.employer},
    lambda terms, _: {"arbiter": terms.freelancer},
    lambda _, twin: {"freelancer": twin.escrow.address},
    lambda _, twin: {"payee": twin.escrow.address},
    lambda _, twin: {"arbiter": twin.escrow.address},
    lambda _, twin: {"platform": twin.escrow.address, "fee_bps": 1},
    lambda _, twin: {"payee": twin.hostile.address, "token": twin.hostile.address},
    lambda _, twin: {"arbiter": twin.hostile.address, "token": twin.hostile.address},
    lambda terms, _: {"token": terms.employer},
    lambda *_: {"platform": ZERO_ADDRESS, "fee_bps": 1},
    lambda *_: {"platform": STRANGER, "fee_bps": 0},
    lambda *_: {"platform": STRANGER, "fee_bps": 1_001},
    lambda *_: {"arbiter_bps": 1_001},
    lambda *_: {"arbiter": ZERO_ADDRESS, "arbiter_bps": 1},
    lambda *_: {"review_period": 3 * DAY - 1},
    lambda *_: {"review_period": 180 * DAY + 1},
    lambda *_: {"ruling_period": 3 * DAY - 1},
    lambda *_: {"ruling_period": 365 * DAY + 1},
    lambda *_: {"fallback_freelancer_bps": 10_001},
    lambda *_: {"milestones": (), "price": 0},
    lambda terms, _: {"milestones": ((0, terms.final_deadline),), "price": 0},
    lambda terms, _: {"milestones": ((2**128, terms.final_deadline),), "price": 2**128},
    lambda terms, _: {
        "milestones": ((1, terms.final_deadline), (1, terms.final_deadline - 1)),
        "price": 2,
    },
    lambda _, twin: {"milestones": ((1, twin.model.now),), "price": 1},
    lambda _, twin: {"milestones": ((1, twin.model.now + 3_650 * DAY + 1),), "price": 1},
    lambda terms, _: {"price": terms.price + 1},
    lambda terms, _: {"accept_by": terms.final_deadline + 1},
    lambda _, twin: {"accept_by": twin.model.now},
    lambda terms, _: {"supersedes": terms.document},
)
