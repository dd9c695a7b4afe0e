"""4.1 Programs: how many units of each kind an actor keeps.

An actor keeps its program, and a unit of it may go on as another kind::

    program_kept[a,g,t]        owned[a,g,t] + Σ_h ( become[a,g,h,t] − filling[a,g,h,t] )
                                            − Σ_f ( become[a,f,g,t] − filling[a,f,g,t] ) ≥ program[a,g,t]
    program_filled[a,f,g,t]    filling[a,f,g,t] ≤ become[a,f,g,t]

    become[a,f,g,t]            = Σ_{o: o+lead by t} converted[a,f,g,o]

======================  ==================================================  =============================
symbol                  meaning, unit                                       source column
======================  ==================================================  =============================
program[a,g,t]          units kept; today's and those on order by t, at     programmed_forces.programmed_count
                        most those that may be owned, where none is given
become[a,f,g,t]         units of kind f that have become of kind g by t
filling[a,f,g,t]        those of them that count for the program of g, as
                        the plan chooses; the others count for that of f
======================  ==================================================  =============================

So every unit counts for one program: of its kind, or of a kind from which it came. Added up over all kinds, what is
owned reaches all programs together, whatever is converted.

The lead actor keeps its program until its lever FORCES is freed, for all its units or a kind of them; an ally always
does. While some kinds are freed and others not, the program of a freed kind is 0, so that no unit leaves the program of
another kind by way of it. A program within what is reserved anyway has no row, unless units of other kinds can join it.
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.conversions import related_kinds
from optimizer.formulation.frames.index import CONVERSION, FORCE, Index, once
from optimizer.formulation.frames.programs import programs
from optimizer.tables.by_year import with_years
from optimizer.tables.keyed import is_among, joined, keys

ROWS = {
    "program_kept": RowKind.POLICY,
    "program_filled": RowKind.PHYSICS,
}

_KEPT = [*FORCE, "year"]
_FILLED = [*CONVERSION, "year"]


@once
def binding_programs(index: Index) -> pd.DataFrame:
    """The rows of ``programs`` that ask for more than is reserved anyway, or of a kind that others can become."""
    frame = joined(programs(index), index.owned_bounds, _KEPT)
    received = set(keys(index.conversion_orders, ["actor_id", "to_unit_type_id"]))
    is_received = is_among(frame, FORCE, received)
    return frame[(frame["program_count"] > frame["least"]) | is_received]


@once
def arrived_conversions(index: Index) -> pd.DataFrame:
    """Conversions by the years by which they have arrived, where they come to a kind with a program.

    CONVERSION, year, ``order`` (the year in which it is placed).
    """
    orders = with_years(index.conversion_orders.rename(columns={"year": "order"}), index.years)
    arrived = orders.loc[orders["arrival_year"] <= orders["year"], [*_FILLED, "order"]]
    kept = set(keys(binding_programs(index), _KEPT))
    return arrived[is_among(arrived, ["actor_id", "to_unit_type_id", "year"], kept)]


def _changed_kinds(arrived: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Conversions with, as unit_type_id, the kind that they leave, and the kind to which they come."""
    return (
        arrived.assign(unit_type_id=arrived["from_unit_type_id"]),
        arrived.assign(unit_type_id=arrived["to_unit_type_id"]),
    )


def add_variables(m: Any, index: Index) -> None:
    """Adds filling."""
    m.filling = variable(key_set(arrived_conversions(index), _FILLED))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    m.program = parameter(binding_programs(index), _KEPT, "program_count")
    arrived = arrived_conversions(index)
    away, here = _changed_kinds(arrived)
    m.converted_away = relation(away, _KEPT, ["to_unit_type_id", "order"], m.program)
    m.converted_here = relation(here, _KEPT, ["from_unit_type_id", "order"], m.program)
    m.filling_others = relation(away, _KEPT, ["to_unit_type_id"], m.program)
    m.filling_this = relation(here, _KEPT, ["from_unit_type_id"], m.program)
    add_block(m, program_kept, m.program)
    m.orders_arrived = relation(arrived, _FILLED, ["order"])
    add_block(m, program_filled, m.filling)


