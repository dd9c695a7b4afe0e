"""4.14 Cadre: of every force with a limit, a part is there at the end.

A fifth of what a force may have is owned in year n::

    cadre_there[a,g,n]    owned[a,g,n] − beyond_cadre[a,g] = cadre[a,g]

======================  ==================================================  ====================================
symbol                  meaning, unit                                       source column
======================  ==================================================  ====================================
cadre[a,g]              units, a fifth of the limit                         actor_unit_types.maximum_owned_count
beyond_cadre[a,g]       units owned beyond the cadre
======================  ==================================================  ====================================
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, key_set, parameter, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import FORCE, Index

ROWS = {"cadre_there": RowKind.POLICY}


def cadres(index: Index) -> pd.DataFrame:
    """FORCE, cadre_count and the most units that the force can have in the last year."""
    limited = index.forces[index.forces["maximum_owned_count"].notna()]
    last = index.owned_bounds[index.owned_bounds["year"] == index.years[-1]]
    frame = limited.assign(cadre_count=limited["maximum_owned_count"] / 5)
    return frame[[*FORCE, "cadre_count"]].merge(last, on=FORCE)


def add_variables(m: Any, index: Index) -> None:
    """Adds beyond_cadre."""
    m.beyond_cadre = variable(key_set(cadres(index), FORCE))


def add_rows(m: Any, index: Index) -> None:
    """Adds the block of this family."""
    m.cadre = parameter(cadres(index), FORCE, "cadre_count")
    add_block(m, cadre_there, m.beyond_cadre, m.end)


def cadre_there(m: Any, actor: Any, unit_type: Any, end: Any) -> Any:
    """At the end a force has its cadre."""
    return m.owned[actor, unit_type, end] - m.beyond_cadre[actor, unit_type] == m.cadre[actor, unit_type]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    forces = len(cadres(index))
    return Counts(rows={"cadre_there": (forces, 2 * forces)}, columns={"beyond_cadre": forces})


def findings(index: Index) -> list[Finding]:
    """Findings for forces that cannot have their cadre in time."""
    frame = cadres(index)
    return [
        Finding(
            "REQUIREMENT_UNREACHABLE",
            "actor_unit_types",
            f"{row.actor_id}/{row.unit_type_id}",
            "maximum_raised_count_per_yr",
            "",
            f"the force cannot have its cadre of {row.cadre_count:g} in {row.year}",
            "Let it raise more units in a year, or lower its maximum_owned_count.",
        )
        for row in frame[frame["most"] < frame["cadre_count"]].itertuples()
    ]


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
