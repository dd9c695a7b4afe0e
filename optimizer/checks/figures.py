"""Figures about a thousandfold off what they are like: slips of a comma, or of thousands for millions.

They may be right, so they are warnings. A figure is compared with its like, the rows whose keys differ in one
column alone, where these agree among themselves; and with the low and high of its source.
"""

import numpy as np

from optimizer.checks.rows import cells, is_above, row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row
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
        rows = problem.rows(name)
        if not rows or not table.key or name == "sources":
            continue
        for column in table.columns:
            if column.type == "number" and not column.is_key:
                far = _far_from_like(table, rows, column.name)
                findings += _findings(table, rows, column.name, far, _OFF_LIKE)
                known = ranges.get((name, column.name), {})
                outside = _far_from_source(table, rows, column.name, known) if known else {}
                others = {row: usual for row, usual in outside.items() if row not in far}
                findings += _findings(table, rows, column.name, others, _OFF_SOURCE)
    return findings


def _far_from_like(table: Table, rows: list[Row], column: str) -> dict[int, float]:
    """By the position of each figure about a thousandfold off its like, what its like are about."""
    usable = [position for position, row in enumerate(rows) if is_above(row[column], 0)]
    if len(usable) <= _LEAST_SIBLINGS:
        return {}
    logs = np.log([rows[position][column] for position in usable])
    usual: dict[int, float] = {}
    for free in table.key:
        fixed = [name for name in table.key if name != free]
        siblings: dict[tuple[object, ...], list[int]] = {}
        for place, position in enumerate(usable):
            siblings.setdefault(cells(rows[position], fixed), []).append(place)
        for places in siblings.values():
            if len(places) > _LEAST_SIBLINGS:
                for slipped, middle in _outliers(logs[places]):
                    usual.setdefault(usable[places[slipped]], float(np.exp(middle)))
    return usual


def _outliers(logs: np.ndarray) -> list[tuple[int, float]]:
    """Positions about a thousandfold off the middle of figures of which most others are close to it."""
    middle = float(np.median(logs))
    distance = np.abs(logs - middle)
    slipped = np.abs(distance - _SLIP) <= _SLACK
    others = distance[~slipped]
    if not slipped.any() or len(others) < _LEAST_SIBLINGS or (others > _CLOSE).any():
        return []
    return [(int(position), middle) for position in np.flatnonzero(slipped)]


def _ranges(problem: Problem) -> dict[tuple[str, str], dict[str, tuple[float, float]]]:
    """By table and column, the low and high of its figures' sources by row key, where the low is above zero."""
    ranges: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    for row in problem.rows("sources"):
        low, high = row["low"], row["high"]
        if is_above(low, 0) and high is not None and high >= low:
            ranges.setdefault((row["table_name"], row["column_name"]), {})[row["row_key"]] = (low, high)
    return ranges


def _far_from_source(
    table: Table, rows: list[Row], column: str, ranges: dict[str, tuple[float, float]]
) -> dict[int, float]:
    """By the position of each figure far outside of its source's low and high, the nearer of them."""
    far: dict[int, float] = {}
    for position, row in enumerate(rows):
        key, figure = table.key_of(row), row[column]
        if key in ranges and is_above(figure, 0):
            low, high = ranges[key]
            if figure < low / _FAR_FROM_SOURCE:
                far[position] = low
            elif figure > high * _FAR_FROM_SOURCE:
                far[position] = high
    return far


def _findings(
    table: Table, rows: list[Row], column: str, usual: dict[int, float], message: str
) -> list[Finding]:
    wrong = [{**rows[position], "usual": f"{usual[position]:,.6g}"} for position in sorted(usual)]
    return row_findings("FIGURE_SUSPICIOUS", table.name, wrong, column, message, _FIX)