def program_kept(m: Any, actor: Any, unit_type: Any, year: Any) -> Any:
    """An actor keeps its program, be it as units of another kind."""
    return (
        m.owned[actor, unit_type, year]
        + sum(
            m.converted[actor, unit_type, after, order]
            for after, order in m.converted_away[actor, unit_type, year]
        )
        - sum(m.filling[actor, unit_type, after, year] for after in m.filling_others[actor, unit_type, year])
        - sum(
            m.converted[actor, before, unit_type, order]
            for before, order in m.converted_here[actor, unit_type, year]
        )
        + sum(m.filling[actor, before, unit_type, year] for before in m.filling_this[actor, unit_type, year])
        >= m.program[actor, unit_type, year]
    )


def program_filled(m: Any, actor: Any, unit_type: Any, after: Any, year: Any) -> Any:
    """Only units that have become of a kind count for its program."""
    return m.filling[actor, unit_type, after, year] <= sum(
        m.converted[actor, unit_type, after, order]
        for order in m.orders_arrived[actor, unit_type, after, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    kept, arrived = binding_programs(index)[_KEPT], arrived_conversions(index)
    filled = arrived[_FILLED].drop_duplicates()
    changed = sum(len(moved.merge(kept)) for part in (arrived, filled) for moved in _changed_kinds(part))
    return Counts(
        rows={
            "program_kept": (len(kept), len(kept) + changed),
            "program_filled": (len(filled), len(filled) + len(arrived)),
        },
        columns={"filling": len(filled)},
    )


def findings(index: Index) -> list[Finding]:
    """Findings for programs of more units than the actor can have by then, of a kind, or of kinds together."""
    frame = binding_programs(index)
    is_left = is_among(frame, FORCE, set(keys(index.conversion_orders, ["actor_id", "from_unit_type_id"])))
    # A unit that is converted makes room for another under the limit, and may count all the same.
    frame["kept_most"] = frame["reached"].where(is_left, frame["most"])
    beyond = frame[frame["is_given"] & (frame["program_count"] > frame["kept_most"] * (1 + 1e-9))]
    alone = [
        _finding(row, f"{row.actor_id} can own at most {row.kept_most:g} in {row.year}")
        for row in beyond.drop_duplicates(FORCE).itertuples()
    ]
    return alone + _together(index, set(keys(beyond, FORCE)))


def _together(index: Index, known: set[Any]) -> list[Finding]:
    """Findings for programs of kinds that can become each other, but for those that some alone are findings of."""
    frame = joined(programs(index), index.owned_bounds, _KEPT)
    frame = frame.merge(related_kinds(index.conversion_orders), on=FORCE)
    found = []
    for (actor, _, year), rows in frame.groupby(["actor_id", "kinds", "year"], sort=False):
        asked, there = rows["program_count"].sum(), rows["grown"].sum()
        kinds = set(keys(rows, FORCE))
        if rows["is_given"].any() and asked > there * (1 + 1e-9) and not kinds & known:
            known |= kinds
            row = next(rows[rows["is_given"]].itertuples())
            names = ", ".join(rows["unit_type_id"])
            message = (
                f"the programs of {names} add up to {asked:g}, of which {actor} can own {there:g} in {year}: "
            )
            found.append(_finding(row, message + "conversions add no unit"))
    return found


def _finding(row: Any, message: str) -> Finding:
    return Finding(
        "PROGRAM_IMPOSSIBLE",
        "programmed_forces",
        f"{row.actor_id}/{row.unit_type_id}/{row.year}",
        "programmed_count",
        f"{row.program_count:g}",
        message,
        "Lower programmed_count, begin it later, or raise maximum_owned_count or maximum_raised_count_per_yr.",
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
