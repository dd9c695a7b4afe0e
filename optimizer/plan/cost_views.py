"""What presence costs the lead actor, theater by theater, in four views that hold each other.

::

    incremental[k,t]  stationing + sites + housing of the theater's sites + its part of sets
    units_abroad      incremental + Σ_g own[g]·here[g,k,t]
    with_overhead     units_abroad + Σ_g (raise[g]/life[g] + overhead[g])·here[g,k,t]
    held_for_theater  with_overhead + Σ_g (own[g] + raise[g]/life[g] + overhead[g])·held[g,k,t]

here counts units stationed in the theater, each once, in permanent or rotational mode; those that stand behind a
rotation are at home. Sets cost where they stand, in proportion to their number. held spreads units at home: of
those that scenarios take from home (or that man sets), in the mean over scenarios by their weights, each theater
has the share of the points they bring. That is a convention: a unit at home serves whoever needs it. Units that no
scenario takes, sites in no theater, and sets that stand nowhere, are in the row without a theater. Lines of the
ledger are of all years of a period; here they are divided by them. Salvage, commands, bills and penalties are in no
view.
"""

from collections.abc import Mapping

import pandas as pd

from optimizer.tables.plan_tables import plan_table, site_places
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES

_NOWHERE = ""
_FORCE_YEAR = ["unit_type_id", "year"]
_THEATER_YEAR = ["theater_id", "year"]
_AT_SITES = ("STATIONING", "SITES", "OPEN_CLOSE", "HOUSING")


def cost_views(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table of that name.

    Args:
        problem: the problem, its defaults filled in.
        tables: owned_forces, stationed_forces, deployments and ledger of the plan.
    """
    lead = problem.settings["lead_actor_id"]
    plan = {}
    for name in ("owned_forces", "stationed_forces", "deployments", "ledger"):
        frame = plan_table(tables, name)
        plan[name] = frame[(frame["actor_id"] == lead) & (frame["year"] > problem.today)]
    theaters = site_places(problem)[["site_id", "theater_id"]].fillna(_NOWHERE)
    stationed = plan["stationed_forces"].merge(theaters, on="site_id")
    is_set = stationed["mode"] == "PREPOSITIONED"
    here = _counted(stationed[~is_set], "stationed_count")
    sets = _counted(stationed[is_set], "stationed_count")
    lines = plan["ledger"]
    lines = lines.assign(usd_m=lines["usd_m"] / lines["year"].map(problem.calendar.spans))
    rates = _rates(problem, lead)
    held = _held(problem, plan)
    views = {
        "incremental_usd_m": [_at_sites(lines, theaters), _sets(lines, sets)],
        "units_abroad_usd_m": [_priced(here, rates, "own")],
        "with_overhead_usd_m": [_priced(here, rates, "beyond")],
        "held_for_theater_usd_m": [_priced(held, rates, "own"), _priced(held, rates, "beyond")],
    }
    parts = [
        part.assign(view=view).groupby([*_THEATER_YEAR, "view"])["usd_m"].sum()
        for view, costs in views.items()
        for part in costs
    ]
    sums = pd.concat(parts).groupby(level=[0, 1, 2]).sum().unstack("view", fill_value=0.0)
    nested: pd.DataFrame = sums.reindex(columns=list(views), fill_value=0.0).cumsum(axis="columns")
    nested = nested.reset_index()
    nested["theater_id"] = nested["theater_id"].where(nested["theater_id"] != _NOWHERE)
    return nested.assign(actor_id=lead).reindex(columns=list(SOLUTION_TABLES["cost_views"].by_name))


def _rates(problem: Problem, lead: str) -> pd.DataFrame:
    """By unit type: own and beyond, yearly cost of a unit and what it takes to have it."""
    forces = problem["actor_unit_types"]
    forces = forces[forces["actor_id"] == lead]
    beyond = forces["raise_cost_usd_m_per_unit"] / forces["life_yr"] + forces["overhead_usd_m_per_unit_yr"]
    return forces[["unit_type_id"]].assign(own=forces["own_cost_usd_m_per_unit_yr"], beyond=beyond)


def _counted(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    counts = rows.groupby(["theater_id", *_FORCE_YEAR])[column].sum()
    return counts.rename("count").reset_index()


def _priced(counts: pd.DataFrame, rates: pd.DataFrame, rate: str) -> pd.DataFrame:
    rows = counts.merge(rates, on="unit_type_id")
    return rows[_THEATER_YEAR].assign(usd_m=rows["count"] * rows[rate])


def _at_sites(ledger: pd.DataFrame, theaters: pd.DataFrame) -> pd.DataFrame:
    lines = ledger[ledger["kind"].isin(_AT_SITES)].drop(columns="theater_id")
    return lines.merge(theaters, on="site_id")[[*_THEATER_YEAR, "usd_m"]]


def _sets(ledger: pd.DataFrame, sets: pd.DataFrame) -> pd.DataFrame:
    """The cost of sets, where they stand."""
    cost = ledger[ledger["kind"] == "SETS"].groupby(_FORCE_YEAR)[["usd_m"]].sum().reset_index()
    rows = cost.merge(sets, on=_FORCE_YEAR, how="left").fillna({"theater_id": _NOWHERE, "count": 1.0})
    share = rows["count"] / rows.groupby(_FORCE_YEAR)["count"].transform("sum")
    return rows[_THEATER_YEAR].assign(usd_m=rows["usd_m"] * share)


def _held(problem: Problem, plan: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Units at home by theater_id, unit type and year, those that no scenario takes under no theater."""
    deployed = plan["deployments"]
    is_home = deployed["source_id"].eq("HOME") | deployed["source_id"].str.endswith("/SET")
    by = ["unit_type_id", "theater_id", "scenario_id", "year"]
    taken = (
        deployed[is_home].groupby([*by, "phase_id"])["deployed_count"].sum().groupby(by).max().reset_index()
    )
    taken = taken.merge(problem["scenarios"][["scenario_id", "weight_fraction"]], on="scenario_id")
    factors = problem["unit_type_theaters"]
    taken = taken.merge(factors, on=["unit_type_id", "theater_id"], how="left").fillna(
        {"theater_factor": 1.0}
    )
    taken["units"] = taken["deployed_count"] * taken["weight_fraction"]
    taken["units"] /= max(float(problem["scenarios"]["weight_fraction"].sum()), 1e-9)
    taken["points"] = taken["units"] * taken["theater_factor"]
    rows = taken.groupby(["theater_id", *_FORCE_YEAR])[["units", "points"]].sum().reset_index()
    home = plan["owned_forces"][[*_FORCE_YEAR, "home_count"]]
    rows = rows.merge(home, on=_FORCE_YEAR)
    total = rows.groupby(_FORCE_YEAR)[["units", "points"]].transform("sum")
    used = total["units"].clip(upper=rows["home_count"])
    share = (rows["points"] / total["points"].where(total["points"] > 0)).fillna(0.0)
    rows = rows[["theater_id", *_FORCE_YEAR]].assign(count=used * share)
    spread = rows.groupby(_FORCE_YEAR)["count"].sum().rename("spread").reset_index()
    rest = home.merge(spread, on=_FORCE_YEAR, how="left").fillna({"spread": 0.0})
    rest = rest[_FORCE_YEAR].assign(theater_id=_NOWHERE, count=rest["home_count"] - rest["spread"])
    return pd.concat([rows, rest], ignore_index=True)
