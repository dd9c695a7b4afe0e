"""4.5 Theater reserves: units kept for a theater serve no other, and stand in no other.

A theater takes what is kept for it first; what it takes beyond that is free, and so is all that others take::

    deployed_from_reserve[a,g,k,p,s,t]   Σ_i deployed[a,g,i,k,p,s,t] ≤ available[a,s]·reserve[a,g,k,t]
                                                                       + deployed_beyond[a,g,k,p,s,t]
    deployed_beyond_reserves[a,g,p,s,t]  Σ_{k∈K} deployed_beyond[a,g,k,p,s,t] + Σ_{i,k∉K} deployed[a,g,i,k,p,s,t]
                                         ≤ available[a,s]·(owned[a,g,t] − kept[a,g,t])
    stationed_from_reserve[a,g,k,t]      Σ_{l∈k abroad, m≠PREPOSITIONED} stationed[a,g,l,m,t]
                                         ≤ reserve[a,g,k,t] + stationed_beyond[a,g,k,t]
    stationed_beyond_reserves[a,g,t]     Σ_{k∈K} stationed_beyond[a,g,k,t]
                                         + Σ_{l∈k∉K abroad, m≠PREPOSITIONED} stationed[a,g,l,m,t]
                                         ≤ owned[a,g,t] − kept[a,g,t]
    bounds                               owned[a,g,t] ≥ kept[a,g,t]

===============================  ================================================  ================================
symbol                           meaning, unit                                     source column
===============================  ================================================  ================================
deployed_beyond[a,g,k,p,s,t]     units in theater k beyond those kept for it
stationed_beyond[a,g,k,t]        units that stand in k beyond those kept for it
K                                theaters for which a keeps units g                theater_reserves
reserve[a,g,k,t]                 units kept for k; 0 in a year in which k is       theater_reserves.reserved_count,
                                 given up: it needs nothing, or only what has an   requirements, interests
                                 interest of 0; by the lead actor, also where it
                                 may count for no part of that
kept[a,g,t]                      reserved[a,g] + Σ_{k∈K} reserve[a,g,k,t]          actor_unit_types.reserved_count
available[a,s]                   part of a's units that takes part in s            scenario_availability
l∈k abroad                       site of another actor in an area of theater k     sites, staging_areas.theater_id
===============================  ================================================  ================================

A reserve is a number and names no units: those that leave a theater may be the free ones, and others be kept for it.

The rows are as tight as can be. Let D_k be deployed to k, R_k = available·reserve[k] (0 for k∉K), and F the right
side of deployed_beyond_reserves. A plan must name, for every k, units x_k ≤ R_k of its reserve and free units y_k with
D_k = x_k + y_k and Σ_k y_k ≤ F. The fewest free units are y_k = max(0, D_k − R_k), so D can be served exactly if
Σ_k max(0, D_k − R_k) ≤ F. Each deployed_beyond may be that maximum, and none may be less: the same holds of the rows,
with no whole number and no big M. It also says that what is deployed, and what is held back for others, is not above
what is available and not reserved for home: max(0, D − R) = D − R + max(0, R − D). Written without the columns, it is
one row for each subset of K, which doubles with every theater. Stationing is alike; units in an area of no theater,
and at sites of their own, may be of any reserve.

The rows take the place of ``deployable``, which their sum implies. A later phase's row implies an earlier one's, as it
does there (see ``reach``): what is deployed to each theater does not fall, and neither does the maximum.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import FORCE, Index, once
from optimizer.formulation.frames.reach import HELD, WHEN, reach_of
from optimizer.tables.keyed import is_among, keys

ROWS = {
    "deployed_from_reserve": RowKind.PHYSICS,
    "deployed_beyond_reserves": RowKind.PHYSICS,
    "stationed_from_reserve": RowKind.PHYSICS,
    "stationed_beyond_reserves": RowKind.PHYSICS,
}

THEATER = [*FORCE, "theater_id"]
SERVED = [*THEATER, *WHEN]


def _with_own_reserve(rows: pd.DataFrame, index: Index) -> pd.DataFrame:
    """The rows with is_kept: whether units of the force are kept for the row's theater."""
    return rows.assign(is_kept=is_among(rows, THEATER, set(keys(index.theater_reserves, THEATER))))


@once
def serving(index: Index) -> pd.DataFrame:
    """The deployments of forces with reserves that free units limit: the rows of ``reach.serving``, is_kept."""
    rows = reach_of(index).serving
    return _with_own_reserve(rows[rows["has_reserves"]], index)


@once
def standing(index: Index) -> pd.DataFrame:
    """Where forces with reserves stand with others in a theater: rows of ``index.places``, theater_id, is_kept."""
    places = index.places
    is_abroad = (places["host_actor_id"] != places["actor_id"]) & (places["mode"] != "PREPOSITIONED")
    areas = index.problem["staging_areas"][["staging_area_id", "theater_id"]].dropna()
    rows = places[is_abroad].merge(areas, on="staging_area_id")
    rows = rows.merge(index.theater_reserves[FORCE].drop_duplicates(), on=FORCE)
    return _with_own_reserve(rows, index)


