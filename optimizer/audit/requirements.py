"""What the input asks for in each year: the last row of a need given by then."""

import math
from types import SimpleNamespace

from optimizer.audit.amounts import Amounts, Key
from optimizer.audit.once import once
from optimizer.audit.plan import Plan

NEED = ("theater_id", "scenario_id", "phase_id", "capability_id", "year")


@once
def rows_in_force(plan: Plan) -> dict[Key, SimpleNamespace]:
    """By NEED in years 1…n, the row of requirements of that year or of the last one before it."""
    found: dict[Key, SimpleNamespace] = {}
    for row in sorted(plan.rows("requirements"), key=lambda row: int(row.year)):
        need = (row.theater_id, row.scenario_id, row.phase_id, row.capability_id)
        found.update({(*need, year): row for year in plan.problem.years if year >= row.year})
    return found


@once
def required_points(plan: Plan) -> Amounts:
    """Points by NEED, as given or from what red has."""
    settings, kinds = plan.problem.settings, plan.words("phases", "kind")
    required = Amounts(NEED)
    for key, row in rows_in_force(plan).items():
        is_deterring = kinds[row.phase_id,] == "DETER"
        ratio = 1.0 / float(settings["break_even_ratio"]) if is_deterring else float(settings["win_ratio"])
        points = row.red_score_points * ratio if math.isnan(row.required_points) else row.required_points
        if not math.isnan(points):
            required[key] = points
    return required


def greatest_lead_fraction(plan: Plan) -> Amounts:
    """The greatest part of a need that the lead actor's units may meet, by NEED, where there is one."""
    rows = rows_in_force(plan).items()
    return Amounts(
        NEED,
        {key: row.maximum_lead_fraction for key, row in rows if not math.isnan(row.maximum_lead_fraction)},
    )


def least_lead_fraction(plan: Plan) -> Amounts:
    """The least part of what is met of a need that must be the lead actor's, by NEED, where there is one."""
    rows = rows_in_force(plan).items()
    return Amounts(
        NEED, {key: row.minimum_lead_fraction for key, row in rows if row.minimum_lead_fraction > 0}
    )


def phases_in_order(plan: Plan) -> list[str]:
    """The phases as they follow each other."""
    phases = sorted(plan.rows("phases"), key=lambda phase: (phase.days, phase.kind, phase.phase_id))
    return [phase.phase_id for phase in phases]
