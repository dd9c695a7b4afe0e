"""What changes all needs of a theater, written into its requirements.

For a need of theater k that ``requirements`` states, in every year from the first row of ``theater_years``::

    points[k,t]  = need_factor[k,t]·points[t]                       required_points or red_score_points
    most[k,t]    = min(maximum_lead_fraction[k,t], most[t])         maximum_lead_fraction
    least[k,t]   = min(maximum_lead_fraction[k,t], least[t])        minimum_lead_fraction

Points are in points, the others in parts of the need; what is empty is no limit.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.tables.by_year import carried_forward, filled_forward
from optimizer.tables.schema import PROBLEM_TABLES

_NEED = ["theater_id", "scenario_id", "phase_id", "capability_id"]


def with_theater_years(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The requirements of a problem's tables, as ``theater_years`` changes them."""
    table = PROBLEM_TABLES["requirements"]
    by_year = filled_forward(tables["theater_years"], ["theater_id"])
    parts = [
        _changed(needs, by_year[by_year["theater_id"] == theater])
        for theater, needs in tables["requirements"].groupby("theater_id", sort=False)
    ]
    return table.typed(pd.concat(parts)).sort_values(table.key, ignore_index=True)


def _changed(needs: pd.DataFrame, by_year: pd.DataFrame) -> pd.DataFrame:
    """The needs of one theater, with a row wherever they or what changes them differ from the year before."""
    if by_year.empty:
        return needs
    years = sorted({*needs["year"], *by_year["year"]})
    needs = carried_forward(needs, _NEED, years)
    changes = carried_forward(by_year, ["theater_id"], years).set_index("year")
    factor = needs["year"].map(changes["need_factor"]).fillna(1.0)
    most = needs["year"].map(changes["maximum_lead_fraction"])
    return needs.assign(
        required_points=needs["required_points"] * factor,
        red_score_points=needs["red_score_points"] * factor,
        maximum_lead_fraction=np.fmin(needs["maximum_lead_fraction"], most),
        minimum_lead_fraction=np.minimum(needs["minimum_lead_fraction"], most.fillna(1.0)),
    )
