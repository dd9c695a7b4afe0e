"""4.10 Nuclear: how each threatened ally is covered, and when a program of its own bears fruit.

Exactly one option covers an ally in every year; one that needs a program comes after it::

    nuclear_one_option[a,t]       Σ_n nuclear_choice[a,n,t] = 1
    nuclear_program[a,n,t]        nuclear_choice[a,n,t] ≤ Σ_{τ ≤ t−lead} program_start[a,n,τ]
    nuclear_program_once[a,n]     Σ_τ program_start[a,n,τ] ≤ 1
    nuclear_holds_today[a,n,t]    Σ_{t−lead < τ ≤ t} program_start[a,n,τ] ≤ nuclear_choice[a,n₀,t]

=========================  ====================================================  ====================================
symbol                     meaning, unit                                         source column
=========================  ====================================================  ====================================
nuclear_choice[a,n,t]      1 while n covers a, binary, t = 0 fixed to today's    nuclear_options.holds_today
program_start[a,n,t]       1 if a starts the program of n in t, binary
lead                       whole years from start to cover                       nuclear_options.lead_time_yr
n₀                         the option that holds in period 0                     nuclear_options.holds_today
lowered[a,n,k,c,p,s,t]     points by which n lowers a need: the reduction, at    nuclear_reductions.reduction_points
                           most required[k,c,p,s,t]; in the row ``deterrence``
=========================  ====================================================  ====================================

An option needs a program if it has a lead time or a program cost and does not hold today. Today's option holds
until the lever NUCLEAR is freed, and again while a program runs. A program that cannot finish inside the horizon is
not started, so none of its cost falls beyond it; it has no salvage. The lead actor pays an option's lead cost, the
ally its own cost and the program, in equal parts over the lead time from the start: see ``outlays``.

Several options may lower one need by more than all of it: then nothing is needed. Shares of a need, the lead
actor's and that of a command's holder, stay shares of the requirement as it is given.
"""

from typing import Any

import pandas as pd

from optimizer.formulation.binding import (
    add_block,
    bounded_variable,
    key_set,
    no_keys,
    no_members,
    no_values,
    parameter,
    relation,
    variable,
)
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.nuclear_options import CHOICE, options, reductions, running, starts
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import reach_of

ROWS = {
    "nuclear_one_option": RowKind.PHYSICS,
    "nuclear_program": RowKind.POLICY,
    "nuclear_program_once": RowKind.PHYSICS,
    "nuclear_holds_today": RowKind.POLICY,
}

_BY_YEAR = [*CHOICE, "year"]


def add_variables(m: Any, index: Index) -> None:
    """Adds nuclear_choice and program_start, and by how much options lower needs."""
    frame, needs = options(index), reach_of(index).needs
    today = frame[frame["year"] == index.years[0]].assign(year=index.today, may_change=False)
    today["may_hold"] = today["holds_today"]
    frame = pd.concat([today, frame])
    frame["least"] = frame["holds_today"] & ~frame["may_change"]
    m.nuclear_choice = bounded_variable(frame, _BY_YEAR, most="may_hold", binary=True)
    m.program_start = variable(key_set(starts(index), _BY_YEAR), binary=True)

    lowered, wanted = reductions(index, needs), ["theater_id", "capability_id"]
    m.reducing_options = relation(lowered, wanted, CHOICE, key_set(needs, wanted))
    m.lowered_points = parameter(lowered, [*CHOICE, *NEED, "year"], "lowered_points")


def add_nothing(m: Any, index: Index) -> None:
    """Adds no nuclear_choice and no program_start; no option lowers a need."""
    m.nuclear_choice, m.program_start = (variable(no_keys(_BY_YEAR)) for _ in range(2))
    m.lowered_points = no_values([*CHOICE, *NEED, "year"])
    m.reducing_options = no_members(CHOICE, key_set(reach_of(index).needs, ["theater_id", "capability_id"]))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    frame, started = options(index), starts(index)
    m.postures = relation(frame, ["actor_id"], ["nuclear_posture"])
    add_block(m, nuclear_one_option, m.postures, m.years)

    later = frame[frame["needs_program"] & frame["may_hold"]]
    pairs = later[_BY_YEAR].merge(
        started[[*CHOICE, "year", "finish_year"]].rename(columns={"year": "start_year"}), on=CHOICE
    )
    finished = pairs[pairs["finish_year"] <= pairs["year"]]
    m.programs_finished = relation(finished, _BY_YEAR, ["start_year"], key_set(later, _BY_YEAR))
    add_block(m, nuclear_program, m.programs_finished)

    m.start_years = relation(started, CHOICE, ["year"])
    add_block(m, nuclear_program_once, m.start_years)

    today = frame[frame["holds_today"]]
    m.today_posture = relation(today, ["actor_id"], ["nuclear_posture"])
    m.programs_running = relation(running(index), _BY_YEAR, ["start_year"])
    add_block(m, nuclear_holds_today, m.programs_running)


def nuclear_one_option(m: Any, actor: Any, year: Any) -> Any:
    """An ally is covered in exactly one way."""
    return sum(m.nuclear_choice[actor, posture, year] for posture in m.postures[actor]) == 1


def nuclear_program(m: Any, actor: Any, posture: Any, year: Any) -> Any:
    """An option that needs a program holds only after it."""
    return m.nuclear_choice[actor, posture, year] <= sum(
        m.program_start[actor, posture, start] for start in m.programs_finished[actor, posture, year]
    )


def nuclear_program_once(m: Any, actor: Any, posture: Any) -> Any:
    """A program is started at most once."""
    return sum(m.program_start[actor, posture, start] for start in m.start_years[actor, posture]) <= 1


def nuclear_holds_today(m: Any, actor: Any, posture: Any, year: Any) -> Any:
    """Today's option holds while a program runs."""
    return sum(
        m.program_start[actor, posture, start] for start in m.programs_running[actor, posture, year]
    ) <= sum(m.nuclear_choice[actor, kept, year] for kept in m.today_posture[actor])


def counts(index: Index) -> Counts:
    """Counts of the family, and of what options take off needs in ``deterrence``."""
    frame, started, runs = options(index), starts(index), running(index)
    later = frame[frame["needs_program"] & frame["may_hold"]]
    pairs = later[_BY_YEAR].merge(started[[*CHOICE, "finish_year"]], on=CHOICE)
    finished = int((pairs["finish_year"] <= pairs["year"]).sum())
    run_years = distinct(runs, _BY_YEAR)
    columns = {
        "nuclear_choice": len(frame) + distinct(frame, CHOICE),
        "program_start": len(started),
    }
    return Counts(
        rows={
            "nuclear_one_option": (distinct(frame, ["actor_id", "year"]), len(frame)),
            "nuclear_program": (len(later), len(later) + finished),
            "nuclear_program_once": (distinct(started, CHOICE), len(started)),
            "nuclear_holds_today": (run_years, run_years + len(runs)),
            "deterrence": (0, len(reductions(index, reach_of(index).needs))),
        },
        columns=columns,
        integer_count=sum(columns.values()),
    )


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("nuclear_options",), add_nothing=add_nothing)
