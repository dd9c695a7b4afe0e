"""Repairs a plan in whole numbers that breaks rows: what is near the broken rows moves, everything else stays.

The search is in the elastic program, and starts from the plan, so every round keeps what is mended already::

    near[0] = columns of broken rows        near[d] = columns of rows that have a column of near[d-1]

Columns outside of near[d], whole or not, are fixed, but for the twins. A round that mends nothing is followed by one
that goes a row further.
"""

import time

import numpy as np

from optimizer.integer_plans.elastic import Elastic
from optimizer.integer_plans.incumbent import Incumbent
from optimizer.integer_plans.inside import search_in
from optimizer.integer_plans.neighborhoods import Mask, inside
from optimizer.integer_plans.rounding import Pace
from optimizer.matrix import Floats, Matrix
from optimizer.session import Session

_ROUND_RELAXATIONS = 1.0
_ROUND_NODES = 50
_FURTHEST = 3
_GAP = 1e-6


def repaired(session: Session, program: Elastic, values: Floats, pace: Pace) -> Floats | None:
    """A plan of the elastic program that needs no twin; None if none is found.

    Args:
        session: has the elastic program; its column bounds are those of the program again at the end.
        program: the elastic program.
        values: a plan of it.
        pace: how long things may take.
    """
    matrix = program.matrix
    incumbent = Incumbent(-np.inf, matrix.objective_offset, time.perf_counter(), lambda *_: None)
    incumbent.offer(values, float(matrix.objective @ values), "")
    best, distance = values, 0
    while not program.is_kept(best):
        if distance > _FURTHEST or session.interrupt.is_set() or time.perf_counter() >= pace.deadline:
            return None
        columns = columns_near(matrix, program.broken(best), distance)
        columns[program.twins] = True
        near = inside(matrix, best, columns)

        def is_enough() -> bool:
            return incumbent.values is not None and program.is_kept(incumbent.values)

        before = incumbent.objective
        until = pace.until(_ROUND_RELAXATIONS)
        search_in(session, near, until, incumbent, _ROUND_NODES, is_enough, relative_gap=_GAP)
        assert incumbent.values is not None
        best = incumbent.values
        distance += incumbent.objective >= before
    return best


def columns_near(matrix: Matrix, rows: Mask, distance: int) -> Mask:
    """Columns of some rows and, for each step of the distance, of all rows that have one of those columns."""
    by_row = matrix.coefficients.astype(bool).astype(np.int64)
    columns = rows @ by_row > 0
    for _ in range(distance):
        columns = (by_row @ columns > 0) @ by_row > 0
    near: Mask = columns
    return near
