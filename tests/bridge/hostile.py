"""Requests that schemathesis makes of the OpenAPI document, and what it thinks of the answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.bridge.serving import Served

__all__ = ["besiege"]

_TOO_LONG = 414

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


def besiege(served: Served, known: dict[str, list[str]], requests: int) -> Counter[int]:
    """Make about so many requests; return how often each status was answered.

    Args:
        served: The bridge.
        known: Values that are there, by the names of parameters: taken half of the time, so that
            not everything is unknown.
        requests: In all; half of them break the document's rules.
    """
    schema = schemathesis.openapi.from_url(served.url + "/openapi.json")
    every: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    operations = [each for each in every if each.path != "/v1/events"]  # which never ends
    seen: Counter[int] = Counter()
    # Of those without parameters there is but one request. Half of the rest go to what has a body,
    # of which there is more.
    with_body = [operation for operation in operations if operation.body]
    reads = [each for each in operations if not each.body and _has_parameters(each)]
    for operation in operations:
        share = len(with_body if operation.body else reads)
        each = requests // (4 * share)
        _make(served, operation, GenerationMode.POSITIVE, known, each, seen)
        if _has_parameters(operation):
            _make(served, operation, GenerationMode.NEGATIVE, known, each, seen)
    return seen


def _has_parameters(operation: Any) -> bool:
    return bool(operation.path_parameters or operation.query or operation.body)


def _make(
    served: Served,
    operation: Any,
    mode: GenerationMode,
    known: dict[str, list[str]],
    count: int,
    seen: Counter[int],
) -> None:
    cases = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def attack(case: Any, data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            places: list[Any] = [case.path_parameters, case.query]
            if isinstance(case.body, dict):
                places.append(case.body)
                if "agreement" in case.body and data.draw(st.booleans()):
                    # Of random agreements there is no deal.
                    del case.body["agreement"]
                    case.body["deal_id"] = ""
            for place in places:
                for name in list(place or ()):
                    if name in known and (not place[name] or data.draw(st.booleans())):
                        place[name] = data.draw(st.sampled_from(known[name]))
        response = case.call(base_url=served.url, session=served.session, timeout=10)
        seen[response.status_code] += 1
        checks = CHECKS
        # That a request is too long is a refusal, too; schemathesis does not know it as one.
        if mode is GenerationMode.POSITIVE or response.status_code == _TOO_LONG:
            checks = [check for check in CHECKS if check is not negative_data_rejection]
        case.validate_response(response, checks=checks)

    attack()
