"""A table as a CSV file, whatever separates its cells: commas, or what Excel writes in other countries."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from optimizer.cases.files import Raw, RawTable, unreadable
from optimizer.cases.pasted_names import named_table
from optimizer.cases.pasted_rows import FARTHEST_HEADER, Row, names_known, table_of_rows
from optimizer.cases.pasted_text import file_text
from optimizer.errors import Finding
from optimizer.tables.schema import CASE_TABLES

MOST_CSV_BYTES = 256_000_000
"""Largest CSV file read."""

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP_LINE = re.compile(r"\"?sep=(.)\"?(?:\r\n|\r|\n|$)", re.IGNORECASE)


def read_csv(path: Path, given_name: str) -> Raw:
    """Reads the raw cells of a table from a CSV file, all as text.

    Rows of another length than the header, and what follows a quote that never ends, are left out and named.

    Raises:
        ProblemError: the file is too large or no text.
    """
    raw = Raw()
    text, notes = file_text(path, MOST_CSV_BYTES, given_name)
    raw.notes.extend(notes)
    first_line = 1
    told = _SEP_LINE.match(text)
    if told is not None:
        text, first_line = text[told.end() :], 2
        raw.notes.append(f"{path}: the first line ({told[0].strip()}) was left out")
    text = text.replace("\r\n", "\n")
    separator = told[1] if told is not None and told[1] in _SEPARATORS else _separator(text, given_name)
    if separator != "," and told is None:
        raw.notes.append(f"{path}: cells were taken as separated by {_SEPARATORS[separator]}")
    rows, findings = _rows(text, separator, first_line, path.name, given_name)
    fix = "Add what is missing, or put text that holds a comma in double quotes."
    if separator != ",":
        fix = f"Let {_SEPARATORS[separator]} separate as many cells as in the header."
    read = table_of_rows(given_name, rows, str(path), fix)
    raw.findings.extend([*read.findings, *findings])
    raw.notes.extend(read.notes)
    if read.cells is not None:
        raw.tables[given_name] = RawTable(read.cells, str(path), "." if separator == "," else "")
    return raw


def _separator(text: str, given_name: str) -> str:
    """What separates the cells: with it, one of the first lines names the most columns of the table."""
    table = CASE_TABLES.get(named_table(given_name) or "")
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:FARTHEST_HEADER]
    if table is None or not lines:
        return ","
    counts = {
        separator: max(names_known(table, _split(line, separator)) for line in lines)
        for separator in _SEPARATORS
    }
    return max(counts, key=lambda separator: counts[separator])


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _rows(
    text: str, separator: str, first_line: int, file_name: str, table_name: str
) -> tuple[list[Row], list[Finding]]:
    """The filled rows with their lines, up to where the file is no CSV."""
    rows: list[Row] = []
    try:
        for place, cells in _placed(text, separator, first_line):
            if any(cell.strip() for cell in cells):
                rows.append(Row(place, cells))
    except _NoCsvError as error:
        message = f"{file_name} is no CSV from here on: {error}"
        fix = "Correct that row; double a quote inside a quoted cell."
        return rows, [unreadable(table_name, error.place, message, fix)]
    return rows, []


class _NoCsvError(Exception):
    def __init__(self, place: str, reason: csv.Error) -> None:
        self.place = place
        super().__init__(str(reason))


def _placed(text: str, separator: str, first_line: int) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line_number = first_line
    try:
        for cells in reader:
            yield f"line {line_number}", cells
            line_number = reader.line_num + first_line
    except csv.Error as error:
        raise _NoCsvError(f"line {line_number}", error) from error
