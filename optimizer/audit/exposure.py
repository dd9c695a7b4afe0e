"""How exposed the lead actor is, by what, and whether that is borne."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal
from optimizer.audit.once import once
from optimizer.audit.plan import Plan
from optimizer.tables.plan_tables import by_year

_PARTS = ("presence_exposure_points", "command_exposure_points", "umbrella_exposure_points")
_ROW = "exposure_results: {year}: "


def exposure(plan: Plan) -> list[str]:
    """Findings about exposure."""
    p = plan.problem
    rows = borne(plan)
    shown = plan.shown("exposure_results").rename(
        columns={name: f"shown_{name}" for name in (*_PARTS, "exposure_points")}
    )
    rows = rows.merge(shown, on="year", how="outer").fillna(0.0)
    limits = p["exposure_limits"].astype({"year": "int64"}).sort_values("year", ignore_index=True)
    most = limits[["year", "maximum_exposure_points"]].ffill()
    years = pd.merge_asof(rows[rows["year"] > p.today], most, on="year")
    cap = _ROW + "{exposure_points} points of exposure but at most {maximum_exposure_points} are borne"
    findings = at_most(years, "exposure_points", "maximum_exposure_points", "points", cap)
    for name in (*_PARTS, "exposure_points"):
        words = f"{_ROW}{name} of {{shown_{name}}} shown but {{{name}}} follows from the plan"
        findings += equal(rows, f"shown_{name}", name, "points", words)
    return findings


@once
def borne(plan: Plan) -> pd.DataFrame:
    """Points by period, in parts and together."""
    p = plan.problem
    lead = p.settings["lead_actor_id"]
    hazards = p["exposure"]
    modes = p["unit_type_modes"][["unit_type_id", "mode", "exposure_points"]]
    units = plan.stationed[plan.stationed["actor_id"] == lead]
    units = units.merge(plan.places[["site_id", "theater_id"]], on="site_id")
    units = units.merge(hazards, on="theater_id").merge(modes, on=["unit_type_id", "mode"])
    held = plan.shown("command_results")
    held = held[held["actor_id"] == lead].merge(p["command_options"], on=["command_id", "actor_id"])
    held = held.merge(p["commands"][["command_id", "theater_id"]], on="command_id")
    held = held.merge(hazards, on="theater_id")
    chosen = plan.shown("nuclear_results")
    chosen = chosen.merge(p["nuclear_options"], on=["actor_id", "nuclear_posture"])
    parts = (
        (units, units["hazard_factor"] * units["exposure_points"] * units["stationed_count"]),
        (held, held["hazard_factor"] * held["exposure_points"] * held["held_fraction"]),
        (chosen, chosen["exposure_points"] * chosen["chosen_fraction"]),
    )
    rows = by_year(pd.DataFrame({"one": [1]}), plan.all_years)[["year"]]
    for name, (frame, points) in zip(_PARTS, parts, strict=True):
        rows[name] = rows["year"].map(points.groupby(frame["year"]).sum()).fillna(0.0)
    return rows.assign(exposure_points=rows[list(_PARTS)].sum(axis="columns"))
