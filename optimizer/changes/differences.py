"""By which changes one problem becomes another."""

from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.changes.change import EMPTY, Change, Operation, cell_text, word
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES, Table

Row = Mapping[str, Any]


def differences(problem: Problem, other: Problem) -> list[Change]:
    """The changes that make the other problem of the first: rows that go, rows that come, and cells, in schema order.

    Every row is named by its key, so that the changes speak of rows as they stand, and not of calendar years.
    """
    return [change for table in PROBLEM_TABLES.values() for change in _of_table(table, problem, other)]


def key_text(table: Table, row: Row) -> str:
    """A row's key as a selector; nothing for a table without one."""
    return "/".join(word(cell_text(row[name])) for name in table.key)


def cells_text(table: Table, row: Row) -> str:
    """The cells beside a row's key, as the value of a change that adds it."""
    return ", ".join(f"{name}={word(cell_text(cell))}" for name, cell in row.items() if name not in table.key)


def _of_table(table: Table, problem: Problem, other: Problem) -> Iterator[Change]:
    before = {tuple(row[name] for name in table.key): row for row in filled_rows(problem, table.name)}
    after = {tuple(row[name] for name in table.key): row for row in filled_rows(other, table.name)}
    for key, row in before.items():
        if key not in after:
            yield Change(table.name, Operation.DELETE_ROW, key_text(table, row))
    for key, row in after.items():
        selector = key_text(table, row)
        if key not in before:
            yield Change(table.name, Operation.ADD_ROW, selector, "", cells_text(table, row))
            continue
        for column in table.by_name:
            if row.get(column) != before[key].get(column):
                value = cell_text(row[column]) if column in row else EMPTY
                yield Change(table.name, Operation.SET, selector, column, value)
