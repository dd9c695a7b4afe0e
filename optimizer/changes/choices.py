"""Which rows of its table each change chooses, which it adds, and which cells it therefore writes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from optimizer.changes.attributes import Path
from optimizer.changes.change import Change, Operation, cell_text
from optimizer.changes.lookups import Lookup
from optimizer.changes.reading import Read
from optimizer.changes.selectors import Condition, Pattern
from optimizer.changes.years import CARRIED, Between, Key, Part, Row, holds_in, put_between, ranges_of
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES, Table
from optimizer.tables.typed_tables import nearest

_FIX = "Keep one of them, or write what both should give."
_ALL_CONFLICTS = 100


@dataclass
class TableMade:
    """A table while changes are made in it.

    Attributes:
        table: the table.
        base: its rows by key as they were.
        rows: its rows by key.
        parts: by number of a change, which rows it chooses.
        writers: by key and column, the numbers of the changes that write the cell.
        going: by key, the numbers of the changes by which the row goes.
        coming: by key, the numbers of the changes that add the row.
        created: keys of rows put between those of other years.
        between: numbers of changes and the cells that they carry on.
    """

    table: Table
    base: Mapping[Key, Row]
    rows: dict[Key, Row]
    parts: dict[int, Part] = field(default_factory=dict)
    writers: dict[tuple[Key, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    going: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    coming: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    created: set[Key] = field(default_factory=set)
    between: list[tuple[int, Between]] = field(default_factory=list)

    @property
    def at(self) -> int:
        """Which part of the key is the year."""
        return self.table.key.index("year")

    def chosen(self, number: int) -> list[Key]:
        """The keys of the rows that a change chooses."""
        part = self.parts[number]
        if self.table.name not in CARRIED:
            return list(part.matched)
        return [key for key in part.matched if holds_in(part.ranges, key[self.at])]

    @cached_property
    def by_text(self) -> dict[tuple[str, ...], Key]:
        """The keys of its rows as they were, by the texts of their parts."""
        return {tuple(map(cell_text, key)): key for key in self.base}


class Choice:
    """Which rows and cells of a problem its changes choose, each judged by the problem as it is.

    Attributes:
        findings: about changes that choose nothing, and about those that contradict each other.
        named: numbers of the changes that name the whole key of one row.
    """

    def __init__(self, problem: Problem, reads: Sequence[Read]) -> None:
        self.problem, self.reads = problem, reads
        self.findings: list[Finding] = []
        self.tables = {
            name: TableMade(table, rows, {key: dict(row) for key, row in rows.items()})
            for name, table in PROBLEM_TABLES.items()
            if any(read.table.name == name for read in reads)
            for rows in [_by_key(table, filled_rows(problem, name))]
        }
        self.lookup = Lookup(problem)
        self.named: set[int] = set()
        self._match()
        self._add_rows()
        for made in self.tables.values():
            self._put_between(made)
            self._choose(made)

    def conflict(self, one: int, other: int, what: str) -> None:
        """Notes that two changes, by their numbers, contradict each other."""
        first, second = sorted((self.reads[one].change, self.reads[other].change), key=_place)
        finding = first.finding("CHANGE_CONFLICT", f"{what}: {first} and {_place(second)}{second}", _FIX)
        if finding not in self.findings and len(self.findings) < _ALL_CONFLICTS:
            self.findings.append(finding)

    def _match(self) -> None:
        """Which rows each change would choose in all years."""
        for number, read in enumerate(self.reads):
            if read.change.operation is Operation.ADD_ROW:
                continue
            made = self.tables[read.table.name]
            is_by_year = read.table.name in CARRIED
            names_rows = bool(read.key)
            of_year = [Condition("year", read.key["year"])] if names_rows and is_by_year else []
            of_year += [c for c, path in read.conditions if is_by_year and _is_year(path)]
            named = None if read.conditions else made.by_text.get(read.named_key)
            if named is None:
                matched = {key: None for key, row in made.base.items() if self._takes(read, row, is_by_year)}
            else:
                matched = {named: None}
                self.named.add(number)
            column = None if read.column is None else read.column.name
            made.parts[number] = Part(column, matched, ranges_of(of_year), names_rows)
            unknown = self._unknown(read, made) if named is None else []
            self.findings += unknown
            if not matched and not unknown:
                message, fix = "no row of the table is chosen", "Ask for less, or add a row."
                self.findings.append(
                    read.change.finding("CHANGE_POINTLESS", message, fix, read.change.selector)
                )

    def _takes(self, read: Read, row: Row, is_by_year: bool) -> bool:
        """Whether a row is one that a change chooses, perhaps in other years."""
        for name, patterns in read.key.items():
            if not (is_by_year and name == "year") and not Condition(name, patterns).holds(row.get(name)):
                return False
        return all(
            self.lookup.holds(condition, path, row)
            for condition, path in read.conditions
            if not (is_by_year and _is_year(path))
        )

    def _unknown(self, read: Read, made: TableMade) -> list[Finding]:
        """A finding for each name that no row has, with the nearest that one has."""
        asked: list[tuple[str, tuple[Pattern, ...], set[Any]]] = [
            (name, patterns, {row.get(name) for row in made.base.values()})
            for name, patterns in read.key.items()
        ]
        asked += [
            (condition.name, condition.patterns, self.lookup.values(path, made.base.values()))
            for condition, path in read.conditions
            if not (made.table.name in CARRIED and _is_year(path))
        ]
        findings = []
        for name, patterns, values in asked:
            known = {str(value) for value in values if value is not None}
            for pattern in patterns:
                if pattern.names_one and not any(pattern.takes(value) for value in values):
                    message = f"no row of the table has {name} {pattern.text}"
                    fix = nearest(pattern.text, known)
                    findings.append(
                        read.change.finding("CHANGE_POINTLESS", message, fix, read.change.selector)
                    )
        return findings

    def _add_rows(self) -> None:
        for number, read in enumerate(self.reads):
            if read.change.operation is not Operation.ADD_ROW:
                continue
            made = self.tables[read.table.name]
            row = dict(read.new_row)
            key = tuple(row[name] for name in read.table.key)
            others = made.coming[key]
            if others and self.reads[others[0]].new_row != row:
                self.conflict(others[0], number, "the row is added twice, with different cells")
            elif key in made.base and made.base[key] != row:
                message, fix = "the row is there already, with other cells", "Set its cells instead."
                self.findings.append(read.change.finding("KEY_DUPLICATE", message, fix))
            made.coming[key].append(number)

    def _put_between(self, made: TableMade) -> None:
        """Puts rows where changes of some years begin and end, then those that are added."""
        if made.table.name in CARRIED:
            numbers = list(made.parts)
            parts = [made.parts[number] for number in numbers]
            last = self.problem.calendar.years[-1]
            made.created, between = put_between(made.table.name, made.table.key, made.rows, parts, last)
            made.between = [(numbers[place], cell) for place, cell in between]
        for key, (number, *_) in made.coming.items():
            if key in made.created:
                owner = next(owner for owner, cell in made.between if cell.key == key)
                self.conflict(number, owner, "one adds a row in a year in which the other begins or ends")
            made.rows.setdefault(key, dict(self.reads[number].new_row))

    def _choose(self, made: TableMade) -> None:
        """Which cells each change writes, and by which each row goes."""
        for number, part in made.parts.items():
            read = self.reads[number]
            chosen = made.chosen(number)
            if part.matched and (not chosen or not self._has_planned_year(made, part)):
                years = ", ".join(map(str, (self.problem.today, *self.problem.years)))
                message = "it holds in no year that is planned and has a value"
                finding = read.change.finding("CHANGE_POINTLESS", message, f"The plan has {years}.")
                self.findings.append(finding)
            for key in chosen:
                if part.column is None:
                    made.going[key].append(number)
                else:
                    made.writers[key, part.column].append(number)

    def _has_planned_year(self, made: TableMade, part: Part) -> bool:
        if made.table.name not in CARRIED or part.names_rows:
            return True
        return any(holds_in(part.ranges, year) for year in (self.problem.today, *self.problem.years))


def _is_year(path: Path) -> bool:
    return not path.steps and path.column is not None and path.column.name == "year" and path.column.is_key


def _place(change: Change) -> str:
    """Where a change is written, before its text."""
    return f"{change.origin}: " if change.origin else ""


def _by_key(table: Table, rows: Iterable[Row]) -> dict[Key, Row]:
    return {tuple(row[name] for name in table.key): row for row in rows}
