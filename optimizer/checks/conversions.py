"""Conversions between kinds of units that an actor may own."""

from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem


def check(problem: Problem) -> list[Finding]:
    """Findings about conversions."""
    rows = problem["conversions"]
    findings = row_findings(
        "CONVERSION_UNCLEAR",
        "conversions",
        rows[rows["from_unit_type_id"] == rows["to_unit_type_id"]],
        "to_unit_type_id",
        "the unit becomes what it is",
        "Name another kind of unit, or remove the row.",
    )
    for column in ("from_unit_type_id", "to_unit_type_id"):
        owned = problem["actor_unit_types"].rename(columns={"unit_type_id": column})
        findings += row_findings(
            "REFERENCE_UNKNOWN",
            "conversions",
            without_row(rows, owned, ["actor_id", column]),
            column,
            f"actor_unit_types has no row {{actor_id}}/{{{column}}}, so {{actor_id}} may not own such units",
            "Add that row with its costs, or remove this one.",
        )
    return findings
