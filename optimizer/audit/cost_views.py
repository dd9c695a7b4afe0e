"""Whether the views of what presence costs add up to the ledger, and each holds the one before."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.plan import FORCE_KEY, Plan

_AT_SITES = ["STATIONING", "SITES", "OPEN_CLOSE", "HOUSING"]
_PLACE = ["theater_id", "year"]
_ROW = "cost_views: {theater_id} {year}: "
_TOTAL = "cost_views: {year}: "
_NOWHERE = ""


def cost_views(plan: Plan) -> list[str]:
    """Findings about the table cost_views, if there is one; a row that is not there shows 0."""
    if "cost_views" not in plan.tables:
        return []
    lead = plan.problem.settings["lead_actor_id"]
    table = plan.table("cost_views")
    shown = table[table["actor_id"] == lead].assign(theater_id=_named(table["theater_id"]))
    others = table[table["actor_id"] != lead]
    outside = others.assign(theater_id=_named(others["theater_id"]))
    return [
        *said(outside, _ROW + "a view of {actor_id}, who is not the lead actor"),
        *said(shown[shown.duplicated(_PLACE)], _ROW + "the row is given twice"),
        *_by_theater(plan, shown),
        *_together(plan, shown),
    ]


def _by_theater(plan: Plan, shown: pd.DataFrame) -> list[str]:
    """Each theater by itself: sites and sets, then the units that stand there."""
    rows = shown.drop(columns="actor_id")
    parts = {
        "here_usd_m": _incremental(plan),
        "own_usd_m": _standing(plan, "own"),
        "beyond_usd_m": _standing(plan, "beyond"),
    }
    for name, part in parts.items():
        rows = rows.merge(part.rename(name).reset_index(), on=_PLACE, how="outer")
    rows = rows.fillna(dict.fromkeys([*rows.columns.drop(_PLACE)], 0.0))
    rows["abroad_usd_m"] = rows["here_usd_m"] + rows["own_usd_m"]
    rows["overhead_usd_m"] = rows["abroad_usd_m"] + rows["beyond_usd_m"]
    findings: list[str] = []
    for view, drawn in (
        ("incremental_usd_m", "here_usd_m"),
        ("units_abroad_usd_m", "abroad_usd_m"),
        ("with_overhead_usd_m", "overhead_usd_m"),
    ):
        words = f"{_ROW}{view} of {{{view}}} shown but {{{drawn}}} follows from the ledger"
        findings += equal(rows, view, drawn, "usd_m", words)
    nested = _ROW + "{with_overhead_usd_m} M$ with overhead, above {held_for_theater_usd_m} with units held"
    return [*findings, *at_most(rows, "with_overhead_usd_m", "held_for_theater_usd_m", "usd_m", nested)]


def _together(plan: Plan, shown: pd.DataFrame) -> list[str]:
    """The last view over all theaters: sites, sets, and every unit owned."""
    rows = pd.DataFrame({"year": plan.problem.years})
    views = shown.groupby("year")["held_for_theater_usd_m"].sum()
    rows["held_usd_m"] = rows["year"].map(views).fillna(0.0)
    forces = plan.forces.merge(_rates(plan), on=FORCE_KEY)
    owning = forces["owned_count"] * (forces["own"] + forces["beyond"])
    rows["posture_usd_m"] = rows["year"].map(owning.groupby(forces["year"]).sum()).fillna(0.0)
    rows["posture_usd_m"] += rows["year"].map(_incremental(plan).groupby("year").sum()).fillna(0.0)
    words = _TOTAL + "views add up to {held_usd_m} M$ but the posture costs {posture_usd_m}"
    return equal(rows, "held_usd_m", "posture_usd_m", "usd_m", words)


def _incremental(plan: Plan) -> pd.Series:
    """By theater and year: the ledger's lines of sites, and those of sets in proportion to the sets there."""
    lines = plan.ledger.astype({"year": "int64"})
    lines = lines[lines["actor_id"] == plan.problem.settings["lead_actor_id"]]
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
