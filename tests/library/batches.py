"""Histories as the batches that the sync gives to the store, and the tables that come of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from milestone_escrow.events import EventRecord, parse_log
from milestone_escrow.indexer import Store, StoreIdentity
from milestone_escrow.indexer.sync import Batch, Header
from tests.library.plausible_escrow import ESCROW, START, PlausibleEscrow
from tests.library.raw_logs import to_log

IDENTITY = StoreIdentity(31_337, b"\7" * 32, ESCROW, 0)


def header_of(number: int, time: int) -> Header:
    parent = b"\0" * 32 if number == 0 else (number - 1).to_bytes(32)
    return Header(number, number.to_bytes(32), parent, time)


def batch(records: list[EventRecord], from_block: int, to_block: int) -> Batch:
    logs = [
        parse_log(to_log(record))
        for record in records
        if from_block <= record.block_number <= to_block
    ]
    times = {record.block_number: record.timestamp or 0 for record in records}
    headers = tuple(
        header_of(number, times.get(number, START)) for number in range(from_block, to_block + 1)
    )
    return Batch(from_block, to_block, headers, tuple(logs))


def fill(path: Path, escrow: PlausibleEscrow) -> None:
    with Store(path, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, escrow.block))


def tables(path: Path) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with sqlite3.connect(path) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        content = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    db.close()
    return content
