"""How a request shows its session: a bearer token, or a cookie and where the request comes from."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final

from frontend_bridge.api.problems import Refused
from frontend_bridge.api.settings import Settings
from milestone_escrow.offchain.sessions import LIFE, TOKEN_BYTES
from milestone_escrow.offchain.sign_in import Place

__all__ = [
    "check_origin",
    "cookie_name",
    "expired_cookie",
    "not_signed_in",
    "place_of",
    "places",
    "session_cookie",
    "token_in",
    "token_text",
]

_BEARER: Final = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9_-]{43})")
_COOKIE: Final = re.compile(rb"[A-Za-z0-9_-]{43}")


# --- Where


def places(settings: Settings) -> list[Place]:
    """Return where one may sign in: here, and on the pages that may read our answers."""
    return [Place(settings.public_url), *map(Place, settings.origins)]


def place_of(settings: Settings, headers: Mapping[bytes, bytes]) -> Place:
    """Return where a request signs in: a known page that sends it, else here, whatever its Host."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    return Place(origin if origin in settings.origins else settings.public_url)


def check_origin(settings: Settings, headers: Mapping[bytes, bytes], *, must: bool) -> None:
    """Refuse what a page of somebody else sends.

    Args:
        settings: Which pages are known.
        headers: Of the request.
        must: Whether it must say where it comes from, as every page of a browser does.

    Raises:
        Refused: It comes from elsewhere (403).
    """
    origin = headers.get(b"origin")
    if origin is None and not must:
        return
    if origin is None or Place(origin.decode("latin-1")) not in places(settings):
        raise Refused(
            403,
            "The request does not come from a page that this bridge knows.",
            "Send it from there, or without the cookie and with Authorization: Bearer.",
            "unknown-origin",
        )


# --- Tokens


def token_text(token: bytes) -> str:
    """Return a token as it is sent."""
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def token_in(settings: Settings, headers: Mapping[bytes, bytes]) -> tuple[bytes | None, bool]:
    """Return the token of a request, and whether a browser added it by itself.

    Raises:
        Refused: There is an ``Authorization`` that is none of ours (401).
    """
    bearer = headers.get(b"authorization")
    if bearer is not None:
        match = _BEARER.fullmatch(bearer)
        token = None if match is None else _bytes(match[1])
        if token is None:
            raise not_signed_in()
        return token, False
    name = cookie_name(settings).encode()
    for part in headers.get(b"cookie", b"").split(b";"):
        key, _, value = part.strip().partition(b"=")
        if key == name and _COOKIE.fullmatch(value):
            return _bytes(value), True
    return None, False


def _bytes(text: bytes) -> bytes | None:
    try:
        token = base64.urlsafe_b64decode(text + b"=")
    except binascii.Error:
        return None
    return token if len(token) == TOKEN_BYTES else None


def not_signed_in() -> Refused:
    """Return the refusal of who is nobody."""
    return Refused(
        401,
        "Only who is signed in may ask this.",
        "Sign in: POST /v1/sign-in/message, then /v1/sign-in.",
        "not-signed-in",
        ((b"www-authenticate", b"Bearer"),),
    )


# --- The cookie


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; browsers keep others from setting one that begins so."""
    return "__Host-escrow" if settings.secure else "escrow"


def session_cookie(settings: Settings, token: bytes) -> tuple[bytes, bytes]:
    """Return the header that gives a browser its token, which no script can read."""
    return _cookie(settings, token_text(token), LIFE)


def expired_cookie(settings: Settings) -> tuple[bytes, bytes]:
    """Return the header that takes it away."""
    return _cookie(settings, "", 0)


def _cookie(settings: Settings, value: str, seconds: int) -> tuple[bytes, bytes]:
    parts = [f"{cookie_name(settings)}={value}", f"Max-Age={seconds}", "Path=/"]
    parts += ["HttpOnly", "SameSite=Strict", *(["Secure"] if settings.secure else [])]
    return b"set-cookie", "; ".join(parts).encode()
