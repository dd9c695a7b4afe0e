"""What the tables of a problem mean together: contradictions that no single cell shows."""

from collections.abc import Callable

from optimizer.checks import (
    billing,
    commands,
    conversions,
    figures,
    forces_today,
    garrisons,
    locked_limits,
    money,
    nuclear,
    places,
    rules,
    sources,
    support,
    theater_reserves,
    unseen_years,
    years,
)
from optimizer.errors import Finding
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Problem], list[Finding]]], ...] = (
    ((), places.check),
    ((), forces_today.check),
    (("conversions",), conversions.check),
    (("unit_support", "support_sharing"), support.check),
    ((), years.check),
    (("theater_reserves",), theater_reserves.check),
    (("garrisons", "garrison_actors"), garrisons.check),
    (("commands", "command_options", "command_prerequisites", "command_actors"), commands.check),
    (("billing",), billing.check),
    (("nuclear_options", "nuclear_reductions"), nuclear.check),
    (("policy_rules", "freed_levers"), rules.check),
    ((), money.check),
)
"""What is checked, with the tables of which one must have rows for it; none if it always is."""


def check(problem: Problem, completed: Problem | None = None) -> list[Finding]:
    """Everything found wrong with a problem whose cells, keys and references hold.

    Args:
        problem: the problem as it was given, before defaults.
        completed: the same with its defaults, where they are filled in already.

    Returns:
        The findings in the order of the tables; none if the problem can be solved as it stands.
    """
    completed = completed or complete(problem).problem
    findings = [
        finding
        for tables, check_of in _CHECKS
        if not tables or any(completed.rows(name) for name in tables)
        for finding in check_of(completed)
    ]
    findings += forces_today.caretakers(problem)
    if problem.rows("sources"):
        findings += sources.check(problem)
    return sorted(findings, key=_place)


def warnings(problem: Problem) -> list[Finding]:
    """What may not be meant, of a problem as it was given, in the order of the tables; it stops nothing."""
    found = [figures.warnings(problem), locked_limits.warnings(problem), unseen_years.warnings(problem)]
    return sorted((finding for findings in found for finding in findings), key=_place)


def _place(finding: Finding) -> int:
    return list(PROBLEM_TABLES).index(finding.table_name)
