"""Columns of a linopy model in long form: one-dimensional variables beside frames of their keys.

What a careful user of linopy writes for sparse data: keys are joined with pandas once for all years, rows are
numbered, and each block is a few weighted selections of variables, grouped by row and summed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import linopy
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

ROW = "row"


@dataclass(frozen=True)
class Columns:
    """A variable and what its entries stand for.

    Attributes:
        variable: one entry for each key and period, periods running fastest.
        keys: the keys, and their number in ``item``.
        periods: periods of each key: the years, or the years and the period before them, or one.
    """

    variable: Any
    keys: pd.DataFrame
    periods: int


@dataclass
class LongModel:
    """A linopy model under construction.

    Attributes:
        first_year: calendar year 1.
        years: number of years.
        sparse: whether linopy keeps sums as sparse matrices.
        model: the model.
        columns: its columns by name.
    """

    first_year: int
    years: int
    sparse: bool = True
    model: Any = field(init=False)
    columns: dict[str, Columns] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model = linopy.Model(sparse=self.sparse)

    def add_columns(
        self,
        name: str,
        keys: pd.DataFrame,
        by: Sequence[str],
        periods: int,
        lower: npt.NDArray[np.float64] | float = 0.0,
        upper: npt.NDArray[np.float64] | float = np.inf,
    ) -> None:
        """Adds a variable with one entry for each row of ``keys``, told apart by ``by``, and period."""
        count = len(keys) * periods
        variable = self.model.add_variables(
            lower=np.broadcast_to(np.asarray(lower, dtype=float), count),
            upper=np.broadcast_to(np.asarray(upper, dtype=float), count),
            coords=[pd.RangeIndex(count, name=name)],
            name=name,
        )
        items = keys[list(by)].assign(item=np.arange(len(keys)))
        self.columns[name] = Columns(variable, items, periods)

    def entries(
        self, name: str, frame: pd.DataFrame, weight: str | float, lag: int = 0
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Joins rows with columns and repeats them for every year.

        Args:
            name: the columns.
            frame: the keys of the columns, and the number of a row in ``row``.
            weight: name of the frame's coefficients, or one for all.
            lag: how many years before the row's the column lies.

        Returns:
            Positions among the columns, coefficients, and positions of the rows.
        """
        columns = self.columns[name]
        by = [key for key in columns.keys.columns if key != "item"]
        joined = frame.merge(columns.keys, on=by)
        item, row = joined["item"].to_numpy(), joined[ROW].to_numpy()
        weights = joined[weight].to_numpy(float) if isinstance(weight, str) else np.full(len(joined), weight)
        if columns.periods == 1:
            return item, weights, row
        year = np.arange(self.years)
        first = columns.periods - self.years - lag
        positions = (item[:, None] * columns.periods + first + year).ravel()
        return positions, np.repeat(weights, self.years), (row[:, None] * self.years + year).ravel()

    def grouped(
        self, name: str, frame: pd.DataFrame, weight: str | float, lag: int = 0, row_count: int | None = None
    ) -> Any:
        """The weighted sum of columns by row, see ``entries``; with ``row_count`` empty rows are there too."""
        positions, weights, rows = self.entries(name, frame, weight, lag)
        picked = self.columns[name].variable.isel({name: positions})
        group = pd.Series(rows, index=pd.Index(positions, name=name), name=ROW)
        total = (picked * self.weights(name, positions, weights)).groupby(group).sum()
        if row_count is None or total.sizes[ROW] == row_count:
            return total
        return total.reindex({ROW: np.arange(row_count)}).fillna(0)

    def one_each(self, name: str, frame: pd.DataFrame, weight: str | float, lag: int = 0) -> Any:
        """The same where every row has exactly one entry: no grouping is needed."""
        positions, weights, rows = self.entries(name, frame, weight, lag)
        order = np.argsort(rows, kind="stable")
        picked = self.columns[name].variable.isel({name: positions[order]})
        picked = picked.rename({name: ROW}).assign_coords({ROW: rows[order]})
        if isinstance(weight, str):
            return picked * self.weights(ROW, rows[order], weights[order])
        return picked * weight

    def weights(
        self, dimension: str, labels: npt.NDArray[np.int64], values: npt.NDArray[np.float64]
    ) -> xr.DataArray:
        """Coefficients by the labels of a dimension."""
        return xr.DataArray(values, dims=[dimension], coords={dimension: labels})

    def add_rows(
        self, name: str, parts: Sequence[Any], sign: str, right: npt.NDArray[np.float64] | float = 0.0
    ) -> None:
        """Adds rows: the sum of the parts against the right-hand side; nothing where there is no part."""
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        limit = self.weights(ROW, np.arange(len(right)), right) if isinstance(right, np.ndarray) else right
        self.model.add_constraints(total, sign, limit, name=name)


def numbered(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The distinct keys of a frame, in order, with their number in ``row``."""
    keys = frame[list(by)].drop_duplicates(ignore_index=True)
    return keys.assign(**{ROW: np.arange(len(keys))})
