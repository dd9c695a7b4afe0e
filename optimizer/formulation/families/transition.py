"""4.12 Transition: allies take over before the lead actor leaves, and no actor moves more than it may in a year.

What stands in a theater counts in points; the allies' part counts in the period after it is there::

    handover[k,c,t]      lead[k,c,t] + allies[k,c,t-1] ≥ lead[k,c,0] + allies[k,c,0]
    arrivals[a,g,l,m,t]  moved_in[a,g,l,m,t] ≥ stationed[a,g,l,m,t] − stationed[a,g,l,m,t-1]
    moves_in[a,g,h,t]    moves[a,g,h,t] ≥ Σ_{l,m∈h} moved_in[a,g,l,m,t]
    moves_out[a,g,h,t]   moves[a,g,h,t] ≥ Σ_{l,m∈h} ( moved_in[a,g,l,m,t] − stationed[a,g,l,m,t]
                                                      + stationed[a,g,l,m,t-1] )
    stability[a,t]       Σ_{g,h} moves[a,g,h,t] ≤ most_moves[a,t]·span[t]

=========================  ===================================================  =====================================
symbol                     meaning, unit                                        source column
=========================  ===================================================  =====================================
lead, allies[k,c,t]        points of units standing in sites of theater k, of   staging_areas.theater_id
                           allies also at home in it; linear in stationed and
                           owned, t = 0 fixed
points of a unit           quality·points[g,c]·theater_factor[g,k]; a set has   actors, unit_capabilities,
                           none                                                 unit_type_theaters
moved_in[a,g,l,m,t]        units or sets that come to l in mode m
moves[a,g,h,t]             units (h = UNITS) or sets (h = SETS) that move
most_moves[a,t]            units and sets a year                                stability_limits.maximum_moves_count
span[t]                    years for which the period t stands                  periods
=========================  ===================================================  =====================================

The first row is the sum over the periods up to t of "what the lead actor withdraws is at most what allies gained by
the period before and have not yet been credited for", where additions of period 0 count as none; what is left over is
carried, and is the slack of the row. It is written where the lead actor has points today. A unit that goes from one
site to another, from home to a site or home is one move, so a kind of unit makes as many as come or as go, whichever
is more. Moves exist where they are limited or priced.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, key_set, no_keys, parameter, relation, variable
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import FORCE, PLACE, Index, once
from optimizer.tables.by_year import carried_forward, filled_forward

ROWS = {
    "handover": RowKind.POLICY,
    "arrivals": RowKind.PHYSICS,
    "moves_in": RowKind.PHYSICS,
    "moves_out": RowKind.PHYSICS,
    "stability": RowKind.POLICY,
}

HANDOVER = ["theater_id", "capability_id"]
MOVED = [*FORCE, "held_as"]


@once
def unit_points(index: Index) -> pd.DataFrame:
    """What a unit counts under hand-over rules: FORCE, HANDOVER, home_theater_id and points, above 0."""
    p = index.problem
    homes = p["staging_areas"][["staging_area_id", "theater_id"]].set_axis(
        ["home_staging_area_id", "home_theater_id"], axis="columns"
    )
    forces = index.forces[[*FORCE, "quality_factor", "home_staging_area_id"]]
    frame = forces.merge(homes, on="home_staging_area_id", how="left")
    frame = frame.merge(p["unit_capabilities"], on="unit_type_id").merge(p["handovers"], on="capability_id")
    frame = frame.merge(p["unit_type_theaters"], on=["unit_type_id", "theater_id"], how="left")
    factor = frame["theater_factor"].fillna(1.0)
    frame["points"] = frame["quality_factor"] * frame["capability_points"] * factor
    return frame.loc[frame["points"] > 0, [*FORCE, *HANDOVER, "home_theater_id", "points"]]


def standing_points(index: Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The parts of what stands in a theater: by owned unit of an ally, and by stationed unit of anybody.

    Returns:
        FORCE, HANDOVER and points of allied forces whose home lies in the theater; PLACE, HANDOVER and points, less
        those that the unit had at home, where the two differ, with stationed_count of today.
    """
    points = unit_points(index)
    at_home = (points["home_theater_id"] == points["theater_id"]) & (points["actor_id"] != index.lead)
    owned = points[at_home].drop(columns="home_theater_id")
    areas = index.problem["staging_areas"].set_index("staging_area_id")["theater_id"]
    places = index.places[index.places["mode"] != "PREPOSITIONED"]
    places = places.assign(stands_in=places["staging_area_id"].map(areas))
    stationed = places.merge(points.assign(at_home=at_home.astype(int)), on=FORCE)
    here = (stationed["stands_in"] == stationed["theater_id"]).astype(int)
    stationed["points"] *= here - stationed["at_home"]
    columns = [*PLACE, *HANDOVER, "points", "stationed_count"]
    return owned, stationed.loc[stationed["points"] != 0, columns].reset_index(drop=True)


