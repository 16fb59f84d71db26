"""schemathesis over the whole OpenAPI document: no 5xx, and no answer that it does not know.

Many more are made by ``python -m tests.verify --only hostile``.
"""

from __future__ import annotations

from pathlib import Path

from tests.bridge.hostile import besiege
from tests.bridge.serving import Served, serving
from tests.bridge.town import Town


def test_hostile_requests_meet_only_documented_answers(bridge: Served, town: Town) -> None:
    siege = besiege(bridge, town, 400)
    assert not siege.failures, "\n".join(siege.failures)
    seen = siege.seen
    # Of many kinds: how many of each is chance.
    assert seen.total() >= 300 and seen[200] >= 5 and seen[400] >= 50
    assert max(seen) < 500, seen


def test_a_fault_is_found_and_hides_no_other(store: Path, town: Town) -> None:
    with serving(store, rpc=town.stage.chain.rpc_url) as served:
        before = served.bridge._answers.token_of
        served.bridge._answers.token_of = None  # type: ignore[assignment] # a mistake of ours
        siege = besiege(served, town, 40, only="/v1/deals/{id}/milestones")
        everything_else = besiege(served, town, 40, only="/v1/contract")
        served.bridge._answers.token_of = before
    (found,) = siege.failures
    assert "GET /v1/deals/{id}/milestones/{index}, positive" in found and "500" in found
    assert siege.seen[500] and siege.seen[400] > 5  # what breaks the rules was tried after it
    assert not everything_else.failures
