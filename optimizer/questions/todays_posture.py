"""Today's posture, kept as it is through year 1: only what scenarios deploy is free.

Whatever has a value in period 0 keeps it, nothing is bought, raised, built, opened or given up, nothing on order
arrives, and no lever is freed. Rules may be broken, and every need may go short::

    kept        x[·,1] = x[·,0]              x = owned, sets_owned, stationed, people, housing, open, held,
                                             nuclear_choice, home_room, billed
    nothing     x[·,1] = 0                   x = raised, disbanded, converted, sets_bought, housing_built,
                                             housing_released, opening, closing, homecoming, program_start,
                                             violation, excess
    s*          = least of Σ_n weight[k]·shortfall[n] / required[n]                            n = (k,c,p,s), a need
    held        shortfall[n] ≤ s*[n]         in whatever is asked next
    off_by      = least of Σ_r slack[r], each in the scale of its row                                      r a rule

A rule is a row of policy, or one all of whose columns are kept: the row is then true or not, and no plan was asked
for. Where several deployments miss equally little, s* is that of one of them. Penalties are not part of it.
"""

import threading
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.deployment import deployment
from optimizer.audit.deterrence import deterrence
from optimizer.audit.money import ledger_shown
from optimizer.audit.plan import Plan
from optimizer.audit.shape import shape
from optimizer.errors import SolverError
from optimizer.explain.rule_words import RuleWords
from optimizer.formulation.frames.index import Index, build_index
from optimizer.objectives import SHORTFALL, Asked
from optimizer.plan.clean_numbers import clean_table
from optimizer.plan.extraction import plan_tables
from optimizer.questions import variants
from optimizer.search.integer.elastic import TWINS, elastic, without_prices
from optimizer.search.integer.neighborhoods import Mask
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Floats, Matrix, in_first_period
from optimizer.solver.session import Answer, Session
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SCORE_TABLES
from optimizer.tables.solution import Solution

KEPT = (
    "owned",
    "sets_owned",
    "stationed",
    "people",
    "housing",
    "open",
    "home_room",
    "held",
    "nuclear_choice",
    "billed",
)
"""Columns that keep their value of period 0."""
NOTHING = (
    "raised",
    "disbanded",
    "converted",
    "sets_bought",
    "housing_built",
    "housing_released",
    "opening",
    "closing",
    "homecoming",
    "program_start",
    "violation",
    "excess",
)
"""Columns that change what is kept, or let a rule go at a price."""

ASKED = Asked(objectives=(SHORTFALL,))
OPTIONS = SolveOptions(solver="simplex", relative_gap=0.0)
_SECONDS = 600.0
_BROKEN = 1e-6
_ALMOST = 1e-9


@dataclass(frozen=True)
class TodaysPosture:
    """Today's posture with a deployment that misses least.

    Attributes:
        problem: of year 1 alone, as it was given.
        index: of that problem.
        program: the program in which everything but deployments is kept, no rule holds, and every need stays as well
            met as it is.
        solution: the posture as a solution of year 1; its plan is that deployment.
        broken_rules: the table of a score.
    """

    problem: Problem
    index: Index
    program: Matrix
    solution: Solution
    broken_rules: pd.DataFrame


def todays_posture(problem: Problem, interrupt: threading.Event | None = None) -> TodaysPosture:
    """Today's posture of a problem.

    Args:
        problem: a problem without findings, as it was given.
        interrupt: when set, the question ends without an answer.

    Raises:
        SolverError: the solver failed, or was interrupted.
    """
    year_one = variants.in_year_one(problem)
    index = build_index(year_one, ASKED)
    kept = _kept(compile_matrix(index))
    rules = _rules(kept)
    program = _without(kept, rules)
    least = solved(Session(program, OPTIONS, interrupt), relax=True)
    program = _as_well_met(program, least)
    values, broken = _least_broken(
        year_one, replace(kept, column_upper=program.column_upper), rules, interrupt
    )
    tables = plan_tables(index, kept, values, is_relaxed=False, row_duals=None)
    findings = _audited(Plan(index.problem, tables, is_relaxed=False, asked=ASKED))
    outcome = {"plan": "FEASIBLE", "audit_passed": not findings, "audit_findings": findings}
    solution = Solution(outcome, OPTIONS.echo(), problem.digest, tables)
    return TodaysPosture(year_one, index, program, solution, broken)


