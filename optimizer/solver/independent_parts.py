"""A program split into programs that share no column: what cannot move is taken out first.

Columns whose bounds meet become part of the right-hand sides, and rows of one column that can move become its bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from optimizer.solver.matrix import Floats, Matrix

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One of the programs.

    Attributes:
        matrix: without names, and without costs.
        columns: where its columns stand in the whole program.
    """

    matrix: Matrix
    columns: Positions


def independent_parts(matrix: Matrix, as_much_as_possible: Sequence[str]) -> list[Part]:
    """The parts of a program; columns that occur in none of them cannot move, or nothing limits them but their bounds.

    Args:
        matrix: the program.
        as_much_as_possible: blocks of columns of which more never hurts, each limited by rows that hold no other column
            that can move: they are put to their most.
    """
    tight = _tightened(matrix)
    upper = tight.column_upper
    lower = tight.column_lower.copy()
    for name in as_much_as_possible:
        places = matrix.columns[name].positions
        lower[places] = upper[places]
    left = _without_fixed(replace(tight, column_lower=lower))
    columns = np.flatnonzero(lower < upper)
    held = np.isfinite(left.row_lower) | np.isfinite(left.row_upper)
    rows = np.flatnonzero(held & (np.diff(left.coefficients.indptr) > 0))
    entries = left.coefficients[rows]
    by_row = sp.block_array([[None, entries], [entries.T, None]])
    labels = connected_components(by_row, directed=False)[1]
    of_rows, of_columns = labels[: len(rows)], labels[len(rows) :]
    return [
        Part(_part(left, entries, rows, of_rows == label, of_columns == label), columns[of_columns == label])
        for label in np.unique(of_rows)
    ]


def _tightened(matrix: Matrix) -> Matrix:
    """The program whose rows of one column that can move are bounds of it."""
    left = _without_fixed(matrix)
    free = np.flatnonzero(matrix.column_lower < matrix.column_upper)
    single = np.flatnonzero(np.diff(left.coefficients.indptr) == 1)
    entries = left.coefficients[single]
    columns, factors = free[entries.indices], entries.data
    first, second = left.row_lower[single] / factors, left.row_upper[single] / factors
    lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
    np.maximum.at(lower, columns, np.minimum(first, second))
    np.minimum.at(upper, columns, np.maximum(first, second))
    row_lower, row_upper = matrix.row_lower.copy(), matrix.row_upper.copy()
    row_lower[single], row_upper[single] = -np.inf, np.inf
    return replace(
        matrix,
        row_lower=row_lower,
        row_upper=row_upper,
        column_lower=np.minimum(lower, upper),
        column_upper=upper,
    )


def _without_fixed(matrix: Matrix) -> Matrix:
    """The program without columns that cannot move; it has no names, costs or whole numbers any more."""
    free = matrix.column_lower < matrix.column_upper
    fixed: Floats = matrix.coefficients[:, ~free] @ matrix.column_lower[~free]
    entries = sp.csr_array(matrix.coefficients[:, free])
    entries.eliminate_zeros()
    return Matrix(
        coefficients=entries,
        row_lower=matrix.row_lower - fixed,
        row_upper=matrix.row_upper - fixed,
        column_lower=matrix.column_lower[free],
        column_upper=matrix.column_upper[free],
        is_integer=np.zeros(int(free.sum()), dtype=bool),
        is_policy=matrix.is_policy,
        costs={name: np.zeros(int(free.sum())) for name in matrix.minimized},
        offsets=dict.fromkeys(matrix.minimized, 0.0),
        rows={},
        columns={},
        minimized=matrix.minimized,
    )


def _part(
    left: Matrix,
    entries: sp.csr_array,
    rows: Positions,
    in_rows: npt.NDArray[np.bool_],
    in_columns: npt.NDArray[np.bool_],
) -> Matrix:
    chosen = rows[in_rows]
    return replace(
        left,
        coefficients=sp.csr_array(entries[in_rows][:, in_columns]),
        row_lower=left.row_lower[chosen],
        row_upper=left.row_upper[chosen],
        is_policy=left.is_policy[chosen],
        column_lower=left.column_lower[in_columns],
        column_upper=left.column_upper[in_columns],
        is_integer=left.is_integer[in_columns],
        costs={name: cost[in_columns] for name, cost in left.costs.items()},
    )
