"""What only shows once it is known which combinations exist."""

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation import allied_response, goals
from optimizer.formulation.allied_limits import negative_other_spending
from optimizer.formulation.index import Index
from optimizer.formulation.reach import NEED, Reach


def model_findings(index: Index) -> list[Finding]:
    """Findings of an index: spending that does not add up, objectives without a value, unreachable needs."""
    return [
        *negative_other_spending(index),
        *allied_response.findings(index),
        *goals.findings(index),
        *unreachable_needs(index),
    ]


def unreachable_needs(index: Index) -> list[Finding]:
    """Findings for needs to which no unit of anybody adds, and which may not go short."""
    if index.asked.lets_every_need_go_short:
        return []
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
