"""What a problem becomes by changes.

Changes made together are a set: none comes before another. What they give is what they give one by one, in every
order; where that would depend on the order, they are refused, and both are named:

- a cell is set by several changes only to the same value, and what is set is not calculated with;
- several changes multiply and divide a cell, or add and subtract; they do not do both;
- a row is added by several changes only with the same cells, and no other change would choose it;
- a row that goes is changed by nobody; a change that chooses other rows, too, changes those;
- no change chooses rows by a cell that another change writes;
- where rows hold until the next year that has one, what a change carries on is written by no other change.

An empty cell is calculated with as its constant default. One that means "no limit", or what follows from other
cells, stays empty.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from optimizer.changes.attributes import Path
from optimizer.changes.change import Change, Operation, cell_text
from optimizer.changes.reading import Read, calculated, read_change
from optimizer.changes.selectors import Condition, Pattern
from optimizer.changes.years import (
    CARRIED,
    Between,
    Key,
    Part,
    Row,
    by_group,
    holds_in,
    put_between,
    ranges_of,
    without_repeats,
)
from optimizer.errors import Finding, ProblemError
from optimizer.tables.consequences import without_consequences
from optimizer.tables.defaults import CONSTANT_DEFAULTS
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.raw_cells import Cells, cells_from_frame, cells_from_rows
from optimizer.tables.schema import PROBLEM_TABLES, Table
from optimizer.tables.site_groups import sites_of_groups
from optimizer.tables.typed_tables import nearest, typed_tables

_FIX = "Keep one of them, or write what both should give."
_ALL_CONFLICTS = 100


def with_changes(problem: Problem, changes: Sequence[Change]) -> Problem:
    """The problem with changes made, which has a digest of its own.

    Raises:
        ProblemError: with everything that is wrong with the changes, with two that contradict each other, and with
            the tables that they give.
    """
    if not changes:
        return problem
    reads: list[Read] = []
    findings: list[Finding] = []
    for change in changes:
        read, found = read_change(change)
        findings += found
        if read is not None:
            reads.append(read)
    if findings:
        raise ProblemError(findings)
    made = _Made(problem, reads)
    if made.findings:
        raise ProblemError(made.findings)
    return _typed(problem, made)


@dataclass
class _TableMade:
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


class _Made:
    """Changes made in the tables of a problem, in steps; each looks at all changes before the next.

    Attributes:
        findings: about changes that choose nothing, and about those that contradict each other.
        named: numbers of the changes that name the whole key of one row.
    """

    def __init__(self, problem: Problem, reads: Sequence[Read]) -> None:
        self.problem, self.reads = problem, reads
        self.findings: list[Finding] = []
        self.tables = {
            name: _TableMade(table, rows, {key: dict(row) for key, row in rows.items()})
            for name, table in PROBLEM_TABLES.items()
            if any(read.table.name == name for read in reads)
            for rows in [_by_key(table, filled_rows(problem, name))]
        }
        self.lookup = _Lookup(problem)
        self.named: set[int] = set()
        self._match()
        self._add_rows()
        for made in self.tables.values():
            self._put_between(made)
            self._choose(made)
        self._refuse_reading_what_is_written()
        for made in self.tables.values():
            self._refuse_new_rows_that_are_chosen(made)
            self._refuse_carrying_what_is_written(made)
            self._delete(made)
            self._write(made)

    def _conflict(self, one: int, other: int, what: str) -> None:
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
            named = made.by_text.get(read.named_key)
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

    def _unknown(self, read: Read, made: _TableMade) -> list[Finding]:
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
                self._conflict(others[0], number, "the row is added twice, with different cells")
            elif key in made.base and made.base[key] != row:
                message, fix = "the row is there already, with other cells", "Set its cells instead."
                self.findings.append(read.change.finding("KEY_DUPLICATE", message, fix))
            made.coming[key].append(number)

    def _put_between(self, made: _TableMade) -> None:
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
                self._conflict(number, owner, "one adds a row in a year in which the other begins or ends")
            made.rows.setdefault(key, dict(self.reads[number].new_row))

    def _choose(self, made: _TableMade) -> None:
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

    def _has_planned_year(self, made: _TableMade, part: Part) -> bool:
        if made.table.name not in CARRIED or part.names_rows:
            return True
        return any(holds_in(part.ranges, year) for year in (self.problem.today, *self.problem.years))

    def _refuse_reading_what_is_written(self) -> None:
        writers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, read in enumerate(self.reads):
            if read.column is not None:
                writers[read.table.name, read.column.name].append(number)
        for number, read in enumerate(self.reads):
            for cell in sorted(read.reads):
                for other in writers.get(cell, []):
                    if other != number:
                        table, column = cell
                        self._conflict(
                            number, other, f"one chooses rows by {table}.{column}, and the other writes it"
                        )

    def _refuse_new_rows_that_are_chosen(self, made: _TableMade) -> None:
        is_by_year = made.table.name in CARRIED
        lookup = _Lookup(self.problem, {name: other.rows for name, other in self.tables.items()})
        written: dict[Key, list[int]] = defaultdict(list)
        for (key, _), numbers in made.writers.items():
            written[key] += numbers
        for key, (adding, *_) in made.coming.items():
            if key in made.base:
                for number in written[key]:
                    self._conflict(adding, number, "one asks for the row as it is, and the other changes it")
                continue
            for number, part in made.parts.items():
                if number in self.named:
                    continue
                read = self.reads[number]
                is_in_year = not is_by_year or holds_in(part.ranges, key[made.at])
                if (
                    is_in_year
                    and all(
                        Condition(name, patterns).holds(made.rows[key].get(name))
                        for name, patterns in read.key.items()
                    )
                    and all(
                        lookup.holds(condition, path, made.rows[key]) for condition, path in read.conditions
                    )
                ):
                    self._conflict(adding, number, "one adds a row that the other would choose")

    def _refuse_carrying_what_is_written(self, made: _TableMade) -> None:
        """What a change carries on from a year to the next is there whatever the other changes do."""
        if made.table.name not in CARRIED:
            return
        groups = by_group(made.rows, made.at)
        owners = {(cell.key, number) for number, cell in made.between}
        for number, cell in made.between:
            group = (*cell.key[: made.at], *cell.key[made.at + 1 :])
            since = -10_000 if cell.since is None else cell.since[made.at]
            for key in groups[group]:
                if since <= key[made.at] < cell.key[made.at]:
                    for other in made.writers.get((key, cell.column), []):
                        is_carried = other in made.writers.get((cell.key, cell.column), [])
                        if other != number and not is_carried and (cell.key, other) not in owners:
                            self._conflict(number, other, "one carries on what the other changes")
        changed = defaultdict(set)
        for key, numbers in [*made.going.items(), *made.coming.items()]:
            changed[(*key[: made.at], *key[made.at + 1 :])].update(numbers)
        for number, part in made.parts.items():
            if part.names_rows:
                continue
            for group, others in changed.items():
                if any(key in part.matched for key in groups[group]):
                    for other in others - {number}:
                        self._conflict(
                            number, other, "one adds or takes away a year of what the other changes"
                        )

    def _delete(self, made: _TableMade) -> None:
        for key, (number, *_) in made.going.items():
            for other in made.coming.get(key, []):
                self._conflict(number, other, "one adds the row that the other takes away")
            made.rows.pop(key, None)
        for number, part in made.parts.items():
            chosen = {key for key in part.matched if (key, part.column) in made.writers}
            chosen = {key for key in chosen if number in made.writers[key, str(part.column)]}
            if chosen and not chosen & made.rows.keys():
                self._conflict(
                    number, made.going[min(chosen)][0], "one changes rows that the other takes away"
                )

    def _write(self, made: _TableMade) -> None:
        defaults = CONSTANT_DEFAULTS.get(made.table.name, {})
        doubtful: dict[Key, set[str]] = defaultdict(set)
        counted: dict[int, int] = defaultdict(int)
        for (key, column), numbers in made.writers.items():
            if key not in made.rows:
                continue
            cell = made.rows[key].get(column)
            is_empty = column not in made.base.get(key, {})
            if is_empty and not any(made.parts[number].names_rows for number in numbers):
                doubtful[key].add(column)
            value = self._value(numbers, defaults.get(column) if cell is None else cell)
            for number in numbers:
                counted[number] += value is not None or self.reads[number].change.operation is Operation.SET
            if value is None:
                made.rows[key].pop(column, None)
            else:
                made.rows[key][column] = value
        for number, cell in made.between:
            is_kept = cell.key in made.rows and cell.column not in made.base.get(cell.key, {})
            if is_kept and not made.writers.get((cell.key, cell.column)):
                doubtful[cell.key].add(cell.column)
                if cell.since is None and made.parts[number].column == cell.column:
                    self._cannot_end(number, cell, made)
        for number, count in counted.items():
            if not count and not self.findings:
                message, fix = "all cells that it chooses are empty", "Set a value with =."
                self.findings.append(self.reads[number].change.finding("CHANGE_POINTLESS", message, fix))
        if made.table.name in CARRIED and not self.findings:
            without_repeats(made.table.name, made.table.key, made.rows, made.created, doubtful)

    def _cannot_end(self, number: int, cell: Between, made: _TableMade) -> None:
        """A cell that was empty before a change, and would have to be empty after it, which such tables cannot say."""
        if made.table.name not in CARRIED or cell.column in made.rows[cell.key]:
            return
        at = made.at
        earlier = [
            key for key in made.rows if key[:at] == cell.key[:at] and key[at + 1 :] == cell.key[at + 1 :]
        ]
        if any(cell.column in made.rows[key] for key in earlier if key[at] < cell.key[at]):
            year = cell.key[at]
            message = (
                f"nothing stands there before, and the table cannot say that nothing holds again from {year}"
            )
            fix = f"Change all years from the first on, or give a value for {year}, too."
            self.findings.append(self.reads[number].change.finding("CHANGE_POINTLESS", message, fix))

    def _value(self, numbers: Sequence[int], cell: Any) -> Any:
        """What a cell becomes by the changes that write it."""
        reads = [self.reads[number] for number in numbers]
        kinds = [_KINDS[read.change.operation] for read in reads]
        for place, kind in enumerate(kinds):
            if kind != kinds[0]:
                what = "they do different things to a cell, and which comes first would matter"
                self._conflict(numbers[0], numbers[place], what)
                return cell
            if kind == "set" and reads[place].value != reads[0].value:
                self._conflict(numbers[0], numbers[place], "a cell is set to different values")
        if kinds[0] == "set":
            return reads[0].value
        if cell is None:
            return None
        return calculated(cell, [(read.change.operation, read.value) for read in reads])


_KINDS = {
    Operation.SET: "set",
    Operation.MULTIPLY: "scale",
    Operation.DIVIDE: "scale",
    Operation.ADD: "shift",
    Operation.SUBTRACT: "shift",
}


class _Lookup:
    """What rows refer to: the problem's rows, and in their place those of some tables while they are changed."""

    def __init__(self, problem: Problem, changed: Mapping[str, Mapping[Key, Row]] | None = None) -> None:
        self.problem, self.changed = problem, changed or {}
        self.rows: dict[str, Mapping[Any, Row]] = {}
        self._groups: dict[str, set[str]] | None = None

    def cell(self, path: Path, row: Row) -> Any:
        """The cell to which a path leads from a row."""
        for _, other in path.steps:
            if other not in self.rows:
                changed = self.changed.get(other)
                key = PROBLEM_TABLES[other].key[0]
                rows = filled_rows(self.problem, other) if changed is None else changed.values()
                self.rows[other] = {each[key]: each for each in rows}
        return path.cell(row, self.rows)

    def holds(self, condition: Condition, path: Path, row: Row) -> bool:
        """Whether a condition holds for a row."""
        cell = self.cell(path, row)
        if path.column is not None:
            return condition.holds(cell)
        groups = self._groups_of(cell)
        return (
            any(condition.holds(group) for group in groups)
            if not condition.is_not
            else all(condition.holds(group) for group in groups)
        )

    def values(self, path: Path, rows: Iterable[Row]) -> set[Any]:
        """The cells to which a path leads from some rows."""
        cells = {self.cell(path, row) for row in rows}
        return (
            cells if path.column is not None else {group for cell in cells for group in self._groups_of(cell)}
        )

    def _groups_of(self, site: Any) -> set[str]:
        if self._groups is None:
            self._groups = defaultdict(set)
            for group, sites in sites_of_groups(self.problem).items():
                for each in sites:
                    self._groups[each].add(group)
        return self._groups.get(site, set())


