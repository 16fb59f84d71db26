"""Where a webhook may go: to public addresses alone, as they are when it goes there.

A name is resolved anew for each attempt, every address that it leads to is checked, and the
connection goes to one of exactly these: a name that changes its mind in between changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

from milestone_escrow.exceptions import UsageError

__all__ = ["MAX_URL", "NotPublicError", "PublicResolver", "Target", "is_public", "target_of"]

MAX_URL: Final = 2_048
"""Characters."""

_TLS: Final = 443
_REMEDY: Final = "Give an https URL of a public host, without a user, a port or a fragment."
# Ranges that the standard library takes for global: those of documentation, of relays, and those
# whose addresses hold an IPv4 address that somebody translates to.
_NOT_PUBLIC: Final = tuple(
    map(ip_network, ("192.88.99.0/24", "2001::/32", "2002::/16", "3fff::/20"))
)
_IPV6: Final = IPv6Network("2000::/3")  # all that is given out for the public network


class NotPublicError(OSError):
    """A name leads to an address that is not public."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes.

    Attributes:
        url: All of it.
        host: Name or address, lower case.
        port: Of the connection.
    """

    url: str
    host: str
    port: int

    @property
    def place(self) -> str:
        """Host and port, as whoever runs the bridge names them."""
        return f"{self.host}:{self.port}"


def target_of(url: str, allowed: Collection[str]) -> Target:
    """Return where a URL goes.

    Args:
        url: As an account gave it.
        allowed: Hosts with ports, such as ``127.0.0.1:8080``, to which plain HTTP, any port and
            any address are allowed.

    Raises:
        UsageError: A webhook may not go there (``webhook-url``).
    """
    try:
        if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError
        parts = urlsplit(url)
        port = parts.port or (_TLS if parts.scheme == "https" else 80)
    except ValueError:
        raise _refusal("That is no URL.") from None
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.scheme not in ("http", "https"):
        raise _refusal("That is no http or https URL.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refusal("The URL has a user or a fragment.")
    target = Target(url, host, port)
    if target.place in allowed:
        return target
    if parts.scheme != "https" or port != _TLS:
        raise _refusal("A webhook goes by https, to port 443.")
    address = _literal(host)
    if address is not None and not is_public(address):
        raise _refusal("That address is not public.")
    if address is None and (
        "." not in host or host.endswith((".localhost", ".local", ".internal"))
    ):
        raise _refusal("That host is not public.")
    return target


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Return whether an address is one of the public network."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and (found.scope_id is not None or found not in _IPV6):
        return False
    if any(found in network for network in _NOT_PUBLIC):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses, or refuses them."""

    def __init__(self, inner: AbstractResolver, allowed: Collection[str]) -> None:
        """Remember who is asked.

        Args:
            inner: Resolves.
            allowed: As of ``target_of``.
        """
        self._inner = inner
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name.

        Raises:
            NotPublicError: One of them is not public, and the place is not allowed.
            OSError: There are none.
        """
        found = await self._inner.resolve(host, port, family)
        if f"{host.rstrip('.')}:{port}" not in self._allowed:
            for each in found:
                if not is_public(each["host"]):
                    raise NotPublicError(host)
        return found

    async def close(self) -> None:
        """Close who is asked."""
        await self._inner.close()


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # What the C library takes for one: 127.1, 0x7f000001, 2130706433.
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _refusal(sentence: str) -> UsageError:
    return UsageError(sentence, _REMEDY, code="webhook-url", field="url")
