"""From raw cells to typed frames: every reader of tables hands its cells to ``typed_tables``.

Checked here, on whole columns: names of tables and columns, types, missing cells, ranges, choices, keys, references
and which years are planned, without which no table by year can be read. What else the tables mean together is
checked in ``checks``.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.tables.calendar import calendar_findings
from optimizer.tables.plain_cells import plain_cell
from optimizer.tables.raw_cells import Cells
from optimizer.tables.schema import PROBLEM_TABLES, Table
from optimizer.tables.typed_columns import Trouble, typed_column

REQUIRED_TABLES = (
    "settings",
    "actors",
    "theaters",
    "staging_areas",
    "sites",
    "unit_types",
    "actor_unit_types",
    "capabilities",
    "unit_capabilities",
    "phases",
    "readiness_classes",
    "readiness",
    "scenarios",
    "scenario_theaters",
    "requirements",
)
"""Tables without which nothing is decided."""

_MOST_FINDINGS_OF_A_KIND = 100
_MOST_NAMES_COMPARED = 2_000
_MOST_NAMES = 20

Typed = tuple[dict[str, pd.DataFrame], list[Finding]]


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence naming the known name nearest to ``name``, or the first of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"Known: {', '.join(names[:_MOST_NAMES])}{more}" if names else "There is none."


def typed_tables(raw: Mapping[str, Cells]) -> Typed:
    """Types and checks the cells of a problem's tables.

    Args:
        raw: by table name, its raw cells. Text is taken apart by the column's type, so a reader may hand over
            text alone. A cell that is NaN is a finding.

    Returns:
        By table name, in schema order, every table of a problem with all its columns in field order, typed as
        the schema says and sorted by key; and all findings.
    """
    findings = [
        Finding("TABLE_UNKNOWN", name, "", "", "", "there is no such table", nearest(name, PROBLEM_TABLES))
        for name in raw
        if name not in PROBLEM_TABLES
    ]
    filled: dict[str, dict[str, list[Any]]] = {}
    for name, table in PROBLEM_TABLES.items():
        cells = raw.get(name)
        if cells is not None and cells.row_count:
            filled[name], found = _typed_table(table, cells)
            findings += found
        elif name in REQUIRED_TABLES:
            message, fix = "every problem needs this table", "Add its rows."
            findings.append(Finding("TABLE_MISSING", name, "", "", "", message, fix))
    findings += _unknown_references(filled)
    frames = {
        name: table.frame(filled[name], raw[name].row_count) if name in filled else table.empty()
        for name, table in PROBLEM_TABLES.items()
    }
    if not any(finding.table_name in ("settings", "periods") for finding in findings):
        findings += calendar_findings(frames)
    return frames, findings


def column_findings(table: Table, names: Sequence[str], more_names: Sequence[str] = ()) -> list[Finding]:
    """Findings about columns that a table does not have, and about those given twice.

    Args:
        table: the table.
        names: the columns given.
        more_names: columns that it may have beside the schema's.
    """
    known = [*table.by_name, *more_names]
    findings = []
    for name in dict.fromkeys(names):
        if name not in known:
            message, fix = "the table has no such column", nearest(name, known)
            findings.append(Finding("COLUMN_UNKNOWN", table.name, "", name, "", message, fix))
        if names.count(name) > 1:
            message, fix = "the column is given twice", "Keep one."
            findings.append(Finding("COLUMN_DUPLICATE", table.name, "", name, "", message, fix))
    return findings


def _typed_table(table: Table, cells: Cells) -> tuple[dict[str, list[Any]], list[Finding]]:
    """The typed cells of the columns given, in the order of the table's keys, and all findings."""
    findings = column_findings(table, cells.names)
    plain = {name: [plain_cell(cell) for cell in column] for name, column in cells.by_name.items()}
    typed: dict[str, list[Any]] = {}
    for column in table.columns:
        if column.name in plain:
            typed[column.name], troubles = typed_column(column, plain[column.name])
            for trouble in troubles:
                findings += column_trouble_findings(table, column.name, plain, trouble)
        elif not column.is_nullable:
            message, fix = "the table needs this column", "Add it and fill it in every row."
            findings.append(Finding("COLUMN_MISSING", table.name, "", column.name, "", message, fix))
    if table.name == "settings" and cells.row_count > 1:
        message, fix = "settings has more than one row", "Keep one row."
        findings.append(Finding("KEY_DUPLICATE", table.name, "", "", "", message, fix))
    if not table.key:
        return typed, findings
    keys = list(zip(*(typed.get(name, [None] * cells.row_count) for name in table.key), strict=True))
    if len(set(keys)) < len(keys):
        trouble = Trouble(
            "KEY_DUPLICATE", _seen_before(keys), "another row has the same key", "Keep one of the rows."
        )
        findings += column_trouble_findings(table, "", plain, trouble)
    order = sorted(range(len(keys)), key=lambda row: [(part is None, part) for part in keys[row]])
    return {name: [column[row] for row in order] for name, column in typed.items()}, findings


