"""Room at sites: housing, capacity, limits, opening, minimum garrisons."""

import numpy as np
import pandas as pd

from optimizer.audit.comparison import ABSOLUTE, at_most, equal, none, whole
from optimizer.audit.plan import SITE_KEY, Plan
from optimizer.tables.plan_tables import by_year, sites_to_open

_ROW = "site_uses: {actor_id} {site_id} {year}: "


def basing(plan: Plan) -> list[str]:
    """Findings about housing and open sites."""
    rows = _uses(plan)
    years = rows[rows["year"] > plan.problem.today]
    return [
        *_today(plan, rows),
        *_shown(plan, rows),
        *_housing(years),
        *_capacity(years),
        *_opening(plan, years),
    ]


def _uses(plan: Plan) -> pd.DataFrame:
    """Site uses with a row for every site and year, period 0 too, beside access, capacity and people."""
    key = [*SITE_KEY, "year"]
    uses = plan.shown("site_uses").rename(columns={"unassigned_persons": "shown_unassigned_persons"})
    access = plan.problem["site_access"].assign(has_access=True)
    keys = pd.concat([access[SITE_KEY], uses[SITE_KEY], plan.people[SITE_KEY]]).drop_duplicates()
    rows = (
        by_year(keys, plan.all_years).merge(uses, on=key, how="left").merge(plan.people, on=key, how="left")
    )
    numbers = [name for name in [*uses.columns, "persons"] if name not in key]
    rows[numbers] = rows[numbers].fillna(0.0)
    rows = rows.merge(access, on=SITE_KEY, how="left")
    rows = rows.merge(plan.problem["sites"][["site_id", "capacity_persons"]], on="site_id", how="left")
    given = ["housing_today_persons", "unassigned_persons"]
    rows[given] = rows[given].fillna(0.0)
    rows["room_persons"] = rows[["limit_persons", "capacity_persons"]].min(axis="columns")
    rows = rows.sort_values(key, ignore_index=True)
    change = rows["housing_built_persons"] - rows["housing_released_persons"]
    rows["expected_persons"] = rows.groupby(SITE_KEY)["housing_persons"].shift() + change
    return rows


def _today(plan: Plan, rows: pd.DataFrame) -> list[str]:
    rows = rows[rows["year"] == plan.problem.today]
    opened = rows.merge(sites_to_open(plan.problem)[SITE_KEY], on=SITE_KEY)
    opened = opened.assign(is_open=opened["open_today"].astype("float64"))
    built = rows.assign(
        changed=rows[["housing_built_persons", "housing_released_persons"]].max(axis="columns")
    )
    room = _ROW + "room for {housing_persons} but site_access says {housing_today_persons}"
    early = (
        _ROW
        + "room built for {housing_built_persons}, given up for {housing_released_persons}, before year 1"
    )
    is_open = _ROW + "open_fraction is {open_fraction} but open_today says {open_today}"
    return [
        *equal(rows, "housing_persons", "housing_today_persons", "persons", room),
        *equal(opened, "open_fraction", "is_open", "fraction", is_open),
        *none(built, "changed", "persons", early),
    ]


def _shown(plan: Plan, rows: pd.DataFrame) -> list[str]:
    always_open = rows.merge(
        sites_to_open(plan.problem)[SITE_KEY].assign(may_open=True), on=SITE_KEY, how="left"
    )
    always_open = always_open[always_open["may_open"].isna()]
    never = _ROW + "open_fraction is {open_fraction} where there is nothing to open"
    people = _ROW + "{stationed_persons} people shown but {persons} stationed"
    others = _ROW + "{shown_unassigned_persons} unassigned people shown but {unassigned_persons} given"
    return [
        *equal(rows, "stationed_persons", "persons", "persons", people),
        *equal(rows, "shown_unassigned_persons", "unassigned_persons", "persons", others),
        *none(always_open, "open_fraction", "fraction", never),
    ]


def _housing(years: pd.DataFrame) -> list[str]:
    strangers = years[years["has_access"].isna()]
    room = _ROW + "{persons} people but room for {housing_persons}"
    limit = _ROW + "room for {housing_persons} but the limit is {limit_persons}"
    balance = (
        _ROW + "room for {housing_persons} but last year's, building and release leave {expected_persons}"
    )
    return [
        *none(strangers, "housing_persons", "persons", _ROW + "the actor has no access to the site"),
        *at_most(years, "persons", "housing_persons", "persons", room),
        *at_most(years, "housing_persons", "limit_persons", "persons", limit),
        *equal(years, "housing_persons", "expected_persons", "persons", balance),
    ]


def _capacity(years: pd.DataFrame) -> list[str]:
    sites = years.groupby(["site_id", "year"]).agg(
        housing_persons=("housing_persons", "sum"), capacity_persons=("capacity_persons", "first")
    )
    sentence = "site_uses: {site_id} {year}: room for {housing_persons} but the site holds {capacity_persons}"
    return at_most(sites.reset_index(), "housing_persons", "capacity_persons", "persons", sentence)


def _opening(plan: Plan, years: pd.DataFrame) -> list[str]:
    rows = years.merge(sites_to_open(plan.problem)[SITE_KEY], on=SITE_KEY)
    is_shut = rows["open_fraction"] <= ABSOLUTE["fraction"]
    rows["open_room_persons"] = (rows["room_persons"] * rows["open_fraction"]).where(
        rows["room_persons"].notna(), np.where(is_shut, 0.0, np.inf)
    )
    rows["needed_persons"] = rows["minimum_garrison_persons"] * rows["open_fraction"]
    rows["whole"] = 1.0
    room = _ROW + "room for {housing_persons} but the site is open only for {open_room_persons}"
    garrison = _ROW + "{persons} people but the open site needs {needed_persons}"
    findings = [
        *at_most(
            rows, "open_fraction", "whole", "fraction", _ROW + "open_fraction is {open_fraction}, above 1"
        ),
        *at_most(rows, "housing_persons", "open_room_persons", "persons", room),
        *at_most(rows, "needed_persons", "persons", "persons", garrison),
    ]
    if not plan.is_relaxed:
        findings += whole(rows, "open_fraction", _ROW + "open_fraction is {open_fraction}, neither 0 nor 1")
    return findings
