"""Among equally cheap plans, the one that costs the alliance least, and then changes least.

The optimal face of a linear program is held exactly: every column that is not basic and has a reduced cost stays
where it is, and so does every row with a dual. Minimizing the next cost over what is left keeps the first one.
"""

import time

import numpy as np

from optimizer.matrix import Floats, Matrix
from optimizer.session import Answer, Session

_ORDER = ("alliance_cost", "change")
_ZERO = 1e-9
_MOST_MOVEMENT = 1e-9


def break_ties(
    session: Session, answer: Answer, lower: Floats, upper: Floats, deadline: float
) -> tuple[Floats, str]:
    """Breaks ties of a solved linear program.

    Args:
        session: the session that gave the answer; its bounds and costs are put back at the end.
        answer: an optimal answer of a linear program, as the session holds its basis.
        lower: the column bounds with which it was solved.
        upper: likewise.
        deadline: time of ``time.perf_counter`` at which to stop.

    Returns:
        Values of the columns, and a word of the TieBreak choice. If time runs out, or the objective would move
        by more than 1e-9 relative, the values are the answer's own and the word is SKIPPED.
    """
    matrix = session.matrix
    if answer.values is None:
        raise ValueError("there is no plan to break ties of")
    values = answer.values
    held = answer
    column_lower, column_upper = lower.copy(), upper.copy()
    row_lower, row_upper = matrix.row_lower.copy(), matrix.row_upper.copy()
    outcome = "DONE"
    for name in _ORDER:
        _hold_face(session, held, column_lower, column_upper, row_lower, row_upper)
        session.set_column_bounds(column_lower, column_upper)
        session.set_row_bounds(row_lower, row_upper)
        session.set_costs(matrix.costs[name])
        held = session.solve(deadline - time.perf_counter(), relax=True, method="primal")
        if held.termination != "OPTIMAL" or held.values is None or _moved(matrix, answer.values, held.values):
            outcome = "SKIPPED"
            break
        values = held.values
    session.set_column_bounds(lower, upper)
    session.set_row_bounds(matrix.row_lower, matrix.row_upper)
    session.set_costs(matrix.objective)
    return (values, outcome) if outcome == "DONE" else (answer.values, outcome)


def _hold_face(
    session: Session,
    answer: Answer,
    column_lower: Floats,
    column_upper: Floats,
    row_lower: Floats,
    row_upper: Floats,
) -> None:
    """Fixes, in the bounds handed over, what the optimal face fixes."""
    assert answer.values is not None
    assert answer.reduced_costs is not None
    assert answer.row_duals is not None
    column_is_basic, row_is_basic = session.is_basic()
    columns = ~column_is_basic & (np.abs(answer.reduced_costs) > _ZERO)
    rows = ~row_is_basic & (np.abs(answer.row_duals) > _ZERO)
    column_lower[columns] = column_upper[columns] = np.clip(
        answer.values[columns], column_lower[columns], column_upper[columns]
    )
    at_lower = np.isfinite(row_lower) & (answer.row_duals > 0)
    row_upper[rows & at_lower] = row_lower[rows & at_lower]
    at_upper = np.isfinite(row_upper) & (answer.row_duals < 0)
    row_lower[rows & at_upper] = row_upper[rows & at_upper]


def _moved(matrix: Matrix, before: Floats, after: Floats) -> bool:
    """Whether the objective moved by more than the tie-break may."""
    first, second = float(matrix.objective @ before), float(matrix.objective @ after)
    return abs(second - first) > _MOST_MOVEMENT * max(1.0, abs(first))
