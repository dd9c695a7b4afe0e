"""Tables by year: every row in every year, and what holds until the next row says otherwise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.tables.keyed import keys, repeated

CARRIED_BY_ROW = frozenset({"requirements", "programmed_forces", "presence_paths"})
"""Tables in which a missing year takes the last earlier row, its empty cells included."""

CARRIED_BY_CELL = frozenset(
    {"actor_years", "theater_years", "site_group_limits", "stability_limits", "exposure_limits"}
)
"""Tables in which an empty cell, and a missing year, takes the last earlier value of its column."""


def with_years(frame: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Every row of a frame once for each year, in a column ``year``."""
    rows = repeated(frame, len(years))
    rows["year"] = np.tile(np.asarray(years, dtype=np.int64), len(frame))
    return rows


def carried_forward(frame: pd.DataFrame, by: list[str], years: list[int]) -> pd.DataFrame:
    """A table with one row for each key and year: that of the year, or of the last one before it.

    Args:
        frame: a table with a column ``year`` in its key.
        by: the key's other columns.
        years: the calendar years wanted.

    Returns:
        ``by``, ``year`` and the table's other columns, sorted; no row where no earlier year has one.
    """
    given: dict[Any, dict[int, int]] = {}
    for place, (key, year) in enumerate(zip(keys(frame, by), keys(frame, ["year"]), strict=True)):
        given.setdefault(key, {})[year] = place
    found = [
        (given[key][max(reached)], year)
        for key in sorted(given)
        for year in sorted(years)
        if (reached := [each for each in given[key] if each <= year])
    ]
    carried = frame.take([place for place, _ in found])
    carried.index = pd.RangeIndex(len(carried))
    carried["year"] = np.array([year for _, year in found], dtype=np.int64)
    return carried


def filled_forward(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """A table by year whose empty cells take the last earlier value of their column."""
    if frame.empty:
        return frame.copy(deep=False)
    filled = frame.sort_values([*by, "year"], ignore_index=True)
    columns = [column for column in frame.columns if column not in (*by, "year")]
    filled[columns] = filled.groupby(by)[columns].ffill()
    return filled
