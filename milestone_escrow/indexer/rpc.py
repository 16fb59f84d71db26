"""A small JSON-RPC client over kept-alive HTTP connections: batches, time-outs, retries.

It knows three kinds of trouble. What may pass (no connection, a server error, a rate limit) is
tried again after growing pauses, or after the one that the node asks for. What is too much for the
node (a range limit, a time-out, an answer cut short) is ``TooMuch``: ask for less. Anything else is
a ``NodeError`` at once. No answer is read that is longer, unpacked, than was agreed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Final, Protocol, cast
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import orjson
import urllib3
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError, ReadTimeoutError
from urllib3.util import Timeout, make_headers

from milestone_escrow.exceptions import NodeError

__all__ = ["LONGEST", "Client", "Rpc", "RpcCall", "TooMuch"]

RpcCall = tuple[str, list[object]]
"""A method and its parameters."""

LONGEST: Final = 1 << 28
"""Bytes of an answer at most, whatever is asked: no honest node comes near."""

_ATTEMPTS: Final = 5
_FIRST_PAUSE: Final = 0.1  # seconds; doubled after each attempt
_LONGEST_PAUSE: Final = 60.0  # seconds; however long the node asks us to wait
_CONNECTIONS: Final = 8  # kept open, one for each request in flight
_PART: Final = 1 << 20  # bytes read at once
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
# And when they were asked too often.
_RATE_CODES: Final = {429, -32029}
_RATE_WORDS: Final = ("rate limit", "rate-limit", "per second", "too many requests", "throughput")


class TooMuch(NodeError):  # noqa: N818 - it is no fault, but a request to ask for less
    """The node cannot answer as much as was asked at once."""

    default_code = "node-limit"


class _Busy(Exception):  # noqa: N818 - never leaves this module
    """The node asks to be asked later; after how many seconds, if it says so."""

    def __init__(self, sentence: str, seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.seconds = seconds


class Client(Protocol):
    """What the sync asks: one node, or several that stand in for each other."""

    @property
    def name(self) -> str:
        """The harmless part of the node's URL."""

    def batch(self, calls: Sequence[RpcCall], longest: int = LONGEST) -> list[Any]:
        """Return the results of calls that are sent together, in their order.

        ``longest`` is how many bytes may come; more are ``TooMuch``.
        """

    def batch_or_none(self, calls: Sequence[RpcCall]) -> list[Any]:
        """As ``batch``, with None for what the node refuses."""


