"""4.9 Allied response: the lead actor's presence may lower, or raise, what an ally spends.

Willingness to spend follows a target with a lag, and the target follows presence down to a floor::

    presence_total[k,t]       presence[k,t] = Σ_{l,g,m} weight[l,k]·presence_points[g,m]·stationed[u,g,l,m,t]
    response_target[a,t]      target[a,t] + Σ_k response[a,k]·presence[k,t] ≤ reference[a,t] + below[a,t]·floored[a,t]
    response_floor[a,t]       target[a,t] ≤ floor[a,t] + above[a,t]·(1 − floored[a,t])
    willingness_lag[a,t]      willingness[a,t] ≤ (1 − speed[a])·willingness[a,t-1] + speed[a]·target[a,t]
    spending_willing[a,t]     spending[a,t] ≤ willingness[a,t]

=========================  =====================================================  ==================================
symbol                     meaning, unit                                          source column
=========================  =====================================================  ==================================
presence[k,t]              brigade equivalents of the lead actor                  unit_type_modes.presence_points
weight[l,k]                part of a site that counts in a theater                presence_weights.weight_fraction
target[a,t]                M$ a would spend in the long run
floored[a,t]               1 where the floor holds, binary; only where it can     see below
willingness[a,t]           M$ a is willing to spend; t = 0 fixed to what it       actor_years.spending_usd_m_per_yr
                           spends
response[a,k]              M$ less for each brigade equivalent                    responses
reference[a,t]             reference spending + Σ_k response·reference presence   actor_years.reference_spending_…
floor[a,t]                 M$ a spends whatever the lead actor does               actor_years.floor_spending_…
speed[a]                   part of the way to the target in a year                actors.response_speed_fraction
below[a,t], above[a,t]     how far e can be below, and above, the floor, M$
=========================  =====================================================  ==================================

The target is max(floor, e), e = reference − Σ_k response·presence. That is not convex where e can fall below the
floor: without the binary the row would silently forbid a large presence. Where it cannot, over all presence that
sites and ownership allow, there is neither binary nor floor row. below = max(0, floor − least e) and above =
max(0, greatest e − floor) are the smallest valid constants for those bounds of presence.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from optimizer.errors import Finding
from optimizer.formulation.blocks import RowKind, add_block, parameter
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR, cost_of_today, limits
from optimizer.formulation.frames.hosted_forces import owed_beyond_today
from optimizer.formulation.frames.index import FORCE, Index
from optimizer.formulation.frames.once import once
from optimizer.formulation.frames.pyomo_sets import keys, relation, values, with_years

ROWS = {
    "presence_total": RowKind.PHYSICS,
    "response_target": RowKind.POLICY,
    "response_floor": RowKind.POLICY,
    "willingness_lag": RowKind.POLICY,
    "spending_willing": RowKind.POLICY,
}

_COUNTED = ["unit_type_id", "site_id", "mode"]


@once
def counted_presence(index: Index) -> pd.DataFrame:
    """What a stationed unit of the lead actor counts: theater_id, _COUNTED, points, owned_most, room_units."""
    p = index.problem
    places = index.places[index.places["actor_id"] == index.lead]
    areas = p["staging_areas"].set_index("staging_area_id")["theater_id"]
    own = places.assign(theater_id=places["staging_area_id"].map(areas), weight_fraction=1.0)
    given = places.merge(p["presence_weights"], on="site_id")
    both = pd.concat([given, own[own["theater_id"].notna()]]).drop_duplicates([*_COUNTED, "theater_id"])
    both["points"] = both["weight_fraction"] * both["presence_points"]
    theaters = p["responses"]["theater_id"].unique()
    both = both[(both["points"] > 0) & both["theater_id"].isin(theaters)]
    most = index.owned_bounds.groupby(FORCE)["most"].max().rename("owned_most").reset_index()
    both = both.merge(most, on=FORCE)
    room = index.access.loc[index.access["actor_id"] == index.lead, ["site_id", "housing_limit_persons"]]
    both = both.merge(room, on="site_id")
    both["room_units"] = (both["housing_limit_persons"] / both["personnel_persons"]).where(
        both["personnel_persons"] > 0, np.inf
    )
    columns = ["theater_id", *_COUNTED, "points", "owned_most", "room_units"]
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
    places = index.places[index.places["actor_id"] == index.lead]
    here = counted_presence(index).merge(places[[*_COUNTED, "stationed_count"]], on=_COUNTED)
    today = (here["points"] * here["stationed_count"]).groupby(here["theater_id"]).sum()
    return today.reindex(index.problem["responses"]["theater_id"].unique(), fill_value=0.0)


@once
def floors(index: Index) -> pd.DataFrame:
    """What actors spend whatever the lead actor does: ACTOR_YEAR, floor_usd_m.

    Given, or other spending, with today's forces run down as fast as they may be, and the cost of what the actor
    keeps away from home today, of the nuclear option that covers it, and of what it is billed for today's people; so
    much more that willingness reaches it in time.
    """
    frame = limits(index)
    forces = with_years(index.forces, index.years)
    arrived = index.on_order.assign(arrived=index.on_order.groupby(FORCE)["arriving_count"].cumsum()).drop(
        columns="arriving_count"
    )
    forces = forces.merge(arrived, on=[*FORCE, "year"])
    pace = forces["maximum_disbanded_count_per_yr"].fillna(np.inf)
    left = forces["owned_count"] + forces["arrived"] - pace * (forces["year"] - index.today)
    kept = np.maximum(left, forces["reserved_count"])
    leaving = np.minimum(pace, forces["owned_count"] + forces["arrived"])
    forces["cost"] = (
        forces["own_cost_usd_m_per_unit_yr"] * kept
        + forces["set_upkeep_cost_usd_m_per_set_yr"] * forces["sets_owned_count"]
        + forces["disband_cost_usd_m_per_unit"] * leaving
    )
    run_down = forces.groupby(ACTOR_YEAR)["cost"].sum().rename("run_down").reset_index()
    owning = index.forces["own_cost_usd_m_per_unit_yr"] * index.forces["owned_count"]
    upkeep = index.forces["set_upkeep_cost_usd_m_per_set_yr"] * index.forces["sets_owned_count"]
    at_home = (owning + upkeep).groupby(index.forces["actor_id"]).sum()
    away = cost_of_today(index).sub(at_home, fill_value=0.0)
    frame = frame[frame["year"] != index.today].merge(run_down, on=ACTOR_YEAR, how="left")
    frame = frame.merge(owed_beyond_today(index), on=ACTOR_YEAR, how="left")
    frame["derived"] = (
        frame["other_spending_usd_m"]
        + frame["run_down"].fillna(0.0)
        + frame["owed_usd_m"].fillna(0.0)
        + frame["actor_id"].map(away).fillna(0.0)
    )
    frame["derived"] = _reached_in_time(index, frame)
    frame["floor_usd_m"] = frame["floor_spending_usd_m_per_yr"].fillna(frame["derived"])
    return frame[[*ACTOR_YEAR, "floor_usd_m", "reference_spending_usd_m_per_yr"]]


def _reached_in_time(index: Index, frame: pd.DataFrame) -> pd.Series:
    """The derived floors, raised where willingness, which goes only part of the way, would end below them.

    The least that an ally is willing to in the year before is w; speed·floor + (1 − speed)·w is to be no less than
    what is derived.
    """
    speed = index.problem["actors"].set_index("actor_id")["response_speed_fraction"]
    willing = {actor: usd_m for (actor, _), usd_m in published(index).items()}
    in_order = frame.sort_values("year")
    reached: list[float] = []
    for actor, derived in zip(in_order["actor_id"], in_order["derived"], strict=True):
        part, before = speed[actor], willing.get(actor, derived)
        reached.append(max(derived, (derived - (1 - part) * before) / part))
        willing[actor] = part * reached[-1] + (1 - part) * before
    return pd.Series(reached, index=in_order.index, dtype="float64")


@once
def targets(index: Index) -> pd.DataFrame:
    """The responding actors by year: ACTOR_YEAR, reference_usd_m, floor_usd_m, below_usd_m and above_usd_m."""
    responses = index.problem["responses"]
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
    frame = floors(index).merge(ranges, on="actor_id")
    frame["reference_usd_m"] = frame["reference_spending_usd_m_per_yr"] + frame["at_reference"]
    least = frame["reference_usd_m"] + frame["least"]
    greatest = frame["reference_usd_m"] + frame["greatest"]
    frame["below_usd_m"] = (frame["floor_usd_m"] - least).clip(lower=0.0)
    frame["above_usd_m"] = (greatest - frame["floor_usd_m"]).clip(lower=0.0)
    columns = [*ACTOR_YEAR, "reference_usd_m", "floor_usd_m", "below_usd_m", "above_usd_m"]
    return frame[columns].sort_values(ACTOR_YEAR, ignore_index=True)


def findings(index: Index) -> list[Finding]:
    """Findings for responses whose reference is not known, or to a presence without limit."""
    if index.problem["responses"].empty:
        return []
    frame = targets(index)
    unknown = sorted(set(index.problem["responses"]["actor_id"]) - set(frame["actor_id"]))
    speed = index.problem["actors"].set_index("actor_id")["response_speed_fraction"]
    answering = index.problem["responses"]["actor_id"].drop_duplicates()
    seen = [actor for actor, _ in published(index)]
    unknown += [actor for actor in answering if speed[actor] < 1 and actor not in seen]
    unknown += frame.loc[frame["reference_usd_m"].isna(), "actor_id"].drop_duplicates().to_list()
    is_endless = ~np.isfinite(frame["below_usd_m"]) & frame["reference_usd_m"].notna()
    endless = frame.loc[is_endless, "actor_id"].drop_duplicates()
    return [
        Finding(
            "RESPONSE_UNCLEAR",
            "actor_years",
            f"{actor}/{index.years[0]}",
            "reference_spending_usd_m_per_yr",
            "",
            "the actor responds to presence, but what it spends at the reference is not known",
            "Give reference_spending_usd_m_per_yr, and spending or other spending.",
        )
        for actor in dict.fromkeys(unknown)
    ] + [
        Finding(
            "RESPONSE_UNCLEAR",
            "responses",
            actor,
            "response_usd_m_per_point_yr",
            "",
            "the actor responds to a presence that nothing limits",
            "Give the theater's sites a capacity_persons, or the lead actor's units a maximum_owned_count.",
        )
        for actor in endless
    ]


def published(index: Index) -> dict[Any, float]:
    """Willingness of period 0 by ACTOR_YEAR: what a responding actor is published to spend."""
    today = limits(index)
    today = today[(today["year"] == index.today) & today["spending_usd_m"].notna()]
    today = today[today["actor_id"].isin(index.problem["responses"]["actor_id"])]
    return values(today, ACTOR_YEAR, "spending_usd_m")


def slow(index: Index) -> pd.DataFrame:
    """The rows of ``targets`` in which willingness still looks back to the year before."""
    speed = index.problem["actors"].set_index("actor_id")["response_speed_fraction"]
    frame = targets(index)
    is_first = frame["year"] == index.years[0]
    known = frame["actor_id"].isin([actor for actor, _ in published(index)])
    return frame[(frame["actor_id"].map(speed) < 1) & (known | ~is_first)]


def add_variables(m: Any, index: Index) -> None:
    """Adds presence, target, floored and willingness."""
    m.presence = pyo.Var(
        keys(with_years(_theaters(index), index.years), ["theater_id", "year"]), domain=pyo.NonNegativeReals
    )
    if index.problem["responses"].empty:
        frame = pd.DataFrame(columns=[*ACTOR_YEAR, "below_usd_m"])
        today: dict[Any, float] = {}
    else:
        frame = targets(index)
        today = published(index)
    m.target = pyo.Var(keys(frame, ACTOR_YEAR), domain=pyo.Reals)
    m.floored = pyo.Var(keys(frame[frame["below_usd_m"] > 0], ACTOR_YEAR), domain=pyo.Binary)
    m.willingness = pyo.Var(
        [*today, *keys(frame, ACTOR_YEAR)],
        bounds=lambda m, *key: (today[key],) * 2 if key in today else (None, None),
    )


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    counted = counted_presence(index)
    theater = ["theater_id"]
    counted = counted.assign(actor_id=index.lead)
    seen = [*FORCE, "site_id", "mode"]
    m.present_theaters = pyo.Set(initialize=keys(_theaters(index), theater))
    here = relation(counted, theater, seen, keys(_theaters(index), theater))
    m.present_units = pyo.Set(m.present_theaters, initialize=here, dimen=4)
    m.presence_points = pyo.Param(
        pyo.Set(initialize=keys(counted, [*theater, *seen]), dimen=5),
        initialize=values(counted, [*theater, *seen], "points"),
    )
    add_block(m, presence_total, m.present_theaters, m.years)

    responses = index.problem["responses"]
    frame = targets(index) if len(responses) else pd.DataFrame(columns=[*ACTOR_YEAR, "below_usd_m"])
    m.responders = pyo.Set(initialize=keys(frame, ACTOR_YEAR), dimen=2)
    m.responds_in = pyo.Set(
        m.responders,
        initialize=relation(
            frame[ACTOR_YEAR].merge(responses[["actor_id", "theater_id"]], on="actor_id"), ACTOR_YEAR, theater
        ),
    )
    by = ["actor_id", "theater_id"]
    m.response = pyo.Param(
        pyo.Set(initialize=keys(responses, by), dimen=2),
        initialize=values(responses, by, "response_usd_m_per_point_yr"),
    )
    floored = frame[frame["below_usd_m"] > 0]
    names = ("reference_usd_m", "floor_usd_m", "below_usd_m", "above_usd_m")
    for name in names:
        part = frame if name == "reference_usd_m" else floored
        rate = values(part, ACTOR_YEAR, name) if len(part) else {}
        setattr(m, name, parameter(rate, 2))
    m.floor_years = pyo.Set(
        m.responders,
        initialize={key: [key[1]] if below > 0 else [] for key, below in _below(frame).items()},
    )
    add_block(m, response_target, m.responders)
    add_block(m, response_floor, pyo.Set(initialize=keys(floored, ACTOR_YEAR), dimen=2))
    speed = values(index.problem["actors"], ["actor_id"], "response_speed_fraction")
    m.response_speed = parameter(speed)
    lagged = set(keys(slow(index), ACTOR_YEAR)) if len(responses) else set()
    m.years_before = pyo.Set(
        m.responders, initialize={key: [key[1] - 1] if key in lagged else [] for key in m.responders}
    )
    add_block(m, willingness_lag, m.responders)
    add_block(m, spending_willing, m.responders)


def presence_total(m: Any, theater: Any, year: Any) -> Any:
    """Presence is what the lead actor has stationed, as far as it counts in the theater."""
    return m.presence[theater, year] == sum(
        m.presence_points[theater, actor, unit_type, site, mode]
        * m.stationed[actor, unit_type, site, mode, year]
        for actor, unit_type, site, mode in m.present_units[theater]
    )


def response_target(m: Any, actor: Any, year: Any) -> Any:
    """An ally's target falls, or rises, with presence, unless its floor holds."""
    return (
        m.target[actor, year]
        + sum(
            m.response[actor, theater] * m.presence[theater, year] for theater in m.responds_in[actor, year]
        )
        - sum(m.below_usd_m[actor, when] * m.floored[actor, when] for when in m.floor_years[actor, year])
        <= m.reference_usd_m[actor, year]
    )


def response_floor(m: Any, actor: Any, year: Any) -> Any:
    """Where the floor holds, the target is the floor."""
    return (
        m.target[actor, year] + m.above_usd_m[actor, year] * m.floored[actor, year]
        <= m.floor_usd_m[actor, year] + m.above_usd_m[actor, year]
    )


def willingness_lag(m: Any, actor: Any, year: Any) -> Any:
    """Willingness goes part of the way to its target each year."""
    return m.willingness[actor, year] <= m.response_speed[actor] * m.target[actor, year] + sum(
        (1 - m.response_speed[actor]) * m.willingness[actor, before] for before in m.years_before[actor, year]
    )


def spending_willing(m: Any, actor: Any, year: Any) -> Any:
    """An ally spends no more than it is willing to."""
    return m.spending[actor, year] <= m.willingness[actor, year]


def _theaters(index: Index) -> pd.DataFrame:
    """Theaters whose presence somebody answers."""
    return index.problem["responses"][["theater_id"]].drop_duplicates()


def _below(frame: pd.DataFrame) -> dict[Any, float]:
    return values(frame, ACTOR_YEAR, "below_usd_m") if len(frame) else {}
