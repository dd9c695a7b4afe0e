"""Solves a problem: check, build, relax, find whole numbers, break ties, write out, audit."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pyomo.common.errors import InfeasibleConstraintException

from optimizer.audit import audit
from optimizer.checks import check
from optimizer.errors import ProblemError
from optimizer.formulation.index import Index, build_index
from optimizer.integer_plans import Incumbent, find_plan, find_plan_in_two_processes
from optimizer.matrix import Floats, Matrix, compile_matrix
from optimizer.model_checks import model_findings
from optimizer.plan_extraction import plan_tables
from optimizer.problem import Problem
from optimizer.schema import SOLUTION_TABLES
from optimizer.session import Session
from optimizer.solution import Solution
from optimizer.solve_settings import SolveSettings
from optimizer.tie_break import break_ties

_log = logging.getLogger(__name__)

_LEAST_CONFIRMATION_SECONDS = 20.0
_LEAST_FINISH_SECONDS = 10.0


@dataclass(frozen=True)
class Progress:
    """How far a solve is.

    Attributes:
        stage: what is being done.
        seconds: since the start.
        bound_usd_m: proven lower bound of the objective, if there is one.
        incumbent_usd_m: objective of the best plan, if there is one.
        relative_gap: gap between the two, if both are there.
    """

    stage: str
    seconds: float
    bound_usd_m: float | None
    incumbent_usd_m: float | None
    relative_gap: float | None


def solve(
    problem: Problem,
    settings: SolveSettings,
    on_progress: Callable[[Progress], None] | None = None,
    interrupt: threading.Event | None = None,
) -> Solution:
    """Solves a problem.

    Args:
        problem: the problem as it was given.
        settings: how to solve it.
        on_progress: is given every stage, and bounds as they change.
        interrupt: when set, the solve ends soon, with the best plan found.

    Returns:
        The solution; that there is no plan is one too.

    Raises:
        ProblemError: the problem has findings.
        SolverError: the solver failed.
    """
    return _Solve(problem, settings, on_progress, interrupt or threading.Event()).run()


class _Solve:
    """One solve, from its start."""

    def __init__(
        self,
        problem: Problem,
        settings: SolveSettings,
        on_progress: Callable[[Progress], None] | None,
        interrupt: threading.Event,
    ) -> None:
        self.started = time.perf_counter()
        self.deadline = self.started + settings.time_limit_seconds
        self.problem, self.settings = problem, settings
        self.on_progress, self.interrupt = on_progress, interrupt
        self.offset = 0.0

    def run(self) -> Solution:
        self.report("checking")
        findings = check(self.problem)
        if findings:
            raise ProblemError(findings)
        index = build_index(self.problem)
        findings = model_findings(index)
        if findings:
            raise ProblemError(findings)
        self.report("building the model")
        try:
            matrix = compile_matrix(index)
        except InfeasibleConstraintException as refused:
            _log.info("a row can never hold: %s", refused)
            return self.result({"termination": "INFEASIBLE", "plan": "NONE"}, bound=None)
        self.offset = matrix.objective_offset
        rows, columns = matrix.coefficients.shape
        _log.info("%d rows, %d columns, %d nonzeros", rows, columns, matrix.coefficients.nnz)
        session = Session(matrix, self.settings, self.interrupt)
        self.report("linear relaxation")
        relaxation = session.solve(self.left(), relax=True)
        if relaxation.termination != "OPTIMAL":
            return self.without_plan(session, relaxation.termination)
        self.report("linear relaxation", relaxation.bound)
        if self.settings.relax or not matrix.is_integer.any():
            self.report("breaking ties", relaxation.bound, relaxation.objective)
            values, tie_break = break_ties(
                session, relaxation, matrix.column_lower, matrix.column_upper, self.finish_by()
            )
            outcome = {"termination": "OPTIMAL", "tie_break": tie_break}
            return self.with_plan(index, matrix, values, relaxation.bound, outcome, relaxation.row_duals)
        incumbent = Incumbent(relaxation.bound, self.offset, self.started, self.report)
        search = find_plan_in_two_processes if self.settings.processes == 2 else find_plan
        termination = search(session, relaxation, self.deadline, incumbent)
        if incumbent.values is None:
            return self.without_plan(session, termination, incumbent.bound)
        self.report("breaking ties", incumbent.bound, incumbent.objective)
        values, tie_break = self.settled(session, incumbent.values)
        outcome = {"termination": termination, "tie_break": tie_break, "plan_source": incumbent.source}
        steps = self.search_steps(incumbent)
        return self.with_plan(index, matrix, values, incumbent.bound, outcome, None, steps)

    def settled(self, session: Session, values: Floats) -> tuple[Floats, str]:
        """The plan with its whole numbers fixed, optimal in everything else, ties broken."""
        matrix = session.matrix
        lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
        whole = matrix.is_integer
        lower[whole] = upper[whole] = np.round(values[whole])
        session.set_column_bounds(lower, upper)
        fixed = session.solve(self.finish_by() - time.perf_counter(), relax=True)
        if fixed.termination != "OPTIMAL" or fixed.values is None:
            return values, "SKIPPED"
        settled, tie_break = break_ties(session, fixed, lower, upper, self.finish_by())
        return settled, "INTEGERS_FIXED" if tie_break == "DONE" else tie_break

    def search_steps(self, incumbent: Incumbent) -> pd.DataFrame:
        """How plan and bound got better, as the table search_steps."""
        table = SOLUTION_TABLES["search_steps"]
        steps = [
            (
                number,
                step.seconds,
                step.bound + self.offset,
                None if step.objective is None else step.objective + self.offset,
                step.source,
            )
            for number, step in enumerate(incumbent.steps, start=1)
        ]
        types = {column.name: column.pandas_type for column in table.columns}
        return pd.DataFrame(steps, columns=list(table.by_name)).astype(types)

    def without_plan(self, session: Session, termination: str, bound: float | None = None) -> Solution:
        """The result where no plan is held; that none exists is confirmed without presolve."""
        if termination == "INFEASIBLE":
            self.report("confirming that there is no plan")
            seconds = max(self.left(), _LEAST_CONFIRMATION_SECONDS)
            confirmed = session.confirms_infeasible(seconds)
            termination = "INFEASIBLE" if confirmed else "INFEASIBLE_UNCONFIRMED"
        return self.result({"termination": termination, "plan": "NONE"}, bound=bound)

    def with_plan(
        self,
        index: Index,
        matrix: Matrix,
        values: Floats,
        bound: float,
        outcome: dict[str, Any],
        row_duals: Floats | None,
        steps: pd.DataFrame | None = None,
    ) -> Solution:
        """The result with a plan: its tables, its audit, its numbers."""
        self.report("writing out and auditing", bound, float(matrix.objective @ values))
        tables = plan_tables(index, matrix, values, self.settings.relax, row_duals)
        if steps is not None:
            tables["search_steps"] = steps
        money = tables["ledger"][tables["ledger"]["kind"] != "PENALTY"]
        penalty = tables["ledger"][tables["ledger"]["kind"] == "PENALTY"]["discounted_usd_m"].sum()
        lead_cost = money.loc[money["actor_id"] == index.lead, "discounted_usd_m"].sum()
        objective = float(matrix.objective @ values) + self.offset
        findings = audit(self.problem, tables, self.settings.relax, objective)
        gap = max(0.0, (objective - bound - self.offset) / max(abs(objective), 1e-9))
        is_optimal = outcome["termination"] == "OPTIMAL" and gap <= max(self.settings.relative_gap, 1e-9)
        numbers = {
            "plan": "OPTIMAL" if is_optimal else "FEASIBLE",
            "lead_cost_usd_m": float(lead_cost),
            "penalty_usd_m": float(penalty),
            "objective_usd_m": objective,
            "relative_gap": gap,
            "alliance_cost_usd_m": float(money["discounted_usd_m"].sum()),
            "audit_passed": not findings,
            "audit_findings": findings,
        }
        return self.result({**outcome, **numbers}, bound, tables)

    def result(
        self, outcome: dict[str, Any], bound: float | None, tables: dict[str, pd.DataFrame] | None = None
    ) -> Solution:
        """The solution of an outcome."""
        if bound is not None and np.isfinite(bound):
            outcome["best_bound_usd_m"] = float(bound + self.offset)
        outcome["wall_seconds"] = time.perf_counter() - self.started
        empty = {name: table.empty() for name, table in SOLUTION_TABLES.items()}
        return Solution(outcome, self.settings.echo(), self.problem.digest, tables or empty)

    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.deadline - time.perf_counter())

    def finish_by(self) -> float:
        """When finishing touches end: at the deadline, or a little later so that a plan is never lost."""
        return max(self.deadline, time.perf_counter() + _LEAST_FINISH_SECONDS)

    def report(self, stage: str, bound: float | None = None, objective: float | None = None) -> None:
        """Tells how far the solve is."""
        if self.on_progress is None:
            return
        shown = [None if value is None else value + self.offset for value in (bound, objective)]
        gap = None
        if shown[0] is not None and shown[1] is not None:
            gap = max(0.0, (shown[1] - shown[0]) / max(abs(shown[1]), 1e-9))
        self.on_progress(Progress(stage, time.perf_counter() - self.started, shown[0], shown[1], gap))
