"""4.3 Homecoming: room and moves for people at home beyond those of today.

Of an actor that pays for it, more people at home than today cost something once, for each of them::

    home_room_balance[a,t]    home_room[a,t] = home_room[a,t-1] + ordered[a,t] + homecoming[a,t]
    people_at_home[a,t]       Σ_g personnel[g]·( owned[a,g,t] − Σ_{l, m≠PREPOSITIONED} stationed[a,g,l,m,t] )
                              ≤ home_room[a,t]

====================  ============================================================  ==================================
symbol                meaning, unit                                                 source column
====================  ============================================================  ==================================
home_room[a,t]        persons for whom there is room at home; t = 0 fixed to those
                      at home today
homecoming[a,t]       persons for whom it is paid in t                              actors.homecoming_usd_m_per_person
ordered[a,t]          persons of units on order that arrive in t                    on_order.arriving_count
personnel[g]          people of a unit                                              unit_types.personnel_persons
====================  ============================================================  ==================================

At home is what is owned and stands at no site, also at a site in the actor's own country: sites have rooms and costs
of their own. Units that wait their turn behind a rotation are at home, and so are the people of sets, but for the
caretakers. Who raises units and keeps them at home pays for their room; units on order were paid before year 1, with
their room. Room stays once it is paid for.
"""

from typing import Any

from optimizer.formulation.binding import add_block, bounded_variable, key_set, parameter, relation, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.home_room import (
    PAYER,
    forces_paid_for,
    ordered_people,
    payers,
    standing_paid_for,
)
from optimizer.formulation.frames.index import FORCE, PLACE, Index, with_periods
from optimizer.tables.by_year import with_years

ROWS = {
    "home_room_balance": RowKind.PHYSICS,
    "people_at_home": RowKind.PHYSICS,
}


def add_variables(m: Any, index: Index) -> None:
    """Adds home_room and homecoming of actors with a cost of it."""
    key = [*PAYER, "year"]
    m.home_room = bounded_variable(with_periods(index, payers(index), "home_persons"), key)
    m.homecoming = variable(key_set(with_years(payers(index), index.years), key))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    m.ordered_people = parameter(ordered_people(index), [*PAYER, "year"], "ordered_persons")
    add_block(m, home_room_balance, m.homecoming)
    forces, standing = forces_paid_for(index), standing_paid_for(index)
    m.unit_people = parameter(forces, FORCE, "personnel_persons")
    m.forces_at_home = relation(forces, PAYER, ["unit_type_id"])
    m.units_away = relation(standing, PAYER, PLACE[1:], m.forces_at_home)
    add_block(m, people_at_home, m.forces_at_home, m.years)


def home_room_balance(m: Any, actor: Any, year: Any) -> Any:
    """Room at home is last year's, plus that of units on order, plus what is paid for."""
    return (
        m.home_room[actor, year] - m.home_room[actor, m.previous[year]] - m.homecoming[actor, year]
        == m.ordered_people[actor, year]
    )


def people_at_home(m: Any, actor: Any, year: Any) -> Any:
    """People at home have room."""
    return (
        sum(m.unit_people[actor, g] * m.owned[actor, g, year] for g in m.forces_at_home[actor])
        - sum(
            m.unit_people[actor, g] * m.stationed[actor, g, site, mode, year]
            for g, site, mode in m.units_away[actor]
        )
        <= m.home_room[actor, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family."""
    payer_years = len(payers(index)) * len(index.years)
    counted = (forces_paid_for(index), standing_paid_for(index))
    peopled = sum(int((rows["personnel_persons"] > 0).sum()) for rows in counted)
    return Counts(
        rows={
            "home_room_balance": (payer_years, 3 * payer_years),
            "people_at_home": (payer_years, payer_years + peopled * len(index.years)),
        },
        columns={"home_room": len(payers(index)) * len(index.periods), "homecoming": payer_years},
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts)
