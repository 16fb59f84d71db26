"""Every error planted in the index is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_escrow.audit import audit
from milestone_escrow.event_types import (
    Accepted,
    Funded,
    Opened,
    Refunded,
    Released,
    ReleaseRequested,
    Superseded,
)
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.indexer import Reader
from milestone_escrow.indexer.tables import TABLES
from tests.library.audited import Audited, at, difference, played


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with played(tmp_path_factory.mktemp("audited")) as made:
        yield made


def test_finds_changed_data(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Released, index=1)
    event = record.event
    assert isinstance(event, Released)
    words = (event.gross + 1, event.fee, event.remaining, event.reason)
    receiver = bytes(12) + bytes.fromhex(event.receiver[2:])
    data = receiver + b"".join(int(word).to_bytes(32) for word in words)
    path = chain.copy(
        tmp_path / "index", f"UPDATE events SET data = x'{data.hex()}' WHERE {at(record)}"
    )
    found = difference(chain, path=path)
    assert (found.check, found.what) == ("logs", "gross of the event Released")
    assert (found.expected, found.found) == (str(event.gross), str(event.gross + 1))
    assert (found.deal_id, found.index) == (event.deal_id, 1)
    assert (found.block_number, found.tx_hash) == (record.block_number, record.tx_hash)
    # Without a node the events themselves tell.
    with Reader(path) as reader:
        report = audit(reader, None)
    assert report.difference is not None
    assert (report.difference.check, report.difference.tx_hash) == ("events", record.tx_hash)


def test_finds_data_that_is_no_event(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Released, index=1)
    path = chain.copy(tmp_path / "index", f"UPDATE events SET data = x'12' WHERE {at(record)}")
    found = difference(chain, path=path)
    assert (found.check, found.block_number, found.tx_hash) == (
        "logs",
        record.block_number,
        record.tx_hash,
    )
    assert "bytes of data" in found.found
    with Reader(path) as reader, pytest.raises(EscrowError, match="The index is damaged"):
        audit(reader, None)


@pytest.mark.parametrize("kind", [Opened, Accepted, Funded, Released, Refunded, Superseded])
def test_finds_a_missing_event(chain: Audited, tmp_path: Path, kind: type) -> None:
    record = chain.first(kind)
    path = chain.copy(tmp_path / "index", f"DELETE FROM events WHERE {at(record)}")
    found = difference(chain, path=path)
    assert (found.check, found.what, found.found) == ("logs", "the log", "none in the index")
    assert found.expected.startswith(f"{kind.__name__} (")
    assert (found.block_number, found.log_index) == (record.block_number, record.log_index)
    assert found.deal_id == record.event.deal_id  # type: ignore[union-attr]


def test_finds_the_last_event_missing(chain: Audited, tmp_path: Path) -> None:
    record = chain.records[-1]
    path = chain.copy(tmp_path / "index", f"DELETE FROM events WHERE {at(record)}")
    found = difference(chain, path=path)
    assert (found.check, found.tx_hash) == ("logs", record.tx_hash)


def test_finds_a_duplicate(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Refunded)
    others = ", ".join(name for name in TABLES["events"].names if name != "position")
    path = chain.copy(
        tmp_path / "index",
        f"INSERT INTO events (position, {others}) SELECT position + 7, {others} FROM events "
        f"WHERE {at(record)}",
    )
    found = difference(chain, path=path)
    assert (found.check, found.expected) == ("logs", "none")
    assert found.found.startswith("Refunded (")
    assert (found.block_number, found.log_index) == (record.block_number, record.log_index + 7)


def test_finds_another_transaction(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Released)
    path = chain.copy(
        tmp_path / "index", f"UPDATE events SET tx_hash = x'{'ab' * 32}' WHERE {at(record)}"
    )
    found = difference(chain, path=path)
    assert (found.check, found.what) == ("logs", "tx_hash of the log")
    assert (found.expected, found.found) == ("0x" + record.tx_hash.hex(), "0x" + "ab" * 32)


def test_finds_an_event_hidden_as_another_kind(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(ReleaseRequested)
    path = chain.copy(tmp_path / "index", f"UPDATE events SET kind = 64 WHERE {at(record)}")
    found = difference(chain, path=path)
    assert (found.check, found.tx_hash) == ("logs", record.tx_hash)
    assert found.found == "none in the index"


def test_finds_an_event_of_another_deal(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Funded, index=1)
    path = chain.copy(tmp_path / "index", f"UPDATE events SET deal = NULL WHERE {at(record)}")
    found = difference(chain, path=path)
    assert found.check == "index"
    assert found.deal_id == record.event.deal_id  # type: ignore[union-attr]
    assert int(found.expected) == int(found.found) + 1


def test_finds_another_block_hash(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Released)
    block = f"(block & {(1 << 32) - 1}) = {record.block_number}"
    path = chain.copy(tmp_path / "index", f"UPDATE blocks SET hash = x'{'ab' * 32}' WHERE {block}")
    found = difference(chain, path=path)
    assert (found.block_number, found.expected) == (
        record.block_number,
        "0x" + record.block_hash.hex(),
    )
    assert found.found == "0x" + "ab" * 32


def test_finds_another_time(chain: Audited, tmp_path: Path) -> None:
    record = chain.first(Released)
    block = f"(block & {(1 << 32) - 1}) = {record.block_number}"
    path = chain.copy(
        tmp_path / "index", f"UPDATE blocks SET timestamp = timestamp + 1 WHERE {block}"
    )
    found = difference(chain, path=path)
    assert (found.check, found.what) == ("blocks", "the time of the event's block")
    assert record.timestamp is not None
    assert (int(found.expected), int(found.found)) == (record.timestamp, record.timestamp + 1)


ROWS = {
    "paid": ("UPDATE milestones SET paid = '1' WHERE milestone = 1 AND deal = {deal}", 1),
    "remaining": ("UPDATE milestones SET remaining = '7' WHERE milestone = 0 AND deal = {deal}", 0),
    "status": ("UPDATE milestones SET status = 2 WHERE milestone = 2 AND deal = {deal}", 2),
    "outcome": (
        "UPDATE milestones SET outcome = 'ruled' WHERE milestone = 2 AND deal = {deal}",
        2,
    ),
    "bound": ("UPDATE deals SET bound = 0 WHERE deal = {deal}", None),
    "settled": ("UPDATE deals SET settled = 1 WHERE deal = {deal}", None),
    "milestones": ("DELETE FROM milestones WHERE milestone = 2 AND deal = {deal}", None),
}


@pytest.mark.parametrize("name", ROWS)
def test_finds_a_changed_row(chain: Audited, tmp_path: Path, name: str) -> None:
    statement, index = ROWS[name]
    record = chain.first(Funded, index=2)
    deal_id = record.event.deal_id  # type: ignore[union-attr]
    deal = f"(SELECT deal FROM events WHERE {at(record)})"
    found = difference(chain, path=chain.copy(tmp_path / "index", statement.format(deal=deal)))
    assert found.check == "index"
    assert name in found.what
    assert (found.deal_id, found.index) == (deal_id, index)


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE credits SET amount = '1'", "credit"),
        ("DELETE FROM credits", "credit"),
        (
            "UPDATE ledgers SET gross = '1' WHERE credited = '0' OR credited <> '0' AND token = "
            "(SELECT min(token) FROM ledgers)",
            "gross",
        ),
    ],
    ids=["credit", "no credit", "ledger"],
)
def test_finds_changed_money(chain: Audited, tmp_path: Path, statement: str, word: str) -> None:
    found = difference(chain, path=chain.copy(tmp_path / "index", statement))
    assert found.check == "index"
    assert word in found.what


def test_finds_another_chain_and_genesis(chain: Audited, tmp_path: Path) -> None:
    for change, what in (
        ("chain_id = 1", "the chain id"),
        (f"genesis_hash = x'{'ab' * 32}'", "the hash of block 0"),
    ):
        path = chain.copy(tmp_path / what.replace(" ", ""), f"UPDATE sources SET {change}")
        found = difference(chain, path=path)
        assert (found.check, found.what) == ("identity", what)
