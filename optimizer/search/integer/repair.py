"""Repairs a plan in whole numbers that breaks rows: whole columns near the broken rows are rounded again.

Rounding starts from another relaxation, in which everything but what is near the broken rows is whole already::

    near[0] = columns of broken rows        near[d] = columns of rows that have a column of near[d-1]
    x = x* for whole columns outside of near[d] and others outside of near[d+3], x* the plan

Each round takes the plan of the one before, if that lacks less, and goes a row further. What one place lacks often has
to come from far away, so more continuous columns are free than whole ones. In the end all of them are, and no whole
one, which costs least.
"""

import numpy as np

from optimizer.search.integer.effort import Effort
from optimizer.search.integer.elastic import TWINS, Elastic
from optimizer.search.integer.incumbent import Incumbent
from optimizer.search.integer.neighborhoods import Mask, Neighborhood, inside
from optimizer.search.integer.rounding import round_inside
from optimizer.solver.matrix import Floats, Matrix
from optimizer.solver.session import Session

_FURTHEST = 3
_CONTINUOUS_FURTHER = 3


def offer_repaired(
    session: Session, program: Elastic, values: Floats, effort: Effort, incumbent: Incumbent, source: str
) -> None:
    """Repairs a plan of the elastic program, and offers what comes of it, at once and at its least cost.

    Args:
        session: has the elastic program.
        program: the elastic program.
        values: a plan of it.
        effort: what work is left.
        incumbent: of the program; takes the plan.
        source: of the plan, for people.
    """
    count = len(values) - len(program.twins)
    costs = program.matrix.objective[:count]

    def offer(plan: Floats | None) -> None:
        if plan is not None and program.is_kept(plan):
            incumbent.offer(plan[:count], float(costs @ plan[:count]), source)

    plan = repaired(session, program, values, effort)
    offer(plan)
    if plan is not None and plan is not values:
        whole_held = inside(program.matrix, plan, ~program.matrix.is_integer)
        offer(round_inside(session, whole_held, program, effort))


def repaired(session: Session, program: Elastic, values: Floats, effort: Effort) -> Floats | None:
    """A plan of the elastic program that needs no twin; None if none is found.

    Args:
        session: has the elastic program; its column bounds are those of the program again at the end.
        program: the elastic program.
        values: a plan of it.
        effort: what work is left.
    """
    matrix, best = program.matrix, values
    lacking = matrix.costs[TWINS]
    for distance in range(_FURTHEST + 1):
        if program.is_kept(best) or session.interrupt.is_set() or effort.is_spent:
            break
        plan = round_inside(session, _near_broken(program, best, distance), program, effort)
        if plan is not None and lacking @ plan < lacking @ best:
            best = plan
    return best if program.is_kept(best) else None


def _near_broken(program: Elastic, plan: Floats, distance: int) -> Neighborhood:
    matrix, broken = program.matrix, program.broken(plan)
    whole = columns_near(matrix, broken, distance)
    others = columns_near(matrix, broken, distance + _CONTINUOUS_FURTHER)
    free = np.where(matrix.is_integer, whole, others)
    free[program.twins] = True
    return inside(matrix, plan, free)


def columns_near(matrix: Matrix, rows: Mask, distance: int) -> Mask:
    """Columns of some rows and, for each step of the distance, of all rows that have one of those columns."""
    by_row = matrix.coefficients.astype(bool).astype(np.int64)
    columns = rows @ by_row > 0
    for _ in range(distance):
        columns = (by_row @ columns > 0) @ by_row > 0
    near: Mask = columns
    return near
