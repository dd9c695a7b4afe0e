"""What a row is known by: its columns, and the columns of the rows that it refers to.

``theater`` of a site is that of its staging area. A name is looked for in the table itself, then one reference
farther, and so on; first along columns named like the key that they refer to, such as ``site_id``, then along all.
``site.staging_area.theater`` says each step, where a name alone could mean two things. ``group`` of a row that names a
site is every group that holds the site.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.tables.schema import PROBLEM_TABLES, Column, Table

GROUP = "group"
"""The attribute of sites that has several values: every group that holds the site."""

ANY_ROW = ""
"""In place of a column: whether a row is there."""

READ_FOR_GROUPS = {
    ("site_group_members", ANY_ROW),
    ("sites", "host_actor_id"),
    ("sites", "staging_area_id"),
    ("staging_areas", "theater_id"),
}
"""The tables and columns, keys aside, on which it depends which groups hold a site."""

_FARTHEST = 4

Row = Mapping[str, Any]
Rows = Mapping[str, Mapping[Any, Row]]
"""By table and value of its one key column, the filled cells of the row."""


@dataclass(frozen=True)
class Path:
    """From a table to a column: references on the way, each a column and the table that it names a row of.

    Attributes:
        steps: the references.
        column: where it ends; None if it ends at a site, whose groups are meant.
        table_name: the table in which it ends.
    """

    steps: tuple[tuple[str, str], ...]
    column: Column | None
    table_name: str

    @property
    def text(self) -> str:
        """The path as a condition may name it."""
        end = GROUP if self.column is None else _short(self.column.name)
        return ".".join([*(_short(column) for column, _ in self.steps), end])

    def reads(self, table_name: str) -> set[tuple[str, str]]:
        """Table and column of every cell on the way from a table."""
        read = set() if self.column is None else {(self.table_name, self.column.name)}
        for column, other in self.steps:
            read.add((table_name, column))
            table_name = other
        return read | (READ_FOR_GROUPS if self.column is None else set())

    def cell(self, row: Row, rows: Rows) -> Any:
        """The cell at its end, None where it is empty or a row on the way is not there; a site for groups."""
        found: Row | None = row
        for column, other in self.steps:
            found = rows[other].get(found.get(column)) if found is not None else None
        if found is None:
            return None
        return found.get("site_id" if self.column is None else self.column.name)


def paths(table: Table, name: str) -> list[Path]:
    """The nearest columns that a name may mean; more than one where it is not clear which, none if nothing has it."""
    if "." in name:
        return _spelt(table, name.split("."))
    for is_plain in (True, False):
        reached: list[tuple[Table, tuple[tuple[str, str], ...]]] = [(table, ())]
        seen = {table.name}
        for _ in range(_FARTHEST):
            found = [path for other, steps in reached for path in _ends(other, name, steps)]
            if found:
                return found
            onward = [
                (PROBLEM_TABLES[there], (*steps, (column.name, there)))
                for other, steps in reached
                for column, there in _references(other, is_plain)
                if there not in seen
            ]
            seen |= {other.name for other, _ in onward}
            reached = onward
    return []


def known_names(table: Table) -> list[str]:
    """The names by which rows of a table may be chosen: its columns, and those one reference farther."""
    own = [_short(column.name) for column in table.columns]
    further = [
        _short(column.name)
        for _, there in _references(table, is_plain=True)
        for column in PROBLEM_TABLES[there].columns
    ]
    return list(dict.fromkeys([*own, *further]))


def _spelt(table: Table, names: list[str]) -> list[Path]:
    steps: list[tuple[str, str]] = []
    for name in names[:-1]:
        column = _column(table, name)
        there = None if column is None else dict(_pairs(table, is_plain=False)).get(column.name)
        if column is None or there is None:
            return []
        steps.append((column.name, there))
        table = PROBLEM_TABLES[there]
    return _ends(table, names[-1], tuple(steps))


def _ends(table: Table, name: str, steps: tuple[tuple[str, str], ...]) -> list[Path]:
    column = _column(table, name)
    if column is not None:
        return [Path(steps, column, table.name)]
    return [Path(steps, None, table.name)] if name == GROUP and table.name == "sites" else []


def _column(table: Table, name: str) -> Column | None:
    ends = ("", "_id", "_actor_id", "_group_id")
    spelt = [f"{name}{end}" for end in ends] + ([f"site_{name}_id"] if name == GROUP else [])
    return next((table.by_name[each] for each in spelt if each in table.by_name), None)


def _references(table: Table, is_plain: bool) -> Iterable[tuple[Column, str]]:
    return [(table.by_name[name], there) for name, there in _pairs(table, is_plain)]


def _pairs(table: Table, is_plain: bool) -> list[tuple[str, str]]:
    """Columns that refer to rows of exactly one table with one key column, and the table."""
    return [
        (column.name, column.references[0][0])
        for column in table.columns
        if len(column.references) == 1
        and PROBLEM_TABLES[column.references[0][0]].key == [column.references[0][1]]
        if not is_plain or column.name == column.references[0][1]
    ]


def _short(name: str) -> str:
    return name.removesuffix("_id")
