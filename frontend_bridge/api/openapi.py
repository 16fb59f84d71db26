"""The OpenAPI document, made of the routes and of the models.

``python -m frontend_bridge.api.openapi`` writes the one beside this package, ``--check`` compares.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontend_bridge.api.models import Problem
from frontend_bridge.api.models_webhooks import Notice, Told
from frontend_bridge.api.route import OFF_CHAIN, Route
from frontend_bridge.api.routes import ROUTES
from milestone_escrow import __version__

__all__ = ["FILE", "document", "text"]

FILE: Final = Path(__file__).resolve().parents[1] / "openapi.json"

_REF: Final = "#/components/schemas/{name}"
_PROBLEMS: Final = {
    400: "A parameter or the body is malformed, or a part is missing, unknown or given twice.",
    401: "Nobody is signed in, or the sign-in does not hold.",
    403: "It comes from a page that is not known, or is another account's to do.",
    404: "There is no such thing.",
    405: "The method is not one of this path.",
    409: "The contract or the node would refuse the call now, code being the contract's error.",
    408: "The body did not come in time.",
    413: "The request has a body that is too large.",
    414: "The path and query are too long.",
    415: "The body is not said to be of a type that is taken here.",
    421: "The Host is none under which this bridge may be asked.",
    422: "Each value is well-formed, but there can be no answer for them.",
    429: "Too many requests from this address or account, or too much written on one day.",
    503: "The index or the node cannot be asked at the moment, or too many requests wait for it.",
}
_SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that POST /v1/sign-in answers with.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-escrow",
        "description": (
            "What POST /v1/sign-in sets; without TLS it is called escrow. Writing with it needs "
            "an Origin that the bridge knows."
        ),
    },
}
_WEBHOOKS: Final[dict[str, type[Struct]]] = {"told": Told, "notice": Notice}
_SIGNED: Final = {
    "webhook-id": "The message's, the same at each attempt.",
    "webhook-timestamp": "Unix seconds of the attempt.",
    "webhook-signature": "Of id, timestamp and body, as Standard Webhooks have it.",
}
_SIGNED_IN: Final = ("private", "write")
_RETRIED: Final = (429, 503)


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    models = [route.answer for route in ROUTES if route.answer is not None]
    sent = [form for route in ROUTES for form in (route.body, route.form)]
    models += [form for form in sent if form is not None] + list(_WEBHOOKS.values())
    shapes, schemas = msgspec.json.schema_components([*models, Problem], ref_template=_REF)
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    schema_of = {id(model): shape for model, shape in zip(models, shapes, strict=False)}
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Milestone escrow bridge",
            "version": __version__,
            "summary": "Deals of a milestone escrow, what may be done with them, and live events.",
            "description": (
                "Reading what is on the chain needs no login; what is kept beside it is for those "
                "whom it concerns, signed in with their wallets (EIP-4361). Amounts are exact: "
                "`raw` is an integer in the token's smallest units, as a decimal string. Every "
                "answer names the block at whose end it is true, and how final that is. Errors "
                "are RFC 9457 problems with a remedy. "
                "Answers have an ETag: send it back as If-None-Match."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {},
        "components": {"schemas": schemas, "securitySchemes": _SECURITY},
    }
    for route in ROUTES:
        own = found["paths"].setdefault(route.path, {})
        own[route.method.lower()] = _operation(route, schema_of)
    found["webhooks"] = {
        name: {"post": _told(model, schema_of[id(model)])} for name, model in _WEBHOOKS.items()
    }
    return _renamed(found)


def text() -> str:
    """Return the document as it is written and served."""
    return json.dumps(document(), indent=1, ensure_ascii=True) + "\n"


def _told(model: type[Struct], shape: Any) -> dict[str, Any]:
    """Return what a receiver of a webhook gets, and what it may answer."""
    return {
        "summary": inspect.cleandoc(model.__doc__ or "").partition("\n")[0],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
            }
            for name, description in _SIGNED.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": shape}}},
        "responses": {
            "2XX": {"description": "It was taken."},
            "410": {"description": "Nothing more is wanted: the webhook is switched off."},
            "default": {"description": "It is sent again later, under the same id."},
        },
    }


def _operation(route: Route, schema_of: dict[int, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if route.kind in ("stream", "metrics") or route.answers_file:
        content = {route.media: {"schema": {"type": "string"}}}
    elif route.answer is None:
        content = {route.media: {"schema": {"type": "object"}}}
    else:
        content = {route.media: {"schema": schema_of[id(route.answer)]}}
    responses: dict[str, Any] = {"200": {"description": route.summary + ".", "content": content}}
    if route.kind == "index":
        responses["200"]["headers"] = {"ETag": {"schema": {"type": "string"}, "required": True}}
        responses["304"] = {"description": "What If-None-Match names is still so."}
    for status in _refusals(route):
        responses[str(status)] = _problem(status)
    for status in route.also:
        responses[str(status)] = {
            "description": route.summary + ": no.",
            "content": {
                **content,
                "application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}},
            },
        }
    shown: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "responses": responses,
    }
    if route.body is not None:
        shown["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[id(route.body)]}},
        }
    if route.raw:
        shown["requestBody"] = {
            "required": True,
            "content": {media: {"schema": _sent(route, schema_of)} for media in route.raw},
        }
    if route.kind in _SIGNED_IN:
        shown["security"] = [{"bearer": []}, {"cookie": []}]
    if route.parameters:
        shown["parameters"] = [
            {
                "name": param.name,
                "in": param.place,
                "required": param.required,
                "description": param.note,
                "schema": {
                    **param.shape.schema,
                    **({} if param.default is None else {"default": param.default}),
                },
            }
            for param in route.parameters
        ]
    return shown


def _sent(route: Route, schema_of: dict[int, Any]) -> Any:
    """Return the schema of what is sent as it is."""
    if route.form is not None:
        return schema_of[id(route.form)]
    return {"type": "string", "format": "binary", "minLength": 1, "maxLength": route.most}


def _refusals(route: Route) -> Iterator[int]:
    for status in _PROBLEMS:
        if status in (401, 403) and route.kind not in OFF_CHAIN:
            continue
        if status == 409 and route.kind != "ask" and route.first is None:
            continue
        if status == 415 and not route.takes_body:
            continue
        if status == 422 and route.kind not in ("index", "ask", "stream", *OFF_CHAIN):
            continue
        yield status


def _problem(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _PROBLEMS[status],
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
    }
    if status in _RETRIED:
        answer["headers"] = {
            "Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}
        }
    return answer


def _renamed(found: dict[str, Any]) -> dict[str, Any]:
    """Return the document with names that every generator of clients takes.

    msgspec calls ``Page[Deal]`` ``Page_Deal_``.
    """
    raw = json.dumps(found)
    names = {name: re.sub(r"_(\w+?)_\b", r"Of\1", name) for name in found["components"]["schemas"]}
    for old, new in names.items():
        if old != new:
            raw = raw.replace(f'"{old}"', f'"{new}"').replace(f'/{old}"', f'/{new}"')
    renamed: dict[str, Any] = json.loads(raw)
    return renamed


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` say whether it is as it would be written."""
    if arguments == ["--check"]:
        if FILE.read_text(encoding="utf-8") == text():
            return 0
        sys.stderr.write(f"{FILE.name} is not what the code serves: run without --check.\n")
        return 1
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