def _seen_before(keys: list[tuple[Any, ...]]) -> list[int]:
    """Positions of whole keys that stand earlier in the list."""
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    return [row for row, key in enumerate(keys) if first[key] < row and None not in key]


def column_trouble_findings(
    table: Table, column_name: str, columns: Mapping[str, list[Any]], trouble: Trouble
) -> list[Finding]:
    """One finding for each row of a trouble, and a last one for how many more there are.

    Args:
        table: the table.
        column_name: the column; empty where the trouble is of the key.
        columns: the cells of the table's columns, as findings show them.
        trouble: what is wrong, and where.
    """
    findings = []
    for row in trouble.rows[:_MOST_FINDINGS_OF_A_KIND]:
        cells = {name: column[row] for name, column in columns.items()}
        written = table.key_of(cells)
        key = written or (f"row {row + 1}" if table.key else "")
        value = cells[column_name] if column_name else written
        shown = "" if value is None else str(value)[:80]
        findings.append(
            Finding(trouble.code, table.name, key, column_name, shown, trouble.message, trouble.fix)
        )
    if trouble.is_said_once:
        return [said_once(trouble, findings[0])]
    more = len(trouble.rows) - len(findings)
    if more > 0:
        message = f"{trouble.message}: {more} more rows like these"
        findings.append(Finding(trouble.code, table.name, "", column_name, "", message, trouble.fix))
    return findings


def said_once(trouble: Trouble, first: Finding) -> Finding:
    """The finding about the first cell of a trouble, speaking for the others."""
    more = len(trouble.rows) - 1
    if more == 0:
        return first
    others = "1 more cell of this column" if more == 1 else f"{more} more cells of this column"
    return replace(first, message=f"{first.message}; likewise {others}")


def _unknown_references(filled: Mapping[str, Mapping[str, list[Any]]]) -> list[Finding]:
    findings: list[Finding] = []
    for name, columns in filled.items():
        table = PROBLEM_TABLES[name]
        for column in table.columns:
            if not column.references or column.name not in columns:
                continue
            known = {*column.reserved, None}
            for other, other_column in column.references:
                known.update(filled.get(other, {}).get(other_column, []))
            unknown = [row for row, cell in enumerate(columns[column.name]) if cell not in known]
            if not unknown:
                continue
            tables = " or ".join(dict.fromkeys(other for other, _ in column.references))
            message, fix = f"{tables} has no such row", "Add it, or correct it."
            trouble = Trouble("REFERENCE_UNKNOWN", unknown, message, fix)
            found = column_trouble_findings(table, column.name, columns, trouble)
            names = [str(cell) for cell in known if cell is not None]
            if len(names) <= _MOST_NAMES_COMPARED:
                found = [
                    replace(each, fix=nearest(each.value, names)) if each.value else each for each in found
                ]
            findings += found
    return findings
