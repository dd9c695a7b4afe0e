"""Cases written as changes to another: rows laid over a base, each by its key.

An overlay is a folder like a case's: settings.yaml and CSV files, with no more than what differs. For each row::

    key known, change empty     the cells it gives replace those of the base; an empty cell leaves the base's
    key known, change delete    the row is gone
    key new                     the row is added

``(empty)`` in a cell empties it. ``change`` is a column of overlays alone. An overlay knows nothing of the
years in which a row is carried forward: to change a value in all years, change each row that gives one.
"""

from collections.abc import Iterable
from typing import Any

from optimizer.cases.files import Raw, located
from optimizer.cases.pasted_cells import EMPTY
from optimizer.cases.pasted_names import CHANGE
from optimizer.cases.pasted_tables import pasted_tables
from optimizer.errors import Finding, ProblemError
from optimizer.tables.consequences import without_consequences
from optimizer.tables.plain_cells import plain_cell
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.raw_cells import Cells, cells_from_frame, cells_from_rows
from optimizer.tables.schema import PROBLEM_TABLES, Table
from optimizer.tables.typed_columns import typed_column
from optimizer.tables.typed_tables import column_findings, nearest, typed_tables

DELETE = "delete"
"""The word in it by which a row of the base goes."""

Key = tuple[Any, ...]
Rows = dict[Key, dict[str, Any]]


def lay_over(base: Problem, overlay: Raw, where: str) -> Problem:
    """Lays an overlay over a base.

    Args:
        base: the problem that is changed.
        overlay: the raw cells of the overlay's tables, and what of it could not be read.
        where: the folder of the overlay, as findings name it.

    Raises:
        ProblemError: with everything that is wrong with the overlay, each finding under its file.
    """
    pasted = pasted_tables(overlay, is_overlay=True)
    findings = [_in_file(finding, where) for finding in pasted.findings]
    tables = {name: cells_from_frame(frame) for name, frame in base.tables.items() if len(frame)}
    touched: set[tuple[str, str]] = set()
    for name, cells in pasted.cells.items():
        table = PROBLEM_TABLES.get(name)
        if table is None:
            message, fix = "there is no such table", nearest(name, PROBLEM_TABLES)
            found = [Finding("TABLE_UNKNOWN", name, "", "", "", message, fix)]
        else:
            rows, found = _rows(table, cells)
            if not found:
                merged, found = _merged(table, base, rows)
                tables[name] = cells_from_rows(merged)
            touched |= {(name, row_key(key)) for key, _ in rows}
        findings += [_in_file(finding, where) for finding in found]
    if findings:
        raise ProblemError(without_consequences(findings))
    frames, found = typed_tables(tables)
    found = without_consequences(found)
    if found:
        raise ProblemError(
            [
                _in_file(finding, where)
                if (finding.table_name, finding.row_key) in touched
                else located(finding, f"with {where} laid over it")
                for finding in found
            ]
        )
    return Problem(frames, (*base.notes, *pasted.notes))


def row_key(key: Key) -> str:
    """A key as findings and sources write it."""
    return "/".join(map(str, key))


def _rows(table: Table, cells: Cells) -> tuple[list[tuple[Key, dict[str, Any]]], list[Finding]]:
    """The rows of an overlay's table with their keys, and what is wrong with keys and columns."""
    findings = column_findings(table, cells.names, (CHANGE,) if table.key else ())
    message, fix = "the rows cannot be told apart without this column", "Add it and fill it in every row."
    findings += [
        Finding("COLUMN_MISSING", table.name, "", name, "", message, fix)
        for name in table.key
        if name not in cells.names
    ]
    if findings:
        return [], findings
    columns = {name: [plain_cell(cell) for cell in column] for name, column in cells.by_name.items()}
    for name in table.key:
        given = columns[name]
        columns[name], troubles = typed_column(table.by_name[name], given)
        for trouble in troubles:
            findings += [
                Finding(
                    trouble.code,
                    table.name,
                    f"row {row + 1}",
                    name,
                    "" if given[row] is None else str(given[row])[:80],
                    trouble.message,
                    trouble.fix,
                )
                for row in trouble.rows
            ]
    if findings:
        return [], findings
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    keyed = [(tuple(row[name] for name in table.key), row) for row in rows]
    return keyed, [*_twice(table, [key for key, _ in keyed]), *_changes(table, keyed)]


def _twice(table: Table, keys: list[Key]) -> list[Finding]:
    message, fix = "another row has the same key", "Keep one of the rows."
    return [
        Finding("KEY_DUPLICATE", table.name, row_key(key), "", row_key(key), message, fix)
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]


def _changes(table: Table, rows: Iterable[tuple[Key, dict[str, Any]]]) -> list[Finding]:
    """Words in the column ``change`` that mean nothing, and deleted rows that give cells."""
    findings = []
    for key, row in rows:
        change = row.get(CHANGE)
        if change is not None and change != DELETE:
            message, fix = "no such change", f"Write {DELETE}, or leave the cell empty."
        elif change == DELETE and any(_is_given(table, *cell) for cell in row.items()):
            message, fix = "a deleted row gives cells", "Leave everything but its key empty."
        else:
            continue
        findings.append(
            Finding("VALUE_CHOICE", table.name, row_key(key), CHANGE, str(change)[:80], message, fix)
        )
    return findings


def _is_given(table: Table, name: str, cell: Any) -> bool:
    return cell is not None and name != CHANGE and name not in table.key


def _merged(
    table: Table, base: Problem, rows: list[tuple[Key, dict[str, Any]]]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The rows of a table with those of an overlay laid over them; deleted rows must be there."""
    merged: Rows = {tuple(row[name] for name in table.key): row for row in filled_rows(base, table.name)}
    findings = []
    for key, row in rows:
        if row.get(CHANGE) != DELETE:
            given = {name: cell for name, cell in row.items() if name != CHANGE and cell is not None}
            whole = {**merged.get(key, {}), **given}
            merged[key] = {name: cell for name, cell in whole.items() if cell != EMPTY}
        elif key in merged:
            del merged[key]
        else:
            message, fix = "the base has no such row to delete", nearest(row_key(key), map(row_key, merged))
            findings.append(
                Finding("REFERENCE_UNKNOWN", table.name, row_key(key), "", row_key(key), message, fix)
            )
    return list(merged.values()), findings


def _in_file(finding: Finding, where: str) -> Finding:
    """The finding under the file of the overlay that it is about."""
    name = finding.table_name
    file = "/settings.yaml" if name == "settings" else f"/{name}.csv"
    return located(finding, f"{where}{file}" if name else where)
