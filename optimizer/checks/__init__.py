"""What the tables of a problem mean together: contradictions that no single cell shows."""

from optimizer.checks import (
    billing,
    commands,
    forces_today,
    garrisons,
    money,
    nuclear,
    places,
    rules,
    sources,
    years,
)
from optimizer.errors import Finding
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES


def check(problem: Problem) -> list[Finding]:
    """Everything found wrong with a problem whose cells, keys and references hold.

    Args:
        problem: the problem as it was given, before defaults.

    Returns:
        The findings in the order of the tables; none if the problem can be solved as it stands.
    """
    completed = complete(problem).problem
    findings = [
        finding
        for module in (places, forces_today, years, garrisons, commands, billing, nuclear, rules, money)
        for finding in module.check(completed)
    ]
    findings += [*forces_today.caretakers(problem), *sources.check(problem)]
    order = list(PROBLEM_TABLES)
    return sorted(findings, key=lambda finding: order.index(finding.table_name))
