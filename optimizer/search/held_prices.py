"""What one more point costs: which prices a plan has, and those of a plan in whole numbers."""

import numpy as np

from optimizer.solver.matrix import Floats, Matrix
from optimizer.solver.session import Session


def prices_with_integers_held(session: Session, values: Floats, seconds: float) -> Floats | None:
    """The duals of the rows once the whole numbers of a plan are held.

    What is left is a linear program. Its duals are short-run prices: units and sites stay as the plan has them.

    Args:
        session: a session of the objective whose prices are wanted; its bounds are put back at the end.
        values: value of each column in the plan.
        seconds: time that may be taken.

    Returns:
        A dual for each row; None where that linear program was not solved in time.
    """
    matrix = session.matrix
    lower, upper = matrix.column_lower.copy(), matrix.column_upper.copy()
    whole = matrix.is_integer
    lower[whole] = upper[whole] = np.round(values[whole])
    session.set_column_bounds(lower, upper)
    held = session.solve(time_limit_seconds=seconds, relax=True)
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)
    return held.row_duals


def price_kind(matrix: Matrix, is_relaxed: bool) -> str:
    """A word of the PriceKind choice for the prices of a plan."""
    if not matrix.is_integer.any():
        return "LINEAR"
    return "RELAXATION" if is_relaxed else "INTEGERS_HELD"
