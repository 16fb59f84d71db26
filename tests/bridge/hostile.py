"""Requests that schemathesis makes of the OpenAPI document, and what it thinks of the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

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

from tests.bridge.quarter import document
from tests.bridge.serving import Served
from tests.bridge.town import Town
from tests.bridge.wallets import Person, sign_in, stranger

__all__ = ["Siege", "besiege"]

_TOO_LONG: Final = (413, 414)
_SIGNED_IN: Final = "Authorization"
_ENDLESS: Final = "text/event-stream"
_TOLD: Final = 2_000  # characters of a failure
_PATIENCE: Final = 60.0  # seconds for an answer, on a machine that has other work too

CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
)


@dataclass
class Siege:
    """What came of many requests.

    Attributes:
        seen: How often each status was answered.
        failures: What was answered against the document, one for each operation and mode at most.
    """

    seen: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def besiege(
    served: Served,
    town: Town,
    requests: int,
    progress: Callable[[int], None] = lambda made: None,
    only: str = "",
) -> Siege:
    """Make about so many requests; half of them break the document's rules.

    Args:
        served: The bridge.
        town: What it tells of.
        requests: In all.
        progress: Told the requests so far, again and again.
        only: Ask what is below this path alone.
    """
    schema = schemathesis.openapi.from_url(served.url + "/openapi.json")
    every: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    operations = [each for each in every if each.path.startswith(only) and not _endless(each)]
    siege = Siege()
    people: list[Person] = []
    # Of those without parameters there is but one request. Half of the rest go to what has a body,
    # of which there is more.
    with_body = [operation for operation in operations if operation.body]
    reads = [each for each in operations if not each.body and _has_parameters(each)]
    for operation in operations:
        share = len(with_body if operation.body else reads) or 1
        each = requests // (4 * share)
        modes = [GenerationMode.POSITIVE]
        if _has_parameters(operation):
            modes.append(GenerationMode.NEGATIVE)
        for mode in modes:
            try:
                if not people or not all(map(_is_signed_in, people)):  # one may sign them out
                    people = [sign_in(served, town.stage, town.stage.employer), stranger(served)]
                    known = _known(town, people)
                _make(served, operation, mode, known, each, siege.seen)
            # What schemathesis found; the others are tried all the same.
            except (Exception, BaseExceptionGroup) as error:
                told = f"{operation.label}, {mode.value}: {type(error).__name__}: {error}"
                siege.failures.append(told[:_TOLD])
            progress(siege.seen.total())
    return siege


def _is_signed_in(person: Person) -> bool:
    return person.send("GET", "/v1/session").status_code == 200


def _known(town: Town, signed_in: list[Person]) -> dict[str, list[str]]:
    """Return values that are there, by the names of parameters: taken half of the time.

    ``Authorization`` is of a party of the deals, and of somebody who has none.
    """
    stage = town.stage
    people: list[str] = [
        stage.employer.address,
        stage.freelancer.address,
        stage.stranger.address,
    ]
    deals = [town.id_of(name) for name in town.deals]
    employer, nobody = signed_in
    kept = employer.data("PUT", "/v1/documents", json=document("A shop").to_json())
    attached = employer.data(
        "POST",
        f"/v1/deals/{town.id_of('native')}/files",
        data=b"evidence",
        headers={"Content-Type": "text/plain"},
    )
    return {
        _SIGNED_IN: [f"Bearer {person.token}" for person in (employer, employer, nobody)],
        "hash": [kept["hash"], attached["hash"]],
        "id": deals,
        "deal_id": deals,
        "from": people,
        "party": people,
        "address": people,
        "as": people,
        "token": [stage.token],
        "index": ["0", "1", "2"],
    }


def _endless(operation: Any) -> bool:
    """Return whether an operation is answered by a stream that never ends."""
    answers = operation.definition.raw["responses"]
    return any(_ENDLESS in answer.get("content", {}) for answer in answers.values())


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
    private = "security" in operation.definition.raw

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
        if private and data.draw(st.integers(0, 3)):
            case.headers[_SIGNED_IN] = data.draw(st.sampled_from(known[_SIGNED_IN]))
        response = case.call(base_url=served.url, session=served.session, timeout=_PATIENCE)
        seen[response.status_code] += 1
        checks = list(CHECKS)
        # That a request is too long is a refusal, too; schemathesis does not know it as one. And of
        # a header's value HTTP takes the blanks off at both ends: what arrives may be well-formed.
        trimmed = any(value != value.strip() for value in map(str, case.headers.values()))
        if (
            mode is GenerationMode.POSITIVE
            or response.status_code in _TOO_LONG
            or (trimmed and response.status_code == 200)
        ):
            checks.remove(negative_data_rejection)
        case.validate_response(response, checks=checks)

    attack()
