"""Solves a problem: check, build, relax, find whole numbers, break ties, write out, audit."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit import audit
from optimizer.checks.admission import checked_index
from optimizer.errors import NeverHoldsError
from optimizer.explain.infeasible import conflicts, never_holds
from optimizer.formulation.frames.index import Index
from optimizer.objectives import COST_VECTORS, LEAD_COST
from optimizer.plan.clean_numbers import clean_fields, clean_table
from optimizer.plan.extraction import plan_tables
from optimizer.plan.ledger import money_lines
from optimizer.plan.objectives import gap, objective_results
from optimizer.plan.withheld import without_allies
from optimizer.search.held_prices import price_kind, prices_with_integers_held
from optimizer.search.integer import Step
from optimizer.search.ordered_objectives import Clock, OrderedPlan, linear_plan, whole_plan
from optimizer.search.starts import start_of_plan
from optimizer.solve_options import GUARD_SECONDS, SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.solver.session import Session
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES
from optimizer.tables.solution import Solution

_log = logging.getLogger(__name__)

_LEAST_CONFIRMATION_SECONDS = 20.0
_WITHHELD = (
    "Many plans cost the lead actor the same, and the one cheapest to all could not be chosen in time, or not without "
    "making it dearer by the last digit."
)
_MOST_EXPLANATION_SECONDS = 120.0


@dataclass(frozen=True)
class Progress:
    """How far a solve is.

    Attributes:
        stage: what is being done.
        seconds: since the start.
        bound_usd_m: proven lower bound of the lead actor's cost, if that alone is asked for and there is one.
        incumbent_usd_m: likewise, cost of the best plan.
        relative_gap: gap between bound and value of the objective at hand, if both are there.
    """

    stage: str
    seconds: float
    bound_usd_m: float | None
    incumbent_usd_m: float | None
    relative_gap: float | None


def solve(
    problem: Problem,
    options: SolveOptions,
    on_progress: Callable[[Progress], None] | None = None,
    interrupt: threading.Event | None = None,
    start: Mapping[str, pd.DataFrame] | None = None,
    index: Index | None = None,
    guard_seconds: float = GUARD_SECONDS,
) -> Solution:
    """Solves a problem.

    Args:
        problem: the problem as it was given.
        options: how to solve it.
        on_progress: is given every stage, and bounds as they change.
        interrupt: when set, the search ends soon. The best plan is finished, which takes up to four times what the
            relaxation took, and ten seconds at least; before there is a plan the solve ends without one.
        start: tables of a plan, of this problem or one like it, from which the search for whole numbers starts.
        index: what ``checked_index`` made of the problem for what is asked, where that is known already.
        guard_seconds: when a search ends whose options give it no time.

    Returns:
        The solution; that there is no plan is one too.

    Raises:
        ProblemError: the problem has findings.
        SolverError: the solver failed.
    """
    return _Solve(problem, options, on_progress, interrupt or threading.Event(), start, guard_seconds).run(
        index
    )


class _Solve:
    """One solve, from its start."""

    def __init__(
        self,
        problem: Problem,
        options: SolveOptions,
        on_progress: Callable[[Progress], None] | None,
        interrupt: threading.Event,
        start: Mapping[str, pd.DataFrame] | None,
        guard_seconds: float,
    ) -> None:
        self.started = time.perf_counter()
        limit = options.time_limit_seconds
        self.deadline = self.started + (guard_seconds if limit is None else limit)
        self.problem, self.options, self.asked = problem, options, options.asked
        self.on_progress, self.interrupt, self.start = on_progress, interrupt, start
        self.offset = 0.0

    def run(self, index: Index | None) -> Solution:
        if index is None:
            self.report("checking")
            index = checked_index(self.problem, self.asked)
        self.report("building the model")
        try:
            matrix = compile_matrix(index)
        except NeverHoldsError as refused:
            _log.info("%s", refused)
            said = [never_holds(self.problem, refused)]
            return self.result({"termination": "INFEASIBLE", "plan": "NONE", "conflicts": said}, bound=None)
        self.offset = matrix.objective_offset
        rows, columns = matrix.coefficients.shape
        _log.info("%d rows, %d columns, %d nonzeros", rows, columns, matrix.coefficients.nnz)
        session = Session(matrix, self.options, self.interrupt)
        self.report("linear relaxation")
        relaxation = session.solve(time_limit_seconds=self.left(), relax=True)
        if relaxation.termination != "OPTIMAL":
            return self.without_plan(session, relaxation.termination, relax=True)
        self.report("linear relaxation", relaxation.bound)
        is_linear = self.options.relax or not matrix.is_integer.any()
        clock = Clock(self.started, self.deadline)
        if is_linear:
            self.report("breaking ties", relaxation.bound, relaxation.objective)
            plan = linear_plan(session, relaxation, self.asked, clock)
        else:
            start = None if self.start is None else start_of_plan(matrix, self.start)
            plan = whole_plan(session, relaxation, self.asked, clock, self.report, start)
        if plan.values is None:
            return self.without_plan(session, plan.termination, is_linear, plan.bounds[0])
        if not is_linear and self.asked.is_money_first:
            seconds = clock.finishing(session, relaxation) - time.perf_counter()
            plan = replace(plan, row_duals=prices_with_integers_held(session, plan.values, seconds))
        return self.with_plan(index, matrix, plan)

    def search_steps(self, steps: list[Step]) -> pd.DataFrame:
        """How plan and bound got better, as the table search_steps."""
        table = SOLUTION_TABLES["search_steps"]
        rows = [
            {
                "step_number": number,
                "elapsed_seconds": step.seconds,
                "best_bound": step.bound + self.offset,
                "best_value": None if step.objective is None else step.objective + self.offset,
                "step_source": step.source,
            }
            for number, step in enumerate(steps, start=1)
        ]
        return clean_table(table, pd.DataFrame(rows, columns=list(table.by_name)))

    def without_plan(
        self, session: Session, termination: str, relax: bool, bound: float | None = None
    ) -> Solution:
        """The result where no plan is held; that none exists is confirmed without presolve."""
        if termination == "INFEASIBLE":
            self.report("confirming that there is no plan")
            seconds = max(self.left(), _LEAST_CONFIRMATION_SECONDS)
            confirmed = session.confirms_infeasible(seconds, relax)
            termination = "INFEASIBLE" if confirmed else "INFEASIBLE_UNCONFIRMED"
        outcome: dict[str, Any] = {"termination": termination, "plan": "NONE"}
        if termination == "INFEASIBLE":
            self.report("looking for what is at fault")
            seconds = min(seconds, _MOST_EXPLANATION_SECONDS)
            outcome["conflicts"] = conflicts(
                self.problem, self.asked, session.matrix, self.options, seconds, self.interrupt
            )
        return self.result(outcome, bound=bound)

    def with_plan(self, index: Index, matrix: Matrix, plan: OrderedPlan) -> Solution:
        """The result with a plan: its tables, its audit, its numbers.

        A plan that was not finished is shown without what allies have; where it even fails its audit, not at all.
        """
        values, bound = plan.values, plan.bounds[0]
        assert values is not None
        self.report("writing out and auditing", bound, float(matrix.objective @ values))
        row_duals = plan.row_duals if self.asked.is_money_first else None
        tables = plan_tables(index, matrix, values, self.options.relax, row_duals)
        tables["objective_results"] = objective_results(matrix, self.asked, values, plan.bounds)
        tables["search_steps"] = self.search_steps(plan.steps)
        paid = money_lines(tables["ledger"])
        penalty = tables["ledger"].drop(paid.index)["discounted_usd_m"].sum()
        lead_cost = paid.loc[paid["actor_id"] == index.lead, "discounted_usd_m"].sum()
        objective = matrix.value(COST_VECTORS[LEAD_COST], values)
        results = tables["objective_results"]
        gaps = [
            gap(value, least) for value, least in zip(results["value"], results["best_bound"], strict=True)
        ]
        is_optimal = plan.termination == "OPTIMAL" and all(
            part <= max(self.options.optimal_gap, 1e-9) for part in gaps
        )
        numbers = {
            "termination": plan.termination,
            "tie_break": plan.tie_break,
            **({"plan_source": plan.source} if plan.source else {}),
            **({} if row_duals is None else {"price_kind": price_kind(matrix, self.options.relax)}),
            "plan": "OPTIMAL" if is_optimal else "FEASIBLE",
            "lead_cost_usd_m": float(lead_cost),
            "penalty_usd_m": float(penalty),
            "objective_usd_m": objective,
            "relative_gap": gaps[0],
            "bound_source": plan.bound_source,
            "alliance_cost_usd_m": float(paid["discounted_usd_m"].sum()),
        }
        solution = self.result(numbers, bound, tables)
        findings = audit(self.problem, tables, self.options.relax, objective, self.asked, solution.outcome)
        audited = {"audit_passed": not findings, "audit_findings": findings}
        solution = replace(solution, outcome={**solution.outcome, **audited})
        if plan.tie_break != "SKIPPED":
            return solution
        if findings:
            _log.warning("a plan that was not finished fails its audit: %s", findings)
            is_cut_short = plan.termination in ("TIME_LIMIT", "INTERRUPTED")
            ending = plan.termination if is_cut_short else "SOLVER_FAILURE"
            return self.result({"termination": ending, "plan": "NONE"}, bound)
        shown = {**solution.outcome, "allied_figures_withheld": _WITHHELD}
        del shown["alliance_cost_usd_m"]
        return replace(solution, outcome=shown, tables=without_allies(solution.tables, index.lead))

    def result(
        self, outcome: dict[str, Any], bound: float | None, tables: dict[str, pd.DataFrame] | None = None
    ) -> Solution:
        """The solution of an outcome."""
        is_cost = self.asked.objectives[0] == LEAD_COST
        if is_cost and bound is not None and np.isfinite(bound):
            outcome["best_bound_usd_m"] = float(bound + self.offset)
        outcome["wall_seconds"] = time.perf_counter() - self.started
        empty = {name: table.empty() for name, table in SOLUTION_TABLES.items()}
        return Solution(clean_fields(outcome), self.options.echo(), self.problem.digest, tables or empty)

    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.deadline - time.perf_counter())

    def report(self, stage: str, bound: float | None = None, objective: float | None = None) -> None:
        """Tells how far the solve is."""
        if self.on_progress is None:
            return
        shown = [None if value is None else value + self.offset for value in (bound, objective)]
        part = None
        if shown[0] is not None and shown[1] is not None:
            part = gap(shown[1], shown[0])
        if self.asked.objectives != (LEAD_COST,):
            shown = [None, None]
        self.on_progress(Progress(stage, time.perf_counter() - self.started, shown[0], shown[1], part))
