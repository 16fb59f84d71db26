from __future__ import annotations

import csv
import json
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pyarrow import parquet

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.amounts import parse_units
from milestone_escrow.audit import formats, statement
from milestone_escrow.audit.export import Manifest, export, manifest_path
from milestone_escrow.audit.formats import FORMATS, guarded, write
from milestone_escrow.audit.tables import TABLES, Column, Row, Scope, rows_of
from milestone_escrow.clock import deal_status
from milestone_escrow.event_types import CreditPaid, Funded
from milestone_escrow.exceptions import StoreError, UsageError
from milestone_escrow.indexer import Reader
from milestone_escrow.indexer.source import position_of
from milestone_escrow.state import fold
from milestone_escrow.tokens import NATIVE_COIN, Token
from tests.library.batches import change, fill
from tests.library.indexing import history
from tests.library.plausible_escrow import TOKENS, PlausibleEscrow

EVIL = Token(TOKENS[1], "=1+1", 6)
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def known(address: str) -> Token:
    return NATIVE_COIN if address == ZERO_ADDRESS else EVIL


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlausibleEscrow]:
    path, escrow = tmp_path_factory.mktemp("export") / "index.db", history(300)
    fill(path, escrow)
    return path, escrow


@pytest.fixture
def scope(filled: tuple[Path, PlausibleEscrow]) -> Iterator[Scope]:
    path, escrow = filled
    with Reader(path) as reader:
        yield Scope(reader, escrow.block, escrow.now, None, None, known)


def within(scope: Scope, **changes: Any) -> Scope:
    from dataclasses import replace

    return replace(scope, **changes)


# --- Reading back


def read_csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_parquet(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def read_xlsx(path: Path) -> list[list[dict[str, Any]]]:
    """Return the rows of each sheet; no sheet may hold a formula or a link."""
    sheets = []
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if "worksheets/sheet" in name)
        for name in names:
            root = ElementTree.fromstring(archive.read(name))
            assert root.find(f".//{SPACE}f") is None
            assert root.find(f".//{SPACE}hyperlink") is None
            lines = []
            for row in root.iter(f"{SPACE}row"):
                cells: dict[int, Any] = {}
                for cell in row.iter(f"{SPACE}c"):
                    letters = "".join(c for c in cell.attrib["r"] if c.isalpha())
                    place = 0
                    for letter in letters:
                        place = 26 * place + ord(letter) - 64
                    text = "".join(each.text or "" for each in cell.iter(f"{SPACE}t"))
                    value = cell.find(f"{SPACE}v")
                    kind = cell.attrib.get("t")
                    if kind == "inlineStr":
                        cells[place - 1] = text
                    elif value is not None and value.text is not None:
                        number = float(value.text)
                        cells[place - 1] = bool(number) if kind == "b" else int(number)
                lines.append(cells)
            heads, *rest = lines
            sheets.append([{heads[i]: cells.get(i) for i in range(len(heads))} for cells in rest])
    return sheets


def same(form: str, column: Column, cell: Any, back: Any) -> bool:
    """Whether what was read back is the cell, as the format writes it."""
    is_stranger = column.kind == "text" and isinstance(cell, str)
    if form == "csv":
        if isinstance(cell, bool):
            return bool(back == str(cell).lower())
        return bool(back == ("" if cell is None else guarded(cell) if is_stranger else str(cell)))
    if form == "parquet" and column.kind == "time" and cell is not None:
        return bool(back == datetime.fromisoformat(cell))
    if form == "xlsx" and is_stranger:
        return bool(back == guarded(cell))
    return bool(back == cell and type(back) is type(cell))


@pytest.mark.parametrize("what", TABLES)
@pytest.mark.parametrize("form", FORMATS)
def test_every_table_in_every_format(scope: Scope, tmp_path: Path, form: str, what: str) -> None:
    path = tmp_path / f"{what}.{form}"
    manifest = export(scope, path, what=what, form=form, block_hash=b"\7" * 32)
    readers: dict[str, Callable[[Path], Any]] = {
        "csv": read_csv,
        "jsonl": read_jsonl,
        "parquet": read_parquet,
        "xlsx": lambda path: read_xlsx(path)[0],
    }
    back = readers[form](path)
    columns = TABLES[what].columns
    expected = list(rows_of(what, scope))
    assert len(back) == len(expected) == manifest.rows > 20
    for row, read in zip(expected, back, strict=True):
        assert list(read) == [column.name for column in columns]
        for column, cell, other in zip(columns, row, read.values(), strict=True):
            assert same(form, column, cell, other), (column, cell, other)

    content = path.read_bytes()
    assert (manifest.sha256, manifest.bytes) == (sha256(content).hexdigest(), len(content))
    assert json.loads(manifest_path(path).read_text()) == {
        name: getattr(manifest, name) for name in Manifest.__slots__
    }
    assert (manifest.to_block, manifest.block_hash) == (scope.block, "0x" + "07" * 32)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        path.name,
        path.name + ".manifest.json",
    ]


