"""4.5 Deployment: which units serve which theater by which phase, when a scenario comes.

No unit serves two theaters of a scenario, none before it is ready and there, none that is reserved::

    ready_part[a,g,p,t]             ready[a,g,p,t] ≤ ready_fraction[a,g,p]·owned[a,g,t]
    ready_free[a,g,p,t]             ready[a,g,p,t] ≤ owned[a,g,t] − reserved[a,g]
    pool_readiness[j,g,p,s,t]       Σ_k deployed[j,g,i,k,p,s,t] ≤ available[j,s]·Σ_{a∈j} ready[a,g,p,t]
    home_units[a,g,HOME,t]          units[a,g,HOME,t] = owned[a,g,t] − Σ_{l,m≠PREPOSITIONED} stationed[a,g,l,m,t]
    away_units[a,g,r,t]             units[a,g,r,t] = Σ_{(l,m)∈r} stationed[a,g,l,m,t]
    source_readiness[a,g,i,p,s,t]   Σ_k deployed[a,g,i,k,p,s,t] ≤ Σ_{r∈i} usable[a,g,r,p,s]·units[a,g,r,t]
    ready_at_home[a,g,HOME,p,s,t]   Σ_{i∈{HOME,sets},k} deployed[a,g,i,k,p,s,t] ≤ usable[a,g,HOME,p,s]·units[a,g,HOME,t]
    deployable[a,g,p,s,t]           Σ_{i,k} deployed[a,g,i,k,p,s,t] ≤ available[a,s]·(owned[a,g,t] − reserved[a,g])
    stays_deployed[j,g,i,k,p,s,t]   deployed[j,g,i,k,p',s,t] ≤ deployed[j,g,i,k,p,s,t]      p' the phase before p
    lift_capacity[v,p,s,t]          Σ lift_points[v,g]·deployed[j,g,i,k,p,s,t] ≤ capacity[v,p,s]

=========================  ====================================================  ==============================
symbol                     meaning, unit                                         source column
=========================  ====================================================  ==============================
deployed[j,g,i,k,p,s,t]    units of pool j from column i (sources deployed
                           together) in theater k by phase p in scenario s
ready[a,g,p,t]             units of a merged force that phase p can use
units[a,g,r,t]             units, or sets, of source r
usable[a,g,r,p,s]          ready_fraction·available·access                       readiness, scenario_availability
available[a,s]             part of a's units that takes part in s                scenario_availability
reserved[a,g]              units never deployed                                  actor_unit_types.reserved_count
lift_points, capacity      lift points a unit takes; that can be moved           lift_unit_types, lift
=========================  ====================================================  ==============================

The first three blocks are for merged pools, the next five for forces alone (see ``reach``). ``deployed`` is
continuous also for counted types. A set shortens the way of a unit that is ready at home: it adds none and makes none
ready. Of forces that keep units for theaters the rows of ``theater_reserves`` say more than ``deployable``, in its
place. Lift counts units and sets from outside the theater.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import FORCE, Index, once
from optimizer.formulation.frames.reach import DEPLOYMENT, HELD, WHEN, Reach, reach_of
from optimizer.tables.keyed import is_among, joined, keys

ROWS = {
    "ready_part": RowKind.PHYSICS,
    "ready_free": RowKind.PHYSICS,
    "pool_readiness": RowKind.PHYSICS,
    "home_units": RowKind.PHYSICS,
    "away_units": RowKind.PHYSICS,
    "source_readiness": RowKind.PHYSICS,
    "ready_at_home": RowKind.PHYSICS,
    "deployable": RowKind.PHYSICS,
    "stays_deployed": RowKind.PHYSICS,
    "lift_capacity": RowKind.PHYSICS,
}

READY = [*FORCE, "phase_id"]


@once
def ready_forces(index: Index) -> pd.DataFrame:
    """Merged forces by ready part: FORCE, phase_id, pool_id, ready_fraction.

    Phases with the same ready part share the first of them.
    """
    reach = reach_of(index)
    merged = reach.members[reach.members["is_merged"]].sort_values("order", kind="stable")
    pool = ["pool_id", "unit_type_id", "ready_fraction"]
    merged = merged.drop_duplicates(pool)[[*pool, "phase_id"]]
    members = reach.pools[reach.pools["is_merged"]].drop(columns="is_merged")
    return joined(members, merged, ["pool_id", "unit_type_id"]).sort_values(READY, ignore_index=True)


def lone_sources(reach: Reach) -> pd.DataFrame:
    """Sources of forces that are not merged, if they deploy or their units take up sets: FORCE and source_id."""
    lone, source = reach.members[~reach.members["is_merged"]], [*FORCE, "source_id"]
    homes = [(*force, "HOME") for force in keys(lone[lone["home_fraction"].notna()], FORCE)]
    found = dict.fromkeys([*keys(lone, source), *homes])
    return pd.DataFrame(list(found), columns=source, dtype="str")


def limited_pools(reach: Reach) -> pd.DataFrame:
    """The held deployments of merged pools whose phase needs a limiting row."""
    merged = reach.variables[reach.variables["is_merged"]]
    return reach.last_of_alike(merged, ["pool_id", "unit_type_id", "scenario_id"], "limit")


def pool_parts(reach: Reach) -> pd.DataFrame:
    """Whose ready units limit a pool: pool_id, unit_type_id, WHEN, actor_id, ready_phase_id."""
    pool = ["pool_id", "unit_type_id", *WHEN]
    parts = reach.members[[*pool, "ready_fraction"]].drop_duplicates()
    parts = joined(limited_pools(reach)[pool].drop_duplicates(), parts, pool)
    shared = ready_forces(reach.index).rename(columns={"phase_id": "ready_phase_id"})
    return joined(parts, shared, ["pool_id", "unit_type_id", "ready_fraction"])


def limited_columns(reach: Reach) -> pd.DataFrame:
    """The held deployments of lone forces whose column and phase need a limiting row."""
    lone = reach.variables[~reach.variables["is_merged"]]
    return reach.last_of_alike(lone, [*FORCE, "column_id", "scenario_id"], "limit")


def column_parts(reach: Reach) -> pd.DataFrame:
    """Whose units limit a column: FORCE, column_id, WHEN, source_id, usable_fraction."""
    used = [*FORCE, "column_id", *WHEN]
    members = reach.members.drop_duplicates([*used, "source_id"])
    return members[is_among(members, used, set(keys(limited_columns(reach), used)))]


def serving_freely(reach: Reach) -> pd.DataFrame:
    """The deployments that ``deployable`` limits: of forces that keep no units for theaters."""
    return reach.serving[~reach.serving["has_reserves"]]


def columns_from_home(reach: Reach) -> pd.DataFrame:
    """The deployments of sets, and of home units beside them, that the ready units at home limit in a phase.

    With source_id, that of those units.
    """
    limited = reach.limited
    from_home = limited[limited["home_fraction"].notna()].assign(source_id="HOME")
    return reach.last_of_alike(from_home, [*FORCE, "scenario_id"], "home_fraction")


def add_variables(m: Any, index: Index) -> None:
    """Adds deployed, ready and units."""
    reach = reach_of(index)
    m.deployed = variable(key_set(reach.variables, DEPLOYMENT), m.years)
    m.ready = variable(key_set(ready_forces(index), READY), m.years)
    m.units = variable(key_set(lone_sources(reach), [*FORCE, "source_id"]), m.years)


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    reach = reach_of(index)
    m.reserved = parameter(index.forces, FORCE, "reserved_count")
    _add_pool_rows(m, index, reach)
    _add_unit_rows(m, reach)
    _add_lone_rows(m, reach)
    m.phase_before = parameter(reach.stays, DEPLOYMENT, "earlier_phase_id")
    add_block(m, stays_deployed, m.phase_before, m.years)

    uses = reach.lift_uses
    lift = ["lift_pool_id", *WHEN]
    m.lifted = relation(uses, lift, HELD)
    m.lift_capacity_points = parameter(uses, lift, "capacity_points")
    m.lift_points = parameter(uses, ["lift_pool_id", "unit_type_id"], "lift_points")
    add_block(m, lift_capacity, m.lifted, m.years)


def _add_pool_rows(m: Any, index: Index, reach: Reach) -> None:
    ready = ready_forces(index)
    m.ready_fraction = parameter(ready, READY, "ready_fraction")
    add_block(m, ready_part, m.ready_fraction, m.years)
    reserving = set(keys(index.forces[index.forces["reserved_count"] > 0], FORCE))
    add_block(m, ready_free, key_set(ready[is_among(ready, FORCE, reserving)], READY), m.years)

    merged = limited_pools(reach)
    pool = ["pool_id", "unit_type_id", *WHEN]
    m.pool_targets = relation(merged, pool, ["column_id", "theater_id"])
    m.pool_available = parameter(merged, pool, "available_fraction")
    m.pool_members = relation(pool_parts(reach), pool, ["actor_id", "ready_phase_id"])
    add_block(m, pool_readiness, m.pool_targets, m.years)


def _add_unit_rows(m: Any, reach: Reach) -> None:
    sources, places = lone_sources(reach), reach.source_places
    source, place = [*FORCE, "source_id"], ["site_id", "mode"]
    is_home = sources["source_id"] == "HOME"
    m.home_sources = key_set(sources[is_home], source)
    standing = places.loc[places["mode"] != "PREPOSITIONED", [*FORCE, *place]]
    m.standing_places = relation(joined(sources[is_home], standing, FORCE), source, place, m.home_sources)
    add_block(m, home_units, m.home_sources, m.years)
    m.away_sources = key_set(sources[~is_home], source)
    m.places_of_source = relation(places, source, place, m.away_sources)
    add_block(m, away_units, m.away_sources, m.years)


def _add_lone_rows(m: Any, reach: Reach) -> None:
    used = [*FORCE, "column_id", *WHEN]
    m.column_theaters = relation(limited_columns(reach), used, ["theater_id"])
    parts = column_parts(reach)
    m.column_sources = relation(parts, used, ["source_id"])
    m.usable = parameter(parts, [*FORCE, "source_id", *WHEN], "usable_fraction")
    add_block(m, source_readiness, m.column_theaters, m.years)

    from_home = columns_from_home(reach)
    drawn = [*FORCE, "source_id", *WHEN]
    m.columns_from_home = relation(from_home, drawn, HELD[2:])
    m.usable_at_home = parameter(from_home, drawn, "home_fraction")
    add_block(m, ready_at_home, m.columns_from_home, m.years)

    serving = serving_freely(reach)
    m.serving = relation(serving, [*FORCE, *WHEN], HELD[2:])
    m.available = parameter(serving, [*FORCE, *WHEN], "available_fraction")
    add_block(m, deployable, m.serving, m.years)


def ready_part(m: Any, actor: Any, unit_type: Any, phase: Any, year: Any) -> Any:
    """Of a merged force, only the ready part can be used."""
    return (
        m.ready[actor, unit_type, phase, year]
        <= m.ready_fraction[actor, unit_type, phase] * m.owned[actor, unit_type, year]
    )


def ready_free(m: Any, actor: Any, unit_type: Any, phase: Any, year: Any) -> Any:
    """Of a merged force, reserved units cannot be used."""
    return (
        m.ready[actor, unit_type, phase, year]
        <= m.owned[actor, unit_type, year] - m.reserved[actor, unit_type]
    )


def pool_readiness(m: Any, pool: Any, unit_type: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """A pool deploys no more than its members have ready."""
    return sum(
        m.deployed[pool, unit_type, column, theater, phase, scenario, year]
        for column, theater in m.pool_targets[pool, unit_type, phase, scenario]
    ) <= m.pool_available[pool, unit_type, phase, scenario] * sum(
        m.ready[actor, unit_type, ready_phase, year]
        for actor, ready_phase in m.pool_members[pool, unit_type, phase, scenario]
    )


def home_units(m: Any, actor: Any, unit_type: Any, home: Any, year: Any) -> Any:
    """What is owned and not stationed is at home."""
    return m.units[actor, unit_type, home, year] == m.owned[actor, unit_type, year] - sum(
        m.stationed[actor, unit_type, site, mode, year]
        for site, mode in m.standing_places[actor, unit_type, home]
    )


def away_units(m: Any, actor: Any, unit_type: Any, source: Any, year: Any) -> Any:
    """Units of a source are those stationed at its sites."""
    return m.units[actor, unit_type, source, year] == sum(
        m.stationed[actor, unit_type, site, mode, year]
        for site, mode in m.places_of_source[actor, unit_type, source]
    )


def source_readiness(
    m: Any, actor: Any, unit_type: Any, column: Any, phase: Any, scenario: Any, year: Any
) -> Any:
    """Sources deploy no more than the usable part of their units."""
    return sum(
        m.deployed[actor, unit_type, column, theater, phase, scenario, year]
        for theater in m.column_theaters[actor, unit_type, column, phase, scenario]
    ) <= sum(
        m.usable[actor, unit_type, source, phase, scenario] * m.units[actor, unit_type, source, year]
        for source in m.column_sources[actor, unit_type, column, phase, scenario]
    )


def ready_at_home(m: Any, actor: Any, unit_type: Any, home: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """What takes up sets and what comes from home are together at most the ready part of the units at home."""
    return (
        sum(
            m.deployed[actor, unit_type, column, theater, held_phase, held_scenario, year]
            for column, theater, held_phase, held_scenario in m.columns_from_home[
                actor, unit_type, home, phase, scenario
            ]
        )
        <= m.usable_at_home[actor, unit_type, home, phase, scenario] * m.units[actor, unit_type, home, year]
    )


def deployable(m: Any, actor: Any, unit_type: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """A force deploys no more units than it owns and does not reserve; sets add none."""
    return sum(
        m.deployed[actor, unit_type, column, theater, held_phase, held_scenario, year]
        for column, theater, held_phase, held_scenario in m.serving[actor, unit_type, phase, scenario]
    ) <= m.available[actor, unit_type, phase, scenario] * (
        m.owned[actor, unit_type, year] - m.reserved[actor, unit_type]
    )


def stays_deployed(
    m: Any, pool: Any, unit_type: Any, column: Any, theater: Any, phase: Any, scenario: Any, year: Any
) -> Any:
    """What is deployed by one phase is there in the next."""
    return (
        m.deployed[
            pool,
            unit_type,
            column,
            theater,
            m.phase_before[pool, unit_type, column, theater, phase, scenario],
            scenario,
            year,
        ]
        <= m.deployed[pool, unit_type, column, theater, phase, scenario, year]
    )


def lift_capacity(m: Any, lift_pool: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """Units from outside a theater are moved by lift."""
    return (
        sum(
            m.lift_points[lift_pool, unit_type]
            * m.deployed[pool, unit_type, column, theater, held_phase, held_scenario, year]
            for pool, unit_type, column, theater, held_phase, held_scenario in m.lifted[
                lift_pool, phase, scenario
            ]
        )
        <= m.lift_capacity_points[lift_pool, phase, scenario]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    reach, years = reach_of(index), len(index.years)
    ready = ready_forces(index)
    reserved = index.forces[index.forces["reserved_count"] > 0][FORCE]
    held_back = len(ready.merge(reserved, on=FORCE))
    pools, columns, serving = limited_pools(reach), limited_columns(reach), serving_freely(reach)
    served = distinct(serving, [*FORCE, *WHEN])
    from_home = columns_from_home(reach)
    leaving = distinct(from_home, [*FORCE, *WHEN])
    leaving_ready = distinct(from_home[from_home["home_fraction"] > 0], [*FORCE, *WHEN])
    # A part of 0 leaves no term.
    ready_parts, usable_parts = ready["ready_fraction"] > 0, column_parts(reach)["usable_fraction"] > 0
    sources = lone_sources(reach)
    home, away = sources[sources["source_id"] == "HOME"], sources[sources["source_id"] != "HOME"]
    places, lift = reach.source_places, reach.lift_uses
    standing = places[places["mode"] != "PREPOSITIONED"].merge(home[FORCE], on=FORCE)
    there = places.merge(away, on=[*FORCE, "source_id"])
    by_year = {
        "ready_part": (len(ready), len(ready) + int(ready_parts.sum())),
        "ready_free": (held_back, 2 * held_back),
        "pool_readiness": (
            distinct(pools, ["pool_id", "unit_type_id", *WHEN]),
            len(pools) + len(pool_parts(reach)),
        ),
        "home_units": (len(home), 2 * len(home) + len(standing)),
        "away_units": (len(away), len(away) + len(there)),
        "source_readiness": (
            distinct(columns, [*FORCE, "column_id", *WHEN]),
            len(columns) + int(usable_parts.sum()),
        ),
        "ready_at_home": (leaving, len(from_home) + leaving_ready),
        "deployable": (served, len(serving) + served),
        "stays_deployed": (len(reach.stays), 2 * len(reach.stays)),
        "lift_capacity": (distinct(lift, ["lift_pool_id", *WHEN]), len(lift)),
    }
    return Counts(
        rows={block: (rows * years, nonzeros * years) for block, (rows, nonzeros) in by_year.items()},
        columns={
            "deployed": len(reach.variables) * years,
            "ready": len(ready) * years,
            "units": len(sources) * years,
        },
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts)
