"""What every request and answer has in common on the wire: headers, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from frontend_bridge.api.problems import Refused, encode_problem
from frontend_bridge.api.route import Match

__all__ = [
    "EMPTY",
    "METHODS",
    "OF_BODY",
    "PRIVATE",
    "REQUEST_HEADERS",
    "SANDBOXED",
    "SECURITY",
    "Send",
    "allowed",
    "check_json",
    "check_media",
    "host_of",
    "names",
    "refuse",
    "send_json",
    "send_plain",
    "too_large",
    "too_many",
    "too_slow",
]

Send = Callable[[Mapping[str, Any]], Awaitable[None]]

METHODS: Final = b"GET, HEAD, POST, PUT, DELETE, OPTIONS"
REQUEST_HEADERS: Final = (
    b"Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
)
SECURITY: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"Origin"),
]
PRIVATE: Final = [
    *((name, value) for name, value in SECURITY if name != b"vary"),
    (b"vary", b"Origin, Cookie, Authorization"),
]
"""Of an answer that is for one account alone."""

SANDBOXED: Final = [
    (name, value + b"; sandbox" if name == b"content-security-policy" else value)
    for name, value in PRIVATE
]
"""Of a file that somebody else made: where it is shown all the same, it can do nothing."""

EMPTY: Final = {"type": "http.response.body", "body": b""}


_HOST: Final = re.compile(rb"(?:\[([0-9a-fA-F:.]+)\]|([^:@\[\]/\s]+))(?::[0-9]{1,5})?")
OF_BODY: Final = (b"content-type", b"content-length")


def names(asked: bytes, etag: bytes) -> bool:
    """Return whether If-None-Match names this ETag."""
    if asked.strip() == b"*":
        return True
    return etag in (part.strip().removeprefix(b"W/") for part in asked.split(b","))


def host_of(host: bytes) -> bytes:
    """Return a Host header's name, without its port and the brackets of IPv6; empty: it is none."""
    match = _HOST.fullmatch(host)
    return b"" if match is None else (match[1] or match[2]).lower()


def too_large(most: int) -> Refused:
    """Return the refusal of a body."""
    return Refused(
        413,
        f"The body has more than {most} bytes.",
        "Send less: no request needs so much.",
        "too-large",
    )


def too_slow(seconds: float) -> Refused:
    """Return the refusal of a body that does not come."""
    return Refused(
        408,
        f"The body did not come within {seconds:g} seconds.",
        "Send it again over a better connection.",
        "too-slow",
    )


def too_many(what: str, seconds: float) -> Refused:
    """Return the refusal of an address or an account that asks too often."""
    return Refused(
        429,
        f"Too many requests from this {what}.",
        "Wait, then ask less often.",
        "too-many-requests",
        ((b"retry-after", b"%d" % max(1, round(seconds + 0.5))),),
    )


def allowed(match: Match) -> bytes:
    """Return the methods of a path, as the header lists them."""
    return ", ".join(match.methods).encode()


def check_json(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that is not said to be JSON: a form of another site says something else."""
    if _media(headers) != "application/json":
        raise Refused(
            415,
            "The body is not said to be JSON.",
            "Send Content-Type: application/json.",
            "not-json",
        )


def check_media(headers: Mapping[bytes, bytes], media: Sequence[str]) -> str:
    """Return what a body is said to be, which must be one of some types."""
    told = _media(headers)
    if told not in media:
        raise Refused(
            415,
            "The body is not said to be of a type that is taken here.",
            f"Send Content-Type: {', '.join(media)}.",
            "bad-media",
        )
    return told


def _media(headers: Mapping[bytes, bytes]) -> str:
    told = headers.get(b"content-type", b"").partition(b";")[0]
    return told.decode("latin-1").strip().lower()


async def send_json(send: Send, body: bytes, extra: list[tuple[bytes, bytes]]) -> None:
    """Send an answer that is nobody else's, and is not kept."""
    headers = [
        *SECURITY,
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *extra,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_plain(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """Send an answer without a body."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send(EMPTY)


async def refuse(
    send: Send, refused: Refused, extra: list[tuple[bytes, bytes]], *, head: bool
) -> None:
    """Send a problem."""
    body = encode_problem(refused.problem)
    headers = [
        *SECURITY,
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *refused.headers,
        *extra,
    ]
    await send(
        {"type": "http.response.start", "status": refused.problem.status, "headers": headers}
    )
    await send({"type": "http.response.body", "body": b"" if head else body})
