"""Cases as one .xlsx file: a sheet for each table, its first row the names of the columns.

What a spreadsheet keeps as a number stays one, except in columns of text, where 30.0 is the identifier 30.
"""

import datetime
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell

from optimizer.cases.files import Raw, unreadable, unsafe
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES

MOST_UNPACKED_BYTES = 256_000_000
"""Largest size of a spreadsheet's parts, unpacked."""

_MOST_PARTS = 2_000
_MOST_COLUMNS = 100
_MOST_ROWS = 1_048_575
_MOST_CELLS = 8_000_000
_DATES = (datetime.date, datetime.time, datetime.timedelta)
_TEXT_TYPES = {"text", "choice"}
_HOW_TO_SAVE = "Open it in a spreadsheet program and save it again as .xlsx."


Sheet = dict[int, tuple[Any, ...]]
"""The cells of each row by the row's number, without empty rows."""


def read_spreadsheet(path: Path) -> Raw:
    """Reads a case from an .xlsx file.

    Raises:
        ProblemError: the file is no spreadsheet, or one that is unsafe to open.
    """
    _refuse_unsafe(path)
    raw: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            formulas = _sheets(path, data_only=False)
            cells = (cell for rows in formulas.values() for row in rows.values() for cell in row)
            has_formulas = any(cell.data_type == "f" for cell in cells)
            values = _sheets(path, data_only=True) if has_formulas else formulas
    except ProblemError:
        raise
    except Exception as error:  # openpyxl raises whatever a mangled part makes it raise
        message = f"{path.name} is no .xlsx file: {error}"[:300]
        raise ProblemError([unreadable("", "", message, _HOW_TO_SAVE)]) from error
    for name, rows in values.items():
        if not formulas[name] and name not in PROBLEM_TABLES:
            continue
        raw[name], found = _cells(name, formulas[name], rows)
        findings += found
    return raw, findings


def write_spreadsheet(problem: Problem, path: Path) -> None:
    """Writes a case to an .xlsx file.

    Raises:
        ProblemError: a table has more rows than a sheet can hold.
    """
    workbook = openpyxl.Workbook(write_only=True)
    for name, table in PROBLEM_TABLES.items():
        rows = filled_rows(problem, name)
        if len(rows) > _MOST_ROWS:
            message = f"the table has more than {_MOST_ROWS:,} rows, the most a sheet can hold"
            raise ProblemError([unsafe(name, message, "Write the case as a folder.")])
        used = {column for row in rows for column in row}
        names = [column.name for column in table.columns if column.name in used]
        if rows:
            sheet = workbook.create_sheet(name)
            sheet.append(names)
            for row in rows:
                sheet.append([_written(sheet, row.get(column)) for column in names])
    workbook.save(path)


def _refuse_unsafe(path: Path) -> None:
    """Unpacks a spreadsheet into nothing, so that one that unpacks to too much is never opened."""
    too_large = (
        f"{path.name} unpacks to more than {MOST_UNPACKED_BYTES // 1_000_000} MB or {_MOST_CELLS:,} cells"
    )
    smaller = "Write the case as a folder of CSV files."
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise ProblemError([unsafe("", too_large, smaller)])
            unpacked = cell_count = 0
            for part in parts:
                before = b""
                with archive.open(part) as content:
                    while block := content.read(1 << 20):
                        unpacked += len(block)
                        cell_count += block.count(b"<c") + block.count(b"<row")
                        if unpacked > MOST_UNPACKED_BYTES or cell_count > _MOST_CELLS:
                            raise ProblemError([unsafe("", too_large, smaller)])
                        if b"<!DOCTYPE" in before + block or b"<!ENTITY" in before + block:
                            message = f"{path.name} declares XML entities"
                            raise ProblemError([unsafe("", message, _HOW_TO_SAVE)])
                        before = block[-16:]
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as error:
        message = f"{path.name} is no .xlsx file: {error}"[:300]
        raise ProblemError([unreadable("", "", message, _HOW_TO_SAVE)]) from error


def _sheets(path: Path, *, data_only: bool) -> dict[str, Sheet]:
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    try:
        return {sheet.title: dict(_rows(sheet)) for sheet in workbook.worksheets}
    finally:
        workbook.close()


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    sheet.reset_dimensions()
    blank: tuple[Any, ...] = ()
    for number, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
        if number > _MOST_ROWS:
            message = f"the sheet has more than {_MOST_ROWS:,} rows"
            raise ProblemError([unsafe(sheet.title, message, "Write the case as a folder of CSV files.")])
        if row is blank:
            continue
        if any(_shown(cell.value) for cell in row):
            yield number, row
        else:
            blank = row


def _cells(name: str, formulas: Sheet, values: Sheet) -> tuple[pd.DataFrame, list[Finding]]:
    """Raw cells of a sheet.

    Args:
        name: the sheet's name.
        formulas: its cells, formulas as such.
        values: its cells, formulas as what they gave when the file was saved.
    """
    findings: list[Finding] = []
    header_row = min(formulas, default=0)
    header = [_shown(cell.value) for cell in values.get(header_row, ())]
    header += [""] * (max((len(row) for row in formulas.values()), default=0) - len(header))
    columns = PROBLEM_TABLES[name].by_name if name in PROBLEM_TABLES else {}
    rows: list[list[Any]] = []
    for number, formula_cells in formulas.items():
        if number == header_row:
            continue
        cells: list[Any] = [None] * len(header)
        value_cells = values.get(number, (None,) * len(formula_cells))
        for i, (formula_cell, value_cell) in enumerate(zip(formula_cells, value_cells, strict=True)):
            value = None if value_cell is None else value_cell.value
            is_text = header[i] in columns and columns[header[i]].type in _TEXT_TYPES
            trouble = ""
            if value is None and formula_cell.data_type == "f":
                trouble = "the cell's formula was never computed"
            elif is_text and isinstance(value, _DATES):
                trouble = "the spreadsheet made a date of this text"
            elif is_text and value_cell is not None and value_cell.data_type == "e":
                trouble = "the spreadsheet holds an error here"
            if trouble:
                fix = "Type the cell again, formatted as text or number, and save."
                shown = _shown(formula_cell.value if value is None else value)[:80]
                findings.append(Finding("VALUE_TYPE", name, f"row {number}", header[i], shown, trouble, fix))
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            cells[i] = _shown(value) if is_text and is_number else value
        rows.append(cells)
    frame = pd.DataFrame(rows, columns=pd.Index(header, dtype="object"), dtype="object")
    unnamed = [not title and not any(_shown(row[i]) for row in rows) for i, title in enumerate(header)]
    return frame.loc[:, [not left_out for left_out in unnamed]], findings


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return "" if value is None else str(value).strip()


def _written(sheet: Any, value: str | bool | int | float | None) -> Any:
    """A cell that reads back the same: text that is no formula, numbers with all their digits."""
    if value is None or isinstance(value, bool):
        return value
    cell = WriteOnlyCell(sheet, str(value))
    cell.data_type = "s" if isinstance(value, str) else "n"
    return cell
