"""A small JSON-RPC client over one kept-alive HTTP connection: batches, time-outs, retries.

It knows three kinds of trouble. What may pass (no connection, a server error, a rate limit) is
tried again after growing pauses. What is too much for the node (a range limit, a time-out, an
answer cut short) is ``TooMuch``: ask for less. Anything else is a ``NodeError`` at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests

from milestone_escrow.exceptions import NodeError

__all__ = ["Rpc", "RpcCall", "TooMuch"]

RpcCall = tuple[str, list[object]]
"""A method and its parameters."""

_ATTEMPTS: Final = 5
_FIRST_PAUSE: Final = 0.1  # seconds; doubled after each attempt
# What nodes and providers say when a range of blocks, or what it holds, is too large for them.
_LIMIT_CODES: Final = {-32005, -32062, -32614}
_LIMIT_WORDS: Final = (
    "limit",
    "range",
    "too many",
    "too large",
    "too big",
    "more than",
    "exceed",
    "response size",
    "timeout",
    "timed out",
)


class TooMuch(NodeError):  # noqa: N818 - it is no fault, but a request to ask for less
    """The node cannot answer as much as was asked at once."""

    default_code = "node-limit"


class Rpc:
    """One node, by its HTTP URL.

    Making one asks the node nothing. Its methods may be called from several threads.

    Attributes:
        requests: HTTP requests sent so far.
    """

    def __init__(
        self, url: str, *, timeout: float = 30.0, pause: Callable[[float], object] = time.sleep
    ) -> None:
        """Remember the node.

        Args:
            url: ``http://`` or ``https://``; it may hold a secret, which no error shows.
            timeout: Seconds to wait for the connection, and for each part of an answer.
            pause: Waits a number of seconds before another attempt.

        Raises:
            NodeError: The URL is not one of HTTP.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NodeError(
                f"{parts.scheme or 'Nothing'} is not how a node is reached here.",
                "Give the node's URL, such as http://127.0.0.1:8545.",
                code="node-url",
            )
        self._url = url
        # Providers put their keys into the path.
        self.name = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self._timeout = timeout
        self._pause = pause
        self._session = requests.Session()
        self._session.headers["Content-Type"] = "application/json"
        # A proxy from the environment would not find a node on this machine.
        self._session.trust_env = not _is_local(parts.hostname)
        self.requests = 0

    def __enter__(self) -> Rpc:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def call(self, method: str, *params: object) -> Any:
        """Return the result of one call.

        Raises:
            NodeError: As ``batch``.
        """
        return self.batch([(method, list(params))])[0]

    def batch(self, calls: Sequence[RpcCall]) -> list[Any]:
        """Return the results of calls that are sent together, in their order.

        Raises:
            TooMuch: The node cannot answer so much at once.
            NodeError: No node answers, it answers nonsense, or it refuses one of the calls.
        """
        answers = self._send(calls)
        results: list[Any] = []
        for (method, _), answer in zip(calls, answers, strict=True):
            if answer.get("error") is not None:
                raise self._refusal(method, answer["error"])
            results.append(answer.get("result"))
        return results

    def batch_or_none(self, calls: Sequence[RpcCall]) -> list[Any]:
        """As ``batch``, with None for what the node refuses, such as an unknown tag."""
        return [
            None if answer.get("error") is not None else answer.get("result")
            for answer in self._send(calls)
        ]

    def _send(self, calls: Sequence[RpcCall]) -> list[dict[str, Any]]:
        body = orjson.dumps(
            [
                {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                for number, (method, params) in enumerate(calls)
            ]
        )
        content = self._post(body)
        try:
            answers = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise TooMuch(
                f"The answer of the node at {self.name} was cut short, or is not JSON.",
                "Check that the URL is that of a node.",
            ) from error
        if isinstance(answers, dict) and answers.get("error") is not None:
            raise self._refusal("a batch of calls", answers["error"])
        try:
            by_id = {answer["id"]: answer for answer in answers}
            return [by_id[number] for number in range(len(calls))]
        except (TypeError, KeyError) as error:
            raise NodeError(
                f"What answers at {self.name} is not an Ethereum node.",
                "Check the URL, and that no other program uses that port.",
                code="node-not-answering",
            ) from error

    def _post(self, body: bytes) -> bytes:
        """Return the answer to an HTTP request, after more attempts where that may help."""
        trouble = ""
        cause: Exception | None = None
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(_FIRST_PAUSE * 2 ** (attempt - 1))
            self.requests += 1
            try:
                response = self._session.post(self._url, data=body, timeout=self._timeout)
            except (requests.ReadTimeout, requests.exceptions.ChunkedEncodingError) as error:
                raise TooMuch(
                    f"The node at {self.name} did not finish its answer in time.",
                    "Try again, or use a node that answers faster.",
                ) from error
            except requests.RequestException as error:
                trouble, cause = f"No node answers at {self.name}.", error
                continue
            if response.status_code == 429 or response.status_code >= 500:
                trouble = f"The node at {self.name} is busy (HTTP {response.status_code})."
                continue
            if response.status_code == 413:
                raise TooMuch(
                    f"The node at {self.name} does not answer so much at once.",
                    "Use a node with a higher limit.",
                )
            # Some nodes send their JSON errors with an HTTP error.
            if response.ok or response.content[:1] in (b"[", b"{"):
                return response.content
            raise NodeError(
                f"The node at {self.name} does not let us in (HTTP {response.status_code}).",
                "Check the URL and its key.",
                code="node-refused",
            )
        raise NodeError(
            trouble,
            "Start the node, or give the URL of one that runs.",
            code="node-not-answering",
        ) from cause

    def _refusal(self, method: str, error: Any) -> NodeError:
        details = error if isinstance(error, dict) else {"message": error}
        message = str(details.get("message")).rstrip(".")
        sentence = f"The node at {self.name} refused {method}: {message}."
        limited = details.get("code") in _LIMIT_CODES or any(
            word in message.lower() for word in _LIMIT_WORDS
        )
        if limited:
            return TooMuch(sentence, "Use a node with a higher limit.")
        return NodeError(sentence, "Check that it is an Ethereum node.", code="node-refused")


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
