"""Cases as one .xlsx file: a sheet for each table, its first row the names of the columns.

What a spreadsheet keeps as a number stays one, except in columns of text, where 30.0 is the identifier 30.
"""

import datetime
import lzma
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell

from optimizer.cases.files import Raw, RawTable, unreadable, unsafe
from optimizer.cases.pasted_cells import DateCell
from optimizer.cases.pasted_characters import known_name
from optimizer.cases.pasted_names import named_table
from optimizer.cases.pasted_rows import Read, Row, table_of_rows
from optimizer.cases.sheets import MOST_ROWS, Sheet, read_sheets
from optimizer.errors import ProblemError
from optimizer.tables.plain_cells import UnreadCell
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import CASE_TABLES, PROBLEM_TABLES

MOST_UNPACKED_BYTES = 256_000_000
"""Largest size of a spreadsheet's parts, unpacked."""

_MOST_PARTS = 2_000
_MOST_CELLS = 8_000_000
_TEXT_TYPES = {"text", "choice"}
_HOW_TO_SAVE = "Open it in a spreadsheet program and save it again as .xlsx."
_HOW_TO_TYPE = "Type the cell again, formatted as text or number, and save."


def read_spreadsheet(path: Path) -> Raw:
    """Reads a case from an .xlsx file.

    Raises:
        ProblemError: the file is no spreadsheet, or one that is unsafe to open.
    """
    _refuse_unsafe(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            formulas = read_sheets(path, data_only=False)
            cells = (cell for sheet in formulas.values() for row in sheet.rows.values() for cell in row)
            has_formulas = any(cell.data_type == "f" for cell in cells)
            values = read_sheets(path, data_only=True) if has_formulas else formulas
    except ProblemError:
        raise
    except Exception as error:  # openpyxl raises whatever a mangled part makes it raise
        message = f"{path.name} is no .xlsx file: {error}"[:300]
        raise ProblemError([unreadable("", "", message, _HOW_TO_SAVE)]) from error
    raw = Raw()
    for title, sheet in formulas.items():
        if not sheet.rows and named_table(title) is None:
            continue
        place = f"{path}, sheet {title}"
        read = _read(title, sheet, values[title], place)
        raw.findings.extend(read.findings)
        raw.notes.extend(read.notes)
        if read.cells is not None:
            raw.tables[title] = RawTable(read.cells, place)
    return raw


def write_spreadsheet(problem: Problem, path: Path) -> None:
    """Writes a case to an .xlsx file.

    Raises:
        ProblemError: a table has more rows than a sheet can hold.
    """
    workbook = openpyxl.Workbook(write_only=True)
    for name, table in PROBLEM_TABLES.items():
        rows = filled_rows(problem, name)
        if len(rows) >= MOST_ROWS:
            message = f"the table has more than {MOST_ROWS - 1:,} rows, the most a sheet can hold"
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
            unpacked = cell_count = formatted_count = 0
            for part in parts:
                before = b""
                with archive.open(part) as content:
                    while block := content.read(1 << 20):
                        unpacked += len(block)
                        formatted_count += block.count(b"<c") + block.count(b"<row")
                        if b"v>" in block or b"is>" in block or b"<f" in block:
                            cell_count, formatted_count = cell_count + formatted_count, 0
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


def _read(title: str, sheet: Sheet, values: Sheet, place: str) -> Read:
    """The table of a sheet.

    Args:
        title: the sheet's name.
        sheet: with formulas as such.
        values: with formulas as what they gave when the file was saved.
        place: file and sheet, as notes name them.
    """
    rows = []
    for number, formulas in sheet.rows.items():
        computed = values.rows.get(number, (None,) * len(formulas))
        cells = [_cell(sheet, *both) for both in zip(formulas, computed, strict=True)]
        rows.append(Row(f"row {number}", cells))
    name = named_table(title)
    read = table_of_rows(title, rows, place)
    if name is None or read.cells is None:
        return read
    merged = sheet.merged_below(int(read.header_place.rpartition(" ")[2] or 0))
    if merged:
        message = f"cells are merged, and only the first of each range has a value: {', '.join(merged[:5])}"
        finding = unreadable(name, "", message, "Unmerge them, and fill every cell.")
        return Read(None, [finding], read.notes)
    if sheet.is_hidden:
        read.notes.append(f"{place}: the sheet is hidden and was read")
    if sheet.hidden_row_count:
        read.notes.append(f"{place}: {sheet.hidden_row_count} hidden rows were read")
    columns = CASE_TABLES[name].by_name
    for header, cells in zip(read.cells.names, read.cells.columns, strict=True):
        column = columns.get(known_name(header, columns) or "")
        if column is not None and column.type in _TEXT_TYPES:
            cells[:] = map(_text_of_number, cells)
    return read


def _cell(sheet: Sheet, formula: Any, computed: Any) -> Any:
    """A cell's value; an UnreadCell where the spreadsheet has none, a DateCell where it shows a date."""
    value = None if computed is None else computed.value
    if value is None and formula.data_type == "f":
        shown = str(formula.value)[:80]
        return UnreadCell(shown, "the cell's formula was never computed", _HOW_TO_TYPE)
    if computed is not None and computed.data_type == "e" and value != "#N/A":
        return UnreadCell(str(value), "the spreadsheet holds an error here", _HOW_TO_TYPE)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        shown = str(value).removesuffix(" 00:00:00")
        return DateCell(shown, sheet.number(value))
    return value


def _text_of_number(cell: Any) -> Any:
    """Numbers in a column of text as text: 30.0 is the identifier 30."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return cell
    is_whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15
    return str(int(cell) if is_whole else cell)


def _written(sheet: Any, value: str | bool | int | float | None) -> Any:
    """A cell that reads back the same: text that is no formula, numbers with all their digits."""
    if value is None or isinstance(value, bool):
        return value
    cell = WriteOnlyCell(sheet, str(value))
    cell.data_type = "s" if isinstance(value, str) else "n"
    return cell
