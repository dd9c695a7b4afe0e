"""What only shows once it is known which combinations exist."""

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation import allied_response, conditional_rules, deterrence
from optimizer.formulation.allied_limits import negative_other_spending
from optimizer.formulation.index import Index
from optimizer.formulation.reach import NEED, Reach


def model_findings(index: Index) -> list[Finding]:
    """Findings of an index: spending that does not add up, and needs that no unit can ever reach."""
    return [
        *negative_other_spending(index),
        *allied_response.findings(index),
        *conditional_rules.findings(index),
        *unreachable_needs(index),
        *weightless_needs(index),
    ]


def weightless_needs(index: Index) -> list[Finding]:
    """Findings for priced needs whose shortfall has no weight in any scenario."""
    return [
        Finding(
            "WEIGHTS_MISSING",
            "interests",
            f"{row.theater_id}/{row.capability_id}",
            "",
            "",
            f"no scenario that needs it in {row.year} has a weight, so its shortfall would count for nothing",
            "Give one of the scenarios a weight_fraction, or take the shortfall_measure ROBUST.",
        )
        for row in deterrence.weightless_needs(index)
        .drop_duplicates(["theater_id", "capability_id"])
        .itertuples()
    ]


def unreachable_needs(index: Index) -> list[Finding]:
    """Findings for needs to which no unit of anybody adds, and whose shortfall has no price."""
    reach = Reach(index)
    needs = reach.needs.drop_duplicates(NEED)
    priced = pd.MultiIndex.from_frame(index.problem["interests"][["theater_id", "capability_id"]])
    supplied = pd.MultiIndex.from_frame(reach.supply[NEED].drop_duplicates())
    lost = ~pd.MultiIndex.from_frame(needs[NEED]).isin(supplied)
    lost &= ~pd.MultiIndex.from_frame(needs[["theater_id", "capability_id"]]).isin(priced)
    return [
        Finding(
            "REQUIREMENT_UNREACHABLE",
            "requirements",
            f"{row.theater_id}/{row.scenario_id}/{row.phase_id}/{row.capability_id}/{row.year}",
            "required_points",
            f"{row.required_points:g}",
            "nobody owns or may own a unit with this capability that can be there in time",
            "Check readiness, notice and transit times, or give the theater an interest.",
        )
        for row in needs[lost].itertuples()
    ]