def solved(session: Session, *, relax: bool, method: str | None = None) -> Answer:
    """The optimal answer of a session.

    Raises:
        SolverError: there is none.
    """
    answer = session.solve(time_limit_seconds=_SECONDS, relax=relax, method=method)
    if answer.termination != "OPTIMAL" and method is not None:
        answer = session.solve(time_limit_seconds=_SECONDS, relax=relax)
    if answer.termination != "OPTIMAL" or answer.values is None:
        raise SolverError(f"today's posture could not be scored: the solver ended with {answer.termination}")
    return answer


def _kept(matrix: Matrix) -> Matrix:
    """The program in which what is there today stays, and nothing changes it."""
    lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
    for name in KEPT:
        block = matrix.columns[name]
        lower[block.positions] = upper[block.positions] = matrix.column_lower[in_first_period(block)]
    for name in NOTHING:
        places = matrix.columns[name].positions
        lower[places] = upper[places] = 0.0
    return replace(matrix, column_lower=lower, column_upper=upper)


def _rules(matrix: Matrix) -> Mask:
    """Which rows are rules: policy but for needs, and whatever is true or not of what is kept."""
    is_free = (matrix.column_lower < matrix.column_upper).astype(float)
    has_free = np.asarray(abs(matrix.coefficients) @ is_free > 0)
    rules: Mask = matrix.is_policy | ~has_free
    rules[matrix.rows["deterrence"].positions] = False
    return rules


def _without(matrix: Matrix, rules: Mask) -> Matrix:
    return replace(
        matrix,
        row_lower=np.where(rules, -np.inf, matrix.row_lower),
        row_upper=np.where(rules, np.inf, matrix.row_upper),
    )


def _as_well_met(program: Matrix, least: Answer) -> Matrix:
    """The program in which no need goes shorter than in an answer."""
    assert least.values is not None
    places = program.columns["shortfall"].positions
    upper = program.column_upper.copy()
    # A trace of room: the solver keeps bounds only within its tolerance.
    upper[places] = np.maximum(least.values[places], 0.0) + _ALMOST
    return replace(program, column_upper=upper)


def _least_broken(
    problem: Problem, kept: Matrix, rules: Mask, interrupt: threading.Event | None
) -> tuple[Floats, pd.DataFrame]:
    """Values of the columns that break rules least, and the rules that they break."""
    softened = elastic(replace(kept, is_policy=rules), without_prices(kept))
    program = replace(softened.matrix, minimized=(TWINS,))
    is_linear = not (program.is_integer & (program.column_lower < program.column_upper)).any()
    values = solved(Session(program, OPTIONS, interrupt), relax=is_linear).values
    assert values is not None
    lacks = values[softened.twins]
    values = values[: len(kept.column_lower)]
    has = kept.coefficients @ values
    words, names = RuleWords(problem), _named_rows(kept)
    lower_count = int(np.isfinite(kept.row_lower[rules]).sum())
    broken = []
    for twin in np.flatnonzero(lacks > _BROKEN):
        row = int(softened.rows[twin])
        bound = kept.row_lower[row] if twin < lower_count else kept.row_upper[row]
        if lacks[twin] > _BROKEN * abs(bound):
            block, key = names[row]
            broken.append(
                {
                    "row_name": f"{block}[{','.join(map(str, key))}]",
                    "sentence": words.sentence(block, key),
                    "has": has[row],
                    "bound": bound,
                    "off_by": lacks[twin],
                }
            )
    table = SCORE_TABLES["broken_rules"]
    return values, clean_table(table, pd.DataFrame(broken, columns=list(table.by_name)))


def _named_rows(matrix: Matrix) -> dict[int, tuple[str, tuple[Any, ...]]]:
    return {
        int(position): (block, key)
        for block, rows in matrix.rows.items()
        for key, position in zip(rows.keys, rows.positions, strict=True)
    }


def _audited(plan: Plan) -> list[str]:
    """Findings about what is deployed and what is paid; today's forces are the tables' own."""
    malformed = shape(plan)
    return malformed or [*deployment(plan), *deterrence(plan), *ledger_shown(plan)]
