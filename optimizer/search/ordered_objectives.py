"""From a compiled problem to a plan: objectives in their order, whole numbers, ties.

Linear programs hold an objective's optimal face exactly while the next is minimized. Programs in whole numbers
hold the value that was accepted, by a row: what comes later may use neither the gap that was left nor more.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from optimizer.objectives import COST_VECTORS, Asked
from optimizer.search.integer import Incumbent, Report, Start, Step, find_plan, find_plan_in_two_processes
from optimizer.search.tie_break import minimize_in_order
from optimizer.solver.matrix import Block, Floats, Matrix
from optimizer.solver.session import Answer, Session

_HELD = 1e-9
_NOBODY = 1e-6
_TIES_SHARE = 0.25
_TIES_RELAXATIONS = 1.0
_ALLOWANCE_RELAXATIONS = 4.0
_LEAST_ALLOWANCE_SECONDS = 10.0


@dataclass(frozen=True)
class OrderedPlan:
    """The best plan found.

    Attributes:
        termination: a word of the Termination choice.
        tie_break: a word of the TieBreak choice; empty without a plan.
        values: value of each column; None without a plan.
        bounds: for each objective that was minimized, its proven lower bound, without offset.
        row_duals: of a linear program, at the end of the first objective; in whole numbers None.
        bound_source: a word of the BoundSource choice, of the first bound.
        source: what found the plan in whole numbers; empty else.
        steps: how plan and bound of the first objective got better, in whole numbers.
    """

    termination: str
    tie_break: str
    values: Floats | None
    bounds: list[float]
    row_duals: Floats | None
    bound_source: str = "RELAXATION"
    source: str = ""
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Clock:
    """When a solve began and has to end, as times of ``time.perf_counter``.

    Attributes:
        started: when it began.
        deadline: when the search stops.
    """

    started: float
    deadline: float

    def finishing(self, session: Session, relaxation: Answer) -> float:
        """When a plan has to be finished, whose search is over; from now on only this ends the session's runs.

        At the deadline, or later by four times what the relaxation took, and ten seconds at least: a plan whose
        ties are not broken, or that was not completed, is none to show. After an interrupt, by the latter.
        """
        allowance = max(_LEAST_ALLOWANCE_SECONDS, _ALLOWANCE_RELAXATIONS * relaxation.seconds)
        finish_by = time.perf_counter() + allowance
        if not session.interrupt.is_set():
            finish_by = max(finish_by, self.deadline)
        session.interrupt = threading.Event()
        return finish_by


def linear_plan(session: Session, relaxation: Answer, asked: Asked, clock: Clock) -> OrderedPlan:
    """The plan of a linear program whose first objective is minimized.

    Args:
        session: the session that gave the answer.
        relaxation: the answer, optimal.
        asked: what is asked of the plan.
        clock: when to stop; all that comes after the relaxation is finishing.
    """
    matrix = session.matrix
    later = [COST_VECTORS[objective] for objective in asked.objectives[1:]]
    order = [*later, *asked.tie_break]
    ending = "INTERRUPTED" if session.interrupt.is_set() else "TIME_LIMIT"
    finish_by = clock.finishing(session, relaxation)
    done = minimize_in_order(session, relaxation, matrix.column_lower, matrix.column_upper, order, finish_by)
    assert relaxation.values is not None
    plans = [relaxation.values, *(values for values, _ in done)]
    bounds = [relaxation.bound, *(least for _, least in done[: len(later)])]
    termination = "OPTIMAL" if len(done) >= len(later) else ending
    tie_break = "DONE" if len(done) == len(order) else "SKIPPED"
    return OrderedPlan(termination, tie_break, plans[-1], bounds, relaxation.row_duals)


def whole_plan(
    session: Session,
    relaxation: Answer,
    asked: Asked,
    clock: Clock,
    report: Report,
    start: Start | None = None,
) -> OrderedPlan:
    """The best plan in whole numbers.

    Args:
        session: the session that gave the answer.
        relaxation: the linear relaxation of the first objective, optimal.
        asked: what is asked of the plan.
        clock: when to stop; the search stops a little earlier, so that there is time to break ties.
        report: is given stage, bound and value of the objective at hand as they change.
        start: whole numbers to start from.
    """
    search = find_plan_in_two_processes if session.options.process_count == 2 else find_plan
    incumbent = Incumbent(relaxation.bound, session.matrix.objective_offset, clock.started, report)
    first, interrupt = relaxation, session.interrupt
    left = clock.deadline - time.perf_counter()
    search_by = clock.deadline - min(_TIES_SHARE * left, _TIES_RELAXATIONS * relaxation.seconds)
    termination = search(session, relaxation, search_by, incumbent, start)
    values, source, steps, bounds = incumbent.values, incumbent.source, incumbent.steps, [incumbent.bound]
    bound_source = incumbent.bound_source
    if values is None:
        return OrderedPlan(termination, "", None, bounds, None, bound_source)
    for objective in asked.objectives[1:]:
        if termination != "OPTIMAL":
            break
        matrix = replace(holding(session.matrix, values), minimized=COST_VECTORS[objective])
        session = Session(matrix, session.options, interrupt)
        relaxation = session.solve(time_limit_seconds=clock.deadline - time.perf_counter(), relax=True)
        if relaxation.termination != "OPTIMAL":
            termination = "INTERRUPTED" if interrupt.is_set() else "TIME_LIMIT"
            break
        incumbent = Incumbent(relaxation.bound, matrix.objective_offset, clock.started, report)
        incumbent.offer(values, float(matrix.objective @ values), source)
        termination = search(session, relaxation, search_by, incumbent)
        values, source = incumbent.values, incumbent.source
        assert values is not None
        bounds.append(incumbent.bound)
    report("breaking ties", bounds[-1], float(session.matrix.objective @ values))
    unmet = [COST_VECTORS[objective] for objective in asked.objectives[1:]]
    unmet = [vectors for vectors in unmet[len(bounds) - 1 :] if vectors != session.matrix.minimized]
    finish_by = clock.finishing(session, first)
    values, tie_break = _settled(session, values, [*unmet, *asked.tie_break], finish_by)
    return OrderedPlan(termination, tie_break, values, bounds, None, bound_source, source, steps)


def holding(matrix: Matrix, values: Floats) -> Matrix:
    """The program with one more row: what is minimized stays at or below its value in a plan."""
    cost = matrix.objective
    accepted = float(cost @ values)
    row = len(matrix.row_lower)
    name = "held_" + "_".join(matrix.minimized)
    return replace(
        matrix,
        coefficients=sp.csr_array(sp.vstack([matrix.coefficients, sp.csr_array(cost[np.newaxis, :])])),
        row_lower=np.append(matrix.row_lower, -np.inf),
        row_upper=np.append(matrix.row_upper, accepted + _HELD * max(1.0, abs(accepted))),
        is_policy=np.append(matrix.is_policy, False),
        rows={**matrix.rows, name: Block([()], np.array([row]))},
    )


def _settled(
    session: Session, values: Floats, order: Sequence[tuple[str, ...]], finish_by: float
) -> tuple[Floats, str]:
    """The plan with its whole numbers fixed, optimal in everything else, then in an order of costs."""
    matrix = session.matrix
    lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
    whole = matrix.is_integer
    accepted = float(matrix.objective @ values)
    for chosen in (without_idle_sites(matrix, values), values):
        lower[whole] = upper[whole] = np.round(chosen[whole])
        session.set_column_bounds(lower, upper)
        fixed = session.solve(time_limit_seconds=finish_by - time.perf_counter(), relax=True)
        is_kept = fixed.objective <= accepted + _HELD * max(1.0, abs(accepted))
        if fixed.termination == "OPTIMAL" and (is_kept or chosen is values):
            break
    if fixed.termination != "OPTIMAL" or fixed.values is None:
        return values, "SKIPPED"
    done = minimize_in_order(session, fixed, lower, upper, order, finish_by)
    if len(done) < len(order):
        return done[-1][0] if done else fixed.values, "SKIPPED"
    return done[-1][0], "INTEGERS_FIXED"


def without_idle_sites(matrix: Matrix, values: Floats) -> Floats:
    """The plan in which sites that cost the lead actor nothing, and where nobody ever is, are closed from year 1.

    A search for the lead actor's least cost leaves them as it finds them. To close one may take money that the ally
    needs for forces, or break a ramp: then the plan is dearer, or none.
    """
    stationed, opened = matrix.columns["stationed"], matrix.columns["open"]
    used = {
        (key[0], key[2])
        for key, position in zip(stationed.keys, stationed.positions, strict=True)
        if values[position] > _NOBODY and matrix.column_upper[position] > matrix.column_lower[position]
    }
    chosen = values.copy()
    cost = matrix.costs["lead_cost"]
    for key, position in zip(opened.keys, opened.positions, strict=True):
        if key[:2] not in used and cost[position] == 0 and matrix.column_lower[position] == 0:
            chosen[position] = 0.0
    now = dict(zip(opened.keys, chosen[opened.positions], strict=True))
    previous = {later: year for year, later in pairwise(sorted({key[2] for key in opened.keys}))}
    for name, sign in (("opening", 1.0), ("closing", -1.0)):
        block = matrix.columns[name]
        for key, position in zip(block.keys, block.positions, strict=True):
            if cost[position] == 0 and key[:2] not in used:
                change = now[key] - now[*key[:2], previous[key[2]]]
                chosen[position] = max(0.0, sign * change)
    return chosen
