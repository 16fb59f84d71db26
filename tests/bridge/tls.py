"""Signing in at a bridge that browsers know by TLS: what it is called, and its cookie."""

from __future__ import annotations

import re
from typing import Any, Final

import requests
from eth_account import Account
from eth_account.signers.local import LocalAccount

from tests.bridge.serving import Served

__all__ = ["COOKIE", "PAGE", "PUBLIC", "SOMEBODY", "cookie_of", "with_cookie"]

PUBLIC: Final = "https://api.example.org"
PAGE: Final = "https://app.example.org"
COOKIE: Final = "__Host-escrow"
SOMEBODY: Final[LocalAccount] = Account.from_key(b"\x11" * 32)


def cookie_of(answer: requests.Response) -> str:
    """Return the token in the cookie that an answer sets."""
    match = re.match(rf"{COOKIE}=([\w-]{{43}}); ", answer.headers["set-cookie"])
    assert match is not None
    return match[1]


def with_cookie(served: Served, method: str, path: str, token: str, **headers: str) -> Any:
    """Ask with a cookie, among others."""
    return requests.request(
        method,
        served.url + path,
        headers={"Cookie": f"other=1; {COOKIE}={token}", **headers},
        timeout=20,
    )