def points_today(index: Index) -> pd.DataFrame:
    """Hand-over rules under which the lead actor has points today: HANDOVER and points, those of all."""
    owned, stationed = standing_points(index)
    owned = owned.merge(index.forces[[*FORCE, "owned_count"]], on=FORCE)
    parts = pd.concat(
        [
            owned.assign(total=owned["points"] * owned["owned_count"]),
            stationed.assign(total=stationed["points"] * stationed["stationed_count"]),
        ]
    )
    is_lead = parts["actor_id"] == index.lead
    totals = parts.assign(lead=parts["total"].where(is_lead, 0.0)).groupby(HANDOVER)[["total", "lead"]].sum()
    totals = totals[totals["lead"] > 0].reset_index()
    return totals[[*HANDOVER, "total"]].rename(columns={"total": "points"})


def stability_years(index: Index) -> pd.DataFrame:
    """Limits and prices in force: actor_id, year, maximum_moves_count, move_price_usd_m_per_unit.

    The limit is that of all years for which the period stands.
    """
    given = filled_forward(index.problem["stability_limits"], ["actor_id"])
    frame = carried_forward(given, ["actor_id"], index.years)
    frame["maximum_moves_count"] *= index.spans(frame)
    frame["move_price_usd_m_per_unit"] = frame["move_price_usd_m_per_unit"].fillna(0.0)
    frame = frame[frame["maximum_moves_count"].notna() | (frame["move_price_usd_m_per_unit"] > 0)]
    return frame[frame["actor_id"].isin(index.places["actor_id"])].reset_index(drop=True)


def moving_places(index: Index) -> pd.DataFrame:
    """Places whose units or sets count as moves: PLACE, held_as (UNITS or SETS), year and the limit's columns."""
    places = index.places[PLACE].copy()
    places["held_as"] = places["mode"].map({"PREPOSITIONED": "SETS"}).fillna("UNITS")
    return places.merge(stability_years(index), on="actor_id")


def add_variables(m: Any, index: Index) -> None:
    """Adds moved_in and moves."""
    places = moving_places(index)
    m.moved_in = variable(key_set(places, [*PLACE, "year"]))
    m.moves = variable(key_set(places, [*MOVED, "year"]))


def add_nothing(m: Any, index: Index) -> None:
    """Adds no moved_in and no moves."""
    m.moved_in = variable(no_keys([*PLACE, "year"]))
    m.moves = variable(no_keys([*MOVED, "year"]))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    owned, stationed = standing_points(index)
    m.standing_today = parameter(points_today(index), HANDOVER, "points")
    is_lead = stationed["actor_id"] == index.lead
    m.lead_standing, m.lead_standing_points = _standing(m, stationed[is_lead], PLACE)
    m.allies_standing, m.allies_standing_points = _standing(m, stationed[~is_lead], PLACE)
    m.allies_at_home, m.allies_at_home_points = _standing(m, owned, FORCE)
    add_block(m, handover, m.standing_today, m.years)

    places = moving_places(index)
    m.moving_places = relation(places, MOVED, ["site_id", "mode"])
    add_block(m, arrivals, m.moved_in)
    add_block(m, moves_in, m.moves)
    add_block(m, moves_out, m.moves)
    limits = stability_years(index)
    limits = limits[limits["maximum_moves_count"].notna()]
    m.most_moves = parameter(limits, ["actor_id", "year"], "maximum_moves_count")
    m.kinds_moved = relation(places, ["actor_id"], MOVED[1:])
    add_block(m, stability, m.most_moves)


