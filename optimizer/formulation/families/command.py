"""4.7 Command: who holds wartime command in a theater, from when, and what that brings.

Exactly one actor holds each command in every year; an ally that takes it keeps it, once it is ready::

    command_one_holder[v,t]          Σ_a held[v,a,t] = 1
    command_kept[v,a,t]              held[v,a,t] ≥ held[v,a,t-1]                                     a an ally
    command_prerequisite[v,a,g,τ,t]  owned[a,g,τ] ≥ threshold[v,a,g]·held[v,a,t]     τ from first[t]−years to t
    command_share[v,a,c,p,s,t]       Σ effect·left of a in the theater ≥ share[v,a]·required·held[v,a,t]
    command_bonus_units[v,a,c,p,s,t] bonus[v,a,c,p,s,t] ≤ gain[v,a]·Σ effect·left of covered actors
    command_bonus_held[v,a,c,p,s,t]  bonus[v,a,c,p,s,t] ≤ required[k,c,p,s,t]·held[v,a,t]

=========================  ====================================================  ====================================
symbol                     meaning, unit                                         source column
=========================  ====================================================  ====================================
held[v,a,t]                1 while a holds v, binary, t = 0 fixed to today's     commands.today_actor_id
left                       units deployed by the phase; in WIN phases, less those  see ``deterrence``
                           lost before it
bonus[v,a,c,p,s,t]         points that the holder adds to a need
gain[v,a]                  bonus_fraction less that of the least effective       command_options.bonus_fraction
share[v,a]                 part of every need that the holder must supply        command_options.holder_share_fraction
threshold, years           units, in how many years before                       command_prerequisites
first[t]                   the first year of the period t; τ are all periods     periods
                           that hold a year of the window
=========================  ====================================================  ====================================

Today's holder keeps the command until the lever COMMAND is freed. A year before year 1 counts as met if
years_already_met_count says so; otherwise the command cannot be held in a year that looks back to it. Where the
holder changes the effect of units, that is a bonus in points over the least effective holder: no products of
decisions, and required·held is the smallest valid limit, since no need asks for more. Where the lead actor's part
of a need is capped its own units are not covered: a bonus on them would get around the cap.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import (
    add_block,
    bounded_variable,
    key_set,
    no_keys,
    no_members,
    parameter,
    relation,
    variable,
)
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.command_options import OPTION, options, prerequisites
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import COLUMN, HELD, Reach, reach_of

ROWS = {
    "command_one_holder": RowKind.PHYSICS,
    "command_kept": RowKind.POLICY,
    "command_prerequisite": RowKind.POLICY,
    "command_share": RowKind.POLICY,
    "command_bonus_units": RowKind.PHYSICS,
    "command_bonus_held": RowKind.PHYSICS,
}


def bonuses(index: Index, reach: Reach) -> pd.DataFrame:
    """Where a holder adds to a need: OPTION, NEED, year, required_points and gain_fraction."""
    frame = options(index)
    may_ever = frame.groupby(OPTION)["may_hold"].transform("any")
    frame = frame[(frame["gain_fraction"] > 0) & may_ever]
    return frame[[*OPTION, "theater_id", "year", "gain_fraction"]].merge(
        reach.needs, on=["theater_id", "year"]
    )


def taking(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``options`` in which another actor than today's holder may hold the command."""
    return frame[frame["may_change"] & frame["may_hold"] & ~frame["is_today"]]


def shared_needs(frame: pd.DataFrame, reach: Reach) -> pd.DataFrame:
    """The rows of ``options`` with a holder's share, once for each need of the theater."""
    return frame[frame["holder_share_fraction"] > 0].merge(reach.needs, on=["theater_id", "year"])


def covered_supply(index: Index, reach: Reach) -> pd.DataFrame:
    """The rows of ``reach.supply`` of units that a command covers, with command_id."""
    return _covered(index, reach, reach.supply)


def covered_losses(index: Index, reach: Reach) -> pd.DataFrame:
    """The rows of ``reach.losses`` of units that a command covers, with command_id."""
    return _covered(index, reach, reach.losses)


