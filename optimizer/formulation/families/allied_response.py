"""4.9 Allied response: the lead actor's presence may lower, or raise, what an ally spends.

Willingness to spend follows a target with a lag, and the target follows presence down to a floor::

    presence_total[k,t]       presence[k,t] = Σ_{l,g,m} weight[l,k]·presence_points[g,m]·stationed[u,g,l,m,t]
    response_target[a,t]      target[a,t] + Σ_k response[a,k]·presence[k,t] ≤ reference[a,t] + below[a,t]·floored[a,t]
    response_floor[a,t]       target[a,t] ≤ floor[a,t] + above[a,t]·(1 − floored[a,t])
    willingness_lag[a,t]      willingness[a,t] ≤ (1 − speed[a,t])·willingness[a,t-1] + speed[a,t]·target[a,t]
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
speed[a,t]                 part of the way to the target in t: 1 − (1 − θ)^span,  actors.response_speed_fraction
                           θ that of a year, span the years t stands for          periods
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

from optimizer.errors import Finding
from optimizer.formulation.binding import (
    add_block,
    bounded_variable,
    key_set,
    no_keys,
    own_name,
    parameter,
    relation,
    variable,
)
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.allied_limits import ACTOR_YEAR
from optimizer.formulation.frames.index import PLACE, Index
from optimizer.formulation.frames.responses import counted_presence, published, slow, speeds, targets
from optimizer.tables.keyed import joined

ROWS = {
    "presence_total": RowKind.PHYSICS,
    "response_target": RowKind.POLICY,
    "response_floor": RowKind.POLICY,
    "willingness_lag": RowKind.POLICY,
    "spending_willing": RowKind.POLICY,
}


def findings(index: Index) -> list[Finding]:
    """Findings for responses whose reference is not known, or to a presence without limit."""
    if index.problem["responses"].empty:
        return []
    frame = targets(index)
    unknown = sorted(set(index.problem["responses"]["actor_id"]) - set(frame["actor_id"]))
    speed = index.problem["actors"].set_index("actor_id")["response_speed_fraction"]
    answering = index.problem["responses"]["actor_id"].drop_duplicates()
    seen = published(index)["actor_id"].to_list()
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


def add_variables(m: Any, index: Index) -> None:
    """Adds presence, target, floored and willingness."""
    m.presence = variable(key_set(index.problem["responses"], ["theater_id"]), m.years)
    frame = targets(index)
    m.target = variable(key_set(frame, ACTOR_YEAR), free=True)
    m.floored = variable(key_set(frame[frame["below_usd_m"] > 0], ACTOR_YEAR), binary=True)
    willing = pd.concat([published(index), frame[ACTOR_YEAR]])
    m.willingness = bounded_variable(willing, ACTOR_YEAR, least="spending_usd_m", most="spending_usd_m")


def add_nothing(m: Any, index: Index) -> None:
    """Adds no presence, target, floored and willingness."""
    m.presence = variable(no_keys(["theater_id", "year"]))
    for name in ("target", "floored", "willingness"):
        setattr(m, name, variable(no_keys(ACTOR_YEAR)))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    responses, theater = index.problem["responses"], ["theater_id"]
    counted = counted_presence(index).assign(actor_id=index.lead)
    m.present_units = relation(counted, theater, PLACE, key_set(responses, theater))
    m.presence_points = parameter(counted, [*theater, *PLACE], "points")
    add_block(m, presence_total, m.present_units, m.years)

    frame = targets(index)
    answers = joined(frame[ACTOR_YEAR], responses[["actor_id", "theater_id"]], ["actor_id"])
    m.responds_in = relation(answers, ACTOR_YEAR, theater, m.target)
    m.response = parameter(responses, ["actor_id", "theater_id"], "response_usd_m_per_point_yr")
    floored = frame[frame["below_usd_m"] > 0]
    m.floor_years = own_name(floored, ACTOR_YEAR, m.target)
    m.reference_usd_m = parameter(frame, ACTOR_YEAR, "reference_usd_m")
    m.floor_usd_m = parameter(floored, ACTOR_YEAR, "floor_usd_m")
    m.below_usd_m = parameter(floored, ACTOR_YEAR, "below_usd_m")
    m.above_usd_m = parameter(floored, ACTOR_YEAR, "above_usd_m")
    add_block(m, response_target, m.target)
    add_block(m, response_floor, m.floored)

    m.response_speed = parameter(speeds(index), ACTOR_YEAR, "speed_fraction")
    lagging = slow(index)
    lagging = lagging.assign(year_before=lagging["year"].map(index.problem.calendar.previous))
    m.years_before = relation(lagging, ACTOR_YEAR, ["year_before"], m.target)
    add_block(m, willingness_lag, m.target)
    add_block(m, spending_willing, m.target)


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
    speed = m.response_speed[actor, year]
    return m.willingness[actor, year] <= speed * m.target[actor, year] + sum(
        (1 - speed) * m.willingness[actor, before] for before in m.years_before[actor, year]
    )


def spending_willing(m: Any, actor: Any, year: Any) -> Any:
    """An ally spends no more than it is willing to."""
    return m.spending[actor, year] <= m.willingness[actor, year]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    responses, frame = index.problem["responses"], targets(index)
    theater_years = distinct(responses, ["theater_id"]) * len(index.years)
    present = len(counted_presence(index)) * len(index.years)
    floored = int((frame["below_usd_m"] > 0).sum())
    steep = int(((frame["below_usd_m"] > 0) & (frame["above_usd_m"] > 0)).sum())
    answering = responses.loc[responses["response_usd_m_per_point_yr"] != 0, ["actor_id"]]
    answers = len(answering.merge(frame[ACTOR_YEAR], on="actor_id"))
    return Counts(
        rows={
            "presence_total": (theater_years, theater_years + present),
            "response_target": (len(frame), len(frame) + answers + floored),
            "response_floor": (floored, floored + steep),
            "willingness_lag": (len(frame), 2 * len(frame) + len(slow(index))),
            "spending_willing": (len(frame), 2 * len(frame)),
        },
        columns={
            "presence": theater_years,
            "target": len(frame),
            "floored": floored,
            "willingness": len(frame) + len(published(index)),
        },
        integer_count=floored,
    )


FAMILY = Family(
    ROWS, add_variables, add_rows, counts, findings, tables=("responses",), add_nothing=add_nothing
)
