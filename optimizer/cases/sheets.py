"""The sheets of an .xlsx file as rows of cells, without what is merely formatted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import to_excel

from optimizer.cases.files import unsafe
from optimizer.errors import ProblemError

MOST_ROWS = 1_048_576
"""Most rows of a sheet, its header included."""

_MOST_COLUMNS = 100
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"')
_VALUE_ENDS = (b"v>", b"is>", b"<f", b":f")


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        rows: the cells of each filled row by the row's number.
        is_hidden: the sheet is not shown.
        hidden_row_count: rows of it that are not shown.
        merged: the ranges of cells that are merged, such as A2:A4.
        epoch: the day from which the workbook counts dates.
    """

    rows: dict[int, tuple[Any, ...]]
    is_hidden: bool
    hidden_row_count: int
    merged: tuple[str, ...]
    epoch: Any

    def number(self, date: Any) -> float:
        """The number that the workbook holds for a date."""
        return float(to_excel(date, self.epoch))

    def merged_below(self, row_number: int) -> list[str]:
        """The merged ranges that reach below a row."""
        return [cells for cells in self.merged if range_boundaries(cells)[3] > row_number]


def read_sheets(path: Path, *, data_only: bool) -> dict[str, Sheet]:
    """The sheets of a workbook by their titles.

    Args:
        path: the file.
        data_only: formulas as what they gave when the file was saved, not as such.

    Raises:
        ProblemError: a sheet has more rows than a spreadsheet holds.
        Exception: the file is mangled, and openpyxl says so in its many ways.
    """
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    try:
        return {sheet.title: _sheet(sheet, workbook.epoch) for sheet in workbook.worksheets}
    finally:
        workbook.close()


def _sheet(sheet: Any, epoch: Any) -> Sheet:
    # openpyxl makes an object of every formatted cell: it is told where the last filled row is.
    with sheet._get_source() as source:
        text: bytes = source.read()
    return Sheet(
        rows=dict(_rows(sheet, _last_row(text))),
        is_hidden=sheet.sheet_state != "visible",
        hidden_row_count=len(_HIDDEN_ROW.findall(text)) if b"hidden=" in text else 0,
        merged=tuple(cells.decode("ascii") for cells in _MERGED.findall(text))
        if b"mergeCell" in text
        else (),
        epoch=epoch,
    )


def _last_row(text: bytes) -> int | None:
    """The number of the last row that has more than a format; None if its text does not tell."""
    end = text.rfind(b"sheetData>")
    last = max(text.rfind(value, 0, end) for value in _VALUE_ENDS)
    if end < 0 or last < 0:
        return None
    start = max(text.rfind(b"<row", 0, last), text.rfind(b":row", 0, last))
    number = _ROW_NUMBER.search(text, max(start, 0), text.find(b">", start))
    return int(number[1]) if number else None


def _rows(sheet: Any, last_row: int | None) -> Iterator[tuple[int, tuple[Any, ...]]]:
    sheet.reset_dimensions()
    if last_row is not None and last_row > MOST_ROWS:
        raise _too_long(sheet.title)
    blank: tuple[Any, ...] = ()
    for number, row in enumerate(sheet.iter_rows(max_row=last_row, max_col=_MOST_COLUMNS), 1):
        if number > MOST_ROWS:
            raise _too_long(sheet.title)
        if row is blank:
            continue
        if any(cell.value is not None and str(cell.value).strip() for cell in row):
            yield number, row
        else:
            blank = row


def _too_long(title: str) -> ProblemError:
    message = f"the sheet has more than {MOST_ROWS:,} rows"
    return ProblemError([unsafe(title, message, "Write the case as a folder of CSV files.")])
