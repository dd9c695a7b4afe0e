"""What changes all needs, or all those of a theater, written into the requirements.

For a need of theater k that ``requirements`` states::

    points[t]' = need_factor·need_factor[k,t]·points[t]                   required_points or red_score_points
    most[t]'   = min(maximum_lead_fraction[k,t], most[t])                 maximum_lead_fraction
    least[t]'  = min(maximum_lead_fraction[k,t], minimum_lead_factor[k,t]·least[t])   minimum_lead_fraction

with need_factor of the settings, and what has k and t of ``theater_years``, from its first row of k on. Points are in
points, the others in parts of the need; what is empty is no limit.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.tables.by_year import carried_forward, filled_forward
from optimizer.tables.schema import PROBLEM_TABLES

_NEED = ["theater_id", "scenario_id", "phase_id", "capability_id"]
_POINTS = ["required_points", "red_score_points"]


def changes_needs(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether tables change needs beside ``requirements``."""
    return len(tables["theater_years"]) > 0 or bool(tables["settings"]["need_factor"].notna().any())


def with_changed_needs(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with all that changes needs written into requirements, and gone where it stood."""
    settings, theater_years = tables["settings"], tables["theater_years"]
    needs = _by_theater(tables["requirements"], theater_years)
    needs[_POINTS] *= settings["need_factor"].fillna(1.0).iloc[0]
    changed = {
        "settings": settings.assign(need_factor=np.nan),
        "theater_years": theater_years.head(0),
        "requirements": needs,
    }
    return {**tables, **changed}


def _by_theater(requirements: pd.DataFrame, theater_years: pd.DataFrame) -> pd.DataFrame:
    table = PROBLEM_TABLES["requirements"]
    by_year = filled_forward(theater_years, ["theater_id"])
    parts = [
        _changed(needs, by_year[by_year["theater_id"] == theater])
        for theater, needs in requirements.groupby("theater_id", sort=False)
    ]
    return table.typed(pd.concat(parts)).sort_values(table.key, ignore_index=True)


def _changed(needs: pd.DataFrame, by_year: pd.DataFrame) -> pd.DataFrame:
    """The needs of one theater, with a row wherever they or what changes them differ from the year before."""
    if by_year.empty:
        return needs
    years = sorted({*needs["year"], *by_year["year"]})
    needs = carried_forward(needs, _NEED, years)
    changes = carried_forward(by_year, ["theater_id"], years).set_index("year")
    factor, part = (
        needs["year"].map(changes[name]).fillna(1.0) for name in ("need_factor", "minimum_lead_factor")
    )
    most = needs["year"].map(changes["maximum_lead_fraction"])
    return needs.assign(
        required_points=needs["required_points"] * factor,
        red_score_points=needs["red_score_points"] * factor,
        maximum_lead_fraction=np.fmin(needs["maximum_lead_fraction"], most),
        minimum_lead_fraction=np.minimum(needs["minimum_lead_fraction"] * part, most.fillna(1.0)),
    )
