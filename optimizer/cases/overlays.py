"""Folders that hold no more than what differs from another case, read as changes of it.

An overlay is a folder like a case's: settings.yaml and CSV files, with no more than what differs. For each row::

    key known, change empty     the cells it gives replace those of the base; an empty cell leaves the base's
    key known, change delete    the row is gone
    key new                     the row is added

``(empty)`` in a cell empties it. ``change`` is a column of overlays alone. A row names a row of the base as it stands:
to change a value in all years, change each row that gives one, or write ``changes.csv``.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from optimizer.cases.changes_tables import changes_of_cells
from optimizer.cases.files import Raw, located
from optimizer.cases.pasted_names import CHANGE
from optimizer.cases.pasted_tables import pasted_tables
from optimizer.changes.applied import with_changes
from optimizer.changes.change import EMPTY, Change, Operation, cell_text, word
from optimizer.errors import Finding, ProblemError
from optimizer.tables.consequences import without_consequences
from optimizer.tables.plain_cells import plain_cell
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.raw_cells import Cells
from optimizer.tables.schema import CHANGES, PROBLEM_TABLES, Table
from optimizer.tables.typed_columns import typed_column
from optimizer.tables.typed_tables import column_findings, column_trouble_findings, nearest

DELETE = "delete"
"""The word in it by which a row of the base goes."""

_FOR_PEOPLE = ("title", "description")

Key = tuple[Any, ...]
KeyedRow = tuple[Key, dict[str, Any]]


def lay_over(base: Problem, overlays: Sequence[tuple[str, Raw]]) -> Problem:
    """Lays overlays over a base; none comes before another.

    Titles and descriptions are put together, in the order of the overlays' names.

    Args:
        base: the problem that is changed.
        overlays: for each its folder, as findings name it, and the raw cells of its tables.

    Raises:
        ProblemError: with everything that is wrong with the overlays, each finding under its file; and with what two
            of them give differently.
    """
    changes: list[Change] = []
    findings: list[Finding] = []
    notes = list(base.notes)
    for where, raw in sorted(overlays, key=lambda overlay: overlay[0]):
        try:
            found, more = _overlay_changes(base, raw, where)
        except ProblemError as error:
            findings += error.findings
            continue
        changes += found
        notes += more
    if findings:
        raise ProblemError(without_consequences(findings))
    return Problem(with_changes(base, _put_together(changes)).tables, tuple(notes))


def _put_together(changes: Sequence[Change]) -> list[Change]:
    """The changes, with one of the title and one of the description in place of several."""
    kept = [change for change in changes if not _is_for_people(change)]
    for name in _FOR_PEOPLE:
        given = [change for change in changes if _is_for_people(change) and change.column_name == name]
        if given:
            words = (" + " if name == "title" else " ").join(change.value for change in given)
            kept.append(Change("settings", Operation.SET, "", name, words, origin=given[0].origin))
    return kept


def _is_for_people(change: Change) -> bool:
    return (
        change.table_name == "settings"
        and change.column_name in _FOR_PEOPLE
        and change.operation is Operation.SET
        and change.value != EMPTY
    )


def _overlay_changes(base: Problem, raw: Raw, where: str) -> tuple[list[Change], list[str]]:
    """The changes that an overlay makes of a base, and notes about how it was read.

    Raises:
        ProblemError: with everything that is wrong with its rows.
    """
    pasted = pasted_tables(raw, is_overlay=True)
    findings = [_in_file(finding, where) for finding in pasted.findings]
    changes: list[Change] = []
    for name, cells in pasted.cells.items():
        table = PROBLEM_TABLES.get(name)
        if name == CHANGES.name:
            made, found = changes_of_cells(cells, f"{where}/{name}.csv", base)
        elif table is None:
            message, fix = "there is no such table", nearest(name, PROBLEM_TABLES)
            made, found = [], [Finding("TABLE_UNKNOWN", name, "", "", "", message, fix)]
        else:
            rows, found = _rows(table, cells)
            made, more = _changes(table, base, rows, _file(name, where)) if not found else ([], [])
            found += more
        changes += made
        findings += [_in_file(finding, where) for finding in found]
    if findings:
        raise ProblemError(findings)
    return changes, pasted.notes


def _rows(table: Table, cells: Cells) -> tuple[list[KeyedRow], list[Finding]]:
    """The rows of an overlay's table with their keys, typed, and what is wrong with them."""
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
        columns[name], found = _typed(table, name, columns, range(cells.row_count))
        findings += found
    if findings:
        return [], findings
    for name, column in columns.items():
        if name in table.by_name and name not in table.key:
            given = [row for row, cell in enumerate(column) if cell is not None and cell != EMPTY]
            typed, found = _typed(table, name, columns, given)
            findings += found
            columns[name] = [EMPTY if cell == EMPTY else None for cell in column]
            for row, cell in zip(given, typed, strict=True):
                columns[name][row] = cell
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    keyed = [(tuple(row[name] for name in table.key), row) for row in rows]
    return keyed, [*findings, *_twice(table, [key for key, _ in keyed]), *_words_of_change(table, keyed)]


