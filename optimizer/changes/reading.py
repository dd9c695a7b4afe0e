"""From what a change says to its table, column, typed value and paths: all that can be judged by it alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from optimizer.changes.attributes import Path, known_names, paths
from optimizer.changes.change import EMPTY, Change, Operation
from optimizer.changes.expressions import cells_of_text
from optimizer.changes.selectors import Condition, Pattern, Selector, UnreadableError, parsed_selector
from optimizer.errors import Finding
from optimizer.tables.plain_cells import plain_cell
from optimizer.tables.schema import PROBLEM_TABLES, Column, Table
from optimizer.tables.typed_columns import typed_column
from optimizer.tables.typed_tables import nearest

ARITHMETIC = {Operation.MULTIPLY, Operation.DIVIDE, Operation.ADD, Operation.SUBTRACT}
"""What is done to numbers that are there."""


@dataclass(frozen=True)
class Read:
    """A change that says something: its table, its column, its value, and how it chooses rows.

    Attributes:
        change: the change.
        table: its table.
        column: the column that it changes; None where rows are added or go.
        value: a SET's typed cell, None to empty it; the operand of arithmetic.
        key: patterns by key column.
        conditions: with the path to what each is about.
        new_row: the typed cells of a row that is added.
    """

    change: Change
    table: Table
    column: Column | None = None
    value: Any = None
    key: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    conditions: tuple[tuple[Condition, Path], ...] = ()
    new_row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named_key(self) -> tuple[str, ...]:
        """The texts of the parts of a key that names one row; nothing where it may be several."""
        parts = [part[0].text for part in self.key.values() if len(part) == 1 and part[0].names_key]
        return tuple(parts) if len(parts) == len(self.key) else ()

    @property
    def reads(self) -> set[tuple[str, str]]:
        """Table and column of every cell on which it depends which rows are chosen, keys of the table aside."""
        read = {cell for _, path in self.conditions for cell in path.reads(self.table.name)}
        return read - {(self.table.name, name) for name in self.table.key}


def read_change(change: Change) -> tuple[Read | None, list[Finding]]:
    """Reads a change; None, and what is wrong, where it says nothing that can be done."""
    table = PROBLEM_TABLES.get(change.table_name)
    if table is None:
        return None, [
            change.finding(
                "TABLE_UNKNOWN", "there is no such table", nearest(change.table_name, PROBLEM_TABLES)
            )
        ]
    try:
        selector = parsed_selector(change.selector)
    except UnreadableError as error:
        message = f"{error.expected} was expected at character {error.place + 1} of the selector"
        return None, [change.finding("CHANGE_UNREADABLE", message, "Correct it.", change.selector)]
    if change.operation is Operation.ADD_ROW:
        row, findings = _new_row(change, table, selector)
        return _whole(Read(change, table, new_row=row), findings)
    key, findings = _key(change, table, selector)
    conditions, found = _conditions(change, table, selector)
    findings += found
    if change.operation is Operation.DELETE_ROW:
        return _whole(
            Read(change, table, key=key, conditions=conditions), findings + _deletion(change, table)
        )
    column = table.by_name.get(change.column_name)
    if column is None:
        message, fix = "the table has no such column", nearest(change.column_name, table.by_name)
        return None, [*findings, change.finding("COLUMN_UNKNOWN", message, fix)]
    value, found = _value(change, table, column)
    return _whole(Read(change, table, column, value, key, conditions), findings + found)


def _whole(read: Read, findings: list[Finding]) -> tuple[Read | None, list[Finding]]:
    return (None if findings else read), findings


def _key(
    change: Change, table: Table, selector: Selector
) -> tuple[dict[str, tuple[Pattern, ...]], list[Finding]]:
    if not selector.key or len(selector.key) == len(table.key):
        key = dict(zip(table.key, selector.key, strict=False))
        return {name: _in_capitals(table.by_name[name], patterns) for name, patterns in key.items()}, []
    fix = f"Write {'/'.join(table.key)}, or conditions." if table.key else "Leave out the brackets."
    message = f"the key has {len(selector.key)} parts, and rows of the table {len(table.key)}"
    return {}, [change.finding("CHANGE_UNREADABLE", message, fix, change.selector)]


def _conditions(
    change: Change, table: Table, selector: Selector
) -> tuple[tuple[tuple[Condition, Path], ...], list[Finding]]:
    found, findings = [], []
    for condition in selector.conditions:
        ways = paths(table, condition.name)
        if not ways:
            message, fix = (
                f"rows of the table have no {condition.name}",
                nearest(condition.name, known_names(table)),
            )
            findings.append(
                change.finding("COLUMN_UNKNOWN", message, fix, condition.name, column=condition.name)
            )
        elif len(ways) > 1:
            message = f"{condition.name} may mean {' or '.join(path.text for path in ways)}"
            findings.append(
                change.finding("CHANGE_UNREADABLE", message, "Write the one that is meant.", condition.name)
            )
        else:
            patterns = _in_capitals(ways[0].column, condition.patterns)
            found.append((replace(condition, patterns=patterns), ways[0]))
    return tuple(found), findings


def _in_capitals(column: Column | None, patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """Choices are compared as they are kept, in capitals."""
    if column is None or column.type != "choice":
        return patterns
    return tuple(
        pattern if pattern.text == EMPTY else replace(pattern, text=pattern.text.upper())
        for pattern in patterns
    )


def _deletion(change: Change, table: Table) -> list[Finding]:
    if table.key and change.selector and not change.column_name and not change.value:
        return []
    message, fix = "only rows that are named can go", "Write delete TABLE[KEY], without a column or a value."
    return [change.finding("CHANGE_UNREADABLE", message, fix)]


def _new_row(change: Change, table: Table, selector: Selector) -> tuple[dict[str, Any], list[Finding]]:
    """The typed cells of the row that is added: those of its key, and those of its value."""
    is_named = len(selector.key) == len(table.key) > 0
    is_one = all(len(part) == 1 and part[0].names_key for part in selector.key)
    if not (is_named and is_one) or change.column_name:
        message, fix = (
            "a row is added by its key",
            f"Write add {table.name}[{'/'.join(table.key)}]: column=value.",
        )
        return {}, [change.finding("CHANGE_UNREADABLE", message, fix, change.selector)]
    try:
        given = cells_of_text(change.value)
    except UnreadableError as error:
        message = f"{error.expected} was expected at character {error.place + 1} of the row's cells"
        return {}, [
            change.finding("CHANGE_UNREADABLE", message, "Write column=value, column=value.", change.value)
        ]
    cells: dict[str, Any] = {name: part[0].text for name, part in zip(table.key, selector.key, strict=True)}
    findings = []
    for name, text in given.items():
        if name in cells or name not in table.by_name:
            message = "the key says this already" if name in cells else "the table has no such column"
            fix = "Leave it out." if name in cells else nearest(name, table.by_name)
            findings.append(change.finding("COLUMN_UNKNOWN", message, fix, column=name))
        elif text not in ("", EMPTY):
            cells[name] = text
    for name, text in cells.items():
        if name in table.by_name:
            cells[name], found = _typed(change, table.by_name[name], text)
            findings += found
    return cells, findings


def _value(change: Change, table: Table, column: Column) -> tuple[Any, list[Finding]]:
    """What the cells become, or the operand."""
    if column.is_key:
        message, fix = "the column is a part of the key", "Add a row of the new key, and delete this one."
        return None, [change.finding("CHANGE_UNREADABLE", message, fix)]
    if not change.value.strip():
        message = "there is no value"
        return None, [change.finding("VALUE_MISSING", message, f"Give one, or {EMPTY} to empty the cells.")]
    if change.operation is Operation.SET:
        return (None, []) if change.value == EMPTY else _typed(change, column, change.value)
    if column.type not in ("number", "integer"):
        message, fix = f"a {column.type} cannot be calculated with", "Set it with =."
        return None, [change.finding("VALUE_TYPE", message, fix, change.value)]
    operand = _fraction(change.value)
    if operand is None or (operand == 0 and change.operation is Operation.DIVIDE):
        message = "this is not a number" if operand is None else "nothing can be divided by 0"
        return None, [change.finding("VALUE_TYPE", message, "Write a number, such as 1.2.", change.value)]
    return operand, []


def _typed(change: Change, column: Column, text: str) -> tuple[Any, list[Finding]]:
    is_percent = text.strip().endswith("%") and "_fraction" in column.name
    cell = share(text) if is_percent else None
    cell = plain_cell(text) if cell is None else cell
    (value,), troubles = typed_column(column, [cell])
    findings = [
        change.finding(trouble.code, trouble.message, trouble.fix, text, column=column.name)
        for trouble in troubles
    ]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return value, findings


def share(text: str) -> float | None:
    """A share, written as such or in percent; None if it is none."""
    number = _fraction(text.strip().removesuffix("%"))
    if number is None:
        return None
    return float(number / 100 if text.strip().endswith("%") else number)


def _fraction(text: str) -> Fraction | None:
    """A number as it is written, exactly; None if it is none."""
    try:
        number = Decimal(text.strip()) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        return None
    is_usable = number.is_finite() and (number == 0 or 1e-30 < abs(number) < 1e15)
    return Fraction(number) if is_usable else None


def calculated(cell: float, operations: list[tuple[Operation, Fraction]]) -> float:
    """A number after operations that commute, calculated exactly and rounded once."""
    number = Fraction(Decimal(str(cell)))
    for operation, operand in operations:
        if operation is Operation.MULTIPLY:
            number *= operand
        elif operation is Operation.DIVIDE:
            number /= operand
        else:
            number += operand if operation is Operation.ADD else -operand
    try:
        result = float(number)
    except OverflowError:
        return math.inf
    return int(result) if result.is_integer() and abs(result) < 1e15 else result
