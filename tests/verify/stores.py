"""Places for indexes in each database, outside of pytest."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.postgres import NoPostgres, start_postgres

__all__ = ["STORES", "NoPostgres", "targets"]

STORES: Final = ("SQLite", "PostgreSQL")


@contextmanager
def targets(store: str) -> Iterator[Callable[[], Path | str]]:
    """Give a function that names a place in the store where no index is, a new one at each call.

    Raises:
        NoPostgres: That server cannot be started here.
    """
    if store == "SQLite":
        with TemporaryDirectory() as folder:
            numbers = itertools.count()
            yield lambda: Path(folder) / f"{next(numbers)}.db"
        return
    with start_postgres() as server:
        yield server.new_schema
