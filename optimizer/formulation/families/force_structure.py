"""4.1 Force structure: what each actor owns, raises, disbands and converts.

Units are owned from period to period; orders arrive after their lead time, what is disbanded is gone, and what is
converted goes on as another kind::

    force_balance[a,g,t]    owned[a,g,t] = owned[a,g,t-1] + arriving[a,g,t]
                                           + Σ_{o: o+lead∈t} raised[a,g,o] − disbanded[a,g,t]
                                           + Σ_{f,o: o+lead∈t} converted[a,f,g,o]
                                           − Σ_{h,o: o+lead∈t} converted[a,g,h,o]
    salvage_kept[a,g,n]     Σ_o salvaged[a,g,o] + Σ_{f,o} salvaged_converted[a,f,g,o] ≤ owned[a,g,n]
    salvage_added[a,g,o]    salvaged[a,g,o] ≤ raised[a,g,o]
    salvage_converted[a,f,g,o]
                            salvaged_converted[a,f,g,o] ≤ converted[a,f,g,o]
    bounds                  reserved[a,g] ≤ owned[a,g,t] ≤ most[a,g,t]
                            raised, disbanded, converted ≤ their yearly limits·span[t]

======================  ==================================================  =============================
symbol                  meaning, unit                                       source column
======================  ==================================================  =============================
owned[a,g,t]            units in t, t = 0 fixed                             owned_today.owned_count
raised[a,g,o]           units ordered in period o that arrive by year n     actor_unit_types.lead_time_yr
disbanded[a,g,t]        units disbanded in t
converted[a,f,g,o]      units of kind f ordered in year o to become g;      conversions.lead_time_yr
                        they arrive by year n
salvaged[a,g,o]         units of order o that still have value at the end   actor_unit_types.life_yr
salvaged_converted      the same of conversions                             conversions.life_yr
arriving[a,g,t]         units ordered before year 1                         on_order.arriving_count
reserved[a,g]           units never deployed                                actor_unit_types.reserved_count
span[t]                 years for which the period t stands                 periods
======================  ==================================================  =============================

``owned`` of counted types is whole, and so is ``converted`` where either kind is. ``most`` follows from the force's
limit, today's units, orders and what can be raised and converted by then. An order is placed in the last year of its
period, and arrives in the period to which the year o + lead belongs. Salvage is at most what was added and what is
still owned, the oldest units going first, so nothing is raised for its salvage and nothing disbanded is salvaged twice.

Until it arrives a converted unit is owned, paid for, stationed and deployed as what it was. That is optimistic about
units in the middle of a conversion. What raising a unit cost has no value left once the unit is of another kind.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import add_block, bounded_variable, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import CONVERSION, FORCE, Index
from optimizer.tables.by_year import with_years
from optimizer.tables.keyed import joined

ROWS = {
    "force_balance": RowKind.PHYSICS,
    "salvage_kept": RowKind.PHYSICS,
    "salvage_added": RowKind.PHYSICS,
    "salvage_converted": RowKind.PHYSICS,
}


def salvageable(index: Index) -> pd.DataFrame:
    """The rows of ``index.orders`` whose units have a value at the end."""
    return index.orders[index.orders["salvage_usd_m_per_unit"] > 0]


def salvageable_conversions(index: Index) -> pd.DataFrame:
    """The rows of ``index.conversion_orders`` that have a value at the end; unit_type_id is the new kind."""
    orders = index.conversion_orders
    orders = orders[orders["salvage_usd_m_per_unit"] > 0]
    return orders.assign(unit_type_id=orders["to_unit_type_id"])


def salvage_keepers(index: Index) -> pd.DataFrame:
    """FORCE of which some units have a value at the end."""
    worth = [salvageable(index)[FORCE], salvageable_conversions(index)[FORCE]]
    return pd.concat(worth).drop_duplicates()


def add_variables(m: Any, index: Index) -> None:
    """Adds owned, raised, disbanded, converted, salvaged and salvaged_converted, with their bounds."""
    key = [*FORCE, "year"]
    owned = joined(index.owned_bounds, index.forces[[*FORCE, "is_counted"]], FORCE)
    m.owned = bounded_variable(owned, key, whole="is_counted")
    m.raised = bounded_variable(index.orders, key, least=0, most="maximum_raised_count")
    disbanding = with_years(index.forces, index.years)
    most = disbanding["maximum_disbanded_count_per_yr"] * index.spans(disbanding)
    m.disbanded = bounded_variable(disbanding.assign(most=most), key, least=0)
    conversions = index.conversion_orders
    m.converted = bounded_variable(
        conversions, [*CONVERSION, "year"], least=0, most="maximum_converted_count", whole="is_whole"
    )
    m.salvaged = variable(key_set(salvageable(index), key))
    m.salvaged_converted = variable(key_set(salvageable_conversions(index), [*CONVERSION, "year"]))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    m.arriving = parameter(index.on_order, [*FORCE, "year"], "arriving_count")
    m.orders_arriving = relation(index.orders, [*FORCE, "arrival_year"], ["year"], m.arriving)
    conversions = index.conversion_orders
    arrival = ["actor_id", "to_unit_type_id", "arrival_year"]
    m.conversions_in = relation(conversions, arrival, ["from_unit_type_id", "year"], m.arriving)
    departure = ["actor_id", "from_unit_type_id", "arrival_year"]
    m.conversions_out = relation(conversions, departure, ["to_unit_type_id", "year"], m.arriving)
    add_block(m, force_balance, m.arriving)

    keepers = key_set(salvage_keepers(index), FORCE)
    m.salvaged_orders = relation(salvageable(index), FORCE, ["year"], keepers)
    converted = salvageable_conversions(index)
    m.salvaged_conversions = relation(converted, FORCE, ["from_unit_type_id", "year"], m.salvaged_orders)
    add_block(m, salvage_kept, m.salvaged_orders, m.end)
    add_block(m, salvage_added, m.salvaged)
    add_block(m, salvage_converted, m.salvaged_converted)


def force_balance(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Units owned are last year's, plus what arrives, less what is disbanded, and what became of another kind."""
    return (
        m.owned[actor, unit_type, year]
        - m.owned[actor, unit_type, m.previous[year]]
        - sum(m.raised[actor, unit_type, order] for order in m.orders_arriving[actor, unit_type, year])
        + m.disbanded[actor, unit_type, year]
        - sum(
            m.converted[actor, before, unit_type, order]
            for before, order in m.conversions_in[actor, unit_type, year]
        )
        + sum(
            m.converted[actor, unit_type, after, order]
            for after, order in m.conversions_out[actor, unit_type, year]
        )
        == m.arriving[actor, unit_type, year]
    )


