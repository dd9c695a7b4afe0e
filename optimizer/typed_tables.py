"""From raw cells to typed frames: every reader of tables hands its cells to ``typed_tables``.

Checked here, on whole columns: names of tables and columns, types, missing cells, ranges, choices, keys and
references. What the tables mean together is checked in ``checks``.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import Finding
from optimizer.plain_cells import HOW_TO_WRITE_TEXT, plain_cell
from optimizer.schema import PROBLEM_TABLES, Column, Table

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

_SAFE_IDENTIFIER = r"[A-Za-z0-9_.\-+]{1,64}"
_TRUE_FALSE = {"true": True, "false": False}
_NOT_FINITE = {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"}
_MOST_FINDINGS_OF_A_KIND = 100

Typed = tuple[dict[str, pd.DataFrame], list[Finding]]


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence naming the known name nearest to ``name``, or all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(names))}"


def typed_tables(raw: Mapping[str, pd.DataFrame]) -> Typed:
    """Types and checks the cells of a problem's tables.

    Args:
        raw: by table name, a frame of cells as read: None for an empty cell, else text, a number or a truth
            value. Text is taken apart by the column's type, so a reader may hand over text alone.

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
    return frames, findings


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
    cells = cells.set_axis(names, axis="columns").reset_index(drop=True)
    cells = cells.loc[:, ~cells.columns.duplicated()]
    cells = pd.DataFrame(
        {name: pd.Series([plain_cell(cell) for cell in cells[name]], dtype="object") for name in cells}
    )
    keys = table.row_keys(cells.reindex(columns=table.key))
    typed: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name not in cells.columns:
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
        typed[column.name], found = _typed_column(table, column, cells[column.name], keys)
        findings += found
    frame = pd.DataFrame(typed)
    if table.name == "settings" and len(frame) > 1:
        findings.append(
            Finding(
                "KEY_DUPLICATE", "settings", "", "", "", "settings has more than one row", "Keep one row."
            )
        )
    if table.key:
        duplicated = frame.duplicated(table.key, keep="first") & frame[table.key].notna().all(axis="columns")
        findings += _findings(
            "KEY_DUPLICATE",
            table,
            "",
            keys,
            duplicated,
            keys,
            "another row has the same key",
            "Keep one of the rows.",
        )
        frame = frame.sort_values(table.key, kind="stable", ignore_index=True)
    return frame, findings


def _typed_column(
    table: Table, column: Column, cells: pd.Series, keys: pd.Series
) -> tuple[pd.Series, list[Finding]]:
    not_a_number = cells.map(lambda cell: isinstance(cell, float) and np.isnan(cell)).astype(bool)
    present = cells.notna() | not_a_number

    def found(code: str, where: pd.Series, message: str, fix: str) -> list[Finding]:
        return _findings(code, table, column.name, keys, where, cells, message, fix)

    findings: list[Finding] = []
    if not column.is_nullable:
        findings += found("VALUE_MISSING", ~present, "the cell must not be empty", "Fill it.")
    if column.type in ("number", "integer"):
        values, bad_type, bad_finite = _numbers(cells, present, not_a_number)
        findings += found(
            "VALUE_NOT_FINITE", bad_finite, "NaN and infinity are no figures", "Give a finite one."
        )
        if column.type == "integer":
            bad_type |= values.notna() & (values != values.round())
            kind = "a whole number"
        else:
            kind = "a number"
        findings += found("VALUE_TYPE", bad_type, f"this is not {kind}", f"Write {kind}, such as 12.")
        usable = values.where(~bad_type & ~bad_finite)
        low = -1e15 if column.minimum is None else column.minimum
        high = 1e15 if column.maximum is None else column.maximum
        outside = (usable < low) | (usable > high)
        findings += found(
            "VALUE_RANGE",
            outside,
            f"the value is outside {low:g} to {high:g}",
            "Give a value inside the range.",
        )
        return usable.where(~outside).astype("Int64" if column.type == "integer" else "float64"), findings
    text = cells.where(present, None)
    if column.type == "boolean":
        words = text.map(lambda cell: cell.lower() if isinstance(cell, str) else cell)
        truth = words.map(lambda cell: cell if isinstance(cell, bool | np.bool_) else _TRUE_FALSE.get(cell))
        findings += found(
            "VALUE_TYPE", present & truth.isna(), "this is neither true nor false", "Write true or false."
        )
        return truth.astype("boolean"), findings
    if column.type == "choice":
        words = text.map(lambda cell: cell.upper() if isinstance(cell, str) else cell)
        known = words.isin(column.choices)
        findings += found(
            "VALUE_CHOICE", present & ~known, "no such choice", f"Choose one of {', '.join(column.choices)}."
        )
        return words.where(known, None).astype("str"), findings
    is_text = text.map(lambda cell: isinstance(cell, str)).astype(bool)
    findings += found("VALUE_TYPE", present & ~is_text, "this is not text", HOW_TO_WRITE_TEXT)
    result = text.where(is_text, None).astype("str")
    if column.name.endswith("_id"):
        unsafe = result.notna() & ~result.str.fullmatch(_SAFE_IDENTIFIER).fillna(True).astype(bool)
        findings += found(
            "KEY_UNSAFE",
            unsafe,
            "an identifier holds letters of A to Z, digits, _ . - + alone, at most 64",
            "Rename it.",
        )
    return result, findings


def _numbers(
    cells: pd.Series, present: pd.Series, not_a_number: pd.Series
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Numbers of a column's cells; where a cell is none; where it is NaN or infinite."""
    is_truth = cells.map(lambda cell: isinstance(cell, bool | np.bool_)).astype(bool)
    values = pd.to_numeric(cells.where(~is_truth, None), errors="coerce").astype("float64")
    words = cells.map(lambda cell: isinstance(cell, str) and cell.strip().lower() in _NOT_FINITE).astype(bool)
    bad_finite = words | not_a_number | (present & np.isinf(values))
    bad_type = present & values.isna() & ~bad_finite
    return values.where(~bad_finite), bad_type, bad_finite


def _findings(
    code: str,
    table: Table,
    column_name: str,
    keys: pd.Series,
    where: pd.Series,
    values: pd.Series,
    message: str,
    fix: str,
) -> list[Finding]:
    """One finding for each row marked, and a last one for how many more there are."""
    rows = np.flatnonzero(where.to_numpy(dtype=bool))
    findings = []
    for row in rows[:_MOST_FINDINGS_OF_A_KIND]:
        key = keys.iloc[row] or (f"row {row + 1}" if table.key else "")
        value = values.iloc[row]
        shown = "" if value is None or (not isinstance(value, float) and pd.isna(value)) else str(value)[:80]
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
        keys = table.row_keys(frame)
        for column in table.columns:
            if not column.references:
                continue
            known = set(column.reserved)
            for other, other_column in column.references:
                known.update(frames[other][other_column].dropna().astype("object"))
            values = frame[column.name]
            unknown = values.notna() & ~values.isin(known)
            for row in np.flatnonzero(unknown.to_numpy())[:_MOST_FINDINGS_OF_A_KIND]:
                value: Any = values.iloc[row]
                tables = " or ".join(dict.fromkeys(other for other, _ in column.references))
                findings.append(
                    Finding(
                        "REFERENCE_UNKNOWN",
                        name,
                        keys.iloc[row],
                        column.name,
                        str(value),
                        f"{tables} has no such row",
                        nearest(str(value), map(str, known))
                        if len(known) <= 2000
                        else "Add it, or correct it.",
                    )
                )
    return findings
