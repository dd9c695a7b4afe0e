"""Whether the views of what presence costs add up to the ledger, and each holds the one before."""

import pandas as pd

from optimizer.audit.comparison import equal, said
from optimizer.audit.ledger import ledger
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.audit.sources import HOME

_AT_SITES = ["STATIONING", "SITES", "OPEN_CLOSE", "HOUSING"]
_PLACE = ["theater_id", "year"]
_ROW = "cost_views: {theater_id} {year}: "
_NOWHERE = ""
_LEAST_WEIGHT = 1e-9


def cost_views(plan: Plan) -> list[str]:
    """Findings about the table cost_views; a row that is not there shows 0."""
    lead = plan.problem.settings["lead_actor_id"]
    table = plan.table("cost_views")
    shown = table.assign(theater_id=_named(table["theater_id"]))
    is_lead = shown["actor_id"] == lead
    rows = shown[is_lead].drop(columns="actor_id")
    parts = {
        "here_usd_m": _incremental(plan),
        "own_usd_m": _standing(plan, "own"),
        "beyond_usd_m": _standing(plan, "beyond"),
        "home_usd_m": _at_home(plan),
    }
    for name, part in parts.items():
        rows = rows.merge(part.rename(name).reset_index(), on=_PLACE, how="outer")
    rows = rows.fillna(dict.fromkeys([*rows.columns.drop(_PLACE)], 0.0))
    rows["abroad_usd_m"] = rows["here_usd_m"] + rows["own_usd_m"]
    rows["overhead_usd_m"] = rows["abroad_usd_m"] + rows["beyond_usd_m"]
    rows["held_usd_m"] = rows["overhead_usd_m"] + rows["home_usd_m"]
    findings = said(shown[~is_lead], _ROW + "a view of {actor_id}, who is not the lead actor")
    for view, drawn in (
        ("incremental_usd_m", "here_usd_m"),
        ("units_abroad_usd_m", "abroad_usd_m"),
        ("with_overhead_usd_m", "overhead_usd_m"),
        ("held_for_theater_usd_m", "held_usd_m"),
    ):
        words = f"{_ROW}{view} of {{{view}}} shown but {{{drawn}}} follows from the plan"
        findings += equal(rows, view, drawn, "usd_m", words)
    return findings


def _incremental(plan: Plan) -> pd.Series:
    """By theater and year: the ledger's lines of sites, and those of sets in proportion to the sets there."""
    lines = ledger(plan)
    lines = lines[lines["actor_id"] == plan.problem.settings["lead_actor_id"]]
    lines = lines.assign(usd_m=lines["usd_m"] / plan.spans(lines))
    theaters = plan.places[["site_id", "theater_id"]]
    at_sites = lines[lines["kind"].isin(_AT_SITES)].drop(columns="theater_id").merge(theaters, on="site_id")
    sets = plan.stationed[plan.stationed["mode"] == "PREPOSITIONED"].merge(theaters, on="site_id")
    key = [*FORCE_KEY, "year"]
    counts = sets.groupby([*key, "theater_id"], dropna=False)["stationed_count"].sum().reset_index()
    counts = counts[counts["stationed_count"] > 0]
    counts["share"] = counts["stationed_count"] / counts.groupby(key)["stationed_count"].transform("sum")
    of_sets = lines[lines["kind"] == "SETS"].groupby(key)[["usd_m"]].sum().reset_index()
    of_sets = of_sets.merge(counts, on=key, how="left").fillna({"share": 1.0})
    of_sets["usd_m"] *= of_sets["share"]
    both = pd.concat([at_sites[[*_PLACE, "usd_m"]], of_sets[[*_PLACE, "usd_m"]]], ignore_index=True)
    both["theater_id"] = _named(both["theater_id"])
    sums: pd.Series = both.groupby(_PLACE)["usd_m"].sum()
    return sums


