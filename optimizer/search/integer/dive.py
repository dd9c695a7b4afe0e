"""A plan, soon: rounds the relaxation in steps, and solves the linear program again after each.

First with everything as it is today: whole units stand where they do, sites are open or closed as they are, nothing is
converted, nobody takes over and no unit is given up; what is owned beyond that is rounded. Where little is freed that
is soon done and nearly best. If the plan is not close to the relaxation, or there is none, then from the relaxation
itself::

    1  a whole column that is whole in the relaxation stays, another is at most one more away than its two neighbors;
       a site that the relaxation never uses is closed, one that it uses for all it can hold is open; kinds of units
       that become others are left to the steps below, since parts of several orders may make up whole units
    2  of the sites that are not whole, the nearest to a whole number are fixed there; again until all are
    3  the same for orders to convert, then for owned counts, which follow from them
    4  the same for every other whole column
    5  what this breaks, if anything, is repaired

Sites come first: once a site is open it has all of its room, so most roundings of units have a place. Step 1 decides
so much that presolve leaves half of the program and few whole columns, in which steps 2 to 4 go on (``rounding``).
All this is done in the elastic program, so that there are whole numbers at the end (``elastic``, ``repair``). Nothing
here proves anything, and it may find no plan.
"""

import numpy as np

from optimizer.search.integer.effort import Effort
from optimizer.search.integer.elastic import elastic
from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.neighborhoods import Neighborhood, Positions, is_whole, near_relaxation
from optimizer.search.integer.repair import offer_repaired
from optimizer.search.integer.rounding import round_inside
from optimizer.solver.matrix import Floats, Matrix, in_first_period
from optimizer.solver.session import Answer, Session

SOURCE = "relaxation rounded in steps"
"""Source of what a dive finds."""

_CLOSE = 0.1
"""Gap at which the plan with everything as it is today is not looked for anew."""

_STAYS = ("stationed", "open", "held", "nuclear_choice")
_NOTHING = ("opening", "closing", "converted")


def dive(session: Session, relaxation: Answer, deadline: float, incumbent: Incumbent) -> None:
    """Searches for a plan close to the relaxation.

    Args:
        session: a session with the program.
        relaxation: the solved linear relaxation.
        deadline: time of ``time.perf_counter`` at which to stop; the work is counted.
        incumbent: takes what is found.
    """
    assert relaxation.values is not None
    effort = Effort(deadline)
    program = elastic(session.matrix, relaxation)
    wide = Session(program.matrix, session.options, session.interrupt)
    relaxed = np.append(relaxation.values, np.zeros(len(program.twins)))
    for start in (_as_today, _near_relaxation):
        plan = round_inside(wide, start(program.matrix, relaxed), program, effort)
        if plan is not None:
            offer_repaired(wide, program, plan, effort, incumbent, SOURCE)
        if incumbent.gap <= _CLOSE:
            return


def _as_today(matrix: Matrix, relaxed: Floats) -> Neighborhood:
    near = near_relaxation(matrix, relaxed)
    for name in ("owned", *_STAYS, *_NOTHING):
        block = matrix.columns[name]
        whole = matrix.is_integer[block.positions]
        places = block.positions[whole]
        kept = 0.0 if name in _NOTHING else matrix.column_lower[in_first_period(block)[whole]]
        least, most = np.ceil(matrix.column_lower[places]), matrix.column_upper[places]
        near.lower[places] = np.minimum(np.maximum(kept, least), most)
        near.upper[places] = most if name == "owned" else near.lower[places]
    return near


def _near_relaxation(matrix: Matrix, relaxed: Floats) -> Neighborhood:
    near = near_relaxation(matrix, relaxed)
    split = np.flatnonzero(matrix.is_integer & ~is_whole(relaxed))
    units = split[~np.isin(split, matrix.columns["open"].positions)]
    near.lower[units] = np.maximum(near.lower[units] - 1, matrix.column_lower[units])
    near.upper[units] = np.minimum(near.upper[units] + 1, matrix.column_upper[units])
    converting = _converting(matrix)
    near.lower[converting], near.upper[converting] = (
        matrix.column_lower[converting],
        matrix.column_upper[converting],
    )
    return near


def _converting(matrix: Matrix) -> Positions:
    """Orders to convert, and the units owned whose balance they are in."""
    converted, owned = (matrix.columns[block].positions for block in ("converted", "owned"))
    balances = matrix.coefficients[matrix.rows["force_balance"].positions]
    has_orders = np.flatnonzero(abs(balances[:, converted]).sum(axis=1))
    in_balance = np.unique(balances[has_orders].indices)
    return np.concatenate([converted, np.intersect1d(in_balance, owned)])