def _covered(index: Index, reach: Reach, points: pd.DataFrame) -> pd.DataFrame:
    """Rows by actor and NEED of what a command covers: where the lead actor's part is capped, not its units."""
    covered = index.problem["command_actors"].merge(index.problem["commands"], on="command_id")
    points = points.merge(reach.needs[[*NEED, "is_capped"]].drop_duplicates(), on=NEED)
    points = points[~(points["is_capped"] & (points["actor_id"] == index.lead))].drop(columns="is_capped")
    return points.merge(covered[["command_id", "actor_id", "theater_id"]], on=["actor_id", "theater_id"])


def add_variables(m: Any, index: Index) -> None:
    """Adds held and bonus."""
    frame, reach = options(index), reach_of(index)
    today = frame[frame["year"] == index.years[0]].assign(year=index.today, may_change=False)
    frame = pd.concat([today, frame])
    frame["least"] = frame["is_today"] & ~frame["may_change"]
    frame["most"] = frame["may_hold"].where(frame["may_change"], frame["is_today"])
    m.held = bounded_variable(frame, [*OPTION, "year"], binary=True)
    bonus, wanted = bonuses(index, reach), ["theater_id", "capability_id"]
    m.bonus = variable(key_set(bonus, [*OPTION, *NEED[1:], "year"]))
    m.bonus_options = relation(bonus, wanted, OPTION, key_set(reach.needs, wanted))


def add_nothing(m: Any, index: Index) -> None:
    """Adds no held and no bonus."""
    m.held = variable(no_keys([*OPTION, "year"]))
    m.bonus = variable(no_keys([*OPTION, *NEED[1:], "year"]))
    wanted = ["theater_id", "capability_id"]
    m.bonus_options = no_members(OPTION, key_set(reach_of(index).needs, wanted))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    frame, reach, by_year = options(index), reach_of(index), [*OPTION, "year"]
    m.holders = relation(frame, ["command_id"], ["actor_id"])
    add_block(m, command_one_holder, m.holders, m.years)
    allies = frame[(frame["actor_id"] != index.lead) & frame["may_change"]]
    add_block(m, command_kept, key_set(allies, by_year))

    may_take, force = taking(frame), [*OPTION, "unit_type_id"]
    m.threshold = parameter(index.problem["command_prerequisites"], force, "threshold_count")
    asked = prerequisites(index)
    asked = asked[~asked["is_before"]].merge(may_take[by_year], on=by_year)
    add_block(m, command_prerequisite, key_set(asked, [*force, "owned_year", "year"]))

    lost = [*COLUMN, "earlier_phase_id"]
    shared, need = shared_needs(may_take, reach), [*OPTION, *NEED]
    m.holder_share = parameter(shared, OPTION, "holder_share_fraction")
    m.shared_needs = key_set(shared, need)
    wanted = shared[need].drop_duplicates()
    own, losses = (points.merge(wanted, on=["actor_id", *NEED]) for points in (reach.supply, reach.losses))
    m.holder_units = relation(own, need, HELD, m.shared_needs)
    m.holder_losses = relation(losses, need, lost, m.shared_needs)
    add_block(m, command_share, key_set(shared, [*need, "year"]))

    bonus, covered = bonuses(index, reach), ["command_id", *NEED]
    m.gain = parameter(bonus, OPTION, "gain_fraction")
    m.bonus_needs = key_set(bonus, covered)
    m.covered_units = relation(covered_supply(index, reach), covered, HELD, m.bonus_needs)
    m.covered_losses = relation(covered_losses(index, reach), covered, lost, m.bonus_needs)
    m.bonus_years = key_set(bonus, [*OPTION, *NEED, "year"])
    add_block(m, command_bonus_units, m.bonus_years)
    add_block(m, command_bonus_held, m.bonus_years)


def command_one_holder(m: Any, command: Any, year: Any) -> Any:
    """A command has one holder."""
    return sum(m.held[command, actor, year] for actor in m.holders[command]) == 1


def command_kept(m: Any, command: Any, actor: Any, year: Any) -> Any:
    """An ally that holds a command keeps it."""
    return m.held[command, actor, m.previous[year]] <= m.held[command, actor, year]


