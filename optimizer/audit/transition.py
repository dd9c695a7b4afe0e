"""Whether allies had taken over before the lead actor left, and no actor moved more than it may."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year, carried, filled

_RULE = ["theater_id", "capability_id"]
_HANDOVER = "handover_results: {theater_id} {capability_id} {year}: "
_STABILITY = "stability_results: {actor_id} {year}: "
_PLACE = [*FORCE_KEY, "site_id", "mode"]


def transition(plan: Plan) -> list[str]:
    """Findings about hand-over and moves."""
    return [*_handover(plan), *_stability(plan)]


def _handover(plan: Plan) -> list[str]:
    rows = by_year(plan.problem["handovers"], plan.all_years)
    for name, points in _standing(plan).items():
        rows = rows.merge(points.rename(name), on=[*_RULE, "year"], how="left").fillna({name: 0.0})
    rows = rows.sort_values([*_RULE, "year"], ignore_index=True)
    each = rows.groupby(_RULE)
    rows = rows[each["lead"].transform("first") > 0].reset_index(drop=True)
    each = rows.groupby(_RULE)
    rows["left"] = each["lead"].shift() - rows["lead"]
    gained = each["allies"].diff().groupby([rows[name] for name in _RULE]).shift().fillna(0.0)
    rows["gained"] = gained
    carried_points = (rows["gained"] - rows["left"].fillna(0.0)).groupby([rows[n] for n in _RULE]).cumsum()
    rows["due"] = (-carried_points).clip(lower=0.0)
    rows["carried"] = carried_points.clip(lower=0.0)
    shown = plan.shown("handover_results")
    rows = rows.merge(shown, on=[*_RULE, "year"], how="outer")
    numbers = ["lead_points", "allied_points", "carried_points", "lead", "allies", "carried", "due"]
    rows[numbers] = rows[numbers].fillna(0.0)
    rows["none"] = 0.0
    early = _HANDOVER + "{left} points of the lead actor left, {due} more than allies had taken over"
    return [
        *at_most(rows, "due", "none", "points", early),
        *equal(
            rows, "lead_points", "lead", "points", _HANDOVER + "{lead_points} shown but {lead} stand there"
        ),
        *equal(
            rows,
            "allied_points",
            "allies",
            "points",
            _HANDOVER + "{allied_points} shown but {allies} stand there",
        ),
        *equal(
            rows,
            "carried_points",
            "carried",
            "points",
            _HANDOVER + "{carried_points} carried but {carried} left",
        ),
    ]


def _standing(plan: Plan) -> dict[str, pd.Series]:
    """Points of the lead actor and of allies that stand in each theater, by theater, capability and year."""
    p = plan.problem
    lead = p.settings["lead_actor_id"]
    standing = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"]
    away = standing.merge(plan.places[["site_id", "theater_id"]], on="site_id")
    away = away.rename(columns={"stationed_count": "unit_count"})
    homes = p["actors"][["actor_id", "home_staging_area_id"]].merge(
        p["staging_areas"], left_on="home_staging_area_id", right_on="staging_area_id"
    )
    out = standing.groupby([*FORCE_KEY, "year"])["stationed_count"].sum().rename("out").reset_index()
    at_home = plan.forces[[*FORCE_KEY, "year", "owned_count"]].merge(out, on=[*FORCE_KEY, "year"], how="left")
    at_home["unit_count"] = at_home["owned_count"] - at_home["out"].fillna(0.0)
    at_home = at_home[at_home["actor_id"] != lead].merge(homes[["actor_id", "theater_id"]], on="actor_id")
    columns = [*FORCE_KEY, "theater_id", "year", "unit_count"]
    rows = pd.concat([away[columns], at_home[columns]]).dropna(subset=["theater_id"])
    rows = rows.merge(plan.points, on=FORCE_KEY)
    rows = rows.merge(p["unit_type_theaters"], on=["unit_type_id", "theater_id"], how="left")
    rows["total"] = rows["unit_count"] * rows["points"] * rows["theater_factor"].fillna(1.0)
    is_lead = rows["actor_id"] == lead
    key = [*_RULE, "year"]
    return {
        "lead": rows[is_lead].groupby(key)["total"].sum(),
        "allies": rows[~is_lead].groupby(key)["total"].sum(),
    }


@once
def moves(plan: Plan) -> pd.DataFrame:
    """actor_id, year, moves and maximum_moves_count, both of the period, where moves are limited or priced."""
    p = plan.problem
    limits = carried(filled(p["stability_limits"], ["actor_id"]), ["actor_id"], p.years)
    watched = limits["maximum_moves_count"].notna() | (limits["move_price_usd_m_per_unit"] > 0)
    counts = plan.stationed.groupby([*_PLACE, "year"])["stationed_count"].sum()
    by_place = counts.unstack("year").fillna(0.0).reindex(columns=plan.all_years, fill_value=0.0)
    steps = by_place.diff(axis="columns").drop(columns=p.today).reset_index(["site_id", "mode"])
    is_set = steps["mode"] == "PREPOSITIONED"
    steps = steps.drop(columns=["site_id", "mode"]).assign(is_set=is_set).set_index("is_set", append=True)
    come, gone = (
        part.groupby([*FORCE_KEY, "is_set"]).sum()
        for part in (steps.clip(lower=0.0), (-steps).clip(lower=0.0))
    )
    made = come.where(come > gone, gone).groupby("actor_id").sum()
    made = made.rename_axis("year", axis="columns").reset_index().melt("actor_id", value_name="moves")
    rows = limits[watched].merge(made.astype({"year": "int64"}), on=["actor_id", "year"], how="left")
    rows["moves"] = rows["moves"].fillna(0.0)
    rows["maximum_moves_count"] *= plan.spans(rows)
    return rows[["actor_id", "year", "moves", "maximum_moves_count"]]


def _stability(plan: Plan) -> list[str]:
    shown = plan.table("stability_results")
    rows = moves(plan).merge(shown, on=["actor_id", "year"], how="outer")
    rows[["moves", "moves_count"]] = rows[["moves", "moves_count"]].fillna(0.0)
    return [
        *at_most(
            rows,
            "moves",
            "maximum_moves_count",
            "count",
            _STABILITY + "{moves} moves but at most {maximum_moves_count}",
        ),
        *equal(
            rows, "moves_count", "moves", "count", _STABILITY + "{moves_count} moves shown but {moves} made"
        ),
    ]
