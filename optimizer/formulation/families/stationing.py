"""4.2 Stationing: which of the owned units stand away from home, and the sets put there for them.

What is owned and not stationed is at home; turns of duty and sets tie up other numbers than one::

    rotation_base[a,g,t]    Σ_{l,m} rotation_ratio[g,m]·stationed[a,g,l,m,t] ≤ owned[a,g,t]
    reserved_at_home[a,g,t]  Σ_{l abroad, m≠PREPOSITIONED} stationed[a,g,l,m,t] ≤ owned[a,g,t] − reserved[a,g]
    sets_available[a,g,t]   Σ_l stationed[a,g,l,PREPOSITIONED,t] ≤ sets_owned[a,g,t]
    sets_with_units[a,g,r,t]  Σ_{l∈r} stationed[a,g,l,PREPOSITIONED,t] ≤ owned[a,g,t] + idle_today[a,g,r]
    sets_balance[a,g,t]     sets_owned[a,g,t] ≤ sets_owned[a,g,t-1] + Σ_{o: o+lead=t} sets_bought[a,g,o]
    sets_salvage_kept[a,g,n]  Σ_o sets_salvaged[a,g,o] ≤ sets_owned[a,g,n]
    sets_salvage_added      sets_salvaged[a,g,o] ≤ sets_bought[a,g,o]
    people_present[a,l,t]   people[a,l,t] = Σ_{g,m} personnel[g,m]·stationed[a,g,l,m,t]

========================  ================================================  ===================================
symbol                    meaning, unit                                     source column
========================  ================================================  ===================================
stationed[a,g,l,m,t]      units or sets at site l in mode m, t = 0 fixed    stationed_today.stationed_count
sets_owned[a,g,t]         sets of equipment, t = 0 fixed                    owned_today.sets_owned_count
sets_bought[a,g,o]        sets ordered in year o that arrive by year n      actor_unit_types.set_lead_time_yr
idle_today[a,g,r]         sets in staging area r today beyond the units     stationed_today.stationed_count,
                          owned                                             owned_today.owned_count
people[a,l,t]             people of modeled units at site l, t = 0 fixed
reserved[a,g]             units kept for home                               actor_unit_types.reserved_count
rotation_ratio[g,m]       units owned behind each one stationed             unit_type_modes.rotation_ratio
personnel[g,m]            people present for each one stationed             unit_type_modes.personnel_persons
========================  ================================================  ===================================

``stationed`` of counted types is whole. The price of rotation_base is the yearly rent of a unit. Sets may be
given up; they then have no salvage value. A site is abroad whose host is another actor; units that wait their turn
behind a rotation may be reserved ones. A unit takes up one set of an area, so sets beyond the units owned would
stand there for nothing but what a host may be billed for the people who keep them.
"""

from typing import Any

import pandas as pd
import pyomo.environ as pyo

from optimizer.formulation.blocks import RowKind, add_block, parameter
from optimizer.formulation.counts import Counts, distinct, salvage_rows
from optimizer.formulation.family import Family
from optimizer.formulation.frames.index import ACCESS, FORCE, PLACE, Index, with_years
from optimizer.formulation.frames.pyomo_sets import keys, relation, values

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
}


