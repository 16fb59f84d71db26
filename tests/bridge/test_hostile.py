"""schemathesis over the whole OpenAPI document: no 5xx, and no answer that it does not know.

Many more are made by ``python -m tests.verify --only hostile``.
"""

from __future__ import annotations

from tests.bridge.hostile import besiege
from tests.bridge.serving import Served
from tests.bridge.town import Town


def test_hostile_requests_meet_only_documented_answers(bridge: Served, town: Town) -> None:
    siege = besiege(bridge, town, 520)
    assert not siege.failures, "\n".join(siege.failures)
    seen = siege.seen
    assert seen.total() >= 430 and seen[200] > 30 and seen[400] > 50
    assert max(seen) < 500, seen
