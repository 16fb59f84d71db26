"""A bridge over real HTTP, in a thread of the tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests

from frontend_bridge.api.app import Bridge
from frontend_bridge.api.following import Chain, Following
from frontend_bridge.api.server import free_port, serve
from frontend_bridge.api.settings import Limits, Settings

__all__ = ["NO_LIMIT", "Served", "await_that", "serving"]

NO_LIMIT: Final = Limits(rate=0, account_rate=0)
_PATIENCE: Final = 20.0  # seconds


def await_that(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.005)


@dataclass
class Served:
    """A bridge that answers.

    Attributes:
        url: Where.
        bridge: The application behind it.
        session: Of its clients, which keeps connections.
    """

    url: str
    bridge: Bridge
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Ask, following no redirect."""
        return self.session.get(self.url + path, timeout=10, allow_redirects=False, **options)

    def json(self, path: str, **params: Any) -> Any:
        """Return the answer of a question that is answered 200."""
        response = self.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def problem(self, path: str, status: int, **options: Any) -> Any:
        """Return the problem of a question that is refused with this status."""
        response = self.get(path, **options)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == status
        assert problem["detail"] and problem["remedy"] and problem["type"].endswith(problem["code"])
        return problem

    def level_with(self, block: int) -> None:
        """Wait until the answers are of this block or a later one."""
        await_that(
            lambda: self.bridge.hub.head is not None and self.bridge.hub.head.number >= block
        )


@contextmanager
def serving(
    store: Path | str, *, chain: Chain | None = None, limits: Limits = NO_LIMIT, **settings: Any
) -> Iterator[Served]:
    """Serve an index, and with ``chain`` follow it meanwhile."""
    bridge: Bridge | None = None

    def told() -> None:
        assert bridge is not None
        bridge.pulse.wake()

    following = None if chain is None else Following(store, chain, told)
    bridge = Bridge(
        Settings(store, limits=limits, **settings), None if following is None else following.health
    )
    port = free_port("127.0.0.1", 0)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            loop.run_until_complete(
                serve(bridge, "127.0.0.1", port, following=following, ready=ready.set, stop=stop)
            )
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=run, name="bridge")
    thread.start()
    try:
        assert ready.wait(20)
        assert not failed, failed
        served = Served(f"http://127.0.0.1:{port}", bridge)
        await_that(lambda: bridge.hub.head is not None and bridge.hub.head.time is not None)
        with served.session:
            yield served
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(20)
    assert not thread.is_alive() and not failed, failed
