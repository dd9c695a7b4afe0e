"""Repairs a plan in whole numbers that breaks rows: what is near the broken rows moves, everything else stays.

The search is in the elastic program, and starts from the plan, so every round keeps what is mended already::

    near[0] = columns of broken rows        near[d] = columns of rows that have a column of near[d-1]

Columns outside of near[d], whole or not, are fixed, but for the twins. Twins cost a thousand times what they cost
elsewhere, for hardly any money is worth a broken row. A round ends as soon as nothing is broken; one that mends nothing
is followed by one that goes a row further. In the end the twins are closed, and the cost is minimized in the last
round's neighborhood.
"""

import time

import numpy as np

from optimizer.integer_plans.elastic import TWINS, Elastic
from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.inside import search_in
from optimizer.integer_plans.neighborhoods import Mask, Neighborhood, inside
from optimizer.integer_plans.pace import Pace
from optimizer.matrix import Floats, Matrix
from optimizer.session import Session

_ROUND_RELAXATIONS = 1.0
_ROUND_NODES = 50
_FURTHEST = 3
_GAP = 1e-6
_DEARER = 1000.0


def offer_repaired(
    session: Session, program: Elastic, values: Floats, pace: Pace, incumbent: Incumbent, source: str
) -> None:
    """Repairs a plan of the elastic program, and offers what comes of it as a plan of the program.

    Args:
        session: has the elastic program.
        program: the elastic program.
        values: a plan of it.
        pace: how long things may take.
        incumbent: of the program; takes the plan.
        source: of the plan, for people.
    """
    plan = repaired(session, program, values, pace)
    if plan is not None:
        count = len(plan) - len(program.twins)
        incumbent.offer(plan[:count], float(program.matrix.objective[:count] @ plan[:count]), source)


def repaired(session: Session, program: Elastic, values: Floats, pace: Pace) -> Floats | None:
    """A plan of the elastic program that needs no twin; None if none is found.

    Args:
        session: has the elastic program; its column bounds are those of the program again at the end.
        program: the elastic program.
        values: a plan of it.
        pace: how long things may take.
    """
    matrix = program.matrix
    costs = matrix.objective + _DEARER * matrix.costs[TWINS]
    session.set_costs(costs)
    mended = Incumbent(-np.inf, 0.0, time.perf_counter(), lambda *_: None)
    mended.offer(values, float(costs @ values), "")
    best, near, distance = values, None, 0

    def is_enough() -> bool:
        return mended.values is not None and program.is_kept(mended.values)

    while not program.is_kept(best):
        if distance > _FURTHEST or session.interrupt.is_set() or time.perf_counter() >= pace.deadline:
            break
        columns = columns_near(matrix, program.broken(best), distance)
        columns[program.twins] = True
        near, before = inside(matrix, best, columns), float(matrix.costs[TWINS] @ best)
        search_in(session, near, pace.until(_ROUND_RELAXATIONS), mended, _ROUND_NODES, is_enough, _GAP)
        assert mended.values is not None
        best = mended.values
        distance += float(matrix.costs[TWINS] @ best) >= before
    session.set_costs(matrix.objective)
    if not program.is_kept(best):
        return None
    return best if near is None else _cheapest(session, program, near, best, pace)


def _cheapest(session: Session, program: Elastic, near: Neighborhood, plan: Floats, pace: Pace) -> Floats:
    """The best plan found in a neighborhood from which the twins are closed."""
    matrix = program.matrix
    cheapest = Incumbent(-np.inf, matrix.objective_offset, time.perf_counter(), lambda *_: None)
    cheapest.offer(plan, float(matrix.objective @ plan), "")
    closed = near.fixed(program.twins, np.zeros(len(program.twins)))
    search_in(session, closed, pace.until(_ROUND_RELAXATIONS), cheapest, _ROUND_NODES)
    assert cheapest.values is not None
    return cheapest.values


def columns_near(matrix: Matrix, rows: Mask, distance: int) -> Mask:
    """Columns of some rows and, for each step of the distance, of all rows that have one of those columns."""
    by_row = matrix.coefficients.astype(bool).astype(np.int64)
    columns = rows @ by_row > 0
    for _ in range(distance):
        columns = (by_row @ columns > 0) @ by_row > 0
    near: Mask = columns
    return near
