"""The raw cells of a table, as a reader of files, a caller with pandas or a message hands them over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Cells:
    """The raw cells of a table, column by column.

    Attributes:
        names: of the columns as they were given; a name may stand there twice.
        columns: the cells of each, all of one length: None for an empty cell, else text, a number, a truth
            value, or what no column accepts.
    """

    names: list[str]
    columns: list[list[Any]]

    @property
    def row_count(self) -> int:
        """How many rows the table has."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def by_name(self) -> dict[str, list[Any]]:
        """The columns by their names; the first where a name stands twice."""
        return dict(zip(reversed(self.names), reversed(self.columns), strict=True))

    def pop(self, name: str) -> list[Any]:
        """Takes the first column of that name away, and hands it over."""
        position = self.names.index(name)
        del self.names[position]
        return self.columns.pop(position)


def cells_from_rows(rows: Iterable[Mapping[str, Any]]) -> Cells:
    """Raw cells of a table written as mappings of cells; a cell that a row does not mention is empty."""
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    return Cells(names, [[row.get(name) for row in listed] for name in names])


def cells_from_frame(frame: pd.DataFrame) -> Cells:
    """Raw cells of a frame; NaN is an empty cell where the dtype knows missing values, and stays in objects."""
    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    return Cells(
        [str(name) for name in frame.columns],
        [
            column.to_list()
            if column.dtype == "object"
            else column.astype("object").where(column.notna(), None).to_list()
            for column in columns
        ],
    )