def _standing(plan: Plan, rate: str) -> pd.Series:
    """By theater and year: what units that stand there cost at a rate."""
    rows = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"]
    rows = rows[rows["year"] > plan.problem.today].merge(_rates(plan), on=FORCE_KEY)
    rows = rows.merge(plan.places[["site_id", "theater_id"]], on="site_id")
    rows["theater_id"] = _named(rows["theater_id"])
    rows["usd_m"] = rows["stationed_count"] * rows[rate]
    return rows.groupby(_PLACE)["usd_m"].sum()


def _at_home(plan: Plan) -> pd.Series:
    """By theater and year: what units at home cost, each theater's part of them and the rest nowhere.

    A theater's part of a force is its share of the points that scenarios bring there from home, with or without sets:
    in the mean over scenarios, of each the phase with the most. Together no more than the units at home.
    """
    rates, year = _rates(plan), [*FORCE_KEY, "year"]
    home = plan.forces[plan.forces["year"] > plan.problem.today].merge(rates, on=FORCE_KEY)
    home["usd_m_per_unit"] = home["own"] + home["beyond"]
    abroad = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"].groupby(year)["stationed_count"].sum()
    home = home.merge(abroad.rename("away_count").reset_index(), on=year, how="left")
    home["at_home_count"] = (home["owned_count"] - home["away_count"].fillna(0.0)).clip(lower=0.0)
    parts = _from_home(plan).merge(home[[*year, "at_home_count", "usd_m_per_unit"]], on=year)
    sums = parts.groupby(year)[["units", "points"]].transform("sum")
    spread = sums["units"].clip(upper=parts["at_home_count"])
    parts["count"] = spread * (parts["points"] / sums["points"].where(sums["points"] > 0)).fillna(0.0)
    used = parts.groupby(year)["count"].sum().rename("used_count").reset_index()
    rest = home.merge(used, on=year, how="left")
    rest = rest.assign(count=rest["at_home_count"] - rest["used_count"].fillna(0.0), theater_id=_NOWHERE)
    columns = [*_PLACE, "count", "usd_m_per_unit"]
    both = pd.concat([parts[columns], rest[columns]], ignore_index=True)
    both["usd_m"] = both["count"] * both["usd_m_per_unit"]
    return both.groupby(_PLACE)["usd_m"].sum()


def _from_home(plan: Plan) -> pd.DataFrame:
    """FORCE_KEY, theater_id, year, and units and points that come from home, in the mean over scenarios."""
    scenarios = plan.problem["scenarios"][["scenario_id", "weight_fraction"]]
    rows = plan.table("deployments")
    rows = rows[(rows["source_id"] == HOME) | rows["source_id"].str.endswith("/SET")]
    by = [*FORCE_KEY, "theater_id", "year", "scenario_id"]
    rows = rows.groupby([*by, "phase_id"])["deployed_count"].sum().groupby(by).max().reset_index()
    rows = rows.merge(scenarios, on="scenario_id")
    rows = rows.merge(plan.problem["unit_type_theaters"], on=["unit_type_id", "theater_id"], how="left")
    weight = max(float(scenarios["weight_fraction"].sum()), _LEAST_WEIGHT)
    rows["units"] = rows["deployed_count"] * rows["weight_fraction"] / weight
    rows["points"] = rows["units"] * rows["theater_factor"].fillna(1.0)
    return rows.groupby([*FORCE_KEY, "theater_id", "year"])[["units", "points"]].sum().reset_index()


def _rates(plan: Plan) -> pd.DataFrame:
    """FORCE_KEY of the lead actor with own and beyond: a unit's yearly cost, and that of having raised it."""
    forces = plan.problem["actor_unit_types"]
    forces = forces[forces["actor_id"] == plan.problem.settings["lead_actor_id"]]
    raising = forces["raise_cost_usd_m_per_unit"] / forces["life_yr"]
    rates: pd.DataFrame = forces[FORCE_KEY].assign(
        own=forces["own_cost_usd_m_per_unit_yr"], beyond=raising + forces["overhead_usd_m_per_unit_yr"]
    )
    return rates


def _named(theaters: pd.Series) -> pd.Series:
    """Theaters as text, empty where there is none."""
    return theaters.astype("str").fillna(_NOWHERE)
