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

import pyomo.environ as pyo

from optimizer.formulation.blocks import RowKind, add_block
from optimizer.formulation.counts import Counts, distinct
from optimizer.formulation.family import Family
from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.nuclear_options import CHOICE, options, reductions, running, starts
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.pyomo_sets import keys, relation, values
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
    frame = options(index)
    today = frame[frame["year"] == index.years[0]].assign(year=index.today)
    holds_today = values(frame, _BY_YEAR, "holds_today")
    least = values(today, _BY_YEAR, "holds_today") | {
        key: holds_today[key] and not may_change
        for key, may_change in values(frame, _BY_YEAR, "may_change").items()
    }
    may_hold = values(frame, _BY_YEAR, "may_hold")
    m.nuclear_choice = pyo.Var(
        list(least),
        domain=pyo.Binary,
        bounds=lambda m, *key: (int(bool(least[key])), int(bool(may_hold.get(key, least[key])))),
    )
    m.program_start = pyo.Var(keys(starts(index), _BY_YEAR), domain=pyo.Binary)

    lowered = reductions(index, m.reach.needs)
    wanted = ["theater_id", "capability_id"]
    here = keys(m.reach.needs[wanted].drop_duplicates(), wanted)
    choices = lowered[[*wanted, *CHOICE]].drop_duplicates()
    m.reducing_options = pyo.Set(
        pyo.Set(initialize=here, dimen=2), initialize=relation(choices, wanted, CHOICE, here), dimen=2
    )
    by = [*CHOICE, *NEED, "year"]
    m.lowered_points = pyo.Param(
        pyo.Set(initialize=keys(lowered, by), dimen=7), initialize=values(lowered, by, "lowered_points")
    )


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family."""
    frame, started = options(index), starts(index)
    covered = frame[CHOICE].drop_duplicates()
    postures = relation(covered, ["actor_id"], ["nuclear_posture"])
    m.threatened = pyo.Set(initialize=list(postures))
    m.postures = pyo.Set(m.threatened, initialize=postures)
    add_block(m, nuclear_one_option, m.threatened, m.years)

    later = frame[frame["needs_program"] & frame["may_hold"]]
    pairs = later[_BY_YEAR].merge(
        started[[*CHOICE, "year", "finish_year"]].rename(columns={"year": "start_year"}), on=CHOICE
    )
    finished = pairs[pairs["finish_year"] <= pairs["year"]]
    m.program_years = pyo.Set(initialize=keys(later, _BY_YEAR), dimen=3)
    m.programs_finished = pyo.Set(
        m.program_years, initialize=relation(finished, _BY_YEAR, ["start_year"], keys(later, _BY_YEAR))
    )
    add_block(m, nuclear_program, m.program_years)

    programs = relation(started, CHOICE, ["year"])
    m.programs = pyo.Set(initialize=list(programs), dimen=2)
    m.start_years = pyo.Set(m.programs, initialize=programs)
    add_block(m, nuclear_program_once, m.programs)

    today = frame.loc[frame["holds_today"], CHOICE].drop_duplicates()
    m.today_posture = pyo.Set(m.threatened, initialize=relation(today, ["actor_id"], ["nuclear_posture"]))
    run_years = relation(running(index), _BY_YEAR, ["start_year"])
    m.running_years = pyo.Set(initialize=list(run_years), dimen=3)
    m.programs_running = pyo.Set(m.running_years, initialize=run_years)
    add_block(m, nuclear_holds_today, m.running_years)


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


FAMILY = Family(ROWS, add_variables, add_rows, counts, tables=("nuclear_options",))
