"""What any plan of a program has to keep."""

import numpy as np

from optimizer.solver.matrix import Matrix


def keeps_every_row(matrix: Matrix, values: np.ndarray) -> bool:
    """Whether rows, bounds and whole numbers are kept, but for the solver's tolerances."""
    activity = matrix.coefficients @ values
    scale = 1e-6 * (1 + np.abs(activity))
    rows = (activity >= matrix.row_lower - scale) & (activity <= matrix.row_upper + scale)
    columns = (values >= matrix.column_lower - 1e-6) & (values <= matrix.column_upper + 1e-6)
    whole = values[matrix.is_integer]
    return bool(rows.all() and columns.all() and (np.abs(whole - np.round(whole)) < 1e-5).all())
