"""Whether allies spend no more than the lead actor's presence leaves them willing to."""

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.comparison import at_most, equal
from optimizer.audit.plan import Plan
from optimizer.plan_tables import by_year, plan_table, site_places

_ROW = "response_results: {actor_id} {year}: "


def allied_response(plan: Plan) -> list[str]:
    """Findings about presence, targets and willingness."""
    responses = plan.problem["responses"]
    if responses.empty:
        return []
    presence = _presence(plan)
    shown = plan.table("presence_results").rename(columns={"presence_points": "shown_points"})
    counted = presence.merge(shown, on=["theater_id", "year"], how="left").fillna({"shown_points": 0.0})
    counted = counted[counted["year"] > plan.problem.today]
    there = "presence_results: {theater_id} {year}: {shown_points} shown but {presence_points} are stationed"
    return [
        *equal(counted, "shown_points", "presence_points", "points", there),
        *_spent(plan, presence),
    ]


def _presence(plan: Plan) -> pd.DataFrame:
    """theater_id, year, presence_points of the lead actor, period 0 too, in theaters somebody answers."""
    p = plan.problem
    theaters = p["responses"][["theater_id"]].drop_duplicates()
    own = site_places(p)[["site_id", "theater_id"]].dropna().assign(weight_fraction=1.0)
    weights = pd.concat([p["presence_weights"], own]).drop_duplicates(["site_id", "theater_id"])
    stationed = plan_table(plan.tables, "stationed_forces")
    stationed = stationed[stationed["actor_id"] == p.settings["lead_actor_id"]]
    modes = p["unit_type_modes"][["unit_type_id", "mode", "presence_points"]]
    rows = stationed.merge(modes, on=["unit_type_id", "mode"]).merge(weights, on="site_id")
    rows["points"] = rows["stationed_count"] * rows["presence_points"] * rows["weight_fraction"]
    total = rows.groupby(["theater_id", "year"])["points"].sum().rename("presence_points").reset_index()
    return (
        by_year(theaters, plan.all_years)
        .merge(total, on=["theater_id", "year"], how="left")
        .fillna({"presence_points": 0.0})
    )


def _spent(plan: Plan, presence: pd.DataFrame) -> list[str]:
    p = plan.problem
    today = presence[presence["year"] == p.today].set_index("theater_id")["presence_points"]
    rows = p["responses"].merge(presence[presence["year"] > p.today], on="theater_id")
    reference = rows["reference_presence_points"].fillna(rows["theater_id"].map(today))
    rows["less"] = rows["response_usd_m_per_point_yr"] * (rows["presence_points"] - reference)
    less = rows.groupby(["actor_id", "year"])["less"].sum().reset_index()
    figures = spending(plan)
    shown = plan_table(plan.tables, "response_results")
    rows = less.merge(figures, on=["actor_id", "year"]).merge(shown, on=["actor_id", "year"], how="left")
    answer = rows["reference_spending_usd_m_per_yr"] - rows["less"]
    floor = rows["floor_spending_usd_m_per_yr"].fillna(rows["floor_usd_m"])
    rows["most_target"] = np.maximum(answer, floor)
    speed = rows["actor_id"].map(p["actors"].set_index("actor_id")["response_speed_fraction"])
    published = figures[figures["year"] == p.today].set_index("actor_id")["spending_usd_m_per_yr"]
    rows = rows.sort_values(["actor_id", "year"], ignore_index=True)
    before = rows.groupby("actor_id")["willingness_usd_m"].shift()
    before = before.fillna(rows["actor_id"].map(published))
    lagged = (1 - speed) * before + speed * rows["target_usd_m"]
    rows["most_willing"] = lagged.where(speed < 1, rows["target_usd_m"])
    return [
        *at_most(
            rows,
            "target_usd_m",
            "most_target",
            "usd_m",
            _ROW + "a target of {target_usd_m} but {most_target} follows from presence",
        ),
        *at_most(
            rows,
            "willingness_usd_m",
            "most_willing",
            "usd_m",
            _ROW + "willing to {willingness_usd_m} but at most {most_willing}",
        ),
        *at_most(
            rows,
            "spending_usd_m",
            "willingness_usd_m",
            "usd_m",
            _ROW + "{spending_usd_m} spent, above the {willingness_usd_m} it is willing to",
        ),
    ]
