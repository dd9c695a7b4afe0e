"""Who holds which command, whether it may, and what it may add to deterrence."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, none, whole
from optimizer.audit.deterrence import requirements, supply_by_actor
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year

_OPTION = ["command_id", "actor_id"]
_ROW = "command_results: {command_id} {actor_id} {year}: "
_NEED_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "
_NEED = ["theater_id", "scenario_id", "phase_id", "capability_id", "year"]


def command(plan: Plan) -> list[str]:
    """Findings about commands."""
    if plan.problem["commands"].empty:
        return _bonus_of_nobody(plan)
    held = _held(plan)
    years = held[held["year"] > plan.problem.today]
    today = held[held["year"] == plan.problem.today]
    locked = years[~(years["year"] >= years["freed_year"])]
    allies = held[held["actor_id"] != plan.problem.settings["lead_actor_id"]]
    allies = allies.assign(before=allies.groupby(_OPTION)["held_fraction"].shift())
    findings = [
        *_one_holder(plan),
        *equal(
            today,
            "held_fraction",
            "today_fraction",
            "fraction",
            _ROW + "held by {held_fraction} but today it is {today_fraction}",
        ),
        *equal(
            locked,
            "held_fraction",
            "today_fraction",
            "fraction",
            _ROW + "held by {held_fraction} but the lever is not freed",
        ),
        *at_most(allies, "before", "held_fraction", "fraction", _ROW + "given back"),
        *_prerequisites(plan, years),
        *_shares_and_bonus(plan, years),
    ]
    if not plan.is_relaxed:
        findings += whole(years, "held_fraction", _ROW + "held by a part, {held_fraction}")
    return findings


def _bonus_of_nobody(plan: Plan) -> list[str]:
    words = _NEED_ROW + "a bonus of {bonus_points} but there is no command"
    return none(plan.table("requirement_results"), "bonus_points", "points", words)


def _one_holder(plan: Plan) -> list[str]:
    """Everybody who is shown as a holder may be one, and there is one in all."""
    p = plan.problem
    shown = plan.shown("command_results")
    total = shown.groupby(["command_id", "year"])["held_fraction"].sum().reset_index()
    one = by_year(p["commands"][["command_id"]], plan.all_years).assign(one=1.0)
    one = one.merge(total, on=["command_id", "year"], how="left").fillna({"held_fraction": 0.0})
    today = p["commands"][["command_id", "today_actor_id"]].set_axis(_OPTION, axis="columns")
    holders = pd.concat([p["command_options"][_OPTION], today]).drop_duplicates().assign(may_hold=True)
    strangers = shown.merge(holders, on=_OPTION, how="left")
    strangers = strangers[strangers["may_hold"].isna()]
    sentence = "command_results: {command_id} {year}: held by {held_fraction}"
    return [
        *none(strangers, "held_fraction", "fraction", _ROW + "the actor is no possible holder"),
        *equal(one, "held_fraction", "one", "fraction", sentence),
    ]


def _held(plan: Plan) -> pd.DataFrame:
    """Every possible holder in every period, with held_fraction, freed_year and today_fraction."""
    p = plan.problem
    options = p["command_options"].merge(p["commands"], on="command_id")
    rows = by_year(options, plan.all_years)
    shown = plan.shown("command_results")
    rows = rows.merge(shown, on=[*_OPTION, "year"], how="left").fillna({"held_fraction": 0.0})
    rows["freed_year"] = rows["command_id"].map(plan.freed_years("COMMAND"))
    rows["today_fraction"] = (rows["actor_id"] == rows["today_actor_id"]).astype("float64")
    return rows.sort_values([*_OPTION, "year"], ignore_index=True)


def _prerequisites(plan: Plan, held: pd.DataFrame) -> list[str]:
    asked = held.merge(plan.problem["command_prerequisites"], on=_OPTION)
    asked = asked[asked["actor_id"] != asked["today_actor_id"]]
    holding = asked.merge(plan.calendar[["year", "calendar_year"]], on="year")
    looked_at = holding.loc[holding.index.repeat(holding["years_before_count"].astype("int64") + 1)]
    looked_at = looked_at.assign(
        owned_year=looked_at["calendar_year"] - looked_at.groupby(level=0).cumcount()
    )
    looked_at = looked_at.drop_duplicates([*_OPTION, "unit_type_id", "year", "owned_year"])
    first = plan.problem.years[0]
    before = looked_at[looked_at["owned_year"] < first]
    unmet = before[first - before["owned_year"] > before["years_already_met_count"].astype("int64")]
    unmet = unmet.assign(none=0.0)
    owned = plan.forces[[*FORCE_KEY, "year", "owned_count"]].merge(plan.calendar, on="year")
    owned = owned.rename(columns={"calendar_year": "owned_year"})[[*FORCE_KEY, "owned_year", "owned_count"]]
    later = looked_at[looked_at["owned_year"] >= first].merge(
        owned, on=[*FORCE_KEY, "owned_year"], how="left"
    )
    later["asked_count"] = later["threshold_count"] * later["held_fraction"]
    later["owned_count"] = later["owned_count"].fillna(0.0)
    few = _ROW + "{owned_count} {unit_type_id} owned in {owned_year} but {threshold_count} are asked for"
    return [
        *at_most(unmet, "held_fraction", "none", "fraction", _ROW + "held though {owned_year} is not met"),
        *at_most(later, "asked_count", "owned_count", "count", few),
    ]


def _shares_and_bonus(plan: Plan, held: pd.DataFrame) -> list[str]:
    asked = requirements(plan)
    shown = plan.table("requirement_results")[[*_NEED, "bonus_points"]]
    needs = asked[[*_NEED, "required_points"]].merge(shown, on=_NEED)
    supply = supply_by_actor(plan)
    rows = held.merge(needs, on=["theater_id", "year"])
    own = supply.rename(columns={"gained_points": "own_points"})[["actor_id", *_NEED, "own_points"]]
    rows = rows.merge(own, on=["actor_id", *_NEED], how="left").fillna({"own_points": 0.0})
    is_today = rows["actor_id"] == rows["today_actor_id"]
    rows["asked_points"] = (
        rows["holder_share_fraction"] * rows["required_points"] * rows["held_fraction"]
    ).where(~is_today, 0.0)
    caps = (
        asked[asked["required_points"] > 0]
        .groupby(["theater_id", "capability_id"])["maximum_lead_fraction"]
        .count()
    )
    capped = caps[caps > 0].reset_index()[["theater_id", "capability_id"]]
    capped["actor_id"] = plan.problem.settings["lead_actor_id"]
    counted = supply.merge(capped, how="left", indicator=True).query("_merge == 'left_only'", engine="python")
    covered = counted.drop(columns="_merge").merge(plan.problem["command_actors"], on="actor_id")
    points = covered.groupby(["command_id", *_NEED])["gained_points"].sum().rename("covered_points")
    rows = rows.merge(points.reset_index(), on=["command_id", *_NEED], how="left")
    least = plan.problem["command_options"].groupby("command_id")["bonus_fraction"].min()
    gain = rows["bonus_fraction"] - rows["command_id"].map(least)
    by_units = gain * rows["covered_points"].fillna(0.0)
    rows["most_bonus"] = pd.concat(
        [by_units, rows["required_points"] * rows["held_fraction"]], axis="columns"
    ).min(axis="columns")
    total = rows.groupby(_NEED)[["most_bonus"]].sum().reset_index()
    total = needs.merge(total, on=_NEED, how="left").fillna({"most_bonus": 0.0})
    share = _ROW + "{own_points} points in {theater_id} {phase_id} but {asked_points} are asked of the holder"
    bonus = _NEED_ROW + "a bonus of {bonus_points} but commands allow {most_bonus}"
    return [
        *at_most(rows, "asked_points", "own_points", "points", share),
        *at_most(total, "bonus_points", "most_bonus", "points", bonus),
    ]
