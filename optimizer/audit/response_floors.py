"""What allies spend whatever the lead actor does, from the input tables alone."""

import numpy as np
import pandas as pd

from optimizer.audit.allied_spending import spending
from optimizer.audit.ledger import costs_today
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year, site_places, with_people

_ACTOR_YEAR = ["actor_id", "year"]


def floors(plan: Plan) -> pd.DataFrame:
    """actor_id, year, least_usd_m and reference_spending_usd_m_per_yr, where other spending is known.

    The floor is given; or it is other spending, with today's forces run down as fast as they may be, and with what
    today's posture costs beyond owning them, and freed bills ask for today's people beyond today's bills; and so much
    more that willingness reaches that.
    """
    figures = spending(plan)
    rows = figures[figures["is_known"] & (figures["year"] > plan.problem.today)]
    for part in (_run_down(plan), _owed(plan)):
        rows = rows.merge(part, on=_ACTOR_YEAR, how="left")
    lines = costs_today(plan)
    beyond = lines[~lines["kind"].isin(["OWN", "SETS"])].groupby("actor_id")["usd_m"].sum()
    parts = rows[["other_spending_usd_m", "run_down_usd_m", "owed_usd_m"]].assign(
        beyond_usd_m=rows["actor_id"].map(beyond)
    )
    rows["derived_usd_m"] = parts.astype("float64").fillna(0.0).sum(axis="columns")
    published = figures[figures["year"] == plan.problem.today].set_index("actor_id")["spending_usd_m"]
    reached = _reached_in_time(plan, rows, published)
    rows["least_usd_m"] = rows["floor_spending_usd_m_per_yr"].fillna(reached)
    return rows[[*_ACTOR_YEAR, "least_usd_m", "reference_spending_usd_m_per_yr"]]


def _reached_in_time(plan: Plan, rows: pd.DataFrame, published: pd.Series) -> pd.Series:
    """The least targets, year by year, with which willingness never ends below what is derived."""
    rows = rows.assign(part=speeds(plan, rows))
    willing = published.dropna().to_dict()
    targets = {}
    for row in rows.sort_values("year").to_dict("records"):
        actor, needed = row["actor_id"], row["derived_usd_m"]
        part, before = row["part"], willing.get(actor, needed)
        target = max(needed, (needed - (1 - part) * before) / part)
        willing[actor] = part * target + (1 - part) * before
        targets[actor, row["year"]] = target
    found = [targets[key] for key in zip(rows["actor_id"], rows["year"], strict=True)]
    return pd.Series(found, index=rows.index, dtype="float64")


def speeds(plan: Plan, rows: pd.DataFrame) -> pd.Series:
    """Part of the way that the willingness of each row's actor goes in the period: what no year leaves undone."""
    yearly = plan.problem["actors"].set_index("actor_id")["response_speed_fraction"]
    undone: pd.Series = (1 - rows["actor_id"].map(yearly)) ** plan.spans(rows)
    return 1 - undone


def _run_down(plan: Plan) -> pd.DataFrame:
    """actor_id, year, run_down_usd_m: owning and disbanding while every force shrinks at its fastest."""
    p = plan.problem
    owned = p["owned_today"][[*FORCE_KEY, "owned_count", "sets_owned_count"]]
    forces = p["actor_unit_types"].merge(owned, on=FORCE_KEY, how="left")
    rows = by_year(forces.fillna({"owned_count": 0.0, "sets_owned_count": 0.0}), p.years)
    arriving = p["on_order"].assign(year=plan.periods_of(p["on_order"]["year"].astype("int64")))
    arriving = arriving.groupby([*FORCE_KEY, "year"])[["arriving_count"]].sum().reset_index()
    rows = rows.merge(arriving, on=[*FORCE_KEY, "year"], how="left").fillna({"arriving_count": 0.0})
    rows = rows.sort_values([*FORCE_KEY, "year"], ignore_index=True)
    there = rows["owned_count"] + rows.groupby(FORCE_KEY)["arriving_count"].cumsum()
    pace = rows["maximum_disbanded_count_per_yr"].fillna(np.inf)
    kept = np.maximum(there - pace * (rows["year"] - p.today), rows["reserved_count"])
    rows["run_down_usd_m"] = (
        rows["own_cost_usd_m_per_unit_yr"] * kept
        + rows["set_upkeep_cost_usd_m_per_set_yr"] * rows["sets_owned_count"]
        + rows["disband_cost_usd_m_per_unit"] * np.minimum(pace, there / plan.spans(rows))
    )
    return rows.groupby(_ACTOR_YEAR)[["run_down_usd_m"]].sum().reset_index()


def _owed(plan: Plan) -> pd.DataFrame:
    """actor_id, year, owed_usd_m: what freed bills ask for today's people beyond today's bills."""
    p = plan.problem
    people = with_people(p, p["stationed_today"]).merge(site_places(p), on="site_id")
    people = people[people["actor_id"] == p.settings["lead_actor_id"]]
    persons_today = people.groupby("host_actor_id")["persons"].sum()
    rows = by_year(p["billing"], p.years)
    asked = rows["floor_usd_m_per_person_yr"] * rows["host_actor_id"].map(persons_today).fillna(0.0)
    is_freed = rows["year"] >= rows["actor_id"].map(plan.freed_years("BILLING"))
    rows["owed_usd_m"] = (asked - rows["billed_today_usd_m_per_yr"]).clip(lower=0.0).where(is_freed, 0.0)
    return rows.groupby(_ACTOR_YEAR)[["owed_usd_m"]].sum().reset_index()
