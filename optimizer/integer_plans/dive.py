"""A plan, soon: rounds the relaxation in steps, and solves the linear program again after each.

::

    1  a whole column that is whole in the relaxation stays, another is at most one more away than its two neighbors;
       a site that the relaxation never uses is closed, any other is open, or else may be either
    2  of the sites that are not whole, the nearest to a whole number are fixed there; again until all are
    3  the same for owned counts
    4  the same for every other whole column
    5  what this breaks, if anything, is repaired

Sites come first: once a site is open it has all of its room, so most roundings of units have a place. With all of them
open a plan is soon there; deciding them takes longer, and saves sites that the relaxation uses a little. Step 1 decides
so much that presolve leaves half of the program and few whole columns, in which steps 2 to 4 go on (``rounding``).
All this is done in the elastic program, so that there are whole numbers at the end (``elastic``, ``repair``). Nothing
here proves anything, and it may find no plan.
"""

import numpy as np

from optimizer.integer_plans.elastic import Elastic, elastic
from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.neighborhoods import Neighborhood, is_whole, near_relaxation
from optimizer.integer_plans.pace import Pace
from optimizer.integer_plans.repair import offer_repaired
from optimizer.integer_plans.rounding import rounded
from optimizer.matrix import Floats, Matrix
from optimizer.session import Answer, Session

_MOST_RELAXATIONS = 6.0
_SOURCES = {True: "dive with all sites open", False: "dive that decides sites"}


def dive(
    session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent, opens_sites: bool
) -> None:
    """Searches for a plan close to the relaxation.

    Args:
        session: a session with the program.
        relaxation: the solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop.
        incumbent: takes what is found.
        opens_sites: whether every site that the relaxation uses is open.
    """
    assert relaxation.values is not None
    pace = Pace(session, deadline, relaxation.seconds).within(_MOST_RELAXATIONS)
    program = elastic(session.matrix, relaxation)
    wide = Session(program.matrix, session.settings, session.interrupt)
    twins = np.zeros(len(program.twins))
    near = _start(program.matrix, np.append(relaxation.values, twins), opens_sites)
    plan = _rounded(wide, near, program, pace)
    if plan is not None:
        offer_repaired(wide, program, plan, pace, incumbent, _SOURCES[opens_sites])


def _start(matrix: Matrix, relaxed: Floats, opens_sites: bool) -> Neighborhood:
    near = near_relaxation(matrix, relaxed)
    sites = matrix.columns["open"].positions
    split = np.flatnonzero(matrix.is_integer & ~is_whole(relaxed))
    units = split[~np.isin(split, sites)]
    near.lower[units] = np.maximum(near.lower[units] - 1, matrix.column_lower[units])
    near.upper[units] = np.minimum(near.upper[units] + 1, matrix.column_upper[units])
    if opens_sites:
        near.lower[sites] = near.upper[sites]
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
    stages = [
        whole[np.isin(reduced.columns[whole], matrix.columns[block].positions)] for block in ("open", "owned")
    ]
    twins = np.flatnonzero(np.isin(reduced.columns, program.twins))
    values = rounded(inner, [*stages, whole], twins, pace)
    if values is None:
        return None
    plan = session.postsolved(values)
    plan[matrix.is_integer] = np.round(plan[matrix.is_integer])
    session.set_column_bounds(matrix.column_lower, matrix.column_upper)
    return plan
