"""Requirements, phases and what varies by year."""

import pandas as pd

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem

_REQUIREMENT = ["theater_id", "scenario_id", "phase_id", "capability_id"]


def check(problem: Problem) -> list[Finding]:
    """Findings about requirements, phases, readiness and orders; ``problem`` has its defaults."""
    return [*_requirements(problem), *_phases(problem), *_orders(problem)]


def _requirements(problem: Problem) -> list[Finding]:
    requirements = problem["requirements"]
    findings = row_findings(
        "REQUIREMENT_MISPLACED",
        "requirements",
        without_row(requirements, problem["scenario_theaters"], ["scenario_id", "theater_id"]),
        "theater_id",
        "scenario {scenario_id} has no contingency in {theater_id}",
        "Add the row {scenario_id}/{theater_id} to scenario_theaters, or correct the requirement.",
    )
    given = requirements[["required_points", "red_score_points"]].notna().sum(axis="columns")
    for count, message in ((0, "the row gives no points"), (2, "the row gives its points in two forms")):
        findings += row_findings(
            "REQUIREMENT_UNCLEAR",
            "requirements",
            requirements[given == count],
            "required_points",
            message,
            "Fill exactly one of required_points and red_score_points.",
        )
    findings += row_findings(
        "REQUIREMENT_UNCLEAR",
        "requirements",
        requirements[requirements["minimum_lead_fraction"] > requirements["maximum_lead_fraction"]],
        "minimum_lead_fraction",
        "the lead actor's least part is above its most, {maximum_lead_fraction}",
        "Lower it, or raise maximum_lead_fraction.",
    )
    first = requirements.sort_values("year", kind="stable").drop_duplicates(_REQUIREMENT)
    return findings + row_findings(
        "FIRST_YEAR_MISSING",
        "requirements",
        first[first["year"] > problem.years[0]].sort_index(),
        "year",
        f"the requirement begins after year 1 of the plan, {problem.years[0]}",
        f"Add a row for {problem.years[0]}; with required_points 0 if nothing is needed yet.",
    )


def _phases(problem: Problem) -> list[Finding]:
    attrition = problem["attrition"].merge(problem["phases"][["phase_id", "kind"]], on="phase_id")
    findings = row_findings(
        "PHASE_MISPLACED",
        "attrition",
        attrition[attrition["kind"] != "DETER"],
        "phase_id",
        "losses count where they happen, in a phase of kind DETER, and this is of kind {kind}",
        "Name the DETER phase in which the units are lost.",
    )
    return findings + row_findings(
        "REFERENCE_UNKNOWN",
        "readiness",
        without_row(problem["readiness"], problem["readiness_classes"], ["readiness_class_id", "mode"]),
        "mode",
        "readiness_classes has no row {readiness_class_id}/{mode}, so the notice to move is not known",
        "Add that row with its notice_to_move_days, or remove this one.",
    )


def _orders(problem: Problem) -> list[Finding]:
    orders: pd.DataFrame = problem["on_order"]
    return row_findings(
        "VALUE_RANGE",
        "on_order",
        orders[orders["year"] < problem.years[0]],
        "year",
        f"the units arrive before year 1 of the plan, {problem.years[0]}",
        "Count them in owned_today, or correct the year.",
    )
