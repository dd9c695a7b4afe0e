"""A program as named sparse arrays, checked and scaled: what the solver is given.

Rows and columns keep their names: those of a block are the name of a rule or a variable, and a key each. Scaling lives
only here: rows, continuous columns and the objective are multiplied by powers of two, so that scaling loses
nothing to rounding and undoing it is exact.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.errors import SolverError
from optimizer.objectives import COST_VECTORS, LEAD_COST

_log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

GREATEST = 1e15
"""Greatest absolute value of a coefficient, a finite bound or a cost that is handed over."""

_SCALING_PASSES = 4
_ALMOST_WHOLE = 1e-9


@dataclass(frozen=True)
class Block:
    """The rows of one rule, or the columns of one variable.

    Attributes:
        keys: the index of each, as a tuple.
        positions: where each stands among all rows or columns.
    """

    keys: Sequence[tuple[Any, ...]]
    positions: npt.NDArray[np.int64]


def in_first_period(block: Block) -> npt.NDArray[np.int64]:
    """For each row or column of a block whose keys end with the period, where that of the first period stands."""
    place = dict(zip(block.keys, block.positions.tolist(), strict=True))
    first = min((key[-1] for key in place), default=0)
    return np.array([place[(*key[:-1], first)] for key in place], dtype=np.int64)


@dataclass(frozen=True)
class Matrix:
    """A linear or mixed-integer program as arrays, in the units of the tables.

    Attributes:
        coefficients: rows × columns, compressed by row.
        row_lower, row_upper: bounds of the rows; infinite where there is none.
        column_lower, column_upper: bounds of the columns.
        is_integer: whether a column must be whole.
        is_policy: whether a row is policy, priced or not, and no physics: a plan that broke it could be thought of.
        costs: by name of a cost vector of ``formulation.objective``, its coefficients.
        offsets: by name, its constant.
        rows, columns: by component, its block.
        minimized: names of the cost vectors whose sum is minimized.
    """

    coefficients: sp.csr_array
    row_lower: Floats
    row_upper: Floats
    column_lower: Floats
    column_upper: Floats
    is_integer: npt.NDArray[np.bool_]
    is_policy: npt.NDArray[np.bool_]
    costs: Mapping[str, Floats]
    offsets: Mapping[str, float]
    rows: Mapping[str, Block]
    columns: Mapping[str, Block]
    minimized: tuple[str, ...] = COST_VECTORS[LEAD_COST]

    @property
    def objective(self) -> Floats:
        """Coefficients of what is minimized."""
        return self.cost(self.minimized)

    @property
    def objective_offset(self) -> float:
        """Constant of what is minimized."""
        return sum(self.offsets[name] for name in self.minimized)

    def cost(self, names: Sequence[str]) -> Floats:
        """Coefficients of the sum of some cost vectors."""
        total: Floats = np.sum([self.costs[name] for name in names], axis=0)
        return total

    def value(self, names: Sequence[str], columns: Floats) -> float:
        """The sum of some cost vectors of a plan, constants included."""
        return float(self.cost(names) @ columns) + sum(self.offsets[name] for name in names)

    def row_names(self) -> list[str]:
        """Names of the rows, such as force_balance[USA,BRIGADE,2026]."""
        return _names(self.rows, self.coefficients.shape[0])

    def column_names(self) -> list[str]:
        """Names of the columns, such as owned[USA,BRIGADE,2026]."""
        return _names(self.columns, self.coefficients.shape[1])


@dataclass(frozen=True)
class Scaling:
    """Powers of two by which rows, columns and the objective are multiplied before solving.

    A scaled column is the column divided by its factor; a scaled row is the row times its factor.
    """

    rows: Floats
    columns: Floats
    objective: float


def whole_bounds(lower: Floats, upper: Floats, is_whole: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The bounds with those of whole columns at the nearest whole numbers inside.

    HiGHS warns of a whole column that may be at most 0.5, and its presolve finds programs with one infeasible.
    """
    return (
        np.where(is_whole, np.ceil(lower - _ALMOST_WHOLE), lower),
        np.where(is_whole, np.floor(upper + _ALMOST_WHOLE), upper),
    )


