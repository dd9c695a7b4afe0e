"""From raw cells to typed frames: every reader of tables hands its cells to ``typed_tables``.

Checked here, on whole columns: names of tables and columns, types, missing cells, ranges, choices, keys, references
and which years are planned, without which no table by year can be read. What else the tables mean together is
checked in ``checks``.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import Finding
from optimizer.tables.calendar import calendar_findings
from optimizer.tables.plain_cells import plain_cells
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


def typed_tables(raw: Mapping[str, pd.DataFrame]) -> Typed:
    """Types and checks the cells of a problem's tables.

    Args:
        raw: by table name, a frame of cells as read: None for an empty cell, else text, a number or a truth
            value. Text is taken apart by the column's type, so a reader may hand over text alone. NaN is an
            empty cell in a column of a dtype that knows missing values, and a finding in one of objects.

    Returns:
        By table name, in schema order, every table of a problem with all its columns in field order, typed as
        the schema says and sorted by key; and all findings.
    """
    findings = [
        Finding("TABLE_UNKNOWN", name, "", "", "", "there is no such table", nearest(name, PROBLEM_TABLES))
        for name in raw
        if name not in PROBLEM_TABLES
    ]
    frames: dict[str, pd.DataFrame] = {}
    for name, table in PROBLEM_TABLES.items():
        cells = raw.get(name)
        if cells is None or cells.empty:
            frames[name] = table.empty()
            if name in REQUIRED_TABLES:
                findings.append(
                    Finding(
                        "TABLE_MISSING", name, "", "", "", "every problem needs this table", "Add its rows."
                    )
                )
            continue
        frames[name], found = _typed_table(table, cells)
        findings += found
    findings += _unknown_references(frames)
    if not any(finding.table_name in ("settings", "periods") for finding in findings):
        findings += calendar_findings(frames)
    return frames, findings


@dataclass(frozen=True)
class _Keys:
    """The keys of a table's rows as findings name them, put together when the first finding needs them."""

    table: Table
    cells: Mapping[str, pd.Series]

    @cached_property
    def texts(self) -> list[str]:
        """One for each row, in the order of the cells."""
        return self.table.row_keys(pd.DataFrame(self.cells).reindex(columns=self.table.key)).to_list()


def _typed_table(table: Table, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    findings: list[Finding] = []
    names = [str(name) for name in cells.columns]
    for name in dict.fromkeys(names):
        if name not in table.by_name:
            findings.append(
                Finding(
                    "COLUMN_UNKNOWN",
                    table.name,
                    "",
                    name,
                    "",
                    "the table has no such column",
                    nearest(name, table.by_name),
                )
            )
        if names.count(name) > 1:
            findings.append(
                Finding(
                    "COLUMN_DUPLICATE", table.name, "", name, "", "the column is given twice", "Keep one."
                )
            )
    first = {name: names.index(name) for name in names}
    plain = {name: plain_cells(cells.iloc[:, place]) for name, place in first.items()}
    keys = _Keys(table, plain)
    typed: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name not in plain:
            typed[column.name] = pd.Series([None] * len(cells), dtype=column.pandas_type)
            if not column.is_nullable:
                findings.append(
                    Finding(
                        "COLUMN_MISSING",
                        table.name,
                        "",
                        column.name,
                        "",
                        "the table needs this column",
                        "Add it and fill it in every row.",
                    )
                )
            continue
        values = plain[column.name].to_list()
        typed[column.name], troubles = typed_column(column, values)
        for trouble in troubles:
            found = _findings(
                trouble.code,
                table,
                column.name,
                keys.texts,
                trouble.where,
                values,
                trouble.message,
                trouble.fix,
            )
            findings += [said_once(trouble, found[0])] if trouble.is_said_once else found
    frame = pd.DataFrame(typed)
    if table.name == "settings" and len(frame) > 1:
        findings.append(
            Finding(
                "KEY_DUPLICATE", "settings", "", "", "", "settings has more than one row", "Keep one row."
            )
        )
    if table.key:
        rows = list(zip(*(frame[name].to_list() for name in table.key), strict=True))
        if len(set(rows)) < len(rows):
            duplicated = frame.duplicated(table.key) & frame[table.key].notna().all(axis="columns")
            findings += _findings(
                "KEY_DUPLICATE",
                table,
                "",
                keys.texts,
                duplicated.to_numpy(dtype=bool),
                keys.texts,
                "another row has the same key",
                "Keep one of the rows.",
            )
        frame = frame.sort_values(table.key, kind="stable", ignore_index=True)
    return frame, findings


def said_once(trouble: Trouble, first: Finding) -> Finding:
    """The finding about the first cell of a trouble, speaking for the others."""
    more = int(trouble.where.sum()) - 1
    if more == 0:
        return first
    others = "1 more cell of this column" if more == 1 else f"{more} more cells of this column"
    return replace(first, message=f"{first.message}; likewise {others}")


def _findings(
    code: str,
    table: Table,
    column_name: str,
    keys: list[str],
    where: np.ndarray,
    values: list[Any],
    message: str,
    fix: str,
) -> list[Finding]:
    """One finding for each row marked, and a last one for how many more there are."""
    rows = np.flatnonzero(where)
    findings = []
    for row in rows[:_MOST_FINDINGS_OF_A_KIND]:
        key = keys[row] or (f"row {row + 1}" if table.key else "")
        shown = "" if values[row] is None else str(values[row])[:80]
        findings.append(Finding(code, table.name, key, column_name, shown, message, fix))
    more = len(rows) - len(findings)
    if more > 0:
        findings.append(
            Finding(code, table.name, "", column_name, "", f"{message}: {more} more rows like these", fix)
        )
    return findings


def _unknown_references(frames: Mapping[str, pd.DataFrame]) -> list[Finding]:
    findings: list[Finding] = []
    for name, table in PROBLEM_TABLES.items():
        frame = frames[name]
        if frame.empty:
            continue
        for column in table.columns:
            if not column.references:
                continue
            known = set(column.reserved)
            for other, other_column in column.references:
                known.update(frames[other][other_column].dropna().astype("object"))
            values = frame[column.name]
            unknown = values.notna() & ~values.isin(known)
            if not unknown.any():
                continue
            tables = " or ".join(dict.fromkeys(other for other, _ in column.references))
            found = _findings(
                "REFERENCE_UNKNOWN",
                table,
                column.name,
                table.row_keys(frame).to_list(),
                unknown.to_numpy(dtype=bool),
                values.to_list(),
                f"{tables} has no such row",
                "Add it, or correct it.",
            )
            if len(known) <= _MOST_NAMES_COMPARED:
                names = list(map(str, known))
                found = [
                    replace(each, fix=nearest(each.value, names)) if each.value else each for each in found
                ]
            findings += found
    return findings
