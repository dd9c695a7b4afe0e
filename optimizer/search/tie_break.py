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
_ANEW = None


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
        asked for where time ran out, or where every method moved an earlier cost by more than 1e-9 relative.
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
        least = _least(session, [matrix.cost(earlier) for earlier in done], before, deadline)
        if least is None or least.values is None:
            break
        held, before = least, least.values
        done.append(names)
        minimized.append((before, float(matrix.cost(names) @ before)))
    session.set_column_bounds(lower, upper)
    session.set_row_bounds(matrix.row_lower, matrix.row_upper)
    session.set_costs(matrix.objective)
    return minimized


def _least(session: Session, earlier: Sequence[Floats], before: Floats, deadline: float) -> Answer | None:
    """The least cost that moves no earlier one; None if no method finds it.

    A small program goes on from the basis at hand; a large one is solved anew first, since presolve takes out what is
    held.
    """
    methods = (_ANEW, "primal", "dual") if session.uses_interior_point else ("primal", "dual", _ANEW)
    basis = session.basis()
    for method in methods:
        if method != methods[0]:
            session.put_back(basis)
        answer = session.solve(time_limit_seconds=deadline - time.perf_counter(), relax=True, method=method)
        if answer.termination != "OPTIMAL" or answer.values is None:
            continue
        if not any(_moved(cost, before, answer.values) for cost in earlier):
            return answer
    return None


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