def command_prerequisite(m: Any, command: Any, actor: Any, unit_type: Any, owned_year: Any, year: Any) -> Any:
    """A holder owns, and has owned, what the command asks for."""
    return (
        m.threshold[command, actor, unit_type] * m.held[command, actor, year]
        <= m.owned[actor, unit_type, owned_year]
    )


def command_share(
    m: Any, command: Any, actor: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any
) -> Any:
    """A holder's own units supply its share of every need."""
    return m.holder_share[command, actor] * m.required[theater, capability, phase, scenario, year] * m.held[
        command, actor, year
    ] <= sum(
        m.effect[pool, unit_type, there, capability]
        * m.deployed[pool, unit_type, column, there, held_phase, held_scenario, year]
        for pool, unit_type, column, there, held_phase, held_scenario in m.holder_units[
            command, actor, theater, capability, phase, scenario
        ]
    ) - sum(
        m.lost_points[pool, unit_type, theater, capability, earlier, phase]
        * m.deployed[pool, unit_type, column, theater, earlier, scenario, year]
        for pool, unit_type, column, earlier in m.holder_losses[
            command, actor, theater, capability, phase, scenario
        ]
    )


def command_bonus_units(
    m: Any, command: Any, actor: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any
) -> Any:
    """The bonus is a part of the points of covered units."""
    return m.bonus[command, actor, capability, phase, scenario, year] <= m.gain[command, actor] * (
        sum(
            m.effect[pool, unit_type, there, capability]
            * m.deployed[pool, unit_type, column, there, held_phase, held_scenario, year]
            for pool, unit_type, column, there, held_phase, held_scenario in m.covered_units[
                command, theater, capability, phase, scenario
            ]
        )
        - sum(
            m.lost_points[pool, unit_type, theater, capability, earlier, phase]
            * m.deployed[pool, unit_type, column, theater, earlier, scenario, year]
            for pool, unit_type, column, earlier in m.covered_losses[
                command, theater, capability, phase, scenario
            ]
        )
    )


def command_bonus_held(
    m: Any, command: Any, actor: Any, theater: Any, capability: Any, phase: Any, scenario: Any, year: Any
) -> Any:
    """Only the holder adds a bonus."""
    return (
        m.bonus[command, actor, capability, phase, scenario, year]
        <= m.required[theater, capability, phase, scenario, year] * m.held[command, actor, year]
    )


def counts(index: Index) -> Counts:
    """Counts of the family, and of its bonuses in ``deterrence``."""
    reach, frame = reach_of(index), options(index)
    by_year = [*OPTION, "year"]
    kept = int((frame["may_change"] & (frame["actor_id"] != index.lead)).sum())
    may_take = taking(frame)
    asked = prerequisites(index)
    asked = asked[~asked["is_before"]].merge(may_take[by_year], on=by_year)
    shared = shared_needs(may_take, reach)
    own = pd.concat([reach.supply, reach.losses]).merge(
        shared[["actor_id", *NEED, "year"]], on=["actor_id", *NEED]
    )
    bonus = bonuses(index, reach)
    by_need = ["command_id", *NEED]
    covered = pd.concat([covered_supply(index, reach), covered_losses(index, reach)])
    covered = covered.merge(bonus[[*by_need, "year"]], on=by_need)
    return Counts(
        rows={
            "command_one_holder": (distinct(frame, ["command_id", "year"]), len(frame)),
            "command_kept": (kept, 2 * kept),
            "command_prerequisite": (len(asked), len(asked) + int((asked["threshold_count"] > 0).sum())),
            "command_share": (len(shared), len(shared) + len(own)),
            "command_bonus_units": (len(bonus), len(bonus) + len(covered)),
            "command_bonus_held": (len(bonus), 2 * len(bonus)),
            "deterrence": (0, len(bonus)),
        },
        columns={"held": len(frame) + len(index.problem["command_options"]), "bonus": len(bonus)},
        integer_count=len(frame) + len(index.problem["command_options"]),
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("commands",), add_nothing=add_nothing)
