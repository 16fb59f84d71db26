"""One attempt to send a message to a webhook, signed as Standard Webhooks have it.

Nothing of the answer is believed or kept but its status: no redirect is followed, and its body is
read as far as a few kilobytes and dropped. What is told of a failure says nothing of the network
that the bridge is in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from standardwebhooks import Webhook

from frontend_bridge.api.targets import NotPublicError, PublicResolver, target_of
from milestone_escrow.exceptions import UsageError
from milestone_escrow.offchain.deliveries import Due

__all__ = ["SECONDS", "Outcome", "Sender"]

SECONDS: Final = 10.0
"""How long one attempt may take, connection, answer and all."""

_READ: Final = 65_536  # bytes of an answer
_AGENT: Final = "milestone-escrow-webhooks/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    Attributes:
        status: What was answered; None: nothing.
        error: Why it counts as failed; None: it was taken.
    """

    status: int | None
    error: str | None


class Sender:
    """Sends from the event loop in which it was made."""

    def __init__(
        self, allowed: Collection[str], most: int, resolver: AbstractResolver | None = None
    ) -> None:
        """Connect to nobody yet.

        Args:
            allowed: As of ``target_of``.
            most: Connections at a time.
            resolver: Resolves names; usually the system does.
        """
        self._allowed = frozenset(allowed)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=PublicResolver(resolver or aiohttp.ThreadedResolver(), self._allowed),
                use_dns_cache=False,
                force_close=True,  # each attempt resolves and checks anew
                limit=most,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            auto_decompress=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def send(self, due: Due, now: int) -> Outcome:
        """Send a message once.

        Args:
            due: The message.
            now: Unix seconds, which is signed.
        """
        try:
            target = target_of(due.url, self._allowed)
            async with self._session.post(
                target.url,
                data=due.body.encode(),
                headers=_headers(due, now),
                allow_redirects=False,
            ) as answer:
                await answer.content.read(_READ)
                status = answer.status
        except UsageError as error:  # whoever runs the bridge allows less than before
            return Outcome(None, error.sentence)
        except TimeoutError:
            return Outcome(None, f"There was no answer within {SECONDS:.0f} seconds.")
        except aiohttp.ClientConnectorDNSError as error:
            public = not isinstance(error.os_error, NotPublicError)
            told = "could not be resolved" if public else "leads to an address that is not public"
            return Outcome(None, f"The name {told}.")
        except aiohttp.ClientSSLError:
            return Outcome(None, "The host has no certificate that holds for its name.")
        except (aiohttp.ClientError, OSError, ValueError):
            return Outcome(None, "There was no connection, or no answer of HTTP.")
        if 200 <= status < 300:
            return Outcome(status, None)
        return Outcome(status, f"It answered {status}, where 2xx says that it was taken.")


def _headers(due: Due, now: int) -> dict[str, str]:
    at = datetime.fromtimestamp(now, UTC)
    signatures = [Webhook(secret).sign(due.message, at, due.body) for secret in due.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "webhook-id": due.message,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signatures),
    }
