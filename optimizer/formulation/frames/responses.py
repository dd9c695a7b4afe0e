"""What allies spend when the lead actor comes or goes: presence, what they spend whatever happens, their targets."""

import numpy as np
import pandas as pd

from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, cost_of_today, limits
from optimizer.formulation.frames.hosted_forces import owed_beyond_today
from optimizer.formulation.frames.index import ACCESS, FORCE, Index, once
from optimizer.formulation.frames.programs import programs
from optimizer.tables.by_year import with_years
from optimizer.tables.keyed import is_among, joined, keys, looked_up, values

_COUNTED = ["unit_type_id", "site_id", "mode"]


@once
def counted_presence(index: Index) -> pd.DataFrame:
    """What a stationed unit of the lead actor counts: theater_id, _COUNTED, points, owned_most, room_units.

    With stationed_count, of today.
    """
    p = index.problem
    places = index.places[index.places["actor_id"] == index.lead]
    areas = values(p["staging_areas"], ["staging_area_id"], "theater_id")
    own = places.assign(theater_id=places["staging_area_id"].map(areas), weight_fraction=1.0)
    given = joined(places, p["presence_weights"], ["site_id"])
    both = pd.concat([given, own[own["theater_id"].notna()]]).drop_duplicates([*_COUNTED, "theater_id"])
    both["points"] = both["weight_fraction"] * both["presence_points"]
    theaters = set(keys(p["responses"], ["theater_id"]))
    both = both[(both["points"] > 0) & is_among(both, ["theater_id"], theaters)]
    both["owned_most"] = looked_up(both, FORCE, index.most_owned, np.nan)
    room = looked_up(both, ACCESS, values(index.access, ACCESS, "housing_limit_persons"), np.nan)
    both["room_units"] = (room / both["personnel_persons"]).where(both["personnel_persons"] > 0, np.inf)
    columns = ["theater_id", *_COUNTED, "points", "owned_most", "room_units", "stationed_count"]
    return both[columns].sort_values(["theater_id", *_COUNTED], ignore_index=True)


def greatest_presence(index: Index) -> pd.Series:
    """The most presence a theater can have, by theater_id: what sites can house, or what can be owned."""
    counted = counted_presence(index)
    by_site = (counted["points"] * counted["room_units"]).groupby([counted["theater_id"], counted["site_id"]])
    housed = by_site.max().groupby("theater_id").sum()
    standing = counted[counted["mode"] != "PREPOSITIONED"]
    by_type = (standing["points"] * standing["owned_most"]).groupby(
        [standing["theater_id"], standing["unit_type_id"]]
    )
    owned = by_type.max().groupby("theater_id").sum()
    sets = counted[counted["mode"] == "PREPOSITIONED"]
    prepositioned = (sets["points"] * sets["room_units"]).groupby(sets["theater_id"]).sum()
    owned = owned.add(prepositioned, fill_value=0.0)
    theaters = index.problem["responses"]["theater_id"].unique()
    both = pd.concat([housed, owned], axis="columns").min(axis="columns")
    return both.reindex(theaters, fill_value=0.0)


def presence_today(index: Index) -> pd.Series:
    """Presence of period 0 by theater_id."""
    here = counted_presence(index)
    today = (here["points"] * here["stationed_count"]).groupby(here["theater_id"]).sum()
    return today.reindex(index.problem["responses"]["theater_id"].unique(), fill_value=0.0)


@once
def floors(index: Index) -> pd.DataFrame:
    """What actors spend whatever the lead actor does: ACTOR_YEAR, floor_usd_m.

    Given, or other spending, with today's forces run down to the program as fast as they may be, and the cost of what
    the actor keeps away from home today, of the nuclear option that covers it, and of what it is billed for today's
    people; so much more that willingness reaches it in time. What a program costs to raise is not in it.
    """
    frame = limits(index)
    forces, key = with_years(index.forces, index.years), [*FORCE, "year"]
    least = looked_up(forces, key, values(index.owned_bounds, key, "least"), 0.0)
    program = looked_up(forces, key, values(programs(index), key, "program_count"), 0.0)
    pace = forces["maximum_disbanded_count_per_yr"].fillna(np.inf)
    there = forces["owned_count"] + looked_up(forces, key, values(index.on_order, key, "arrived_count"), 0.0)
    left = there - pace * (forces["year"] - index.today)
    kept = np.maximum(left, np.maximum(least, program))
    leaving = np.minimum(pace, (there - program).clip(lower=0.0) / index.spans(forces))
    forces["cost"] = (
        forces["own_cost_usd_m_per_unit_yr"] * kept
        + forces["set_upkeep_cost_usd_m_per_set_yr"] * forces["sets_owned_count"]
        + forces["disband_cost_usd_m_per_unit"] * leaving
    )
    run_down = forces.groupby(ACTOR_YEAR)["cost"].sum().to_dict()
    owed = values(owed_beyond_today(index), ACTOR_YEAR, "owed_usd_m")
    owning = index.forces["own_cost_usd_m_per_unit_yr"] * index.forces["owned_count"]
    upkeep = index.forces["set_upkeep_cost_usd_m_per_set_yr"] * index.forces["sets_owned_count"]
    at_home = (owning + upkeep).groupby(index.forces["actor_id"]).sum()
    away = cost_of_today(index).sub(at_home, fill_value=0.0)
    frame = frame[frame["year"] != index.today].reset_index(drop=True)
    frame["derived"] = (
        frame["other_spending_usd_m"]
        + looked_up(frame, ACTOR_YEAR, run_down, 0.0)
        + looked_up(frame, ACTOR_YEAR, owed, 0.0)
        + looked_up(frame, ["actor_id"], away.to_dict(), 0.0)
    )
    frame["derived"] = _reached_in_time(index, frame)
    frame["floor_usd_m"] = frame["floor_spending_usd_m_per_yr"].fillna(frame["derived"])
    return frame[[*ACTOR_YEAR, "floor_usd_m", "reference_spending_usd_m_per_yr"]]


