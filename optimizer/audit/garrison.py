"""Garrisons: who may supply them, how many people and points, whose share."""

import pandas as pd

from optimizer.audit.comparison import at_most, none
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year
from optimizer.tables.site_groups import members

_ROW = "garrison_supplies: {garrison_id} {actor_id} {unit_type_id} {site_id} {mode} {year}: "
_SHARE = "garrison_supplies: {garrison_id} {actor_id} {year}: {garrisoned_persons} people but "


def garrison(plan: Plan) -> list[str]:
    """Findings about garrisons."""
    supplies = plan.table("garrison_supplies")
    return [
        *_rights(plan, supplies),
        *_present(plan, supplies),
        *_people(plan, supplies),
        *_points(plan, supplies),
        *_shares(plan, supplies),
    ]


def _rights(plan: Plan, supplies: pd.DataFrame) -> list[str]:
    eligible = plan.problem["garrison_actors"][["garrison_id", "actor_id"]].assign(may_supply=True)
    inside = plan.problem["garrisons"][["garrison_id", "site_group_id"]]
    inside = inside.merge(members(plan.problem), on="site_group_id")[["garrison_id", "site_id"]]
    rows = supplies.merge(eligible, on=["garrison_id", "actor_id"], how="left")
    rows = rows.merge(inside.assign(is_inside=True), on=["garrison_id", "site_id"], how="left")
    uninvited, outside = rows[rows["may_supply"].isna()], rows[rows["is_inside"].isna()]
    return [
        *none(uninvited, "garrisoned_persons", "persons", _ROW + "the actor may not supply this garrison"),
        *none(outside, "garrisoned_persons", "persons", _ROW + "the site is not where the garrison is"),
    ]


def _present(plan: Plan, supplies: pd.DataFrame) -> list[str]:
    key = [*FORCE_KEY, "site_id", "mode", "year"]
    units = plan.stationed[plan.stationed["mode"].isin(["PERMANENT", "ROTATIONAL"])]
    present = units.groupby(key)[["persons"]].sum().reset_index()
    rows = (
        supplies.groupby(key)[["garrisoned_persons"]].sum().reset_index().merge(present, on=key, how="left")
    )
    rows["persons"] = rows["persons"].fillna(0.0)
    sentence = "garrison_supplies: {actor_id} {unit_type_id} {site_id} {mode} {year}: "
    sentence += "{garrisoned_persons} people in garrisons but {persons} there"
    return at_most(rows, "garrisoned_persons", "persons", "persons", sentence)


def _people(plan: Plan, supplies: pd.DataFrame) -> list[str]:
    key = ["garrison_id", "year"]
    rows = by_year(plan.problem["garrisons"], plan.problem.years)
    counted = supplies.groupby(key)[["garrisoned_persons"]].sum().reset_index()
    rows = rows.merge(counted, on=key, how="left").fillna({"garrisoned_persons": 0.0})
    sentence = (
        "garrison_supplies: {garrison_id} {year}: {garrisoned_persons} people but {required_persons} required"
    )
    return at_most(rows, "required_persons", "garrisoned_persons", "persons", sentence)


def _points(plan: Plan, supplies: pd.DataFrame) -> list[str]:
    key = ["garrison_id", "year"]
    garrisons = plan.problem["garrisons"].dropna(subset=["capability_id", "required_points"])
    people = plan.problem["unit_type_modes"][["unit_type_id", "mode", "personnel_persons"]]
    rows = supplies.merge(garrisons[["garrison_id", "capability_id"]], on="garrison_id")
    rows = rows.merge(people, on=["unit_type_id", "mode"]).merge(
        plan.points, on=[*FORCE_KEY, "capability_id"]
    )
    rows = rows[rows["personnel_persons"] > 0]
    rows["supplied_points"] = rows["garrisoned_persons"] * rows["points"] / rows["personnel_persons"]
    supplied = rows.groupby(key)[["supplied_points"]].sum().reset_index()
    needs = by_year(garrisons, plan.problem.years).merge(supplied, on=key, how="left")
    needs["supplied_points"] = needs["supplied_points"].fillna(0.0)
    sentence = "garrison_supplies: {garrison_id} {year}: {supplied_points} points of {capability_id} but "
    sentence += "{required_points} required"
    return at_most(needs, "required_points", "supplied_points", "points", sentence)


def _shares(plan: Plan, supplies: pd.DataFrame) -> list[str]:
    key = ["garrison_id", "actor_id", "year"]
    rows = plan.problem["garrison_actors"].merge(plan.problem["garrisons"], on="garrison_id")
    counted = supplies.groupby(key)[["garrisoned_persons"]].sum().reset_index()
    rows = by_year(rows, plan.problem.years).merge(counted, on=key, how="left")
    rows["garrisoned_persons"] = rows["garrisoned_persons"].fillna(0.0)
    rows["freed_year"] = rows["garrison_id"].map(plan.freed_years("GARRISON"))
    for share in ("today", "minimum", "maximum"):
        rows[f"{share}_persons"] = rows[f"{share}_fraction"] * rows["required_persons"]
    is_freed = rows["freed_year"].notna() & (rows["year"] >= rows["freed_year"])
    freed, locked = rows[is_freed], rows[~is_freed]
    capped = freed[freed["maximum_fraction"] < 1]
    today = _SHARE + "today's share is {today_persons}"
    least = _SHARE + "at least {minimum_persons} are its share"
    most = _SHARE + "at most {maximum_persons} may count"
    return [
        *at_most(locked, "today_persons", "garrisoned_persons", "persons", today),
        *at_most(freed, "minimum_persons", "garrisoned_persons", "persons", least),
        *at_most(capped, "garrisoned_persons", "maximum_persons", "persons", most),
    ]