def _standing(m: Any, points: pd.DataFrame, members: list[str]) -> tuple[Any, Any]:
    """What counts under each hand-over rule, and its points."""
    standing = relation(points, HANDOVER, members, m.standing_today)
    return standing, parameter(points, [*HANDOVER, *members], "points")


def handover(m: Any, theater: Any, capability: Any, year: Any) -> Any:
    """What stands there, the allies' part as of the period before, is no less than today."""
    return (
        sum(
            m.lead_standing_points[theater, capability, a, g, site, mode]
            * m.stationed[a, g, site, mode, year]
            for a, g, site, mode in m.lead_standing[theater, capability]
        )
        + sum(
            m.allies_standing_points[theater, capability, a, g, site, mode]
            * m.stationed[a, g, site, mode, m.previous[year]]
            for a, g, site, mode in m.allies_standing[theater, capability]
        )
        + sum(
            m.allies_at_home_points[theater, capability, a, g] * m.owned[a, g, m.previous[year]]
            for a, g in m.allies_at_home[theater, capability]
        )
        >= m.standing_today[theater, capability]
    )


def arrivals(m: Any, actor: Any, unit_type: Any, site: Any, mode: Any, year: Any) -> Any:
    """What is more than last year has come."""
    return (
        m.moved_in[actor, unit_type, site, mode, year]
        >= m.stationed[actor, unit_type, site, mode, year]
        - m.stationed[actor, unit_type, site, mode, m.previous[year]]
    )


def moves_in(m: Any, actor: Any, unit_type: Any, held_as: Any, year: Any) -> Any:
    """A kind of unit makes at least as many moves as come."""
    return m.moves[actor, unit_type, held_as, year] >= sum(
        m.moved_in[actor, unit_type, site, mode, year]
        for site, mode in m.moving_places[actor, unit_type, held_as]
    )


def moves_out(m: Any, actor: Any, unit_type: Any, held_as: Any, year: Any) -> Any:
    """A kind of unit makes at least as many moves as go."""
    return m.moves[actor, unit_type, held_as, year] >= sum(
        m.moved_in[actor, unit_type, site, mode, year]
        - m.stationed[actor, unit_type, site, mode, year]
        + m.stationed[actor, unit_type, site, mode, m.previous[year]]
        for site, mode in m.moving_places[actor, unit_type, held_as]
    )


def stability(m: Any, actor: Any, year: Any) -> Any:
    """An actor moves no more units and sets in a period than the limit of its years."""
    return (
        sum(m.moves[actor, unit_type, held_as, year] for unit_type, held_as in m.kinds_moved[actor])
        <= m.most_moves[actor, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    rules, years = points_today(index)[HANDOVER], len(index.years)
    terms = sum(len(part.merge(rules, on=HANDOVER)) for part in standing_points(index))
    places = moving_places(index)
    moves = distinct(places, [*MOVED, "year"])
    limited = places[places["maximum_moves_count"].notna()]
    return Counts(
        rows={
            "handover": (len(rules) * years, terms * years),
            "arrivals": (len(places), 3 * len(places)),
            "moves_in": (moves, moves + len(places)),
            "moves_out": (moves, moves + 3 * len(places)),
            "stability": (distinct(limited, ["actor_id", "year"]), distinct(limited, [*MOVED, "year"])),
        },
        columns={"moved_in": len(places), "moves": moves},
    )


FAMILY = Family(
    ROWS, add_variables, add_rows, counts, tables=("handovers", "stability_limits"), add_nothing=add_nothing
)
