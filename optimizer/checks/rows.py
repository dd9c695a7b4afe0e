"""From rows that are wrong to findings about them."""

import pandas as pd

from optimizer.errors import Finding
from optimizer.tables.schema import PROBLEM_TABLES

_MOST_FINDINGS_OF_A_KIND = 100


def row_findings(
    code: str, table_name: str, rows: pd.DataFrame, column_name: str, message: str, fix: str
) -> list[Finding]:
    """One finding for each row, and a last one for how many more there are.

    Args:
        code: a key of ``CODES``.
        table_name: the table.
        rows: the rows that are wrong, with the table's key columns and ``column_name``.
        column_name: the column to look at.
        message: what is wrong; ``{column}`` stands for a cell of the row.
        fix: what to do, with cells likewise.
    """
    if rows.empty:
        return []
    shown = rows.head(_MOST_FINDINGS_OF_A_KIND).astype("object")
    keys = PROBLEM_TABLES[table_name].row_keys(shown)
    findings = []
    for key, cells in zip(keys, shown.to_dict("records"), strict=True):
        words = {name: _word(cell) for name, cell in cells.items()}
        value = words.get(column_name, "")
        filled = message.format_map(words), fix.format_map(words)
        findings.append(Finding(code, table_name, key, column_name, value, *filled))
    more = len(rows) - len(findings)
    if more > 0:
        text = f"{more} more rows like the one before"
        findings.append(Finding(code, table_name, "", column_name, "", text, "Correct them alike."))
    return findings


def without_row(rows: pd.DataFrame, other: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The rows whose ``by`` columns no row of the other table has."""
    if rows.empty:
        return rows
    marked = rows.merge(other[by].drop_duplicates(), on=by, how="left", indicator=True)
    return marked[marked["_merge"] == "left_only"].drop(columns="_merge")


def _word(cell: object) -> str:
    if cell is None or cell is pd.NA or cell != cell:
        return ""
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