def salvage_kept(m: Any, actor: Any, unit_type: Any, end: Any) -> Any:
    """Only units still owned at the end have a salvage value."""
    return (
        sum(m.salvaged[actor, unit_type, order] for order in m.salvaged_orders[actor, unit_type])
        + sum(
            m.salvaged_converted[actor, before, unit_type, order]
            for before, order in m.salvaged_conversions[actor, unit_type]
        )
        <= m.owned[actor, unit_type, end]
    )


def salvage_added(m: Any, actor: Any, unit_type: Any, order: Any) -> Any:
    """Only units added inside the horizon have a salvage value."""
    return m.salvaged[actor, unit_type, order] <= m.raised[actor, unit_type, order]


def salvage_converted(m: Any, actor: Any, unit_type: Any, after: Any, order: Any) -> Any:
    """Only units converted inside the horizon have the salvage value of a conversion."""
    return m.salvaged_converted[actor, unit_type, after, order] <= m.converted[actor, unit_type, after, order]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    forces, orders, years = index.forces, index.orders, len(index.years)
    conversions = index.conversion_orders
    converted, keepers = len(salvageable_conversions(index)), len(salvage_keepers(index))
    raised = len(salvageable(index))
    return Counts(
        rows={
            "force_balance": (
                len(forces) * years,
                3 * len(forces) * years + len(orders) + 2 * len(conversions),
            ),
            "salvage_kept": (keepers, raised + converted + keepers),
            "salvage_added": (raised, 2 * raised),
            "salvage_converted": (converted, 2 * converted),
        },
        columns={
            "owned": len(forces) * len(index.periods),
            "raised": len(orders),
            "disbanded": len(forces) * years,
            "converted": len(conversions),
            "salvaged": raised,
            "salvaged_converted": converted,
        },
        integer_count=int(forces["is_counted"].sum()) * len(index.periods)
        + int(conversions["is_whole"].sum()),
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts)
