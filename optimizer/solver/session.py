"""One live HiGHS: load a matrix once, change bounds and costs, solve, interrupt.

Values go in and come out in the units of the tables; scaling is undone here. Every status that HiGHS returns is
looked at, since a refused option is otherwise silently replaced by its default.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.errors import SolverError
from optimizer.solve_options import SolveOptions
from optimizer.solver.highs import QuietHighs, pass_program
from optimizer.solver.matrix import Floats, Matrix, check_arrays, cost_scale, scaling, whole_bounds
from optimizer.solver.presolved import Reduction, reduction

Incumbent = Callable[[Floats, float], object]
Bounds = Callable[[float | None, float | None], None]

_STATUS = {
    "kOptimal": "OPTIMAL",
    "kInfeasible": "INFEASIBLE",
    "kUnboundedOrInfeasible": "INFEASIBLE",
    "kUnbounded": "UNBOUNDED",
    "kTimeLimit": "TIME_LIMIT",
    "kInterrupt": "INTERRUPTED",
    "kSolutionLimit": "WORK_LIMIT",
    "kIterationLimit": "WORK_LIMIT",
    "kModelEmpty": "OPTIMAL",
}
_FEASIBLE = 2
_INTERIOR_POINT = "ipx"
_SIMPLEX_NONZEROS = 50_000
_GRACE_SECONDS = 1.0
_ZERO_DUAL = 1e-9
_MOST = 2**31 - 1
_LONG_SECONDS = 1e6


@dataclass(frozen=True)
class Answer:
    """What one run of the solver gave.

    Attributes:
        termination: a word of the Termination choice.
        values: value of each column, or None if no feasible point is held.
        objective: its objective, without offset; infinite without a point.
        bound: proven lower bound of the objective, without offset; minus infinity if there is none.
        reduced_costs, row_duals: of a linear program solved to the end; else None.
        seconds: time the run took.
        iterations: of the simplex method and of interior point with its crossover; of a linear program.
    """

    termination: str
    values: Floats | None
    objective: float
    bound: float
    reduced_costs: Floats | None
    row_duals: Floats | None
    seconds: float
    iterations: int = 0


class Session:
    """A matrix inside HiGHS.

    Args:
        matrix: the program; its arrays are checked before they are handed over.
        options: threads, seed, solver and gap of every run.
        interrupt: when set, a run stops at the next callback.

    Raises:
        SolverError: the arrays are unfit, or HiGHS refuses them or an option.
    """

    def __init__(
        self, matrix: Matrix, options: SolveOptions, interrupt: threading.Event | None = None
    ) -> None:
        check_arrays(matrix)
        self.matrix = matrix
        self.options = options
        self.interrupt = interrupt or threading.Event()
        self._scaling = scaling(matrix)
        self._highs = QuietHighs()
        self._option("output_flag", True)
        self._option("threads", options.threads)
        self._option("random_seed", options.random_seed)
        self._option("mip_rel_gap", options.optimal_gap)
        self._option("mip_feasibility_tolerance", 1e-7)
        self._load()
        # By its own name: "ipm", and "choose" inside a mixed-integer run, become HiPO where that is installed.
        self._option("mip_ipm_solver", _INTERIOR_POINT)
        self._solver = _INTERIOR_POINT if options.solver == "ipm" else options.solver
        if options.solver == "choose" and matrix.coefficients.nnz > _SIMPLEX_NONZEROS:
            self._solver = _INTERIOR_POINT
            self._option("mip_lp_solver", _INTERIOR_POINT)
        self._column_range = np.arange(matrix.coefficients.shape[1], dtype=np.int32)
        self._row_range = np.arange(matrix.coefficients.shape[0], dtype=np.int32)
        self._column_bounds = matrix.column_lower, matrix.column_upper
        self._has_whole_bounds = False
        self._deadline = np.inf
        self._incumbent: Incumbent | None = None
        self._bounds: Bounds | None = None
        self._other_plan: Callable[[], Floats | None] | None = None
        for event in ("cbSimplexInterrupt", "cbIpmInterrupt", "cbMipInterrupt", "cbMipLogging"):
            callback = getattr(self._highs, event)
            callback += self._on_event
        improving = self._highs.cbMipImprovingSolution
        improving += self._on_improvement
        asking = self._highs.cbMipUserSolution
        asking += self._on_question

    @property
    def uses_interior_point(self) -> bool:
        """Whether linear programs are solved by the interior point method, if no other is asked for."""
        return self._solver == _INTERIOR_POINT

    def solve(
        self,
        *,
        time_limit_seconds: float,
        relax: bool = False,
        method: str | None = None,
        relative_gap: float | None = None,
        on_incumbent: Incumbent | None = None,
        on_bounds: Bounds | None = None,
        other_plan: Callable[[], Floats | None] | None = None,
        node_limit: int | None = None,
        iteration_limit: int | None = None,
    ) -> Answer:
        """Runs the solver on the program as it stands.

        Args:
            time_limit_seconds: limit of this run.
            relax: take whole columns as continuous.
            method: "primal" or "dual" simplex from the basis at hand, without presolve; None leaves the choice
                to the options. "dual" does not perturb costs: close to an optimum, removing what was perturbed
                takes longer than the way there.
            relative_gap: gap at which a mixed-integer run ends; None takes that of the options.
            on_incumbent: is given every improving point and its objective when it is found.
            on_bounds: is given bound and incumbent now and then.
            other_plan: is asked now and then for a plan found elsewhere.
            node_limit: nodes after which a mixed-integer run ends.
            iteration_limit: iterations after which the simplex method ends.

        Raises:
            SolverError: HiGHS fails outright.
        """
        self._set_kinds(self.matrix.is_integer & (not relax))
        is_linear = relax or not self.matrix.is_integer.any()
        self._limit_time(time_limit_seconds, is_linear)
        self._option("mip_rel_gap", self.options.optimal_gap if relative_gap is None else relative_gap)
        self._option("solver", "simplex" if method else self._solver)
        self._option("simplex_strategy", 4 if method == "primal" else 1)
        self._option("dual_simplex_cost_perturbation_multiplier", 0.0 if method == "dual" else 1.0)
        self._option("presolve", "off" if method else "choose")
        self._option("mip_max_nodes", _MOST if node_limit is None else node_limit)
        self._option("simplex_iteration_limit", _MOST if iteration_limit is None else iteration_limit)
        self._incumbent, self._bounds = on_incumbent, on_bounds
        self._other_plan = other_plan
        started = time.perf_counter()
        status = self._highs.run()
        seconds = time.perf_counter() - started
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS failed: {self._highs.getModelStatus().name}")
        return self._answer(is_linear, seconds)

    def confirms_infeasible(self, time_limit_seconds: float, relax: bool) -> bool:
        """Whether a run without presolve also finds that there is no feasible point.

        Args:
            time_limit_seconds: limit of this run.
            relax: take whole columns as continuous.
        """
        self._accept(self._highs.clearSolver(), "clear")
        self.set_column_bounds(self.matrix.column_lower, self.matrix.column_upper)
        self._set_kinds(self.matrix.is_integer & (not relax))
        self._option("presolve", "off")
        self._option("mip_max_nodes", _MOST)
        self._option("simplex_iteration_limit", _MOST)
        self._limit_time(time_limit_seconds, is_linear=relax)
        self._highs.run()
        return bool(self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible)

    def presolved(self) -> Reduction | None:
        """What HiGHS's presolve leaves of the program as it stands; None where it leaves nothing, or all."""
        self._set_kinds(self.matrix.is_integer)
        self._limit_time(_LONG_SECONDS, is_linear=True)
        self._option("presolve", "choose")
        for column in range(len(self._column_range)):
            self._accept(self._highs.passColName(column, str(column)), "name")
        self._accept(self._highs.presolve(), "presolve")
        return reduction(self._highs)

    def postsolved(self, values: Floats) -> Floats:
        """Values of all columns from values of what the last ``presolved`` left."""
        solution = highspy.HighsSolution()
        solution.col_value = list(values)
        self._accept(self._highs.postsolve(solution), "values of the presolved program")
        return np.array(self._highs.getSolution().col_value) * self._scaling.columns

    def set_costs(self, costs: Floats) -> None:
        """Replaces the cost of every column."""
        scaled = costs * self._scaling.columns
        factor = cost_scale(scaled)
        self._scaling = replace(self._scaling, objective=factor)
        scaled = scaled * factor
        self._accept(self._highs.changeColsCost(len(scaled), self._column_range, scaled), "costs")

    def set_column_bounds(self, lower: Floats, upper: Floats) -> None:
        """Replaces the bounds of every column."""
        self._column_bounds, self._has_whole_bounds = (lower, upper), False
        self._pass_column_bounds(lower, upper)

    def _pass_column_bounds(self, lower: Floats, upper: Floats) -> None:
        factor = self._scaling.columns
        self._accept(
            self._highs.changeColsBounds(len(factor), self._column_range, lower / factor, upper / factor),
            "bounds",
        )

    def set_row_bounds(self, lower: Floats, upper: Floats) -> None:
        """Replaces the bounds of every row."""
        factor = self._scaling.rows
        self._accept(
            self._highs.changeRowsBounds(len(factor), self._row_range, lower * factor, upper * factor),
            "bounds",
        )

    def start_from(self, values: Floats) -> None:
        """Gives the next mixed-integer run a point to start from."""
        solution = highspy.HighsSolution()
        solution.col_value = list(values / self._scaling.columns)
        self._accept(self._highs.setSolution(solution), "start")

    def basis(self) -> Any:
        """The basis at hand, to be put back later."""
        return self._highs.getBasis()

    def put_back(self, basis: Any) -> None:
        """Makes a basis of an earlier run the one that the next linear program starts from."""
        self._accept(self._highs.setBasis(basis), "basis")

    def fixed_at_optimum(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Which columns and rows the last linear program's optimal face fixes: not basic, with a dual.

        Duals are told from 0 in scaled units, in which costs are close to 1 whatever they are the costs of.
        """
        basis, solution = self._highs.getBasis(), self._highs.getSolution()
        basic = highspy.HighsBasisStatus.kBasic
        columns = np.array([status != basic for status in basis.col_status], dtype=bool)
        rows = np.array([status != basic for status in basis.row_status], dtype=bool)
        return (
            columns & (np.abs(np.array(solution.col_dual)) > _ZERO_DUAL),
            rows & (np.abs(np.array(solution.row_dual)) > _ZERO_DUAL),
        )

    def _set_kinds(self, whole: npt.NDArray[np.bool_]) -> None:
        kind = highspy.HighsVarType
        kinds = np.array([kind.kInteger if column else kind.kContinuous for column in whole])
        self._accept(
            self._highs.changeColsIntegrality(len(self._column_range), self._column_range, kinds), "kinds"
        )
        given_lower, given_upper = self._column_bounds
        lower, upper = whole_bounds(given_lower, given_upper, whole)
        is_needed = bool((lower != given_lower).any() or (upper != given_upper).any())
        if is_needed or self._has_whole_bounds:
            self._pass_column_bounds(lower, upper)
        self._has_whole_bounds = is_needed

    def _load(self) -> None:
        matrix, factors = self.matrix, self._scaling
        coefficients = matrix.coefficients
        by_row = np.repeat(factors.rows, np.diff(coefficients.indptr))
        scaled = sp.csr_array(
            (
                coefficients.data * factors.columns[coefficients.indices] * by_row,
                coefficients.indices,
                coefficients.indptr,
            ),
            shape=coefficients.shape,
        )
        status = pass_program(
            self._highs,
            scaled,
            matrix.objective * factors.columns * factors.objective,
            0.0,
            (matrix.column_lower / factors.columns, matrix.column_upper / factors.columns),
            (matrix.row_lower * factors.rows, matrix.row_upper * factors.rows),
            np.zeros(len(matrix.is_integer), dtype=bool),  # each run says which are whole
        )
        self._accept(status, "model")

    def _answer(self, is_linear: bool, seconds: float) -> Answer:
        info = self._highs.getInfo()
        termination = _STATUS.get(self._highs.getModelStatus().name, "SOLVER_FAILURE")
        if termination == "INTERRUPTED" and not self.interrupt.is_set():
            termination = "TIME_LIMIT"
        factors = self._scaling
        values = None
        objective = np.inf
        if info.primal_solution_status == _FEASIBLE:
            solution = self._highs.getSolution()
            values = np.array(solution.col_value) * factors.columns
            objective = info.objective_function_value / factors.objective
        reduced_costs = row_duals = None
        bound = -np.inf
        if is_linear and termination == "OPTIMAL":
            bound = objective
            solution = self._highs.getSolution()
            reduced_costs = np.array(solution.col_dual) / (factors.columns * factors.objective)
            row_duals = np.array(solution.row_dual) * factors.rows / factors.objective
        elif not is_linear:
            bound = info.mip_dual_bound / factors.objective
        counts = (info.simplex_iteration_count, info.ipm_iteration_count, info.crossover_iteration_count)
        iterations = sum(max(count, 0) for count in counts)
        return Answer(termination, values, objective, bound, reduced_costs, row_duals, seconds, iterations)

    def _on_event(self, event: Any) -> None:
        is_late = time.perf_counter() > self._deadline + _GRACE_SECONDS
        event.interrupt(self.interrupt.is_set() or is_late)
        if self._bounds is not None:
            scale = self._scaling.objective
            bound, incumbent = event.data_out.mip_dual_bound / scale, event.data_out.mip_primal_bound / scale
            limit = 1e30 / scale
            self._bounds(bound if abs(bound) < limit else None, incumbent if abs(incumbent) < limit else None)

    def _on_improvement(self, event: Any) -> None:
        if self._incumbent is not None:
            values = np.array(event.data_out.mip_solution) * self._scaling.columns
            self._incumbent(values, event.data_out.objective_function_value / self._scaling.objective)

    def _on_question(self, event: Any) -> None:
        values = self._other_plan() if self._other_plan is not None else None
        if values is not None:
            event.data_in.setSolution(values / self._scaling.columns)

    def _limit_time(self, seconds: float, is_linear: bool) -> None:
        """Limits the next run.

        HiGHS counts the time of all runs of one object together, but starts anew for a mixed-integer one.
        """
        seconds = max(seconds, 0.0)
        self._deadline = time.perf_counter() + seconds
        self._option("time_limit", float(seconds + (self._highs.getRunTime() if is_linear else 0.0)))

    def _option(self, name: str, value: Any) -> None:
        self._accept(self._highs.setOptionValue(name, value), f"option {name}={value}")

    def _accept(self, status: Any, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refused the {what}")
