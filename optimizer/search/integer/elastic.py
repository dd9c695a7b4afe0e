"""A program in which policy may be broken at a price, so that rounding never ends without anything.

Every row of policy has a twin for each of its bounds, a column that makes up what the row lacks. A need that may go
short has none: its shortfall makes up for it already, and at its price a plan is a plan of the program::

    Σ a·x + twin⁻ ≥ lower        Σ a·x − twin⁺ ≤ upper        twin⁻, twin⁺ ≥ 0

A twin costs ten times the row's dual in the relaxation, and at least a thousand times what a scaled column costs in the
mean: breaking a rule that cost nothing in the relaxation must not be cheaper than a shortfall. With all twins at 0 the
rows are those of the program, and so is the cost: a plan that needs no twin is a plan of the program, one that needs
some names the rows to be repaired (``repair``). No bound is ever taken from here.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.search.integer.neighborhoods import Mask, Positions
from optimizer.solver.matrix import Floats, Matrix, scaling
from optimizer.solver.session import Answer

TWINS = "twins"
"""Name of the cost vector of the twins."""

_PRICE = 10.0
_LEAST_PRICE = 1_000.0
_BROKEN = 1e-6
_NONE: Positions = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Elastic:
    """The elastic program of a program.

    Attributes:
        matrix: columns of the program, then the twins.
        twins: positions of the twins.
        rows: for each twin, the row whose bound it makes up for.
    """

    matrix: Matrix
    twins: Positions
    rows: Positions

    def is_kept(self, values: Floats) -> bool:
        """Whether a plan of the elastic program needs no twin."""
        return not self.broken(values).any()

    def broken(self, values: Floats) -> Mask:
        """Which rows a plan of the elastic program breaks."""
        broken = np.zeros(len(self.matrix.row_lower), dtype=bool)
        broken[self.rows[values[self.twins] > _BROKEN]] = True
        return broken


def elastic(matrix: Matrix, relaxation: Answer) -> Elastic:
    """The elastic program.

    Args:
        matrix: the program.
        relaxation: its solved linear relaxation, with duals.
    """
    assert relaxation.row_duals is not None
    soft = np.flatnonzero(matrix.is_policy)
    low = soft[np.isfinite(matrix.row_lower[soft]) & ~_may_go_short(matrix)[soft]]
    high = soft[np.isfinite(matrix.row_upper[soft])]
    rows = np.concatenate([low, high])
    count, column_count = len(rows), matrix.coefficients.shape[1]
    signs = np.concatenate([np.ones(len(low)), -np.ones(len(high))])
    entries = sp.csr_array((signs, (rows, np.arange(count))), shape=(len(matrix.row_lower), count))
    factors = scaling(matrix)
    least = factors.rows / factors.objective
    prices = np.maximum(_PRICE * np.abs(relaxation.row_duals), _LEAST_PRICE * least)[rows]
    none = np.zeros(count)
    costs = {name: np.append(cost, none) for name, cost in matrix.costs.items()}
    costs[TWINS] = np.append(np.zeros(column_count), prices)
    program = replace(
        matrix,
        coefficients=sp.csr_array(sp.hstack([matrix.coefficients, entries])),
        column_lower=np.append(matrix.column_lower, none),
        column_upper=np.append(matrix.column_upper, np.full(count, np.inf)),
        is_integer=np.append(matrix.is_integer, np.zeros(count, dtype=bool)),
        costs=costs,
        offsets={**matrix.offsets, TWINS: 0.0},
        minimized=(*matrix.minimized, TWINS),
    )
    return Elastic(program, np.arange(column_count, column_count + count), rows)


def _may_go_short(matrix: Matrix) -> Mask:
    """Which rows an unlimited shortfall meets, whatever else is in them."""
    shortfalls = matrix.columns["shortfall"].positions if "shortfall" in matrix.columns else _NONE
    unlimited = shortfalls[np.isinf(matrix.column_upper[shortfalls])]
    short: Mask = np.asarray((matrix.coefficients[:, unlimited] > 0).sum(axis=1) > 0)
    return short


def without_prices(matrix: Matrix) -> Answer:
    """An answer that knows no prices, so that every twin costs what its row weighs."""
    return Answer("OPTIMAL", None, np.inf, -np.inf, None, np.zeros(len(matrix.row_lower)), 0.0)
