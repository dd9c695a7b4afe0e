"""4.2 Stationing: which of the owned units stand away from home, and the sets put there for them.

What is owned and not stationed is at home; turns of duty and sets tie up other numbers than one::

    rotation_base[a,g,t]    Σ_{l,m} rotation_ratio[g,m]·stationed[a,g,l,m,t] ≤ owned[a,g,t]
    reserved_at_home[a,g,t]  Σ_{l abroad, m≠PREPOSITIONED} stationed[a,g,l,m,t] ≤ owned[a,g,t] − reserved[a,g]
    sets_available[a,g,t]   Σ_l stationed[a,g,l,PREPOSITIONED,t] ≤ sets_owned[a,g,t]
    sets_with_units[a,g,r,t]  Σ_{l∈r} stationed[a,g,l,PREPOSITIONED,t] ≤ owned[a,g,t] + idle_today[a,g,r]
    sets_balance[a,g,t]     sets_owned[a,g,t] ≤ sets_owned[a,g,t-1] + Σ_{o: o+lead∈t} sets_bought[a,g,o]
    sets_salvage_kept[a,g,n]  Σ_o sets_salvaged[a,g,o] ≤ sets_owned[a,g,n]
    sets_salvage_added      sets_salvaged[a,g,o] ≤ sets_bought[a,g,o]
    people_present[a,l,t]   people[a,l,t] = Σ_{g,m} personnel[g,m]·stationed[a,g,l,m,t]
    facility_capacity[l,f,t]  Σ_{a,g,m: facility[g]=f, m≠PREPOSITIONED} stationed[a,g,l,m,t] ≤ capacity[l,f]

========================  ================================================  ===================================
symbol                    meaning, unit                                     source column
========================  ================================================  ===================================
stationed[a,g,l,m,t]      units or sets at site l in mode m, t = 0 fixed    stationed_today.stationed_count
sets_owned[a,g,t]         sets of equipment, t = 0 fixed                    owned_today.sets_owned_count
sets_bought[a,g,o]        sets ordered in period o that arrive by year n    actor_unit_types.set_lead_time_yr
idle_today[a,g,r]         sets in staging area r today beyond the units     stationed_today.stationed_count,
                          owned                                             owned_today.owned_count
people[a,l,t]             people of modeled units at site l, t = 0 fixed
reserved[a,g]             units kept for home                               actor_unit_types.reserved_count
rotation_ratio[g,m]       units owned behind each one stationed             unit_type_modes.rotation_ratio
personnel[g,m]            people present for each one stationed             unit_type_modes.personnel_persons
facility[g]               what a unit needs of a site; may be none          unit_types.facility_id
capacity[l,f]             units that a facility can hold                    site_facilities.capacity_count
========================  ================================================  ===================================

``stationed`` of counted types is whole. The price of rotation_base is the yearly rent of a unit. Sets may be
given up; they then have no salvage value. A site is abroad whose host is another actor; units that wait their turn
behind a rotation may be reserved ones. A unit takes up one set of an area, so sets beyond the units owned would
stand there for nothing but what a host may be billed for the people who keep them.

``stationed`` exists only where a site has the unit's facility. A set needs none: it is stored, and neither flies nor
berths there; its caretakers need room, as other people do.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, bounded_variable, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts, distinct, salvage_rows
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import ACCESS, FORCE, PLACE, Index, with_periods
from optimizer.tables.by_year import with_years
from optimizer.tables.keyed import is_among, joined, keys, looked_up, values

SETS = [*FORCE, "staging_area_id"]
"""Columns that name the sets of an owner's kind of unit in one staging area."""

ROWS = {
    "rotation_base": RowKind.PHYSICS,
    "reserved_at_home": RowKind.PHYSICS,
    "sets_available": RowKind.PHYSICS,
    "sets_with_units": RowKind.PHYSICS,
    "sets_balance": RowKind.PHYSICS,
    "sets_salvage_kept": RowKind.PHYSICS,
    "sets_salvage_added": RowKind.PHYSICS,
    "people_present": RowKind.PHYSICS,
    "facility_capacity": RowKind.PHYSICS,
}


