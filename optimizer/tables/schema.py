"""The tables of a problem, of a solution and of a score, as their messages describe them.

A row message is a table row; a repeated field of rows in ``Problem``, ``Solution`` or ``Score`` is a table. Everything
else, CSV headers, pandas columns, checks and the data dictionary, follows from the descriptors read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from forceposture.v1 import change_pb2, options_pb2, problem_pb2, score_pb2, solution_pb2
from optimizer.tables.choices import choice_names

ColumnType = Literal["text", "number", "integer", "boolean", "choice"]

_TYPES: dict[int, ColumnType] = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_INT32: "integer",
    FieldDescriptor.TYPE_BOOL: "boolean",
    FieldDescriptor.TYPE_ENUM: "choice",
}
_PANDAS_TYPES: dict[ColumnType, ExtensionDtype | np.dtype[Any]] = {
    "text": pd.StringDtype(na_value=np.nan),
    "number": np.dtype("float64"),
    "integer": pd.Int64Dtype(),
    "boolean": pd.BooleanDtype(),
    "choice": pd.StringDtype(na_value=np.nan),
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name; the unit is the name's ending.
        type: what its cells hold.
        is_key: part of the table's key.
        is_nullable: may be left empty.
        references: (table, column) pairs, one of which must hold each value.
        reserved: values that need no row elsewhere.
        minimum: least value, or None.
        maximum: greatest value, or None.
        choices: the words of a choice, without their prefix.
    """

    name: str
    type: ColumnType
    is_key: bool
    is_nullable: bool
    references: tuple[tuple[str, str], ...]
    reserved: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]

    @property
    def pandas_type(self) -> ExtensionDtype | np.dtype[Any]:
        """The dtype of the column in a typed frame."""
        return _PANDAS_TYPES[self.type]

    def array(self, cells: list[Any]) -> ExtensionArray | np.ndarray:
        """Cells of the column's type, None where they are empty, as an array of its dtype."""
        dtype: Any = self.pandas_type
        return np.array(cells, dtype) if isinstance(dtype, np.dtype) else pd.array(cells, dtype)


@dataclass(frozen=True)
class Table:
    """A table: its name, the descriptor of its row, and its columns in field order."""

    name: str
    row: Descriptor
    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @cached_property
    def key(self) -> list[str]:
        """Names of the key columns."""
        return [column.name for column in self.columns if column.is_key]

    @cached_property
    def _without_rows(self) -> pd.DataFrame:
        return pd.DataFrame({c.name: pd.Series(dtype=c.pandas_type) for c in self.columns})

    def empty(self) -> pd.DataFrame:
        """A frame of this table without rows."""
        return self._without_rows.copy(deep=False)

    def typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table's columns of a frame, typed; a column that the frame lacks is empty."""
        types = {column.name: column.pandas_type for column in self.columns}
        if list(frame.columns) != list(types):
            frame = frame.reindex(columns=list(types))
        found = zip(types.items(), frame.dtypes, strict=True)
        wrong = {name: kind for (name, kind), dtype in found if dtype != kind}
        # Column by column, since astype of a frame takes all its columns apart and puts them together again.
        return frame.assign(**{name: frame[name].astype(kind) for name, kind in wrong.items()})

    def frame(self, columns: Mapping[str, list[Any]], row_count: int) -> pd.DataFrame:
        """The typed frame of plain cells by column, None where they are empty; a column not given is empty."""
        empty = [None] * row_count
        return pd.DataFrame(
            {column.name: column.array(columns.get(column.name, empty)) for column in self.columns},
            copy=False,
        )

    def key_of(self, row: Mapping[str, Any]) -> str:
        """The key columns of a row joined by "/", as findings and sources name it; a cell not given is empty."""
        cells = [row.get(name) for name in self.key]
        return "/".join("" if cell is None or cell is pd.NA or cell != cell else str(cell) for cell in cells)

    def row_keys(self, frame: pd.DataFrame) -> pd.Series:
        """The same for each row of a frame."""
        cells = zip(*(frame[name].to_list() for name in self.key), strict=True)
        keys = [self.key_of(dict(zip(self.key, row, strict=True))) for row in cells]
        return pd.Series(keys or [""] * len(frame), index=frame.index, dtype="object")


