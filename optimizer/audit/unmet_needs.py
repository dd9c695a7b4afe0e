"""What each theater lacks of a capability in a year, and whether unmet_needs says so."""

import pandas as pd

from optimizer.audit.comparison import equal
from optimizer.audit.deterrence import needs
from optimizer.audit.once import once
from optimizer.audit.plan import Plan

_NEED_YEAR = ["theater_id", "capability_id", "year"]
_ROW = "unmet_needs: {theater_id} {capability_id} {year}: "


def unmet_shown(plan: Plan) -> list[str]:
    """Findings about the table unmet_needs; a row that is not there shows 0."""
    shown = plan.table("unmet_needs").rename(columns={"unmet_points": "shown_points"})
    rows = unmet_needs(plan).merge(shown, on=_NEED_YEAR, how="outer")
    rows[["unmet_points", "shown_points"]] = rows[["unmet_points", "shown_points"]].fillna(0.0)
    words = _ROW + "{unmet_points} points missing but unmet_needs says {shown_points}"
    return equal(rows, "shown_points", "unmet_points", "points", words)


@once
def unmet_needs(plan: Plan) -> pd.DataFrame:
    """_NEED_YEAR and unmet_points of every need that is asked for and has a price.

    Each scenario counts with its worst phase. ROBUST takes the worst scenario. The mean over the worst scenarios that
    make up a part of the weight is the least, over levels η, of η + Σ weight · (shortfall above η) ÷ part; some
    shortfall, or 0, is such a level. EXPECTED is that with the whole weight as the part.
    """
    settings = plan.problem.settings
    priced = needs(plan).merge(plan.problem["interests"][["theater_id", "capability_id"]])
    priced = priced[priced["required_points"] > 0]
    worst = priced.groupby([*_NEED_YEAR, "scenario_id"])[["missing_points"]].max().reset_index()
    if settings["shortfall_measure"] == "ROBUST":
        found = worst.groupby(_NEED_YEAR)["missing_points"].max()
        return found.rename("unmet_points").reset_index()
    part = 1.0
    if settings["shortfall_measure"] == "CVAR":
        part -= float(settings["tail_level_fraction"])
    rows = worst.merge(plan.problem["scenarios"][["scenario_id", "weight_fraction"]], on="scenario_id")
    rows["weight"] = rows["weight_fraction"] / rows.groupby(_NEED_YEAR)["weight_fraction"].transform("sum")
    levels = worst[[*_NEED_YEAR, "missing_points"]].rename(columns={"missing_points": "level"})
    levels = pd.concat([levels, levels.assign(level=0.0)]).drop_duplicates()
    rows = rows.merge(levels, on=_NEED_YEAR)
    above = (rows["missing_points"] - rows["level"]).clip(lower=0.0)
    rows["beyond"] = rows["weight"] * above / part
    sums = rows.groupby([*_NEED_YEAR, "level"])["beyond"].sum().reset_index()
    sums["unmet_points"] = sums["level"] + sums["beyond"]
    return sums.groupby(_NEED_YEAR)[["unmet_points"]].min().reset_index()
