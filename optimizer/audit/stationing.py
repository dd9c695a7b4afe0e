"""Where units stand: rights, domains, facilities, modes, the rotation base, sets, whole numbers."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, none, whole
from optimizer.audit.plan import FORCE_KEY, SITE_KEY, Plan, has_facility, takes_domain

_FORCE = "stationed_forces: {actor_id} {unit_type_id} {year}: "
_ROW = "stationed_forces: {actor_id} {unit_type_id} {site_id} {mode} {year}: "


def stationing(plan: Plan) -> list[str]:
    """Findings about units and sets stationed."""
    rows = plan.stationed[plan.stationed["year"] > plan.problem.today]
    people = _ROW + "{stationed_persons} people but the units have {persons}"
    findings = _today(plan) + _rights(plan, rows) + _within_owned(plan) + _sets_with_units(plan)
    findings += _facilities(plan, rows)
    findings += equal(plan.stationed, "stationed_persons", "persons", "persons", people)
    if not plan.is_relaxed:
        sentence = _ROW + "{stationed_count} stationed is no whole number"
        findings += whole(plan.whole(rows), "stationed_count", sentence)
    return findings


def _facilities(plan: Plan, rows: pd.DataFrame) -> list[str]:
    key = ["site_id", "facility_id"]
    rows = rows.merge(plan.problem["unit_types"][["unit_type_id", "facility_id"]], on="unit_type_id")
    lacking = rows[~has_facility(plan.problem, rows)]
    units = rows[rows["mode"] != "PREPOSITIONED"].merge(plan.problem["site_facilities"], on=key)
    filled = units.groupby([*key, "year"]).agg(
        unit_count=("stationed_count", "sum"), capacity_count=("capacity_count", "first")
    )
    sentence = "stationed_forces: {site_id} {facility_id} {year}: {unit_count} units need it"
    sentence += " but it holds {capacity_count}"
    return [
        *none(lacking, "stationed_count", "count", _ROW + "the site has no {facility_id}"),
        *at_most(filled.reset_index(), "unit_count", "capacity_count", "count", sentence),
    ]


def _today(plan: Plan) -> list[str]:
    key = [*FORCE_KEY, "site_id", "mode"]
    rows = plan.stationed.loc[plan.stationed["year"] == plan.problem.today, [*key, "stationed_count"]]
    given = plan.problem["stationed_today"].rename(columns={"stationed_count": "given_count"})
    rows = rows.merge(given, on=key, how="outer").assign(year=plan.problem.today)
    rows[["stationed_count", "given_count"]] = rows[["stationed_count", "given_count"]].fillna(0.0)
    sentence = _ROW + "{stationed_count} stationed but stationed_today says {given_count}"
    return equal(rows, "stationed_count", "given_count", "count", sentence)


def _rights(plan: Plan, rows: pd.DataFrame) -> list[str]:
    tables = plan.problem.tables
    findings: list[str] = []
    for table, key, words in (
        ("unit_type_modes", ["unit_type_id", "mode"], "the kind of unit has no such mode"),
        ("site_access", SITE_KEY, "the actor has no access to the site"),
        ("actor_unit_types", FORCE_KEY, "the actor may not own this kind of unit"),
    ):
        known = tables[table][key].assign(is_known=True)
        checked = rows.merge(known, on=key, how="left")
        findings += none(checked[checked["is_known"].isna()], "stationed_count", "count", _ROW + words)
    domains = tables["unit_types"][["unit_type_id", "domain"]]
    sites = tables["sites"][["site_id", "accepts_land", "accepts_air", "accepts_sea"]]
    rows = rows.merge(domains, on="unit_type_id").merge(sites, on="site_id")
    refused = rows[~takes_domain(rows)]
    return findings + none(refused, "stationed_count", "count", _ROW + "the site takes no {domain} units")


def _within_owned(plan: Plan) -> list[str]:
    key = [*FORCE_KEY, "year"]
    rows = plan.stationed.assign(base_count=lambda t: t["stationed_count"] * t["rotation_ratio"])
    is_set = rows["mode"] == "PREPOSITIONED"
    sums = [
        rows.groupby(key)[["base_count"]].sum(),
        rows[is_set]
        .groupby(key)[["stationed_count"]]
        .sum()
        .set_axis(["sets_stationed_count"], axis="columns"),
        rows[~is_set].groupby(key)[["stationed_count"]].sum().set_axis(["away_count"], axis="columns"),
        _with_others(plan).groupby(key)[["stationed_count"]].sum().set_axis(["abroad_count"], axis="columns"),
    ]
    forces = plan.forces
    for part in sums:
        forces = forces.merge(part.reset_index(), on=key, how="left")
        forces[list(part.columns)] = forces[list(part.columns)].fillna(0.0)
    forces["at_home_count"] = forces["owned_count"] - forces["away_count"]
    forces["free_count"] = forces["owned_count"] - forces["reserved_count"].fillna(0.0)
    years = forces[forces["year"] > plan.problem.today]
    base = _FORCE + "{base_count} stationed or standing behind them but {owned_count} owned"
    abroad = _FORCE + "{abroad_count} stationed with other actors but only {free_count} are not reserved"
    sets = _FORCE + "{sets_stationed_count} sets stationed but {sets_owned_count} owned"
    home = (
        "owned_forces: {actor_id} {unit_type_id} {year}: {home_count} at home but {at_home_count} left there"
    )
    return [
        *at_most(years, "base_count", "owned_count", "count", base),
        *at_most(years[years["abroad_count"] > 0], "abroad_count", "free_count", "count", abroad),
        *at_most(years, "sets_stationed_count", "sets_owned_count", "count", sets),
        *equal(forces, "home_count", "at_home_count", "count", home),
    ]


def _with_others(plan: Plan) -> pd.DataFrame:
    """The plan's stationed units, no sets, at sites whose host is another actor."""
    units = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"]
    units = units.merge(plan.places[["site_id", "host_actor_id"]], on="site_id")
    return units[units["host_actor_id"] != units["actor_id"]]


def _sets_with_units(plan: Plan) -> list[str]:
    key = [*FORCE_KEY, "staging_area_id"]
    areas = plan.problem["sites"][["site_id", "staging_area_id"]]
    sets = plan.stationed[plan.stationed["mode"] == "PREPOSITIONED"].merge(areas, on="site_id")
    sets = sets.groupby([*key, "year"])["stationed_count"].sum().rename("sets_count").reset_index()
    sets = sets.merge(plan.forces[[*FORCE_KEY, "year", "owned_count"]], on=[*FORCE_KEY, "year"])
    sets["idle_count"] = (sets["sets_count"] - sets["owned_count"]).clip(lower=0.0)
    today = sets.loc[sets["year"] == plan.problem.today, [*key, "idle_count"]]
    today = today.rename(columns={"idle_count": "idle_today_count"})
    sets = sets[sets["year"] > plan.problem.today].merge(today, on=key, how="left")
    sets["most_count"] = sets["owned_count"] + sets["idle_today_count"].fillna(0.0)
    sentence = "stationed_forces: {actor_id} {unit_type_id} {staging_area_id} {year}: {sets_count} sets"
    sentence += " but units for {most_count}"
    return at_most(sets, "sets_count", "most_count", "count", sentence)
