"""Writing rows as CSV, JSON Lines, Parquet or XLSX; only some rows are in memory at a time.

Parquet needs ``pyarrow``, XLSX ``xlsxwriter``: both are the extra ``milestone-escrow[export]``.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from milestone_escrow.audit.tables import Column, Row
from milestone_escrow.exceptions import UsageError

__all__ = ["FORMATS", "guarded", "write"]

# A sheet program would take such a text for a formula, and some run what it says.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_ROWS_AT_ONCE: Final = 5_000
_ROWS_OF_A_SHEET: Final = 1_048_576
_EXACT: Final = 2**53  # a sheet's numbers are floats


def guarded(text: str) -> str:
    """Return a stranger's text so that no sheet program takes it for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def write(
    form: str, path: Path, columns: Sequence[Column], rows: Iterable[Row], *, title: str, time: int
) -> int:
    """Write rows to a file, and return how many there were.

    Args:
        form: One of ``FORMATS``.
        path: The file; it is overwritten.
        columns: What the rows are of.
        rows: The rows.
        title: Of a sheet.
        time: Written into files that carry a time of their making, unix seconds.

    Raises:
        UsageError: What the format needs is not installed (``not-installed``).
        OSError: The file cannot be written.
    """
    return FORMATS[form](path, columns, rows, title, time)


def _csv(path: Path, columns: Sequence[Column], rows: Iterable[Row], _: str, __: int) -> int:
    count = 0
    texts = [column.kind == "text" for column in columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        # RFC 4180; and so a cell with either character is put in quotes.
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow([_csv_cell(cell, text) for cell, text in zip(row, texts, strict=True)])
            count += 1
    return count


def _csv_cell(cell: str | int | bool | None, is_text: bool) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return guarded(cell) if is_text and isinstance(cell, str) else cell


def _jsonl(path: Path, columns: Sequence[Column], rows: Iterable[Row], _: str, __: int) -> int:
    count = 0
    names = [column.name for column in columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            shape = dict(zip(names, row, strict=True))
            file.write(json.dumps(shape, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def _parquet(path: Path, columns: Sequence[Column], rows: Iterable[Row], _: str, __: int) -> int:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise _not_installed("Parquet", "pyarrow") from error
    kinds: dict[str, Any] = {
        "integer": pyarrow.int64(),
        "flag": pyarrow.bool_(),
        "time": pyarrow.timestamp("s", tz="UTC"),
    }
    # An amount has up to 78 digits, and a Parquet decimal 76: digits as text lose none.
    schema = pyarrow.schema(
        [(column.name, kinds.get(column.kind, pyarrow.string())) for column in columns]
    )
    times = [column.kind == "time" for column in columns]
    count, remaining = 0, iter(rows)
    open_writer: Any = parquet.ParquetWriter  # pyarrow does not say its types
    with open_writer(path, schema, compression="zstd") as writer:
        while chunk := list(islice(remaining, _ROWS_AT_ONCE)):
            arrays = [
                pyarrow.array(
                    [_instant(row[i]) if is_time else row[i] for row in chunk], schema.field(i).type
                )
                for i, is_time in enumerate(times)
            ]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
            count += len(chunk)
    return count


def _instant(cell: str | int | bool | None) -> datetime | None:
    return None if cell is None else datetime.fromisoformat(str(cell))


def _xlsx(path: Path, columns: Sequence[Column], rows: Iterable[Row], title: str, time: int) -> int:
    try:
        import xlsxwriter
    except ImportError as error:
        raise _not_installed("XLSX", "xlsxwriter") from error
    # What it writes on the way is gone with the folder, after an error too.
    with tempfile.TemporaryDirectory(prefix=".xlsx-", dir=path.parent) as folder:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": folder,
        }
        book = xlsxwriter.Workbook(str(path), options)
        book.set_properties({"created": datetime.fromtimestamp(time, UTC).replace(tzinfo=None)})
        try:
            return _write_sheets(book, columns, iter(rows), title)
        finally:
            book.close()  # after an error, too: it has files open


def _write_sheets(book: Any, columns: Sequence[Column], rows: Iterator[Row], title: str) -> int:
    """Write as many sheets as the rows need, at least one; return the number of rows."""
    bold = book.add_format({"bold": True})
    count, number, more = 0, 1, True
    while more:
        sheet = book.add_worksheet(title if number == 1 else f"{title} {number}")
        sheet.freeze_panes(1, 0)
        for i, column in enumerate(columns):
            sheet.write_string(0, i, column.name, bold)
        line = 0
        for line, row in enumerate(islice(rows, _ROWS_OF_A_SHEET - 1), start=1):
            for i, cell in enumerate(row):
                _xlsx_cell(sheet, line, i, cell, columns[i].kind == "text")
        count, number, more = count + line, number + 1, line == _ROWS_OF_A_SHEET - 1
    return count


def _xlsx_cell(
    sheet: Any, line: int, place: int, cell: str | int | bool | None, is_text: bool
) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(line, place, cell)
    elif isinstance(cell, int) and abs(cell) < _EXACT:
        sheet.write_number(line, place, cell)
    elif cell is not None:
        text = str(cell)
        sheet.write_string(line, place, guarded(text) if is_text else text)


def _not_installed(form: str, package: str) -> UsageError:
    return UsageError(
        f"{form} needs the package {package}, which is not installed.",
        "Install milestone-escrow[export], or choose csv or jsonl.",
        code="not-installed",
    )


_Writer = Callable[[Path, Sequence[Column], Iterable[Row], str, int], int]
FORMATS: Final[dict[str, _Writer]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
"""By the name that ``escrow export --format`` takes."""
