"""Figures about a thousandfold off what they are like: slips of a comma, or of thousands for millions.

They may be right, so they are warnings. A figure is compared with its like, the rows whose keys differ in one
column alone, where these agree among themselves; and with the low and high of its source.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES, Table

_LEAST_SIBLINGS = 3
_SLIP = np.log(1000.0)
_SLACK = np.log(3.0)
_CLOSE = np.log(10.0)
_FAR_FROM_SOURCE = 30.0
_OFF_LIKE = "the figure is about a thousandfold off its like, which are about {usual}"
_OFF_SOURCE = "the figure is far outside of the low and high of its source, of which the nearer is {usual}"
_FIX = "Correct it, or leave it if it is right: nothing stops."


def warnings(problem: Problem) -> list[Finding]:
    """Warnings about figures of a problem as it was given; nothing is wrong for certain.

    Returns:
        Findings of the code FIGURE_SUSPICIOUS, in the order of the tables.
    """
    findings = []
    ranges = _ranges(problem)
    for name, table in PROBLEM_TABLES.items():
        frame = problem[name]
        if frame.empty or not table.key or name == "sources":
            continue
        for column in table.columns:
            if column.type == "number" and not column.is_key:
                far = _far_from_like(table, frame, column.name)
                findings += _findings(table, frame, column.name, far, _OFF_LIKE)
                if (name, column.name) in ranges:
                    outside = _far_from_source(table, frame, column.name, ranges[name, column.name])
                    outside = outside[~outside.index.isin(far.index)]
                    findings += _findings(table, frame, column.name, outside, _OFF_SOURCE)
    return findings


def _far_from_like(table: Table, frame: pd.DataFrame, column: str) -> pd.Series:
    """By the index of each figure about a thousandfold off its like, what its like are about."""
    figures = frame[column].to_numpy(dtype="float64")
    usable = np.isfinite(figures) & (figures > 0)
    if usable.sum() <= _LEAST_SIBLINGS:
        return pd.Series(dtype="float64")
    rows, logs = frame[usable], np.log(figures[usable])
    usual: dict[int, float] = {}
    for free in table.key:
        fixed = [name for name in table.key if name != free]
        places: Iterable[np.ndarray] = [np.arange(len(rows))]
        if fixed:
            places = rows.groupby(fixed, sort=False, dropna=False).indices.values()
        for place in places:
            if len(place) > _LEAST_SIBLINGS:
                for position, middle in _outliers(logs[place]):
                    usual.setdefault(rows.index[place[position]], float(np.exp(middle)))
    return pd.Series(usual, dtype="float64")


def _outliers(logs: np.ndarray) -> list[tuple[int, float]]:
    """Positions about a thousandfold off the middle of figures of which most others are close to it."""
    middle = float(np.median(logs))
    distance = np.abs(logs - middle)
    slipped = np.abs(distance - _SLIP) <= _SLACK
    others = distance[~slipped]
    if not slipped.any() or len(others) < _LEAST_SIBLINGS or (others > _CLOSE).any():
        return []
    return [(int(position), middle) for position in np.flatnonzero(slipped)]


def _ranges(problem: Problem) -> dict[tuple[str, str], pd.DataFrame]:
    """The sources with a low and a high above zero, by table and column."""
    rows = problem["sources"]
    rows = rows[(rows["low"] > 0) & (rows["high"] >= rows["low"])]
    return {
        (str(table), str(column)): named
        for (table, column), named in rows.groupby(["table_name", "column_name"])
    }


def _far_from_source(table: Table, frame: pd.DataFrame, column: str, sources: pd.DataFrame) -> pd.Series:
    """By the index of each figure far outside of its source's low and high, the nearer of them."""
    far: dict[int, float] = {}
    exact = {
        str(row["row_key"]): (float(row["low"]), float(row["high"])) for row in sources.to_dict("records")
    }
    keys = table.row_keys(frame)
    figures = frame[column].to_numpy(dtype="float64")
    for index, key, figure in zip(frame.index, keys, figures, strict=True):
        if key in exact and figure > 0:
            low, high = exact[key]
            if figure < low / _FAR_FROM_SOURCE:
                far[index] = low
            elif figure > high * _FAR_FROM_SOURCE:
                far[index] = high
    return pd.Series(far, dtype="float64")


def _findings(
    table: Table, frame: pd.DataFrame, column: str, usual: pd.Series, message: str
) -> list[Finding]:
    rows = frame[frame.index.isin(usual.index)]
    if rows.empty:
        return []
    rows = rows.assign(usual=[f"{usual[index]:,.6g}" for index in rows.index])
    return row_findings("FIGURE_SUSPICIOUS", table.name, rows, column, message, _FIX)
