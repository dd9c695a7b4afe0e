"""4.5 Support: combat units take the support with them that they need.

In every theater, phase and scenario, what the actors of a group deploy gives as much support of each kind as it needs::

    support[j,c,k,p,s,t]    Σ_{a∈j,g,i} (provided[g,c] − needed[g,c])·deployed[a,g,i,k,p,s,t] ≥ 0

======================  =========================================================  =============================
symbol                  meaning, unit                                              source column
======================  =========================================================  =============================
deployed[a,g,i,k,p,s,t] units of actor a from source i in theater k by phase p     see ``deployment``
needed[g,c]             points of support of kind c that a deployed unit needs     unit_support.needed_points
provided[g,c]           points of it that a deployed unit gives, whatever its      unit_support.provided_points
                        owner's quality
j                       actors that share support; without any group all do        support_sharing
======================  =========================================================  =============================

Support follows what is deployed, in phases of winning, too, and not what is left of it: it was sent along with the
units, and losses strike both. So support is needed from the phase in which a unit is there, and stays as it does. What
supports must be ready, there in time and, from outside the theater, lifted like any other unit; units that only support
serve no need of their own. The price of a row is what the lead actor saves by one more point of support there.
"""

from typing import Any

from optimizer.formulation.binding import add_block, parameter, relation
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.reach import HELD, reach_of
from optimizer.formulation.frames.support import SUPPORT, support_by_type

ROWS = {"support": RowKind.PHYSICS}


def add_variables(m: Any, index: Index) -> None:
    """Adds none: support is a matter of what is deployed."""


def add_rows(m: Any, index: Index) -> None:
    """Adds the block of this family."""
    m.supporting = relation(reach_of(index).support, SUPPORT, HELD)
    m.net_support = parameter(support_by_type(index), ["unit_type_id", "capability_id"], "net_points")
    add_block(m, support, m.supporting, m.years)


def support(m: Any, actors: Any, capability: Any, theater: Any, phase: Any, scenario: Any, year: Any) -> Any:
    """What is deployed gives as much support as it needs."""
    return (
        sum(
            m.net_support[unit_type, capability]
            * m.deployed[pool, unit_type, column, there, held_phase, held_scenario, year]
            for pool, unit_type, column, there, held_phase, held_scenario in m.supporting[
                actors, capability, theater, phase, scenario
            ]
        )
        >= 0
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    frame, years = reach_of(index).support, len(index.years)
    rows, nonzeros = distinct(frame, SUPPORT), distinct(frame, [*SUPPORT, *HELD[:3], *HELD[4:]])
    return Counts(rows={"support": (rows * years, nonzeros * years)}, columns={})


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("unit_support",))
