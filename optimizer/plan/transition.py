"""What allies have taken over, and how many units moved: from the plan's tables."""

from collections.abc import Mapping

import pandas as pd

from optimizer.formulation.families.transition import (
    HANDOVER,
    MOVED,
    moving_places,
    points_today,
    stability_years,
    unit_points,
)
from optimizer.formulation.frames.index import FORCE, PLACE, Index
from optimizer.tables.by_year import with_years
from optimizer.tables.plan_tables import plan_table, site_places


def handover_results(index: Index, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """HANDOVER, year, lead_points, allied_points and carried_points, period 0 too.

    Args:
        index: the index of the problem.
        tables: the plan's tables; owned_forces and stationed_forces are read.
    """
    points = unit_points(index)
    theaters = site_places(index.problem).set_index("site_id")["theater_id"]
    stationed = plan_table(tables, "stationed_forces")
    stationed = stationed[stationed["mode"] != "PREPOSITIONED"]
    stationed = stationed.assign(theater_id=stationed["site_id"].map(theaters))
    away = stationed.merge(points, on=[*FORCE, "theater_id"])
    away["total"] = away["points"] * away["stationed_count"]
    at_home = plan_table(tables, "owned_forces").merge(points, on=FORCE)
    at_home = at_home[at_home["home_theater_id"] == at_home["theater_id"]]
    at_home = at_home[at_home["actor_id"] != index.lead]
    at_home = at_home.assign(total=at_home["points"] * at_home["home_count"])
    parts = pd.concat([away, at_home])
    key = [*HANDOVER, "year"]
    frame = with_years(points_today(index)[HANDOVER], index.periods)
    is_lead = parts["actor_id"] == index.lead
    for name, part in (("lead_points", parts[is_lead]), ("allied_points", parts[~is_lead])):
        total = part.groupby(key)["total"].sum().rename(name).reset_index()
        frame = frame.merge(total, on=key, how="left").fillna({name: 0.0})
    by_rule = frame.groupby(HANDOVER)
    before = by_rule["allied_points"].shift().fillna(frame["allied_points"])
    gained = before - by_rule["allied_points"].transform("first")
    left = by_rule["lead_points"].transform("first") - frame["lead_points"]
    return frame.assign(carried_points=(gained - left).clip(lower=0.0))


def stability_results(index: Index, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """actor_id, year and moves_count, where moves are limited or priced.

    Args:
        index: the index of the problem.
        tables: the plan's tables; stationed_forces is read.
    """
    places = moving_places(index)[[*PLACE, "held_as", "year"]]
    counts = plan_table(tables, "stationed_forces")[[*PLACE, "year", "stationed_count"]]
    following = {before: year for year, before in index.problem.calendar.previous.items()}
    earlier = counts.assign(year=counts["year"].map(following))
    earlier = earlier.rename(columns={"stationed_count": "earlier_count"})
    frame = places.merge(counts, on=[*PLACE, "year"], how="left")
    frame = frame.merge(earlier, on=[*PLACE, "year"], how="left")
    step = frame["stationed_count"].fillna(0.0) - frame["earlier_count"].fillna(0.0)
    frame = frame.assign(come=step.clip(lower=0.0), gone=(-step).clip(lower=0.0))
    kinds = frame.groupby([*MOVED, "year"])[["come", "gone"]].sum().max(axis="columns")
    moves = kinds.rename("moves_count").groupby(["actor_id", "year"]).sum().reset_index()
    return stability_years(index)[["actor_id", "year"]].merge(moves, on=["actor_id", "year"])
