"""Requirements, phases and what varies by year."""

from optimizer.checks.rows import cells, is_above, row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row

_REQUIREMENT = ["theater_id", "scenario_id", "phase_id", "capability_id"]


def check(problem: Problem) -> list[Finding]:
    """Findings about requirements, phases, readiness and orders; ``problem`` has its defaults."""
    return [*_requirements(problem), *_phases(problem), *_orders(problem)]


def _requirements(problem: Problem) -> list[Finding]:
    requirements = problem.rows("requirements")
    first: dict[tuple[object, ...], int] = {}
    for row in requirements:
        need = cells(row, _REQUIREMENT)
        first[need] = min(row["year"], first.get(need, row["year"]))
    # Factors by year give a need rows of later years that nobody wrote.
    begun = [row for row in requirements if first[cells(row, _REQUIREMENT)] == row["year"]]
    findings = row_findings(
        "REQUIREMENT_MISPLACED",
        "requirements",
        without_row(begun, problem.rows("scenario_theaters"), ["scenario_id", "theater_id"]),
        "theater_id",
        "scenario {scenario_id} has no contingency in {theater_id}",
        "Add the row {scenario_id}/{theater_id} to scenario_theaters, or correct the requirement.",
    )
    for count, message in ((0, "the row gives no points"), (2, "the row gives its points in two forms")):
        findings += row_findings(
            "REQUIREMENT_UNCLEAR",
            "requirements",
            [row for row in requirements if _forms(row) == count],
            "required_points",
            message,
            "Fill exactly one of required_points and red_score_points.",
        )
    findings += row_findings(
        "REQUIREMENT_UNCLEAR",
        "requirements",
        [row for row in requirements if is_above(row["minimum_lead_fraction"], row["maximum_lead_fraction"])],
        "minimum_lead_fraction",
        "the lead actor's least part is above its most, {maximum_lead_fraction}",
        "Lower it, or raise maximum_lead_fraction.",
    )
    year_1 = problem.years[0]
    return findings + row_findings(
        "FIRST_YEAR_MISSING",
        "requirements",
        [row for row in begun if row["year"] > year_1],
        "year",
        f"the requirement begins after year 1 of the plan, {year_1}",
        f"Add a row for {year_1}; with required_points 0 if nothing is needed yet.",
    )


def _forms(requirement: Row) -> int:
    """In how many forms a requirement gives its points."""
    return sum(requirement[column] is not None for column in ("required_points", "red_score_points"))


def _phases(problem: Problem) -> list[Finding]:
    kinds = {row["phase_id"]: row["kind"] for row in problem.rows("phases")}
    losses = [{**row, "kind": kinds[row["phase_id"]]} for row in problem.rows("attrition")]
    return [
        *row_findings(
            "PHASE_MISPLACED",
            "attrition",
            [row for row in losses if row["kind"] != "DETER"],
            "phase_id",
            "losses count where they happen, in a phase of kind DETER, and this is of kind {kind}",
            "Name the DETER phase in which the units are lost.",
        ),
        *row_findings(
            "REFERENCE_UNKNOWN",
            "readiness",
            without_row(
                problem.rows("readiness"), problem.rows("readiness_classes"), ["readiness_class_id", "mode"]
            ),
            "mode",
            "readiness_classes has no row {readiness_class_id}/{mode}, so the notice to move is not known",
            "Add that row with its notice_to_move_days, or remove this one.",
        ),
    ]


def _orders(problem: Problem) -> list[Finding]:
    year_1 = problem.years[0]
    return row_findings(
        "VALUE_RANGE",
        "on_order",
        [row for row in problem.rows("on_order") if row["year"] < year_1],
        "year",
        f"the units arrive before year 1 of the plan, {year_1}",
        "Count them in owned_today, or correct the year.",
    )
