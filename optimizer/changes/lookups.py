"""What rows of changed tables refer to, and of which groups their sites are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from optimizer.changes.attributes import Path
from optimizer.changes.selectors import Condition
from optimizer.changes.years import Key, Row
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES
from optimizer.tables.site_groups import sites_of_groups


class Lookup:
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
