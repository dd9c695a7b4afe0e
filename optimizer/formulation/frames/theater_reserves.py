"""What is kept for theaters, and in which years: giving up a theater frees it."""

import numpy as np
import pandas as pd

from optimizer.tables.by_year import carried_forward, with_years
from optimizer.tables.keyed import is_among, keys
from optimizer.tables.problem import Problem

_FORCE = ["actor_id", "unit_type_id"]
_PLACE = ["theater_id", "year"]


def reserves_by_year(problem: Problem) -> pd.DataFrame:
    """Units kept for theaters by year: actor_id, unit_type_id, theater_id, year and reserved_count.

    0 in years in which the theater is given up: nothing is needed there, or only what has an interest of 0, or, for
    the lead actor, what it may count for no part of. Only forces of which something is kept for a theater in some
    year.
    """
    rows = with_years(problem["theater_reserves"], problem.years)
    if rows.empty:
        return rows
    matters = _mattering(problem)
    led = matters[matters["maximum_lead_fraction"] != 0]
    is_lead = rows["actor_id"] == problem.settings["lead_actor_id"]
    all_kept, lead_kept = (is_among(rows, _PLACE, set(keys(frame, _PLACE))) for frame in (matters, led))
    is_kept = np.where(is_lead, lead_kept, all_kept)
    rows["reserved_count"] = np.where(is_kept, rows["reserved_count"], 0.0)
    is_any = rows.groupby(_FORCE)["reserved_count"].transform("max") > 0
    return rows[is_any].sort_values([*_FORCE, *_PLACE], ignore_index=True)


def _mattering(problem: Problem) -> pd.DataFrame:
    """The needs of each year that matter to the lead actor."""
    by = ["theater_id", "scenario_id", "phase_id", "capability_id"]
    needs = carried_forward(problem["requirements"], by, problem.years)
    needs = needs[(needs[["required_points", "red_score_points"]] > 0).any(axis="columns")]
    needs = needs.merge(problem["interests"], on=["theater_id", "capability_id"], how="left")
    return needs[needs["interest_usd_m_per_point_yr"] != 0]
