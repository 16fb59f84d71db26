"""Histories as the batches that the sync gives to the store, and the tables that come of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from milestone_escrow.events import EventRecord, parse_log
from milestone_escrow.indexer import Source, Store
from milestone_escrow.indexer.engine import open_engine
from milestone_escrow.indexer.sync import Batch, Header
from milestone_escrow.indexer.tables import TABLES
from tests.library.plausible_escrow import ESCROW, START, PlausibleEscrow
from tests.library.raw_logs import to_log

IDENTITY = Source(31_337, b"\7" * 32, ESCROW, 0)


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


def fill(target: Path | str, escrow: PlausibleEscrow) -> None:
    with Store(target, IDENTITY) as store:
        store.apply(batch(escrow.records, 0, escrow.block))


def tables(target: Path | str) -> dict[str, list[Any]]:
    """Return every row of every table."""
    db = open_engine(target, write=False)
    content = {
        name: sorted(db.rows(f"SELECT {', '.join(table.names)} FROM {name}"), key=repr)
        for name, table in TABLES.items()
    }
    db.close()
    return content


def lasting(target: Path | str) -> dict[str, list[Any]]:
    """Return every row without what tells in which order it came: the outbox and its sequence."""
    content = tables(target)
    del content["outbox"]
    at = TABLES["sources"].names.index("sequence")
    content["sources"] = [row[:at] + row[at + 1 :] for row in content["sources"]]
    return content


def change(target: Path | str, *statements: str) -> None:
    """Change an index behind the program's back."""
    db = open_engine(target, write=True)
    for statement in statements:
        db.execute(statement)
    db.close()
