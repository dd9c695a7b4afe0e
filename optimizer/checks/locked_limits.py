"""Limits of groups of sites that no year of the plan uses, since the lever that would let them change is locked."""

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row

_LIMITS = ("maximum_persons", "maximum_withdrawal_persons_per_yr")


def warnings(problem: Problem) -> list[Finding]:
    """A warning for the first limit of each group and actor that is ignored; ``problem`` is as it was given."""
    last_year = problem.years[-1]
    last_begins = problem.calendar.first_years[last_year]
    freed = {
        row["lever_key"]
        for row in problem.rows("freed_levers")
        if row["lever"] == "CEILING" and (row["first_year"] is None or row["first_year"] <= last_begins)
    }
    held: dict[tuple[str, str], Row] = {}
    ignored: dict[tuple[str, str], Row] = {}
    for row in problem.rows("site_group_limits"):
        limited = row["site_group_id"], row["actor_id"]
        given = {column: row[column] for column in _LIMITS if row[column] is not None}
        if row["year"] <= problem.today:
            held[limited] = held.get(limited, {}) | given
        elif row["year"] <= last_year and row["site_group_id"] not in freed:
            differing = given.items() - held.get(limited, {}).items()
            if differing and limited not in ignored:
                today = (
                    f"that of {problem.today} holds in every year"
                    if limited in held
                    else "there is none today"
                )
                ignored[limited] = row | {"column": min(differing)[0], "what holds": today}
    message = "the lever CEILING of {site_group_id} is locked, so this limit is ignored: {what holds}"
    fix = "Add the row CEILING/{site_group_id} to freed_levers, or leave it if that is meant: nothing stops."
    return [
        finding
        for row in ignored.values()
        for finding in row_findings("LIMIT_IGNORED", "site_group_limits", [row], row["column"], message, fix)
    ]
