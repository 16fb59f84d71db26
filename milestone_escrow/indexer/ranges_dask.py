"""Reading ranges on the workers of a Dask cluster: what they read, this process writes in order.

A task is a range and where to read it, and reading it twice gives the same; so a worker that dies
costs time only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import cache, partial
from types import TracebackType
from typing import Any, Self

from milestone_escrow.exceptions import NodeError, UsageError
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.ranges import Range, Read, read_range
from milestone_escrow.indexer.sync_steps import Batch

__all__ = ["Workers"]


class Workers:
    """A Dask cluster that reads ranges; a context manager.

    Attributes:
        executor: Runs tasks on it.
    """

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        """Connect to its scheduler.

        Args:
            url: The scheduler's, such as ``tcp://127.0.0.1:8786``.
            timeout: Seconds to wait for it.

        Raises:
            UsageError: Dask is not installed (``dask-not-installed``).
            NodeError: There is no scheduler (``no-workers``).
        """
        try:
            from distributed import Client
        except ImportError as error:
            raise UsageError(
                "Workers need Dask, which is not installed.",
                "Install milestone-escrow[dask].",
                code="dask-not-installed",
            ) from error
        try:
            connect: Any = Client  # it has no types
            self._client = connect(url, timeout=timeout, set_as_default=False)
        except (OSError, ValueError) as error:
            raise NodeError(
                f"No Dask scheduler answers at {url[:80]}.",
                "Start one with dask scheduler, and workers with dask worker.",
                code="no-workers",
            ) from error
        self.executor: Executor = self._client.get_executor(pure=False)

    def reader(self, urls: Sequence[str], timeout: float = 30.0) -> Callable[[Sequence[str]], Read]:
        """Return what makes the tasks of an indexer with these nodes."""
        return partial(_reader, tuple(urls), timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()


def _reader(urls: tuple[str, ...], timeout: float, addresses: Sequence[str]) -> Read:
    return partial(_read, urls, timeout, tuple(addresses))


def _read(urls: tuple[str, ...], timeout: float, addresses: tuple[str, ...], asked: Range) -> Batch:
    return read_range(_endpoints(urls, timeout), addresses, asked)


@cache
def _endpoints(urls: tuple[str, ...], timeout: float) -> Endpoints:
    """Return the connections of this worker, which are kept."""
    return Endpoints(urls, timeout=timeout)
