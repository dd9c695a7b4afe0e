"""A first plan, soon: rounds the relaxation in steps, and solves the linear program again after each.

::

    1  every site that the relaxation uses is open; a whole column that is whole in the relaxation stays, another is
       at most one more away than its two neighbors
    2  of the owned counts that are not whole, the nearest to a whole number are fixed there; again until all are
    3  the same for every other whole column
    4  what this breaks, if anything, is repaired

Sites come first: once a site is open it has all of its room, so most roundings of units have a place. Step 1 decides
so much that presolve leaves half of the program and few whole columns, in which steps 2 and 3 go on (``rounding``).
All this is done in the elastic program, so that there are whole numbers at the end (``elastic``, ``repair``). Nothing
here proves anything, and it may find no plan.
"""

import numpy as np

from optimizer.integer_plans.elastic import Elastic, elastic
from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.neighborhoods import Neighborhood, is_whole, near_relaxation
from optimizer.integer_plans.repair import repaired
from optimizer.integer_plans.rounding import Pace, rounded
from optimizer.matrix import Floats, Matrix
from optimizer.session import Answer, Session

SOURCE = "dive from the relaxation"
"""Source of what the dive finds."""


def dive(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Searches for a first plan close to the relaxation.

    Args:
        session: a session with the program.
        relaxation: the solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
    """
    matrix = session.matrix
    assert relaxation.values is not None
    pace = Pace(session, deadline, relaxation.seconds)
    program = elastic(matrix, relaxation)
    wide = Session(program.matrix, session.settings, session.interrupt)
    twins = np.zeros(len(program.twins))
    plan = _rounded(wide, _start(program.matrix, np.append(relaxation.values, twins)), program, pace)
    if plan is not None:
        plan = repaired(wide, program, plan, pace)
    if plan is not None:
        plan = plan[: len(relaxation.values)]
        incumbent.offer(plan, float(matrix.objective @ plan), SOURCE)


def _start(matrix: Matrix, relaxed: Floats) -> Neighborhood:
    near = near_relaxation(matrix, relaxed, SOURCE)
    sites = matrix.columns["open"].positions
    used = near.upper[sites]
    split = np.flatnonzero(matrix.is_integer & ~is_whole(relaxed))
    near.lower[split] = np.maximum(near.lower[split] - 1, matrix.column_lower[split])
    near.upper[split] = np.minimum(near.upper[split] + 1, matrix.column_upper[split])
    near.lower[sites] = near.upper[sites] = used
    return near


def _rounded(session: Session, near: Neighborhood, program: Elastic, pace: Pace) -> Floats | None:
    """A plan of the elastic program inside, from rounding in steps; None if that fails."""
    matrix = session.matrix
    session.set_column_bounds(near.lower, near.upper)
    reduced = session.presolved()
    if reduced is None:
        return None
    inner = Session(reduced.matrix, session.settings, session.interrupt)
    whole = np.flatnonzero(reduced.matrix.is_integer)
    is_owned = np.isin(reduced.columns[whole], matrix.columns["owned"].positions)
    twins = np.flatnonzero(np.isin(reduced.columns, program.twins))
    values = rounded(inner, [whole[is_owned], whole], twins, pace)
    if values is None:
        return None
    plan = session.postsolved(values)
    plan[matrix.is_integer] = np.round(plan[matrix.is_integer])
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)
    return plan