# --- What the rows say


def test_events_are_all_there_with_exact_amounts(
    scope: Scope, filled: tuple[Path, PlausibleEscrow]
) -> None:
    records = filled[1].records
    rows = [
        dict(zip((c.name for c in TABLES["events"].columns), row, strict=True))
        for row in rows_of("events", scope)
    ]
    assert [(row["block_number"], row["log_index"]) for row in rows] == [
        (record.block_number, record.log_index) for record in records
    ]
    deals = fold(records).deals
    for row, record in zip(rows, records, strict=True):
        event = record.event
        assert row["event"] == type(event).__name__
        assert row["time_unix"] == record.timestamp
        assert record.timestamp is not None
        moment = datetime.fromtimestamp(record.timestamp, UTC)
        assert row["time_utc"] == moment.isoformat().replace("+00:00", "Z")
        token = event.token if isinstance(event, CreditPaid) else deals[event.deal_id].token
        assert row["token"] == token
        if isinstance(event, Funded):
            assert row["amount_raw"] == str(event.remaining)
        if row["amount_raw"] is not None:
            decimals = known(token).decimals
            assert parse_units(str(row["amount"]), decimals) == int(str(row["amount_raw"]))
    assert {row["symbol"] for row in rows} == {"ETH", "=1+1"}


def test_without_decimals_there_are_raw_units_only(scope: Scope) -> None:
    offline = within(scope, token=lambda _: None)
    names = [column.name for column in TABLES["milestones"].columns]
    for row in rows_of("milestones", offline):
        shape = dict(zip(names, row, strict=True))
        assert shape["amount_raw"]
        assert (shape["amount"], shape["symbol"], shape["decimals"]) == (None, None, None)


def test_as_it_was_at_a_block(scope: Scope, filled: tuple[Path, PlausibleEscrow]) -> None:
    records = filled[1].records
    for block in (records[40].block_number, records[-60].block_number):
        past = within(scope, block=block)
        before = [record for record in records if record.block_number <= block]
        deals = list(fold(before).deals.values())
        assert len(list(rows_of("events", past))) == len(before)
        assert [(row[0], row[1], row[2]) for row in rows_of("deals", past)] == [
            ("0x" + deal.deal_id.hex(), deal_status(deal, past.now).status.value, deal.bound)
            for deal in deals
        ]
        names = [column.name for column in TABLES["milestones"].columns]
        held = [dict(zip(names, row, strict=True)) for row in rows_of("milestones", past)]
        assert [(row["state"], row["remaining_raw"]) for row in held] == [
            (each.status.name.lower(), str(each.remaining))
            for deal in deals
            for each in deal.milestones
        ]


def test_of_one_deal_and_of_one_party(scope: Scope) -> None:
    deal = next(deal for deal in scope.reader.deals(limit=100) if deal.bound and deal.funded)
    for choice, deals in (
        ({"deal": deal.deal_id}, [deal]),
        ({"party": deal.employer}, scope.reader.deals(party=deal.employer, limit=1_000)),
    ):
        chosen = within(scope, **choice)
        ids = {"0x" + each.deal_id.hex() for each in deals}
        for what, table in TABLES.items():
            place = [column.name for column in table.columns].index("deal_id")
            everything = [row for row in rows_of(what, scope) if row[place] in ids]
            rows = list(rows_of(what, chosen))
            if what == "movements":  # of deals, credits are no movement; the rest is the same
                rows = [row[:8] for row in rows]
                everything = [row[:8] for row in everything]
            assert rows == everything
            assert rows


def test_movements_end_with_what_is_held(scope: Scope) -> None:
    names = [column.name for column in TABLES["movements"].columns]
    held: dict[str, str] = {}
    for row in rows_of("movements", scope):
        shape = dict(zip(names, row, strict=True))
        held[str(shape["token"])] = str(shape["balance_after_tx_raw"])
    assert held == {token: str(ledger.held) for token, ledger in scope.reader.ledgers().items()}


# --- Dangerous text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_a_strangers_text_is_no_formula(tmp_path: Path, text: str) -> None:
    columns = [Column("symbol", "text"), Column("amount", "decimal")]
    rows: list[Row] = [[text, "-5"]]
    write("csv", tmp_path / "a.csv", columns, rows, title="t", time=0)
    assert read_csv(tmp_path / "a.csv") == [{"symbol": "'" + text, "amount": "-5"}]
    write("xlsx", tmp_path / "a.xlsx", columns, rows, title="t", time=0)
    (line,) = read_xlsx(tmp_path / "a.xlsx")[0]
    assert line["symbol"].startswith("'")
    # Formats that no sheet program evaluates keep it as it is.
    write("jsonl", tmp_path / "a.jsonl", columns, rows, title="t", time=0)
    assert read_jsonl(tmp_path / "a.jsonl") == [{"symbol": text, "amount": "-5"}]
    assert guarded("ETH") == "ETH"


