"""A first plan, soon: rounds the relaxation in steps, and solves the linear program again after each.

::

    1  every site that the relaxation uses is open; a whole column that is whole in the relaxation stays, another is
       at most one more away than its two neighbors
    2  of the owned counts that are not whole, the nearest to a whole number are fixed there; again until all are
    3  the same for every other whole column

Sites come first: once a site is open it has all of its room, so most roundings of units have a place. Step 1 decides
so much that presolve leaves half of the program and few whole columns, in which steps 2 and 3 go on (``rounding``).
Where that fails, it is tried again with what is whole in the relaxation free to move by one, which takes longer; then
HiGHS searches there. Nothing here proves anything, and it may find no plan.
"""

import numpy as np

from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.inside import search_in
from optimizer.integer_plans.neighborhoods import Neighborhood, Positions, is_whole, near_relaxation
from optimizer.integer_plans.rounding import Pace, rounded
from optimizer.matrix import Floats, Matrix
from optimizer.session import Answer, Session

SOURCE = "dive from the relaxation"
"""Source of what the dive finds."""

_SEARCH_RELAXATIONS = 3.0
_NODES = 100
_GAP = 0.005


def dive(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Searches for a first plan close to the relaxation.

    Args:
        session: a session; its column bounds are those of the program again at the end.
        relaxation: the solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
    """
    matrix = session.matrix
    assert relaxation.values is not None
    pace = Pace(session, deadline, relaxation.seconds)
    is_split = ~is_whole(relaxation.values)
    for moves in (matrix.is_integer & is_split, matrix.is_integer):
        near = _start(matrix, relaxation.values, np.flatnonzero(moves))
        plan = _rounded(session, near, pace)
        if plan is not None:
            incumbent.offer(plan, float(matrix.objective @ plan), SOURCE)
            break
    else:
        search_in(session, near, pace.until(_SEARCH_RELAXATIONS), incumbent, _NODES, relative_gap=_GAP)
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)


def _start(matrix: Matrix, relaxed: Floats, free: Positions) -> Neighborhood:
    near = near_relaxation(matrix, relaxed, SOURCE)
    sites = matrix.columns["open"].positions
    used = near.upper[sites]
    near.lower[free] = np.maximum(near.lower[free] - 1, matrix.column_lower[free])
    near.upper[free] = np.minimum(near.upper[free] + 1, matrix.column_upper[free])
    near.lower[sites] = near.upper[sites] = used
    return near


def _rounded(session: Session, near: Neighborhood, pace: Pace) -> Floats | None:
    """A plan inside, from rounding in steps; None if that fails."""
    matrix = session.matrix
    session.set_column_bounds(near.lower, near.upper)
    reduced = session.presolved()
    if reduced is None:
        return None
    inner = Session(reduced.matrix, session.settings, session.interrupt)
    whole = np.flatnonzero(reduced.matrix.is_integer)
    is_owned = np.isin(reduced.columns[whole], matrix.columns["owned"].positions)
    values = rounded(inner, [whole[is_owned], whole], pace)
    if values is None:
        return None
    plan = session.postsolved(values)
    plan[matrix.is_integer] = np.round(plan[matrix.is_integer])
    return plan
