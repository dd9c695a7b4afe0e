"""What the plan of an alternative has: what it costs, and how many people, units, commands and dangers are left."""

from typing import Any

from forceposture.report.politics import command_holders
from forceposture.report.view import View
from optimizer.tables.keyed import values
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import sites_of_groups
from optimizer.tables.solution import Solution

REGIONS = {"Europe": "EUROPE", "Korea": "KOR", "Japan": "JPN", "Gulf": "GULF_AND_JORDAN"}
"""Groups of sites by what they are called; what is abroad and in none of them is elsewhere."""

UNITS = {"LAND": "brigades", "AIR": "squadrons", "SEA": "ships"}
"""What units of a domain are called; of those on land only the ones that are as large as a brigade."""

_BRIGADE_PERSONS = 3000.0
_MISSING = 1e-4
"""Part of a need that counts as missing."""


def plan_row(problem: Problem, solution: Solution) -> dict[str, Any]:
    """The columns of an alternative, at the end of its plan.

    Returns:
        M$, discounted, of the lead actor, of all actors (None where that was withheld) and of what is missing; the
        lead actor's people abroad by region and its units; who took which command; exposure; needs of
        the last period that go short, and the part of the one that goes shortest.
    """
    view, outcome = View(problem, solution), solution.outcome
    return {
        "lead_cost_usd_m": outcome["lead_cost_usd_m"],
        "alliance_cost_usd_m": outcome.get("alliance_cost_usd_m"),
        "penalty_usd_m": outcome["penalty_usd_m"],
        "gap": outcome.get("relative_gap"),
        "people": _people(view, "people_end"),
        "units": _units(view, "end"),
        "commands": {
            view.name("commands", command): after
            for command, (before, after, _) in command_holders(view).items()
            if before != after
        },
        "exposure_points": _exposure(view, view.end),
        **_unmet(view),
    }


def todays_row(problem: Problem, solution: Solution) -> dict[str, Any]:
    """The same of today, out of any plan that starts from it; costs and needs are those of plans alone."""
    view = View(problem, solution)
    return {
        "people": _people(view, "people_today"),
        "units": _units(view, "today"),
        "commands": {},
        "exposure_points": _exposure(view, view.today),
    }


def _people(view: View, column: str) -> dict[str, float]:
    sites = view.sites[(view.sites["actor_id"] == view.lead) & view.sites["is_abroad"]]
    groups = sites_of_groups(view.problem)
    region_of = {site: name for name, group in REGIONS.items() for site in groups.get(group, ())}
    region = [region_of.get(site, "elsewhere") for site in sites["site_id"]]
    sums = sites.assign(region=region).groupby("region")[column].sum()
    return {name: float(sums.get(name, 0.0)) for name in (*REGIONS, "elsewhere")}


def _units(view: View, column: str) -> dict[str, float]:
    owned = view.owned[view.owned["actor_id"] == view.lead]
    domains = values(view.problem["unit_types"], ["unit_type_id"], "domain")
    domain = owned["unit_type_id"].map(domains)
    is_shown = (domain != "LAND") | (owned["personnel_persons"] >= _BRIGADE_PERSONS)
    sums = owned[is_shown].groupby(domain[is_shown])[column].sum()
    return {name: float(sums.get(name_of_domain, 0.0)) for name_of_domain, name in UNITS.items()}


def _exposure(view: View, year: int) -> float:
    rows = view.rows("exposure_results")
    return float(rows.loc[rows["year"] == year, "exposure_points"].sum())


def _unmet(view: View) -> dict[str, Any]:
    needs = view.needs[view.needs["year"] == view.end]
    short = needs[needs["met"] < 1 - _MISSING]
    return {
        "needs": len(needs),
        "unmet_needs": len(short),
        "worst_part": float(1 - short["met"].min()) if len(short) else 0.0,
    }