def add_variables(m: Any, index: Index) -> None:
    """Adds stationed, the sets, and the people present."""
    places = index.places
    counted = values(places, PLACE, "is_counted")
    today = values(places, PLACE, "stationed_count")
    m.stationed = pyo.Var(
        keys(with_years(places, index.periods), [*PLACE, "year"]),
        domain=lambda m, *key: pyo.NonNegativeIntegers if counted[key[:-1]] else pyo.NonNegativeReals,
        bounds=lambda m, *key: (today[key[:-1]],) * 2 if key[-1] == index.today else (0, None),
    )
    sets_today = values(index.set_forces, FORCE, "sets_owned_count")
    m.sets_owned = pyo.Var(
        keys(with_years(index.set_forces, index.periods), [*FORCE, "year"]),
        bounds=lambda m, a, g, t: (sets_today[a, g],) * 2 if t == index.today else (0, None),
    )
    m.sets_bought = pyo.Var(keys(index.set_orders, [*FORCE, "year"]), domain=pyo.NonNegativeReals)
    salvageable = index.set_orders[index.set_orders["salvage_usd_m_per_unit"] > 0]
    m.sets_salvaged = pyo.Var(keys(salvageable, [*FORCE, "year"]), domain=pyo.NonNegativeReals)
    present = places.assign(people=places["stationed_count"] * places["personnel_persons"])
    people_today = present.groupby(ACCESS)["people"].sum().to_dict()
    m.people = pyo.Var(
        keys(with_years(places[ACCESS].drop_duplicates(), index.periods), [*ACCESS, "year"]),
        bounds=lambda m, a, site, t: (people_today[a, site],) * 2 if t == index.today else (0, None),
    )


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    places = index.places
    m.place_modes = pyo.Set(initialize=sorted(set(keys(places, ["unit_type_id", "mode"]))), dimen=2)
    mode_keys = ["unit_type_id", "mode"]
    m.rotation_ratio = pyo.Param(m.place_modes, initialize=values(places, mode_keys, "rotation_ratio"))
    m.mode_personnel = pyo.Param(m.place_modes, initialize=values(places, mode_keys, "personnel_persons"))

    rotating = relation(places[places["rotation_ratio"] > 0], FORCE, ["site_id", "mode"])
    m.stationable_forces = pyo.Set(initialize=list(rotating), dimen=2)
    m.places_of = pyo.Set(m.stationable_forces, initialize=rotating, dimen=2)
    add_block(m, rotation_base, m.stationable_forces, m.years)

    abroad = relation(places_abroad(index), FORCE, ["site_id", "mode"])
    m.reserving_forces = pyo.Set(initialize=list(abroad), dimen=2)
    m.places_abroad = pyo.Set(m.reserving_forces, initialize=abroad, dimen=2)
    m.kept_for_home = parameter(values(index.forces, FORCE, "reserved_count"), 2)
    add_block(m, reserved_at_home, m.reserving_forces, m.years)

    set_places = places[places["mode"] == "PREPOSITIONED"]
    places_of_sets = relation(set_places, FORCE, ["site_id", "mode"])
    m.prepositioning_forces = pyo.Set(initialize=list(places_of_sets), dimen=2)
    m.places_of_sets = pyo.Set(m.prepositioning_forces, initialize=places_of_sets, dimen=2)
    add_block(m, sets_available, m.prepositioning_forces, m.years)
    areas_of_sets = relation(set_places, SETS, ["site_id", "mode"])
    m.set_areas = pyo.Set(initialize=list(areas_of_sets), dimen=3)
    m.places_of_area_sets = pyo.Set(m.set_areas, initialize=areas_of_sets, dimen=2)
    m.sets_idle_today = pyo.Param(m.set_areas, initialize=values(idle_sets(index), SETS, "idle_count"))
    add_block(m, sets_with_units, m.set_areas, m.years)

    set_years = keys(with_years(index.set_forces, index.years), [*FORCE, "year"])
    m.set_years = pyo.Set(initialize=set_years, dimen=3)
    m.set_orders_arriving = pyo.Set(
        m.set_years, initialize=relation(index.set_orders, [*FORCE, "arrival_year"], ["year"], set_years)
    )
    add_block(m, sets_balance, m.set_years)
    salvageable = index.set_orders[index.set_orders["salvage_usd_m_per_unit"] > 0]
    salvaged_orders = relation(salvageable, FORCE, ["year"])
    m.salvaged_set_forces = pyo.Set(initialize=list(salvaged_orders), dimen=2)
    m.salvaged_set_orders = pyo.Set(m.salvaged_set_forces, initialize=salvaged_orders)
    add_block(m, sets_salvage_kept, m.salvaged_set_forces, m.end)
    add_block(m, sets_salvage_added, m.sets_salvaged.index_set())

    units_at = relation(places, ACCESS, mode_keys)
    m.used_sites = pyo.Set(initialize=list(units_at), dimen=2)
    m.units_at = pyo.Set(m.used_sites, initialize=units_at, dimen=2)
    add_block(m, people_present, m.used_sites, m.years)


def places_abroad(index: Index) -> pd.DataFrame:
    """The rows of ``index.places`` where units of a force that reserves some stand in another actor's site."""
    places = index.places.merge(index.forces[[*FORCE, "reserved_count"]], on=FORCE)
    is_abroad = (places["host_actor_id"] != places["actor_id"]) & (places["mode"] != "PREPOSITIONED")
    return places[is_abroad & (places["reserved_count"] > 0)]


def idle_sets(index: Index) -> pd.DataFrame:
    """Sets that stand in an area today beyond the units that their owner has: SETS and idle_count, by SETS."""
    places = index.places
    sets = places[places["mode"] == "PREPOSITIONED"].groupby(SETS)["stationed_count"].sum().reset_index()
    sets = sets.merge(index.forces[[*FORCE, "owned_count"]], on=FORCE)
    sets["idle_count"] = (sets["stationed_count"] - sets["owned_count"]).clip(lower=0.0)
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


def counts(index: Index) -> Counts:
    """Counts of the family."""
    places, years, periods = index.places, len(index.years), len(index.periods)
    rotating = places[places["rotation_ratio"] > 0]
    sets, abroad = places[places["mode"] == "PREPOSITIONED"], places_abroad(index)
    senders = distinct(abroad, FORCE)
    forces, owners, areas = distinct(rotating, FORCE), distinct(sets, FORCE), distinct(sets, SETS)
    sites, peopled = distinct(places, ACCESS), int((places["personnel_persons"] > 0).sum())
    set_years, set_orders = len(index.set_forces) * years, index.set_orders
    return Counts(
        rows={
            "rotation_base": (forces * years, (len(rotating) + forces) * years),
            "reserved_at_home": (senders * years, (len(abroad) + senders) * years),
            "sets_available": (owners * years, (len(sets) + owners) * years),
            "sets_with_units": (areas * years, (len(sets) + areas) * years),
            "sets_balance": (set_years, 2 * set_years + len(set_orders)),
            **salvage_rows("sets_salvage", set_orders, FORCE, "salvage_usd_m_per_unit"),
            "people_present": (sites * years, (peopled + sites) * years),
        },
        columns={
            "stationed": len(places) * periods,
            "sets_owned": len(index.set_forces) * periods,
            "sets_bought": len(set_orders),
            "sets_salvaged": int((set_orders["salvage_usd_m_per_unit"] > 0).sum()),
            "people": sites * periods,
        },
        integer_count=int(places["is_counted"].sum()) * periods,
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts)
