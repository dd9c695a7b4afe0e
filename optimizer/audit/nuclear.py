"""How threatened allies are covered, whether they may be so, and by how much that lowers what is needed."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, none, said, whole
from optimizer.audit.plan import Plan
from optimizer.tables.plan_tables import by_year

_CHOICE = ["actor_id", "nuclear_posture"]
_ROW = "nuclear_results: {actor_id} {nuclear_posture} {year}: "


def nuclear(plan: Plan) -> list[str]:
    """Findings about nuclear options and their programs."""
    rows = _choices(plan)
    years = rows[rows["year"] > plan.problem.today]
    one = years.groupby(["actor_id", "year"])["chosen_fraction"].sum().reset_index().assign(one=1.0)
    locked = rows[~(rows["year"] >= rows["freed_year"])]
    covered = "nuclear_results: {actor_id} {year}: covered {chosen_fraction} times"
    today = _ROW + "chosen by {chosen_fraction} but the lever is not freed, and today it is {today_fraction}"
    before = _ROW + "a program starts before year 1"
    findings = [
        *_unknown(plan),
        *equal(one, "chosen_fraction", "one", "fraction", covered),
        *equal(locked, "chosen_fraction", "today_fraction", "fraction", today),
        *none(rows[rows["year"] == plan.problem.today], "started_fraction", "fraction", before),
        *_programs(plan, years),
    ]
    if not plan.is_relaxed:
        findings += whole(years, "chosen_fraction", _ROW + "chosen by a part, {chosen_fraction}")
        findings += whole(years, "started_fraction", _ROW + "started by a part, {started_fraction}")
    return findings


def lowered_points(plan: Plan, needs: pd.DataFrame) -> pd.Series:
    """By how much the options chosen lower each of some requirements, never below 0.

    Args:
        plan: the plan.
        needs: theater_id, capability_id, year and required_points, with a plain index.
    """
    if plan.problem["nuclear_reductions"].empty:
        return pd.Series(0.0, index=needs.index)
    chosen = plan.table("nuclear_results").merge(plan.problem["nuclear_reductions"], on=_CHOICE)
    place = ["theater_id", "capability_id", "year"]
    rows = needs[[*place, "required_points"]].reset_index(names="row").merge(chosen, on=place)
    each = rows[["reduction_points", "required_points"]].min(axis="columns") * rows["chosen_fraction"]
    total = each.groupby(rows["row"]).sum().reindex(needs.index, fill_value=0.0)
    return pd.concat([total, needs["required_points"]], axis="columns").min(axis="columns")


def _choices(plan: Plan) -> pd.DataFrame:
    """Every option in every period, with chosen_fraction, started_fraction, today_fraction and freed_year."""
    rows = by_year(plan.problem["nuclear_options"], plan.all_years)
    rows = rows.merge(plan.shown("nuclear_results"), on=[*_CHOICE, "year"], how="left")
    rows = rows.fillna({"chosen_fraction": 0.0, "started_fraction": 0.0})
    rows["freed_year"] = rows["actor_id"].map(plan.freed_years("NUCLEAR"))
    rows["lead_time_yr"] = rows["lead_time_yr"].astype("int64")
    return rows.assign(today_fraction=rows["holds_today"].astype("float64"))


def _unknown(plan: Plan) -> list[str]:
    known = plan.problem["nuclear_options"][_CHOICE].assign(is_known=True)
    shown = plan.shown("nuclear_results").merge(known, on=_CHOICE, how="left")
    return said(shown[shown["is_known"].isna()], _ROW + "there is no such option")


def _programs(plan: Plan, years: pd.DataFrame) -> list[str]:
    """Programs start where they may, once, are finished before they serve, and change nothing meanwhile."""
    has_program = (years["lead_time_yr"] > 0) | (years["program_cost_usd_m"] > 0)
    is_asked = has_program & (years["today_fraction"] == 0)
    may_start = is_asked & (years["year"] >= years["freed_year"])
    may_start &= years["year"] + years["lead_time_yr"] <= plan.problem.years[-1]
    kept = years.loc[years["today_fraction"] == 1, ["actor_id", "year", "chosen_fraction"]]
    kept = kept.rename(columns={"chosen_fraction": "kept_fraction"})
    asked = years[is_asked].merge(kept, on=["actor_id", "year"], how="left")
    starts = asked[[*_CHOICE, "year", "started_fraction"]].set_axis(
        [*_CHOICE, "start_year", "begun_fraction"], axis="columns"
    )
    pairs = asked.merge(starts, on=_CHOICE)
    finished = pairs["start_year"] + pairs["lead_time_yr"] <= pairs["year"]
    runs = (pairs["start_year"] <= pairs["year"]) & ~finished
    pairs["finished_fraction"] = pairs["begun_fraction"].where(finished, 0.0)
    pairs["running_fraction"] = pairs["begun_fraction"].where(runs, 0.0)
    sums = pairs.groupby([*_CHOICE, "year"])[["finished_fraction", "running_fraction"]].sum().reset_index()
    asked = asked.merge(sums, on=[*_CHOICE, "year"])
    once = asked.groupby(_CHOICE)["started_fraction"].sum().reset_index().assign(one=1.0)
    early = _ROW + "chosen by {chosen_fraction} but only {finished_fraction} of its program is finished"
    dropped = _ROW + "its program runs by {running_fraction} but today's option holds by {kept_fraction}"
    twice = "nuclear_results: {actor_id} {nuclear_posture}: its program starts {started_fraction} times"
    return [
        *none(years[~may_start], "started_fraction", "fraction", _ROW + "a program starts that may not"),
        *at_most(once, "started_fraction", "one", "fraction", twice),
        *at_most(asked, "chosen_fraction", "finished_fraction", "fraction", early),
        *at_most(asked, "running_fraction", "kept_fraction", "fraction", dropped),
    ]
