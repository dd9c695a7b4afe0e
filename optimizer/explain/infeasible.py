"""What is at fault where no plan exists: the budget, needs, or rules, in a planner's words.

First the budget is left out: what the lead actor pays at least says whether it is too small. Then needs may go short,
and if that does not help, every rule may be broken. What is broken where least is broken, is named.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimizer.errors import NeverHoldsError
from optimizer.explain.rule_words import RuleWords
from optimizer.objectives import Asked
from optimizer.search.integer.elastic import TWINS, elastic, without_prices
from optimizer.search.integer.neighborhoods import Mask
from optimizer.solve_options import SolveOptions
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Answer, Session
from optimizer.tables.problem import Problem

_NEEDS, _BUDGET = "deterrence", "lead_budget"
_MOST_LINES = 12
_BROKEN = 1e-6


def conflicts(
    problem: Problem,
    asked: Asked,
    matrix: Matrix,
    options: SolveOptions,
    seconds: float,
    interrupt: threading.Event,
) -> list[str]:
    """Sentences that say what is at fault in a program without a feasible point, the least that can be broken.

    Args:
        problem: the problem as it was given.
        asked: what was asked of the plan.
        matrix: the program.
        options: how it was solved.
        seconds: limit of each solve here, of which there are at most six.
        interrupt: when set, what is known so far is said.
    """

    def best(program: Matrix, relax: bool) -> Answer:
        return Session(program, options, interrupt).solve(time_limit_seconds=seconds, relax=relax)

    kinds = [True] if options.relax or not matrix.is_integer.any() else [True, False]
    beside: list[str] = []
    if asked.lead_budget_usd_m is not None:
        matrix = _without_budget(matrix)
        answers = [best(matrix, relax) for relax in kinds]
        said = _of_budget(asked.lead_budget_usd_m, answers, matrix.offsets["lead_cost"])
        if said:
            return said
        if any(answer.termination == "INFEASIBLE" for answer in answers):
            beside = ["Without the budget there is no plan either."]
    words, is_known = RuleWords(problem), True
    for is_soft, heading in (
        (_rows_of(matrix, _NEEDS), "Not all needs can be met. A plan that lacks least lacks these points:"),
        (matrix.is_policy, "Not all needs and rules can hold. Least is broken where these are not kept:"),
    ):
        program = elastic(replace(matrix, is_policy=is_soft), without_prices(matrix))
        for relax in kinds:
            answer = best(replace(program.matrix, minimized=(TWINS,)), relax)
            is_known &= answer.termination == "INFEASIBLE"
            if answer.values is None or answer.termination != "OPTIMAL" or program.is_kept(answer.values):
                continue
            lacks = answer.values[program.twins]
            broken = np.flatnonzero(lacks > _BROKEN)
            lines = _lines(words, matrix, {int(program.rows[twin]): float(lacks[twin]) for twin in broken})
            return [*beside, heading, *_shortened(lines), *_hint(is_soft is not matrix.is_policy)]
    otherwise = "Even without needs and rules no plan exists: look at today's forces, sites and limits."
    return [*beside, otherwise] if is_known else beside


def never_holds(problem: Problem, refused: NeverHoldsError) -> str:
    """A sentence that names the one row that no plan can keep."""
    return f"One rule alone can never hold: {RuleWords(problem).sentence(refused.block, refused.key)}."


def _without_budget(matrix: Matrix) -> Matrix:
    is_budget = _rows_of(matrix, _BUDGET)
    return replace(matrix, row_upper=np.where(is_budget, np.inf, matrix.row_upper), minimized=("lead_cost",))


def _of_budget(budget: float, answers: Sequence[Answer], offset: float) -> list[str]:
    """What the plan that costs the lead actor least says of the budget; nothing where the budget is not at fault.

    Args:
        budget: most the lead actor may spend.
        answers: of the relaxation without a budget, and of the program if it has whole numbers.
        offset: of the lead actor's cost.
    """
    found = answers[-1]
    least = max(answer.bound for answer in answers) + offset
    is_below = budget < least < math.inf
    if not is_below and found.values is None:
        return []
    lines = [f"A budget of {_number(budget)} M$ is too small."]
    if is_below:
        at_least = math.floor(least * 10 + 1e-4) / 10
        lines.append(f"No plan costs the lead actor less than {_number(at_least)} M$.")
    if found.values is not None:
        cost = math.ceil((found.objective + offset) * 10 - 1e-4) / 10
        lines.append(f"With a budget of {_number(cost)} M$ there is a plan.")
    return lines


def _rows_of(matrix: Matrix, block: str) -> Mask:
    chosen = np.zeros(len(matrix.row_lower), dtype=bool)
    if block in matrix.rows:
        chosen[matrix.rows[block].positions] = True
    return chosen


def _lines(words: RuleWords, matrix: Matrix, lacks: Mapping[int, float]) -> list[str]:
    """A line for each row that lacks something, in the order of the rows."""
    found = {
        int(position): (block, key)
        for block, rows in matrix.rows.items()
        for key, position in zip(rows.keys, rows.positions, strict=True)
        if int(position) in lacks
    }
    lines = []
    for row, (block, key) in sorted(found.items()):
        if block == _NEEDS:
            theater, capability, phase, scenario, year = key
            place = [words.name("capability", capability), words.name("theater", theater), str(phase)]
            place += [words.name("scenario", scenario), str(year)]
            needed = _number(matrix.row_lower[row])
            lines.append(f"  {', '.join(place)}: {needed} needed, {_number(lacks[row])} missing")
        else:
            lacking = f"{_number(lacks[row])} {words.unit(block, key)}"
            lines.append(f"  {words.sentence(block, key)}: off by {lacking}")
    return lines


def _shortened(lines: list[str]) -> list[str]:
    rest = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"  and {rest} more"] if rest > 0 else [])]


def _hint(is_of_needs: bool) -> list[str]:
    return ["--objective shortfall looks for the plan that lacks least."] if is_of_needs else []


def _number(value: float) -> str:
    return f"{max(round(value, 3), 0.001) if value > 0 else round(value, 3):,.15g}"
