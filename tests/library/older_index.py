"""Indexes as earlier versions wrote them, by the statements that are kept of each."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from milestone_escrow.events import decode_raw
from tests.library.batches import IDENTITY, batch, change
from tests.library.plausible_escrow import PlausibleEscrow

__all__ = ["first_version", "second_version"]

_FOLDER = Path(__file__).parent


def second_version(target: Path | str) -> None:
    """Make the empty tables of revision 0002, the first that was in PostgreSQL too."""
    dialect = "sqlite" if isinstance(target, Path) else "postgresql"
    text = (_FOLDER / f"index_v2_{dialect}.sql").read_text()
    change(target, *(each for each in text.split(";\n") if each.strip()))


def first_version(path: Path, escrow: PlausibleEscrow) -> None:
    """Write a file as the first version did, one unknown log in it, without the derived rows."""
    step = batch(escrow.records, 0, escrow.block)
    deals: dict[bytes, int] = {}
    with sqlite3.connect(path) as db:
        db.executescript((_FOLDER / "index_v1.sql").read_text())
        db.execute(
            "INSERT INTO meta VALUES (1, 1, ?, ?, ?, 0, ?, ?, 7)",
            (
                IDENTITY.chain_id,
                IDENTITY.genesis_hash,
                IDENTITY.escrow,
                escrow.block,
                step.headers[-1].hash,
            ),
        )
        for log in step.logs:
            record = decode_raw(log)
            assert record is not None
            deal_id = getattr(record.event, "deal_id", None)
            number = None if deal_id is None else deals.setdefault(deal_id, len(deals) + 1)
            index = getattr(record.event, "index", None)
            name = type(record.event).__name__
            place = log.block_number << 20 | log.log_index
            db.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                (place, log.tx_hash, name, number, index, log.topics, log.data),
            )
        unknown = (escrow.block << 20 | 900, b"\1" * 32, None, None, None, b"\2" * 32, b"")
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", unknown)
        with_events = {log.block_number for log in step.logs}
        for header in step.headers:
            if header.number > escrow.block - 256 or header.number in with_events:
                parent = header.parent_hash
                row = (header.number, header.hash, parent, header.timestamp)
                has_events = header.number in with_events
                db.execute("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", (*row, has_events))
    db.close()