def check_arrays(matrix: Matrix) -> None:
    """Refuses arrays that the solver would take and answer wrongly, or not at all.

    Raises:
        SolverError: an entry is not finite or too large, lengths differ, an index is out of range, or a bound
            is above its twin.
    """
    rows, columns = matrix.coefficients.shape
    indices, starts = matrix.coefficients.indices, matrix.coefficients.indptr
    problems = []
    counts = {len(indices), len(matrix.coefficients.data)}
    if len(starts) != rows + 1 or starts[0] != 0 or (np.diff(starts) < 0).any() or counts != {starts[-1]}:
        problems.append("the rows do not divide the coefficients among them")
    if not (len(matrix.row_lower) == len(matrix.row_upper) == rows):
        problems.append("row bounds have another length than the rows")
    vectors = [matrix.column_lower, matrix.column_upper, matrix.is_integer, *matrix.costs.values()]
    if any(len(vector) != columns for vector in vectors):
        problems.append("column vectors have another length than the columns")
    if len(indices) and (indices.min() < 0 or indices.max() >= columns):
        problems.append("a coefficient is outside the columns")
    for name, vector in (("coefficient", matrix.coefficients.data), *matrix.costs.items()):
        if not np.isfinite(vector).all() or (np.abs(vector) > GREATEST).any():
            problems.append(f"a {name} is not finite or above {GREATEST:g}")
    for lower, upper, name in (
        (matrix.row_lower, matrix.row_upper, "row"),
        (matrix.column_lower, matrix.column_upper, "column"),
    ):
        crosses = len(lower) == len(upper) and (lower > upper).any()
        if np.isnan(lower).any() or np.isnan(upper).any() or crosses:
            problems.append(f"a {name} bound is NaN or crosses its twin")
        for bound in (lower, upper):
            if (np.abs(bound[np.isfinite(bound)]) > GREATEST).any():
                problems.append(f"a {name} bound is above {GREATEST:g}")
    if problems:
        raise SolverError("the model was not handed to the solver: " + "; ".join(sorted(set(problems))))


def scaling(matrix: Matrix) -> Scaling:
    """Finds powers of two that bring the coefficients close to 1; whole columns keep their unit.

    Each pass divides rows and columns by the geometric mean of their least and greatest coefficient.
    """
    by_row = sp.csr_array(matrix.coefficients, copy=True)
    by_row.data = np.abs(by_row.data)
    by_column = sp.csc_array(by_row)
    rows, columns = np.ones(by_row.shape[0]), np.ones(by_row.shape[1])
    for _ in range(_SCALING_PASSES):
        rows = 1 / _middle(by_row.data * columns[by_row.indices], by_row.indptr)
        columns = 1 / _middle(by_column.data * rows[by_column.indices], by_column.indptr)
        columns[matrix.is_integer] = 1.0
    rows, columns = _power_of_two(rows), _power_of_two(columns)
    scaled = np.abs(by_row.data * columns[by_row.indices] * np.repeat(rows, np.diff(by_row.indptr)))
    if len(scaled) and (scaled.min() < 1e-4 or scaled.max() > 1e4):
        _log.warning("scaled coefficients range from %.1e to %.1e", scaled.min(), scaled.max())
    return Scaling(rows, columns, cost_scale(matrix.objective * columns))


def cost_scale(scaled_costs: Floats) -> float:
    """The power of two that brings the costs of scaled columns close to 1 in their mean."""
    cost = np.abs(scaled_costs)
    return float(_power_of_two(1 / np.array([cost[cost > 0].mean()]))[0]) if (cost > 0).any() else 1.0


def _names(blocks: Mapping[str, Block], count: int) -> list[str]:
    names = [""] * count
    for name, block in blocks.items():
        for key, position in zip(block.keys, block.positions, strict=True):
            names[position] = f"{name}[{','.join(map(str, key))}]"
    return names


def _middle(values: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """Geometric mean of the least and greatest value of each stretch; 1 of an empty one."""
    filled = np.diff(starts) > 0
    middle = np.ones(len(starts) - 1)
    if filled.any():
        first = starts[:-1][filled]
        middle[filled] = np.sqrt(np.minimum.reduceat(values, first) * np.maximum.reduceat(values, first))
    return middle


def _power_of_two(values: Floats) -> Floats:
    return np.exp2(np.round(np.log2(values)))
