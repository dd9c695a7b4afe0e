"""What HiGHS's presolve leaves of a program, as a program of its own."""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.solver.matrix import Matrix

_COST = "cost"


@dataclass(frozen=True)
class Reduction:
    """A program that presolve made smaller.

    Attributes:
        matrix: the smaller program, in the units of the solver; it has no blocks.
        columns: for each of its columns, the position in the program that it comes from.
    """

    matrix: Matrix
    columns: npt.NDArray[np.int64]


def reduction(highs: highspy.Highs) -> Reduction | None:
    """What the last presolve left; None where it left nothing, or everything.

    Args:
        highs: after a presolve; the name of each column is its position.
    """
    if highs.getModelPresolveStatus() != highspy.HighsPresolveStatus.kReduced:
        return None
    model = highs.getPresolvedLp()
    entries = model.a_matrix_
    is_by_row = entries.format_ == highspy.MatrixFormat.kRowwise
    compressed = sp.csr_array if is_by_row else sp.csc_array
    arrays = tuple(np.array(part) for part in (entries.value_, entries.index_, entries.start_))
    matrix = Matrix(
        coefficients=sp.csr_array(compressed(arrays, shape=(model.num_row_, model.num_col_))),
        row_lower=np.array(model.row_lower_),
        row_upper=np.array(model.row_upper_),
        column_lower=np.array(model.col_lower_),
        column_upper=np.array(model.col_upper_),
        is_integer=np.array(
            [kind == highspy.HighsVarType.kInteger for kind in model.integrality_], dtype=bool
        ),
        is_policy=np.zeros(model.num_row_, dtype=bool),
        costs={_COST: np.array(model.col_cost_)},
        offsets={_COST: model.offset_},
        rows={},
        columns={},
        minimized=(_COST,),
    )
    return Reduction(matrix, np.array([int(name) for name in model.col_names_], dtype=np.int64))
