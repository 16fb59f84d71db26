"""Index once in a process that kills itself: ``url path escrow statement``.

It dies right before the SQL statement of that number, counted over all connections; 0: never.
"""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import sys
from typing import Any
from unittest.mock import patch

from milestone_escrow.indexer import Indexer


def main(url: str, path: str, escrow: str, last: int) -> None:
    count = itertools.count(1)
    connect = sqlite3.connect

    def die_at_last(_: str) -> None:
        if next(count) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        connection.set_trace_callback(die_at_last)
        return connection

    with patch.object(sqlite3, "connect", traced), Indexer(url, path, escrow) as indexer:
        indexer.run_once()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