class Rpc:
    """One node, by its HTTP URL.

    Making one asks the node nothing. Its methods may be called from several threads.

    Attributes:
        requests: HTTP requests sent so far.
        retries: Those of them that repeated another.
    """

    def __init__(
        self, url: str, *, timeout: float = 30.0, pause: Callable[[float], object] = time.sleep
    ) -> None:
        """Remember the node.

        Args:
            url: ``http://`` or ``https://``; it may hold a secret, which no error shows.
            timeout: Seconds to wait for the connection, and for the whole of an answer.
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
        # Providers put their keys into the path, or before the host.
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        place = host + (f":{parts.port}" if parts.port else "")
        self._name = f"{parts.scheme}://{place}"
        self._url = parts._replace(netloc=place).geturl()
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        if parts.username is not None:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers |= make_headers(basic_auth=secret)
        self._timeout = timeout
        self._pause = pause
        self._pool = _pool(parts.scheme, parts.hostname)
        self.requests = 0
        self.retries = 0

    def __enter__(self) -> Rpc:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The harmless part of the node's URL."""
        return self._name

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def call(self, method: str, *params: object) -> Any:
        """Return the result of one call.

        Raises:
            NodeError: As ``batch``.
        """
        return self.batch([(method, list(params))])[0]

    def batch(self, calls: Sequence[RpcCall], longest: int = LONGEST) -> list[Any]:
        """Return the results of calls that are sent together, in their order.

        Raises:
            TooMuch: The node cannot answer so much at once, or it is more than ``longest`` bytes.
            NodeError: No node answers, it answers nonsense, or it refuses one of the calls.
        """
        results: list[Any] = []
        for (method, _), answer in zip(calls, self._send(calls, longest), strict=True):
            if answer.get("error") is not None:
                raise self._refusal(method, answer["error"])
            results.append(answer.get("result"))
        return results

    def batch_or_none(self, calls: Sequence[RpcCall]) -> list[Any]:
        """As ``batch``, with None for what the node refuses, such as an unknown tag."""
        return [
            None if answer.get("error") is not None else answer.get("result")
            for answer in self._send(calls, LONGEST)
        ]

    def _send(self, calls: Sequence[RpcCall], longest: int) -> list[dict[str, Any]]:
        """Return the answers to a batch, after more attempts where that may help."""
        body = orjson.dumps(
            [
                {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                for number, (method, params) in enumerate(calls)
            ]
        )
        for attempt in range(_ATTEMPTS):
            self.requests += 1
            self.retries += attempt > 0
            try:
                return self._answers(self._post(body, longest), len(calls))
            except _Busy as busy:
                trouble = busy
            if attempt < _ATTEMPTS - 1:
                wanted = _FIRST_PAUSE * 2**attempt if trouble.seconds is None else trouble.seconds
                self._pause(min(wanted, _LONGEST_PAUSE))
        raise NodeError(
            trouble.sentence,
            "Start the node, or give the URL of one that runs.",
            code="node-not-answering",
        ) from trouble

    def _answers(self, content: bytearray, count: int) -> list[dict[str, Any]]:
        try:
            answers = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise TooMuch(
                f"The answer of the node at {self.name} was cut short, or is not JSON.",
                "Check that the URL is that of a node.",
            ) from error
        if isinstance(answers, dict) and answers.get("error") is not None:
            self._check_rate(answers["error"])
            raise self._refusal("a batch of calls", answers["error"])
        try:
            by_id = {answer["id"]: answer for answer in answers}
            found: list[dict[str, Any]] = [by_id[number] for number in range(count)]
        except (TypeError, KeyError) as error:
            raise NodeError(
                f"What answers at {self.name} is not an Ethereum node.",
                "Check the URL, and that no other program uses that port.",
                code="node-not-answering",
            ) from error
        for answer in found:
            if answer.get("error") is not None:
                self._check_rate(answer["error"])
        return found

    def _post(self, body: bytes, longest: int) -> bytearray:
        """Return the answer to one HTTP request."""
        until = time.monotonic() + self._timeout
        try:
            response = self._pool.request(
                "POST",
                self._url,
                body=body,
                headers=self._headers,
                timeout=Timeout(connect=self._timeout, read=self._timeout),
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except ReadTimeoutError as error:
            raise self._too_slow() from error
        except HTTPError as error:
            raise _Busy(f"No node answers at {self.name}.") from error
        content = self._body(cast(urllib3.HTTPResponse, response), until, longest)
        status = response.status
        if status == 429 or status >= 500:
            raise _Busy(
                f"The node at {self.name} is busy (HTTP {status}).",
                _retry_after(response.headers.get("Retry-After")),
            )
        if status == 413:
            raise TooMuch(
                f"The node at {self.name} does not answer so much at once.",
                "Use a node with a higher limit.",
            )
        # Some nodes send their JSON errors with an HTTP error.
        if 200 <= status < 300 or content.startswith((b"[", b"{")):
            return content
        raise NodeError(
            f"The node at {self.name} does not let us in (HTTP {status}).",
            "Check the URL and its key.",
            code="node-refused",
        )

    def _body(self, response: urllib3.HTTPResponse, until: float, longest: int) -> bytearray:
        """Read an answer; one that trickles in takes no longer than one that does not come."""
        content = bytearray()
        try:
            while part := response.read1(_PART, decode_content=True):
                content += part
                if len(content) > longest:
                    response.close()
                    raise TooMuch(
                        f"The answer of the node at {self.name} is longer than {longest:,} bytes.",
                        "Check that the URL is that of a node, or use another one.",
                    )
                if time.monotonic() > until:
                    response.close()
                    raise self._too_slow()
            if response.length_remaining:
                raise IncompleteRead(len(content), response.length_remaining)
        except (ReadTimeoutError, TimeoutError) as error:
            raise self._too_slow() from error
        except (ProtocolError, HTTPError) as error:
            raise TooMuch(
                f"The node at {self.name} did not finish its answer.",
                "Try again, or use another node.",
            ) from error
        response.release_conn()
        return content

    def _too_slow(self) -> TooMuch:
        return TooMuch(
            f"The node at {self.name} did not finish its answer in time.",
            "Try again, or use a node that answers faster.",
            code="node-too-slow",
        )

    def _check_rate(self, error: Any) -> None:
        """Ask again later if that is what the node wants."""
        code, message = _code_and_message(error)
        if code in _RATE_CODES or any(word in message.lower() for word in _RATE_WORDS):
            raise _Busy(f"The node at {self.name} is asked too often: {message}.")

    def _refusal(self, method: str, error: Any) -> NodeError:
        code, message = _code_and_message(error)
        sentence = f"The node at {self.name} refused {method}: {message}."
        if code in _LIMIT_CODES or any(word in message.lower() for word in _LIMIT_WORDS):
            return TooMuch(sentence, "Use a node with a higher limit.")
        return NodeError(sentence, "Check that it is an Ethereum node.", code="node-refused")


def _code_and_message(error: Any) -> tuple[object, str]:
    details = error if isinstance(error, dict) else {"message": error}
    return details.get("code"), str(details.get("message")).rstrip(".")


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that an HTTP header asks to wait; None: it does not say."""
    if value is None:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None


def _pool(scheme: str, host: str) -> urllib3.PoolManager:
    proxy = getproxies().get(scheme)
    # A proxy from the environment would not find a node on this machine.
    if proxy and not _is_local(host) and not proxy_bypass(host):
        return urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS)
    return urllib3.PoolManager(maxsize=_CONNECTIONS)


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
