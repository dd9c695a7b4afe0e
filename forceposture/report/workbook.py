"""A plan, or several side by side, as a workbook: an index, and a sheet with names and units for each table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from forceposture.report.plain_text import plain
from optimizer.changes.change import Change
from optimizer.questions.runs import Run
from optimizer.tables.names import NAMED, names
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES
from optimizer.tables.solution import Solution

Cell = str | float | bool | None

_UNITS = {
    "_usd_m_per_point": ("M$ per point", "#,##0.0"),
    "_usd_m": ("M$", "#,##0.0"),
    "_fraction": ("share", "0.0%"),
    "_persons": ("people", "#,##0"),
    "_count": ("units", "#,##0.00"),
    "_points": ("points", "#,##0.00"),
    "_seconds": ("seconds", "#,##0.0"),
}
"""By the end of a column's name, its unit in words and how a spreadsheet shows its numbers."""

_NUMBER, _TEXT = "#,##0.###", ""
_WIDEST = 50
_SHOWN = re.compile(r"[+\-−]?[\d,]+(?:\.\d+)?%?")


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        title: its name.
        headings: over its columns, with their units.
        formats: how each column shows numbers; nothing for text.
        rows: its cells.
    """

    title: str
    headings: Sequence[str]
    formats: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def plan_sheets(runs: Sequence[tuple[Run, Solution]]) -> list[Sheet]:
    """A sheet for each table that one of the plans fills; of several plans, the first column says which."""
    sheets = []
    for name, table in SOLUTION_TABLES.items():
        filled = [(run, solution) for run, solution in runs if len(solution.tables.get(name, ()))]
        if not filled:
            continue
        columns = [
            column.name
            for column in table.columns
            if any(solution.tables[name][column.name].notna().any() for _, solution in filled)
        ]
        is_number = {column.name: column.type == "number" for column in table.columns}
        headings: list[str] = ["plan"] if len(runs) > 1 else []
        formats = [_TEXT] * len(headings)
        for column in columns:
            words, number_format = _heading(column)
            headings += [words, f"{words} name"] if _named(column) else [words]
            formats += [_TEXT] * (_named(column) is not None)
            formats.append(number_format if is_number[column] else _TEXT)
        rows: list[list[Cell]] = []
        for run, solution in filled:
            before: list[Cell] = [run.heading] if len(runs) > 1 else []
            rows += [[*before, *row] for row in _rows(run.problem, solution, name, columns)]
        sheets.append(Sheet(name, headings, formats, rows))
    return sheets


def comparison_sheets(
    headings: Mapping[str, str],
    rows: Sequence[tuple[str, Mapping[str, str]]],
    inputs: Mapping[str, Sequence[Change]],
) -> list[Sheet]:
    """What is compared, as it is shown but with numbers as such, and by which changes the inputs differ.

    Args:
        headings: by column, what stands over it.
        rows: quantities and their text by column.
        inputs: by column, changes.
    """
    compared = [[label, *(_shown(cells.get(column)) for column in headings)] for label, cells in rows]
    sheets = [
        Sheet(
            "side_by_side", ["quantity", *headings.values()], [_TEXT, *([_NUMBER] * len(headings))], compared
        )
    ]
    changes: list[list[Cell]] = [
        [headings[column], str(change), change.sentence or None]
        for column, found in inputs.items()
        for change in found
    ]
    if changes:
        sheets.append(Sheet("inputs", ["plan", "change", "why"], [_TEXT] * 3, changes))
    return sheets


def write_workbook(title: str, sheets: Sequence[Sheet], path: Path) -> None:
    """Writes sheets to an .xlsx file, an index with links first.

    Args:
        title: over the index.
        sheets: the sheets.
        path: the file.
    """
    book = openpyxl.Workbook(write_only=True)
    index = book.create_sheet("index")
    index.column_dimensions["A"].width = _WIDEST
    index.append([_cell(index, title, is_bold=True)])
    index.append([_cell(index, "sheet", is_bold=True), _cell(index, "rows", is_bold=True)])
    for sheet in sheets:
        link = _cell(index, sheet.title)
        link.hyperlink = f"#'{sheet.title}'!A1"
        link.font = Font(color="0563C1", underline="single")
        index.append([link, _cell(index, float(len(sheet.rows)), "#,##0")])
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.title), sheet)
    book.save(path)


def _write_sheet(page: openpyxl.worksheet.worksheet.Worksheet, sheet: Sheet) -> None:
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.headings))}{len(sheet.rows) + 1}"
    for number, heading in enumerate(sheet.headings):
        texts = [str(row[number]) for row in sheet.rows if isinstance(row[number], str)]
        width = min(max(map(len, [heading, *texts])) + 2, _WIDEST)
        page.column_dimensions[get_column_letter(number + 1)].width = width
    page.append([_cell(page, heading, is_bold=True) for heading in sheet.headings])
    for row in sheet.rows:
        page.append([_cell(page, *both) for both in zip(row, sheet.formats, strict=True)])


def _cell(page: object, value: Cell, number_format: str = _TEXT, is_bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, plain(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        # A text that begins with = is no formula.
        cell.data_type = "s"
    elif number_format:
        cell.number_format = number_format
    if is_bold:
        cell.font = Font(bold=True)
    return cell


def _rows(problem: Problem, solution: Solution, name: str, columns: Sequence[str]) -> list[list[Cell]]:
    """The rows of a table of a plan, identifiers with their names beside them."""
    frame = solution.tables[name]
    listed: list[list[Cell]] = []
    for column in columns:
        cells = [None if cell != cell else cell for cell in frame[column].astype("object").to_list()]
        listed.append(cells)
        table = _named(column)
        if table is not None:
            called = names(problem, table)
            listed.append([called.get(str(cell), None if cell is None else str(cell)) for cell in cells])
    return [list(row) for row in zip(*listed, strict=True)]


def _named(column: str) -> str | None:
    """The table that names what a column refers to."""
    word = column.removesuffix("_id").removesuffix("_actor").removeprefix("from_").removeprefix("to_")
    return NAMED.get(word) if column.endswith("_id") else None


def _heading(column: str) -> tuple[str, str]:
    """A column's name in words with its unit, and how its numbers are shown."""
    for end, (unit, number_format) in _UNITS.items():
        if column.endswith(end) or column == end[1:]:
            words = column.removesuffix(end).replace("_", " ")
            return (unit if column == end[1:] else f"{words}, {unit}"), number_format
    return column.removesuffix("_id").replace("_", " "), _NUMBER


def _shown(text: str | None) -> Cell:
    """A number that is shown as text, as a number; other text as it is."""
    if text is None or not _SHOWN.fullmatch(text.strip()):
        return 0.0 if text == "–" else text
    number = float(text.strip().rstrip("%").replace(",", "").replace("−", "-"))
    return number / 100 if text.strip().endswith("%") else number
