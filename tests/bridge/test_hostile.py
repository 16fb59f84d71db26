"""schemathesis over the whole OpenAPI document: no 5xx, and no answer that it does not know."""

from __future__ import annotations

import pytest

from tests.bridge.hostile import besiege
from tests.bridge.serving import Served
from tests.bridge.town import Town


def known(town: Town) -> dict[str, list[str]]:
    stage = town.stage
    people: list[str] = [
        stage.employer.address,
        stage.freelancer.address,
        stage.stranger.address,
    ]
    return {
        "id": [town.id_of(name) for name in town.deals],
        "deal_id": [town.id_of(name) for name in town.deals],
        "from": people,
        "party": people,
        "address": people,
        "as": people,
        "token": [stage.token],
        "index": ["0", "1", "2"],
    }


def test_hostile_requests_meet_only_documented_answers(bridge: Served, town: Town) -> None:
    seen = besiege(bridge, known(town), 520)
    assert seen.total() >= 430 and seen[200] > 30 and seen[400] > 50
    assert set(seen) <= {200, 400, 404, 405, 409, 413, 414, 415, 422}, seen


@pytest.mark.deep
def test_many_more_hostile_requests(bridge: Served, town: Town) -> None:
    seen = besiege(bridge, known(town), 60_000)
    assert seen.total() >= 50_000, seen
    assert max(seen) < 500, seen