def _column(field: FieldDescriptor) -> Column:
    option = field.GetOptions().Extensions[options_pb2.column]
    alternatives = [part for part in option.references.split("|") if part]
    references = [tuple(part.split(".")) for part in alternatives if "." in part]
    return Column(
        name=field.name,
        type=_TYPES[field.type],
        is_key=option.key,
        is_nullable=option.nullable,
        references=tuple((table, column) for table, column in references),
        reserved=tuple(part for part in alternatives if "." not in part),
        minimum=option.min if option.HasField("min") else None,
        maximum=option.max if option.HasField("max") else None,
        choices=tuple(choice_names(field).values()) if field.enum_type is not None else (),
    )


def _table(name: str, row: Descriptor) -> Table:
    return Table(name, row, tuple(_column(field) for field in row.fields))


def _tables(message: Descriptor) -> dict[str, Table]:
    return {
        field.name: _table(field.name, field.message_type)
        for field in message.fields
        if field.is_repeated and field.message_type is not None
    }


SETTINGS = _table("settings", problem_pb2.Settings.DESCRIPTOR)
"""The settings, a table of exactly one row and no key."""

PROBLEM_TABLES: dict[str, Table] = {"settings": SETTINGS, **_tables(problem_pb2.Problem.DESCRIPTOR)}
"""Every table of a problem, in schema order."""

CHANGES = _table("changes", change_pb2.Change.DESCRIPTOR)
"""Changes of a problem as a table, which a case may have beside those of the problem."""

CASE_TABLES: dict[str, Table] = {**PROBLEM_TABLES, CHANGES.name: CHANGES}
"""Every table that the files of a case may hold."""

SOLUTION_TABLES: dict[str, Table] = _tables(solution_pb2.Solution.DESCRIPTOR)
"""Every table of a solution, in schema order."""

SCORE_TABLES: dict[str, Table] = _tables(score_pb2.Score.DESCRIPTOR)
"""Every table of a score, in schema order."""


def columns_from_rows(table: Table, rows: Any) -> dict[str, list[Any]]:
    """Turns row messages into columns of Python values; a field that was not sent is None.

    Args:
        table: the table of the rows.
        rows: an iterable of row messages.

    Returns:
        One list for each field of the row; choices are words, or the bare number of an unknown one.
    """
    messages = list(rows)
    columns: dict[str, list[Any]] = {}
    for field in table.row.fields:
        name = field.name
        values = [getattr(m, name) if m.HasField(name) else None for m in messages]
        if field.enum_type is not None:
            words = choice_names(field)
            values = [None if v is None else words.get(v, v) for v in values]
        columns[name] = values
    return columns


def frame_from_rows(table: Table, rows: Any) -> pd.DataFrame:
    """Turns row messages into a frame of Python values; see ``columns_from_rows``."""
    return pd.DataFrame(columns_from_rows(table, rows), dtype="object")


def rows_from_frame(table: Table, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turns a typed frame into dictionaries of row fields, without the empty cells.

    Args:
        table: the table of the frame.
        frame: typed columns of the table; missing columns count as empty.

    Returns:
        One dictionary for each row, in the frame's order, ready for a row message's constructor.
    """
    numbers = {
        field.name: {word: number for number, word in choice_names(field).items()}
        for field in table.row.fields
        if field.enum_type is not None
    }
    names = [column.name for column in table.columns if column.name in frame.columns]
    present = {name: frame[name].notna().to_numpy() for name in names}
    values = {name: frame[name].astype("object").to_list() for name in names}
    rows: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    for name in names:
        words = numbers.get(name)
        for row, value, is_present in zip(rows, values[name], present[name], strict=True):
            if is_present:
                row[name] = value if words is None else words[value]
    return rows
