"""Conversions between kinds of units that an actor may own."""

from optimizer.checks.rows import cells, row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem


def check(problem: Problem) -> list[Finding]:
    """Findings about conversions."""
    rows = problem.rows("conversions")
    may_own = {cells(row, ["actor_id", "unit_type_id"]) for row in problem.rows("actor_unit_types")}
    findings = row_findings(
        "CONVERSION_UNCLEAR",
        "conversions",
        [row for row in rows if row["from_unit_type_id"] == row["to_unit_type_id"]],
        "to_unit_type_id",
        "the unit becomes what it is",
        "Name another kind of unit, or remove the row.",
    )
    for column in ("from_unit_type_id", "to_unit_type_id"):
        findings += row_findings(
            "REFERENCE_UNKNOWN",
            "conversions",
            [row for row in rows if cells(row, ["actor_id", column]) not in may_own],
            column,
            f"actor_unit_types has no row {{actor_id}}/{{{column}}}, so {{actor_id}} may not own such units",
            "Add that row with its costs, or remove this one.",
        )
    return findings