def _reached_in_time(index: Index, frame: pd.DataFrame) -> pd.Series:
    """The derived floors, raised where willingness, which goes only part of the way, would end below them.

    The least that an ally is willing to in the period before is w; speed·floor + (1 − speed)·w is to be no less than
    what is derived.
    """
    speed = speeds(index).set_index(ACTOR_YEAR)["speed_fraction"]
    willing = published(index).set_index("actor_id")["spending_usd_m"].to_dict()
    in_order = frame.sort_values("year")
    reached: list[float] = []
    for actor, year, derived in zip(in_order["actor_id"], in_order["year"], in_order["derived"], strict=True):
        part, before = speed[actor, year], willing.get(actor, derived)
        reached.append(max(derived, (derived - (1 - part) * before) / part))
        willing[actor] = part * reached[-1] + (1 - part) * before
    return pd.Series(reached, index=in_order.index, dtype="float64")


@once
def targets(index: Index) -> pd.DataFrame:
    """The responding actors by year: ACTOR_YEAR, reference_usd_m, floor_usd_m, below_usd_m and above_usd_m."""
    columns = [*ACTOR_YEAR, "reference_usd_m", "floor_usd_m", "below_usd_m", "above_usd_m"]
    responses = index.problem["responses"]
    if responses.empty:
        return pd.DataFrame(columns=columns)
    today = presence_today(index)
    at = responses["reference_presence_points"].fillna(responses["theater_id"].map(today))
    most = responses["theater_id"].map(greatest_presence(index))
    rate = responses["response_usd_m_per_point_yr"]
    per_actor = pd.DataFrame(
        {
            "actor_id": responses["actor_id"],
            "at_reference": rate * at,
            "least": -(rate.clip(lower=0) * most).fillna(0.0),
            "greatest": -(rate.clip(upper=0) * most).fillna(0.0),
        }
    )
    ranges = per_actor.groupby("actor_id").sum().reset_index()
    frame = joined(floors(index), ranges, ["actor_id"])
    frame["reference_usd_m"] = frame["reference_spending_usd_m_per_yr"] + frame["at_reference"]
    least = frame["reference_usd_m"] + frame["least"]
    greatest = frame["reference_usd_m"] + frame["greatest"]
    frame["below_usd_m"] = (frame["floor_usd_m"] - least).clip(lower=0.0)
    frame["above_usd_m"] = (greatest - frame["floor_usd_m"]).clip(lower=0.0)
    return frame[columns].sort_values(ACTOR_YEAR, ignore_index=True)


@once
def published(index: Index) -> pd.DataFrame:
    """Willingness of period 0, what a responding actor is published to spend: ACTOR_YEAR and spending_usd_m."""
    frame, responding = limits(index), set(keys(index.problem["responses"], ["actor_id"]))
    is_today = (frame["year"] == index.today) & is_among(frame, ["actor_id"], responding)
    return frame.loc[is_today & frame["spending_usd_m"].notna(), [*ACTOR_YEAR, "spending_usd_m"]]


@once
def speeds(index: Index) -> pd.DataFrame:
    """Part of the way to its target that an actor's willingness goes in a period: ACTOR_YEAR, speed_fraction."""
    actors = with_years(index.problem["actors"][["actor_id", "response_speed_fraction"]], index.years)
    yearly, spans = actors["response_speed_fraction"], index.spans(actors)
    # Not by the formula where a period is one year: 1 − (1 − θ) is not θ to the last digit.
    several = 1 - (1 - yearly) ** spans
    return actors[ACTOR_YEAR].assign(speed_fraction=yearly.where(spans == 1, several))


def slow(index: Index) -> pd.DataFrame:
    """The rows of ``targets`` in which willingness still looks back to the period before."""
    speed = index.problem["actors"].set_index("actor_id")["response_speed_fraction"]
    frame = targets(index)
    is_first = frame["year"] == index.years[0]
    known = frame["actor_id"].isin(published(index)["actor_id"])
    return frame[(frame["actor_id"].map(speed) < 1) & (known | ~is_first)]
