"""Whether what stands at a site today stays there, and paths of presence are kept, where no lever is freed."""

import pandas as pd

from optimizer.audit.comparison import at_most
from optimizer.audit.plan import SITE_KEY, Plan
from optimizer.tables.plan_tables import by_year, carried
from optimizer.tables.site_groups import members

_UNITS_OF_SITE = ["unit_type_id", "site_id", "is_set"]
_PATH = ["actor_id", "site_group_id"]


def kept_presence(plan: Plan) -> list[str]:
    """Findings about the lead actor's units at sites, and about paths of presence."""
    return _units(plan) + _paths(plan)


def _units(plan: Plan) -> list[str]:
    p = plan.problem
    lead = p.settings["lead_actor_id"]
    today = p["stationed_today"].assign(is_set=lambda t: t["mode"] == "PREPOSITIONED")
    today = today[today["actor_id"] == lead].groupby(_UNITS_OF_SITE)["stationed_count"].sum()
    rows = by_year(today.rename("today_count").reset_index(), p.years)
    there = plan.stationed.assign(is_set=lambda t: t["mode"] == "PREPOSITIONED")
    there = there[there["actor_id"] == lead].groupby([*_UNITS_OF_SITE, "year"])[["stationed_count"]].sum()
    rows = rows.merge(there.reset_index(), on=[*_UNITS_OF_SITE, "year"], how="left")
    rows = rows.fillna({"stationed_count": 0.0})
    paths = _path_sites(plan)
    covered = pd.MultiIndex.from_frame(paths.loc[paths["actor_id"] == lead, ["site_id", "year"]])
    is_covered = pd.MultiIndex.from_frame(rows[["site_id", "year"]]).isin(covered)
    rows = rows[~is_covered & ~_is_freed(plan, rows)].assign(lead=lead)
    words = "stationed_forces: {lead} {unit_type_id} {site_id} {year}: {stationed_count} stationed but "
    words += "{today_count} stand there today and are not freed"
    return at_most(rows, "today_count", "stationed_count", "count", words)


def _paths(plan: Plan) -> list[str]:
    sites = _path_sites(plan)
    is_lead = sites["actor_id"] == plan.problem.settings["lead_actor_id"]
    sites = sites[~(is_lead & _is_freed(plan, sites))]
    people = sites.merge(plan.people, on=[*SITE_KEY, "year"], how="left").fillna({"persons": 0.0})
    by_path = people.groupby([*_PATH, "year"])
    rows = by_path.agg(persons=("persons", "sum"), minimum_persons=("minimum_persons", "first")).reset_index()
    words = (
        "site_uses: {actor_id} in {site_group_id} {year}: {persons} people but the path of presence asks for "
    )
    return at_most(rows, "minimum_persons", "persons", "persons", words + "{minimum_persons}")


def _path_sites(plan: Plan) -> pd.DataFrame:
    """Paths in force in years 1…n, for each site of theirs that the actor may use."""
    paths = carried(plan.problem["presence_paths"], _PATH, plan.problem.years)
    paths = paths[paths["minimum_persons"].notna()].merge(members(plan.problem), on="site_group_id")
    return paths.merge(plan.problem["site_access"][SITE_KEY], on=SITE_KEY)


def _is_freed(plan: Plan, rows: pd.DataFrame) -> pd.Series:
    """Whether the lever PRESENCE is freed for the site and year of each row."""
    sites = members(plan.problem)
    first = sites.assign(first_year=sites["site_group_id"].map(plan.problem.freed_years("PRESENCE")))
    return rows["year"] >= rows["site_id"].map(first.groupby("site_id")["first_year"].min())
