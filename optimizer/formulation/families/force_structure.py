"""4.1 Force structure: what each actor owns, raises and disbands.

Units are owned from period to period; orders arrive after their lead time, what is disbanded is gone::

    force_balance[a,g,t]    owned[a,g,t] = owned[a,g,t-1] + arriving[a,g,t]
                                           + Σ_{o: o+lead∈t} raised[a,g,o] − disbanded[a,g,t]
    salvage_kept[a,g,n]     Σ_o salvaged[a,g,o] ≤ owned[a,g,n]
    salvage_added[a,g,o]    salvaged[a,g,o] ≤ raised[a,g,o]
    program_kept[a,g,t]     owned[a,g,t] ≥ program[a,g,t]
    bounds                  reserved[a,g] ≤ owned[a,g,t] ≤ most[a,g,t];
                            raised, disbanded ≤ their yearly limits·span[t]

======================  ==================================================  =============================
symbol                  meaning, unit                                       source column
======================  ==================================================  =============================
owned[a,g,t]            units in t, t = 0 fixed                             owned_today.owned_count
raised[a,g,o]           units ordered in period o that arrive by year n     actor_unit_types.lead_time_yr
disbanded[a,g,t]        units disbanded in t
salvaged[a,g,o]         units of order o that still have value at the end   actor_unit_types.life_yr
arriving[a,g,t]         units ordered before year 1                         on_order.arriving_count
reserved[a,g]           units never deployed                                actor_unit_types.reserved_count
program[a,g,t]          units kept; today's and those on order by t, at     programmed_forces.programmed_count
                        most those that may be owned, where none is given
span[t]                 years for which the period t stands                 periods
======================  ==================================================  =============================

``owned`` of counted types is whole. ``most`` follows from the force's limit, today's units, orders and what can
be raised by then. An order is placed in the last year of its period, and arrives in the period to which the year
o + lead belongs. Salvage is at most what was added and what is still owned, the oldest units going first, so
nothing is raised for its salvage and nothing disbanded is salvaged twice.

The lead actor keeps its program until its lever FORCES is freed, for all its units or a kind of them; an ally always
does. A program within what is reserved anyway has no row.
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, bounded_variable, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts, salvage_rows
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import FORCE, Index, with_years
from optimizer.formulation.frames.programs import programs

ROWS = {
    "force_balance": RowKind.PHYSICS,
    "salvage_kept": RowKind.PHYSICS,
    "salvage_added": RowKind.PHYSICS,
    "program_kept": RowKind.POLICY,
}


def salvageable(index: Index) -> pd.DataFrame:
    """The rows of ``index.orders`` whose units have a value at the end."""
    return index.orders[index.orders["salvage_usd_m_per_unit"] > 0]


def binding_programs(index: Index) -> pd.DataFrame:
    """The rows of ``programs`` that ask for more than is reserved anyway, with least and most of what is owned."""
    frame = programs(index).merge(index.owned_bounds, on=[*FORCE, "year"])
    return frame[frame["program_count"] > frame["least"]]


def add_variables(m: Any, index: Index) -> None:
    """Adds owned, raised, disbanded and salvaged, with their bounds."""
    key = [*FORCE, "year"]
    owned = index.owned_bounds.merge(index.forces[[*FORCE, "is_counted"]], on=FORCE)
    m.owned = bounded_variable(owned, key, whole="is_counted")
    m.raised = bounded_variable(index.orders, key, least=0, most="maximum_raised_count")
    disbanding = with_years(index.forces, index.years)
    most = disbanding["maximum_disbanded_count_per_yr"] * index.spans(disbanding)
    m.disbanded = bounded_variable(disbanding.assign(most=most), key, least=0)
    m.salvaged = variable(key_set(salvageable(index), key))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    m.arriving = parameter(index.on_order, [*FORCE, "year"], "arriving_count")
    m.orders_arriving = relation(index.orders, [*FORCE, "arrival_year"], ["year"], m.arriving)
    add_block(m, force_balance, m.arriving)

    m.salvaged_orders = relation(salvageable(index), FORCE, ["year"])
    add_block(m, salvage_kept, m.salvaged_orders, m.end)
    add_block(m, salvage_added, m.salvaged)

    m.program = parameter(binding_programs(index), [*FORCE, "year"], "program_count")
    add_block(m, program_kept, m.program)


def force_balance(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """Units owned are last year's, plus what arrives, less what is disbanded."""
    return (
        m.owned[actor, unit_type, year]
        - m.owned[actor, unit_type, m.previous[year]]
        - sum(m.raised[actor, unit_type, order] for order in m.orders_arriving[actor, unit_type, year])
        + m.disbanded[actor, unit_type, year]
        == m.arriving[actor, unit_type, year]
    )


def salvage_kept(m: Any, actor: Any, unit_type: Any, end: Any) -> Any:
    """Only units still owned at the end have a salvage value."""
    return (
        sum(m.salvaged[actor, unit_type, order] for order in m.salvaged_orders[actor, unit_type])
        <= m.owned[actor, unit_type, end]
    )


def salvage_added(m: Any, actor: Any, unit_type: Any, order: Any) -> Any:
    """Only units added inside the horizon have a salvage value."""
    return m.salvaged[actor, unit_type, order] <= m.raised[actor, unit_type, order]


def program_kept(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """An actor keeps its program."""
    return m.owned[actor, unit_type, year] >= m.program[actor, unit_type, year]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    forces, orders, years = index.forces, index.orders, len(index.years)
    kept = len(binding_programs(index))
    return Counts(
        rows={
            "force_balance": (len(forces) * years, 3 * len(forces) * years + len(orders)),
            **salvage_rows("salvage", orders, FORCE, "salvage_usd_m_per_unit"),
            "program_kept": (kept, kept),
        },
        columns={
            "owned": len(forces) * len(index.periods),
            "raised": len(orders),
            "disbanded": len(forces) * years,
            "salvaged": len(salvageable(index)),
        },
        integer_count=int(forces["is_counted"].sum()) * len(index.periods),
    )


def findings(index: Index) -> list[Finding]:
    """Findings for programs of more units than the actor can own by then."""
    frame = binding_programs(index)
    beyond = frame[frame["is_given"] & (frame["program_count"] > frame["most"] * (1 + 1e-9))]
    return [
        Finding(
            "PROGRAM_IMPOSSIBLE",
            "programmed_forces",
            f"{row.actor_id}/{row.unit_type_id}/{row.year}",
            "programmed_count",
            f"{row.program_count:g}",
            f"{row.actor_id} can own at most {row.most:g} in {row.year}",
            "Lower programmed_count, begin it later, or raise maximum_owned_count or maximum_raised_count_per_yr.",
        )
        for row in beyond.drop_duplicates(FORCE).itertuples()
    ]


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
