"""The lead actor's presence in theaters, and the most there can be of it."""

import numpy as np
import pandas as pd

from optimizer.audit.comparison import equal
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year, site_places


def presence_shown(plan: Plan) -> list[str]:
    """Findings about the table presence_results; a row that is not there shows 0."""
    counted = presence(plan)
    counted = counted[counted["year"] > plan.problem.today]
    shown = plan.table("presence_results").rename(columns={"presence_points": "shown_points"})
    rows = counted.merge(shown, on=["theater_id", "year"], how="outer").fillna(
        {"shown_points": 0.0, "presence_points": 0.0}
    )
    there = "presence_results: {theater_id} {year}: {shown_points} shown but {presence_points} are stationed"
    return equal(rows, "shown_points", "presence_points", "points", there)


@once
def presence(plan: Plan) -> pd.DataFrame:
    """theater_id, year, presence_points of the lead actor, period 0 too, in theaters somebody answers."""
    p = plan.problem
    theaters = p["responses"][["theater_id"]].drop_duplicates()
    stationed = plan.shown("stationed_forces")
    stationed = stationed[stationed["actor_id"] == p.settings["lead_actor_id"]]
    modes = p["unit_type_modes"][["unit_type_id", "mode", "presence_points"]]
    rows = stationed.merge(modes, on=["unit_type_id", "mode"]).merge(_weights(plan), on="site_id")
    rows["points"] = rows["stationed_count"] * rows["presence_points"] * rows["weight_fraction"]
    total = rows.groupby(["theater_id", "year"])["points"].sum().rename("presence_points").reset_index()
    return (
        by_year(theaters, plan.all_years)
        .merge(total, on=["theater_id", "year"], how="left")
        .fillna({"presence_points": 0.0})
    )


def greatest_presence(plan: Plan) -> pd.Series:
    """The most presence by theater_id: what sites can house, or what can be owned, whichever is less.

    Sets are limited by room alone. Infinite where nothing limits it.
    """
    rows = _possible(plan).merge(_most_owned(plan), on=FORCE_KEY)
    rows["housed"] = rows["points"] * rows["room_count"]
    rows["owned"] = rows["points"] * rows["most_owned_count"]
    is_set = rows["mode"] == "PREPOSITIONED"
    housed = rows.groupby(["theater_id", "site_id"])["housed"].max().groupby("theater_id").sum()
    units = rows[~is_set].groupby(["theater_id", "unit_type_id"])["owned"].max().groupby("theater_id").sum()
    owned = units.add(rows[is_set].groupby("theater_id")["housed"].sum(), fill_value=0.0)
    most: pd.Series = pd.concat([housed, owned], axis="columns").min(axis="columns")
    return most.reindex(plan.problem["responses"]["theater_id"].unique(), fill_value=0.0)


def _weights(plan: Plan) -> pd.DataFrame:
    """site_id, theater_id, weight_fraction: a site counts in its own theater in full unless the table says so."""
    own = site_places(plan.problem)[["site_id", "theater_id"]].dropna().assign(weight_fraction=1.0)
    both = pd.concat([plan.problem["presence_weights"], own])
    return both.drop_duplicates(["site_id", "theater_id"])[["site_id", "theater_id", "weight_fraction"]]


def _possible(plan: Plan) -> pd.DataFrame:
    """Where and how the lead actor's units may stand and count: theater_id, points, room_count of each."""
    p = plan.problem
    rows = plan.lead_places.merge(_weights(plan), on="site_id")
    rows["points"] = rows["weight_fraction"] * rows["presence_points"]
    rows = rows[(rows["points"] > 0) & rows["theater_id"].isin(p["responses"]["theater_id"])]
    room = rows[["limit_persons", "capacity_persons"]].min(axis="columns").fillna(np.inf)
    rows["room_count"] = (room / rows["mode_persons"]).where(rows["mode_persons"] > 0, np.inf)
    return rows[[*FORCE_KEY, "site_id", "mode", "theater_id", "points", "room_count"]]


def _most_owned(plan: Plan) -> pd.DataFrame:
    """FORCE_KEY and most_owned_count, the most that can be owned in any period."""
    p = plan.problem
    forces = p["actor_unit_types"].merge(p["owned_today"], on=FORCE_KEY, how="left")
    forces = forces.fillna({"owned_count": 0.0})
    ordered = p["on_order"].groupby(FORCE_KEY)["arriving_count"].sum().rename("ordered_count").reset_index()
    forces = forces.merge(ordered, on=FORCE_KEY, how="left").fillna({"ordered_count": 0.0})
    arrives = [plan.calendar["year"] + lead <= p.years[-1] for lead in forces["lead_time_yr"].astype("int64")]
    order_count = pd.Series([float(in_time.sum()) for in_time in arrives], index=forces.index)
    raised = (forces["maximum_raised_count_per_yr"] * order_count).where(order_count > 0, 0.0).fillna(np.inf)
    later = forces["owned_count"] + forces["ordered_count"] + raised
    later = later.clip(upper=forces["maximum_owned_count"].fillna(np.inf))
    return forces[FORCE_KEY].assign(most_owned_count=later.clip(lower=forces["owned_count"]))