def add_variables(m: Any, index: Index) -> None:
    """Adds deployed_beyond and stationed_beyond."""
    deployed, stationed = serving(index), standing(index)
    m.deployed_beyond = variable(key_set(deployed[deployed["is_kept"]], SERVED), m.years)
    m.stationed_beyond = variable(key_set(stationed[stationed["is_kept"]], THEATER), m.years)


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    kept = index.kept_for_theaters.rename("for_theaters").reset_index().merge(index.forces, on=FORCE)
    kept["kept_count"] = kept["reserved_count"] + kept["for_theaters"]
    m.kept = parameter(kept, [*FORCE, "year"], "kept_count")
    m.reserve = parameter(index.theater_reserves, [*THEATER, "year"], "reserved_count")

    deployed, served = serving(index), [*FORCE, *WHEN]
    to_kept, to_others = deployed[deployed["is_kept"]], deployed[~deployed["is_kept"]]
    m.part_available = parameter(deployed, served, "available_fraction")
    m.deployed_to_kept = relation(to_kept, SERVED, ["held_column_id", *HELD[4:]])
    add_block(m, deployed_from_reserve, m.deployed_to_kept, m.years)
    m.theaters_served = relation(to_kept, served, ["theater_id"], m.part_available)
    m.deployed_to_others = relation(to_others, served, HELD[2:], m.part_available)
    add_block(m, deployed_beyond_reserves, m.part_available, m.years)

    stationed, place = standing(index), ["site_id", "mode"]
    in_kept, in_others = stationed[stationed["is_kept"]], stationed[~stationed["is_kept"]]
    m.places_in_kept = relation(in_kept, THEATER, place)
    add_block(m, stationed_from_reserve, m.places_in_kept, m.years)
    m.senders = key_set(stationed, FORCE)
    m.theaters_stood_in = relation(in_kept, FORCE, ["theater_id"], m.senders)
    m.places_in_others = relation(in_others, FORCE, place, m.senders)
    add_block(m, stationed_beyond_reserves, m.senders, m.years)


def deployed_from_reserve(
    m: Any, actor: Any, unit_type: Any, theater: Any, phase: Any, scenario: Any, year: Any
) -> Any:
    """What a theater takes beyond the units kept for it is free."""
    return (
        sum(
            m.deployed[actor, unit_type, column, theater, held_phase, held_scenario, year]
            for column, held_phase, held_scenario in m.deployed_to_kept[
                actor, unit_type, theater, phase, scenario
            ]
        )
        <= m.part_available[actor, unit_type, phase, scenario] * m.reserve[actor, unit_type, theater, year]
        + m.deployed_beyond[actor, unit_type, theater, phase, scenario, year]
    )


def deployed_beyond_reserves(m: Any, actor: Any, unit_type: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """Units kept for a theater serve no other."""
    return sum(
        m.deployed_beyond[actor, unit_type, theater, phase, scenario, year]
        for theater in m.theaters_served[actor, unit_type, phase, scenario]
    ) + sum(
        m.deployed[actor, unit_type, column, theater, held_phase, held_scenario, year]
        for column, theater, held_phase, held_scenario in m.deployed_to_others[
            actor, unit_type, phase, scenario
        ]
    ) <= m.part_available[actor, unit_type, phase, scenario] * (
        m.owned[actor, unit_type, year] - m.kept[actor, unit_type, year]
    )


def stationed_from_reserve(m: Any, actor: Any, unit_type: Any, theater: Any, year: Any) -> Any:
    """What stands with others in a theater beyond the units kept for it is free."""
    return (
        sum(
            m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.places_in_kept[actor, unit_type, theater]
        )
        <= m.reserve[actor, unit_type, theater, year] + m.stationed_beyond[actor, unit_type, theater, year]
    )


def stationed_beyond_reserves(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Units kept for a theater stand with others in no other theater."""
    return (
        sum(
            m.stationed_beyond[actor, unit_type, theater, year]
            for theater in m.theaters_stood_in[actor, unit_type]
        )
        + sum(
            m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.places_in_others[actor, unit_type]
        )
        <= m.owned[actor, unit_type, year] - m.kept[actor, unit_type, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    deployed, stationed, years = serving(index), standing(index), len(index.years)
    to_kept, in_kept = deployed[deployed["is_kept"]], stationed[stationed["is_kept"]]
    to_others, in_others = len(deployed) - len(to_kept), len(stationed) - len(in_kept)
    served, senders = distinct(deployed, [*FORCE, *WHEN]), distinct(stationed, FORCE)
    from_kept, stood_in = distinct(to_kept, SERVED), distinct(in_kept, THEATER)
    return Counts(
        rows={
            "deployed_from_reserve": (from_kept * years, (len(to_kept) + from_kept) * years),
            "deployed_beyond_reserves": (served * years, (from_kept + to_others + served) * years),
            "stationed_from_reserve": (stood_in * years, (len(in_kept) + stood_in) * years),
            "stationed_beyond_reserves": (senders * years, (stood_in + in_others + senders) * years),
        },
        columns={"deployed_beyond": from_kept * years, "stationed_beyond": stood_in * years},
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("theater_reserves",))