# --- Whole or not at all


@pytest.fixture
def damaged(filled: tuple[Path, PlausibleEscrow], tmp_path: Path) -> Iterator[Scope]:
    """An index of which the last event cannot be read."""
    path, escrow = tmp_path / "damaged.db", filled[1]
    fill(path, escrow)
    last = escrow.records[-1]
    place = position_of(last.block_number, last.log_index)
    change(path, f"UPDATE events SET data = x'12' WHERE (position & {(1 << 52) - 1}) = {place}")
    with Reader(path) as reader:
        yield Scope(reader, escrow.block, escrow.now, None, None, known)


@pytest.mark.parametrize("form", FORMATS)
def test_an_error_leaves_nothing(damaged: Scope, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "events"
    with pytest.raises(StoreError, match="damaged"):
        export(damaged, path, what="events", form=form)
    assert list(folder.iterdir()) == []
    path.write_text("before")
    manifest_path(path).write_text("before")
    with pytest.raises(StoreError, match="damaged"):
        export(damaged, path, what="events", form=form, force=True)
    assert path.read_text() == manifest_path(path).read_text() == "before"
    assert len(list(folder.iterdir())) == 2


def test_a_file_that_is_there_is_kept(scope: Scope, tmp_path: Path) -> None:
    for there in (tmp_path / "a.csv", tmp_path / "a.csv.manifest.json"):
        there.write_text("mine")
        with pytest.raises(UsageError) as caught:
            export(scope, tmp_path / "a.csv", what="deals", form="csv")
        assert caught.value.code == "file-exists"
        assert [each.read_text() for each in tmp_path.iterdir()] == ["mine"]
        there.unlink()
    (tmp_path / "a.csv").write_text("mine")
    manifest = export(scope, tmp_path / "a.csv", what="deals", form="csv", force=True)
    assert sha256((tmp_path / "a.csv").read_bytes()).hexdigest() == manifest.sha256


def test_a_folder_that_is_not_there(scope: Scope, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        export(scope, tmp_path / "no" / "a.csv", what="deals", form="csv")


@pytest.mark.parametrize(("form", "package"), [("parquet", "pyarrow"), ("xlsx", "xlsxwriter")])
def test_a_package_that_is_not_installed(
    scope: Scope, tmp_path: Path, form: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=package) as caught:
        export(scope, tmp_path / "a", what="deals", form=form)
    assert "milestone-escrow[export]" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


# --- Size


def some_rows(count: int) -> Iterator[Row]:
    for number in range(count):
        yield ["0x" + number.to_bytes(32).hex(), number, str(10**30 + number), number % 2 == 0]


# Parquet is written 5,000 rows at a time, two such in memory at once.
@pytest.mark.parametrize(
    ("form", "few"), [("csv", 4_000), ("jsonl", 4_000), ("parquet", 12_000), ("xlsx", 1_000)]
)
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, form: str, few: int) -> None:
    columns = [
        Column("hash", "hex"),
        Column("n", "integer"),
        Column("raw", "amount"),
        Column("f", "flag"),
    ]

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            path = tmp_path / str(count)
            assert write(form, path, columns, some_rows(count), title="t", time=0) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # imports
    assert peak(3 * few) < 1.2 * peak(few) + 100_000


def test_movements_remember_a_few_deals_and_ask_for_the_others(
    scope: Scope, filled: tuple[Path, PlausibleEscrow], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(rows_of("movements", scope))
    monkeypatch.setattr(statement, "_REMEMBERED", 2)
    assert list(rows_of("movements", scope)) == whole
    asked: list[bytes] = []

    def token_of(deal_id: bytes) -> str:
        asked.append(deal_id)
        return scope.reader.deal(deal_id).token

    few = statement.Statement(None, token_of)
    assert all(len(few._tokens) <= 2 for _ in few.lines(filled[1].records))
    assert asked


def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_ROWS_OF_A_SHEET", 11)
    columns = [
        Column("hash", "hex"),
        Column("n", "integer"),
        Column("raw", "amount"),
        Column("f", "flag"),
    ]
    for count, sizes in ((25, [10, 10, 5]), (20, [10, 10, 0]), (0, [0])):
        path = tmp_path / f"{count}.xlsx"
        assert write("xlsx", path, columns, some_rows(count), title="events", time=0) == count
        sheets = read_xlsx(path)
        assert [len(sheet) for sheet in sheets] == sizes
        assert [row["n"] for sheet in sheets for row in sheet] == list(range(count))
