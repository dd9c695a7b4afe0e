"""The table ``changes`` of a case, and files of changes.

A row says a change in its columns, as ``Change`` in change.proto has them, or whole in the column ``change``, as at the
command.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optimizer.cases.csv_files import read_csv
from optimizer.cases.documents import read_json, read_yaml, yaml_text
from optimizer.cases.files import Raw, unreadable
from optimizer.cases.pasted_names import CHANGE
from optimizer.cases.pasted_tables import pasted_tables
from optimizer.cases.spreadsheets import read_spreadsheet
from optimizer.changes.change import SIGNS, Change, Operation
from optimizer.changes.lines import changes_of_line
from optimizer.errors import Finding, ProblemError
from optimizer.tables.plain_cells import plain_cell
from optimizer.tables.problem import Problem
from optimizer.tables.raw_cells import Cells
from optimizer.tables.schema import CHANGES
from optimizer.tables.typed_columns import typed_column
from optimizer.tables.typed_tables import column_findings


def read_changes(path: Path, problem: Problem) -> tuple[list[Change], list[str]]:
    """Reads a file of changes: a .csv, an .xlsx with a sheet ``changes``, or a .yaml or .json with a list of that name.

    Args:
        path: the file.
        problem: which is changed; what a phrase means depends on it.

    Returns:
        The changes, and notes about how the file was read.

    Raises:
        ProblemError: with everything that is wrong with the file.
    """
    suffix = path.suffix.lower()
    readers: dict[str, Any] = {
        ".csv": lambda each: read_csv(each, CHANGES.name),
        ".xlsx": read_spreadsheet,
        ".yaml": read_yaml,
        ".yml": read_yaml,
        ".json": read_json,
    }
    if suffix not in readers:
        fix = "Changes are in a .csv, .xlsx, .yaml or .json."
        raise ProblemError([unreadable(CHANGES.name, "", f"{path.name} is no kind of file of changes", fix)])
    raw: Raw = readers[suffix](path)
    pasted = pasted_tables(raw)
    findings = list(pasted.findings)
    if CHANGES.name not in pasted.cells:
        message, fix = f"{path.name} holds no table changes", "Give a sheet, or a list, that name."
        raise ProblemError([*findings, unreadable(CHANGES.name, "", message, fix)])
    message, fix = "a file of changes holds no other table", "Move it to a case, or leave it out."
    findings += [unreadable(name, "", message, fix) for name in pasted.cells if name != CHANGES.name]
    changes, found = changes_of_cells(pasted.cells[CHANGES.name], str(path), problem)
    if findings or found:
        raise ProblemError([*findings, *found])
    return changes, pasted.notes


def write_changes(changes: Sequence[Change], path: Path) -> None:
    """Writes changes to a .yaml, in which each is a line, or to a .csv, in which each is a row.

    Raises:
        ProblemError: no format of changes has that suffix.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        lines = [
            {CHANGE: str(each), "sentence": each.sentence} if each.sentence else str(each) for each in changes
        ]
        path.write_text(yaml_text({CHANGES.name: lines}), encoding="utf-8", newline="\n")
    elif path.suffix.lower() == ".csv":
        names = list(CHANGES.by_name)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([str(getattr(change, name)) for name in names] for change in changes)
    else:
        message = f"{path.name} is no kind of file of changes"
        raise ProblemError([unreadable(CHANGES.name, "", message, "Name a .yaml or a .csv.")])


def changes_of_cells(cells: Cells, place: str, problem: Problem) -> tuple[list[Change], list[Finding]]:
    """The changes of a table, and what is wrong with its rows.

    Args:
        cells: of the table.
        place: its file, as findings name it.
        problem: which is changed; what a phrase means depends on it.
    """
    findings = column_findings(CHANGES, cells.names, (CHANGE,))
    if findings:
        return [], findings
    columns = {name: [plain_cell(cell) for cell in column] for name, column in cells.by_name.items()}
    lines = columns.pop(CHANGE, [None] * cells.row_count)
    if "operation" in columns:
        columns["operation"] = [_word(cell) for cell in columns["operation"]]
    whole = [row for row, line in enumerate(lines) if line is None]
    for column in CHANGES.columns:
        given = columns.get(column.name, [None] * cells.row_count)
        rows = whole if column.name != "sentence" else list(range(cells.row_count))
        typed, troubles = typed_column(column, [_text(given[row]) for row in rows])
        findings += [
            Finding(
                trouble.code,
                CHANGES.name,
                f"row {rows[place] + 1}",
                column.name,
                "" if given[rows[place]] is None else str(given[rows[place]])[:80],
                trouble.message,
                trouble.fix,
            )
            for trouble in troubles
            for place in trouble.rows
        ]
        columns[column.name] = [None] * cells.row_count
        for row, cell in zip(rows, typed, strict=True):
            columns[column.name][row] = cell
    if findings:
        return [], findings
    changes: list[Change] = []
    for row, line in enumerate(lines):
        origin = f"{place}, change {row + 1}"
        fields = {name: str(column[row]) for name, column in columns.items() if column[row] is not None}
        if line is None:
            operation = Operation(fields.pop("operation"))
            changes.append(Change(operation=operation, origin=origin, **fields))
            continue
        try:
            changes += changes_of_line(str(line), problem, origin, fields.get("sentence", ""))
        except ProblemError as error:
            findings += error.findings
    return changes, findings


def _word(cell: Any) -> Any:
    """The word of an operation that is written as its sign."""
    return str(SIGNS[cell]) if isinstance(cell, str) and cell in SIGNS else cell


def _text(cell: Any) -> Any:
    """A number as text, since a value is of whatever type its column has."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(cell) if isinstance(cell, int | float) else cell
