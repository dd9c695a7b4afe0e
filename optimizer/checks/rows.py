"""Rows that are wrong: how they are found, and findings about them."""

from collections.abc import Iterable, Sequence

from optimizer.errors import Finding
from optimizer.tables.problem import Row
from optimizer.tables.schema import PROBLEM_TABLES

_MOST_FINDINGS_OF_A_KIND = 100


def row_findings(
    code: str, table_name: str, rows: Iterable[Row], column_name: str, message: str, fix: str
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
    wrong = list(rows)
    findings = []
    for row in wrong[:_MOST_FINDINGS_OF_A_KIND]:
        words = {name: _word(cell) for name, cell in row.items()}
        key = PROBLEM_TABLES[table_name].key_of(row)
        filled = message.format_map(words), fix.format_map(words)
        findings.append(Finding(code, table_name, key, column_name, words.get(column_name, ""), *filled))
    more = len(wrong) - len(findings)
    if more > 0:
        text = f"{more} more rows like the one before"
        findings.append(Finding(code, table_name, "", column_name, "", text, "Correct them alike."))
    return findings


def cells(row: Row, columns: Sequence[str]) -> tuple[object, ...]:
    """Some cells of a row."""
    return tuple(row[column] for column in columns)


def grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Rows by what they have in a column, in the order in which it first appears."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def without_row(rows: Iterable[Row], other: Iterable[Row], by: Sequence[str]) -> list[Row]:
    """The rows whose ``by`` columns no row of the other table has."""
    known = {cells(row, by) for row in other}
    return [row for row in rows if cells(row, by) not in known]


def is_above(figure: float | None, bound: float | None) -> bool:
    """Whether a figure is above a bound; where one of them is not given, it is not."""
    return figure is not None and bound is not None and figure > bound


def _word(cell: object) -> str:
    return "" if cell is None else f"{cell:.10g}" if isinstance(cell, float) else str(cell)
