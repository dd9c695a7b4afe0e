"""Rows of tables by year that no period of the plan shows, since a later row of the same period takes their place."""

from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row
from optimizer.tables.schema import PROBLEM_TABLES

_WHOLE_ROWS = ("requirements", "programmed_forces", "presence_paths")
"""Tables of which a later row takes the place of all of an earlier one."""
_BY_COLUMN = ("actor_years", "site_group_limits", "stability_limits", "exposure_limits")
"""Tables of which a later row takes the place of an earlier one in the columns that it fills."""


def warnings(problem: Problem) -> list[Finding]:
    """A warning for the first such row of each table, and how many more there are."""
    periods = problem.calendar.periods
    if len(periods) == len(problem.years):
        return []
    found = []
    for table in (*_WHOLE_ROWS, *_BY_COLUMN):
        unseen = _unseen(problem, table, periods)
        if unseen:
            row, more = unseen[0], len(unseen) - 1
            others = (
                ""
                if not more
                else f", nor has {more} more row"
                if more == 1
                else f", nor have {more} more rows"
            )
            message = (
                f"a figure of {row['year']} has no effect{others}: the period {periods[row['year']]} shows "
                "its last year, for which there is another"
            )
            fix = f"Let a period end in {row['year']}, or leave it if that is meant: nothing stops."
            key = PROBLEM_TABLES[table].key_of(row)
            found.append(Finding("YEAR_UNSEEN", table, key, "year", str(row["year"]), message, fix))
    return found


def _unseen(problem: Problem, table: str, periods: dict[int, int]) -> list[Row]:
    """Rows of years inside periods all of whose cells a later row of the period replaces."""
    key = [name for name in PROBLEM_TABLES[table].key if name != "year"]
    columns = [] if table in _WHOLE_ROWS else [c.name for c in PROBLEM_TABLES[table].columns if not c.is_key]
    later: dict[tuple[object, ...], list[Row]] = {}
    unseen = []
    for row in sorted(problem.rows(table), key=lambda row: -int(row["year"])):
        period = periods.get(row["year"])
        if period is None:
            continue
        place = (*(row[name] for name in key), period)
        given = [name for name in columns if row[name] is not None]
        after = later.setdefault(place, [])
        if after and all(any(other[name] is not None for other in after) for name in given):
            unseen.append(row)
        after.append(row)
    return unseen[::-1]