def add_variables(m: Any, index: Index) -> None:
    """Adds stationed, the sets, and the people present."""
    places, key = index.places, [*FORCE, "year"]
    stationed = with_periods(index, places, "stationed_count")
    m.stationed = bounded_variable(stationed, [*PLACE, "year"], whole="is_counted")
    sets_owned = with_periods(index, index.set_forces, "sets_owned_count")
    m.sets_owned = bounded_variable(sets_owned, key)
    m.sets_bought = variable(key_set(index.set_orders, key))
    m.sets_salvaged = variable(key_set(salvageable_sets(index), key))
    present = places.assign(people=places["stationed_count"] * places["personnel_persons"])
    present = present.groupby(ACCESS, sort=False)["people"].sum().reset_index()
    m.people = bounded_variable(with_periods(index, present, "people"), [*ACCESS, "year"])


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    places, place = index.places, ["site_id", "mode"]
    in_mode = ["unit_type_id", "mode"]
    m.rotation_ratio = parameter(places, in_mode, "rotation_ratio")
    m.mode_personnel = parameter(places, in_mode, "personnel_persons")

    m.places_of = relation(places[places["rotation_ratio"] > 0], FORCE, place)
    add_block(m, rotation_base, m.places_of, m.years)
    m.places_abroad = relation(places_abroad(index), FORCE, place)
    m.kept_for_home = parameter(index.forces, FORCE, "reserved_count")
    add_block(m, reserved_at_home, m.places_abroad, m.years)

    set_places = places[places["mode"] == "PREPOSITIONED"]
    m.places_of_sets = relation(set_places, FORCE, place)
    add_block(m, sets_available, m.places_of_sets, m.years)
    m.places_of_area_sets = relation(set_places, SETS, place)
    m.sets_idle_today = parameter(idle_sets(index), SETS, "idle_count")
    add_block(m, sets_with_units, m.places_of_area_sets, m.years)

    set_years = key_set(with_years(index.set_forces, index.years), [*FORCE, "year"])
    m.set_orders_arriving = relation(index.set_orders, [*FORCE, "arrival_year"], ["year"], set_years)
    add_block(m, sets_balance, m.set_orders_arriving)
    m.salvaged_set_orders = relation(salvageable_sets(index), FORCE, ["year"])
    add_block(m, sets_salvage_kept, m.salvaged_set_orders, m.end)
    add_block(m, sets_salvage_added, m.sets_salvaged)

    m.units_at = relation(places, ACCESS, in_mode)
    add_block(m, people_present, m.units_at, m.years)

    filling = filling_places(index)
    m.filling_places = relation(filling, ["site_id", "facility_id"], [*FORCE, "mode"])
    m.facility_units = parameter(filling, ["site_id", "facility_id"], "capacity_count")
    add_block(m, facility_capacity, m.filling_places, m.years)


def salvageable_sets(index: Index) -> pd.DataFrame:
    """The rows of ``index.set_orders`` whose sets have a value at the end."""
    return index.set_orders[index.set_orders["salvage_usd_m_per_unit"] > 0]


def places_abroad(index: Index) -> pd.DataFrame:
    """The rows of ``index.places`` where units of a force that reserves some stand in another actor's site."""
    places = index.places
    reserving = set(keys(index.forces[index.forces["reserved_count"] > 0], FORCE))
    is_abroad = (places["host_actor_id"] != places["actor_id"]) & (places["mode"] != "PREPOSITIONED")
    return places[is_abroad & is_among(places, FORCE, reserving)]


def filling_places(index: Index) -> pd.DataFrame:
    """The rows of ``index.places`` that fill a facility with a limit, with its capacity_count."""
    limited = index.problem["site_facilities"].dropna(subset=["capacity_count"])
    return joined(index.places, limited, ["site_id", "facility_id"])


def idle_sets(index: Index) -> pd.DataFrame:
    """Sets that stand in an area today beyond the units that their owner has: SETS and idle_count, by SETS."""
    places = index.places
    sets = places[places["mode"] == "PREPOSITIONED"].groupby(SETS)["stationed_count"].sum().reset_index()
    owned = looked_up(sets, FORCE, values(index.forces, FORCE, "owned_count"), 0.0)
    sets["idle_count"] = (sets["stationed_count"] - owned).clip(lower=0.0)
    return sets[[*SETS, "idle_count"]]


