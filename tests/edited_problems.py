"""The small problem with rows changed, added or removed by their keys, and what is found wrong with it."""

from typing import Any

from small_problem import small_tables

from optimizer.checks import check
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import problem_from_tables
from optimizer.tables.raw_cells import Cells, cells_from_rows
from optimizer.tables.schema import PROBLEM_TABLES

Edits = dict[str, dict[str, dict[str, Any] | None]]
"""By table and key: cells that replace those of the row, or make a new one; None removes the row. A cell None
empties it; a table without keys loses all its rows."""


def edited_cells(edits: Edits) -> dict[str, Cells]:
    """The raw cells of the small problem with rows changed, added or removed by their keys."""
    tables: dict[str, list[dict[str, Any]]] = small_tables()
    for name, changes in edits.items():
        key = PROBLEM_TABLES[name].key if name in PROBLEM_TABLES else []
        listed = {"/".join(str(row[column]) for column in key): row for row in tables.get(name, [])}
        if not changes:
            listed = {}
        for row_key, cells in changes.items():
            if cells is None:
                del listed[row_key]
                continue
            row = listed.setdefault(row_key, _row_of_key(name, row_key, key))
            row.update(cells)
            for column in [column for column, cell in row.items() if cell is None]:
                del row[column]
        tables[name] = list(listed.values())
    return {name: cells_from_rows(table) for name, table in tables.items()}


def _row_of_key(name: str, row_key: str, key: list[str]) -> dict[str, Any]:
    if name == "sources":
        table, *middle, column = row_key.split("/")
        return dict(zip(key, (table, "/".join(middle), column), strict=True))
    parts = row_key.split("/")
    return dict(zip(key, parts, strict=True)) if len(parts) == len(key) else {}


def findings_of(edits: Edits) -> list[Finding]:
    try:
        return check(problem_from_tables(edited_cells(edits)))
    except ProblemError as error:
        return list(error.findings)


def assert_found(code: str, path: str, findings: list[Finding] | tuple[Finding, ...]) -> None:
    assert (code, path) in {(finding.code, finding.path) for finding in findings}, list(map(str, findings))
    for finding in findings:
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.fix.endswith((".", "?")) or finding.fix.startswith("Known: ")
        assert "{" not in finding.message + finding.fix
        str(finding).encode("utf-8")


def code_of(case: object) -> str | None:
    """The name of a parametrized test: its code, and nothing of its other parts."""
    return case if isinstance(case, str) else ""
