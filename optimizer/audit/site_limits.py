"""Ceilings on people in groups of sites, and the pace of leaving them."""

import pandas as pd

from optimizer.audit.comparison import at_most
from optimizer.audit.plan import Plan
from optimizer.tables.plan_tables import by_year, carried, filled
from optimizer.tables.site_groups import members

_KEY = ["site_group_id", "actor_id"]
_ROW = "site_group_limits: {actor_id} in {site_group_id} {year}: "


def site_limits(plan: Plan) -> list[str]:
    """Findings about ceilings and withdrawals."""
    limits = plan.problem["site_group_limits"]
    if limits.empty:
        return []
    people = by_year(limits[_KEY].drop_duplicates(), plan.all_years)
    people = people.merge(_people_in_groups(plan), on=[*_KEY, "year"], how="left").fillna({"persons": 0.0})
    people = people.sort_values([*_KEY, "year"], ignore_index=True)
    people["left_persons"] = people.groupby(_KEY)["persons"].shift() - people["persons"]
    rows = people.merge(_limits_in_force(plan, limits), on=[*_KEY, "year"])
    rows["most_leaving"] = rows["maximum_withdrawal_persons_per_yr"] * plan.spans(rows)
    ceiling = _ROW + "{persons} people but the ceiling is {maximum_persons}"
    pace = _ROW + "{left_persons} people leave but at most {most_leaving} may"
    return [
        *at_most(rows, "persons", "maximum_persons", "persons", ceiling),
        *at_most(rows, "left_persons", "most_leaving", "persons", pace),
    ]


def _limits_in_force(plan: Plan, limits: pd.DataFrame) -> pd.DataFrame:
    """Limits of years 1…n: the path where the lever is freed, else what held in period 0."""
    limits = filled(limits, _KEY)
    path = carried(limits, _KEY, plan.problem.years)
    standing = carried(limits, _KEY, [plan.problem.today]).drop(columns="year")
    standing = by_year(standing, plan.problem.years)
    both = pd.concat([path.assign(is_path=True), standing.assign(is_path=False)], ignore_index=True)
    both["freed_year"] = both["site_group_id"].map(plan.freed_years("CEILING"))
    is_freed = both["freed_year"].notna() & (both["year"] >= both["freed_year"])
    return both[is_freed == both["is_path"]]


def _people_in_groups(plan: Plan) -> pd.DataFrame:
    people = plan.people.merge(plan.places[["site_id", "host_actor_id"]], on="site_id")
    foreign = people[people["actor_id"] != people["host_actor_id"]].assign(actor_id="FOREIGN")
    both = pd.concat([people, foreign], ignore_index=True).merge(members(plan.problem), on="site_id")
    return both.groupby([*_KEY, "year"])[["persons"]].sum().reset_index()
