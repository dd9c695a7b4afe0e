"""Whether every actor keeps its program."""

import numpy as np
import pandas as pd

from optimizer.audit.comparison import at_most
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year, carried

_ROW = "owned_forces: {actor_id} {unit_type_id} {year}: "


def program_kept(plan: Plan) -> list[str]:
    """Findings about programs."""
    rows = plan.forces.merge(programs(plan), on=[*FORCE_KEY, "year"])
    words = _ROW + "{owned_count} owned but the program is {program_count}"
    return at_most(rows, "program_count", "owned_count", "count", words)


def programs(plan: Plan) -> pd.DataFrame:
    """Programs in force in years 1…n: actor_id, unit_type_id, year and program_count."""
    p = plan.problem
    key = [*FORCE_KEY, "year"]
    forces = p["actor_unit_types"][[*FORCE_KEY, "maximum_owned_count"]]
    forces = forces.merge(p["owned_today"][[*FORCE_KEY, "owned_count"]], on=FORCE_KEY, how="left")
    rows = by_year(forces.fillna({"owned_count": 0.0}), p.years)
    rows = rows.merge(p["on_order"].astype({"year": "int64"}), on=key, how="left")
    rows = rows.fillna({"arriving_count": 0.0}).sort_values(key, ignore_index=True)
    unchanged = rows["owned_count"] + rows.groupby(FORCE_KEY)["arriving_count"].cumsum()
    given = carried(p["programmed_forces"], FORCE_KEY, p.years)
    rows = rows.merge(given, on=key, how="left")
    default = np.fmin(unchanged, rows["maximum_owned_count"])
    rows["program_count"] = rows["programmed_count"].where(rows["programmed_count"].notna(), default)
    lead = p.settings["lead_actor_id"]
    is_freed = pd.Series(False, index=rows.index)
    for lever_key, first_year in p.freed_years("FORCES").items():
        is_meant = (rows["unit_type_id"] == lever_key) | (lever_key == lead)
        is_freed |= is_meant & (rows["year"] >= first_year)
    kept: pd.DataFrame = rows.loc[~(is_freed & (rows["actor_id"] == lead)), [*key, "program_count"]]
    return kept
