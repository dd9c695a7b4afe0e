"""Costs minimized one after the other: what each leaves open, the next decides.

The optimal face of a linear program is held exactly: every column that is not basic and has a reduced cost stays
where it is, and so does every row with a dual. Minimizing the next cost over what is left keeps the earlier ones.
So further objectives are met, and so are ties broken among equally good plans.
"""

import time
from collections.abc import Sequence

import numpy as np

from optimizer.solver.matrix import Floats
from optimizer.solver.session import Answer, Session

_MOST_MOVEMENT = 1e-9


def minimize_in_order(
    session: Session,
    answer: Answer,
    lower: Floats,
    upper: Floats,
    order: Sequence[tuple[str, ...]],
    deadline: float,
) -> list[tuple[Floats, float]]:
    """Minimizes costs in their order, holding what was minimized before.

    Args:
        session: the session that gave the answer; its bounds and costs are put back at the end.
        answer: an optimal answer of a linear program, as the session holds its basis.
        lower: the column bounds with which it was solved.
        upper: likewise.
        order: for each cost, the names of the cost vectors that it is the sum of.
        deadline: time of ``time.perf_counter`` at which to stop.

    Returns:
        For each cost that was minimized, the values of the columns and the least cost, without offset. Fewer than
        asked for where time ran out, or a cost minimized before would have moved by more than 1e-9 relative.
    """
    matrix = session.matrix
    if answer.values is None:
        raise ValueError("there is no plan to go on from")
    held, done = answer, [matrix.minimized]
    minimized: list[tuple[Floats, float]] = []
    column_lower, column_upper = lower.copy(), upper.copy()
    row_lower, row_upper = matrix.row_lower.copy(), matrix.row_upper.copy()
    before = answer.values
    for names in order:
        _hold_face(session, held, column_lower, column_upper, row_lower, row_upper)
        session.set_column_bounds(column_lower, column_upper)
        session.set_row_bounds(row_lower, row_upper)
        session.set_costs(matrix.cost(names))
        held = _least(session, deadline)
        if held.termination != "OPTIMAL" or held.values is None:
            break
        if any(_moved(matrix.cost(earlier), before, held.values) for earlier in done):
            break
        before = held.values
        done.append(names)
        minimized.append((held.values, float(matrix.cost(names) @ held.values)))
    session.set_column_bounds(lower, upper)
    session.set_row_bounds(matrix.row_lower, matrix.row_upper)
    session.set_costs(matrix.objective)
    return minimized


def _least(session: Session, deadline: float) -> Answer:
    """The least cost: from the basis at hand, of a large program anew, since presolve takes out what is held."""
    if session.uses_interior_point:
        basis = session.basis()
        answer = session.solve(time_limit_seconds=deadline - time.perf_counter(), relax=True)
        if answer.termination == "OPTIMAL":
            return answer
        session.put_back(basis)
    return session.solve(time_limit_seconds=deadline - time.perf_counter(), relax=True, method="primal")


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
    assert answer.row_duals is not None
    columns, rows = session.fixed_at_optimum()
    column_lower[columns] = column_upper[columns] = np.clip(
        answer.values[columns], column_lower[columns], column_upper[columns]
    )
    at_lower = np.isfinite(row_lower) & (answer.row_duals > 0)
    row_upper[rows & at_lower] = row_lower[rows & at_lower]
    at_upper = np.isfinite(row_upper) & (answer.row_duals < 0)
    row_lower[rows & at_upper] = row_upper[rows & at_upper]


def _moved(cost: Floats, before: Floats, after: Floats) -> bool:
    """Whether a cost moved by more than what comes later may move it."""
    first, second = float(cost @ before), float(cost @ after)
    return abs(second - first) > _MOST_MOVEMENT * max(1.0, abs(first))
