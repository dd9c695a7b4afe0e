"""Changes of some years in tables whose rows hold until the next one.

Before cells change, a row is put where a change begins and where it ends, with what held there anyway. So the year
before and the year after stay what they were, and nothing else does.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.changes.selectors import Condition
from optimizer.tables.by_year import CARRIED_BY_CELL, CARRIED_BY_ROW

CARRIED = CARRIED_BY_CELL | CARRIED_BY_ROW
"""Tables whose rows hold until the next year that has one."""

Key = tuple[Any, ...]
Row = dict[str, Any]
Ranges = tuple[tuple[float, float], ...]
"""Calendar years from … to, both included."""


def ranges_of(conditions: Sequence[Condition]) -> Ranges:
    """The calendar years in which conditions on the year all hold; all years where there are none."""
    found: list[tuple[float, float]] = [(-math.inf, math.inf)]
    for condition in conditions:
        limits = sorted(_limits(pattern) for pattern in condition.patterns)
        allowed = _outside(limits) if condition.is_not else limits
        found = [
            (max(low, first), min(high, last))
            for low, high in found
            for first, last in allowed
            if max(low, first) <= min(high, last)
        ]
    return tuple(sorted(set(found)))


def _limits(pattern: Any) -> tuple[float, float]:
    if pattern.text == "*" and not pattern.is_literal:
        return (-math.inf, math.inf)
    limits: tuple[float, float] | None = pattern.range
    return (math.inf, -math.inf) if limits is None else limits


def _outside(limits: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The years that are in none of sorted ranges."""
    outside, after = [], -math.inf
    for low, high in limits:
        if low > after:
            outside.append((after, low - 1))
        after = max(after, high + 1)
    return [*outside, (after, math.inf)] if after < math.inf else outside


def holds_in(ranges: Ranges, year: int) -> bool:
    """Whether a year is in one of the ranges."""
    return any(low <= year <= high for low, high in ranges)


@dataclass
class Part:
    """A change of some years of some rows.

    Attributes:
        column: the column that it changes; None where rows go.
        matched: the keys of the rows that it would change in all years, as keys of a dictionary, which keeps their
            order; grows by the rows that are put between.
        ranges: the calendar years in which it changes them.
        names_rows: it speaks of rows as they stand, and not of calendar years.
    """

    column: str | None
    matched: dict[Key, None]
    ranges: Ranges
    names_rows: bool = False

    @property
    def edges(self) -> list[int]:
        """The years with which what holds changes: where a range begins, and after it ends."""
        if self.names_rows:
            return []
        return sorted(
            {int(low) for low, _ in self.ranges if math.isfinite(low)}
            | {int(high) + 1 for _, high in self.ranges if math.isfinite(high)}
        )


@dataclass(frozen=True)
class Between:
    """A cell that says what held there anyway.

    Attributes:
        key: of its row.
        column: the column.
        since: the key of the row from which the value was carried; None where nothing was.
    """

    key: Key
    column: str
    since: Key | None


def put_between(
    table_name: str,
    key_columns: Sequence[str],
    rows: dict[Key, Row],
    parts: Sequence[Part],
    last_year: int,
) -> tuple[set[Key], list[tuple[int, Between]]]:
    """Puts rows and cells where parts begin and end; ``rows`` and the parts' matched keys grow.

    Args:
        table_name: a table of ``CARRIED``.
        key_columns: of its key; one of them is year.
        rows: its rows by key.
        parts: the changes.
        last_year: the last that is planned; what holds after it is of no interest.

    Returns:
        The keys of new rows; and for each cell that says what held anyway, which part's edge it is.
    """
    at = list(key_columns).index("year")
    created: set[Key] = set()
    cells: list[tuple[int, Between]] = []
    for years in by_group(rows, at).values():
        edges = {
            edge
            for part in parts
            for edge in part.edges
            if years[0][at] < edge <= last_year and not part.matched.keys().isdisjoint(years)
        }
        for edge in sorted(edges):
            before = max((key for key in years if key[at] < edge), key=lambda key: key[at])
            key = (*before[:at], edge, *before[at + 1 :])
            source = key if key in rows else before
            asking = [
                number for number, part in enumerate(parts) if source in part.matched and edge in part.edges
            ]
            if not asking:
                continue
            is_new = key not in rows
            if is_new:
                years.append(key)
                years.sort(key=lambda each: each[at])
                created.add(key)
                names = [name for name in rows[before] if table_name in CARRIED_BY_ROW]
                own = dict(zip(key_columns, key, strict=True))
                rows[key] = {**{name: rows[before][name] for name in names}, **own}
                for part in parts:
                    if before in part.matched:
                        part.matched[key] = None
            for number in asking:
                cells += [
                    (number, cell)
                    for cell in _carried(table_name, rows, years, key, before, parts[number], is_new)
                ]
    return created, cells


def _carried(
    table_name: str,
    rows: dict[Key, Row],
    years: Sequence[Key],
    key: Key,
    before: Key,
    part: Part,
    is_new: bool,
) -> Iterable[Between]:
    """Fills the cell of a part's column with what is carried there, and tells from which row."""
    if part.column is None:
        return []
    if table_name in CARRIED_BY_ROW:
        return [Between(key, name, before) for name in {*rows[key], part.column}] if is_new else []
    if part.column in rows[key]:
        return []
    earlier = [each for each in years[: years.index(key)] if part.column in rows[each]]
    since = earlier[-1] if earlier else None
    if since is not None:
        rows[key][part.column] = rows[since][part.column]
    return [Between(key, part.column, since)]


def by_group(keys: Iterable[Key], at: int) -> dict[Key, list[Key]]:
    """Keys by what they have beside the year, each list in the order of its years."""
    groups: dict[Key, list[Key]] = {}
    for key in sorted(keys, key=lambda each: each[at]):
        groups.setdefault((*key[:at], *key[at + 1 :]), []).append(key)
    return groups


def without_repeats(
    table_name: str,
    key_columns: Sequence[str],
    rows: dict[Key, Row],
    created: set[Key],
    doubtful: Mapping[Key, set[str]],
) -> None:
    """Takes away what says again what holds anyway: cells that were not given, and rows that were not there.

    Args:
        table_name: a table of ``CARRIED``.
        key_columns: of its key.
        rows: its rows by key, with all changes made.
        created: the keys of rows that were put between.
        doubtful: by key, the columns whose cells were empty before.
    """
    at = list(key_columns).index("year")
    for years in by_group(rows, at).values():
        carried: Row = {}
        for key in years:
            row = rows[key]
            if table_name in CARRIED_BY_ROW:
                own = {name: cell for name, cell in row.items() if name != "year"}
                if key in created and own == carried:
                    del rows[key]
                carried = own
                continue
            for column in doubtful.get(key, ()):
                if column in row and row[column] == carried.get(column):
                    del row[column]
            carried |= {name: cell for name, cell in row.items() if name not in key_columns}
            if key in created and len(row) == len(key_columns):
                del rows[key]