def _typed(
    table: Table, name: str, columns: dict[str, list[Any]], rows: Sequence[int]
) -> tuple[list[Any], list[Finding]]:
    """Some cells of a column, typed, and a finding for each that cannot be."""
    typed, troubles = typed_column(table.by_name[name], [columns[name][row] for row in rows])
    given = {column: [cells[row] for row in rows] for column, cells in columns.items()}
    return typed, [
        finding for trouble in troubles for finding in column_trouble_findings(table, name, given, trouble)
    ]


def _twice(table: Table, keys: list[Key]) -> list[Finding]:
    message, fix = "another row has the same key", "Keep one of the rows."
    return [
        Finding("KEY_DUPLICATE", table.name, _written(key), "", _written(key), message, fix)
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]


def _words_of_change(table: Table, rows: Iterable[KeyedRow]) -> list[Finding]:
    """Words in the column ``change`` that mean nothing, and deleted rows that give cells."""
    findings = []
    for key, row in rows:
        change = row.get(CHANGE)
        if change is not None and change != DELETE:
            message, fix = "no such change", f"Write {DELETE}, or leave the cell empty."
        elif change == DELETE and _given(table, row):
            message, fix = "a deleted row gives cells", "Leave everything but its key empty."
        else:
            continue
        findings.append(
            Finding("VALUE_CHOICE", table.name, _written(key), CHANGE, str(change)[:80], message, fix)
        )
    return findings


def _given(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The cells that a row gives beside its key."""
    return {
        name: cell
        for name, cell in row.items()
        if cell is not None and name != CHANGE and name not in table.key
    }


def _changes(
    table: Table, base: Problem, rows: Iterable[KeyedRow], origin: str
) -> tuple[list[Change], list[Finding]]:
    """The changes that rows are; deleted rows must be there."""
    known = {tuple(row[name] for name in table.key) for row in filled_rows(base, table.name)}
    changes: list[Change] = []
    findings: list[Finding] = []
    for key, row in rows:
        selector = "/".join(word(cell_text(part)) for part in key)
        given = {name: cell_text(cell) for name, cell in _given(table, row).items()}
        if row.get(CHANGE) == DELETE and key not in known:
            message, fix = "the base has no such row to delete", nearest(_written(key), map(_written, known))
            findings.append(
                Finding("REFERENCE_UNKNOWN", table.name, _written(key), "", _written(key), message, fix)
            )
        elif row.get(CHANGE) == DELETE:
            changes.append(Change(table.name, Operation.DELETE_ROW, selector, origin=origin))
        elif key in known:
            changes += [
                Change(table.name, Operation.SET, selector, name, value, origin=origin)
                for name, value in given.items()
            ]
        else:
            cells = ", ".join(f"{name}={word(value)}" for name, value in given.items())
            changes.append(Change(table.name, Operation.ADD_ROW, selector, "", cells, origin=origin))
    return changes, findings


def _written(key: Key) -> str:
    """A key as findings and sources write it."""
    return "/".join(map(str, key))


def _file(table_name: str, where: str) -> str:
    return f"{where}/settings.yaml" if table_name == "settings" else f"{where}/{table_name}.csv"


def _in_file(finding: Finding, where: str) -> Finding:
    """The finding under the file of the overlay that it is about; one that names its file stays as it is."""
    if finding.message.startswith(f"{where}/"):
        return finding
    return located(finding, _file(finding.table_name, where) if finding.table_name else where)