def _is_year(path: Path) -> bool:
    return not path.steps and path.column is not None and path.column.name == "year" and path.column.is_key


def _place(change: Change) -> str:
    """Where a change is written, before its text."""
    return f"{change.origin}: " if change.origin else ""


def _by_key(table: Table, rows: Iterable[Row]) -> dict[Key, Row]:
    return {tuple(row[name] for name in table.key): row for row in rows}


def _typed(problem: Problem, made: _Made) -> Problem:
    """The problem of the rows that changes gave, checked as a whole."""
    cells: dict[str, Cells] = {
        name: cells_from_frame(frame)
        for name, frame in problem.tables.items()
        if len(frame) and name not in made.tables
    }
    cells |= {name: cells_from_rows(other.rows.values()) for name, other in made.tables.items() if other.rows}
    frames, findings = typed_tables(cells)
    findings = without_consequences(findings)
    if findings:
        raise ProblemError([_located(finding, made) for finding in findings])
    return Problem(frames, problem.notes)


def _located(finding: Finding, made: _Made) -> Finding:
    """The finding with the changes that touched its row before its message."""
    table = made.tables.get(finding.table_name)
    touching: set[str] = set()
    if table is not None:
        keyed = [(key, number) for key, numbers in table.coming.items() for number in numbers]
        keyed += [(key, number) for (key, _), numbers in table.writers.items() for number in numbers]
        touching = {
            made.reads[number].change.origin
            for key, number in keyed
            if table.table.key_of(table.rows.get(key, {})) == finding.row_key
        }
    origins = {read.change.origin for read in made.reads}
    wholes = sorted({origin.rpartition("/")[0] or origin for origin in origins})
    before = ", ".join(sorted(touching)) or f"with {', '.join(wholes)} laid over it"
    return replace(finding, message=f"{before}: {finding.message}") if any(origins) else finding