def rotation_base(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Units stationed, with those that stand behind them, are owned."""
    return (
        sum(
            m.rotation_ratio[unit_type, mode] * m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.places_of[actor, unit_type]
        )
        <= m.owned[actor, unit_type, year]
    )


def reserved_at_home(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Units stationed with other actors are not reserved."""
    return (
        sum(
            m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.places_abroad[actor, unit_type]
        )
        <= m.owned[actor, unit_type, year] - m.kept_for_home[actor, unit_type]
    )


def sets_available(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Sets put at sites are owned."""
    return (
        sum(
            m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.places_of_sets[actor, unit_type]
        )
        <= m.sets_owned[actor, unit_type, year]
    )


def sets_with_units(m: Any, actor: Any, unit_type: Any, area: Any, year: Any) -> Any:
    """An area has no more sets than their owner has units to take them up, but for those idle there today."""
    return (
        sum(
            m.stationed[actor, unit_type, site, mode, year]
            for site, mode in m.places_of_area_sets[actor, unit_type, area]
        )
        <= m.owned[actor, unit_type, year] + m.sets_idle_today[actor, unit_type, area]
    )


def sets_balance(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Sets owned are at most last year's and those that arrive."""
    return m.sets_owned[actor, unit_type, year] <= m.sets_owned[actor, unit_type, m.previous[year]] + sum(
        m.sets_bought[actor, unit_type, order] for order in m.set_orders_arriving[actor, unit_type, year]
    )


def sets_salvage_kept(m: Any, actor: Any, unit_type: Any, end: Any) -> Any:
    """Only sets still owned at the end have a salvage value."""
    return (
        sum(m.sets_salvaged[actor, unit_type, order] for order in m.salvaged_set_orders[actor, unit_type])
        <= m.sets_owned[actor, unit_type, end]
    )


def sets_salvage_added(m: Any, actor: Any, unit_type: Any, order: Any) -> Any:
    """Only sets bought inside the horizon have a salvage value."""
    return m.sets_salvaged[actor, unit_type, order] <= m.sets_bought[actor, unit_type, order]


def people_present(m: Any, actor: Any, site: Any, year: Any) -> Any:
    """People at a site are those of the units and sets stationed there."""
    return m.people[actor, site, year] == sum(
        m.mode_personnel[unit_type, mode] * m.stationed[actor, unit_type, site, mode, year]
        for unit_type, mode in m.units_at[actor, site]
    )


def facility_capacity(m: Any, site: Any, facility: Any, year: Any) -> Any:
    """Units that need a facility of a site find place in it."""
    return (
        sum(
            m.stationed[actor, unit_type, site, mode, year]
            for actor, unit_type, mode in m.filling_places[site, facility]
        )
        <= m.facility_units[site, facility]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    places, years, periods = index.places, len(index.years), len(index.periods)
    rotating = places[places["rotation_ratio"] > 0]
    sets, abroad = places[places["mode"] == "PREPOSITIONED"], places_abroad(index)
    senders = distinct(abroad, FORCE)
    forces, owners, areas = distinct(rotating, FORCE), distinct(sets, FORCE), distinct(sets, SETS)
    sites, peopled = distinct(places, ACCESS), int((places["personnel_persons"] > 0).sum())
    set_years, set_orders = len(index.set_forces) * years, index.set_orders
    filling = filling_places(index)
    facilities = distinct(filling, ["site_id", "facility_id"])
    return Counts(
        rows={
            "rotation_base": (forces * years, (len(rotating) + forces) * years),
            "reserved_at_home": (senders * years, (len(abroad) + senders) * years),
            "sets_available": (owners * years, (len(sets) + owners) * years),
            "sets_with_units": (areas * years, (len(sets) + areas) * years),
            "sets_balance": (set_years, 2 * set_years + len(set_orders)),
            **salvage_rows("sets_salvage", set_orders, FORCE, "salvage_usd_m_per_unit"),
            "people_present": (sites * years, (peopled + sites) * years),
            "facility_capacity": (facilities * years, len(filling) * years),
        },
        columns={
            "stationed": len(places) * periods,
            "sets_owned": len(index.set_forces) * periods,
            "sets_bought": len(set_orders),
            "sets_salvaged": len(salvageable_sets(index)),
            "people": sites * periods,
        },
        integer_count=int(places["is_counted"].sum()) * periods,
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts)
